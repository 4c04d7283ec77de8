package retort_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
)

// where answers with the endpoint, its blueprints and the arguments.
func where(c *retort.Context) any {
	return fmt.Sprintf("%s %v %v", c.Request.Endpoint(), c.Request.Blueprints(), c.ViewArgs())
}

func TestBlueprintPrefixAndRule(t *testing.T) {
	for _, tt := range []struct{ prefix, rule, want string }{
		{"/foo", "", "/foo"},
		{"/foo/", "", "/foo/"},
		{"", "/", "/"},
		{"/foo", "/", "/foo/"},
		{"/foo/", "/", "/foo/"},
		{"/foo", "/bar", "/foo/bar"},
		{"/foo/", "/bar", "/foo/bar"},
		{"/foo/", "bar", "/foo/bar"},
		{"/foo/", "/bar/", "/foo/bar/"},
		{"/foo//", "//bar", "/foo/bar"},
		{"/", "/bar", "/bar"},
	} {
		app := quiet()
		bp := retort.NewBlueprint("bp", retort.URLPrefix(tt.prefix))
		bp.AddURLRule(tt.rule, "x", noArguments)
		app.RegisterBlueprint(bp)
		assert.Equal(t, tt.want, app.TestRequestContext("/").URLFor("bp.x"), "%q + %q", tt.prefix, tt.rule)
		assert.Equal(t, 200, app.TestClient().Get(tt.want).Status, "%q + %q", tt.prefix, tt.rule)
	}
}

func TestBlueprintNamesAndNesting(t *testing.T) {
	app := quiet()
	inner := retort.NewBlueprint("inner", retort.URLPrefix("/inner"))
	inner.Get("/")(where)
	outer := retort.NewBlueprint("outer", retort.URLPrefix("/outer"))
	outer.Get("/")(where)
	outer.Post("/lit")(func(c *retort.Context) any { return where(c) })
	outer.RegisterBlueprint(inner)
	outer.RegisterBlueprint(inner, retort.Name("again"), retort.URLPrefix("other"))
	app.Get("/")(where)
	app.RegisterBlueprint(outer)
	app.RegisterBlueprint(outer, retort.Name("second"), retort.URLPrefix("/second"))
	client := app.TestClient()
	for path, want := range map[string]string{
		"/":              "where [] map[]",
		"/outer/":        "outer.where [outer] map[]",
		"/outer/inner/":  "outer.inner.where [outer.inner outer] map[]",
		"/outer/other/":  "outer.again.where [outer.again outer] map[]",
		"/second/":       "second.where [second] map[]",
		"/second/inner/": "second.inner.where [second.inner second] map[]",
		"/second/other/": "second.again.where [second.again second] map[]",
	} {
		assert.Equal(t, want, client.Get(path).Text, path)
	}
	assert.Equal(t, "outer.POST /lit [outer] map[]", client.Post("/outer/lit").Text)
}

func TestBlueprintURLFor(t *testing.T) {
	app := quiet()
	urls := func(c *retort.Context) any {
		return strings.Join([]string{c.URLFor(".urls"), c.URLFor("urls"), c.URLFor("bp.urls"), c.URLFor("bp.in.urls")}, " ")
	}
	inner := retort.NewBlueprint("in", retort.URLPrefix("/in"))
	inner.AddURLRule("/", "urls", urls)
	bp := retort.NewBlueprint("bp", retort.URLPrefix("/bp"))
	bp.AddURLRule("/", "urls", urls)
	bp.RegisterBlueprint(inner)
	app.AddURLRule("/", "urls", urls)
	app.RegisterBlueprint(bp)
	client := app.TestClient()
	assert.Equal(t, "/ / /bp/ /bp/in/", client.Get("/").Text)
	assert.Equal(t, "/bp/ / /bp/ /bp/in/", client.Get("/bp/").Text)
	assert.Equal(t, "/bp/in/ / /bp/ /bp/in/", client.Get("/bp/in/").Text)
}

func TestBlueprintDefaults(t *testing.T) {
	app := quiet()
	bp := retort.NewBlueprint("bp", retort.Default("a", 1), retort.Default("b", 2))
	bp.Get("/x", retort.Default("c", 3), retort.Default("b", 4))(func(c *retort.Context, a, b, d int) any {
		return fmt.Sprint(a, b, d)
	})
	app.RegisterBlueprint(bp, retort.URLPrefix("/one"))
	app.RegisterBlueprint(bp, retort.Name("two"), retort.URLPrefix("/two"), retort.Default("a", 10))
	client := app.TestClient()
	assert.Equal(t, "1 4 3", client.Get("/one/x").Text)
	assert.Equal(t, "10 4 3", client.Get("/two/x").Text)
}

func TestBlueprintURLValues(t *testing.T) {
	lang := retort.NewKey[string]("lang")
	app := quiet()
	bp := retort.NewBlueprint("bp", retort.URLPrefix("/<lang>"))
	bp.Get("/")(func(c *retort.Context) any { return c.URLFor(".about") })
	bp.Get("/about")(func(c *retort.Context) any { return lang.Get(c) })
	bp.AddURLRule("/about", "about", nil, retort.BuildOnly())
	bp.URLValuePreprocessor(func(c *retort.Context, endpoint string, values retort.H) {
		lang.Set(c, values["lang"].(string))
		delete(values, "lang")
	}, "lang") // after the rules: a blueprint is checked when it is registered
	bp.URLDefaults(func(c *retort.Context, endpoint string, values retort.H) {
		if _, ok := values["lang"]; !ok {
			values["lang"] = lang.Get(c)
		}
	})
	app.RegisterBlueprint(bp)
	app.Get("/plain")(func(c *retort.Context) any { return c.URLFor("plain", "x", 1) })
	app.AddURLRule("/plain/build", "plain", nil, retort.BuildOnly())
	client := app.TestClient()
	assert.Equal(t, "/de/about", client.Get("/de/").Text)
	assert.Equal(t, "en", client.Get("/en/about").Text)
	assert.Equal(t, "/plain/build?x=1", client.Get("/plain").Text, "the defaults of a blueprint are for its own endpoints")
}

func TestBlueprintHooksSeeTheirOwnRequests(t *testing.T) {
	app := quiet()
	var log []string
	note := func(s string) { log = append(log, s) }
	hooks := func(name string, before func(any), after func(func(*retort.Context, *retort.Response)), teardown func(func(*retort.Context, error))) {
		before(func(*retort.Context) { note("b-" + name) })
		after(func(*retort.Context, *retort.Response) { note("a-" + name) })
		teardown(func(*retort.Context, error) { note("t-" + name) })
	}
	hooks("app", app.BeforeRequest, app.AfterRequest, app.TeardownRequest)
	outer := retort.NewBlueprint("outer", retort.URLPrefix("/outer"))
	hooks("outer", outer.BeforeRequest, outer.AfterRequest, outer.TeardownRequest)
	outer.Get("/")(func() string { note("view"); return "" })
	inner := retort.NewBlueprint("inner", retort.URLPrefix("/inner"))
	hooks("inner", inner.BeforeRequest, inner.AfterRequest, inner.TeardownRequest)
	hooks("wide", inner.BeforeAppRequest, inner.AfterAppRequest, inner.TeardownAppRequest)
	inner.Get("/")(func() string { note("view"); return "" })
	outer.RegisterBlueprint(inner)
	app.RegisterBlueprint(outer)
	app.RegisterBlueprint(outer, retort.Name("twice"), retort.URLPrefix("/twice"))
	app.Get("/")(func() string { note("view"); return "" })
	client := app.TestClient()
	for path, want := range map[string]string{
		"/":             "b-app b-wide view a-wide a-app t-wide t-app",
		"/outer/":       "b-app b-wide b-outer view a-outer a-wide a-app t-outer t-wide t-app",
		"/outer/inner/": "b-app b-wide b-outer b-inner view a-inner a-outer a-wide a-app t-inner t-outer t-wide t-app",
		"/twice/inner/": "b-app b-wide b-outer b-inner view a-inner a-outer a-wide a-app t-inner t-outer t-wide t-app",
		"/outer/nope":   "b-app b-wide a-wide a-app t-wide t-app",
	} {
		log = nil
		client.Get(path)
		assert.Equal(t, want, strings.Join(log, " "), path)
	}
}

// A typed view without a Context is called without one, unless a hook of its
// blueprint asks.
func TestBlueprintHooksSeeViewsWithoutContext(t *testing.T) {
	app := quiet()
	bp := retort.NewBlueprint("bp", retort.URLPrefix("/bp"))
	bp.BeforeRequest(func(c *retort.Context) any { return "stopped" })
	bp.Get("/")(func() string { return "view" })
	app.RegisterBlueprint(bp)
	app.Get("/")(func() string { return "view" })
	assert.Equal(t, "stopped", app.TestClient().Get("/bp/").Text)
	assert.Equal(t, "view", app.TestClient().Get("/").Text)
}

func TestBlueprintErrorHandlers(t *testing.T) {
	errMine := errors.New("mine")
	app := quiet()
	handler := func(name string) func(*retort.HTTPError) any {
		return func(e *retort.HTTPError) any { return fmt.Sprint(name, " ", e.Code) }
	}
	app.ErrorHandler(403)(handler("app"))
	app.ErrorHandler(404)(handler("app"))
	outer := retort.NewBlueprint("outer", retort.URLPrefix("/outer"))
	outer.ErrorHandler(403)(handler("outer"))
	retort.OnError(outer, func(_ *retort.Context, err error) any { return "outer error" })
	inner := retort.NewBlueprint("inner", retort.URLPrefix("/inner"))
	inner.ErrorHandler(404)(handler("inner"))
	retort.OnAppError(inner, func(_ *retort.Context, err *mine) any { return "app, by the inner one" })
	inner.AppErrorHandler(409)(handler("app, by the inner one"))
	for _, bp := range []*retort.Blueprint{outer, inner} {
		bp.Get("/abort/<int:code>")(func(code int) any { retort.Abort(code); return nil })
		bp.Get("/error")(func() error { return errMine })
	}
	outer.RegisterBlueprint(inner)
	app.RegisterBlueprint(outer)
	app.Get("/abort/<int:code>")(func(code int) any { retort.Abort(code); return nil })
	app.Get("/mine")(func() error { return &mine{} })
	client := app.TestClient()
	for path, want := range map[string]string{
		"/abort/403":             "app 403",
		"/abort/409":             "app, by the inner one 409",
		"/mine":                  "app, by the inner one",
		"/outer/abort/403":       "outer 403",
		"/outer/abort/404":       "app 404",
		"/outer/inner/abort/404": "inner 404",
		"/outer/inner/abort/403": "outer 403",
		"/outer/inner/abort/409": "app, by the inner one 409",
		"/outer/inner/error":     "outer error",
		"/outer/inner/nope":      "app 404",
	} {
		assert.Equal(t, want, client.Get(path).Text, path)
	}
}

type mine struct{}

func (*mine) Error() string { return "mine" }

func TestHandleRoutingErrors(t *testing.T) {
	app := quiet(retort.SubdomainMatching())
	app.Config.Set("SERVER_NAME", "a.test")
	owner := func(name string, opts ...retort.BlueprintOption) *retort.Blueprint {
		bp := retort.NewBlueprint(name, append(opts, retort.HandleRoutingErrors())...)
		bp.Get("/here")(where)
		for _, code := range []int{404, 405} {
			bp.ErrorHandler(code)(func(e *retort.HTTPError) (string, int) { return name, e.Code })
		}
		return bp
	}
	api := owner("api", retort.URLPrefix("/api"))
	api.BeforeRequest(func(*retort.Context) any { return "a hook of the blueprint must not run" })
	api.RegisterBlueprint(owner("v2", retort.URLPrefix("/v2/")))
	app.RegisterBlueprint(api)
	localized := owner("lang", retort.URLPrefix("/<int:n>/x"))
	localized.URLValuePreprocessor(func(*retort.Context, string, retort.H) {}, "n")
	app.RegisterBlueprint(localized)
	app.RegisterBlueprint(owner("sub", retort.Subdomain("sub")))
	app.RegisterBlueprint(retort.NewBlueprint("plain", retort.URLPrefix("/plain")))
	app.ErrorHandler(404)(func(e *retort.HTTPError) (string, int) { return "app", e.Code })
	client := app.TestClient()
	for _, tt := range []struct {
		method, url, want string
		status            int
	}{
		{"GET", "/api/nope", "api", 404},
		{"GET", "/api/", "api", 404},
		{"GET", "/api", "api", 404},
		{"GET", "/api//nope/", "api", 404},
		{"GET", "/apiary", "app", 404},
		{"GET", "/nope", "app", 404},
		{"POST", "/api/here", "api", 405},
		{"GET", "/api/v2/nope", "v2", 404},
		{"GET", "/api/v2", "v2", 404},
		{"DELETE", "/api/v2/here", "v2", 405},
		{"GET", "/7/x/nope/nope", "lang", 404},
		{"GET", "/seven/x/nope", "app", 404},
		{"GET", "/plain/nope", "app", 404},
		{"GET", "http://sub.a.test/nope", "sub", 404},
	} {
		res := client.Open(tt.method, tt.url)
		assert.Equal(t, tt.want, res.Text, tt.url)
		assert.Equal(t, tt.status, res.Status, tt.url)
	}
}

func TestBlueprintStaticFiles(t *testing.T) {
	app := quiet()
	files := fstest.MapFS{"assets/a.txt": {Data: []byte("blueprint")}}
	bp := retort.NewBlueprint("bp", retort.URLPrefix("/bp"), retort.Files(files), retort.StaticFolder("assets"))
	bp.SendFileMaxAge(func(name string) time.Duration { return 100 * time.Second })
	app.RegisterBlueprint(bp)
	app.RegisterBlueprint(bp, retort.Name("again"), retort.URLPrefix("/again"))
	other := retort.NewBlueprint("other", retort.URLPrefix("/other"), retort.Files(files), retort.StaticFolder("assets"), retort.StaticURLPath("/st"))
	app.RegisterBlueprint(other)
	client := app.TestClient()
	res := client.Get("/bp/assets/a.txt")
	assert.Equal(t, "blueprint", res.Text)
	assert.Equal(t, "public, max-age=100", res.Header.Get("Cache-Control"))
	assert.Equal(t, "blueprint", client.Get("/again/assets/a.txt").Text)
	res = client.Get("/other/st/a.txt")
	assert.Equal(t, "blueprint", res.Text)
	assert.Equal(t, "no-cache", res.Header.Get("Cache-Control"))
	assert.Equal(t, "/bp/assets/a.txt", app.TestRequestContext("/").URLFor("bp.static", "filename", "a.txt"))
}

func TestTheRootPathOfABlueprint(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "pub"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "pub", "x.txt"), []byte("x"), 0o644))
	app := quiet()
	app.RegisterBlueprint(retort.NewBlueprint("bp", retort.RootPath(dir), retort.StaticFolder("pub")))
	assert.Equal(t, "x", app.TestClient().Get("/pub/x.txt").Text)
}

func TestBlueprintRecord(t *testing.T) {
	app := quiet()
	var log []string
	bp := retort.NewBlueprint("bp", retort.URLPrefix("/bp"), retort.Subdomain("s"))
	bp.Record(func(s *retort.SetupState) {
		log = append(log, fmt.Sprintf("%s %s %s %t %t %t", s.Name, s.URLPrefix, s.Subdomain, s.FirstRegistration, s.App == app, s.Blueprint == bp))
		s.AddURLRule("/recorded", "recorded", noArguments)
	})
	bp.RecordOnce(func(s *retort.SetupState) { log = append(log, "once") })
	app.RegisterBlueprint(bp)
	app.RegisterBlueprint(bp, retort.Name("two"), retort.URLPrefix("/two"))
	assert.Equal(t, []string{"bp /bp s true true true", "once", "two /two s false true true"}, log)
	assert.Equal(t, "http://s.localhost/two/recorded", app.TestRequestContext("/").URLFor("two.recorded"))
}

func TestBlueprintSubdomains(t *testing.T) {
	app := quiet(retort.SubdomainMatching())
	app.Config.Set("SERVER_NAME", "a.test")
	inner := retort.NewBlueprint("inner", retort.Subdomain("in"))
	inner.Get("/")(where)
	without := retort.NewBlueprint("without", retort.URLPrefix("/w"))
	without.Get("/")(where)
	outer := retort.NewBlueprint("outer", retort.Subdomain("out"))
	outer.RegisterBlueprint(inner)
	outer.RegisterBlueprint(without)
	app.RegisterBlueprint(outer)
	app.RegisterBlueprint(outer, retort.Name("other"), retort.Subdomain("other"))
	client := app.TestClient()
	for url, want := range map[string]string{
		"http://in.out.a.test/":   "outer.inner.where [outer.inner outer] map[]",
		"http://out.a.test/w/":    "outer.without.where [outer.without outer] map[]",
		"http://in.other.a.test/": "other.inner.where [other.inner other] map[]",
	} {
		assert.Equal(t, want, client.Get(url).Text, url)
	}
}

func TestBlueprintMistakes(t *testing.T) {
	blueprint := func(opts ...retort.BlueprintOption) *retort.Blueprint { return retort.NewBlueprint("bp", opts...) }
	first, x := blueprint(), retort.URLPrefix("/<x>")
	filesAt := below()
	files := func(name string) *retort.Blueprint { return retort.NewBlueprint(name, retort.StaticFolder("static")) }
	outer, inner := blueprint(), retort.NewBlueprint("in")
	outer.RegisterBlueprint(inner)
	for _, tt := range []struct {
		name, at string
		do       func()
		want     string
	}{
		{"no name", here(), func() { retort.NewBlueprint("") },
			`retort: HERE: "" is no name for a blueprint: it must not be empty and not hold a dot, which stands between blueprint and endpoint`},
		{"a dot in the name", here(), func() { retort.NewBlueprint("a.b") },
			`retort: HERE: "a.b" is no name for a blueprint: it must not be empty and not hold a dot, which stands between blueprint and endpoint`},
		{"a dot in the name of a registration", here(), func() { quiet().RegisterBlueprint(first, retort.Name("a.b")) },
			`retort: HERE: "a.b" is no name for a blueprint: it must not be empty and not hold a dot, which stands between blueprint and endpoint`},
		{"a dot in an endpoint", here(), func() { blueprint().AddURLRule("/", "bp.index", noArguments) },
			`retort: HERE: the endpoint "bp.index" in the blueprint "bp" holds a dot; the name of the blueprint is put before it anyway: "index" is enough`},
		{"no blueprint", here(), func() { quiet().RegisterBlueprint(nil) },
			`retort: HERE: RegisterBlueprint takes a blueprint, not nil`},
		{"itself", here(), func() { first.RegisterBlueprint(first) },
			`retort: HERE: the blueprint "bp" cannot be registered with itself`},
		{"itself within another one", here(), func() { inner.RegisterBlueprint(outer); quiet().RegisterBlueprint(outer) },
			`retort: HERE: the blueprint "bp" is registered within itself, as "bp.in.bp", so there is no end; leave this RegisterBlueprint out`},
		{"the same twice", here(), func() { app := quiet(); app.RegisterBlueprint(first); app.RegisterBlueprint(first) },
			`retort: HERE: the name "bp" is that of this blueprint already, registered at HERE; register it under a name of its own with retort.Name`},
		{"two of a name", here(), func() { app := quiet(); app.RegisterBlueprint(first); app.RegisterBlueprint(blueprint()) },
			`retort: HERE: the name "bp" is that of another blueprint already, registered at HERE; register it under a name of its own with retort.Name`},
		{"a rule after the registration", here(), func() { bp := blueprint(); quiet().RegisterBlueprint(bp); bp.Get("/")(noArguments) },
			`retort: registering a route can no longer be called on the blueprint "bp": it has been registered, and what is added now would be missing there; move the call before RegisterBlueprint`},
		{"static files under one path", here(), func() { app := quiet(); app.RegisterBlueprint(files("one")); app.RegisterBlueprint(files("two")) },
			`retort: the static files of the blueprint "two": url rule "/static/<path:filename>" [GET, HEAD, OPTIONS] (FILES) is never reached: "/static/<path:filename>" [GET, HEAD, OPTIONS] (FILES) is the same rule and came first; ` +
				`give them different methods, or remove one; give the blueprint a URLPrefix, or its files a StaticURLPath`},
		{"a host in an app that looks at none", here(), func() { quiet().Get("/x", retort.Host("a.test"))(noArguments) },
			`retort: HERE: the rule "/x" is for the host "a.test", but the app does not look at hosts, and would answer for every one; make it with retort.New(name, retort.HostMatching())`},
		{"no view", here(), func() { blueprint().Get("/")(1) },
			`retort: HERE: rule "/": a view is a function, an http.Handler or a gateway.App, not of type int`},
		{"a view that does not fit the prefix", here(), func() { bp := blueprint(x); bp.Get("/y")(noArguments); quiet().RegisterBlueprint(bp) },
			`retort: the rule "/<x>/y" (HERE, with the prefix "/<x>" of the blueprint "bp", registered at HERE) and its view noArguments (` + placeOf(noArguments) + `) do not fit: the rule gives x (string), but the view takes none; the view is of type func() string; make it func(x string), or change the rule`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, strings.NewReplacer("HERE", tt.at, "FILES", filesAt).Replace(tt.want), panicOf(t, tt.do))
		})
	}
}
