package formparser

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// parseOnServer gives a server that parses what it is sent and reports the
// error, and a channel for that.
func parseOnServer(t *testing.T, limit int64) (*httptest.Server, <-chan error) {
	t.Helper()
	results := make(chan error, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		form, err := Parse(http.MaxBytesReader(w, r.Body, limit), r.Header.Get("Content-Type"), Limits{})
		results <- errors.Join(err, form.Close())
	}))
	t.Cleanup(server.Close)
	return server, results
}

func result(t *testing.T, results <-chan error) error {
	t.Helper()
	select {
	case err := <-results:
		return err
	case <-time.After(30 * time.Second):
		t.Fatal("the parser does not end")
		return nil
	}
}

func TestADisconnectInTheMiddleOfAnUpload(t *testing.T) {
	temp := tempDir(t)
	upload := file("f", "n", big)
	for _, framing := range []string{
		"Content-Length: 1000000\r\n\r\n" + upload,
		fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n", len(upload), upload),
	} {
		server, results := parseOnServer(t, 16<<20)
		conn, err := net.Dial("tcp", server.Listener.Addr().String())
		require.NoError(t, err)
		_, err = conn.Write([]byte("POST / HTTP/1.1\r\nHost: x\r\nContent-Type: " + multipartB + "\r\n" + framing))
		require.NoError(t, err)
		require.NoError(t, conn.Close())
		var read *ReadError
		require.ErrorAs(t, result(t, results), &read)
		assert.Zero(t, temp())
	}
}

func TestTheLimitOfTheWholeBodyIsTheReaders(t *testing.T) {
	temp := tempDir(t)
	body := file("f", "n", big) + end
	for _, tt := range []struct {
		limit int
		fits  bool
	}{{len(body), true}, {len(body) - 1, false}} {
		server, results := parseOnServer(t, int64(tt.limit))
		res, err := http.Post(server.URL, multipartB, strings.NewReader(body))
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		err = result(t, results)
		var tooLarge *http.MaxBytesError
		assert.Equal(t, !tt.fits, errors.As(err, &tooLarge), "%v", err)
		assert.Equal(t, tt.fits, err == nil, "%v", err)
		assert.Zero(t, temp())
	}
}
