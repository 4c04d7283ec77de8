package urlmap

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// route is one route of a set, with :name variables.
type route struct{ Method, Path string }

var colonVariable = regexp.MustCompile(`:(\w+)`)

func (r route) rule() string { return colonVariable.ReplaceAllString(r.Path, "<$1>") }
func (r route) pattern() string {
	return r.Method + " " + colonVariable.ReplaceAllString(r.Path, "{$1}")
}
func (r route) request() Query {
	return Query{Method: r.Method, Path: colonVariable.ReplaceAllString(r.Path, "${1}val")}
}

func readRoutes(t testing.TB, name string) []route {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "routes", name+".json"))
	require.NoError(t, err)
	var routes []route
	require.NoError(t, json.Unmarshal(data, &routes))
	return routes
}

// nested returns n routes three segments deep, in ten groups, half of them with a variable.
func nested(n int) []route {
	routes := make([]route, n)
	for i := range routes {
		tail := ":id"
		if i%2 == 0 {
			tail = "item"
		}
		routes[i] = route{"GET", fmt.Sprintf("/group%d/section%d/%s", i%10, i/2, tail)}
	}
	return routes
}

func params(n int) []route {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "/:p%d", i)
	}
	return []route{{"GET", b.String()}}
}

func mapOf(t testing.TB, routes []route) *Map {
	t.Helper()
	m := New(DefaultOptions())
	for _, r := range routes {
		_, err := m.Add(Spec{Rule: r.rule(), Endpoint: r.Method + r.Path, Methods: []string{r.Method}})
		require.NoError(t, err)
	}
	m.Freeze()
	return m
}

func benchmarkSet(b *testing.B, routes []route) {
	m := mapOf(b, routes)
	queries := make([]Query, len(routes))
	for i, r := range routes {
		queries[i] = r.request()
		mt := m.Match(queries[i])
		require.Equal(b, Found, mt.Outcome, queries[i].Path)
	}
	b.Run("Match", func(b *testing.B) {
		b.ReportAllocs()
		i := 0
		for b.Loop() {
			mt := m.Match(queries[i])
			if mt.Rule == nil {
				b.Fatal("miss")
			}
			if i++; i == len(queries) {
				i = 0
			}
		}
	})
	b.Run("Lookup", func(b *testing.B) {
		b.ReportAllocs()
		var mt Match
		i := 0
		for b.Loop() {
			m.Lookup(&queries[i], &mt)
			if mt.Rule == nil {
				b.Fatal("miss")
			}
			if i++; i == len(queries) {
				i = 0
			}
		}
	})
	b.Run("ServeMux", func(b *testing.B) {
		mux := http.NewServeMux()
		requests := make([]*http.Request, len(routes))
		for i, r := range routes {
			mux.HandleFunc(r.pattern(), func(http.ResponseWriter, *http.Request) {})
			requests[i] = httptest.NewRequest(r.Method, queries[i].Path, nil)
		}
		w := httptest.NewRecorder()
		b.ReportAllocs()
		i := 0
		for b.Loop() {
			mux.ServeHTTP(w, requests[i])
			if i++; i == len(requests) {
				i = 0
			}
		}
	})
}

func BenchmarkMatch(b *testing.B) {
	for _, set := range []string{"github", "static", "gplus", "parse"} {
		b.Run("set="+set, func(b *testing.B) { benchmarkSet(b, readRoutes(b, set)) })
	}
	for _, n := range []int{10, 100, 1000, 10000} {
		b.Run(fmt.Sprintf("set=nested%d", n), func(b *testing.B) { benchmarkSet(b, nested(n)) })
	}
	for _, n := range []int{1, 5, 20} {
		b.Run(fmt.Sprintf("set=param%d", n), func(b *testing.B) { benchmarkSet(b, params(n)) })
	}
}

func BenchmarkMiss(b *testing.B) {
	m := mapOf(b, readRoutes(b, "github"))
	for name, q := range map[string]Query{
		"404": {Method: "GET", Path: "/repos/owner/name/no/such/thing"},
		"405": {Method: "PUT", Path: "/repos/owner/name/issues"},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if mt := m.Match(q); mt.Rule != nil {
					b.Fatal("hit")
				}
			}
		})
	}
}

func BenchmarkAddAndFreeze(b *testing.B) {
	for _, n := range []int{1000, 10000} {
		routes := nested(n)
		b.Run(fmt.Sprintf("rules=%d", n), func(b *testing.B) {
			for b.Loop() {
				mapOf(b, routes)
			}
		})
	}
}

// BenchmarkHostile looks up what is made to be slow.
func BenchmarkHostile(b *testing.B) {
	for _, n := range []int{4000, 8000} {
		b.Run(fmt.Sprintf("five variables, %d bytes", n), func(b *testing.B) {
			m := mapWith(b, "/<a>-<b>-<c>-<d>-<int:e>.x")
			benchmarkMiss(b, m, "/"+strings.Repeat("-", n)+".x")
		})
	}
	b.Run("1024 rules", func(b *testing.B) {
		benchmarkMiss(b, mapWith(b, forest(10)...), "/"+strings.Repeat("a/", 10)+"x")
	})
}

// forest returns every rule of the given depth whose segments are "a" or a variable.
func forest(depth int) []string {
	rules := make([]string, 1<<depth)
	for i := range rules {
		var b strings.Builder
		for j := range depth {
			if i>>j&1 == 0 {
				b.WriteString("/a")
			} else {
				fmt.Fprintf(&b, "/<v%d>", j)
			}
		}
		rules[i] = b.String()
	}
	return rules
}

func mapWith(t testing.TB, rules ...string) *Map {
	t.Helper()
	m := New(DefaultOptions())
	for _, r := range rules {
		_, err := m.Add(Spec{Rule: r, Endpoint: r, Methods: []string{"GET"}})
		require.NoError(t, err)
	}
	m.Freeze()
	return m
}

func benchmarkMiss(b *testing.B, m *Map, path string) {
	b.ReportAllocs()
	for b.Loop() {
		if mt := m.Match(Query{Method: "GET", Path: path}); mt.Outcome != NotFound {
			b.Fatal(mt.Outcome)
		}
	}
}
