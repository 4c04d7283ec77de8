package retort

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gorilla/mux"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/internal/urlmap"
)

func nop(http.ResponseWriter, *http.Request) {}

// muxApp makes an app of rules, one a line, each "[METHOD ]RULE[ ~]": ~ is for
// lenient slashes. Rules that are refused are left out.
func muxApp(rules string) *App {
	app := New("mux")
	for i, line := range strings.Split(rules, "\n") {
		opts := []RouteOption{Endpoint(fmt.Sprint("e", i))}
		rule, lenient := strings.CutSuffix(line, " ~")
		if lenient {
			opts = append(opts, StrictSlashes(false))
		}
		if method, rest, ok := strings.Cut(rule, " "); ok && method == "POST" {
			opts, rule = append(opts, Methods(method)), rest
		}
		_ = app.addURLRule(nil, position{}, rule, "", nop, opts) // a refused rule is not there
	}
	return app
}

// assertMuxAgrees holds the router of app.Mux to what the app's own matcher
// says, when that is a plain hit. It reports whether it was one.
func assertMuxAgrees(t *testing.T, app *App, router *mux.Router, method, path string) bool {
	match := app.urls.Match(urlmap.Query{Path: path, Method: method})
	if match.Outcome != urlmap.Found || match.MayRedirect() || strings.HasPrefix(path, "//") || !strings.HasPrefix(path, "/") {
		return false
	}
	var found mux.RouteMatch
	r := &http.Request{Method: method, URL: &url.URL{Path: path}, Host: "example.com", Header: http.Header{}}
	require.True(t, router.Match(r, &found), "%s %q is a hit for %s, and none for mux (%v)\n%s", method, path, match.Rule, found.MatchErr, app.URLMap())
	template, err := found.Route.GetPathTemplate()
	require.NoError(t, err)
	_, pieces := match.Rule.Pieces()
	own := muxTemplate(match.Rule, pieces)
	require.Contains(t, []string{own, own + "/", strings.TrimSuffix(own, "/")}, template, "%s %q is for %s\n%s", method, path, match.Rule, app.URLMap())
	for i, v := range match.Rule.Variables() {
		assert.Equal(t, match.Values.Text(i), found.Vars[v.Name], "%s %q, rule %s, variable %s", method, path, match.Rule, v.Name)
	}
	return true
}

func TestMuxHitsWhatTheAppHits(t *testing.T) {
	app := muxApp("/\n/user/<name>\n/user/me\n/user/<int:id>\nPOST /user/<name>\n/files/<path:p>\n/files/<path:p>/edit\n/tree/<path:p>/\n" +
		"/loose/ ~\n/strict/\n/bare ~\n/<a>-<b>.json\n/x{y}/<z>\n/<float:f>\n/<uuid:u>\n/<any(about, help):page>\n/<string(length=2):lang>/home")
	router := app.Mux()
	for _, tt := range []struct {
		method, path string
		hit          bool
	}{
		{"GET", "/", true}, {"GET", "/user/ada", true}, {"GET", "/user/me", true}, {"GET", "/user/7", true},
		{"POST", "/user/7", true}, {"HEAD", "/user/me", true}, {"OPTIONS", "/user/me", true}, {"GET", "/files/a/b", true}, {"GET", "/files/a/b/edit", true},
		{"GET", "/tree/a/b/", true}, {"GET", "/tree/a//", false}, {"GET", "/loose", true}, {"GET", "/loose/", true},
		{"GET", "/strict", false}, {"GET", "/strict/", true}, {"GET", "/bare", true}, {"GET", "/bare/", true},
		{"GET", "/x-y-z.json", true}, {"GET", "/x{y}/1", true}, {"GET", "/1.5", true}, {"GET", "/about", true}, {"GET", "/de/home", true},
		{"GET", "/11111111-2222-3333-4444-555555555555", true}, {"DELETE", "/user/me", false}, {"GET", "/nope", false},
		{"GET", "/user/\x00", true}, {"GET", "/user/a\nb", true}, {"GET", "/files/a\nb", false},
	} {
		assert.Equal(t, tt.hit, assertMuxAgrees(t, app, router, tt.method, tt.path), "%s %q", tt.method, tt.path)
	}
}

func TestMuxServesThroughTheApp(t *testing.T) {
	app := New("mux")
	app.Get("/user/<int:id>")(func(c *Context, id int) any { return H{"id": id, "vars": mux.Vars(c.Request.HTTP())} })
	server := New("outside")
	server.Mount("/api", app.Mux())
	res := server.TestClient().Get("/api/user/7")
	assert.Equal(t, 200, res.Status)
	assert.JSONEq(t, `{"id": 7, "vars": {"id": "7"}}`, res.Text)
}

// FuzzMux: whatever the app's own matcher takes for a plain hit, gorilla/mux
// gives to the same rule with the same raw values.
func FuzzMux(f *testing.F) {
	for _, seed := range muxSeeds(f) {
		f.Add(seed[0], seed[1], seed[2])
	}
	f.Fuzz(func(t *testing.T, rules, method, path string) {
		if len(rules) > 2000 || len(path) > 300 || strings.Count(rules, "\n") > 30 || !validRules(rules) {
			return
		}
		app := muxApp(rules)
		assertMuxAgrees(t, app, app.Mux(), method, path)
	})
}

// validRules leaves out what gorilla/mux cannot express: a repeat of more than
// 1,000, and text that is not UTF-8.
func validRules(rules string) bool {
	for _, number := range strings.FieldsFunc(rules, func(r rune) bool { return r < '0' || r > '9' }) {
		if len(number) > 3 {
			return false
		}
	}
	return strings.ToValidUTF8(rules, "") == rules
}

// muxSeeds takes rules and paths from the recorded routing cases.
func muxSeeds(f *testing.F) [][3]string {
	data, err := os.ReadFile("tests/testdata/oracle/routing.json")
	require.NoError(f, err)
	var file struct {
		RuleSets []struct {
			Rules []struct {
				Rule    string
				Methods []string
			}
			Cases []struct {
				Method   string
				PathInfo string `json:"path_info"`
			}
		} `json:"rule_sets"`
	}
	require.NoError(f, json.Unmarshal(data, &file))
	var seeds [][3]string
	for _, set := range file.RuleSets {
		var lines []string
		for _, r := range set.Rules {
			if slices.Contains(r.Methods, "POST") {
				lines = append(lines, "POST "+r.Rule)
			} else {
				lines = append(lines, r.Rule)
			}
		}
		for i, c := range set.Cases {
			if i < 2 {
				seeds = append(seeds, [3]string{strings.Join(lines, "\n"), c.Method, c.PathInfo})
			}
		}
	}
	return seeds
}
