package tests

import (
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/middleware"
)

func TestAFormIsReadForAnyMethod(t *testing.T) {
	app := silentApp()
	app.Route("/", retort.Methods("GET", "POST", "PATCH", "DELETE", "MADE-UP"), retort.Endpoint("index"))(func(c *retort.Context) any {
		data, err := c.Request.Data()
		require.NoError(t, err)
		return []any{c.Request.Args().Lists(), c.Request.Form().Lists(), string(data)}
	})
	body := retort.WithBody("foo=blub+hehe&blah=42", "application/x-www-form-urlencoded")
	for _, method := range []string{"POST", "PATCH", "DELETE", "MADE-UP", "GET"} {
		res := app.TestClient().Open(method, "/?blub=blah&blub=x", body)
		var got []any
		require.NoError(t, res.JSON(&got), method)
		assert.Equal(t, map[string]any{"blub": []any{"blah", "x"}}, got[0], method)
		assert.NotNil(t, got[2], method)
	}
}

func TestTheBodyIsReadOnce(t *testing.T) {
	app := silentApp()
	app.Post("/form-first")(func(c *retort.Context) string {
		form := c.Request.Form().Get("foo")
		data, _ := c.Request.Data()
		return form + "|" + string(data)
	})
	app.Post("/data-first")(func(c *retort.Context) string {
		data, _ := c.Request.Data()
		form := c.Request.Form().Get("foo")
		again, _ := c.Request.Data()
		return form + "|" + string(data) + "|" + string(again)
	})
	body := retort.WithBody("foo=Hello+World", "application/x-www-form-urlencoded")
	assert.Equal(t, "Hello World|", app.TestClient().Post("/form-first", body).Text)
	assert.Equal(t, "Hello World|foo=Hello+World|foo=Hello+World", app.TestClient().Post("/data-first", body).Text)
}

type lowerCase struct{ io.ReadCloser }

func (l lowerCase) Read(p []byte) (int, error) {
	n, err := l.ReadCloser.Read(p)
	copy(p, strings.ToLower(string(p[:n])))
	return n, err
}

func TestMiddlewareMayWrapTheBody(t *testing.T) {
	app := silentApp()
	app.Use(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.Body = lowerCase{r.Body}
			next.ServeHTTP(w, r)
		})
	})
	app.Post("/")(func(c *retort.Context) string { return c.Request.Form().Get("foo") })
	assert.Equal(t, "hello world", app.TestClient().Post("/", retort.WithBody("foo=Hello+World", "application/x-www-form-urlencoded")).Text)
}

func TestThePartsOfTheURL(t *testing.T) {
	app := silentApp()
	r := app.TestRequestContext("/bar?foo=baz", retort.WithBaseURL("http://example.com/test")).Request
	assert.Equal(t, []string{"/bar", "/bar?foo=baz", "/test", "http://example.com/test/bar?foo=baz", "http://example.com/test/bar", "http://example.com/test/", "http://example.com/", "example.com", "http", "foo=baz"},
		[]string{r.Path(), r.FullPath(), r.ScriptRoot(), r.URL(), r.BaseURL(), r.RootURL(), r.HostURL(), r.Host(), r.Scheme(), r.QueryString()})
	assert.Equal(t, "https", app.TestRequestContext("/", retort.WithBaseURL("https://example.com/test")).Request.Scheme())
	quoted := "http%3A%2F%2Fwww.example.com%2F%3Fnext%3D%2Fbaz%23my%3Dhash"
	r = app.TestRequestContext("/bar?next="+quoted, retort.WithBaseURL("http://example.com/")).Request
	assert.Equal(t, "/bar?next="+quoted, r.FullPath())
	assert.Equal(t, "http://example.com/bar?next=http://www.example.com/?next%3D/baz%23my%3Dhash", r.URL())
	r = app.TestRequestContext("/☃", retort.WithBaseURL("http://example.com/foo")).Request
	assert.Equal(t, "/foo /☃", r.ScriptRoot()+" "+r.Path())
	r = app.TestRequestContext("/?foo=bar&baz=blah&meh=%CF").Request
	assert.Equal(t, "http://localhost/?foo=bar&baz=blah&meh=%CF", r.URL(), "what is no UTF-8 stays as it is")
}

func TestTheHostOfARequest(t *testing.T) {
	app := silentApp()
	app.Get("/x")(methodOf)
	for _, c := range []struct{ scheme, host, want string }{
		{"http", "spam", "spam"}, {"http", "spam:80", "spam"}, {"https", "spam", "spam"}, {"https", "spam:443", "spam"}, {"http", "spam:8080", "spam:8080"},
		{"http", "127.0.0.1:8080", "127.0.0.1:8080"}, {"http", "[::1]:8080", "[::1]:8080"}, {"https", "spam:80", "spam:80"},
	} {
		r := app.TestRequestContext("/", retort.WithScheme(c.scheme), retort.WithHost(c.host), retort.WithHeader("X-Forwarded-Host", "eggs")).Request
		assert.Equal(t, c.want, r.Host(), c)
	}
	for _, host := range []string{"a.test:8080@b.test", "a.test:port", "[z:443]:8080"} {
		assert.Equal(t, 400, app.TestClient().Get("/x", retort.WithHost(host)).Status, host)
	}
}

func TestTheLengthOfABody(t *testing.T) {
	r := silentApp().TestRequestContext("/", retort.WithMethod("POST"), retort.WithBody("123456", "text/plain")).Request
	assert.Equal(t, int64(6), r.ContentLength())
	r = silentApp().TestRequestContext("/", retort.WithMethod("POST"), retort.WithBody(io.MultiReader(strings.NewReader("123456")), "text/plain")).Request
	assert.Equal(t, int64(-1), r.ContentLength(), "a body in chunks")
}

func TestSeveralCookieFieldsAreOne(t *testing.T) {
	r := silentApp().TestRequestContext("/", retort.WithHeader("Cookie", "a=b", "a=c")).Request
	assert.Equal(t, "b", r.Cookies().Get("a"))
	assert.Equal(t, []string{"b", "c"}, r.Cookies().GetList("a"))
}

func TestTheContentTypeWithItsParameters(t *testing.T) {
	for field, want := range map[string]string{"text/html; charset=utf-8": "text/html", "APPLICATION/JSON": "application/json", "": ""} {
		r := silentApp().TestRequestContext("/", retort.WithMethod("POST"), retort.WithBody("x", field)).Request
		assert.Equal(t, want, r.Mimetype())
		assert.Equal(t, strings.Contains(field, "charset"), r.MimetypeParams()["charset"] == "utf-8")
	}
}

func TestALongTextInAFormWhereverItsLinesBreak(t *testing.T) {
	// Line breaks stand where the reader's buffer ends.
	text := strings.Repeat(strings.Repeat("\r", 31)+"\n", 2045) + strings.Repeat("y", 31) + "\r\n" + strings.Repeat(strings.Repeat("\r", 31)+"\n", 2047) + strings.Repeat("x", 30)
	body := "--thirteenbytes\r\nContent-Disposition: form-data; name=tx3065\r\n\r\n" + text + "\r\n--thirteenbytes--"
	app := silentApp()
	app.Post("/")(func(c *retort.Context) string { return c.Request.Form().Get("tx3065") })
	got := app.TestClient().Post("/", retort.WithBody(body, "multipart/form-data; boundary=thirteenbytes")).Text
	require.Len(t, got, 131072-64-1)
	assert.Equal(t, "y\r\n", got[65470:65473])
	assert.Equal(t, byte('x'), got[len(got)-1])
}

func TestAFileKeepsItsLastBytes(t *testing.T) {
	app := silentApp()
	app.Post("/")(func(c *retort.Context) (string, error) {
		data, err := io.ReadAll(c.Request.Files().Require("foo"))
		return string(data), err
	})
	for _, end := range []string{"\r", "\r\r", "\r\n", "\n", "\r\n--", ""} {
		content := strings.Repeat("\x00", 65535) + end
		got := app.TestClient().Post("/", retort.FormData{"foo": retort.File{Name: "test.txt", Content: []byte(content)}}).Text
		assert.True(t, content == got, "%q", end)
	}
}

func TestFormsThatOddClientsSend(t *testing.T) {
	part := func(head, content string) string { return "--foo\r\n" + head + "\r\n\r\n" + content + "\r\n" }
	lines := func(end string) string {
		return strings.Join([]string{"--foo", "Content-Disposition: form-data; name=foo", "", "this is just bar", "--foo", "Content-Disposition: form-data; name=bar", "", "blafasel", "--foo--"}, end)
	}
	cases := []struct {
		name, body string
		form       map[string][]string
		file       string // its name, type and content
	}{
		{"an empty form", "--foo--", map[string][]string{}, ""},
		{"blank lines ahead", "\r\n\r\n" + part(`Content-Disposition: form-data; name="foo"`, "a string") + "--foo--", map[string][]string{"foo": {"a string"}}, ""},
		{"lines that end with LF", lines("\n"), map[string][]string{"foo": {"this is just bar"}, "bar": {"blafasel"}}, ""},
		{"lines that end with CR", lines("\r"), map[string][]string{"foo": {"this is just bar"}, "bar": {"blafasel"}}, ""},
		{"an empty field", part(`Content-Disposition: form-data; name="empty"`, "") + "--foo--", map[string][]string{"empty": {""}}, ""},
		{"a text after the end", part(`Content-Disposition: form-data; name="a"`, "b") + "--foo--\r\n    ", map[string][]string{"a": {"b"}}, ""},
		{"text that looks like a boundary", part(`Content-Disposition: form-data; name="a"`, "--long text\r\n--with boundary\r\n--lookalikes--") + "--foo--", map[string][]string{"a": {"--long text\r\n--with boundary\r\n--lookalikes--"}}, ""},
		{"a file without a type", part(`Content-Disposition: form-data; name="test"; filename="test.txt"`, "file contents") + "--foo--", map[string][]string{}, "test.txt||file contents"},
		{"fields of a file", part("Content-Disposition: form-data; name=\"test\"; filename=\"foo.txt\"\r\nX-Custom-Header: blah\r\nContent-Type: text/plain; charset=utf-8", "just this") + "--foo--", map[string][]string{}, "foo.txt|text/plain; charset=utf-8|just this"},
		{"a file name in pieces", part("Content-Type: text/plain; charset=utf-8\r\nContent-Disposition: form-data; name=test;\r\n\tfilename*0*=ascii''a%20b%20;\r\n\tfilename*1*=c%20d%20;\r\n\tfilename*2=\"e f.txt\"", "x") + "--foo--", map[string][]string{}, "a b c d e f.txt|text/plain; charset=utf-8|x"},
		{"a whole path of Internet Explorer", part(`Content-Disposition: form-data; name="test"; filename="C:\Users\me\Meeting doc.doc"`, "x") + "--foo--", map[string][]string{}, `C:\Users\me\Meeting doc.doc||x`},
		{"a path to another machine", part(`Content-Disposition: form-data; name="test"; filename="\\server\share\Meeting doc.doc"`, "x") + "--foo--", map[string][]string{}, `\server\share\Meeting doc.doc||x`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			app := silentApp()
			app.Post("/")(func(c *retort.Context) any {
				file := ""
				if f := c.Request.Files().Get("test"); f != nil {
					data, _ := io.ReadAll(f)
					file = f.Filename + "|" + f.ContentType() + "|" + string(data)
				}
				return retort.H{"form": c.Request.Form().Lists(), "file": file}
			})
			res := app.TestClient().Post("/", retort.WithBody(c.body, "multipart/form-data; boundary=foo"))
			var got struct {
				Form map[string][]string
				File string
			}
			require.NoError(t, res.JSON(&got), res.Text)
			assert.Equal(t, c.form, got.Form)
			assert.Equal(t, c.file, got.File)
		})
	}
}

func TestFormsThatAreNone(t *testing.T) {
	app := silentApp()
	app.Post("/")(func(c *retort.Context) any { return c.Request.Form().Lists() })
	for name, body := range map[string][2]string{
		"no boundary":        {"--foo\r\n", "multipart/form-data"},
		"no end":             {"--foo\r\nContent-Disposition: form-data; name=\"test\"; filename=\"t\"\r\n\r\nno end", "multipart/form-data; boundary=foo"},
		"another boundary":   {"--blah\r\n", "multipart/form-data; boundary=foo"},
		"a part without one": {"--foo\r\n\r\nHello World\r\n--foo--", "multipart/form-data; boundary=foo"},
	} {
		assert.Equal(t, 400, app.TestClient().Post("/", retort.WithBody(body[0], body[1])).Status, name)
	}
	for name, contentType := range map[string]string{"a broken type": ", ", "no type": "", "another type": "text/plain"} {
		res := app.TestClient().Post("/", retort.WithBody("test=1", contentType))
		assert.Equal(t, "{}\n", res.Text, name)
	}
}

func TestLimitsOfForms(t *testing.T) {
	plain := retort.WithBody("foo=Hello+World&bar=baz", "application/x-www-form-urlencoded")
	parts := retort.WithBody("--foo\r\nContent-Disposition: form-data; name=foo\r\n\r\nHello World\r\n--foo\r\nContent-Disposition: form-data; name=bar\r\n\r\nbar=baz\r\n--foo--", "multipart/form-data; boundary=foo")
	for _, c := range []struct {
		name   string
		limit  func(*retort.Request)
		body   retort.TestOption
		status int
	}{
		{"a long enough body", func(r *retort.Request) { r.SetMaxContentLength(400) }, plain, 200},
		{"a body that is too short", func(r *retort.Request) { r.SetMaxContentLength(4) }, plain, 413},
		{"texts that are too long", func(r *retort.Request) { r.SetMaxFormMemorySize(7) }, plain, 413},
		{"texts that fit", func(r *retort.Request) { r.SetMaxFormMemorySize(400) }, plain, 200},
		{"parts do not count in a plain form", func(r *retort.Request) { r.SetMaxFormParts(1) }, plain, 200},
		{"a multipart body that fits", func(r *retort.Request) { r.SetMaxContentLength(400) }, parts, 200},
		{"multipart texts that are too long", func(r *retort.Request) { r.SetMaxFormMemorySize(7) }, parts, 413},
		{"multipart texts that fit", func(r *retort.Request) { r.SetMaxFormMemorySize(400) }, parts, 200},
		{"too many parts", func(r *retort.Request) { r.SetMaxFormParts(1) }, parts, 413},
	} {
		t.Run(c.name, func(t *testing.T) {
			app := silentApp()
			app.Post("/")(func(ctx *retort.Context) string { c.limit(ctx.Request); return ctx.Request.Form().Get("foo") })
			res := app.TestClient().Post("/", c.body)
			assert.Equal(t, c.status, res.Status)
			if c.status == 200 {
				assert.Equal(t, "Hello World", res.Text)
			}
		})
	}
}

func TestAMountedHandlerKnowsItsPrefix(t *testing.T) {
	app := silentApp()
	show := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, retort.FromContext(r.Context()).Request.Path()+" "+r.URL.Path)
	})
	app.Mount("/test1", show)
	app.Mount("/test2/very", show)
	for path, want := range map[string]string{
		"/test1": "/test1 /", "/test1/asfd": "/test1/asfd /asfd", "/test1/very": "/test1/very /very", "/test2/very": "/test2/very /", "/test2/very/long/path/after": "/test2/very/long/path/after /long/path/after",
	} {
		assert.Equal(t, want, app.TestClient().Get(path).Text, path)
	}
	assert.Equal(t, 404, app.TestClient().Get("/missing").Status)
	assert.Equal(t, 404, app.TestClient().Get("/test10").Status)
}

func TestSharedFilesBesideAnApp(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "äöü"), []byte("FOUND"), 0o644))
	root, err := os.OpenRoot(dir)
	require.NoError(t, err)
	t.Cleanup(func() { _ = root.Close() })
	app := silentApp()
	app.Use(middleware.SharedData(map[string]fs.FS{"/foo": root.FS(), "/pkg": fstest.MapFS{"test.txt": {Data: []byte("PACKAGE")}}}))
	client := app.TestClient()
	assert.Equal(t, "FOUND", client.Get("/foo/äöü").Text)
	res := client.Get("/pkg/test.txt")
	assert.Equal(t, "PACKAGE", res.Text)
	assert.Equal(t, "text/plain; charset=utf-8", res.Header.Get("Content-Type"))
	for _, path := range []string{"/missing", "/pkg", "/pkg/", "/pkg/missing.txt"} {
		assert.Equal(t, 404, client.Get(path).Status, path)
	}
}
