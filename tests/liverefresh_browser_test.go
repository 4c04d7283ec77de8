//go:build retort_dev

package tests

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/internal/devpage"
	"github.com/retort-go/retort/internal/draining"
	"github.com/retort-go/retort/internal/reloader"
	"github.com/retort-go/retort/serving/live"
)

// liveSite is a server whose program is exchanged, as the reloader does it.
type liveSite struct {
	*httptest.Server
	mu        sync.Mutex
	handler   http.Handler
	stop      chan struct{}
	live      *live.Live
	color     string
	pages     int // requests for the page
	listening int // streams of events that are open
}

func newLiveSite(t *testing.T) *liveSite {
	s := &liveSite{stop: make(chan struct{}), color: "rgb(1, 2, 3)"}
	s.Server = httptest.NewServer(s)
	t.Cleanup(func() {
		s.exchange(http.NotFoundHandler())
		s.Close()
	})
	return s
}

func (s *liveSite) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	h, stop := s.handler, s.stop
	s.count(r.URL.Path, 1)
	s.mu.Unlock()
	h.ServeHTTP(w, r.WithContext(draining.With(r.Context(), stop)))
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.URL.Path == "/__retort__/events" {
		s.listening--
	}
}

func (s *liveSite) count(path string, n int) {
	switch path {
	case "/__retort__/events":
		s.listening += n
	case "/":
		s.pages += n
	}
}

// exchange puts another program in the place of the one that runs.
func (s *liveSite) exchange(h http.Handler) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handler = h
	close(s.stop)
	s.stop = make(chan struct{})
}

// run runs a program with a page that shows a text.
func (s *liveSite) run(text string) {
	l := live.New(live.Options{})
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Content-Security-Policy", "default-src 'self'; script-src 'nonce-a'; img-src data:")
		fmt.Fprintf(w, `<!doctype html><link rel=icon href="data:,"><link rel=stylesheet href="/static/style.css?v=1"><body>%s</body></html>`, text)
	})
	mux.HandleFunc("GET /static/style.css", func(w http.ResponseWriter, _ *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		w.Header().Set("Content-Type", "text/css")
		w.Header().Set("Cache-Control", "max-age=3600")
		fmt.Fprintf(w, "body { color: %s }", s.color)
	})
	s.live = l
	s.exchange(l.Handler(mux))
}

func (s *liveSite) counts() (pages, listening int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pages, s.listening
}

// settles waits until as many pages listen.
func (s *liveSite) settles(t *testing.T, listening int) {
	t.Helper()
	require.Eventually(t, func() bool { _, n := s.counts(); return n == listening }, 10*time.Second, 5*time.Millisecond)
}

func TestLiveRefreshInABrowser(t *testing.T) {
	tab := startBrowser(t).newTab(800, 600)
	s := newLiveSite(t)
	s.live = nil
	s.handler = http.NotFoundHandler()
	s.run("one")
	tab.open(s.URL + "/")
	tab.waitForText("one")
	s.settles(t, 1)

	s.run("two")
	tab.waitForText("two")
	s.settles(t, 1)

	tab.run("marker = 1")
	s.mu.Lock()
	s.color = "rgb(4, 5, 6)"
	s.mu.Unlock()
	s.live.Refresh("/home/x/static/style.css")
	tab.waitFor(`getComputedStyle(document.body).color === "rgb(4, 5, 6)" && document.querySelectorAll("link[rel=stylesheet]").length === 1`)
	assert.EqualValues(t, 1, tab.run("marker"), "the page stays")
	s.live.Refresh("/home/x/static/other.css")
	tab.waitFor("typeof marker === 'undefined'")

	tab.waitForText("two")
	s.settles(t, 1)
	tab.run("marker = 1")
	s.live.Refresh("/home/x/templates/index.html")
	tab.waitFor("typeof marker === 'undefined'")
	tab.waitForText("two")
	s.settles(t, 1)
	assert.Empty(t, tab.complaints())
}

func TestAProblemComesAndGoesInABrowser(t *testing.T) {
	tab := startBrowser(t).newTab(800, 600)
	s := newLiveSite(t)
	s.run("one")
	tab.open(s.URL + "/")
	tab.waitForText("one")
	s.settles(t, 1)
	for i := range 2 {
		stop := make(chan struct{})
		s.exchange(devpage.Problem(&reloader.Problem{Kind: reloader.BuildFailed, ID: fmt.Sprint("problem-", i), Stopping: stop}, devpage.ProblemOptions{}))
		tab.waitForText("The program cannot be built")
		s.settles(t, 1)
		text := fmt.Sprint("mended ", i)
		s.run(text)
		close(stop)
		tab.waitForText(text)
		s.settles(t, 1)
	}
	assert.Empty(t, tab.complaints())
}

func TestAHiddenPageDoesNotListen(t *testing.T) {
	tab := startBrowser(t).newTab(800, 600)
	s := newLiveSite(t)
	s.run("one")
	tab.open(s.URL + "/")
	tab.waitForText("one")
	s.settles(t, 1)
	show := func(hidden bool) {
		tab.run(fmt.Sprintf(`Object.defineProperty(document, "hidden", {configurable: true, value: %t}); document.dispatchEvent(new Event("visibilitychange"))`, hidden))
	}
	show(true)
	s.settles(t, 0)
	s.run("two")
	time.Sleep(time.Second) // what must not happen has had its time
	assert.Equal(t, "one", tab.text())
	show(false)
	tab.waitForText("two")
}

// TestAPageThatStaysOldIsLoadedOnceMore: a cache that gives the old page again
// must not make the browser load it for ever.
func TestAPageThatStaysOldIsLoadedOnceMore(t *testing.T) {
	tab := startBrowser(t).newTab(800, 600)
	s := newLiveSite(t)
	l := live.New(live.Options{})
	old := `<!doctype html><link rel=icon href="data:,"><script src="/__retort__/live.js?b=OLD.0" defer></script><body>old</body>`
	s.exchange(l.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "no-transform")
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, old)
	})))
	tab.open(s.URL + "/")
	tab.waitForText("old")
	time.Sleep(2 * time.Second)
	pages, listening := s.counts()
	assert.Equal(t, 2, pages)
	assert.Equal(t, 1, listening)
}
