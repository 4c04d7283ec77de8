package retort_test

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
)

// The errors of an application. appError and subError have no status; subError
// is an appError. gone counts as a 410.
type (
	appError struct{ text string }
	subError struct{ appError *appError }
	gone     struct{ id int }
	coded    interface {
		error
		Code() int
	}
	quota struct{}
)

func (e *appError) Error() string { return "app: " + e.text }
func (e *subError) Error() string { return "sub of " + e.appError.Error() }
func (e *subError) Unwrap() error { return e.appError }
func (e gone) Error() string      { return fmt.Sprintf("%d is gone", e.id) }
func (e gone) Unwrap() error      { return retort.Error(410) }
func (quota) Error() string       { return "over quota" }
func (quota) Code() int           { return 7 }

func byCode(code int) func(*retort.App) {
	return func(app *retort.App) {
		app.ErrorHandler(code)(func(c *retort.Context, err error) any { return fmt.Sprintf("%d: %T %v", code, err, err) })
	}
}

func byType[E error](name string) func(*retort.App) {
	return func(app *retort.App) {
		retort.OnError(app, func(_ *retort.Context, err E) any { return fmt.Sprintf("%s: %v", name, err) })
	}
}

// The rows that need a blueprint are with the blueprints.
func TestWhichErrorHandlerIsTaken(t *testing.T) {
	notFound := retort.Error(404, "no")
	e1 := &appError{"e1"}
	e2 := &subError{e1}
	anyHTTP, everything := byType[*retort.HTTPError]("HTTPError"), byType[error]("error")
	for _, tt := range []struct {
		name     string
		handlers []func(*retort.App)
		err      error
		want     string
	}{
		{"the code before HTTPError", []func(*retort.App){anyHTTP, byCode(404)}, notFound, "404: *retort.HTTPError 404 Not Found: no"},
		{"the code before error", []func(*retort.App){everything, byCode(404)}, notFound, "404: *retort.HTTPError 404 Not Found: no"},
		{"HTTPError for another code", []func(*retort.App){anyHTTP, byCode(403), everything}, notFound, "HTTPError: 404 Not Found: no"},
		{"error when nothing else fits", []func(*retort.App){byCode(403), everything}, notFound, "error: 404 Not Found: no"},
		{"a type with a code before the code", []func(*retort.App){byCode(410), byType[gone]("gone")}, gone{7}, "gone: 7 is gone"},
		{"the code of a type without a handler", []func(*retort.App){byCode(410), anyHTTP}, gone{7}, "410: retort_test.gone 7 is gone"},
		{"HTTPError takes what wraps one", []func(*retort.App){anyHTTP}, fmt.Errorf("wrapped: %w", notFound), "HTTPError: 404 Not Found: no"},
		{"the exact type", []func(*retort.App){byType[*appError]("app"), byType[*subError]("sub")}, e2, "sub: sub of app: e1"},
		{"the type that is wrapped", []func(*retort.App){byType[*appError]("app")}, e2, "app: app: e1"},
		{"the type that is wrapped by text", []func(*retort.App){byType[*appError]("app")}, fmt.Errorf("loading: %w", e1), "app: app: e1"},
		{"the type that is joined", []func(*retort.App){byType[*appError]("app")}, errors.Join(errors.New("x"), e1), "app: app: e1"},
		{"the outer of two types", []func(*retort.App){byType[quota]("quota"), byType[*appError]("app")}, fmt.Errorf("%w: %w", e1, quota{}), "app: app: e1"},
		{"an interface", []func(*retort.App){byType[coded]("coded"), everything}, quota{}, "coded: over quota"},
		{"the type before an interface", []func(*retort.App){byType[coded]("coded"), byType[quota]("quota")}, quota{}, "quota: over quota"},
		{"interfaces in the order of registration", []func(*retort.App){byType[interface {
			error
			Code() int
		}]("first"), byType[coded]("second")}, quota{}, "first: over quota"},
		{"the original for a handler of error", []func(*retort.App){everything}, e1, "error: app: e1"},
		{"error before 500", []func(*retort.App){everything, byCode(500)}, e1, "error: app: e1"},
		{"500 for what nobody takes", []func(*retort.App){byCode(500), byCode(404)}, e1, "500: *retort.HTTPError " + retort.Error(500).Error()},
		{"HTTPError for what nobody takes", []func(*retort.App){anyHTTP}, e1, "HTTPError: " + retort.Error(500).Error()},
		{"an error of the standard library", []func(*retort.App){byType[*fs.PathError]("path")}, &fs.PathError{Op: "open", Path: "x", Err: fs.ErrNotExist}, "path: open x: file does not exist"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for how, view := range map[string]any{
				"returned": func() error { return tt.err },
				"thrown":   func() string { panic(tt.err) },
			} {
				app := quiet()
				app.Get("/")(view)
				for _, register := range tt.handlers {
					register(app)
				}
				res := app.TestClient().Get("/")
				assert.Equal(t, tt.want, res.Text, how)
				assert.Equal(t, 200, res.Status, "the status is that of the handler's answer")
			}
		})
	}
}

func TestAHandlerOf500GetsTheCause(t *testing.T) {
	failed := &appError{"failed"}
	app := answering(func() error { return failed })
	log := logOf(app)
	app.ErrorHandler(500)(func(_ *retort.Context, e *retort.HTTPError) (string, int) {
		assert.Equal(t, 500, e.Code)
		assert.ErrorIs(t, e, failed)
		assert.Equal(t, failed, e.Unwrap())
		return "sorry", 500
	})
	assert.Equal(t, "sorry", app.TestClient().Get("/").Text)
	assert.Equal(t, []string{"app: failed"}, log.errors(t))
}

func TestAPanicWithNoErrorIsAPanicError(t *testing.T) {
	app := answering(func() string { panic("odd") })
	retort.OnError(app, func(_ *retort.Context, err *retort.PanicError) any { return fmt.Sprint("recovered ", err.Value) })
	assert.Equal(t, "recovered odd", app.TestClient().Get("/").Text)
}

func TestRoutingErrorsReachHandlers(t *testing.T) {
	app := quiet()
	app.Get("/a")(noArguments)
	app.ErrorHandler(404)(func() (string, int) { return "no page", 404 })
	app.ErrorHandler(405)(func(e *retort.HTTPError) (string, int, http.Header) { return "no method", 405, e.Header })
	client := app.TestClient()
	missing, refused := client.Get("/b"), client.Post("/a")
	assert.Equal(t, "404 no page", fmt.Sprint(missing.Status, " ", missing.Text))
	assert.Equal(t, "405 no method", fmt.Sprint(refused.Status, " ", refused.Text))
	assert.Equal(t, "GET, HEAD, OPTIONS", refused.Header.Get("Allow"))
}

func TestWhatHandlersNeverSee(t *testing.T) {
	app := quiet()
	app.Get("/folder/")(noArguments)
	app.Get("/abort")(func() string { retort.AbortWith(retort.Reply("done", 418)); return "" })
	for _, code := range []int{308, 418} {
		if code >= 400 {
			byCode(code)(app)
		}
	}
	byType[error]("error")(app)
	byType[*retort.HTTPError]("HTTPError")(app)
	client := app.TestClient()
	assert.Equal(t, 308, client.Get("/folder").Status)
	res := client.Get("/abort")
	assert.Equal(t, 418, res.Status)
	assert.Equal(t, "done", res.Text)
}

func TestAMissingKey(t *testing.T) {
	app := func() *retort.App {
		return answering(func(c *retort.Context) string { return c.Request.Args().Require("name") })
	}
	plain := app()
	res := plain.TestClient().Get("/")
	assert.Equal(t, 400, res.Status)
	assert.Equal(t, retort.Error(400).Page(), res.Text, "the key is not shown")
	assert.Equal(t, "ada", plain.TestClient().Get("/?name=ada").Text)

	handled := app()
	retort.OnError(handled, func(_ *retort.Context, err *retort.BadRequestKeyError) any { return "give a " + err.Key })
	assert.Equal(t, "give a name", handled.TestClient().Get("/").Text)

	coded := app()
	byCode(400)(coded)
	assert.Equal(t, `400: *retort.BadRequestKeyError 400 Bad Request: the key "name" is missing in the request`, coded.TestClient().Get("/").Text)
}

func TestTrappedErrors(t *testing.T) {
	missing := func(c *retort.Context) string { return c.Request.Args().Require("name") }
	for _, tt := range []struct {
		name   string
		config map[string]any
		view   any
		status int // 0: the error leaves the app
	}{
		{"an HTTPError", map[string]any{}, func() error { return retort.Error(403) }, 403},
		{"any HTTPError when they are trapped", map[string]any{"TRAP_HTTP_EXCEPTIONS": true}, func() error { return retort.Error(403) }, 500},
		{"a 400 when bad requests are trapped", map[string]any{"TRAP_BAD_REQUEST_ERRORS": true}, func() error { return retort.Error(400) }, 500},
		{"a 403 when bad requests are trapped", map[string]any{"TRAP_BAD_REQUEST_ERRORS": true}, func() error { return retort.Error(403) }, 403},
		{"a missing key when bad requests are trapped", map[string]any{"TRAP_BAD_REQUEST_ERRORS": true}, missing, 500},
		{"a missing key in debug mode", map[string]any{"DEBUG": true}, missing, 0},
		{"a missing key in debug mode, not propagated", map[string]any{"DEBUG": true, "PROPAGATE_EXCEPTIONS": false}, missing, 500},
		{"a missing key in debug mode, not trapped", map[string]any{"DEBUG": true, "TRAP_BAD_REQUEST_ERRORS": false}, missing, 400},
		{"a 400 in debug mode", map[string]any{"DEBUG": true}, func() error { return retort.Error(400) }, 400},
		{"an error", map[string]any{}, func() error { return errors.New("x") }, 500},
		{"an error when testing", map[string]any{"TESTING": true}, func() error { return errors.New("x") }, 0},
		{"an error when testing, not propagated", map[string]any{"TESTING": true, "PROPAGATE_EXCEPTIONS": false}, func() error { return errors.New("x") }, 500},
		{"an error in debug mode", map[string]any{"DEBUG": true}, func() error { return errors.New("x") }, 0},
		{"an error when propagated", map[string]any{"PROPAGATE_EXCEPTIONS": true}, func() error { return errors.New("x") }, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			app := quiet()
			app.Get("/")(tt.view)
			app.Config.Update(tt.config)
			if tt.status == 0 {
				assert.Panics(t, func() { app.TestClient().Get("/") })
				return
			}
			assert.Equal(t, tt.status, app.TestClient().Get("/").Status)
		})
	}
}

func TestTheMissingKeyIsShownInDebugMode(t *testing.T) {
	app := answering(func(c *retort.Context) string { return c.Request.Args().Require("<name>") })
	app.Config.Update(map[string]any{"DEBUG": true, "TRAP_BAD_REQUEST_ERRORS": false})
	assert.Contains(t, app.TestClient().Get("/").Text, "<br>The key &#34;&lt;name&gt;&#34; is missing in the request.</p>")
}

func TestAHandlerTakesATrappedErrorToo(t *testing.T) {
	app := answering(func() error { return retort.Error(403) })
	app.Config.Set("TRAP_HTTP_EXCEPTIONS", true)
	byCode(403)(app)
	assert.Contains(t, app.TestClient().Get("/").Text, "403: ")
}

func TestAHandlerThatFails(t *testing.T) {
	for name, handler := range map[string]any{
		"by an error":  func() error { return errors.New("handler") },
		"by a panic":   func() string { panic(errors.New("handler")) },
		"by no answer": func() any { return nil },
	} {
		t.Run(name, func(t *testing.T) {
			want := "handler"
			if name == "by no answer" {
				want = `endpoint "/": ` + noAnswerText
			}
			app := answering(func() error { return retort.Error(404) })
			log := logOf(app)
			app.ErrorHandler(404)(handler)
			res := app.TestClient().Get("/")
			assert.Equal(t, 500, res.Status)
			assert.Equal(t, retort.Error(500).Page(), res.Text)
			assert.Equal(t, []string{want}, log.errors(t))

			app = answering(func() error { return errors.New("view") })
			log = logOf(app)
			app.ErrorHandler(500)(handler)
			res = app.TestClient().Get("/")
			assert.Equal(t, 500, res.Status)
			assert.Equal(t, retort.Error(500).Page(), res.Text)
			assert.Equal(t, []string{"view", want}, log.errors(t))
		})
	}
}

// Flask's "return e" in a handler shows the page of the error.
func TestAHandlerMayReturnItsHTTPError(t *testing.T) {
	app := answering(func() error { return retort.Error(418, "tea") })
	app.ErrorHandler(418)(func(e *retort.HTTPError) error {
		e.Description += " and cake"
		return e
	})
	res := app.TestClient().Get("/")
	assert.Equal(t, 418, res.Status)
	assert.Contains(t, res.Text, "<p>tea and cake</p>")
}

func TestErrorPages(t *testing.T) {
	app := quiet()
	app.Get("/<int:code>")(func(code int) error { return retort.Error(code) })
	app.Get("/own")(func() error {
		e := retort.Error(429, "slow\ndown", "<b>")
		e.Header = http.Header{"retry-after": {"7"}}
		return e
	})
	client := app.TestClient()
	for _, code := range []int{400, 401, 403, 404, 405, 406, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 418, 421, 422, 423, 424, 426, 428, 429, 431, 451, 500, 501, 502, 503, 504, 505, 499, 599} {
		res := client.Get(fmt.Sprint("/", code))
		assert.Equal(t, code, res.Status)
		assert.Equal(t, htmlType, res.Header.Get("Content-Type"))
		assert.Regexp(t, fmt.Sprintf(`^<!doctype html>\n<html lang=en>\n<title>%d [^<]+</title>\n<h1>[^<]+</h1>\n<p>[^<]+\.</p>\n$`, code), res.Text)
	}
	res := client.Get("/own")
	assert.Equal(t, "7", res.Header.Get("Retry-After"))
	assert.Contains(t, res.Text, "<p>slow<br>down &lt;b&gt;</p>")
}

func TestHTTPErrorText(t *testing.T) {
	assert.EqualError(t, retort.Error(404, "no such", "note"), "404 Not Found: no such note")
	assert.EqualError(t, retort.Error(418), "418 I'm a Teapot: This is a teapot; it does not brew coffee.")
	thrown, ok := panicOf(t, func() { retort.Abort(403, "no") }).(*retort.HTTPError)
	require.True(t, ok)
	assert.EqualError(t, thrown, "403 Forbidden: no")
	done, ok := panicOf(t, func() { retort.AbortWith(retort.Reply("", 202)) }).(*retort.HTTPError)
	require.True(t, ok)
	assert.EqualError(t, done, "202 Accepted")
}
