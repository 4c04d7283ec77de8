package benchmarks_test

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/benchmarks"
)

const routeSets = "../internal/urlmap/testdata/routes"

// sink is a ResponseWriter that keeps the status only.
type sink struct {
	header http.Header
	status int
	body   []byte
	keep   bool
}

func (w *sink) Header() http.Header    { return w.header }
func (w *sink) WriteHeader(status int) { w.status = status }
func (w *sink) Write(p []byte) (int, error) {
	if w.keep {
		w.body = append(w.body, p...)
	}
	return len(p), nil
}

func (w *sink) WriteString(s string) (int, error) { return w.Write([]byte(s)) }

// turns is how often each competitor is measured.
const turns = 31

// compete measures round, which does the same n times with one competitor, for
// each of them in turns, and reports the processor time of one and how the first
// compares.
func compete(b *testing.B, names []string, round func(name string, n int)) {
	var all benchmarks.Turns
	n := max(1, b.N/turns)
	for turn := range turns {
		for i := range names {
			name := names[(turn+i)%len(names)]
			start := benchmarks.CPU()
			round(name, n)
			all.Add(name, float64(benchmarks.CPU()-start)/float64(n))
		}
	}
	for _, name := range names {
		b.ReportMetric(all.Median(name), "cpu-ns-"+name)
		if name != names[0] {
			r := all.Ratio(names[0], name)
			b.ReportMetric(r.Median, "x-"+name)
			b.ReportMetric(r.P10, "x-"+name+"-p10")
			b.ReportMetric(r.P90, "x-"+name+"-p90")
		}
	}
	b.ReportMetric(0, "ns/op") // of all together: says nothing
}

// first puts retort before the others.
func first(names []string) []string {
	slices.SortFunc(names, func(a, b string) int {
		switch "retort" {
		case a:
			return -1
		case b:
			return 1
		}
		return strings.Compare(a, b)
	})
	return names
}

// BenchmarkRoutes serves the requests of a route set one after the other.
func BenchmarkRoutes(b *testing.B) {
	for _, set := range []string{"github", "gplus", "parse", "static"} {
		b.Run("set="+set, func(b *testing.B) {
			routes, err := benchmarks.ReadRoutes(routeSets, set)
			require.NoError(b, err)
			apps := make(map[string]http.Handler)
			for name, router := range benchmarks.Routers() {
				apps[name] = router(routes)
			}
			requests := requestsFor(routes)
			w := &sink{header: http.Header{}}
			compete(b, first(slices.Collect(maps.Keys(apps))), func(name string, n int) {
				app := apps[name]
				for i := range n {
					app.ServeHTTP(w, requests[i%len(requests)])
				}
			})
		})
	}
}

func requestsFor(routes []benchmarks.Route) []*http.Request {
	requests := make([]*http.Request, len(routes))
	for i, r := range routes {
		requests[i] = &http.Request{Method: r.Method, URL: &url.URL{Path: r.URL()}, RequestURI: r.URL(), Host: "example.com", Header: http.Header{}}
	}
	return requests
}

// echoRequest is a request whose body can be read again and again.
func echoRequest() (*http.Request, *bytes.Reader) {
	data := bytes.NewReader([]byte(benchmarks.EchoBody))
	r := &http.Request{
		Method: "POST", URL: &url.URL{Path: "/echo"}, RequestURI: "/echo", Host: "example.com", ContentLength: data.Size(),
		Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(data),
	}
	return r, data
}

// BenchmarkEcho reads and answers 200 bytes of JSON.
func BenchmarkEcho(b *testing.B) {
	apps := benchmarks.Echoes()
	r, body := echoRequest()
	compete(b, first(slices.Collect(maps.Keys(apps))), func(name string, n int) {
		app := apps[name]
		for range n {
			body.Reset([]byte(benchmarks.EchoBody))
			clear(r.Header)
			r.Header["Content-Type"] = []string{"application/json"}
			app.ServeHTTP(&sink{header: make(http.Header)}, r)
		}
	})
}

func TestTheEchoesDoTheSame(t *testing.T) {
	assert.Len(t, benchmarks.EchoBody, 200)
	for name, app := range benchmarks.Echoes() {
		r, _ := echoRequest()
		w := &sink{header: http.Header{}, keep: true}
		app.ServeHTTP(w, r)
		assert.JSONEq(t, benchmarks.EchoBody, string(w.body), name)
		assert.Contains(t, w.header.Get("Content-Type"), "application/json", name)
	}
}

func TestTheRoutersDoTheSame(t *testing.T) {
	for _, set := range []string{"github", "gplus", "parse", "static"} {
		routes, err := benchmarks.ReadRoutes(routeSets, set)
		require.NoError(t, err)
		require.NotEmpty(t, routes)
		for name, router := range benchmarks.Routers() {
			app := router(routes)
			for _, r := range requestsFor(routes) {
				w := &sink{header: http.Header{}}
				app.ServeHTTP(w, r)
				assert.Equal(t, http.StatusNoContent, w.status, "%s %s %s", name, r.Method, r.URL.Path)
			}
		}
	}
}

func TestRatio(t *testing.T) {
	var turns benchmarks.Turns
	for i := range 11 {
		turns.Add("a", float64(10+i))
		turns.Add("b", 10)
	}
	assert.Equal(t, benchmarks.Ratio{Median: 1.5, P10: 1.1, P90: 1.9, Turns: 11}, turns.Ratio("a", "b"))
	assert.Equal(t, "1.500 (p10 1.100, p90 1.900, 11 turns)", turns.Ratio("a", "b").String())
	assert.Equal(t, 15.0, turns.Median("a"))
}
