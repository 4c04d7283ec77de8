package tests

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/gateway"
)

// logbook is what an app under test writes into, from whatever goroutine.
type logbook struct {
	mu    sync.Mutex
	lines []string
}

func (l *logbook) add(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, fmt.Sprintf(format, args...))
}

func (l *logbook) all() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.lines)
}

// hookedApp is an app with two of each hook, which log their call.
func hookedApp() (*retort.App, *logbook) {
	app, log := retort.New("lifecycle"), new(logbook)
	app.Logger = slog.New(slog.DiscardHandler)
	for _, n := range []string{"1", "2"} {
		app.URLValuePreprocessor(func(_ *retort.Context, endpoint string, values retort.H) {
			log.add("p%s %s %v", n, endpoint, values != nil)
		})
		app.BeforeRequest(func(*retort.Context) { log.add("b%s", n) })
		app.AfterRequest(func(_ *retort.Context, res *retort.Response) { log.add("a%s %d", n, res.Status) })
		app.TeardownRequest(func(_ *retort.Context, err error) { log.add("t%s %v", n, err) })
		app.TeardownAppContext(func(_ *retort.Context, err error) { log.add("ta%s %v", n, err) })
	}
	return app, log
}

// reply is what a client saw.
type reply struct {
	status int
	header http.Header
	body   string
	cut    bool // the connection broke off before the end of the response
}

// lifeDoor is one of the ways from a client to an app.
type lifeDoor struct {
	name string
	send func(t *testing.T, app *retort.App, method, target string) reply
}

var lifeDoors = []lifeDoor{
	{"App.ServeHTTP", func(t *testing.T, app *retort.App, method, target string) reply {
		return record(t, app, method, target)
	}},
	{"App.Call behind a gateway server", func(t *testing.T, app *retort.App, method, target string) reply {
		return record(t, gateway.ToHandler(app, gateway.Logger(slog.New(slog.DiscardHandler))), method, target)
	}},
	{"a socket", overSocket},
}

// record calls the handler as a server does: a panic cuts the connection.
func record(t *testing.T, h http.Handler, method, target string) (got reply) {
	r := httptest.NewRequestWithContext(t.Context(), method, target, nil)
	w := newRecorder(r)
	defer func() {
		v := recover()
		if v != nil {
			assert.Equal(t, http.ErrAbortHandler, v, "what leaves the app")
		}
		got = reply{status: w.status, header: w.sent, body: w.body.String(), cut: v != nil}
	}()
	h.ServeHTTP(w, r)
	w.answer()
	return got
}

// overSocket returns when the server has ended the request.
func overSocket(t *testing.T, app *retort.App, method, target string) reply {
	t.Helper()
	server := httptest.NewUnstartedServer(app)
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.Start()
	defer server.Close()
	r, err := http.NewRequestWithContext(t.Context(), method, server.URL+target, nil)
	require.NoError(t, err)
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return reply{cut: true}
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return reply{status: res.StatusCode, header: res.Header, body: string(body), cut: err != nil}
}

// lifeCase is one outcome of a request. log is what the hooks say; the error of
// the teardown functions is unhandled.
type lifeCase struct {
	name      string
	setup     func(app *retort.App, log *logbook)
	method    string
	target    string
	status    int
	body      string // "" for a page of retort's own
	cut       bool
	log       []string // up to the teardown
	unhandled string   // "<nil>" if empty
}

// runLife runs each case through each door.
func runLife(t *testing.T, cases []lifeCase) {
	for _, c := range cases {
		for _, door := range lifeDoors {
			t.Run(c.name+", through "+door.name, func(t *testing.T) {
				app, log := hookedApp()
				c.setup(app, log)
				got := door.send(t, app, or(c.method, http.MethodGet), or(c.target, "/"))
				assert.Equal(t, c.cut, got.cut, "the connection broke off")
				if !c.cut {
					assert.Equal(t, c.status, got.status)
				}
				if c.body != "" {
					assert.Equal(t, c.body, got.body)
				}
				err := or(c.unhandled, "<nil>")
				want := append(c.log[:len(c.log):len(c.log)], "t2 "+err, "t1 "+err, "ta2 "+err, "ta1 "+err)
				assert.Equal(t, want, log.all())
			})
		}
	}
}

func or(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}

// view registers a view for / that logs its call.
func view(f func(c *retort.Context) any) func(*retort.App, *logbook) {
	return func(app *retort.App, log *logbook) {
		app.Get("/", retort.Endpoint("root"))(func(c *retort.Context) any {
			log.add("view")
			return f(c)
		})
	}
}

func hello(*retort.Context) any { return "hello" }

// begin is the log of a request that reaches the view.
var begin = []string{"p1 root true", "p2 root true", "b1", "b2", "view"}

// beginning is begin and what follows.
func beginning(then ...string) []string { return append(begin[:len(begin):len(begin)], then...) }

func TestHooksRunInFlasksOrder(t *testing.T) {
	noMatch := []string{"p1  false", "p2  false", "b1", "b2"}
	runLife(t, []lifeCase{
		{name: "a view that answers", setup: view(hello), status: 200, body: "hello",
			log: beginning("a2 200", "a1 200")},
		{name: "a HEAD request", setup: view(hello), method: "HEAD", status: 200,
			log: beginning("a2 200", "a1 200")},
		{name: "no rule for the path", setup: view(hello), target: "/nowhere", status: 404,
			log: append(noMatch[:4:4], "a2 404", "a1 404")},
		{name: "no rule for the method", setup: view(hello), method: "PUT", status: 405,
			log: append(noMatch[:4:4], "a2 405", "a1 405")},
		{name: "a redirect to the rule with a slash", setup: func(app *retort.App, _ *logbook) {
			app.Get("/dir/")(func() string { return "" })
		}, target: "/dir", status: 308, log: append(noMatch[:4:4], "a2 308", "a1 308")},
		{name: "the automatic answer to OPTIONS", setup: view(hello), method: "OPTIONS", status: 200,
			log: []string{"p1 root true", "p2 root true", "b1", "b2", "a2 200", "a1 200"}},
		{name: "functions for after this request run in order, before the others", setup: both(keepLog, view(func(c *retort.Context) any {
			log := logOf.Get(c)
			c.AfterThisRequest(func(*retort.Response) { log.add("this 1") })
			c.AfterThisRequest(func(*retort.Response) { log.add("this 2") })
			return "hello"
		})), status: 200, body: "hello", log: beginning("this 1", "this 2", "a2 200", "a1 200")},
	})
}

// logOf lets a view reach the logbook.
var logOf = retort.NewKey[*logbook]("log")

// setup is a function that registers something.
type setup = func(app *retort.App, log *logbook)

func keepLog(app *retort.App, log *logbook) {
	app.URLValuePreprocessor(func(c *retort.Context, _ string, _ retort.H) { logOf.Set(c, log) })
}

// both registers what several functions do.
func both(funcs ...setup) setup {
	return func(app *retort.App, log *logbook) {
		for _, f := range funcs {
			f(app, log)
		}
	}
}

// before registers a third BeforeRequest function.
func before(f any) setup { return func(app *retort.App, _ *logbook) { app.BeforeRequest(f) } }

func TestBeforeRequestEndsTheSearchForAnAnswer(t *testing.T) {
	early := []string{"p1 root true", "p2 root true", "b1", "b2"}
	runLife(t, []lifeCase{
		{name: "an answer", setup: both(view(hello), before(func(*retort.Context) any { return "early" })),
			status: 200, body: "early", log: append(early[:4:4], "a2 200", "a1 200")},
		{name: "an answer where no rule matches", setup: both(view(hello), before(func(*retort.Context) any { return "early" })),
			target: "/nowhere", status: 200, body: "early", log: []string{"p1  false", "p2  false", "b1", "b2", "a2 200", "a1 200"}},
		{name: "a nil pointer is no answer", setup: both(view(hello), before(func(*retort.Context) any { return (*retort.Response)(nil) })),
			status: 200, body: "hello", log: beginning("a2 200", "a1 200")},
		{name: "an error", setup: both(view(hello), before(func(*retort.Context) error { return errBroken })),
			status: 500, log: append(early[:4:4], "a2 500", "a1 500"), unhandled: "broken"},
		{name: "an abort", setup: both(view(hello), before(func(*retort.Context) { retort.Abort(403) })),
			status: 403, log: append(early[:4:4], "a2 403", "a1 403")},
		{name: "a panic", setup: both(view(hello), before(func(*retort.Context) { panic(errBroken) })),
			status: 500, log: append(early[:4:4], "a2 500", "a1 500"), unhandled: "broken"},
	})
}

var errBroken = errors.New("broken")

func TestErrorsAreAnsweredWhereverTheyHappen(t *testing.T) {
	failed := beginning("a2 500", "a1 500")
	runLife(t, []lifeCase{
		{name: "the view returns an error", setup: view(func(*retort.Context) any { return errBroken }),
			status: 500, log: failed, unhandled: "broken"},
		{name: "the view panics with an error", setup: view(func(*retort.Context) any { panic(errBroken) }),
			status: 500, log: failed, unhandled: "broken"},
		{name: "the view panics with a string", setup: view(func(*retort.Context) any { panic("lost") }),
			status: 500, log: failed, unhandled: "panic: lost"},
		{name: "the view answers nil", setup: view(func(*retort.Context) any { return nil }),
			status: 500, log: failed, unhandled: "endpoint \"root\": the view answered nil; every path through a view must return something to answer (an empty page is \"\", no content is a nil error from a view whose only result is an error)"},
		{name: "the view answers what panics when it is written as JSON", setup: view(func(*retort.Context) any { return []any{unwritable{}} }),
			status: 500, log: failed, unhandled: "broken"},
		{name: "the view aborts", setup: view(func(*retort.Context) any { retort.Abort(410); return nil }),
			status: 410, log: beginning("a2 410", "a1 410")},
		{name: "the view returns an error with a code", setup: view(func(*retort.Context) any { return fmt.Errorf("wrapped: %w", retort.Error(410)) }),
			status: 410, log: beginning("a2 410", "a1 410")},
		{name: "the view aborts with a response", setup: view(func(*retort.Context) any {
			retort.AbortWith(retort.Reply("as it is", 202))
			return nil
		}), status: 202, body: "as it is", log: beginning("a2 202", "a1 202")},
		{name: "an after_request function panics: the others are skipped, and all run again for the 500",
			setup: both(view(hello), after(func() { panic(errBroken) })), status: 500, log: begin, unhandled: "broken"},
		{name: "an after_request function writes a field that cannot be sent", setup: both(view(hello), func(app *retort.App, _ *logbook) {
			app.AfterRequest(func(_ *retort.Context, res *retort.Response) {
				if res.Status == 200 {
					res.Header.Set("X-Bad", "a\r\nb: c")
				}
			})
		}), status: 500, log: beginning("a2 200", "a1 200", "a2 500", "a1 500"), unhandled: `the value "a\r\nb: c" of the field X-Bad holds a line break or another control character; it would let whoever chose it write fields of their own`},
		{name: "a closing function of the response fails", setup: view(func(*retort.Context) any {
			res := retort.Reply("hello")
			res.OnClose(func() error { return errBroken })
			return res
		}), status: 200, body: "hello", log: beginning("a2 200", "a1 200")},
		{name: "a closing function of the response panics", setup: view(func(*retort.Context) any {
			res := retort.Reply("hello")
			res.OnClose(func() error { panic(errBroken) })
			return res
		}), status: 200, body: "hello", log: beginning("a2 200", "a1 200")},
		{name: "a teardown function panics: the others run", setup: both(view(hello), func(app *retort.App, _ *logbook) {
			app.TeardownRequest(func(*retort.Context, error) { panic("in teardown") })
		}), status: 200, body: "hello", log: beginning("a2 200", "a1 200")},
	})
}

// unwritable panics when it is written as JSON.
type unwritable struct{}

func (unwritable) MarshalJSON() ([]byte, error) { panic(errBroken) }

// after registers a third AfterRequest function, which is the first to run.
func after(f func()) setup {
	return func(app *retort.App, _ *logbook) {
		app.AfterRequest(func(*retort.Context, *retort.Response) { f() })
	}
}

func TestErrorHandlersAnswer(t *testing.T) {
	broken := view(func(*retort.Context) any { return errBroken })
	runLife(t, []lifeCase{
		{name: "one for the error", setup: both(broken, func(app *retort.App, _ *logbook) {
			retort.OnError(app, func(_ *retort.Context, err error) any { return retort.Reply("handled "+err.Error(), 503) })
		}), status: 503, body: "handled broken", log: beginning("a2 503", "a1 503")},
		{name: "one for the code 404", setup: both(broken, func(app *retort.App, _ *logbook) {
			app.ErrorHandler(404)(func(e *retort.HTTPError) (string, int) { return e.Name(), 404 })
		}), target: "/nowhere", status: 404, body: "Not Found", log: []string{"p1  false", "p2  false", "b1", "b2", "a2 404", "a1 404"}},
		{name: "one for the code 500 gets what nobody took, which stays unhandled", setup: both(broken, func(app *retort.App, _ *logbook) {
			app.ErrorHandler(500)(func(e *retort.HTTPError) (string, int) { return "500 for " + e.Unwrap().Error(), 500 })
		}), status: 500, body: "500 for broken", log: beginning("a2 500", "a1 500"), unhandled: "broken"},
		{name: "one that returns its error shows the page", setup: both(view(func(*retort.Context) any { return retort.Error(410) }), func(app *retort.App, _ *logbook) {
			app.ErrorHandler(410)(func(e *retort.HTTPError) error { return e })
		}), status: 410, log: beginning("a2 410", "a1 410")},
		{name: "one that aborts is one that fails", setup: both(broken, func(app *retort.App, _ *logbook) {
			retort.OnError(app, func(_ *retort.Context, err error) any {
				if err == errBroken {
					retort.Abort(403, "not you")
				}
				return retort.Reply("then "+err.Error()[:3], 500)
			})
		}), status: 500, body: "then 500", log: beginning("a2 500", "a1 500"), unhandled: "403 Forbidden: not you"},
		{name: "one that fails itself", setup: both(broken, func(app *retort.App, _ *logbook) {
			retort.OnError(app, func(*retort.Context, error) any { panic("in the handler") })
		}), status: 500, log: beginning(), unhandled: "panic: in the handler"},
		{name: "one for 500 that fails itself", setup: both(broken, func(app *retort.App, _ *logbook) {
			app.ErrorHandler(500)(func(error) string { panic("in the handler") })
		}), status: 500, log: beginning(), unhandled: "broken"},
	})
}

func TestUnhandledErrorsLeaveTheAppWhenTheyPropagate(t *testing.T) {
	app, log := hookedApp()
	app.Config.Set("PROPAGATE_EXCEPTIONS", true)
	view(func(*retort.Context) any { panic(errBroken) })(app, log)
	r := httptest.NewRequest("GET", "/", nil)
	assert.PanicsWithValue(t, errBroken, func() { app.ServeHTTP(httptest.NewRecorder(), r) })
	want := beginning("t2 broken", "t1 broken", "ta2 broken", "ta1 broken")
	assert.Equal(t, want, log.all())

	env, err := gateway.NewEnviron(r)
	require.NoError(t, err)
	_, _, _, err = gateway.RunApp(app, env)
	assert.ErrorIs(t, err, errBroken)
	assert.Equal(t, append(want[:len(want):len(want)], want...), log.all())
}

func TestAbortHandlerPasses(t *testing.T) {
	runLife(t, []lifeCase{
		{name: "the view cuts the connection", setup: view(func(*retort.Context) any { panic(http.ErrAbortHandler) }),
			cut: true, log: begin, unhandled: http.ErrAbortHandler.Error()},
		{name: "also with a handler for every error", setup: both(view(func(*retort.Context) any { panic(http.ErrAbortHandler) }), func(app *retort.App, _ *logbook) {
			retort.OnError(app, func(*retort.Context, error) any { return "caught" })
		}), cut: true, log: begin, unhandled: http.ErrAbortHandler.Error()},
	})
}

const (
	waitTime = 30 * time.Second
	tick     = 5 * time.Millisecond
)

func TestMiddlewareIsAroundTheWholeApp(t *testing.T) {
	outside := func(app *retort.App, _ *logbook) {
		for _, name := range []string{"outer", "inner"} {
			app.Use(func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					w.Header().Add("X-Around", name)
					next.ServeHTTP(w, r)
				})
			})
		}
	}
	half := streaming(give([]string{"half"}, breakOff))
	runLife(t, []lifeCase{
		{name: "a view that answers", setup: both(outside, view(hello)), status: 200, body: "hello", log: beginning("a2 200", "a1 200")},
		{name: "a view that fails", setup: both(outside, view(func(*retort.Context) any { return errBroken })),
			status: 500, log: beginning("a2 500", "a1 500"), unhandled: "broken"},
		{name: "a stream that breaks off", setup: both(outside, half), cut: true,
			log: beginning("a2 200", "a1 200", "first", "last", "closed"), unhandled: "broken"},
	})
	for _, door := range lifeDoors {
		app, log := hookedApp()
		outside(app, log)
		got := door.send(t, app, "GET", "/nowhere")
		assert.Equal(t, 404, got.status)
		assert.Equal(t, []string{"outer", "inner"}, got.header["X-Around"], "through %s", door.name)
	}
}
