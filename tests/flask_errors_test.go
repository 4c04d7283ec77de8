package tests

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
)

// forbiddenHere is an application's own 403.
type forbiddenHere struct{}

func (forbiddenHere) Error() string { return "forbidden here" }
func (forbiddenHere) Unwrap() error { return retort.Error(403) }

// parentError and childError stand for a class and its subclass: the one wraps
// the other.
type parentError struct{}

func (parentError) Error() string { return "parent" }

type childError struct{ name string }

func (e childError) Error() string { return e.name }
func (childError) Unwrap() error   { return parentError{} }

// otherChild is a child of parentError, too.
type otherChild struct{}

func (otherChild) Error() string { return "other child" }
func (otherChild) Unwrap() error { return parentError{} }

var errPlain = errors.New("plain")

// failingApp makes an app with a view /NAME for each error, in which errors become
// pages also where a test client would let them out.
func failingApp(errs map[string]error) *retort.App {
	app := silentApp()
	addFailing(app, errs)
	return app
}

// routes is what an app and a blueprint have in common.
type routes interface {
	AddURLRule(rule, endpoint string, view any, opts ...retort.RouteOption)
}

func addFailing(to routes, errs map[string]error) {
	for name, err := range errs {
		to.AddURLRule("/"+name, name, func() (string, error) { return "", err })
	}
}

// wrapped tells what a handler was given: the cause of a 500, or the error.
func wrapped(_ *retort.Context, e *retort.HTTPError) any {
	if cause := errors.Unwrap(e); cause != nil {
		return fmt.Sprintf("%d wrapped %T", e.Code, cause)
	}
	return fmt.Sprintf("%d direct", e.Code)
}

// expectTexts requests each path and compares the bodies.
func expectTexts(t *testing.T, app *retort.App, texts map[string]string) {
	t.Helper()
	client := app.TestClient()
	for path, want := range texts {
		assert.Equal(t, want, client.Get(path).Text, path)
	}
}

func TestHandlersByCodeAndByTypeAnswerTheirErrors(t *testing.T) {
	app := failingApp(map[string]error{"gone": retort.Error(404), "error": errPlain, "forbidden": retort.Error(403)})
	app.ErrorHandler(404)(func(error) (string, int) { return "not found", 404 })
	app.ErrorHandler(500)(func(error) (string, int) { return "internal server error", 500 })
	app.ErrorHandler(403)(func(error) (string, int) { return "forbidden", 403 })
	for path, want := range map[string]struct {
		status int
		text   string
	}{"/gone": {404, "not found"}, "/error": {500, "internal server error"}, "/forbidden": {403, "forbidden"}, "/nowhere": {404, "not found"}} {
		res := app.TestClient().Get(path)
		assert.Equal(t, want.status, res.Status, path)
		assert.Equal(t, want.text, res.Text, path)
	}
}

func TestAHandlerThatSaysNoStatusAnswersWith200(t *testing.T) {
	app := failingApp(map[string]error{"e": parentError{}})
	retort.OnError(app, func(*retort.Context, parentError) any { return "42" })
	res := app.TestClient().Get("/e")
	assert.Equal(t, 200, res.Status)
	assert.Equal(t, "42", res.Text)
}

func TestAnErrorOfOnesOwnWithACodeComesBeforeItsCode(t *testing.T) {
	app := failingApp(map[string]error{"1": forbiddenHere{}, "2": retort.Error(403), "3": fmt.Errorf("because: %w", retort.Error(403))})
	retort.OnError(app, func(*retort.Context, forbiddenHere) any { return "banana" })
	app.ErrorHandler(403)(func(error) string { return "apple" })
	expectTexts(t, app, map[string]string{"/1": "banana", "/2": "apple", "/3": "apple"})
}

func TestWithoutAHandlerOfItsOwnAnErrorGoesToThatOfItsCode(t *testing.T) {
	app := failingApp(map[string]error{"1": forbiddenHere{}})
	app.ErrorHandler(403)(func(error) string { return "forbidden" })
	expectTexts(t, app, map[string]string{"/1": "forbidden"})
}

func TestTheNearestTypeInTheChainOfAnErrorAnswers(t *testing.T) {
	app := failingApp(map[string]error{"parent": parentError{}, "child": childError{"child"}, "other": otherChild{}, "plain": errPlain})
	retort.OnError(app, func(*retort.Context, error) any { return "any" })
	retort.OnError(app, func(*retort.Context, parentError) any { return "parent" })
	retort.OnError(app, func(_ *retort.Context, e childError) any { return "the " + e.name })
	expectTexts(t, app, map[string]string{"/parent": "parent", "/child": "the child", "/other": "parent", "/plain": "any"})
}

func TestTheHandlerFor500GetsOnlyInternalServerErrors(t *testing.T) {
	app := failingApp(map[string]error{"custom": parentError{}, "error": errPlain, "abort": retort.Error(500), "known": childError{"k"}})
	app.ErrorHandler(500)(wrapped)
	retort.OnError(app, func(*retort.Context, childError) any { return "custom" })
	expectTexts(t, app, map[string]string{
		"/custom": "500 wrapped tests.parentError", "/error": "500 wrapped *errors.errorString", "/abort": "500 direct", "/known": "custom",
	})
}

func TestTheHandlerForHTTPErrorsGetsAllOfThem(t *testing.T) {
	app := failingApp(map[string]error{"error": errPlain, "abort": retort.Error(500), "gone": retort.Error(410)})
	retort.OnError(app, wrapped)
	expectTexts(t, app, map[string]string{
		"/error": "500 wrapped *errors.errorString", "/abort": "500 direct", "/gone": "410 direct", "/not-found": "404 direct",
	})
}

func TestTheHandlerForEveryErrorGetsErrorsAsTheyAre(t *testing.T) {
	app := failingApp(map[string]error{"custom": parentError{}, "error": errPlain, "abort": retort.Error(500)})
	retort.OnError(app, func(_ *retort.Context, err error) any { return fmt.Sprintf("%T", err) })
	expectTexts(t, app, map[string]string{
		"/custom": "tests.parentError", "/error": "*errors.errorString", "/abort": "*retort.HTTPError", "/not-found": "*retort.HTTPError",
	})
}

func TestHandlersOfABlueprintAnswerItsViewsOnly(t *testing.T) {
	bp := retort.NewBlueprint("bp", retort.URLPrefix("/bp"))
	addFailing(bp, map[string]error{"error": retort.Error(500), "undefined": retort.Error(404), "forbidden": retort.Error(403)})
	retort.OnError(bp, func(_ *retort.Context, e *retort.HTTPError) any { return fmt.Sprint("bp-default ", e.Code) })
	bp.ErrorHandler(403)(func(error) string { return "bp-forbidden" })
	bp.ErrorHandler(500)(func(error) string { return "bp-error" })
	app := failingApp(map[string]error{"error": retort.Error(500), "forbidden": retort.Error(403)})
	retort.OnError(app, func(_ *retort.Context, e *retort.HTTPError) any { return fmt.Sprint("default ", e.Code) })
	app.ErrorHandler(403)(func(error) string { return "forbidden" })
	app.ErrorHandler(500)(func(error) string { return "app-error" })
	app.Get("/slash/")(func() string { return "slash" })
	app.RegisterBlueprint(bp)
	expectTexts(t, app, map[string]string{
		"/error": "app-error", "/forbidden": "forbidden", "/undefined": "default 404",
		"/bp/error": "bp-error", "/bp/forbidden": "bp-forbidden", "/bp/undefined": "bp-default 404",
	})
	t.Run("the redirect to a slash is no error", func(t *testing.T) {
		assert.Equal(t, "slash", app.TestClient().Get("/slash", retort.FollowRedirects()).Text)
	})
}

func TestAnErrorInAHookIsAnErrorOfTheRequest(t *testing.T) {
	for _, where := range []string{"before", "after"} {
		t.Run(where, func(t *testing.T) {
			app := silentApp()
			app.BeforeRequest(func(*retort.Context) error {
				if where == "before" {
					return errPlain
				}
				return nil
			})
			app.AfterRequest(func(_ *retort.Context, res *retort.Response) {
				if where == "after" && res.Status == 200 {
					panic(errPlain)
				}
			})
			app.Get("/")(func() string { return "foo" })
			app.ErrorHandler(500)(func(error) (string, int) { return "hello error", 500 })
			res := app.TestClient().Get("/")
			assert.Equal(t, 500, res.Status)
			assert.Equal(t, "hello error", res.Text)
		})
	}
}

func TestAfterRequestSeesTheAnswerOfTheHandlerFor500(t *testing.T) {
	app := failingApp(map[string]error{"broken": errPlain})
	app.ErrorHandler(500)(func(error) (string, int) { return "internal server error", 500 })
	app.AfterRequest(func(_ *retort.Context, res *retort.Response) { res.SetMimetype("text/x-special") })
	res := app.TestClient().Get("/broken")
	assert.Equal(t, "text/x-special; charset=utf-8", res.Header.Get("Content-Type"))
	assert.Equal(t, "internal server error", res.Text)
	assert.Equal(t, 500, res.Status)
}

func TestARoutingErrorSeesWhatBeforeRequestKept(t *testing.T) {
	app := silentApp()
	app.BeforeRequest(func(c *retort.Context) { c.G().Set("something", "value") })
	app.ErrorHandler(404)(func(c *retort.Context, _ error) (string, int) { return c.G().Get("something").(string), 404 })
	res := app.TestClient().Get("/")
	assert.Equal(t, 404, res.Status)
	assert.Equal(t, "value", res.Text)
}

func TestAbortWithARedirectIsNoError(t *testing.T) {
	app := silentApp()
	retort.OnError(app, func(*retort.Context, parentError) any { return "42" })
	retort.OnError(app, func(*retort.Context, *retort.HTTPError) any { return "an error" })
	app.Get("/", retort.Endpoint("index"))(func(c *retort.Context) string {
		retort.AbortWith(c.Redirect(c.URLFor("test")))
		return "not reached"
	})
	app.Get("/test", retort.Endpoint("test"))(func() error { return parentError{} })
	res := app.TestClient().Get("/")
	assert.Equal(t, 303, res.Status)
	assert.Equal(t, "/test", res.Header.Get("Location"))
	assert.Equal(t, "42", app.TestClient().Get("/test").Text)
}

func TestWhichConfigurationLetsErrorsOut(t *testing.T) {
	cases := []struct {
		config map[string]any
		out    bool
	}{
		{nil, false},
		{map[string]any{"TESTING": true}, true},
		{map[string]any{"DEBUG": true}, true},
		{map[string]any{"PROPAGATE_EXCEPTIONS": true}, true},
		{map[string]any{"PROPAGATE_EXCEPTIONS": false, "TESTING": true, "DEBUG": true}, false},
	}
	for _, c := range cases {
		t.Run(fmt.Sprint(c.config), func(t *testing.T) {
			app := failingApp(map[string]error{"error": errPlain})
			app.Config.Update(c.config)
			if c.out {
				assert.PanicsWithValue(t, errPlain, func() { app.TestClient().Get("/error") })
			} else {
				assert.Equal(t, 500, app.TestClient().Get("/error").Status)
			}
		})
	}
}

func TestTrappedBadRequests(t *testing.T) {
	cases := []struct {
		name                string
		config              map[string]any
		keyLeaves, abortOut bool
	}{
		{"by default they are pages", map[string]any{"DEBUG": false}, false, false},
		{"in debug mode a missing key leaves", map[string]any{"DEBUG": true}, true, false},
		{"all of them leave", map[string]any{"TRAP_BAD_REQUEST_ERRORS": true, "PROPAGATE_EXCEPTIONS": true}, true, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			app := silentApp()
			app.Config.Update(c.config)
			app.Get("/key")(func(c *retort.Context) string { return c.Request.Form().Require("missing_key") })
			app.Get("/abort")(func() string { retort.Abort(400); return "" })
			get := func(path string, leaves bool) {
				if leaves {
					assert.Panics(t, func() { app.TestClient().Get(path) }, path)
					return
				}
				res := app.TestClient().Get(path)
				assert.Equal(t, 400, res.Status, path)
				assert.NotContains(t, res.Text, "missing_key", path)
			}
			get("/key", c.keyLeaves)
			get("/abort", c.abortOut)
		})
	}
	t.Run("the error that leaves names the key", func(t *testing.T) {
		app := silentApp()
		app.Config.Set("DEBUG", true)
		app.Get("/key")(func(c *retort.Context) string { return c.Request.Form().Require("missing_key") })
		defer func() {
			err, _ := recover().(error)
			var missing *retort.BadRequestKeyError
			require.ErrorAs(t, err, &missing)
			assert.Equal(t, "missing_key", missing.Key)
			var e *retort.HTTPError
			require.ErrorAs(t, err, &e)
			assert.Equal(t, 400, e.Code)
		}()
		app.TestClient().Get("/key")
	})
}

func TestTrappedHTTPErrorsLeaveTheApp(t *testing.T) {
	app := failingApp(map[string]error{"fail": retort.Error(404)})
	app.Config.Update(map[string]any{"TRAP_HTTP_EXCEPTIONS": true, "PROPAGATE_EXCEPTIONS": true})
	assert.PanicsWithError(t, retort.Error(404).Error(), func() { app.TestClient().Get("/fail") })
}

func TestHandlersThatCannotBeRegistered(t *testing.T) {
	for _, code := range []int{0, 200, 302, 399, 600, 900, 999} {
		assert.Contains(t, panicText(t, func() { silentApp().ErrorHandler(code) }), "retort.OnError", code)
	}
	assert.Contains(t, panicText(t, func() { silentApp().ErrorHandler(404)(nil) }), "handler for 404")
}

func TestAbortNeedsAnErrorCode(t *testing.T) {
	assert.Panics(t, func() { retort.Abort(900) })
	defer func() {
		e, ok := recover().(*retort.HTTPError)
		require.True(t, ok)
		assert.Equal(t, 401, e.Code)
	}()
	retort.Abort(401)
}

func TestTheErrorPageOfEachCode(t *testing.T) {
	for _, code := range []int{400, 401, 403, 404, 405, 406, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 418, 421, 422, 423, 424, 426, 428, 429, 431, 451, 500, 501, 502, 503, 504, 505} {
		e := retort.Error(code)
		res := failingApp(map[string]error{"x": e}).TestClient().Get("/x")
		assert.Equal(t, code, res.Status)
		assert.Equal(t, "text/html; charset=utf-8", res.Header.Get("Content-Type"))
		assert.Contains(t, res.Text, fmt.Sprintf("<title>%d %s</title>", code, strings.ReplaceAll(e.Name(), "'", "&#39;")), code)
	}
}

func TestFieldsOfAnErrorAreSent(t *testing.T) {
	methods := retort.Error(405)
	methods.Header = http.Header{"Allow": {"GET, HEAD"}}
	later := retort.Error(503)
	later.Header = http.Header{"Retry-After": {"20"}}
	challenge := retort.Error(401)
	challenge.Header = http.Header{"Www-Authenticate": {`Basic realm="test"`, "Token"}}
	app := failingApp(map[string]error{"methods": methods, "later": later, "challenge": challenge})
	client := app.TestClient()
	assert.Equal(t, "GET, HEAD", client.Get("/methods").Header.Get("Allow"))
	assert.Equal(t, "20", client.Get("/later").Header.Get("Retry-After"))
	assert.Equal(t, []string{`Basic realm="test"`, "Token"}, client.Get("/challenge").Header["Www-Authenticate"])
}

func TestTheDescriptionOfAnErrorIsEscaped(t *testing.T) {
	res := failingApp(map[string]error{"x": retort.Error(400, "<script>\nalert(1)")}).TestClient().Get("/x")
	assert.Contains(t, res.Text, "&lt;script&gt;<br>alert(1)")
	assert.NotContains(t, res.Text, "<script>")
}

func TestAnErrorWithAResponseOfItsOwnIsSentAsItIs(t *testing.T) {
	app := silentApp()
	app.Get("/")(func() error { return &retort.HTTPError{Response: retort.Reply("mine", 409)} })
	res := app.TestClient().Get("/")
	assert.Equal(t, 409, res.Status)
	assert.Equal(t, "mine", res.Text)
}

func TestAnUnhandledErrorIsLoggedOnceWithItsRequest(t *testing.T) {
	var log strings.Builder
	app := failingApp(map[string]error{"error": errPlain})
	app.Logger = slogTo(&log)
	app.TestClient().Get("/error")
	assert.Equal(t, 1, strings.Count(log.String(), "plain"))
	assert.Contains(t, log.String(), "/error")
	assert.Contains(t, log.String(), "GET")
}

// slogTo is for readers that only look for texts.
func slogTo(w io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(w, nil)) }
