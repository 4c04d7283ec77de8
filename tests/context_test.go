package tests

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
)

// requestKey holds the number of the request.
var requestKey = retort.NewKey[string]("request")

// seen is what a Context shows of its request.
func seen(c *retort.Context) string {
	args := c.ViewArgs()
	return fmt.Sprint(c.Request.Path(), " ", c.Request.Args().Get("q"), " ", args["name"], " ", args["id"], " ",
		requestKey.Get(c), " ", c.G().Get("request"), " ", c.Endpoint(), " ", c.Request.Header().Get("X-Request"), " ", c.Request.Host())
}

// shouldShow is what the Context of request n must show.
func shouldShow(n int) string {
	return fmt.Sprintf("/%[1]d/n%[1]d q%[1]d n%[1]d %[1]d k%[1]d k%[1]d e%[2]d h%[1]d host%[1]d", n, n%4)
}

func numbered(n int) *http.Request {
	r := httptest.NewRequest("POST", fmt.Sprintf("http://host%d/%d/n%d?q=q%d", n, n, n, n), strings.NewReader("body"))
	r.Header.Set("X-Request", fmt.Sprintf("h%d", n))
	return r
}

// contextApp has four views on one rule, told apart by a condition. Each keeps
// its Context in a goroutine that outlives the request.
func contextApp(keep func(c *retort.Context, n int)) *retort.App {
	app := retort.New("context")
	app.Logger = slog.New(slog.DiscardHandler)
	app.BeforeRequest(func(c *retort.Context) {
		k := "k" + strings.TrimPrefix(c.Request.Host(), "host")
		requestKey.Set(c, k)
		c.G().Set("request", k)
	})
	for e := range 4 {
		of := retort.MatcherFunc(func(r *http.Request) bool {
			var n int
			_, err := fmt.Sscanf(r.Host, "host%d", &n)
			return err == nil && n%4 == e
		})
		app.Post("/<int:id>/<name>", of, retort.Endpoint(fmt.Sprintf("e%d", e)))(func(c *retort.Context, id int, name string) string {
			keep(c, id)
			return name
		})
	}
	return app
}

func TestAContextShowsItsOwnRequestForEver(t *testing.T) {
	const requests, workers, readings = 4000, 8, 25
	var foreign, read atomic.Int64
	var keepers sync.WaitGroup
	app := contextApp(func(c *retort.Context, n int) {
		want := shouldShow(n)
		keepers.Go(func() {
			for range readings {
				runtime.Gosched()
				if got := seen(c); got != want {
					foreign.Add(1)
					t.Errorf("the Context of request %d shows %q", n, got)
				}
				read.Add(1)
			}
		})
	})
	var clients sync.WaitGroup
	for w := range workers {
		clients.Go(func() {
			for n := w; n < requests; n += workers {
				res := httptest.NewRecorder()
				app.ServeHTTP(res, numbered(n))
				if want := fmt.Sprintf("n%d", n); res.Body.String() != want {
					t.Errorf("request %d was answered %q", n, res.Body)
				}
			}
		})
	}
	clients.Wait()
	keepers.Wait()
	assert.Zero(t, foreign.Load(), "foreign reads")
	assert.EqualValues(t, requests*readings, read.Load())
}

// ended is the Context of a request that is over.
func ended(t *testing.T) *retort.Context {
	t.Helper()
	var kept *retort.Context
	app := contextApp(func(c *retort.Context, _ int) { kept = c })
	app.ServeHTTP(httptest.NewRecorder(), numbered(7))
	require.NotNil(t, kept)
	return kept
}

func TestWhatNeedsTheLiveRequestPanicsAfterIt(t *testing.T) {
	text := func(what string) string {
		return "retort: " + what + " needs the running request, but that has ended; a goroutine that outlives its request must take what it needs before, or work on c.Copy()"
	}
	afterThisRequest := func(c *retort.Context) { c.AfterThisRequest(func(*retort.Response) {}) }
	data := func(c *retort.Context) { _, _ = c.Request.Data() }
	stream := func(c *retort.Context) { _, _ = io.ReadAll(c.Request.Stream()) }
	for what, use := range map[string]func(*retort.Context){
		"AfterThisRequest": afterThisRequest,
		"Request.Data":     data,
		"Request.Stream":   stream,
	} {
		t.Run(what, func(t *testing.T) {
			c := ended(t)
			assert.PanicsWithValue(t, text(what), func() { use(c) })
			assert.PanicsWithValue(t, text(what), func() { use(c) }, "and each time it is tried")
			assert.PanicsWithValue(t, text(what), func() { use(c.Copy()) }, "a copy has no live request either")
		})
	}
}

func TestABodyThatWasReadStaysWithTheContext(t *testing.T) {
	var kept *retort.Context
	app := contextApp(func(c *retort.Context, _ int) {
		_, err := c.Request.Data()
		require.NoError(t, err)
		kept = c
	})
	app.ServeHTTP(httptest.NewRecorder(), numbered(7))
	data, err := kept.Request.Data()
	require.NoError(t, err)
	assert.Equal(t, "body", string(data))
}

func TestACopyIsForAGoroutine(t *testing.T) {
	copies := make(chan *retort.Context, 1)
	app := contextApp(func(c *retort.Context, _ int) {
		n := c.Copy()
		requestKey.Set(c, "changed later")
		c.G().Set("request", "changed later")
		copies <- n
	})
	server := httptest.NewServer(app)
	defer server.Close()
	r := numbered(7)
	r.RequestURI = ""
	r.URL.Host = strings.TrimPrefix(server.URL, "http://")
	res, err := http.DefaultTransport.RoundTrip(r)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	c := <-copies
	assert.Equal(t, shouldShow(7), seen(c), "the values are those of the moment of copying")
	requestKey.Set(c, "set in the goroutine")
	assert.Equal(t, "set in the goroutine", requestKey.Get(c))
	assert.NoError(t, c.Context().Err(), "the end of the request does not cancel a copy")
	assert.Same(t, c, retort.FromContext(c.Context()))
}

func TestTheContextOfARequestEndsWithIt(t *testing.T) {
	kept := make(chan *retort.Context, 1)
	app := contextApp(func(c *retort.Context, _ int) {
		assert.NoError(t, c.Context().Err())
		assert.Same(t, c, retort.FromContext(c.Context()))
		kept <- c
	})
	server := httptest.NewServer(app)
	r := numbered(7)
	r.RequestURI = ""
	r.URL.Host = strings.TrimPrefix(server.URL, "http://")
	res, err := http.DefaultTransport.RoundTrip(r)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	server.Close()
	assert.Error(t, (<-kept).Context().Err())
}

func TestACopyMayBeReadWhileTheRequestGoesOn(t *testing.T) {
	var keepers sync.WaitGroup
	app := contextApp(func(c *retort.Context, n int) {
		copied := c.Copy()
		keepers.Go(func() {
			requestKey.Set(copied, "mine")
			copied.G().Set("request", "mine")
			_ = copied.URLFor("e1", "id", n, "name", "x")
		})
		requestKey.Set(c, "theirs")
		c.G().Set("request", "theirs")
		c.AfterThisRequest(func(*retort.Response) { _ = c.URLFor("e1", "id", n, "name", "x") })
	})
	for n := range 200 {
		app.ServeHTTP(httptest.NewRecorder(), numbered(n))
	}
	keepers.Wait()
}
