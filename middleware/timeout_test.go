package middleware_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/middleware"
)

// within serves a handler that has a short time.
func within(t *testing.T, h http.HandlerFunc) *httptest.Server {
	server := httptest.NewServer(middleware.Timeout(50 * time.Millisecond)(h))
	t.Cleanup(server.Close)
	return server
}

func fetch(t *testing.T, url string) (int, string) {
	t.Helper()
	res, err := http.Get(url)
	require.NoError(t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res.StatusCode, string(text)
}

func TestAHandlerThatTakesTooLong(t *testing.T) {
	wrote := make(chan error, 1)
	server := within(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Set-Cookie", "not=sent")
		<-r.Context().Done()
		time.Sleep(20 * time.Millisecond)
		_, err := w.Write([]byte("too late"))
		wrote <- err
	})
	status, text := fetch(t, server.URL)
	assert.Equal(t, 503, status)
	assert.Equal(t, "The server took too long to answer.\n", text)
	assert.ErrorIs(t, <-wrote, http.ErrHandlerTimeout)
}

func TestAHandlerInTime(t *testing.T) {
	server := within(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-A", "1")
		w.WriteHeader(201)
		_, _ = w.Write([]byte("made"))
	})
	res, err := http.Get(server.URL)
	require.NoError(t, err)
	defer res.Body.Close()
	text, _ := io.ReadAll(res.Body)
	assert.Equal(t, 201, res.StatusCode)
	assert.Equal(t, "1", res.Header.Get("X-A"))
	assert.Equal(t, "made", string(text))
}

func TestAStreamGoesOnAfterItsTime(t *testing.T) {
	server := within(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte("one "))
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		_, _ = w.Write([]byte("two"))
	})
	status, text := fetch(t, server.URL)
	assert.Equal(t, 200, status)
	assert.Equal(t, "one two", text)
}

func TestAHandlerThatWritesNothing(t *testing.T) {
	server := within(t, func(http.ResponseWriter, *http.Request) {})
	status, text := fetch(t, server.URL)
	assert.Equal(t, 200, status)
	assert.Empty(t, text)
}

func TestAPanicWithinItsTime(t *testing.T) {
	h := middleware.Timeout(time.Minute)(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("boom") }))
	assert.PanicsWithValue(t, "boom", func() { h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil)) })
}

func TestAConnectionThatIsTakenOver(t *testing.T) {
	server := within(t, func(w http.ResponseWriter, r *http.Request) {
		conn, rw, err := http.NewResponseController(w).Hijack()
		if !assert.NoError(t, err) {
			return
		}
		defer conn.Close()
		<-r.Context().Done()
		_, _ = rw.WriteString("HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nmine")
		_ = rw.Flush()
	})
	status, text := fetch(t, server.URL)
	assert.Equal(t, 200, status)
	assert.Equal(t, "mine", text)
}

func TestTimeoutNeedsTime(t *testing.T) {
	assert.PanicsWithValue(t, "middleware: Timeout(0s): a request needs some time", func() { middleware.Timeout(0) })
}
