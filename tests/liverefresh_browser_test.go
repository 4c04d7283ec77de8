//go:build retort_dev

package tests

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/internal/devguard"
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
	sent      int           // forms
	more      chan struct{} // lets a page be written to its end
	pages     int           // requests for the page
	listening int           // streams of events that are open
}

func newLiveSite(t *testing.T) *liveSite {
	s := &liveSite{stop: make(chan struct{}), more: make(chan struct{}), color: "rgb(1, 2, 3)"}
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
	mux.HandleFunc("GET /frames", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, `<!doctype html><link rel=icon href="data:,"><body>%s</body></html>`, strings.Repeat("<iframe src=/></iframe>", 9))
	})
	mux.HandleFunc("GET /stream", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, `<!doctype html><link rel=icon href="data:,"><body><p>first of %s</p>`, text)
		_ = http.NewResponseController(w).Flush()
		select {
		case <-s.more:
		case <-r.Context().Done():
		}
		fmt.Fprint(w, "<p>second</p></body></html>")
	})
	mux.HandleFunc("GET /form", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, `<!doctype html><link rel=icon href="data:,"><body><form method=post></form></body></html>`)
	})
	mux.HandleFunc("POST /form", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		s.mu.Lock()
		defer s.mu.Unlock()
		s.sent++
		fmt.Fprintf(w, `<!doctype html><link rel=icon href="data:,"><body>sent %s</body></html>`, []string{"", "once", "twice"}[s.sent])
	})
	mux.HandleFunc("GET /static/other.txt", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "other") })
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

// setColor changes the style sheet.
func (s *liveSite) setColor(color string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.color = color
}

// settles waits until as many pages listen.
func (s *liveSite) settles(t *testing.T, listening int) {
	t.Helper()
	require.Eventually(t, func() bool { _, n := s.counts(); return n == listening }, time.Minute, 5*time.Millisecond)
}

// newWindow opens a tab in a window of its own, so that others stay visible.
func (b *browser) newWindow(width, height int) *tab {
	b.t.Helper()
	return b.newTarget(width, height, map[string]any{"url": "about:blank", "newWindow": true})
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
	s.setColor("rgb(4, 5, 6)")
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

// TestAProblemComesAndGoesByAnotherName: without locks each page listens for
// itself.
func TestAProblemComesAndGoesByAnotherName(t *testing.T) {
	tab := startBrowser(t).newTab(800, 600)
	s := newLiveSite(t)
	exchange := func(output string) (stop chan struct{}) {
		stop = make(chan struct{})
		s.exchange(devpage.Problem(&reloader.Problem{Kind: reloader.BuildFailed, ID: output, Output: output, Stopping: stop},
			devpage.ProblemOptions{Guard: &devguard.Guard{Hosts: []string{otherName}}}))
		return stop
	}
	first := exchange("first")
	tab.open(strings.Replace(s.URL, "127.0.0.1", otherName, 1) + "/")
	tab.waitForText("first")
	require.Equal(t, false, tab.run("isSecureContext"))
	s.settles(t, 1)
	second := exchange("second")
	close(first)
	tab.waitForText("second")
	s.settles(t, 1)
	close(second)
	assert.Empty(t, tab.complaints())
}

func TestAHiddenPageDoesNotListen(t *testing.T) {
	b := startBrowser(t)
	tab, other := b.newTab(800, 600), b.newWindow(800, 600)
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
	other.open(s.URL + "/")
	other.waitForText("one")
	s.settles(t, 1)
	s.run("two")
	other.waitForText("two") // by then every page that listens has heard of it
	assert.Equal(t, "one", tab.text())
	show(false)
	tab.waitForText("two")
}

// TestManyPagesShareOneStream: a browser has six connections for a server, so that
// a stream for each page would keep the seventh from being loaded.
func TestManyPagesShareOneStream(t *testing.T) {
	b := startBrowser(t)
	s := newLiveSite(t)
	s.run("one")
	tabs := make([]*tab, 8)
	for i := range tabs {
		tabs[i] = b.newWindow(400, 300)
		tabs[i].open(s.URL + "/")
		tabs[i].waitForText("one")
	}
	s.settles(t, 1)

	s.run("two")
	for _, tab := range tabs {
		tab.waitForText("two")
	}
	s.settles(t, 1)
	pages, _ := s.counts()
	assert.Equal(t, 2*len(tabs), pages, "each page is loaded once for a change")

	s.setColor("rgb(4, 5, 6)")
	s.live.Refresh("/home/x/static/style.css")
	for _, tab := range tabs {
		tab.waitFor(`getComputedStyle(document.body).color === "rgb(4, 5, 6)"`)
	}
	for _, tab := range tabs[:6] {
		tab.open("about:blank")
	}
	s.settles(t, 1) // one of those that are left listens for both
	s.run("three")
	for _, tab := range tabs[6:] {
		tab.waitForText("three")
		assert.Empty(t, tab.complaints())
	}
}

func TestAPageFullOfFramesIsLoadedWhole(t *testing.T) {
	tab := startBrowser(t).newTab(800, 600)
	s := newLiveSite(t)
	s.run("one")
	tab.open(s.URL + "/frames")
	tab.waitFor(`frames.length === 9 && Array.from(frames).every(f => f.document.readyState === "complete" && f.document.body.innerText === "one")`)
	s.settles(t, 1)
	s.run("two")
	tab.waitFor(`frames.length === 9 && Array.from(frames).every(f => f.document.readyState === "complete" && f.document.body.innerText === "two")`)
	assert.Empty(t, tab.complaints())
}

// TestAPageThatIsWrittenSlowlyIsShownAsItComes and is loaded anew like any other.
func TestAPageThatIsWrittenSlowlyIsShownAsItComes(t *testing.T) {
	tab := startBrowser(t).newTab(800, 600)
	s := newLiveSite(t)
	s.run("one")
	tab.open(s.URL + "/stream")
	tab.waitFor(`document.body.innerText === "first of one"`)
	s.more <- struct{}{}
	tab.waitForText("second")
	s.settles(t, 1)
	s.run("two")
	tab.waitFor(`document.body.innerText === "first of two"`)
	s.more <- struct{}{}
	tab.waitForText("second")
	assert.Empty(t, tab.complaints())
}

// TestGoingBackShowsWhatIsNow: a page that the browser has kept as it was is
// loaded again when the program has changed meanwhile.
func TestGoingBackShowsWhatIsNow(t *testing.T) {
	tab := startBrowser(t).newTab(800, 600)
	s := newLiveSite(t)
	s.run("one")
	tab.open(s.URL + "/")
	tab.waitForText("one")
	s.settles(t, 1)
	tab.open(s.URL + "/static/other.txt")
	tab.waitForText("other")
	s.settles(t, 0)
	s.run("two")
	tab.run("history.back()")
	tab.waitForText("two")
	s.settles(t, 1)
}

// TestTheAnswerToAFormIsNotAskedForAgain: loading it anew would send the form a
// second time.
func TestTheAnswerToAFormIsNotAskedForAgain(t *testing.T) {
	b := startBrowser(t)
	tab, other := b.newTab(800, 600), b.newWindow(800, 600)
	s := newLiveSite(t)
	s.run("one")
	other.open(s.URL + "/")
	tab.open(s.URL + "/form")
	tab.waitFor(`document.forms.length === 1`)
	tab.run("document.forms[0].submit()")
	tab.waitForText("sent once")
	s.settles(t, 1) // the other page
	s.run("two")
	other.waitForText("two") // by then a page that listens has heard of it
	assert.Equal(t, "sent once", tab.text())
}

// TestAPageThatStaysOldIsLoadedOnceMore: a cache that gives the old page again
// must not make the browser load it for ever.
func TestAPageThatStaysOldIsLoadedOnceMore(t *testing.T) {
	tab := startBrowser(t).newTab(800, 600)
	s := newLiveSite(t)
	l := live.New(live.Options{})
	old := `<!doctype html><link rel=icon href="data:,"><link rel=stylesheet href="/style.css"><script src="/__retort__/live.js?b=OLD.0" defer></script><body>old</body>`
	s.exchange(l.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-transform")
		w.Header().Set("Content-Type", "text/html")
		if r.URL.Path == "/style.css" {
			w.Header().Set("Content-Type", "text/css")
			fmt.Fprint(w, "body { color: red }")
			return
		}
		fmt.Fprint(w, old)
	})))
	tab.open(s.URL + "/")
	require.Eventually(t, func() bool { pages, listening := s.counts(); return pages == 2 && listening == 1 }, 30*time.Second, 5*time.Millisecond)
	tab.waitForText("old")
	// What comes after the state on its stream has been heard: so has the state,
	// and the page stays.
	l.Refresh("/home/x/static/style.css")
	tab.waitFor(`document.querySelector("link[rel=stylesheet]").href.includes("__retort__")`)
	pages, listening := s.counts()
	assert.Equal(t, 2, pages)
	assert.Equal(t, 1, listening)
}
