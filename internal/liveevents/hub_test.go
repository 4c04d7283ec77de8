package liveevents

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// serve serves a hub; what is not for it gets 418.
func serve(t *testing.T, h *Hub) *httptest.Server {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !h.Serve(w, r) {
			w.WriteHeader(http.StatusTeapot)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

// stream is the stream of a page that listens.
type stream struct {
	t     *testing.T
	lines *bufio.Scanner
	res   *http.Response
}

func listen(t *testing.T, s *httptest.Server) *stream {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, "GET", s.URL+EventsPath, nil)
	require.NoError(t, err)
	res, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	t.Cleanup(func() { res.Body.Close() })
	return &stream{t, bufio.NewScanner(res.Body), res}
}

// event reads up to the end of an event.
func (s *stream) event() string {
	var all []string
	for s.lines.Scan() && s.lines.Text() != "" {
		all = append(all, s.lines.Text())
	}
	return strings.Join(all, "\n")
}

func TestAPageHearsItsStateAndWhatChanges(t *testing.T) {
	h := &Hub{ID: "b1"}
	s := serve(t, h)
	page := listen(t, s)
	assert.Equal(t, "text/event-stream; charset=utf-8", page.res.Header.Get("Content-Type"))
	assert.Equal(t, "no-store", page.res.Header.Get("Cache-Control"))
	assert.True(t, page.res.Close, "the next program gets a connection of its own")
	assert.Equal(t, "retry: 200\nevent: build\ndata: b1.0", page.event())
	h.Refresh("/home/x/static/my style.css")
	assert.Equal(t, "event: refresh\ndata: "+`{"state":"b1.1","file":"my style.css"}`, page.event())
	h.Refresh("a\n\ndata: b1.9")
	assert.Equal(t, "event: refresh\ndata: "+`{"state":"b1.2","file":"a\n\ndata: b1.9"}`, page.event(), "a name cannot make events")
	assert.Equal(t, "retry: 200\nevent: build\ndata: b1.2", listen(t, s).event(), "who comes later hears that it is late")
	assert.Equal(t, "b1.2", h.State())
	assert.Equal(t, "/__retort__/live.js?b=b1.2", h.ScriptURL())
}

func TestAStreamEndsWhenTheServerStops(t *testing.T) {
	stop := make(chan struct{})
	h := &Hub{ID: "b1", Stopping: func(context.Context) <-chan struct{} { return stop }}
	page := listen(t, serve(t, h))
	page.event()
	close(stop)
	rest, err := io.ReadAll(page.res.Body)
	require.NoError(t, err, "a stream that is cut off is an error in the console")
	assert.Empty(t, rest)
	assert.Eventually(t, func() bool { h.mu.Lock(); defer h.mu.Unlock(); return len(h.pages) == 0 }, 30*time.Second, time.Millisecond)
}

func TestAPageThatIsTooSlowIsSentAway(t *testing.T) {
	h := &Hub{ID: "b1"}
	p, _ := h.join()
	for range cap(p.files) + 5 {
		h.Refresh("x")
	}
	n := 0
	for range p.files { // it is closed
		n++
	}
	assert.Equal(t, cap(p.files), n)
	assert.Empty(t, h.pages)
	h.leave(p)
}

func TestTheScript(t *testing.T) {
	s := serve(t, &Hub{ID: "b1"})
	res, err := http.Get(s.URL + ScriptPath + "?b=x")
	require.NoError(t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	assert.Equal(t, "text/javascript; charset=utf-8", res.Header.Get("Content-Type"))
	assert.Equal(t, script, string(body))
	assert.Less(t, len(body), 5<<10)
	for _, path := range []string{EventsPath, ScriptPath} {
		head, err := http.Head(s.URL + path)
		require.NoError(t, err)
		require.NoError(t, head.Body.Close())
		assert.Equal(t, 200, head.StatusCode)
		post, err := http.Post(s.URL+path, "", nil)
		require.NoError(t, err)
		require.NoError(t, post.Body.Close())
		assert.Equal(t, 405, post.StatusCode)
		assert.Equal(t, "GET, HEAD", post.Header.Get("Allow"))
	}
}

func TestWhoIsRefused(t *testing.T) {
	for _, tt := range []struct {
		name, field, value, peer, host string
		why                            string
	}{
		{"another machine", "", "", "10.0.0.2:4000", "localhost", "it does not come from this machine"},
		{"another name", "", "", "127.0.0.1:4000", "evil.test", "its Host is not one of this machine"},
		{"a proxy", "X-Forwarded-For", "127.0.0.1", "127.0.0.1:4000", "localhost", "it came through a proxy: it has the field X-Forwarded-For"},
		{"a page of another site", "Sec-Fetch-Site", "cross-site", "127.0.0.1:4000", "localhost", "a page of another site asks for it"},
		{"a page of another port", "Sec-Fetch-Site", "same-site", "127.0.0.1:4000", "localhost", "a page of another site asks for it"},
		{"a page of this server", "Sec-Fetch-Site", "same-origin", "127.0.0.1:4000", "localhost", ""},
		{"a person", "Sec-Fetch-Site", "none", "127.0.0.1:4000", "localhost", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var log []string
			h := &Hub{ID: "b1", Log: func(line string) { log = append(log, line) }}
			r := httptest.NewRequest("GET", ScriptPath, nil)
			r.RemoteAddr, r.Host = tt.peer, tt.host
			if tt.field != "" {
				r.Header.Set(tt.field, tt.value)
			}
			w := httptest.NewRecorder()
			require.True(t, h.Serve(w, r))
			if tt.why == "" {
				assert.Equal(t, 200, w.Code)
				assert.Empty(t, log)
				return
			}
			assert.Equal(t, 404, w.Code)
			assert.Equal(t, []string{"Live refresh: " + tt.peer + " got 404 for /__retort__/live.js: " + tt.why}, log)
		})
	}
}

// claimed is a ResponseWriter of somebody who writes access lines.
type claimed struct {
	*httptest.ResponseRecorder
	claims int
}

func (c *claimed) ClaimAccessLine() { c.claims++ }

func TestTheAccessLogIsLeftOut(t *testing.T) {
	h := &Hub{ID: "b1"}
	w := &claimed{ResponseRecorder: httptest.NewRecorder()}
	h.Serve(w, httptest.NewRequest("GET", ScriptPath, nil))
	assert.Equal(t, 1, w.claims)
	h.Serve(w, httptest.NewRequest("GET", "/", nil))
	assert.Equal(t, 1, w.claims)
}

func TestOtherPathsAreForOthers(t *testing.T) {
	h := &Hub{ID: "b1"}
	for _, path := range []string{"/", "/__retort__/", "/__retort__/pin", "/__retort__/events/", "/x/__retort__/events"} {
		assert.False(t, h.Serve(httptest.NewRecorder(), httptest.NewRequest("GET", path, nil)), path)
	}
}
