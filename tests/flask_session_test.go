package tests

import (
	"errors"
	"fmt"
	"html/template"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/taggedjson"
)

// sessionApp makes an app with a key and this configuration, and views that
// set, read and clear the session.
func sessionApp(config map[string]any, opts ...retort.Option) *retort.App {
	app := silentApp(opts...)
	app.Config.Set("SECRET_KEY", "test key")
	app.Config.Update(config)
	app.Get("/set")(func(c *retort.Context) string { c.Session().Set("testing", 42); return "set" })
	app.Get("/read")(func(c *retort.Context) string { return fmt.Sprint(c.Session().Get("testing")) })
	app.Get("/clear")(func(c *retort.Context) string { c.Session().Pop("testing"); return "cleared" })
	app.Get("/nothing")(func(*retort.Context) string { return "" })
	return app
}

// attributes gives the parts of the last Set-Cookie field after its value.
func attributes(res *retort.TestResponse) []string {
	fields := res.Header["Set-Cookie"]
	if len(fields) == 0 {
		return nil
	}
	return strings.Split(fields[len(fields)-1], "; ")[1:]
}

func TestWhatTouchingTheSessionDoesToTheResponse(t *testing.T) {
	app := sessionApp(nil)
	app.Post("/value")(func(c *retort.Context) string {
		c.Session().Set("value", c.Request.Form().Get("value"))
		return "value set"
	})
	app.Get("/value", retort.Endpoint("value"))(func(c *retort.Context) string { return retort.SessionValue(c.Session(), "value", "None") })
	client := app.TestClient()
	for _, step := range []struct {
		method, path, text, vary string
		accessed, modified       bool
	}{
		{"GET", "/nothing", "", "", false, false},
		{"POST", "/value", "value set", "Cookie", true, true},
		{"GET", "/value", "42", "Cookie", true, false},
		{"GET", "/nothing", "", "", false, false},
	} {
		var opts []retort.TestOption
		if step.method == "POST" {
			opts = append(opts, retort.FormData{"value": 42})
		}
		res := client.Open(step.method, step.path, opts...)
		assert.Equal(t, step.text, res.Text, step)
		assert.Equal(t, step.vary, res.Header.Get("Vary"), step)
		assert.Equal(t, step.modified, len(res.Header["Set-Cookie"]) == 1, step)
	}
}

func TestTheAttributesOfTheSessionCookie(t *testing.T) {
	for _, c := range []struct {
		name, base string
		config     map[string]any
		has, not   []string
	}{
		{"the path is that of the app", "http://example.com:8080/foo", map[string]any{"APPLICATION_ROOT": "/foo"}, []string{"Path=/foo", "HttpOnly"}, []string{"Secure", "Domain"}},
		{"all of them", "http://www.example.com:8080/test", map[string]any{
			"SERVER_NAME": "www.example.com:8080", "APPLICATION_ROOT": "/test", "SESSION_COOKIE_DOMAIN": ".example.com", "SESSION_COOKIE_HTTPONLY": false,
			"SESSION_COOKIE_SECURE": true, "SESSION_COOKIE_PARTITIONED": true, "SESSION_COOKIE_SAMESITE": "Lax", "SESSION_COOKIE_PATH": "/",
		}, []string{"Domain=example.com", "Path=/", "Secure", "SameSite=Lax", "Partitioned"}, []string{"HttpOnly"}},
		{"strict", "http://localhost/", map[string]any{"SESSION_COOKIE_SAMESITE": "Strict"}, []string{"SameSite=Strict"}, nil},
		{"no SameSite", "http://localhost/", map[string]any{"SESSION_COOKIE_SAMESITE": ""}, nil, []string{"SameSite"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			client := sessionApp(c.config).TestClient(retort.WithDefaults(retort.WithBaseURL(c.base)))
			for _, path := range []string{"/set", "/clear"} {
				got := attributes(client.Get(path))
				for _, want := range c.has {
					assert.Contains(t, got, want, path)
				}
				for _, name := range c.not {
					assert.NotContains(t, strings.Join(got, ";"), name, path)
				}
			}
		})
	}
	t.Run("a SameSite that is none", func(t *testing.T) {
		assert.Panics(t, func() {
			sessionApp(map[string]any{"SESSION_COOKIE_SAMESITE": "invalid", "TESTING": true}).TestClient().Get("/set")
		})
	})
}

func TestACookieIsDeletedWhenTheSessionIsEmpty(t *testing.T) {
	client := sessionApp(nil).TestClient()
	client.Get("/set")
	require.NotNil(t, client.Cookie("session"))
	res := client.Get("/clear")
	assert.Contains(t, attributes(res), "Max-Age=0")
	assert.True(t, strings.HasPrefix(res.Header.Get("Set-Cookie"), "session=;"))
	assert.Nil(t, client.Cookie("session"))
	assert.Empty(t, client.Get("/clear").Header["Set-Cookie"], "there is nothing left to delete")
}

func TestASessionWithoutAKeyCanBeReadOnly(t *testing.T) {
	app := silentApp()
	app.Config.Set("TESTING", true)
	app.Get("/read")(func(c *retort.Context) string { return fmt.Sprint(c.Session().Get("missing_key")) })
	app.Get("/set")(func(c *retort.Context) string { c.Session().Set("foo", 42); return "" })
	app.Get("/pop")(func(c *retort.Context) string { c.Session().Pop("foo"); return "" })
	app.Get("/flash")(func(c *retort.Context) string { c.Flash("x"); return "" })
	client := app.TestClient()
	assert.Equal(t, "<nil>", client.Get("/read").Text)
	for _, path := range []string{"/set", "/pop", "/flash"} {
		assert.Contains(t, panicText(t, func() { client.Get(path) }), "SECRET_KEY", path)
	}
}

func TestKeysAreRotated(t *testing.T) {
	with := func(key string, fallbacks ...any) *retort.App {
		config := map[string]any{"SECRET_KEY": key}
		if len(fallbacks) > 0 {
			config["SECRET_KEY_FALLBACKS"] = fallbacks
		}
		return sessionApp(config)
	}
	first := with("0 key", "-1 key", "-2 key").TestClient()
	first.Get("/set")
	cookie := first.Cookie("session").Value
	read := func(app *retort.App) string {
		return app.TestClient().Get("/read", retort.WithCookie("session", cookie)).Text
	}
	assert.Equal(t, "42", read(with("0 key", "-1 key", "-2 key")))
	assert.Equal(t, "<nil>", read(with("? key")))
	assert.Equal(t, "42", read(with("+1 key", "0 key", "-1 key")))
}

func TestAPermanentSessionExpires(t *testing.T) {
	for _, permanent := range []bool{true, false} {
		app := sessionApp(map[string]any{"PERMANENT_SESSION_LIFETIME": 42 * time.Hour})
		app.Get("/")(func(c *retort.Context) string {
			c.Session().SetPermanent(permanent)
			c.Session().Set("test", 42)
			return ""
		})
		app.Get("/permanent")(func(c *retort.Context) string { return fmt.Sprint(c.Session().Permanent()) })
		client := app.TestClient()
		client.Get("/")
		cookie := client.Cookie("session")
		assert.Equal(t, permanent, !cookie.Expires.IsZero())
		if permanent {
			assert.WithinDuration(t, time.Now().Add(42*time.Hour), cookie.Expires, time.Minute)
		}
		assert.Equal(t, fmt.Sprint(permanent), client.Get("/permanent").Text)
	}
}

func TestWhenTheSessionCookieIsSetAgain(t *testing.T) {
	for _, c := range []struct{ permanent, refresh, again bool }{{true, true, true}, {true, false, false}, {false, true, false}, {false, false, false}} {
		app := sessionApp(map[string]any{"SESSION_REFRESH_EACH_REQUEST": c.refresh})
		app.Get("/bump")(func(c2 *retort.Context) string {
			n := retort.SessionValue(c2.Session(), "foo", 0) + 1
			c2.Session().Set("foo", n)
			c2.Session().SetPermanent(c.permanent)
			return fmt.Sprint(n)
		})
		app.Get("/foo")(func(c *retort.Context) string { return fmt.Sprint(c.Session().Get("foo")) })
		client := app.TestClient()
		for _, want := range []string{"1", "2", "3"} {
			assert.Equal(t, want, client.Get("/bump").Text)
		}
		res := client.Get("/foo")
		assert.Equal(t, "3", res.Text)
		assert.Equal(t, c.again, len(res.Header["Set-Cookie"]) > 0, c)
		ignoring := client.Get("/nothing")
		assert.Equal(t, c.again, ignoring.Header.Get("Vary") == "Cookie", "a cookie that is refreshed depends on the one that came")
	}
}

func TestAfterRequestComesBeforeTheSessionIsSaved(t *testing.T) {
	app := sessionApp(nil)
	app.AfterRequest(func(c *retort.Context, _ *retort.Response) { c.Session().Set("foo", 42) })
	app.Get("/")(func(c *retort.Context) string { return fmt.Sprint(c.Session().Get("foo")) })
	client := app.TestClient()
	assert.Equal(t, "<nil>", client.Get("/").Text)
	assert.Equal(t, "42", client.Get("/").Text)
}

func TestWhatASessionKeepsAsItIs(t *testing.T) {
	now := time.Now().UTC().Truncate(time.Second)
	values := map[string]any{
		"t": taggedjson.Tuple{int64(1), int64(2), int64(3)}, "b": []byte{0xff}, "m": template.HTML("<html>"), "d": now, "n": nil, "f": 1.5, "s": "text", "l": []any{"a", true},
		"t_tag": map[string]any{" t": "not-a-tuple"}, "di_t_tag": map[string]any{" t__": "not-a-tuple"}, "di_tag": map[string]any{" di": "not-a-dict"},
	}
	app := sessionApp(nil)
	app.Get("/")(func(c *retort.Context) (any, int) { c.Session().Update(values); return "", 204 })
	client := app.TestClient()
	client.Get("/")
	s := client.Session()
	for name, want := range values {
		got := s.Get(name)
		if date, ok := got.(time.Time); ok {
			got = date.UTC()
		}
		assert.Equal(t, want, got, name)
	}
}

func TestVaryHasTheCookieOnce(t *testing.T) {
	app := sessionApp(nil)
	app.Get("/default")(func(c *retort.Context) string { return fmt.Sprint(c.Session().SetDefault("test", "default")) })
	app.Get("/empty")(func(c *retort.Context) string { c.Session().Clear(); return "" })
	vary := func(names ...string) func(c *retort.Context) any {
		return func(c *retort.Context) any {
			c.Session().Set("test", "test")
			res := retort.Reply("")
			res.Vary().Add(names...)
			return res
		}
	}
	app.Get("/there-already")(vary("Cookie"))
	app.Get("/others")(vary("Accept-Encoding", "Accept-Language"))
	client := app.TestClient()
	for path, want := range map[string]string{
		"/set": "Cookie", "/read": "Cookie", "/default": "Cookie", "/empty": "Cookie", "/there-already": "Cookie", "/others": "Accept-Encoding, Accept-Language, Cookie",
	} {
		res := client.Get(path)
		require.Len(t, res.Header["Vary"], 1, path)
		assert.Equal(t, want, res.Header.Get("Vary"), path)
	}
	assert.Empty(t, client.Get("/nothing").Header["Vary"])
}

func TestFlashedMessagesByCategory(t *testing.T) {
	app := sessionApp(nil)
	app.Get("/")(func(c *retort.Context) string {
		c.Flash("Hello World")
		c.Flash("Hello World", "error")
		c.Flash(template.HTML("<em>Testing</em>"), "warning")
		return ""
	})
	app.Get("/shown")(func(c *retort.Context) string {
		var all []string
		for _, m := range c.FlashedMessages(c.Request.Args().GetList("only")...) {
			all = append(all, fmt.Sprintf("%s %T %s", m.Category, m.Message, m))
		}
		return strings.Join(all, ", ")
	})
	for query, want := range map[string]string{
		"":              "message string Hello World, error string Hello World, warning template.HTML <em>Testing</em>",
		"?only=message": "message string Hello World", "?only=message&only=warning": "message string Hello World, warning template.HTML <em>Testing</em>", "?only=nope": "",
	} {
		client := app.TestClient()
		client.Get("/")
		assert.Equal(t, want, client.Get("/shown"+query).Text)
		assert.Empty(t, client.Get("/shown").Text, "they are shown once")
	}
}

// flakySessions is a SessionInterface of an application.
type flakySessions struct {
	retort.SecureCookieSessionInterface
	endpoint string
	err      error
}

func (f *flakySessions) OpenSession(c *retort.Context) (*retort.Session, error) {
	f.endpoint = c.Endpoint()
	if f.err != nil {
		return nil, f.err
	}
	return f.SecureCookieSessionInterface.OpenSession(c)
}

func TestASessionInterfaceOfOnesOwn(t *testing.T) {
	t.Run("knows the endpoint", func(t *testing.T) {
		own, app := &flakySessions{}, sessionApp(nil)
		app.SessionInterface = own
		app.Get("/", retort.Endpoint("index"))(func(c *retort.Context) string { return fmt.Sprint(c.Session().Len()) })
		assert.Equal(t, 200, app.TestClient().Get("/").Status)
		assert.Equal(t, "index", own.endpoint)
	})
	t.Run("that fails is a 500 and no empty session", func(t *testing.T) {
		app, n := sessionApp(nil), &noting{}
		app.SessionInterface = &flakySessions{err: errors.New("the store is down")}
		app.TeardownRequest(func(_ *retort.Context, err error) { n.note(err) })
		assert.Equal(t, 500, app.TestClient().Get("/read").Status)
		require.Len(t, n.calls, 1)
		assert.Contains(t, n.calls[0], "the store is down")
	})
}

func TestAStreamMayReadTheSession(t *testing.T) {
	app := sessionApp(nil)
	app.Get("/")(func(c *retort.Context) *retort.Response {
		c.Session().Set("test", "flask")
		return retort.Stream(func(yield func(string) bool) { yield(fmt.Sprint(c.Session().Get("test"))) })
	})
	assert.Equal(t, "flask", app.TestClient().Get("/").Text)
}

func TestTheSessionAcrossARedirect(t *testing.T) {
	app := sessionApp(nil)
	app.Get("/redirect")(func(c *retort.Context) any { c.Session().Set("redirect", true); return c.Redirect("/target") })
	app.Get("/target")(func(c *retort.Context) string { c.Session().Set("target", true); return "" })
	client := app.TestClient()
	client.Get("/redirect", retort.FollowRedirects())
	assert.Equal(t, []string{"redirect", "target"}, client.Session().Keys())
}

func TestSessionTransactions(t *testing.T) {
	app := sessionApp(nil)
	app.Get("/")(func(c *retort.Context) string { return fmt.Sprint(c.Session().Get("foo")) })
	client := app.TestClient()
	client.SessionTransaction(func(s *retort.Session) {
		assert.Zero(t, s.Len())
		s.Set("foo", []any{42})
		assert.Equal(t, 1, s.Len())
	})
	assert.Equal(t, "[42]", client.Get("/").Text)
	client.SessionTransaction(func(s *retort.Session) { assert.Equal(t, []any{int64(42)}, s.Get("foo")) })
	assert.Panics(t, func() { sessionApp(nil).TestClient(retort.NoCookies()).SessionTransaction(func(*retort.Session) {}) })
	assert.Contains(t, panicText(t, func() { silentApp().TestClient().SessionTransaction(func(s *retort.Session) { s.Set("a", 1) }) }), "SECRET_KEY")
}

func TestASignalTellsOfFlashedMessages(t *testing.T) {
	app := sessionApp(nil)
	app.Get("/")(func(c *retort.Context) any { c.Flash("This is a flash message", "notice"); return c.Redirect("/other") })
	flashed := app.Signals.MessageFlashed.Capture(t)
	app.TestClient().Get("/")
	require.Equal(t, 1, flashed.Len())
	assert.Equal(t, "This is a flash message notice", fmt.Sprint(flashed.Values()[0].Message, " ", flashed.Values()[0].Category))
}
