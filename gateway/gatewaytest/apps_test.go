package gatewaytest_test

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/gateway"
	"github.com/retort-go/retort/gateway/gatewaytest"
	"github.com/retort-go/retort/middleware"
)

// page is a handler that knows validators, ranges, codings and forms.
func page(w http.ResponseWriter, r *http.Request) {
	if r.Method == "POST" {
		if err := r.ParseForm(); err != nil {
			http.Error(w, "this form cannot be read", http.StatusBadRequest)
			return
		}
	}
	w.Header().Set("ETag", `"one"`)
	w.Header().Set("Content-Type", "text/plain")
	http.ServeContent(w, r, "", time.Time{}, strings.NewReader(strings.Repeat("some text, ", 200)))
}

func TestASoundAppPasses(t *testing.T) {
	gatewaytest.TestApp(t, gatewaytest.Application{App: gateway.FromHandler(http.HandlerFunc(page))})
	t.Run("compressed", func(t *testing.T) {
		gatewaytest.TestApp(t, gatewaytest.Application{App: gateway.FromHandler(middleware.Compress(middleware.CompressOptions{})(http.HandlerFunc(page)))})
	})
}

func TestAnAppOfRetortPasses(t *testing.T) {
	app := retort.New("contract")
	app.Config.Set("SECRET_KEY", "a key of the test, long enough for it")
	app.Get("/")(func() string { return "hello" })
	app.Post("/")(func(c *retort.Context) retort.H { return retort.H{"a": c.Request.Form().Get("a")} })
	app.Get("/stream")(func(c *retort.Context) any {
		c.Session().Set("n", 1)
		return slices.Values([]string{"one", "two", "three"})
	})
	app.Get("/redirect/")(func() string { return "" })
	app.Get("/none")(func() error { return nil })
	app.Get("/panic")(func() string { panic("boom") })
	app.Get("/abort")(func() string { retort.Abort(418); return "" })
	app.Get("/handler", retort.Endpoint("handler"))(page)
	gatewaytest.TestApp(t, gatewaytest.Application{App: app, Requests: []*gatewaytest.Request{
		{}, {Method: "HEAD"}, {Target: "/nothing"}, {Method: "DELETE"}, {Method: "OPTIONS"}, {Target: "/stream"}, {Target: "/redirect"},
		{Target: "/none"}, {Target: "/panic"}, {Target: "/abort"}, {Target: "/handler"},
		{Method: "POST", Header: gateway.Headers{{"Content-Type", "application/x-www-form-urlencoded"}}, Body: []byte("a=1&b=2")},
	}})
}

// answering is an app of one response.
func answering(status string, h headers, body func() gateway.Body) gateway.AppFunc {
	return func(_ environment, start starter) (gateway.Body, error) {
		if _, err := start(status, h, nil); err != nil {
			return nil, err
		}
		return body(), nil
	}
}

var text = headers{{"Content-Type", "text/plain"}}

func hello() gateway.Body { return gateway.String("hello") }

// with is an app with one more field.
func with(name, value string) gateway.App {
	return answering("200 OK", append(text.Clone(), [2]string{name, value}), hello)
}

// watched is a body whose Close is told how much of it was asked for.
func watched(closed func(begun, ended bool)) gateway.App {
	return answering("200 OK", text, func() gateway.Body {
		begun, ended := false, false
		return gateway.Seq(func(yield func([]byte) bool) {
			begun = true
			ended = yield([]byte("one")) && yield([]byte("two"))
		}, func() error {
			closed(begun, ended)
			return nil
		})
	})
}

// handler is page, unless f has an answer.
func handler(f func(w http.ResponseWriter, r *http.Request) bool) gateway.App {
	return gateway.FromHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !f(w, r) {
			page(w, r)
		}
	}))
}

// appMutants are apps with one fault each.
var appMutants = []struct {
	check, fault string
	build        func() gateway.App
}{
	{"A1/again", "answers once", func() gateway.App {
		var calls atomic.Int32
		return gateway.AppFunc(func(env environment, start starter) (gateway.Body, error) {
			if calls.Add(1) > 1 {
				return nil, errMutant
			}
			return answering("200 OK", text, hello)(env, start)
		})
	}},
	{"A1/together", "answers one at a time", func() gateway.App {
		var inside atomic.Int32
		return gateway.AppFunc(func(env environment, start starter) (gateway.Body, error) {
			defer inside.Add(-1)
			if inside.Add(1) > 1 {
				return nil, errMutant
			}
			time.Sleep(50 * time.Millisecond) // the others come meanwhile
			return answering("200 OK", text, hello)(env, start)
		})
	}},
	{"A3", "begins with the body", func() gateway.App {
		return gateway.AppFunc(func(environment, starter) (gateway.Body, error) { return hello(), nil })
	}},
	{"A4", "returns no body", func() gateway.App {
		return answering("200 OK", text, func() gateway.Body { return nil })
	}},
	{"A7", "writes in its body", func() gateway.App {
		return gateway.AppFunc(func(_ environment, start starter) (gateway.Body, error) {
			write, err := start("200 OK", text, nil)
			return gateway.Seq(func(yield func([]byte) bool) { _ = write([]byte("x")) }), err
		})
	}},
	{"A10", "starts twice", func() gateway.App {
		return gateway.AppFunc(func(_ environment, start starter) (gateway.Body, error) {
			_, err := start("200 OK", text, nil)
			_, _ = start("404 Not Found", text, nil)
			return gateway.Empty(), err
		})
	}},
	{"A11", "swallows the error of a new start", func() gateway.App {
		return gateway.AppFunc(func(_ environment, start starter) (gateway.Body, error) {
			write, err := start("200 OK", text, nil)
			_ = write([]byte("x"))
			_, _ = start("500 Internal Server Error", text, errMutant)
			return gateway.Empty(), err
		})
	}},
	{"A12", "closes connections", func() gateway.App { return with("Connection", "close") }},
	{"A13", "has a name that is none", func() gateway.App { return with("a:b", "c") }},
	{"A14", "speaks UTF-8 in fields", func() gateway.App { return with("X-Name", "Zoë") }},
	{"A15/early", "needs all of its body to be asked for", func() gateway.App {
		return watched(func(_, ended bool) {
			if !ended {
				panic("it was not asked for everything")
			}
		})
	}},
	{"A15/unused", "needs its body to be asked for", func() gateway.App {
		return watched(func(begun, _ bool) {
			if !begun {
				panic("it was not asked for anything")
			}
		})
	}},
	{"A16", "has another number of chunks", func() gateway.App {
		return answering("200 OK", text, func() gateway.Body { return two{hello()} })
	}},
	{"A17", "needs to know its peer", func() gateway.App {
		return gateway.AppFunc(func(env environment, start starter) (gateway.Body, error) {
			if env.Value("REMOTE_ADDR") == "" {
				return nil, errMutant
			}
			return answering("200 OK", text, hello)(env, start)
		})
	}},
	{"A18", "takes half a request for a whole one", func() gateway.App {
		return gateway.AppFunc(func(env environment, start starter) (gateway.Body, error) {
			_, _ = io.Copy(io.Discard, env.Input)
			return answering("200 OK", text, hello)(env, start)
		})
	}},
	{"A19/validator", "has nothing new for anybody", func() gateway.App {
		return handler(func(w http.ResponseWriter, r *http.Request) bool {
			if r.Header.Get("If-None-Match") == "" {
				return false
			}
			w.WriteHeader(http.StatusNotModified)
			return true
		})
	}},
	{"A19/range", "gives everything as a part", func() gateway.App {
		return handler(func(w http.ResponseWriter, r *http.Request) bool {
			if r.Header.Get("Range") == "" {
				return false
			}
			w.Header().Set("Content-Range", "bytes 1-1/2200")
			w.WriteHeader(http.StatusPartialContent)
			_, _ = io.WriteString(w, "everything")
			return true
		})
	}},
	{"A19/coding", "compresses for everybody", func() gateway.App { return with("Content-Encoding", "gzip") }},
	{"A19/head", "guesses the length for HEAD", func() gateway.App {
		return handler(func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method != "HEAD" {
				return false
			}
			w.Header().Set("Content-Length", "1")
			return true
		})
	}},
	{"A20", "looks at the connection", func() gateway.App {
		return gateway.AppFunc(func(env environment, start starter) (gateway.Body, error) {
			if env.Value("HTTP_CONNECTION") == "close" {
				return nil, errMutant
			}
			return answering("200 OK", text, hello)(env, start)
		})
	}},
}

// two says that it has two chunks.
type two struct{ gateway.Body }

func (two) Len() int { return 2 }

func TestEachCheckOfAppsFindsItsFault(t *testing.T) {
	for _, m := range appMutants {
		t.Run(m.check+" "+m.fault, func(t *testing.T) {
			finds(t, m.check, gatewaytest.CheckApp(gatewaytest.Application{App: m.build()}, m.check))
		})
	}
}

// finds sees that one check fails, and for its own reason.
func finds(t *testing.T, check string, results []gatewaytest.Result) {
	t.Helper()
	require.Len(t, results, 1)
	assert.Equal(t, check, results[0].Check)
	assert.Equal(t, gatewaytest.Broken, results[0].Outcome, "%s", results[0])
	assert.NotContains(t, results[0].String(), "the check panicked")
	assert.NotContains(t, results[0].String(), "hangs")
	t.Log(results[0])
}

func TestEachCheckOfAppsHasAMutant(t *testing.T) {
	var ids []string
	for _, m := range appMutants {
		ids = append(ids, m.check)
	}
	assert.Equal(t, checksOf('A'), ids)
}

// checksOf gives the IDs of the checks of one side.
func checksOf(side byte) []string {
	var ids []string
	for _, r := range gatewaytest.Requirements() {
		if r.ID[0] == side {
			ids = append(ids, r.Checks...)
		}
	}
	return ids
}

// A check that fails may be excepted; one that passes may not.
func TestExceptionsOfApps(t *testing.T) {
	app := with("Connection", "close")
	results := gatewaytest.CheckApp(gatewaytest.Application{App: app, Exceptions: []gatewaytest.Exception{{Check: "A12", Reason: "it is old"}, {Check: "A4", Reason: "no reason"}}}, "A12", "A4")
	require.Len(t, results, 2)
	assert.Equal(t, gatewaytest.Stale, results[0].Outcome)
	assert.Equal(t, gatewaytest.Excepted, results[1].Outcome)
}
