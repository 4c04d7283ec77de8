package middleware_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	client "github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/middleware"
	"github.com/retort-go/retort/websocket"
)

func TestTheContextOfATimedRequest(t *testing.T) {
	type key struct{}
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		parent := context.WithValue(t.Context(), key{}, "value")
		var kept context.Context
		h := func(_ http.ResponseWriter, r *http.Request) {
			kept = r.Context()
			deadline, ok := kept.Deadline()
			assert.True(t, ok)
			assert.Equal(t, began.Add(time.Second), deadline)
			assert.Equal(t, "value", kept.Value(key{}))
			child, cancel := context.WithTimeout(kept, time.Minute)
			defer cancel()
			<-child.Done()
			assert.ErrorIs(t, child.Err(), context.DeadlineExceeded)
			assert.ErrorIs(t, context.Cause(child), context.DeadlineExceeded)
			assert.Equal(t, time.Second, time.Since(began))
		}
		middleware.Timeout(time.Second)(http.HandlerFunc(h)).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil).WithContext(parent))
		synctest.Wait()
		assert.ErrorIs(t, kept.Err(), context.DeadlineExceeded)
	})
}

func TestTheContextOfATimedRequestEndsWithIt(t *testing.T) {
	for _, tt := range []struct {
		name  string
		outer func(context.Context) (context.Context, context.CancelFunc)
		want  error
	}{
		{"in time", context.WithCancel, context.Canceled},
		{"when an earlier deadline has come", func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, time.Millisecond)
		}, context.DeadlineExceeded},
	} {
		synctest.Test(t, func(t *testing.T) {
			outer, cancel := tt.outer(t.Context())
			defer cancel()
			var kept context.Context
			h := func(_ http.ResponseWriter, r *http.Request) {
				kept = r.Context()
				if before, ok := outer.Deadline(); ok {
					deadline, _ := kept.Deadline()
					assert.Equal(t, before, deadline, "the earlier one")
					<-kept.Done()
				}
			}
			middleware.Timeout(time.Hour)(http.HandlerFunc(h)).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil).WithContext(outer))
			synctest.Wait()
			assert.ErrorIs(t, kept.Err(), tt.want, tt.name)
			assert.ErrorIs(t, context.Cause(kept), tt.want, tt.name)
		})
	}
}

func TestAClientThatLeavesATimedRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		outer, leave := context.WithCancel(t.Context())
		h := func(_ http.ResponseWriter, r *http.Request) {
			leave()
			<-r.Context().Done()
			assert.ErrorIs(t, r.Context().Err(), context.Canceled)
		}
		w := httptest.NewRecorder()
		middleware.Timeout(time.Hour)(http.HandlerFunc(h)).ServeHTTP(w, httptest.NewRequest("GET", "/", nil).WithContext(outer))
		assert.Equal(t, 200, w.Code, "no 503: nobody is there to read it")
	})
}

func TestAWebSocketIsNotTimed(t *testing.T) {
	const limit = 50 * time.Millisecond
	app := retort.New("timed")
	app.Use(middleware.Timeout(limit))
	websocket.Route(app, "/echo")(func(c *retort.Context, conn *websocket.Conn) error {
		for {
			typ, message, err := conn.Read(c.Context())
			if err != nil {
				return err
			}
			if err := conn.Write(c.Context(), typ, message); err != nil {
				return err
			}
		}
	})
	server := httptest.NewServer(app)
	defer server.Close()
	conn, _, err := client.Dial(t.Context(), server.URL+"/echo", nil)
	require.NoError(t, err)
	defer conn.CloseNow()
	for range 3 {
		time.Sleep(2 * limit) // more than it would have
		require.NoError(t, conn.Write(t.Context(), client.MessageText, []byte("still there")))
		_, message, err := conn.Read(t.Context())
		require.NoError(t, err)
		assert.Equal(t, "still there", string(message))
	}
}

func TestTrailersOfATimedHandler(t *testing.T) {
	server := httptest.NewServer(middleware.Timeout(time.Minute)(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Trailer", "X-Sum")
		_, _ = io.WriteString(w, "body")
		w.Header().Set("X-Sum", "42")
		w.Header().Set(http.TrailerPrefix+"X-Late", "yes")
	})))
	defer server.Close()
	res, err := http.Get(server.URL)
	require.NoError(t, err)
	defer res.Body.Close()
	_, err = io.Copy(io.Discard, res.Body)
	require.NoError(t, err)
	assert.Equal(t, http.Header{"X-Sum": {"42"}, "X-Late": {"yes"}}, res.Trailer)
}

// sendsFile tells when it is asked to take a whole reader.
type sendsFile struct {
	*httptest.ResponseRecorder
	asked bool
}

func (w *sendsFile) ReadFrom(src io.Reader) (int64, error) {
	w.asked = true
	return io.Copy(w.ResponseRecorder, src)
}

func TestAFileOfATimedHandlerGoesToTheServer(t *testing.T) {
	w := &sendsFile{ResponseRecorder: httptest.NewRecorder()}
	middleware.Timeout(time.Minute)(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		n, err := io.CopyN(w, endless{}, 10)
		assert.NoError(t, err)
		assert.EqualValues(t, 10, n)
	})).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	assert.True(t, w.asked)
	assert.Equal(t, 10, w.Body.Len())
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func TestAFileOfAHandlerThatWasGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		told := make(chan error, 1)
		within(t, func(w http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
			synctest.Wait()
			_, err := w.(io.ReaderFrom).ReadFrom(endless{})
			told <- err
		})
		assert.True(t, errors.Is(<-told, http.ErrHandlerTimeout))
	})
}
