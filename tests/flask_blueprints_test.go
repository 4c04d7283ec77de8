package tests

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/retort-go/retort"
)

// prefixOption is URLPrefix, or nothing for "".
func prefixOption(prefix string) []retort.BlueprintOption {
	if prefix == "" {
		return nil
	}
	return []retort.BlueprintOption{retort.URLPrefix(prefix)}
}

func registrationPrefix(prefix string) []retort.RegistrationOption {
	if prefix == "" {
		return nil
	}
	return []retort.RegistrationOption{retort.URLPrefix(prefix)}
}

func TestThePrefixOfARegistrationTakesThePlaceOfTheBlueprints(t *testing.T) {
	for _, c := range []struct{ parent, child, registeredParent, registeredChild string }{
		{"/parent", "/child", "", ""},
		{"/parent", "", "", "/child"},
		{"", "", "/parent", "/child"},
		{"/other", "/something", "/parent", "/child"},
	} {
		parent := retort.NewBlueprint("parent", prefixOption(c.parent)...)
		child := retort.NewBlueprint("child", prefixOption(c.child)...)
		child.Get("/")(endpointOf)
		parent.RegisterBlueprint(child, registrationPrefix(c.registeredChild)...)
		app := silentApp()
		app.RegisterBlueprint(parent, registrationPrefix(c.registeredParent)...)
		assert.Equal(t, "parent.child.endpointOf", app.TestClient().Get("/parent/child/").Text, c)
	}
}

func TestTheSlashesBetweenPrefixAndRule(t *testing.T) {
	for _, c := range []struct{ prefix, rule, url string }{
		{"", "/", "/"}, {"/", "", "/"}, {"/", "/", "/"}, {"/foo", "", "/foo"}, {"/foo/", "", "/foo/"},
		{"", "/bar", "/bar"}, {"/foo/", "/bar", "/foo/bar"}, {"/foo/", "bar", "/foo/bar"}, {"/foo", "/bar", "/foo/bar"},
		{"/foo/", "//bar", "/foo/bar"}, {"/foo//", "/bar", "/foo/bar"},
	} {
		bp := retort.NewBlueprint("test", retort.URLPrefix(c.prefix))
		bp.Get(c.rule)(func() (any, int) { return "", 204 })
		app := silentApp()
		app.RegisterBlueprint(bp)
		assert.Equal(t, 204, app.TestClient().Get(c.url).Status, "%q and %q", c.prefix, c.rule)
	}
}

func TestABlueprintUnderTwoNamesIsTwo(t *testing.T) {
	bp, inner := retort.NewBlueprint("bp"), retort.NewBlueprint("bp2")
	bp.Get("/", retort.Endpoint("index"))(endpointOf)
	bp.Get("/error")(func() error { return retort.Error(403) })
	bp.ErrorHandler(403)(func(error) (string, int) { return "Error", 403 })
	inner.Get("/", retort.Endpoint("index2"))(endpointOf)
	bp.RegisterBlueprint(inner, retort.URLPrefix("/a"), retort.Name("sub"))
	app := silentApp()
	app.RegisterBlueprint(bp, retort.URLPrefix("/a"))
	app.RegisterBlueprint(bp, retort.URLPrefix("/b"), retort.Name("alt"))
	expectTexts(t, app, map[string]string{
		"/a/": "bp.index", "/b/": "alt.index", "/a/a/": "bp.sub.index2", "/b/a/": "alt.sub.index2", "/a/error": "Error", "/b/error": "Error",
	})
}

func TestNamesOfBlueprintsAreUnique(t *testing.T) {
	app := silentApp()
	bp, other := retort.NewBlueprint("bp"), retort.NewBlueprint("bp")
	app.RegisterBlueprint(bp)
	assert.Panics(t, func() { app.RegisterBlueprint(bp) })
	assert.NotPanics(t, func() { app.RegisterBlueprint(bp, retort.Name("again")) })
	assert.Panics(t, func() { app.RegisterBlueprint(other) })
	assert.NotPanics(t, func() { app.RegisterBlueprint(other, retort.Name("alt")) })
}

func TestEachBlueprintHasItsHandlerOrThatOfTheApp(t *testing.T) {
	app := silentApp()
	for _, name := range []string{"frontend", "backend", "sideend"} {
		bp := retort.NewBlueprint(name)
		addFailing(bp, map[string]error{name + "-no": retort.Error(403), name + "-mine": parentError{}})
		if name != "sideend" {
			bp.ErrorHandler(403)(func(error) (string, int) { return name + " says no", 403 })
			retort.OnError(bp, func(*retort.Context, parentError) any { return name + " caught it" })
		}
		app.RegisterBlueprint(bp)
	}
	app.ErrorHandler(403)(func(error) (string, int) { return "application itself says no", 403 })
	expectTexts(t, app, map[string]string{
		"/frontend-no": "frontend says no", "/backend-no": "backend says no", "/sideend-no": "application itself says no",
		"/frontend-mine": "frontend caught it", "/backend-mine": "backend caught it",
	})
}

func TestABlueprintMayHandleTheErrorsOfTheApp(t *testing.T) {
	errs, nope := retort.NewBlueprint("errors"), retort.NewBlueprint("nope")
	errs.AppErrorHandler(403)(func(error) (string, int) { return "you shall not pass", 403 })
	addFailing(nope, map[string]error{"nope": retort.Error(403)})
	app := failingApp(map[string]error{"forbidden": retort.Error(403)})
	app.RegisterBlueprint(errs)
	app.RegisterBlueprint(nope)
	expectTexts(t, app, map[string]string{"/forbidden": "you shall not pass", "/nope": "you shall not pass"})
}

func TestErrorsOfANestedBlueprintGoOutwards(t *testing.T) {
	parent, child, grandchild := retort.NewBlueprint("parent"), retort.NewBlueprint("child"), retort.NewBlueprint("grandchild")
	for _, bp := range []*retort.Blueprint{parent, child, grandchild} {
		bp.Get("/")(func() string { return bp.Name() + " yes" })
		addFailing(bp, map[string]error{"no": retort.Error(403)})
	}
	parent.ErrorHandler(403)(func(error) (string, int) { return "parent no", 403 })
	grandchild.ErrorHandler(403)(func(error) (string, int) { return "grandchild no", 403 })
	child.RegisterBlueprint(grandchild, retort.URLPrefix("/grandchild"))
	parent.RegisterBlueprint(child, retort.URLPrefix("/child"))
	app := silentApp()
	app.RegisterBlueprint(parent, retort.URLPrefix("/parent"))
	expectTexts(t, app, map[string]string{
		"/parent/": "parent yes", "/parent/child/": "child yes", "/parent/child/grandchild/": "grandchild yes",
		"/parent/no": "parent no", "/parent/child/no": "parent no", "/parent/child/grandchild/no": "grandchild no",
	})
}

func TestHooksOfNestedBlueprintsRunInwardsAndOutwards(t *testing.T) {
	app, parent, child := silentApp(), retort.NewBlueprint("parent"), retort.NewBlueprint("child")
	n := &noting{}
	type hooked interface {
		BeforeRequest(f any)
		TeardownRequest(f func(*retort.Context, error))
	}
	for name, s := range map[string]hooked{"app": app, "parent": parent, "child": child} {
		for i := range 2 {
			s.BeforeRequest(func(*retort.Context) { n.note(name, " ", i) })
			s.TeardownRequest(func(*retort.Context, error) { n.note(name, " ", i, " over") })
		}
	}
	child.Get("/a")(func(*retort.Context) string { return strings.Join(n.calls, ", ") })
	parent.RegisterBlueprint(child)
	app.RegisterBlueprint(parent)
	assert.Equal(t, "app 0, app 1, parent 0, parent 1, child 0, child 1", app.TestClient().Get("/a").Text)
	assert.Equal(t, []string{"child 1 over", "child 0 over", "parent 1 over", "parent 0 over", "app 1 over", "app 0 over"}, n.calls[6:])
}

func TestHooksThatABlueprintHasForTheApp(t *testing.T) {
	app, bp, n := silentApp(), retort.NewBlueprint("bp"), &noting{}
	bp.BeforeAppRequest(func(*retort.Context) { n.note("before") })
	bp.AfterAppRequest(func(_ *retort.Context, res *retort.Response) {
		n.note("after")
		data, _ := res.Data()
		res.SetData(append(data, "|after"...))
	})
	bp.TeardownAppRequest(func(*retort.Context, error) { n.note("teardown") })
	app.RegisterBlueprint(bp)
	app.Get("/")(func() string { return "request" })
	for range 2 {
		n.calls = nil
		assert.Equal(t, "request|after", app.TestClient().Get("/").Text)
		assert.Equal(t, []string{"before", "after", "teardown"}, n.calls)
	}
}

func TestURLProcessorsThatABlueprintHasForTheApp(t *testing.T) {
	app, bp, lang := silentApp(), retort.NewBlueprint("bp"), retort.NewKey[string]("lang")
	bp.AppURLDefaults(func(c *retort.Context, _ string, values retort.H) {
		if _, ok := values["lang_code"]; !ok {
			values["lang_code"] = lang.Get(c)
		}
	})
	bp.AppURLValuePreprocessor(func(c *retort.Context, _ string, values retort.H) {
		lang.Set(c, fmt.Sprint(values["lang_code"]))
		delete(values, "lang_code")
	}, "lang_code")
	app.RegisterBlueprint(bp)
	app.Get("/<lang_code>/", retort.Endpoint("index"))(func(c *retort.Context) string { return c.URLFor("about") })
	app.Get("/<lang_code>/about", retort.Endpoint("about"))(func(c *retort.Context) string { return c.URLFor("index") })
	expectTexts(t, app, map[string]string{"/de/": "/de/about", "/de/about": "/de/"})
}

func TestEndpointsOfAnAppAndOfItsBlueprints(t *testing.T) {
	app, bp := silentApp(), retort.NewBlueprint("test", retort.URLPrefix("/py"))
	app.Get("/", retort.Endpoint("app_index"))(func(c *retort.Context) string { return c.URLFor("test.index") })
	bp.Get("/test/", retort.Endpoint("index"))(func(c *retort.Context) string { return c.URLFor("app_index") })
	bp.Get("/foo")(endpointOf)
	bp.Get("/bar/123", retort.Endpoint("123"))(endpointOf)
	app.RegisterBlueprint(bp)
	expectTexts(t, app, map[string]string{"/": "/py/test/", "/py/test/": "/", "/py/foo": "test.endpointOf", "/py/bar/123": "test.123"})
}

func TestDefaultsOfARegistrationAreArgumentsOfItsViews(t *testing.T) {
	bp := retort.NewBlueprint("test")
	bp.Get("/foo", retort.Default("baz", 42))(func(c *retort.Context, a, b int) string {
		return fmt.Sprint(c.ViewArgs()["bar"], "/", c.ViewArgs()["baz"])
	})
	bp.Get("/bar")(func(bar int) string { return fmt.Sprint(bar) })
	app := silentApp()
	app.RegisterBlueprint(bp, retort.URLPrefix("/1"), retort.Default("bar", 23))
	app.RegisterBlueprint(bp, retort.Name("test2"), retort.URLPrefix("/2"), retort.Default("bar", 19))
	expectTexts(t, app, map[string]string{"/1/foo": "23/42", "/2/foo": "19/42", "/1/bar": "23", "/2/bar": "19"})
}

func TestTwoRulesOfABlueprintShareAView(t *testing.T) {
	bp := retort.NewBlueprint("bp")
	something := func(page int) string { return fmt.Sprint(page) }
	bp.Get("/", retort.Default("page", 1), retort.Endpoint("pages"))(something)
	bp.Get("/page/<int:page>", retort.Endpoint("pages"))(something)
	app := silentApp()
	app.RegisterBlueprint(bp)
	expectTexts(t, app, map[string]string{"/": "1", "/page/2": "2"})
	assert.Equal(t, "http://localhost/", app.TestClient().Get("/page/1").Location())
}
