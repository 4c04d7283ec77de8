package retort_test

import (
	"fmt"
	"html"
	"net/http"
	"strings"
	"testing"

	"github.com/gorilla/mux"
	"github.com/stretchr/testify/assert"

	"github.com/retort-go/retort"
)

func TestURLMapPrintsATable(t *testing.T) {
	app := quiet()
	assert.Equal(t, "No routes were registered.\n", app.URLMap().String())
	app.Get("/user/<name>", retort.Endpoint("user"))(func(string) string { return "" })
	app.Post("/user/<name>", retort.Endpoint("rename"))(func(string) string { return "" })
	app.Get("/user/me", retort.Endpoint("me"))(noArguments)
	app.Get("/")(func() string { return "" })
	app.AddURLRule("/größe", "größe", noArguments)
	app.AddURLRule("/cdn/<path:file>", "cdn", nil, retort.BuildOnly())
	router := mux.NewRouter()
	router.HandleFunc("/items/{id:[0-9]+}", seen).Methods("GET", "PUT").Name("item")
	router.HandleFunc("/open", seen)
	router.PathPrefix("/sub").Subrouter().HandleFunc("/{x}", seen).Methods("GET")
	app.Mount("/legacy", router)
	app.Mount("/files", http.NotFoundHandler())
	assert.Equal(t, strings.TrimPrefix(`
Endpoint       Methods             Rule
-------------  ------------------  -------------------------
me             GET, HEAD, OPTIONS  /user/me
user           GET, HEAD, OPTIONS  /user/<name>
rename         OPTIONS, POST       /user/<name>
/              GET, HEAD, OPTIONS  /
größe          GET, HEAD, OPTIONS  /größe
cdn            GET, HEAD, OPTIONS  /cdn/<path:file>
item           GET, PUT            /legacy/items/{id:[0-9]+}
               any                 /legacy/open
               GET                 /legacy/sub/{x}
mount /files/  any                 /files/…
`, "\n"), app.URLMap().String())
}

func TestURLMapNamesTheDomains(t *testing.T) {
	sub := quiet(retort.SubdomainMatching())
	sub.Get("/", retort.Subdomain("api"), retort.Endpoint("api"))(noArguments)
	sub.Get("/", retort.Subdomain("<user>"), retort.Endpoint("home"))(func(string) string { return "" })
	sub.Get("/", retort.Endpoint("index"))(noArguments)
	assert.Equal(t, strings.TrimPrefix(`
Endpoint  Methods             Domain  Rule
--------  ------------------  ------  ----
api       GET, HEAD, OPTIONS  api     /
index     GET, HEAD, OPTIONS          /
home      GET, HEAD, OPTIONS  <user>  /
`, "\n"), sub.URLMap().String())

	host := quiet(retort.HostMatching())
	host.Get("/", retort.Host("a.test"), retort.Endpoint("a"))(noArguments)
	host.Get("/", retort.Host("b.test:8080"), retort.Endpoint("b"))(noArguments)
	assert.Equal(t, strings.TrimPrefix(`
Endpoint  Methods             Domain       Rule
--------  ------------------  -----------  ----
a         GET, HEAD, OPTIONS  a.test       /
b         GET, HEAD, OPTIONS  b.test:8080  /
`, "\n"), host.URLMap().String())
}

func TestURLMapKnowsThePlaces(t *testing.T) {
	app := quiet()
	here := below()
	app.Get("/a")(noArguments)
	list := app.URLMap()
	assert.Equal(t, retort.RouteList{{Endpoint: "noArguments", Methods: []string{"GET", "HEAD", "OPTIONS"}, Rule: "/a", Where: here}}, list)
	assert.Equal(t, list, app.URLMap(), "also after it was listed")
	app.TestClient().Get("/a")
	assert.Equal(t, list, app.URLMap(), "and after the first request")
}

// explained is an app with a rule of every kind that a search can end at.
func explained() *retort.App {
	app := quiet()
	app.Get("/u/me", retort.Endpoint("me"))(noArguments)
	app.Get("/u/<int:id>", retort.Endpoint("number"))(oneNumber)
	app.Get("/u/<name>", retort.Endpoint("user"))(func(string) string { return "" })
	app.Get("/dir/", retort.Endpoint("dir"))(noArguments)
	app.Post("/form", retort.Endpoint("form"))(noArguments)
	app.Get("/old", retort.RedirectTo("/u/me"))(nil)
	app.Get("/guarded", retort.MatchHeaders("X-Own", "1"), retort.Endpoint("guarded"))(noArguments)
	return app
}

func TestExplainAnAppWithoutRules(t *testing.T) {
	assert.Equal(t, "GET /\n  ✗ ·   there are no rules yet\n404: no rule matches\n", quiet().Explain("GET", "", "/").String())
}

func TestExplain(t *testing.T) {
	app := explained()
	for _, tt := range []struct {
		method, path, outcome, last string
	}{
		{"GET", "/u/me", "found", "found: endpoint me"},
		{"GET", "/u/7", "found", "found: endpoint number"},
		{"HEAD", "/u/ada", "found", "found: endpoint user"},
		{"GET", "//u/ada", "found", "found: endpoint user"},
		{"GET", "/u//ada", "redirected", "redirected: slashes merged, to /u/ada"},
		{"GET", "/dir", "redirected", "redirected: the last slash was missing, to /dir/"},
		{"GET", "/old", "redirected", "redirected by the rule /old"},
		{"GET", "/form", "method not allowed", "405: the path is there, with OPTIONS, POST"},
		{"GET", "/u", "not found", "404: no rule matches"},
		{"GET", "/guarded", "found", "found: endpoint guarded"},
	} {
		e := app.Explain(tt.method, "", tt.path)
		assert.Equal(t, tt.outcome, fmt.Sprint(e.Outcome), tt.path)
		lines := strings.Split(strings.TrimSpace(e.String()), "\n")
		assert.Equal(t, tt.last, lines[len(lines)-1], tt.path)
	}
	e := app.Explain("GET", "", "/u/abc")
	assert.Equal(t, strings.TrimPrefix(`
GET /u/abc
  ✓ "u"             is the next segment
  ✗   <int>         refused "abc"   weight: converters 50
  ✓   <string>      took "abc"      weight: converters 100
  ✓     /u/<name>   matches: endpoint user
  ✓ name            = "abc"
found: endpoint user
`, "\n"), e.String())
	assert.Equal(t, "/u/<name>", e.Rule.String())
}

func TestExplainLooksAtTheHost(t *testing.T) {
	app := quiet(retort.SubdomainMatching())
	app.Config.Set("SERVER_NAME", "example.com")
	app.Get("/", retort.Subdomain("<user>"), retort.Endpoint("home"))(func(string) string { return "" })
	app.Get("/", retort.Endpoint("index"))(noArguments)
	for host, want := range map[string]string{"example.com": "index", "example.com:80": "index", "ADA.example.com": "home", "other.test": "index"} {
		e := app.Explain("GET", host, "/")
		if assert.NotNil(t, e.Rule, host) {
			assert.Equal(t, want, e.Rule.Endpoint, host)
		}
	}
}

func TestTheErrorPagesExplainThemselvesInDebugMode(t *testing.T) {
	for _, tt := range []struct {
		name, method, target string
		opts                 []retort.TestOption
		status               int
		want                 []string
	}{
		{"nothing there", "GET", "/u/a/b", nil, 404, []string{"GET /u/a/b\n", `✗   <int>      refused "a"`, "404: no rule matches\n"}},
		{"a wrong method", "DELETE", "/form", nil, 405, []string{"DELETE /form\n", "✗   /form   method DELETE is not in OPTIONS, POST\n", "405: the path is there, with OPTIONS, POST\n"}},
		{"a condition that does not hold", "GET", "/guarded", nil, 404, []string{"✗   /guarded   its conditions do not hold\n", "404: no rule matches\n"}},
		{"a path with markup", "GET", "/<script>alert(1)</script>", nil, 404, []string{"GET /<script>alert(1)</script>\n"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			app := explained()
			production := app.TestClient().Open(tt.method, tt.target, tt.opts...)
			assert.Equal(t, tt.status, production.Status)
			assert.NotContains(t, production.Text, "no rule", "it shows nothing of the rules in production")
			assert.NotContains(t, production.Text, "✗")

			app = explained()
			app.Config.Set("DEBUG", true)
			res := app.TestClient().Open(tt.method, tt.target, tt.opts...)
			assert.Equal(t, tt.status, res.Status)
			for _, want := range tt.want {
				assert.Contains(t, html.UnescapeString(res.Text), want)
			}
			assert.NotContains(t, res.Text, "<script>")
		})
	}
}
