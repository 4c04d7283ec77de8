package retort_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
)

// sinkWriter is a ResponseWriter that keeps nothing.
type sinkWriter struct {
	header http.Header
	status int
}

func (w *sinkWriter) Header() http.Header               { return w.header }
func (w *sinkWriter) WriteHeader(status int)            { w.status = status }
func (w *sinkWriter) Write(p []byte) (int, error)       { return len(p), nil }
func (w *sinkWriter) WriteString(s string) (int, error) { return len(s), nil }

var _ io.StringWriter = (*sinkWriter)(nil)

// benchRoute is a route of the sets under internal/urlmap/testdata/routes.
type benchRoute struct{ Method, Path string }

var setVariable = regexp.MustCompile(`[:*](\w+)`)

// readRoutes reads a set; :name and *name are its variables.
func readRoutes(tb testing.TB, set string) []benchRoute {
	data, err := os.ReadFile("internal/urlmap/testdata/routes/" + set + ".json")
	require.NoError(tb, err)
	var routes []benchRoute
	require.NoError(tb, json.Unmarshal(data, &routes))
	require.NotEmpty(tb, routes)
	return routes
}

func (r benchRoute) rule() string {
	rule := regexp.MustCompile(`:(\w+)`).ReplaceAllString(r.Path, "<$1>")
	return regexp.MustCompile(`\*(\w+)`).ReplaceAllString(rule, "<path:$1>")
}

func (r benchRoute) muxPattern() string {
	p := regexp.MustCompile(`:(\w+)`).ReplaceAllString(r.Path, "{$1}")
	p = regexp.MustCompile(`\*(\w+)`).ReplaceAllString(p, "{$1...}")
	if strings.HasSuffix(p, "/") {
		p += "{$}"
	}
	return r.Method + " " + p
}

// request is a request for the route, its variables filled in.
func (r benchRoute) request() *http.Request {
	path := setVariable.ReplaceAllString(r.Path, "value-of-$1")
	return &http.Request{Method: r.Method, URL: &url.URL{Path: path}, Host: "example.com", Header: http.Header{}}
}

// nothing gives a view for a rule with n variables that does nothing.
func nothing(n int) any {
	return [...]any{
		func() error { return nil },
		func(string) error { return nil },
		func(_, _ string) error { return nil },
		func(_, _, _ string) error { return nil },
		func(_, _, _, _ string) error { return nil },
	}[n]
}

// newRetort and newServeMux serve a set with views that do nothing.
func newRetort(routes []benchRoute) http.Handler {
	app := retort.New("bench")
	for i, r := range routes {
		app.AddURLRule(r.rule(), fmt.Sprint("r", i), nothing(len(setVariable.FindAllString(r.Path, -1))), retort.Methods(r.Method))
	}
	return app
}

func newServeMux(routes []benchRoute) http.Handler {
	m := http.NewServeMux()
	for _, r := range routes {
		m.HandleFunc(r.muxPattern(), func(http.ResponseWriter, *http.Request) {})
	}
	return m
}

func requests(routes []benchRoute) []*http.Request {
	list := make([]*http.Request, len(routes))
	for i, r := range routes {
		list[i] = r.request()
	}
	return list
}

// round serves all requests n times and gives the time of one.
func round(h http.Handler, w http.ResponseWriter, reqs []*http.Request, n int) time.Duration {
	start := time.Now()
	for range n {
		for _, r := range reqs {
			h.ServeHTTP(w, r)
		}
	}
	return time.Since(start) / time.Duration(n*len(reqs))
}

// BenchmarkServeHTTP serves the route sets, and reports the time of a request
// as a part of that of net/http's ServeMux with empty handlers, measured in
// turns; and the spread of that ratio.
func BenchmarkServeHTTP(b *testing.B) {
	for _, set := range []string{"github", "static", "gplus", "parse"} {
		b.Run("set="+set, func(b *testing.B) {
			routes := readRoutes(b, set)
			reqs := requests(routes)
			benchRatio(b, newRetort(routes), newServeMux(routes), reqs)
		})
	}
}

// benchRatio times a against base in turns.
func benchRatio(b *testing.B, a, base http.Handler, reqs []*http.Request) {
	w := &sinkWriter{header: http.Header{}}
	for _, r := range reqs {
		w.status = 0
		a.ServeHTTP(w, r)
		require.Equal(b, http.StatusNoContent, w.status, "%s %s", r.Method, r.URL.Path)
	}
	const turns = 31
	n := max(1, b.N/len(reqs)/turns)
	var ratios, times []float64
	b.ReportAllocs()
	b.ResetTimer()
	for range turns {
		own := round(a, w, reqs, n)
		b.StopTimer()
		other := round(base, w, reqs, n)
		b.StartTimer()
		ratios = append(ratios, float64(own)/float64(other))
		times = append(times, float64(own))
	}
	slices.Sort(ratios)
	slices.Sort(times)
	b.ReportMetric(times[turns/2], "ns/request")
	b.ReportMetric(ratios[turns/2], "of-ServeMux")
	b.ReportMetric(ratios[turns/10], "p10")
	b.ReportMetric(ratios[turns*9/10], "p90")
}

// serveEach serves the requests in turn, each of which must get the status.
func serveEach(b *testing.B, h http.Handler, status int, reqs []*http.Request) {
	w := &sinkWriter{header: http.Header{}}
	for _, r := range reqs {
		h.ServeHTTP(w, r)
		require.Equal(b, status, w.status, "%s %s", r.Method, r.URL.Path)
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		h.ServeHTTP(w, reqs[i])
		if i++; i == len(reqs) {
			i = 0
		}
	}
}

// getRequest is a request without fields, as small as one can be.
func getRequest(path string) *http.Request {
	return &http.Request{Method: "GET", URL: &url.URL{Path: path}, Host: "example.com", Header: http.Header{}}
}

// viewApp is an app with a view of each kind under its name.
func viewApp() *retort.App {
	app := quiet()
	app.AddURLRule("/typed/<name>", "typed", func(name string) string { return name })
	app.AddURLRule("/number/<int:n>", "number", func(n int) string { return "a number" })
	app.AddURLRule("/reflected/<int:n>/<name>", "reflected", func(int, string) string { return "x" })
	app.AddURLRule("/context/<name>", "context", func(_ *retort.Context, name string) string { return name })
	app.AddURLRule("/json", "json", func() retort.H { return retort.H{"a": 1} })
	app.AddURLRule("/handler", "handler", func(http.ResponseWriter, *http.Request) {})
	app.AddURLRule("/write", "write", noArguments, retort.Methods("POST"))
	return app
}

// BenchmarkView serves views of several kinds.
func BenchmarkView(b *testing.B) {
	for name, path := range map[string]string{
		"typed": "/typed/ada", "number": "/number/7", "reflected": "/reflected/7/ada",
		"context": "/context/ada", "json": "/json", "handler": "/handler",
	} {
		b.Run("view="+name, func(b *testing.B) {
			serveEach(b, viewApp(), 200, []*http.Request{getRequest(path)})
		})
	}
}

// BenchmarkNotFound serves what is not there, beside a hit and a wrong method.
func BenchmarkNotFound(b *testing.B) {
	for name, tt := range map[string]struct {
		path   string
		status int
	}{"hit": {"/typed/ada", 200}, "404": {"/typed/ada/x", 404}, "405": {"/write", 405}} {
		b.Run("status="+name, func(b *testing.B) {
			serveEach(b, viewApp(), tt.status, []*http.Request{getRequest(tt.path)})
		})
	}
}

// register registers n rules with a variable each.
func register(app *retort.App, n int) {
	view := func(string) string { return "" }
	for i := range n {
		app.AddURLRule(fmt.Sprintf("/section%d/item%d/<name>", i%100, i), fmt.Sprint("e", i), view)
	}
}

// BenchmarkRules serves from maps of several sizes.
func BenchmarkRules(b *testing.B) {
	for _, n := range []int{100, 1_000, 10_000} {
		b.Run(fmt.Sprintf("rules=%d", n), func(b *testing.B) {
			app := quiet()
			register(app, n)
			var reqs []*http.Request
			for i := range 1_000 {
				at := i * 7919 % n // in no order
				reqs = append(reqs, getRequest(fmt.Sprintf("/section%d/item%d/ada", at%100, at)))
			}
			serveEach(b, app, 200, reqs)
		})
	}
}

// BenchmarkRegister registers rules and serves the first request, which compiles
// them.
func BenchmarkRegister(b *testing.B) {
	for _, n := range []int{1_000, 10_000} {
		b.Run(fmt.Sprintf("rules=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			w := &sinkWriter{header: http.Header{}}
			r := getRequest("/section7/item7/ada")
			for b.Loop() {
				app := quiet()
				register(app, n)
				app.ServeHTTP(w, r)
			}
			require.Equal(b, 200, w.status)
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*n), "µs/rule")
		})
	}
}

func BenchmarkURLFor(b *testing.B) {
	c := site().TestRequestContext("/user/ada")
	b.ReportAllocs()
	for b.Loop() {
		c.URLFor("post", "id", 7)
	}
}
