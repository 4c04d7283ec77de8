package tests

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
)

// silentApp makes an app that logs nowhere.
func silentApp(opts ...retort.Option) *retort.App {
	app := retort.New("behaviour", opts...)
	app.Logger = slog.New(slog.NewTextHandler(io.Discard, nil))
	return app
}

// methodOf answers with the method of the request.
func methodOf(c *retort.Context) string { return c.Request.Method() }

// allowOf gives the sorted methods of the Allow field.
func allowOf(res *retort.TestResponse) []string {
	allow := strings.Split(res.Header.Get("Allow"), ", ")
	slices.Sort(allow)
	return allow
}

// panicText runs f and gives what it panicked with, as text.
func panicText(t *testing.T, f func()) (text string) {
	t.Helper()
	defer func() {
		v := recover()
		require.NotNil(t, v, "no panic")
		text = fmt.Sprint(v)
	}()
	f()
	return ""
}

func TestTheAutomaticOPTIONSListsTheMethodsOfAllRulesOfItsPath(t *testing.T) {
	app := silentApp()
	app.Route("/", retort.Methods("GET", "POST"), retort.Endpoint("index"))(methodOf)
	app.Route("/", retort.Methods("PUT"), retort.Endpoint("put"))(methodOf)
	client := app.TestClient()
	res := client.Options("/")
	assert.Equal(t, 200, res.Status)
	assert.Empty(t, res.Text)
	assert.Equal(t, []string{"GET", "HEAD", "OPTIONS", "POST", "PUT"}, allowOf(res))
	res = client.Delete("/")
	assert.Equal(t, 405, res.Status)
	assert.Equal(t, []string{"GET", "HEAD", "OPTIONS", "POST", "PUT"}, allowOf(res))
	assert.Equal(t, "PUT", client.Put("/").Text)
	head := client.Head("/")
	assert.Equal(t, 200, head.Status)
	assert.Empty(t, head.Text)
}

func TestOPTIONSIsTheViewsWhenTheRuleNamesIt(t *testing.T) {
	for _, spelling := range []string{"OPTIONS", "options"} {
		t.Run(spelling, func(t *testing.T) {
			app := silentApp()
			app.Route("/", retort.Methods(spelling))(func() (string, http.Header) {
				return "mine", http.Header{"X-Test": {"test"}}
			})
			res := app.TestClient().Options("/")
			assert.Equal(t, "test", res.Header.Get("X-Test"))
			assert.Equal(t, "mine", res.Text)
			assert.Equal(t, []string{"OPTIONS"}, allowOf(app.TestClient().Get("/")))
		})
	}
}

func TestAutomaticOPTIONSIsAMatterOfTheRuleAndTheConfiguration(t *testing.T) {
	cases := []struct {
		name   string
		config any
		opts   []retort.RouteOption
		status int
	}{
		{"by default it is on", nil, nil, 200},
		{"the rule turns it off", nil, []retort.RouteOption{retort.ProvideAutomaticOptions(false)}, 405},
		{"the configuration turns it off", false, nil, 405},
		{"the rule turns it on against the configuration", false, []retort.RouteOption{retort.ProvideAutomaticOptions(true)}, 200},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			app := silentApp()
			if c.config != nil {
				app.Config.Set("PROVIDE_AUTOMATIC_OPTIONS", c.config)
			}
			app.Get("/", c.opts...)(methodOf)
			res := app.TestClient().Options("/")
			assert.Equal(t, c.status, res.Status)
			if c.status == 200 {
				assert.Equal(t, []string{"GET", "HEAD", "OPTIONS"}, allowOf(res))
			}
		})
	}
}

func TestEachMethodHasADecoratorOfItsOwn(t *testing.T) {
	app := silentApp()
	app.Get("/", retort.Endpoint("get"))(methodOf)
	app.Post("/", retort.Endpoint("post"))(methodOf)
	app.Put("/", retort.Endpoint("put"))(methodOf)
	app.Patch("/", retort.Endpoint("patch"))(methodOf)
	app.Delete("/", retort.Endpoint("delete"))(methodOf)
	for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
		assert.Equal(t, method, app.TestClient().Open(method, "/").Text)
	}
}

func TestARuleOfOneMethodTakesNoOtherMethods(t *testing.T) {
	text := panicText(t, func() { silentApp().Get("/", retort.Methods("GET", "POST"))(methodOf) })
	assert.Contains(t, text, "Methods")
}

func TestOneViewAnswersSeveralRules(t *testing.T) {
	app := silentApp()
	index := func(test string) string { return test }
	app.Get("/", retort.Default("test", "a"), retort.Endpoint("index"))(app.Get("/<test>/", retort.Endpoint("index"))(index))
	client := app.TestClient()
	assert.Equal(t, "a", client.Get("/").Text)
	assert.Equal(t, "b", client.Get("/b/").Text)
	assert.Equal(t, "/", app.TestRequestContext("/").URLFor("index"))
	assert.Equal(t, "/b/", app.TestRequestContext("/").URLFor("index", "test", "b"))
}

type greeter struct{ word string }

func (g *greeter) greet(name string) string { return g.word + " " + name }

func TestAMethodOfAValueAnswersSeveralRules(t *testing.T) {
	app := silentApp()
	g := &greeter{"hi"}
	app.AddURLRule("/", "greet", g.greet, retort.Default("name", "all"))
	app.AddURLRule("/<name>/", "greet", g.greet)
	assert.Equal(t, "hi all", app.TestClient().Get("/").Text)
	assert.Equal(t, "hi you", app.TestClient().Get("/you/").Text)
}

func TestARuleInAnyScript(t *testing.T) {
	app := silentApp()
	app.Get("/киртест", retort.Endpoint("index"))(func() string { return "hello" })
	assert.Equal(t, "hello", app.TestClient().Get("/киртест").Text)
	assert.Equal(t, "hello", app.TestClient().Get("/%D0%BA%D0%B8%D1%80%D1%82%D0%B5%D1%81%D1%82").Text)
	assert.Equal(t, "/%D0%BA%D0%B8%D1%80%D1%82%D0%B5%D1%81%D1%82", app.TestRequestContext("/").URLFor("index"))
}

func TestTheEndpointIsThatOfTheDecorator(t *testing.T) {
	app := silentApp()
	app.Get("/foo/", retort.Endpoint("foo"))(endpointOf)
	app.Get("/bar/", retort.Endpoint("bar"))(endpointOf)
	app.Get("/bar/123", retort.Endpoint("123"))(endpointOf)
	app.Get("/own/")(endpointOf)
	c := app.TestRequestContext("/")
	for endpoint, path := range map[string]string{"foo": "/foo/", "bar": "/bar/", "123": "/bar/123", "endpointOf": "/own/"} {
		assert.Equal(t, path, c.URLFor(endpoint))
		assert.Equal(t, endpoint, app.TestClient().Get(path).Text)
	}
}

func endpointOf(c *retort.Context) string { return c.Request.Endpoint() }

func TestTheRedirectToTheSlashKeepsMethodAndBody(t *testing.T) {
	app := silentApp()
	app.Config.Set("DEBUG", true)
	app.Route("/user/", retort.Methods("GET", "POST"))(func(c *retort.Context) string {
		return c.Request.Form().Get("status")
	})
	res := app.TestClient().Post("/user", retort.FormData{"status": "success"}, retort.FollowRedirects())
	assert.Equal(t, "success", res.Text)
	require.Len(t, res.History, 1)
	assert.Equal(t, 308, res.History[0].Status)
}

func TestTheServerNameChoosesTheRule(t *testing.T) {
	index := func(name string) string { return name }
	cases := []struct {
		name                   string
		opts                   []retort.Option
		own, subdomain, others string
	}{
		{"without matching every host is one", nil, "default", "default", "default"},
		{"subdomains below the server name", []retort.Option{retort.SubdomainMatching()}, "default", "abc", "default"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			app := silentApp(c.opts...)
			app.Config.Set("SERVER_NAME", "example.test")
			app.Get("/", retort.Default("name", "default"), retort.Endpoint("index"))(index)
			if c.opts != nil {
				app.Get("/", retort.Subdomain("<name>"), retort.Endpoint("index"))(index)
			}
			client := app.TestClient()
			assert.Equal(t, c.own, client.Get("http://example.test/").Text)
			assert.Equal(t, c.subdomain, client.Get("http://abc.example.test/").Text)
			assert.Equal(t, c.others, client.Get("http://xyz.other.test/").Text)
		})
	}
	t.Run("whole hosts", func(t *testing.T) {
		app := silentApp(retort.HostMatching())
		app.Config.Set("SERVER_NAME", "example.test")
		app.Get("/", retort.Default("name", "default"), retort.Host("<any>.other.test"), retort.Endpoint("other"))(func(any, name string) string { return any + name })
		app.Get("/", retort.Host("<name>.example.test"), retort.Endpoint("index"))(index)
		client := app.TestClient()
		assert.Equal(t, "abc", client.Get("http://abc.example.test/").Text)
		assert.Equal(t, "xyzdefault", client.Get("http://xyz.other.test/").Text)
		assert.Equal(t, 404, client.Get("http://example.test/").Status)
	})
}

func TestThePortOfTheServerNameDoesNotChooseTheRule(t *testing.T) {
	for _, server := range []string{"dev.local", "dev.local:5000", "dev.local:443", "localhost.localdomain:3000"} {
		t.Run(server, func(t *testing.T) {
			app := silentApp(retort.SubdomainMatching())
			app.Config.Set("SERVER_NAME", server)
			app.Get("/", retort.Endpoint("index"))(func() string { return "default" })
			app.Get("/", retort.Subdomain("foo"), retort.Endpoint("foo"))(func() string { return "subdomain" })
			app.Get("/who", retort.Subdomain("<user>"), retort.Endpoint("who"))(func(user string) string { return user })
			client := app.TestClient()
			assert.Equal(t, "default", client.Get("/").Text)
			assert.Equal(t, "default", client.Get("http://"+server+"/").Text)
			assert.Equal(t, "default", client.Get("https://"+server+"/").Text)
			assert.Equal(t, "subdomain", client.Get("http://foo."+server+"/").Text)
			assert.Equal(t, "mitsuhiko", client.Get("http://mitsuhiko."+server+"/who").Text)
			assert.Equal(t, "default", client.Get("http://127.0.0.1:3000/").Text)
			assert.Equal(t, 404, client.Get("http://www."+server+"/").Status)
		})
	}
}

func TestWithoutSubdomainMatchingEverySubdomainIsServed(t *testing.T) {
	app := silentApp()
	app.Config.Set("SERVER_NAME", "localhost.localdomain:3000")
	app.Get("/")(func() (any, int) { return "", 204 })
	for _, host := range []string{"127.0.0.1:3000", "www.localhost.localdomain:3000", "localhost.localdomain:3000"} {
		assert.Equal(t, 204, app.TestClient().Get("http://"+host+"/").Status, host)
	}
}

func TestSetupEndsWithTheFirstRequest(t *testing.T) {
	app := silentApp()
	app.Get("/")(func() string { return "awesome" })
	assert.Equal(t, "awesome", app.TestClient().Get("/").Text)
	late := map[string]func(){
		"AddURLRule":        func() { app.AddURLRule("/foo", "late", methodOf) },
		"Get":               func() { app.Get("/foo")(methodOf) },
		"BeforeRequest":     func() { app.BeforeRequest(func(*retort.Context) {}) },
		"ErrorHandler":      func() { app.ErrorHandler(404) },
		"RegisterBlueprint": func() { app.RegisterBlueprint(retort.NewBlueprint("late")) },
		"AddConverter":      func() { app.AddConverter("late", nil) },
	}
	for name, register := range late {
		t.Run(name, func(t *testing.T) {
			text := panicText(t, register)
			assert.Contains(t, text, "retort: ")
			assert.Contains(t, text, "first request")
		})
	}
}

func TestAConverterOfOnesOwnReadsAndWritesLists(t *testing.T) {
	app := silentApp()
	list := retort.NewConverter(`[^/]+`,
		func(s string) ([]string, error) { return strings.Split(s, ","), nil },
		func(v []string) (string, error) { return strings.Join(v, ","), nil })
	app.AddConverter("list", list)
	app.Get("/<list:args>", retort.Endpoint("index"))(func(args []string) string { return strings.Join(args, "|") })
	assert.Equal(t, "1|2|3", app.TestClient().Get("/1,2,3").Text)
	assert.Equal(t, "/4,5,6", app.TestRequestContext("/").URLFor("index", "args", []string{"4", "5", "6"}))
}
