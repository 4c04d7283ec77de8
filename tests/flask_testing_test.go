package tests

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
)

// urlOf answers with the URL of the request.
func urlOf(c *retort.Context) string { return c.Request.URL() }

func TestWhereTestRequestsGo(t *testing.T) {
	for _, c := range []struct {
		name, target, want string
		config             map[string]any
		opts               []retort.TestOption
	}{
		{"by default", "/", "http://localhost/", nil, nil},
		{"with a scheme", "/", "https://localhost/", nil, []retort.TestOption{retort.WithScheme("https")}},
		{"as configured", "/", "http://example.com:1234/foo/", map[string]any{"SERVER_NAME": "example.com:1234", "APPLICATION_ROOT": "/foo"}, nil},
		{"to a URL", "https://example.com/", "https://example.com/", nil, nil},
		{"to a subdomain", "/", "http://xxx.example.com:1234/", map[string]any{"SERVER_NAME": "example.com:1234"}, []retort.TestOption{retort.WithSubdomain("xxx")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			app := silentApp()
			app.Config.Update(c.config)
			app.Get("/")(urlOf)
			assert.Equal(t, c.want, app.TestClient().Get(c.target, c.opts...).Text)
			assert.Equal(t, c.want, app.TestRequestContext(c.target, c.opts...).Request.URL())
		})
	}
}

func TestASubdomainWithAndWithoutMatching(t *testing.T) {
	matching := silentApp(retort.SubdomainMatching())
	matching.Config.Set("SERVER_NAME", "example.com")
	matching.Get("/", retort.Subdomain("<company_id>"), retort.Endpoint("view"))(func(id string) string { return id })
	url := matching.TestRequestContext("/").URLFor("view", "company_id", "xxx")
	assert.Equal(t, "http://xxx.example.com/", url)
	assert.Equal(t, "xxx", matching.TestClient().Get(url).Text)
	plain := silentApp()
	plain.Config.Set("SERVER_NAME", "example.com")
	plain.Get("/<company_id>", retort.Endpoint("view"))(func(id string) string { return id })
	assert.Equal(t, "xxx", plain.TestClient().Get(plain.TestRequestContext("/").URLFor("view", "company_id", "xxx")).Text)
	bp := retort.NewBlueprint("company", retort.Subdomain("xxx"))
	bp.Get("/")(urlOf)
	app := silentApp(retort.SubdomainMatching())
	app.Config.Update(map[string]any{"SERVER_NAME": "example.com:1234", "APPLICATION_ROOT": "/foo"})
	app.RegisterBlueprint(bp)
	assert.Equal(t, "http://xxx.example.com:1234/foo/", app.TestClient().Get("/", retort.WithSubdomain("xxx")).Text)
	assert.Equal(t, "company", app.TestRequestContext("/", retort.WithSubdomain("xxx")).Request.Blueprint())
}

func TestWhoTestRequestsComeFrom(t *testing.T) {
	app := silentApp()
	app.Get("/")(func(c *retort.Context) string { return c.Request.RemoteAddr() + " " + c.Request.UserAgent() })
	assert.Equal(t, "127.0.0.1 retort-test", app.TestClient().Get("/").Text)
	own := app.TestClient(retort.WithDefaults(retort.WithRemoteAddr("192.168.0.22"), retort.WithHeader("User-Agent", "Foo/0.1")))
	assert.Equal(t, "192.168.0.22 Foo/0.1", own.Get("/").Text)
	assert.Equal(t, "192.168.0.22 Bar/1.0", own.Get("/", retort.WithHeader("User-Agent", "Bar/1.0")).Text)
}

func TestWhatARequestLeftBehind(t *testing.T) {
	app := silentApp()
	app.Get("/")(func(c *retort.Context) string { c.G().Set("value", 42); return "Hello World!" })
	app.Get("/other")(func(*retort.Context) error { return errPlain })
	app.Post("/action")(func(*retort.Context) string { return "x" })
	client := app.TestClient()
	assert.Equal(t, 42, client.Get("/").Context().G().Get("value"))
	other := client.Get("/other")
	assert.Equal(t, 500, other.Status)
	assert.Nil(t, other.Context().G().Get("value"))
	res := client.Post("http://domain.com/action?vodka=42", retort.FormData{"gin": 43})
	assert.Equal(t, 200, res.Status)
	assert.Equal(t, "42", res.Context().Request.Args().Get("vodka"))
	assert.Equal(t, 404, client.Get("/missing").Status)
}

func TestJSONThereAndBack(t *testing.T) {
	app := silentApp()
	app.Post("/echo")(func(c *retort.Context) (any, error) {
		var v any
		err := c.Request.JSON(&v)
		return c.JSONify(v), err
	})
	sent := map[string]any{"drink": map[string]any{"gin": 1.0, "tonic": true}, "price": 10.0}
	res := app.TestClient().Post("/echo", retort.JSON{V: sent})
	var got map[string]any
	require.NoError(t, res.JSON(&got))
	assert.Equal(t, sent, got)
	assert.Equal(t, "application/json", res.Header.Get("Content-Type"))
}

func TestTheHistoryOfRedirects(t *testing.T) {
	app := silentApp()
	app.Get("/first")(func() *retort.Response { return retort.Redirect("/second") })
	app.Get("/second")(func() *retort.Response { return retort.Redirect("/third") })
	app.Get("/third")(func() string { return "done" })
	app.Get("/loop")(func() *retort.Response { return retort.Redirect("/loop") })
	app.Get("/away")(func() *retort.Response { return retort.Redirect("http://example.com/") })
	client := app.TestClient()
	res := client.Get("/first", retort.FollowRedirects())
	assert.Equal(t, "done", res.Text)
	require.Len(t, res.History, 2)
	for i, want := range []string{"/first /second", "/second /third"} {
		assert.Equal(t, want, res.History[i].Request.URL.Path+" "+res.History[i].Header.Get("Location"))
		assert.Equal(t, 303, res.History[i].Status)
	}
	assert.Panics(t, func() { client.Get("/loop", retort.FollowRedirects()) })
	assert.Panics(t, func() { client.Get("/away", retort.FollowRedirects()) })
}

func TestWhatARedirectKeepsOfTheRequest(t *testing.T) {
	for code, keeps := range map[int]bool{301: false, 302: false, 303: false, 307: true, 308: true} {
		app := silentApp()
		app.Post("/")(func() *retort.Response { return retort.Redirect("/target", code) })
		app.Route("/target", retort.Methods("GET", "POST"))(func(c *retort.Context) string {
			return c.Request.Method() + " " + c.Request.Header().Get("X-Foo") + " " + c.Request.Form().Get("foo")
		})
		want := "GET bar "
		if keeps {
			want = "POST bar bar"
		}
		assert.Equal(t, want, app.TestClient().Post("/", retort.FollowRedirects(), retort.FormData{"foo": "bar"}, retort.WithHeader("X-Foo", "bar")).Text, code)
	}
}

func TestARedirectToASubdomain(t *testing.T) {
	app := silentApp()
	app.Get("/")(func() *retort.Response { return retort.Redirect("http://test.example.com/login") })
	app.Get("/login")(func() string { return "redirected" })
	at := retort.WithBaseURL("http://example.com")
	assert.Equal(t, "redirected", app.TestClient(retort.AllowSubdomainRedirects()).Get("/", at, retort.FollowRedirects()).Text)
	assert.Panics(t, func() { app.TestClient().Get("/", at, retort.FollowRedirects()) })
	assert.Panics(t, func() { app.TestClient(retort.AllowSubdomainRedirects()).Get("/", retort.FollowRedirects()) })
}

func TestCookiesOfATestClient(t *testing.T) {
	app := silentApp()
	cookies := func(c *retort.Context) *retort.Response {
		res := retort.Text(c.Request.Header().Get("Cookie"))
		res.SetCookie("test1", "foo")
		res.SetCookie("test2", "bar")
		return res
	}
	app.Get("/")(cookies)
	app.Get("/in")(func() *retort.Response {
		res := retort.Redirect("/")
		res.SetCookie("auth", "in")
		return res
	})
	app.Get("/out")(func() *retort.Response {
		res := retort.Redirect("/")
		res.DeleteCookie("auth")
		return res
	})
	client := app.TestClient()
	assert.Empty(t, client.Get("/").Text)
	assert.Equal(t, "test1=foo; test2=bar", client.Get("/").Text)
	client.SetCookie(&http.Cookie{Name: "own", Value: "x"})
	assert.Contains(t, client.Get("/").Text, "own=x")
	client.DeleteCookie("own")
	assert.Contains(t, client.Get("/in", retort.FollowRedirects()).Text, "auth=in")
	assert.NotContains(t, client.Get("/out", retort.FollowRedirects()).Text, "auth=in")
	off := app.TestClient(retort.NoCookies())
	off.Get("/")
	assert.Empty(t, off.Get("/").Text)
}

func TestFormsThatATestClientSends(t *testing.T) {
	app := silentApp()
	app.Route("/", retort.Methods("POST", "DELETE", "PUT"))(func(c *retort.Context) any {
		files := []string{}
		for name, f := range c.Request.Files().All() {
			files = append(files, name+" "+f.Filename+" "+f.ContentType())
		}
		return retort.H{"type": c.Request.Mimetype(), "form": c.Request.Form().Lists(), "files": files}
	})
	for _, c := range []struct {
		name, method, want string
		data               retort.FormData
	}{
		{"several values", "POST", `{"type": "application/x-www-form-urlencoded", "form": {"field": ["val1", "val2"]}, "files": []}`, retort.FormData{"field": []string{"val1", "val2"}}},
		{"DELETE", "DELETE", `{"type": "application/x-www-form-urlencoded", "form": {"x": ["42"]}, "files": []}`, retort.FormData{"x": 42}},
		{"text beside a file", "PUT", `{"type": "multipart/form-data", "form": {"s": ["☃"]}, "files": ["f snowman.txt text/plain; charset=utf-8"]}`, retort.FormData{"s": "☃", "f": retort.File{Name: "snowman.txt", Content: []byte("☃")}}},
		{"an empty file", "POST", `{"type": "multipart/form-data", "form": {"s": [""]}, "files": ["f empty.txt text/plain; charset=utf-8"]}`, retort.FormData{"s": "", "f": retort.File{Name: "empty.txt"}}},
		{"two files", "POST", `{"type": "multipart/form-data", "form": {}, "files": ["f a.bin application/octet-stream", "f b.png image/png"]}`, retort.FormData{"f": []retort.File{{Name: "a.bin", Content: []byte("1")}, {Name: "b.png", Content: []byte("2")}}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			assert.JSONEq(t, c.want, app.TestClient().Open(c.method, "/", c.data).Text)
		})
	}
}
