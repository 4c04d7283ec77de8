package middleware_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/middleware"
)

// within gives the answer of a handler that has a second, in the time of synctest.
func within(t *testing.T, h http.HandlerFunc) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	middleware.Timeout(time.Second)(h).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	return w
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
	synctest.Test(t, func(t *testing.T) {
		wrote := make(chan error, 1)
		w := within(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Set-Cookie", "not=sent")
			<-r.Context().Done()
			synctest.Wait() // until it has been given up
			_, err := w.Write([]byte("too late"))
			wrote <- err
		})
		assert.Equal(t, 503, w.Code)
		assert.Equal(t, "The server took too long to answer.\n", w.Body.String())
		assert.Empty(t, w.Header().Get("Set-Cookie"))
		assert.ErrorIs(t, <-wrote, http.ErrHandlerTimeout)
	})
}

func TestAHandlerInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := within(t, func(w http.ResponseWriter, _ *http.Request) {
			time.Sleep(999 * time.Millisecond)
			w.Header().Set("X-A", "1")
			w.WriteHeader(201)
			_, _ = w.Write([]byte("made"))
		})
		assert.Equal(t, 201, w.Code)
		assert.Equal(t, "1", w.Header().Get("X-A"))
		assert.Equal(t, "made", w.Body.String())
	})
}

func TestAStreamGoesOnAfterItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := within(t, func(w http.ResponseWriter, r *http.Request) {
			_, _ = w.Write([]byte("one "))
			w.(http.Flusher).Flush()
			<-r.Context().Done()
			synctest.Wait()
			_, _ = w.Write([]byte("two"))
		})
		assert.Equal(t, 200, w.Code)
		assert.Equal(t, "one two", w.Body.String())
	})
}

func TestAHandlerThatWritesNothing(t *testing.T) {
	w := within(t, func(http.ResponseWriter, *http.Request) {})
	assert.Equal(t, 200, w.Code)
	assert.Empty(t, w.Body.String())
}

func TestAPanicWithinItsTime(t *testing.T) {
	h := middleware.Timeout(time.Minute)(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("boom") }))
	assert.PanicsWithValue(t, "boom", func() { h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil)) })
}

// taken is a ResponseWriter whose connection can be taken over.
type taken struct {
	*httptest.ResponseRecorder
	conn net.Conn
}

func (w taken) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return w.conn, bufio.NewReadWriter(bufio.NewReader(w.conn), bufio.NewWriter(w.conn)), nil
}

func TestAConnectionThatIsTakenOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := middleware.Timeout(time.Second)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			conn, rw, err := http.NewResponseController(w).Hijack()
			if !assert.NoError(t, err) {
				return
			}
			defer conn.Close()
			time.Sleep(time.Hour)
			assert.NoError(t, r.Context().Err(), "its time was lifted")
			_, limited := r.Context().Deadline()
			assert.False(t, limited)
			_, _ = rw.WriteString("mine")
			_ = rw.Flush()
		}))
		client, conn := net.Pipe()
		go h.ServeHTTP(taken{httptest.NewRecorder(), conn}, httptest.NewRequest("GET", "/", nil))
		text, err := io.ReadAll(client)
		require.NoError(t, err)
		assert.Equal(t, "mine", string(text))
	})
}

func TestTimeoutNeedsTime(t *testing.T) {
	assert.PanicsWithValue(t, "middleware: Timeout(0s): a request needs some time", func() { middleware.Timeout(0) })
}
