package gateway_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/gateway"
)

// TestAHandlerThatWritesAllThatItDeclaresDoesNotFail: the server asks for nothing
// more once it has the declared bytes, which is no reason to stop the handler.
func TestAHandlerThatWritesAllThatItDeclaresDoesNotFail(t *testing.T) {
	for name, last := range map[string]int{"in its buffer": 100, "past its buffer": 1 << 20} {
		t.Run(name, func(t *testing.T) {
			type outcome struct {
				n                int
				write, flush, at error
			}
			seen := make(chan outcome, 1)
			app := gateway.FromHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Length", strconv.Itoa(3+last))
				_, err := w.Write([]byte("abc"))
				require.NoError(t, err)
				var got outcome
				got.n, got.write = w.Write(bytes.Repeat([]byte("x"), last))
				got.flush = http.NewResponseController(w).Flush()
				got.at = r.Context().Err()
				seen <- got
			}))
			_, body, err := serve(t, app).get(t, "/")
			require.NoError(t, err)
			assert.Len(t, body, 3+last)
			assert.Equal(t, outcome{n: last}, <-seen)
		})
	}
}

func TestEarlyHintsOfAHandlerReachTheClient(t *testing.T) {
	app := gateway.FromHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Link", "</a.css>; rel=preload")
		w.Header().Set("Content-Length", "2")
		w.WriteHeader(http.StatusEarlyHints)
		w.Header().Del("Link")
		_, _ = w.Write([]byte("ok"))         // the client stays
		w.WriteHeader(http.StatusEarlyHints) // too late: nothing happens
	}))
	reply := raw(t, serve(t, app).addr(), "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	assert.Regexp(t, "^HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n", reply)
	assert.NotContains(t, reply[30:], "103")
}

func TestEarlyHintsOfAHandlerWithoutAServerAreDropped(t *testing.T) {
	app := gateway.FromHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusEarlyHints) }))
	status, _, body, err := gateway.RunApp(app, environ(t, httptest.NewRequest("GET", "/", nil)))
	require.NoError(t, err)
	require.NoError(t, body.Close())
	assert.Equal(t, "200 OK", status)
}
