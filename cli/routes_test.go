package cli_test

import (
	"strings"
	"testing"

	"github.com/gorilla/mux"
	"github.com/stretchr/testify/assert"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/cli"
)

func nothing() string { return "" }

// routesApp is that of Flask's TestRoutes.
func routesApp() *retort.App {
	app := newApp()
	app.AddURLRule("/static/<path:filename>", "static", func(string) string { return "" })
	app.AddURLRule("/get_post/<int:x>/<int:y>", "yyy_get_post", func(int, int) string { return "" }, retort.Methods("GET", "POST"))
	app.AddURLRule("/zzz_post", "aaa_post", nothing, retort.Methods("POST"))
	return app
}

// endpoints are the words of the first column.
func endpoints(table string) string {
	var names []string
	for line := range strings.Lines(table) {
		names = append(names, strings.Fields(line)[0])
	}
	return strings.Join(names[2:], " ")
}

func TestRoutes(t *testing.T) {
	const want = `Endpoint      Methods    Rule
------------  ---------  -------------------------
aaa_post      POST       /zzz_post
static        GET        /static/<path:filename>
yyy_get_post  GET, POST  /get_post/<int:x>/<int:y>
`
	assert.Equal(t, out(want), cli.Invoke(routesApp(), "routes"))
}

func TestTheOrderOfRoutes(t *testing.T) {
	for order, want := range map[string]string{
		"endpoint": "aaa_post static yyy_get_post",
		"methods":  "static yyy_get_post aaa_post",
		"rule":     "yyy_get_post static aaa_post",
		"match":    "static yyy_get_post aaa_post",
		"domain":   "static yyy_get_post aaa_post", // no rule has one: as match
	} {
		for _, words := range [][]string{{"routes", "-s", order}, {"routes", "--sort=" + order}} {
			assert.Equal(t, want, endpoints(cli.Invoke(routesApp(), words...).Stdout), order)
		}
	}
	assert.Equal(t, failed(2, `shop routes: --sort takes one of endpoint, methods, domain, rule, match, not "rules"; did you mean rule?`),
		cli.Invoke(routesApp(), "routes", "--sort", "rules"))
}

func TestAllMethods(t *testing.T) {
	assert.NotContains(t, cli.Invoke(routesApp(), "routes").Stdout, "GET, HEAD, OPTIONS, POST")
	assert.Contains(t, cli.Invoke(routesApp(), "routes", "--all-methods").Stdout, "GET, HEAD, OPTIONS, POST")
}

func TestNoRoutes(t *testing.T) {
	assert.Equal(t, out("No routes were registered.\n"), cli.Invoke(newApp(), "routes"))
}

func TestRoutesLineUpOnTheTerminal(t *testing.T) {
	app := newApp()
	app.AddURLRule("/a", "日本", nothing)
	app.AddURLRule("/b", "gro\u0308ße", nothing)
	app.AddURLRule("/c", "bell\a", nothing)
	assert.Equal(t, out("Endpoint  Methods  Rule\n--------  -------  ----\nbell\\x07  GET      /c\ngro\u0308ße     GET      /b\n日本      GET      /a\n"), cli.Invoke(app, "routes"))
}

func TestRoutesWithASubdomain(t *testing.T) {
	app := newApp()
	app.AddURLRule("/a", "a", nothing, retort.Subdomain("b"))
	app.AddURLRule("/b", "b", nothing, retort.Subdomain("a"))
	app.AddURLRule("/c", "c", nothing)
	assert.Equal(t, out("Endpoint  Methods  Subdomain  Rule\n--------  -------  ---------  ----\na         GET      b          /a\nb         GET      a          /b\nc         GET                 /c\n"),
		cli.Invoke(app, "routes"))
	assert.Equal(t, "c b a", endpoints(cli.Invoke(app, "routes", "--sort", "domain").Stdout))
}

func TestRoutesWithAHost(t *testing.T) {
	app := newApp(retort.HostMatching())
	app.AddURLRule("/a", "a", nothing, retort.Host("a"))
	assert.Equal(t, out("Endpoint  Methods  Host  Rule\n--------  -------  ----  ----\na         GET      a     /a\n"), cli.Invoke(app, "routes"))
}

func TestRoutesOfAMount(t *testing.T) {
	app := newApp()
	old := mux.NewRouter()
	old.HandleFunc("/x", nil).Name("old").Methods("GET")
	old.HandleFunc("/y", nil)
	app.Mount("/legacy", old)
	table := cli.Invoke(app, "routes").Stdout
	assert.Contains(t, table, "old       GET      /legacy/x\n")
	assert.Contains(t, table, "          any      /legacy/y\n")
}

func TestMatch(t *testing.T) {
	app := routesApp()
	const found = `GET /get_post/1/2
`
	for _, tt := range []struct {
		name   string
		words  []string
		code   int
		prefix string
		suffix string
	}{
		{"a rule", []string{"GET", "/get_post/1/2"}, 0, found, "found: endpoint yyy_get_post\n"},
		{"a method in small letters", []string{"get", "/get_post/1/2"}, 0, found, "found: endpoint yyy_get_post\n"},
		{"a whole URL", []string{"GET", "http://x/get_post/1/2?a=b"}, 0, found, "found: endpoint yyy_get_post\n"},
		{"an escaped path", []string{"GET", "/static/a%20b"}, 0, "GET /static/a b\n", "found: endpoint static\n"},
		{"no rule", []string{"GET", "/nope"}, 1, "GET /nope\n", "404: no rule matches\n"},
		{"another method", []string{"DELETE", "/zzz_post"}, 1, "DELETE /zzz_post\n", "405: the path is there, with OPTIONS, POST\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			res := cli.Invoke(app, append([]string{"routes", "--match"}, tt.words...)...)
			assert.Equal(t, tt.code, res.ExitCode)
			assert.Empty(t, res.Stderr)
			assert.True(t, strings.HasPrefix(res.Stdout, tt.prefix), res.Stdout)
			assert.True(t, strings.HasSuffix(res.Stdout, tt.suffix), res.Stdout)
		})
	}
	assert.Equal(t, failed(2, `shop routes: --match: "nope" is no path and no URL: a path begins with a slash; see shop routes --help`), cli.Invoke(app, "routes", "-m", "GET", "nope"))
	assert.Equal(t, failed(2, `shop routes: --match explains one request, a METHOD and a PATH; see shop routes --help`), cli.Invoke(app, "routes", "-m", "GET", "/", "-m", "GET", "/"))
	assert.Equal(t, failed(2, `shop routes: -m needs a value: -m METHOD PATH; see shop routes --help`), cli.Invoke(app, "routes", "-m", "GET"))
}
