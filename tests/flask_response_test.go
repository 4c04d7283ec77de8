package tests

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
)

func TestWhatAViewReturnsBecomesTheResponse(t *testing.T) {
	fields := http.Header{"X-Foo": {"Testing"}, "Content-Type": {"text/plain; charset=utf-8"}}
	whole := func() *retort.Response {
		return retort.Reply("Hello world", 404, http.Header{"Content-Type": {"text/html"}, "X-Foo": {"Baz"}})
	}
	cases := []struct {
		name, text, contentType, foo string
		status                       int
		view                         any
	}{
		{"text", "Hällo Wörld", "text/html; charset=utf-8", "", 200, func() string { return "Hällo Wörld" }},
		{"bytes", "Hällo Wörld", "text/html; charset=utf-8", "", 200, func() []byte { return []byte("Hällo Wörld") }},
		{"text, status and fields", "Meh", "text/plain; charset=utf-8", "Testing", 400, func() (string, int, http.Header) { return "Meh", 400, fields }},
		{"text and fields", "Hello", "text/plain; charset=utf-8", "Testing", 200, func() (string, http.Header) { return "Hello", fields }},
		{"text and status", "Hi, status!", "text/html; charset=utf-8", "", 400, func() (string, int) { return "Hi, status!", 400 }},
		{"a response and fields in the place of its own", "Hello world", "text/plain; charset=utf-8", "Testing", 404, func() (*retort.Response, http.Header) { return whole(), fields }},
		{"a response and another status", "Hello world", "text/html", "Baz", 500, func() (*retort.Response, int) { return whole(), 500 }},
		{"a handler", "404 page not found\n", "text/plain; charset=utf-8", "", 404, func() http.Handler { return http.NotFoundHandler() }},
		{"a map", `{"foo":"bar"}` + "\n", "application/json", "", 201, func() (retort.H, int) { return retort.H{"foo": "bar"}, 201 }},
		{"a list", `["foo","bar"]` + "\n", "application/json", "", 201, func() ([]string, int) { return []string{"foo", "bar"}, 201 }},
		{"a stream", "Hello", "text/html; charset=utf-8", "", 200, func() *retort.Response {
			return retort.Stream(func(yield func(string) bool) {
				for _, c := range "Hello" {
					if !yield(string(c)) {
						return
					}
				}
			})
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			app := silentApp()
			app.Get("/")(c.view)
			res := app.TestClient().Get("/")
			assert.Equal(t, c.text, res.Text)
			assert.Equal(t, c.status, res.Status)
			assert.Equal(t, c.contentType, res.Header.Get("Content-Type"))
			if c.foo != "" {
				assert.Equal(t, []string{c.foo}, res.Header["X-Foo"])
			}
		})
	}
}

func TestWhatAViewMustNotReturn(t *testing.T) {
	for said, view := range map[string]any{
		"nil":    func() any { return nil },
		"bool":   func() any { return true },
		"func()": func() any { return func() {} },
	} {
		t.Run(said, func(t *testing.T) {
			app := silentApp()
			app.Config.Set("TESTING", true)
			app.Get("/")(view)
			assert.Contains(t, panicText(t, func() { app.TestClient().Get("/") }), "the view answered ")
			assert.Contains(t, panicText(t, func() { app.TestClient().Get("/") }), said)
		})
	}
}

func TestReplyMakesAResponseOfWhatAViewMayReturn(t *testing.T) {
	app := silentApp()
	c := app.TestRequestContext("/")
	cases := []struct {
		name                    string
		res                     *retort.Response
		status                  int
		body, mimetype, ofField string
	}{
		{"an empty text", retort.Reply(""), 200, "", "text/html", ""},
		{"a text", retort.Reply("Awesome"), 200, "Awesome", "text/html", ""},
		{"a text and a status", retort.Reply("W00t", 404), 404, "W00t", "text/html", ""},
		{"JSON and a status", retort.Reply(c.JSONify(retort.H{"msg": "W00t"}), 400), 400, `{"msg":"W00t"}` + "\n", "application/json", ""},
		{"a response, a status and fields", retort.Reply(retort.HTML(""), 400, http.Header{"X-Foo": {"bar"}}), 400, "", "text/html", "bar"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			require.NoError(t, c.res.Err())
			data, err := c.res.Data()
			require.NoError(t, err)
			assert.Equal(t, c.status, max(c.res.Status, 200))
			assert.Equal(t, c.body, string(data))
			assert.Equal(t, c.mimetype, c.res.Mimetype())
			assert.Equal(t, c.ofField, c.res.Header.Get("X-Foo"))
		})
	}
}

func TestJSONOfEveryBasicType(t *testing.T) {
	app := silentApp()
	for value, want := range map[any]string{0: "0", -1: "-1", 23: "23", 3.14: "3.14", "s": `"s"`, "longer string": `"longer string"`, true: "true", false: "false", nil: "null"} {
		res := app.TestRequestContext("/").JSONify(value)
		data, err := res.Data()
		require.NoError(t, err)
		assert.Equal(t, want+"\n", string(data))
		assert.Equal(t, "application/json", res.Header.Get("Content-Type"))
	}
}

func TestSeveralValuesAreOneJSONList(t *testing.T) {
	list := []any{0, 42, 3.14, "t", true, []any{"test list", 2, false}, retort.H{"test": "dict"}}
	c := silentApp().TestRequestContext("/")
	one, err := c.JSONify(list).Data()
	require.NoError(t, err)
	several, err := c.JSONify(list...).Data()
	require.NoError(t, err)
	assert.Equal(t, string(one), string(several))
	assert.JSONEq(t, `[0, 42, 3.14, "t", true, ["test list", 2, false], {"test": "dict"}]`, string(one))
}

func TestHTTPDatesAreInGMTWhateverTheirZone(t *testing.T) {
	app := silentApp()
	app.JSON = retort.DefaultJSON{HTTPDates: true}
	for _, hours := range []int{0, -8, 9} {
		zone := time.FixedZone("test", hours*3600)
		moment := time.Date(2017, 1, 1, 12, 34, 56, 0, zone)
		data, err := app.TestRequestContext("/").JSONify(moment).Data()
		require.NoError(t, err)
		assert.Equal(t, moment.UTC().Format(`"`+http.TimeFormat+`"`)+"\n", string(data))
	}
}

func TestKeysOfMapsAreSortedInDebugMode(t *testing.T) {
	app := silentApp()
	app.Config.Set("DEBUG", true)
	data, err := app.TestRequestContext("/").JSONify(retort.H{"values": map[int]string{10: "foo", 2: "foo", 1: "foo"}}).Data()
	require.NoError(t, err)
	assert.Equal(t, "{\n  \"values\": {\n    \"1\": \"foo\",\n    \"10\": \"foo\",\n    \"2\": \"foo\"\n  }\n}\n", string(data))
}

func TestABadJSONBodyIsExplainedInDebugModeOnly(t *testing.T) {
	for _, debug := range []bool{true, false} {
		app := silentApp()
		app.Config.Update(map[string]any{"DEBUG": debug, "TRAP_BAD_REQUEST_ERRORS": false})
		app.Post("/json")(func(c *retort.Context) error { var v any; return c.Request.JSON(&v) })
		for _, body := range []string{"", "malformed", `{"a":}`} {
			res := app.TestClient().Post("/json", retort.WithBody(body, "application/json"))
			assert.Equal(t, 400, res.Status, body)
			short := app.TestClient().Post("/json", retort.WithBody(body, "application/json")).Text
			assert.Equal(t, debug, strings.Contains(short, "JSON"), "%q %s", body, short)
		}
	}
}

func TestJSONOfAnyJSONMimetypeIsRead(t *testing.T) {
	app := silentApp()
	app.Post("/")(func(c *retort.Context) (string, error) { var s string; return s, c.Request.JSON(&s) })
	app.Post("/sum")(func(c *retort.Context) (any, error) {
		var v struct{ A, B int }
		err := c.Request.JSON(&v)
		return v.A + v.B, err
	})
	for mimetype, status := range map[string]int{"application/json": 200, "application/x+json": 200, "application/vnd.api+json; charset=utf-8": 200, "text/plain": 415, "": 415} {
		assert.Equal(t, status, app.TestClient().Post("/", retort.WithBody(`"foo"`, mimetype)).Status, mimetype)
	}
}

// siteFolder makes a root path with one static page.
func siteFolder(t *testing.T) string {
	root := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(root, "static"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(root, "static", "index.html"), []byte("<h1>Hello World!</h1>\n"), 0o644))
	return root
}

func TestStaticFilesAreWhereTheirURLSays(t *testing.T) {
	root := siteFolder(t)
	cases := []struct {
		name, path string
		opts       []retort.Option
	}{
		{"the default", "/static/index.html", nil},
		{"another path", "/foo/index.html", []retort.Option{retort.StaticURLPath("/foo")}},
		{"another path with a slash at its end", "/foo/index.html", []retort.Option{retort.StaticURLPath("/foo/")}},
		{"no path at all", "/index.html", []retort.Option{retort.StaticURLPath("")}},
		{"a folder with a slash at its end", "/static/index.html", []retort.Option{retort.StaticFolder("static/")}},
		{"an absolute folder", "/static/index.html", []retort.Option{retort.StaticFolder(filepath.Join(root, "static"))}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			app := silentApp(append(c.opts, retort.RootPath(root))...)
			app.Get("/catch/<path:rest>", retort.Endpoint("catch"))(func(rest string) string { return rest })
			res := app.TestClient().Get(c.path)
			assert.Equal(t, 200, res.Status)
			assert.Equal(t, "<h1>Hello World!</h1>\n", res.Text)
			assert.Equal(t, c.path, app.TestRequestContext("/").URLFor("static", "filename", "index.html"))
			assert.Equal(t, "all/of", app.TestClient().Get("/catch/all/of").Text)
		})
	}
}

func TestStaticFilesOfOneHost(t *testing.T) {
	root := siteFolder(t)
	app := silentApp(retort.RootPath(root), retort.HostMatching(), retort.StaticHost("example.com"), retort.StaticFolder("static"))
	assert.Equal(t, 200, app.TestClient().Get("http://example.com/static/index.html").Status)
	assert.Equal(t, "http://example.com/static/index.html", app.TestRequestContext("/").URLFor("static", "filename", "index.html", retort.External()))
	assert.Panics(t, func() { silentApp(retort.RootPath(root), retort.StaticHost("example.com")) }, "a host without host matching")
	assert.Panics(t, func() { silentApp(retort.RootPath(root), retort.HostMatching(), retort.StaticFolder("static")) }, "host matching without a host")
	assert.NotPanics(t, func() { silentApp(retort.RootPath(root), retort.HostMatching(), retort.StaticFolder("")) })
}

func TestHowLongAFileMayBeKept(t *testing.T) {
	root := siteFolder(t)
	cases := []struct {
		name, want string
		setup      func(*retort.App)
	}{
		{"always asked for by default", "no-cache", func(*retort.App) {}},
		{"the configuration says it in seconds", "max-age=3600", func(app *retort.App) { app.Config.Set("SEND_FILE_MAX_AGE_DEFAULT", 3600) }},
		{"a function says it", "max-age=10", func(app *retort.App) { app.SendFileMaxAge(func(string) time.Duration { return 10 * time.Second }) }},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			app := silentApp(retort.RootPath(root))
			c.setup(app)
			app.Get("/sent")(func(c *retort.Context) any { return c.SendFile("static/index.html") })
			for _, path := range []string{"/static/index.html", "/sent"} {
				res := app.TestClient().Get(path)
				assert.Contains(t, res.Header.Get("Cache-Control"), c.want, path)
				assert.Equal(t, "text/html; charset=utf-8", res.Header.Get("Content-Type"), path)
			}
		})
	}
}

func TestACookieThatIsTooLargeIsLogged(t *testing.T) {
	for limit, logged := range map[int]bool{100: true, 0: false, 4093: false} {
		var log strings.Builder
		app := silentApp()
		app.Logger = slogTo(&log)
		app.Config.Set("MAX_COOKIE_SIZE", limit)
		app.Get("/")(func() (any, int) {
			res := retort.Reply("")
			res.SetCookie("foo", strings.Repeat("bar", 100))
			return res, 204
		})
		res := app.TestClient().Get("/")
		assert.Equal(t, logged, strings.Contains(log.String(), "foo"), limit)
		assert.NotEmpty(t, res.Header.Get("Set-Cookie"), "it is sent all the same")
	}
}

func TestLimitsOfTheRequestComeFromTheConfiguration(t *testing.T) {
	app := silentApp()
	app.Config.Update(map[string]any{"MAX_CONTENT_LENGTH": 100, "MAX_FORM_MEMORY_SIZE": 50, "MAX_FORM_PARTS": 3})
	r := app.TestRequestContext("/").Request
	assert.Equal(t, int64(100), r.MaxContentLength())
	assert.Equal(t, int64(50), r.MaxFormMemorySize())
	assert.Equal(t, 3, r.MaxFormParts())
	r.SetMaxContentLength(90)
	r.SetMaxFormMemorySize(30)
	r.SetMaxFormParts(4)
	assert.Equal(t, int64(90), r.MaxContentLength())
	assert.Equal(t, int64(30), r.MaxFormMemorySize())
	assert.Equal(t, 4, r.MaxFormParts())
}

func TestABodyThatIsTooLargeIsForTheHandlerOf413(t *testing.T) {
	app := silentApp()
	app.Config.Set("MAX_CONTENT_LENGTH", 50)
	app.Post("/")(func(c *retort.Context) string { return c.Request.Form().Require("myfile") })
	app.ErrorHandler(413)(func(error) string { return "42" })
	assert.Equal(t, "42", app.TestClient().Post("/", retort.FormData{"myfile": strings.Repeat("foo", 50)}).Text)
}

func TestOnlyTrustedHostsAreServed(t *testing.T) {
	app := silentApp()
	app.Config.Set("TRUSTED_HOSTS", []string{"example.test", ".other.test"})
	app.Get("/")(func() string { return "" })
	for host, status := range map[string]int{"example.test": 200, "a.other.test": 200, "other.test": 200, "bad.test": 400, "a.example.test": 400} {
		assert.Equal(t, status, app.TestClient().Get("http://"+host+"/").Status, host)
	}
}

func TestURLForOfEveryKind(t *testing.T) {
	app := silentApp()
	app.Get("/", retort.Endpoint("index"))(methodOf)
	app.Post("/hello/<name>", retort.Endpoint("hello"))(func(name string) string { return name })
	app.Get("/my/", retort.Endpoint("my"))(methodOf)
	app.Get("/my/<int:id>", retort.Endpoint("my.id"))(func(int) string { return "" })
	app.Post("/my/create", retort.Endpoint("my.create"))(methodOf)
	app.Get("/at/<self>", retort.Endpoint("self"))(func(self string) string { return self })
	c := app.TestRequestContext("/")
	cases := map[string]string{
		c.URLFor("hello", "name", "test x"):                               "/hello/test%20x",
		c.URLFor("hello", "name", "test x", retort.External()):            "http://localhost/hello/test%20x",
		c.URLFor("index", retort.Anchor("x y")):                           "/#x%20y",
		c.URLFor("index", retort.Scheme("https"), retort.External()):      "https://localhost/",
		c.URLFor("index", retort.Scheme("https")):                         "https://localhost/",
		c.URLFor("index", retort.External()):                              "http://localhost/",
		c.URLFor("self", "self", "2"):                                     "/at/2",
		c.URLFor("index", "a", []string{"x", "y"}, "b", nil, "c", "1+2"):  "/?a=x&a=y&c=1%2B2",
		c.URLFor("my.id", "id", 42, "tab", "posts", retort.Anchor("end")): "/my/42?tab=posts#end",
		c.URLFor("my", retort.Method("GET")):                              "/my/",
	}
	for got, want := range cases {
		assert.Equal(t, want, got)
	}
	assert.Panics(t, func() { c.URLFor("index", retort.Scheme("https"), retort.External(false)) })
}

func TestURLForChoosesTheRuleByMethod(t *testing.T) {
	app := silentApp()
	list := func() string { return "List" }
	app.Get("/my/", retort.Endpoint("my"))(list)
	app.Post("/my/create", retort.Endpoint("my"))(list)
	c := app.TestRequestContext("/")
	assert.Equal(t, "/my/", c.URLFor("my", retort.Method("GET")))
	assert.Equal(t, "/my/create", c.URLFor("my", retort.Method("POST")))
	assert.Equal(t, "/my/", c.URLFor("my"))
}

func TestURLForOutsideARequestNeedsAServerName(t *testing.T) {
	app := silentApp()
	app.Get("/", retort.Endpoint("index"))(methodOf)
	assert.Contains(t, panicText(t, func() { app.URLFor("index") }), "SERVER_NAME")
	named := silentApp()
	named.Config.Update(map[string]any{"SERVER_NAME": "localhost", "PREFERRED_URL_SCHEME": "https"})
	named.Get("/", retort.Endpoint("index"))(methodOf)
	assert.Equal(t, "https://localhost/", named.URLFor("index"))
}

func TestAFailedURLIsForTheBuildErrorHandlers(t *testing.T) {
	unhandled := silentApp()
	unhandled.Get("/")(func(c *retort.Context) string { return c.URLFor("spam") })
	assert.Equal(t, 500, unhandled.TestClient().Get("/").Status)

	app := silentApp()
	var values retort.H
	app.URLBuildErrorHandler(func(*retort.BuildError, string, retort.H) (string, error) { return "", nil })
	app.URLBuildErrorHandler(func(_ *retort.BuildError, endpoint string, v retort.H) (string, error) {
		values = v
		if endpoint == "spam" {
			return "/test_handler/", nil
		}
		return "", io.ErrUnexpectedEOF
	})
	c := app.TestRequestContext("/")
	assert.Equal(t, "/test_handler/", c.URLFor("spam", "a", 1))
	assert.Equal(t, retort.H{"a": 1}, values)
	assert.PanicsWithValue(t, io.ErrUnexpectedEOF, func() { c.URLFor("not.existing") })
}

func TestTheValuesOfALongURL(t *testing.T) {
	app := silentApp()
	var rule strings.Builder
	var args []any
	for i := range 200 {
		name := "v" + strings.Repeat("x", i)
		rule.WriteString("/<" + name + ">")
		args = append(args, name, i)
	}
	app.AddURLRule(rule.String(), "long", nil, retort.BuildOnly())
	url := app.TestRequestContext("/").URLFor("long", args...) + "/"
	assert.Equal(t, 201, strings.Count(url, "/"))
	assert.True(t, strings.HasPrefix(url, "/0/1/2/3/"))
	assert.True(t, strings.HasSuffix(url, "/198/199/"))
}
