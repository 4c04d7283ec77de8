package tests

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
)

// noting appends to a log in the order of the calls.
type noting struct{ calls []string }

func (n *noting) note(what ...any) { n.calls = append(n.calls, fmt.Sprint(what...)) }

func TestHooksRunAroundTheViewInTheirOrder(t *testing.T) {
	app, n := silentApp(), &noting{}
	for _, i := range []int{1, 2} {
		app.BeforeRequest(func(*retort.Context) { n.note("before ", i) })
		app.AfterRequest(func(*retort.Context, *retort.Response) { n.note("after ", i) })
		app.TeardownRequest(func(*retort.Context, error) { n.note("teardown ", i) })
		app.TeardownAppContext(func(*retort.Context, error) { n.note("app ", i) })
	}
	app.Get("/")(func() string { n.note("view"); return "42" })
	assert.Equal(t, "42", app.TestClient().Get("/").Text)
	assert.Equal(t, []string{"before 1", "before 2", "view", "after 2", "after 1", "teardown 2", "teardown 1", "app 2", "app 1"}, n.calls)
}

func TestAnAnswerOfBeforeRequestEndsTheSearchForOne(t *testing.T) {
	app, n := silentApp(), &noting{}
	app.BeforeRequest(func(*retort.Context) any { n.note(1); return nil })
	app.BeforeRequest(func(*retort.Context) any { n.note(2); return "hello" })
	app.BeforeRequest(func(*retort.Context) any { n.note(3); return "bye" })
	app.AfterRequest(func(*retort.Context, *retort.Response) { n.note("after") })
	app.Get("/")(func() string { n.note("view"); return "view" })
	assert.Equal(t, "hello", app.TestClient().Get("/").Text)
	assert.Equal(t, []string{"1", "2", "after"}, n.calls)
}

func TestAfterRequestMayChangeTheBody(t *testing.T) {
	app := silentApp()
	app.AfterRequest(func(_ *retort.Context, res *retort.Response) {
		data, err := res.Data()
		require.NoError(t, err)
		res.SetData(append(data, "|after"...))
	})
	app.Get("/")(func() string { return "request" })
	assert.Equal(t, "request|after", app.TestClient().Get("/").Text)
}

func TestAfterThisRequestIsForOneRequest(t *testing.T) {
	app := silentApp()
	app.Get("/")(func(c *retort.Context) string {
		c.AfterThisRequest(func(res *retort.Response) { res.Header.Set("X-Foo", "a header") })
		return "test"
	})
	app.Get("/other")(func() string { return "other" })
	client := app.TestClient()
	assert.Equal(t, "a header", client.Get("/").Header.Get("X-Foo"))
	assert.Empty(t, client.Get("/other").Header.Get("X-Foo"))
}

func TestEveryTeardownGetsTheErrorThatNobodyAnswered(t *testing.T) {
	cause := errors.New("division by zero")
	app, n := silentApp(), &noting{}
	for range 2 {
		app.TeardownRequest(func(_ *retort.Context, err error) {
			n.note(err)
			_ = errors.New("an error of its own changes nothing")
		})
	}
	app.TeardownAppContext(func(_ *retort.Context, err error) { n.note("app ", err) })
	app.Get("/")(func() error { return cause })
	res := app.TestClient().Get("/")
	assert.Equal(t, 500, res.Status)
	assert.Contains(t, res.Text, "Internal Server Error")
	assert.Equal(t, []string{"division by zero", "division by zero", "app division by zero"}, n.calls)
}

func TestTeardownOfAnErrorThatWasAnswered(t *testing.T) {
	app, n := silentApp(), &noting{}
	app.TeardownRequest(func(_ *retort.Context, err error) { n.note("request ", err) })
	app.TeardownAppContext(func(_ *retort.Context, err error) { n.note("app ", err) })
	retort.OnError(app, func(_ *retort.Context, err error) any { return retort.H{"error": err.Error()} })
	app.Config.Set("PROPAGATE_EXCEPTIONS", true)
	app.Get("/")(func() error { return errors.New("dummy") })
	assert.Equal(t, 200, app.TestClient().Get("/").Status)
	assert.Equal(t, []string{"request <nil>", "app <nil>"}, n.calls)
}

func TestTeardownOfAnErrorThatLeaves(t *testing.T) {
	cause := errors.New("dummy")
	app, n := silentApp(), &noting{}
	var seen error
	app.TeardownAppContext(func(_ *retort.Context, err error) { n.note(err); seen = err })
	app.Config.Set("PROPAGATE_EXCEPTIONS", true)
	app.Get("/")(func() error { return cause })
	assert.PanicsWithValue(t, cause, func() { app.TestClient().Get("/") })
	assert.Equal(t, []string{"dummy"}, n.calls)
	assert.Same(t, cause, seen)
}

func TestATeardownThatPanicsStopsNoOther(t *testing.T) {
	var log strings.Builder
	app, n := silentApp(), &noting{}
	app.Logger = slogTo(&log)
	app.TeardownRequest(func(*retort.Context, error) { n.note("request 1"); panic("request teardown fails") })
	app.TeardownRequest(func(*retort.Context, error) { n.note("request 2"); panic("so does this") })
	app.TeardownAppContext(func(*retort.Context, error) { n.note("app 1") })
	app.TeardownAppContext(func(*retort.Context, error) { n.note("app 2"); panic("app teardown fails") })
	app.Get("/")(func() string { return "" })
	assert.Equal(t, 200, app.TestClient().Get("/").Status)
	assert.Equal(t, []string{"request 2", "request 1", "app 2", "app 1"}, n.calls)
	for _, text := range []string{"request teardown fails", "so does this", "app teardown fails"} {
		assert.Contains(t, log.String(), text)
	}
}

func TestURLValuePreprocessorsAndDefaultsCarryALanguage(t *testing.T) {
	app := silentApp()
	lang := retort.NewKey[string]("lang")
	app.URLDefaults(func(c *retort.Context, endpoint string, values retort.H) {
		if _, given := values["lang_code"]; !given && endpoint != "something_else" && lang.Get(c) != "" {
			values["lang_code"] = lang.Get(c)
		}
	})
	app.URLValuePreprocessor(func(c *retort.Context, _ string, values retort.H) {
		if code, ok := values["lang_code"].(string); ok {
			lang.Set(c, code)
			delete(values, "lang_code")
		}
	}, "lang_code")
	app.Get("/<lang_code>/", retort.Endpoint("index"))(func(c *retort.Context) string { return c.URLFor("about") })
	app.Get("/<lang_code>/about", retort.Endpoint("about"))(func(c *retort.Context) string { return c.URLFor("something_else") })
	app.Get("/foo", retort.Endpoint("something_else"))(func(c *retort.Context) string { return c.URLFor("about", "lang_code", "en") })
	expectTexts(t, app, map[string]string{"/de/": "/de/about", "/de/about": "/foo", "/foo": "/en/about"})
}

func TestGHoldsValuesByName(t *testing.T) {
	app := silentApp()
	g := app.TestRequestContext("/").G()
	assert.Nil(t, g.Get("x"))
	_, ok := g.Lookup("x")
	assert.False(t, ok)
	g.Set("x", 42)
	assert.Equal(t, 42, g.Get("x"))
	assert.Equal(t, "the first", g.SetDefault("bar", "the first"))
	assert.Equal(t, "the first", g.SetDefault("bar", "the second"))
	assert.Equal(t, []string{"bar", "x"}, g.Names())
	assert.Equal(t, "the first", g.Pop("bar"))
	assert.Nil(t, g.Pop("bar"))
	assert.Equal(t, []string{"x"}, g.Names())
}

func TestEachRequestHasAGOfItsOwn(t *testing.T) {
	app := silentApp()
	app.Get("/<name>")(func(c *retort.Context, name string) string {
		before := fmt.Sprint(c.G().Get("name"))
		c.G().Set("name", name)
		return before
	})
	expectTexts(t, app, map[string]string{"/a": "<nil>", "/b": "<nil>"})
}

func TestACopyOfTheContextOutlivesItsRequest(t *testing.T) {
	app := silentApp()
	got := make(chan string, 1)
	var over sync.WaitGroup
	over.Add(1)
	app.Get("/")(func(c *retort.Context) string {
		c.G().Set("fizz", "buzz")
		own := c.Copy()
		go func() {
			over.Wait()
			got <- fmt.Sprint(own.App == app, own.Request.Path(), own.Request.Args().Get("foo"), own.G().Get("fizz"), own.Context().Err())
		}()
		return "hello"
	})
	assert.Equal(t, "hello", app.TestClient().Get("/?foo=bar").Text)
	over.Done()
	assert.Equal(t, "true/barbuzz<nil>", strings.ReplaceAll(<-got, " ", ""))
}

func TestAStreamStillHasItsRequest(t *testing.T) {
	app, n := silentApp(), &noting{}
	app.TeardownRequest(func(*retort.Context, error) { n.note("teardown") })
	app.Get("/")(func(c *retort.Context) *retort.Response {
		res := retort.Stream(func(yield func(string) bool) {
			_ = yield("Hello ") && yield(c.Request.Args().Get("name")) && yield("!")
			n.note("end")
		})
		res.OnClose(func() error { n.note("close"); return nil })
		return res
	})
	assert.Equal(t, "Hello World!", app.TestClient().Get("/?name=World").Text)
	assert.Equal(t, []string{"end", "close", "teardown"}, n.calls)
}

func TestTestContextsAreBoundToTheirRequest(t *testing.T) {
	app := silentApp()
	index := func(c *retort.Context) string { return "Hello " + c.Request.Args().Require("name") + "!" }
	meh := func(c *retort.Context) string { return c.Request.URL() }
	app.Get("/")(index)
	app.Get("/meh")(meh)
	assert.Equal(t, "Hello World!", index(app.TestRequestContext("/?name=World")))
	assert.Equal(t, "http://localhost/meh", meh(app.TestRequestContext("/meh")))
	assert.Nil(t, retort.FromContext(t.Context()))
}

func TestTestContextsKnowTheServerName(t *testing.T) {
	app := silentApp(retort.SubdomainMatching())
	app.Config.Set("SERVER_NAME", "localhost.localdomain:5000")
	app.Get("/", retort.Endpoint("index"))(methodOf)
	app.Get("/", retort.Subdomain("foo"), retort.Endpoint("sub"))(methodOf)
	c := app.TestRequestContext("/")
	assert.Equal(t, "http://localhost.localdomain:5000/", c.URLFor("index", retort.External()))
	assert.Equal(t, "http://foo.localhost.localdomain:5000/", c.URLFor("sub", retort.External()))
	for _, host := range []string{"localhost", "localhost:80", "localhost.localdomain:5000"} {
		assert.NotPanics(t, func() { app.TestRequestContext("/", retort.WithHost(host)) }, host)
	}
}
