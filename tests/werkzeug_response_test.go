package tests

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
)

// served answers one request with res.
func served(res *retort.Response, opts ...retort.TestOption) *retort.TestResponse {
	app := silentApp()
	app.Get("/")(func() *retort.Response { return res })
	return app.TestClient().Get("/", opts...)
}

func TestTheStatusLine(t *testing.T) {
	for line, want := range map[string]int{"404": 404, "588": 588, "999": 999, "200 OK": 200, "999 WTF": 999, "200 TEA POT": 200, "400 Bad Request": 400} {
		res := retort.Text("")
		res.SetStatus(line)
		assert.Equal(t, want, res.Status, line)
	}
	for _, line := range []string{"", "wtf", "20 OK", "1000", "200\r\nX: y"} {
		assert.Panics(t, func() { retort.Text("").SetStatus(line) }, line)
	}
}

func TestTheLengthOfAResponseIsInBytes(t *testing.T) {
	for text, length := range map[string]string{"你好": "6", "Hällo Wörld": "13", "Hello World!": "12", "": "0"} {
		assert.Equal(t, length, served(retort.HTML(text)).Header.Get("Content-Length"), text)
	}
	changed := retort.HTML("before")
	changed.SetData([]byte("Wörd"))
	assert.Equal(t, "5", served(changed).Header.Get("Content-Length"))
}

func TestWhatIsStreamedAndWhatIsNot(t *testing.T) {
	chunks := func(yield func(string) bool) { _ = yield("Hello ") && yield("Wörld!") }
	assert.False(t, retort.HTML("Hello").IsStreamed())
	assert.False(t, retort.Reply([]byte("Hello")).IsStreamed())
	res := retort.Stream(chunks)
	assert.True(t, res.IsStreamed())
	data, err := res.Data()
	require.NoError(t, err)
	assert.Equal(t, "Hello Wörld!", string(data))
	assert.False(t, res.IsStreamed(), "what has been read is kept")
	frozen := retort.Stream(chunks)
	require.NoError(t, frozen.Freeze())
	assert.False(t, frozen.IsStreamed())
	assert.Equal(t, "13", frozen.Header.Get("Content-Length"))
	tag, weak := frozen.ETag()
	assert.NotEmpty(t, tag)
	assert.False(t, weak)
}

func TestStatusesThatHaveNoBody(t *testing.T) {
	for _, status := range []int{204, 304} {
		res := served(retort.Reply("test", status))
		assert.Equal(t, status, res.Status)
		assert.Empty(t, res.Text)
		assert.Empty(t, res.Header.Get("Content-Length"))
	}
}

func TestWhatIsSentInALocation(t *testing.T) {
	for given, want := range map[string]string{
		"http://example.com": "http://example.com", "/füübär": "/f%C3%BC%C3%BCb%C3%A4r", "http://☃.example.com/": "http://xn--n3h.example.com/",
		"itms-services://?url=abc": "itms-services://?url=abc", "http://üser:pässword@☃.net/påth": "http://%C3%BCser:p%C3%A4ssword@xn--n3h.net/p%C3%A5th",
		"/\\\\test.example?q": "/%5C%5Ctest.example?q", "/test": "/test", "../test": "../test",
	} {
		assert.Equal(t, want, served(retort.Redirect(given)).Header.Get("Location"), given)
	}
	for _, status := range []int{301, 302, 303, 307, 308} {
		assert.Equal(t, status, served(retort.Redirect("/x", status)).Status)
	}
	assert.Equal(t, 303, served(retort.Redirect("/x")).Status)
}

func TestThePageOfARedirectEscapesItsTarget(t *testing.T) {
	for _, location := range []string{`http://example.com/?xss="><script>alert(1)</script>`, `http://example.com/?xss="onmouseover="alert(1)`} {
		text := served(retort.Redirect(location)).Text
		assert.NotContains(t, text, "<script>alert(1)</script>")
		assert.NotContains(t, text, `"onmouseover="`)
		assert.Contains(t, text, "http://example.com/?xss=")
	}
}

func TestPreconditionsOfAResponse(t *testing.T) {
	tagged := func() *retort.Response {
		res := retort.HTML("Hello World")
		require.NoError(t, res.AddETag())
		res.CacheControl().SetMaxAge(60)
		return res
	}
	tag, _ := tagged().ETag()
	assert.Equal(t, "4Wf2jWVj11uyXzqknCnvYS1BNS3ABgbefL1jC7JmX1E", tag)
	for _, c := range []struct {
		field, value string
		status       int
		body         bool
	}{
		{"If-None-Match", `"` + tag + `"`, 304, false},
		{"If-None-Match", tag, 304, false},
		{"If-None-Match", `"other", W/"` + tag + `"`, 304, false},
		{"If-None-Match", `"other"`, 200, true},
		{"If-Match", `"` + tag + `xyz"`, 412, true},
		{"If-Match", `"` + tag + `"`, 200, true},
	} {
		app := silentApp()
		app.Get("/")(func(ctx *retort.Context) (any, error) {
			res := tagged()
			return res, res.MakeConditional(ctx.Request)
		})
		res := app.TestClient().Get("/", retort.WithHeader(c.field, c.value))
		assert.Equal(t, c.status, res.Status, c)
		assert.Equal(t, c.body, res.Text != "", c)
		assert.Equal(t, "max-age=60", res.Header.Get("Cache-Control"))
		if c.status == 304 {
			assert.Empty(t, res.Header.Get("Content-Length"))
		}
	}
	dated := retort.HTML("x")
	moment := time.Unix(1337, 0).UTC()
	dated.SetDate(moment)
	require.NoError(t, dated.MakeConditional(silentApp().TestRequestContext("/").Request))
	assert.Equal(t, moment, dated.Date(), "a date that is there stays")
}

func TestRangesOfAResponse(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.txt")
	require.NoError(t, os.WriteFile(path, []byte("Hello World"), 0o644))
	bodies := map[string]func() *retort.Response{
		"a text":   func() *retort.Response { return retort.HTML("Hello World") },
		"a reader": func() *retort.Response { return retort.Reply(bytes.NewReader([]byte("Hello World"))) },
		"chunks": func() *retort.Response {
			return retort.Stream(func(yield func(string) bool) {
				for _, chunk := range []string{"He", "ll", "o W", "o", "rld"} {
					if !yield(chunk) {
						return
					}
				}
			})
		},
		"a file": func() *retort.Response {
			f, err := os.Open(path)
			require.NoError(t, err)
			return retort.Reply(f)
		},
	}
	for name, body := range bodies {
		for _, c := range []struct {
			field, want, of string
			status          int
		}{
			{"bytes=0-4", "Hello", "bytes 0-4/11", 206}, {"bytes=6-666", "World", "bytes 6-10/11", 206}, {"bytes=0-0", "H", "bytes 0-0/11", 206},
			{"bytes=0-10", "Hello World", "bytes 0-10/11", 206}, {"bytes=6-9", "Worl", "bytes 6-9/11", 206}, {"bytes=-2", "ld", "bytes 9-10/11", 206}, {"", "Hello World", "", 200},
			{"bytes=-", "", "bytes */11", 416}, {"bytes=11-", "", "bytes */11", 416},
		} {
			app := silentApp()
			app.Get("/")(func(ctx *retort.Context) (any, error) {
				res := body()
				return res, res.MakeConditional(ctx.Request, retort.ConditionalOptions{AcceptRanges: true, CompleteLength: 11})
			})
			var opts []retort.TestOption
			if c.field != "" {
				opts = append(opts, retort.WithHeader("Range", c.field))
			}
			res := app.TestClient().Get("/", opts...)
			assert.Equal(t, c.status, res.Status, "%s %s", name, c.field)
			assert.Equal(t, c.of, res.Header.Get("Content-Range"), "%s %s", name, c.field)
			if c.status != 416 {
				assert.Equal(t, "bytes", res.Header.Get("Accept-Ranges"))
				assert.Equal(t, c.want, res.Text, "%s %s", name, c.field)
				assert.Equal(t, strconv.Itoa(len(c.want)), res.Header.Get("Content-Length"), "%s %s", name, c.field)
			}
		}
	}
}

func TestFieldsOfAResponse(t *testing.T) {
	res := retort.Text("")
	res.SetMimetype("text/html")
	assert.Equal(t, "text/html; charset=utf-8", res.Header.Get("Content-Type"))
	assert.Equal(t, "text/html", res.Mimetype())
	now := time.Now().UTC().Truncate(time.Second)
	assert.True(t, res.Date().IsZero())
	assert.True(t, res.Expires().IsZero())
	res.SetDate(now)
	res.SetExpires(now)
	res.SetLastModified(now)
	assert.Equal(t, []time.Time{now, now, now}, []time.Time{res.Date(), res.Expires(), res.LastModified()})
	res.SetAge(24*time.Hour + 3*time.Minute + 5*time.Second)
	age, ok := res.Age()
	assert.True(t, ok)
	assert.Equal(t, "86585", res.Header.Get("Age"))
	assert.Equal(t, 86585*time.Second, age)
	res.SetRetryAfter(42 * time.Second)
	assert.Equal(t, "42", res.Header.Get("Retry-After"))
	res.Vary().Add("Cookie")
	res.Vary().Add("Content-Language")
	assert.Equal(t, "Cookie, Content-Language", res.Header.Get("Vary"))
	assert.True(t, res.Vary().Has("cookie"))
	res.Header.Set("Vary", "Content-Encoding")
	assert.Equal(t, "Content-Encoding", res.Vary().String())
	res.Allow().Add("GET", "POST")
	assert.Equal(t, "GET, POST", res.Header.Get("Allow"))
	res.ContentLanguage().Add("en-US", "fr")
	assert.Equal(t, "en-US, fr", res.Header.Get("Content-Language"))
	res.AddContentSecurityPolicy("default-src", "'self'")
	res.AddContentSecurityPolicy("script-src", "'self'", "palletsprojects.com")
	assert.Equal(t, "default-src 'self'; script-src 'self' palletsprojects.com", res.Header.Get("Content-Security-Policy"))
}

func TestAttributesOfCookies(t *testing.T) {
	epoch := time.Unix(0, 0)
	base := retort.CookieOptions{MaxAge: time.Minute, Expires: epoch, Path: "/blub", Domain: "example.org"}
	with := func(change func(*retort.CookieOptions)) retort.CookieOptions {
		o := base
		change(&o)
		return o
	}
	begin := "foo=bar; Domain=example.org; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=60; "
	for want, o := range map[string]retort.CookieOptions{
		begin + "Path=/blub; SameSite=Strict":  with(func(o *retort.CookieOptions) { o.SameSite = "strict" }),
		begin + "Secure; Path=/blub":           with(func(o *retort.CookieOptions) { o.Secure = true }),
		begin + "HttpOnly; Path=/blub":         with(func(o *retort.CookieOptions) { o.HTTPOnly = true }),
		begin + "Secure; HttpOnly; Path=/blub": with(func(o *retort.CookieOptions) { o.Secure, o.HTTPOnly = true, true }),
		"foo=bar; Path=/":                      {},
		"foo=bar; Domain=xn--n3h.com; Path=/":  {Domain: "☃.com"},
		"foo=bar; Secure; Path=/; Partitioned": {Partitioned: true},
		"foo=bar; SameSite=None":               {SameSite: "none", OmitPath: true},
	} {
		res := retort.Text("")
		res.SetCookie("foo", "bar", o)
		assert.ElementsMatch(t, strings.Split(want, "; "), strings.Split(res.Header.Get("Set-Cookie"), "; "))
	}
	assert.Panics(t, func() { retort.Text("").SetCookie("foo", "bar", retort.CookieOptions{SameSite: "invalid"}) })
	res := retort.Text("")
	res.SetCookie("foo", "☃")
	res.SetCookie("key", "bar baz")
	assert.Equal(t, []string{`foo="\342\230\203"; Path=/`, `key="bar baz"; Path=/`}, res.Header["Set-Cookie"])
	gone := retort.Text("")
	gone.DeleteCookie("foo")
	assert.Equal(t, "foo=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/", gone.Header.Get("Set-Cookie"))
}

func TestTheBodyIsClosedWithTheResponse(t *testing.T) {
	n := &noting{}
	res := retort.Reply(closing{strings.NewReader("x"), n})
	res.OnClose(func() error { n.note("first"); return nil })
	res.OnClose(func() error { n.note("second"); return errors.New("is logged") })
	assert.Equal(t, "x", served(res).Text)
	assert.Equal(t, []string{"body", "first", "second"}, n.calls)
	n.calls = nil
	unsent := retort.Reply(closing{strings.NewReader("x"), n})
	require.NoError(t, unsent.Close())
	assert.Equal(t, []string{"body"}, n.calls)
}

// closing notes when it is closed.
type closing struct {
	io.Reader
	n *noting
}

func (c closing) Close() error { c.n.note("body"); return nil }

func TestFilesThatAreSent(t *testing.T) {
	root := siteFolder(t)
	require.NoError(t, os.WriteFile(filepath.Join(root, "test.txt"), []byte("FOUND\n"), 0o644))
	send := func(file any, opts ...retort.SendFileOption) func(...retort.TestOption) *retort.TestResponse {
		return func(request ...retort.TestOption) *retort.TestResponse {
			app := silentApp(retort.RootPath(root))
			app.Get("/")(func(c *retort.Context) any { return c.SendFile(file, opts...) })
			return app.TestClient().Get("/", request...)
		}
	}
	t.Run("the age", func(t *testing.T) {
		for seconds, want := range map[time.Duration]string{0: "no-cache, max-age=0", 60: "public, max-age=60"} {
			res := send("test.txt", retort.MaxAge(seconds*time.Second))()
			assert.ElementsMatch(t, strings.Split(want, ", "), strings.Split(res.Header.Get("Cache-Control"), ", "))
			assert.NotEmpty(t, res.Header.Get("Expires"))
		}
		since := time.Date(2020, 7, 12, 0, 0, 0, 0, time.UTC)
		res := send("test.txt", retort.LastModified(since.AddDate(0, 0, -1)), retort.ETag(""))(retort.WithHeader("If-Modified-Since", since.Format(http.TimeFormat)))
		assert.Equal(t, 304, res.Status)
		assert.Equal(t, "no-cache", res.Header.Get("Cache-Control"))
		assert.Empty(t, res.Header.Get("Expires"))
	})
	t.Run("the tag", func(t *testing.T) {
		assert.Equal(t, 2, strings.Count(send("test.txt")().Header.Get("ETag"), "-"))
		assert.Empty(t, send("test.txt", retort.ETag(""))().Header.Get("ETag"))
		assert.Equal(t, `"unique"`, send("test.txt", retort.ETag("unique"))().Header.Get("ETag"))
	})
	t.Run("the name", func(t *testing.T) {
		assert.Equal(t, "inline; filename=test.txt", send("test.txt")().Header.Get("Content-Disposition"))
		for name, want := range map[string]string{
			"index.html": "attachment; filename=index.html", "(test.txt": `attachment; filename="(test.txt"`, "Vögel.txt": "attachment; filename=Vogel.txt; filename*=UTF-8''V%C3%B6gel.txt",
			"Ñandú／pingüino.txt": `attachment; filename="Nandu/pinguino.txt"; filename*=UTF-8''%C3%91and%C3%BA%EF%BC%8Fping%C3%BCino.txt`,
			"те:/ст":             `attachment; filename=":/"; filename*=UTF-8''%D1%82%D0%B5%3A%2F%D1%81%D1%82`, "(тест.txt": `attachment; filename="(.txt"; filename*=UTF-8''%28%D1%82%D0%B5%D1%81%D1%82.txt`,
		} {
			assert.Equal(t, want, send("static/index.html", retort.AsAttachment(), retort.DownloadName(name))().Header.Get("Content-Disposition"), name)
		}
	})
	t.Run("the coding", func(t *testing.T) {
		shown := send("test.txt", retort.DownloadName("logo.svgz"))()
		assert.Equal(t, "image/svg+xml; charset=utf-8 gzip", shown.Header.Get("Content-Type")+" "+shown.Header.Get("Content-Encoding"))
		saved := send("test.txt", retort.DownloadName("logo.svgz"), retort.AsAttachment())()
		assert.Empty(t, saved.Header.Get("Content-Encoding"))
	})
	t.Run("content without a name", func(t *testing.T) {
		assert.Equal(t, 500, send([]byte("test"))().Status)
		assert.Equal(t, 500, send([]byte("test"), retort.Mimetype("text/plain"), retort.AsAttachment())().Status)
		named := send([]byte("test"), retort.DownloadName("test.txt"), retort.AsAttachment())()
		assert.Equal(t, "test text/plain; charset=utf-8 attachment; filename=test.txt", named.Text+" "+named.Header.Get("Content-Type")+" "+named.Header.Get("Content-Disposition"))
	})
	t.Run("names of directories", func(t *testing.T) {
		app := silentApp(retort.RootPath(root))
		app.Get("/<path:name>")(func(c *retort.Context, name string) any { return c.SendFromDirectory("static", name) })
		assert.Equal(t, 200, app.TestClient().Get("/index.html").Status)
		for _, name := range []string{"nothing.txt", "..%2Ftest.txt", "../static/index.html", "null%00.txt"} {
			assert.Equal(t, 404, app.TestClient().Get("/"+name).Status, name)
		}
	})
	t.Run("a server in front", func(t *testing.T) {
		app := silentApp(retort.RootPath(root))
		app.Config.Set("USE_X_SENDFILE", true)
		app.Get("/")(func(c *retort.Context) any { return c.SendFile("test.txt") })
		app.Get("/bytes")(func(c *retort.Context) any { return c.SendFile([]byte("test"), retort.Mimetype("text/plain")) })
		res := app.TestClient().Get("/")
		assert.Equal(t, filepath.Join(root, "test.txt"), res.Header.Get("X-Sendfile"))
		assert.Empty(t, res.Text)
		assert.Empty(t, app.TestClient().Get("/bytes").Header.Get("X-Sendfile"))
		assert.Equal(t, "test", app.TestClient().Get("/bytes").Text)
	})
}
