package middleware

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/internal/accesslog"
	"github.com/retort-go/retort/internal/requestid"
)

// line is what AccessLog has logged of a request.
type line struct {
	Level, Msg, Remote, Method, Target string
	Status                             int
	Size                               int64
}

// lines logs with h behind AccessLog and gives the records.
func lines(t *testing.T, target string, h http.HandlerFunc, serve func(http.Handler, http.ResponseWriter, *http.Request)) []line {
	t.Helper()
	var b bytes.Buffer
	handler := AccessLog(slog.New(slog.NewJSONHandler(&b, nil)))(h)
	serve(handler, httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, target, nil))
	var all []line
	for dec := json.NewDecoder(&b); dec.More(); {
		var l struct {
			line
			Duration time.Duration
		}
		require.NoError(t, dec.Decode(&l))
		assert.Positive(t, l.Duration)
		all = append(all, l.line)
	}
	return all
}

func straight(h http.Handler, w http.ResponseWriter, r *http.Request) { h.ServeHTTP(w, r) }

func TestAccessLogTellsOfEachRequest(t *testing.T) {
	for _, tt := range []struct {
		name   string
		h      http.HandlerFunc
		status int
		size   int64
	}{
		{"without a word", func(http.ResponseWriter, *http.Request) {}, 200, 0},
		{"with a body", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("hello")) }, 200, 5},
		{"with a text", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }, 200, 5},
		{"from a reader", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.Copy(w, strings.NewReader("hello")) }, 200, 5},
		{"with a status", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404); w.WriteHeader(200) }, 404, 0},
		{"with hints before", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(103); w.WriteHeader(202) }, 202, 0},
		{"flushed", func(w http.ResponseWriter, _ *http.Request) { w.(http.Flusher).Flush(); w.WriteHeader(500) }, 200, 0},
		{"taken over by another protocol", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(101) }, 101, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			want := []line{{"INFO", "request", "192.0.2.1", "GET", "/a%20b?c=d", tt.status, tt.size}}
			assert.Equal(t, want, lines(t, "/a%20b?c=d", tt.h, straight))
		})
	}
}

func TestAccessLogOfAPanic(t *testing.T) {
	for _, tt := range []struct {
		name   string
		h      http.HandlerFunc
		status int
	}{
		{"before there was an answer", func(http.ResponseWriter, *http.Request) { panic("no") }, 500},
		{"within the answer", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(201); panic("no") }, 201},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := lines(t, "/", tt.h, func(h http.Handler, w http.ResponseWriter, r *http.Request) {
				defer func() { assert.Equal(t, "no", recover()) }()
				h.ServeHTTP(w, r)
			})
			assert.Equal(t, []line{{"INFO", "request", "192.0.2.1", "GET", "/", tt.status, 0}}, got)
		})
	}
}

// serverWriter is the writer of a server that would write a line.
type serverWriter struct {
	http.ResponseWriter
	claimed int
}

func (w *serverWriter) ClaimAccessLine() { w.claimed++ }

func TestThereIsOneLineForEachRequest(t *testing.T) {
	var inner bytes.Buffer
	h := AccessLog(slog.New(slog.NewTextHandler(&inner, nil)))(http.NotFoundHandler())
	server := new(serverWriter)
	got := lines(t, "/", h.ServeHTTP, func(h http.Handler, w http.ResponseWriter, r *http.Request) {
		server.ResponseWriter = w
		h.ServeHTTP(server, r)
	})
	assert.Empty(t, got, "the outer one leaves it to the inner one")
	assert.Equal(t, 1, strings.Count(inner.String(), "status=404"))
	assert.Equal(t, 1, server.claimed)
	assert.Implements(t, (*accesslog.Claimed)(nil), server)
}

func TestAccessLogGivesTheRequestAnID(t *testing.T) {
	var ids []string
	h := func(_ http.ResponseWriter, r *http.Request) {
		ids = append(ids, requestid.FromContext(r.Context()).String())
	}
	lines(t, "/", h, straight)
	lines(t, "/", h, func(h http.Handler, w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, r.WithContext(requestid.NewContext(r.Context(), requestid.Of("given"))))
	})
	require.Len(t, ids, 2)
	assert.Len(t, ids[0], 26)
	assert.Equal(t, "given", ids[1])
}

func TestAccessLogKeepsWhatTheServerCan(t *testing.T) {
	var b bytes.Buffer
	done := make(chan struct{}, 1)
	logged := AccessLog(slog.New(slog.NewTextHandler(&b, nil)))(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/file" {
			f, err := os.Open("accesslog_test.go")
			if assert.NoError(t, err) {
				defer func() { _ = f.Close() }()
				_, err = w.(io.ReaderFrom).ReadFrom(f)
				assert.NoError(t, err)
			}
			return
		}
		assert.NoError(t, http.NewResponseController(w).SetWriteDeadline(time.Now().Add(time.Minute)))
		conn, _, err := w.(http.Hijacker).Hijack()
		if assert.NoError(t, err) {
			_, _ = io.WriteString(conn, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
			_ = conn.Close()
		}
	}))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		logged.ServeHTTP(w, r)
		done <- struct{}{}
	}))
	defer server.Close()
	for target, want := range map[string]string{"/file": "status=200 size=", "/taken": "status=0 size=0"} {
		res, err := http.Get(server.URL + target)
		require.NoError(t, err)
		_, err = io.Copy(io.Discard, res.Body)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		<-done
		assert.Contains(t, b.String(), "target="+target+" "+want)
	}
}

func TestAccessLogTakesALogger(t *testing.T) {
	assert.PanicsWithValue(t, "middleware: AccessLog takes a *slog.Logger, not nil; without AccessLog nothing is logged", func() { AccessLog(nil) })
}
