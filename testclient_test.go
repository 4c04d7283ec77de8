package retort_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
)

// quiet is an app whose log goes nowhere.
func quiet(opts ...retort.Option) *retort.App {
	app := retort.New("test", opts...)
	app.Logger = slog.New(slog.DiscardHandler)
	return app
}

// panicOf gives what f panics with.
func panicOf(t *testing.T, f func()) (v any) {
	t.Helper()
	defer func() {
		v = recover()
		require.NotNil(t, v, "no panic")
	}()
	f()
	return nil
}

// echo answers every method with what the request looks like.
func echo() *retort.App {
	app := quiet()
	app.Route("/<path:any>", retort.Methods("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "REPORT"))(func(c *retort.Context, _ string) (string, error) {
		data, err := c.Request.Data()
		r := c.Request
		return fmt.Sprintf("%s %s %s from %s as %s: %s", r.Method(), r.URL(), r.HTTP().RequestURI, r.RemoteAddr(), r.ContentType(), data), err
	})
	return app
}

func TestClientSendsEveryMethod(t *testing.T) {
	client := echo().TestClient()
	for method, send := range map[string]func(string, ...retort.TestOption) *retort.TestResponse{
		"GET": client.Get, "POST": client.Post, "PUT": client.Put, "PATCH": client.Patch,
		"DELETE": client.Delete, "OPTIONS": client.Options,
	} {
		assert.Equal(t, method+" http://localhost/x /x from 127.0.0.1 as : ", send("/x").Text)
	}
	assert.Equal(t, "REPORT http://localhost/x /x from 127.0.0.1 as : ", client.Open("REPORT", "/x").Text)
}

func TestClientRequestLooksAsFromAServer(t *testing.T) {
	app := quiet()
	var got *http.Request
	app.Post("/a/<x>")(func(_ http.ResponseWriter, r *http.Request) { got = r })
	app.TestClient().Post("/a/b%2Fc?q=1", retort.WithBody("xyz", "text/plain"), retort.WithRemoteAddr("::1"))
	require.Nil(t, got, "%2F is a slash for the rules")

	app.TestClient().Post("/a/b%20c?q=1", retort.WithBody("xyz", "text/plain"), retort.WithRemoteAddr("::1"))
	require.NotNil(t, got)
	assert.Equal(t, "/a/b c", got.URL.Path)
	assert.Equal(t, "/a/b%20c?q=1", got.RequestURI)
	assert.Equal(t, "localhost", got.Host)
	assert.Equal(t, "[::1]:49152", got.RemoteAddr)
	assert.Equal(t, "HTTP/1.1", got.Proto)
	assert.Equal(t, int64(3), got.ContentLength)
	assert.Equal(t, "3", got.Header.Get("Content-Length"))
	assert.Equal(t, "retort-test", got.UserAgent())
	assert.Nil(t, got.TLS)
	assert.ErrorIs(t, got.Context().Err(), context.Canceled, "the request has ended")
}

func TestClientTargets(t *testing.T) {
	app := echo()
	app.Get("/")(func(c *retort.Context) string {
		return "GET " + c.Request.BaseURL() + " / from 127.0.0.1 as : "
	})
	client := app.TestClient()
	for _, tt := range []struct{ name, target, want string }{
		{"a path without its slash", "x/y", "GET http://localhost/x/y /x/y"},
		{"text beyond ASCII", "/käse a", "GET http://localhost/käse%20a /k%C3%A4se%20a"},
		{"a query", "/x?a=1&b=ü", "GET http://localhost/x?a=1&b=ü /x?a=1&b=%C3%BC"},
		{"a fragment is not sent", "/x?a=1#top", "GET http://localhost/x?a=1 /x?a=1"},
		{"a URL", "https://example.com:8443/x", "GET https://example.com:8443/x /x"},
		{"a URL without a path", "http://example.com?a=1", "GET http://example.com/ /"},
		{"a URL in the query", "/x?next=http://a.b/c", "GET http://localhost/x?next=http://a.b/c /x?next=http://a.b/c"},
		{"slashes at the beginning are the path's", "///x", "GET http://localhost/x ///x"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want+" from 127.0.0.1 as : ", client.Get(tt.target).Text)
		})
	}
}

func TestClientRefusesATargetThatIsNone(t *testing.T) {
	assert.PanicsWithValue(t,
		`retort: the test client cannot request "/a%zz": parse "/a%zz": invalid URL escape "%zz"; a target is a path such as /notes?page=2, or a URL`,
		func() { echo().TestClient().Get("/a%zz") })
}

// A target is refused, or it becomes a request line that a server reads as the
// same path and query.
func FuzzTestClientTarget(f *testing.F) {
	for _, target := range []string{"/", "x", "//h/x", "///", "/ü?ä=ö", "/%2F%00", "/%zz", "http://h", "https://h:1/x?y", "*", "?", "#", "/a b\n", "/\\h", "/\xff"} {
		f.Add(target)
	}
	var got *http.Request
	app := quiet()
	app.Use(func(http.Handler) http.Handler {
		return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r })
	})
	client := app.TestClient()
	f.Fuzz(func(t *testing.T, target string) {
		defer func() {
			if v := recover(); v != nil {
				assert.Regexp(t, "^retort: the test client cannot request ", v)
			}
		}()
		client.Get(target)
		if target == "*" {
			return
		}
		for _, b := range []byte(got.RequestURI) {
			assert.True(t, b > ' ' && b < 0x7f, "%q", got.RequestURI)
		}
		read, err := url.ParseRequestURI(got.RequestURI)
		require.NoError(t, err)
		assert.Equal(t, read.Path, got.URL.Path)
		assert.Equal(t, read.RawQuery, got.URL.RawQuery)
	})
}

func TestClientOptionsStar(t *testing.T) {
	app := quiet()
	app.Use(func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.RequestURI, " ", r.URL.Path) })
	})
	assert.Equal(t, "* *", app.TestClient().Options("*").Text)
}

func TestClientDefaultsComeFromTheConfig(t *testing.T) {
	app := echo()
	app.Config.Update(map[string]any{"SERVER_NAME": "srv.test:8080", "PREFERRED_URL_SCHEME": "https", "APPLICATION_ROOT": "/app/"})
	assert.Equal(t, "GET https://srv.test:8080/app/x /app/x from 127.0.0.1 as : ", app.TestClient().Get("/x").Text)
}

func TestClientRequestOptions(t *testing.T) {
	client := echo().TestClient()
	for _, tt := range []struct {
		name string
		opt  retort.TestOption
		want string
	}{
		{"a query in order", retort.WithQuery("q", "a b&c", "n", []int{2, 1}, "none", nil, "f", 1.5), "POST http://localhost/x?q=a+b%26c&n=2&n=1&f=1.5 /x?q=a+b%26c&n=2&n=1&f=1.5 from 127.0.0.1 as : "},
		{"JSON", retort.JSON{V: retort.H{"b": "<", "a": 1}}, `POST http://localhost/x /x from 127.0.0.1 as application/json: {"a":1,"b":"<"}`},
		{"a form", retort.FormData{"b": "x y", "a": []string{"1", "2"}, "c": nil, "d": []byte("3")}, "POST http://localhost/x /x from 127.0.0.1 as application/x-www-form-urlencoded: a=1&a=2&b=x+y&d=3"},
		{"an empty form", retort.FormData{}, "POST http://localhost/x /x from 127.0.0.1 as application/x-www-form-urlencoded: "},
		{"text", retort.WithBody("abc", "text/plain"), "POST http://localhost/x /x from 127.0.0.1 as text/plain: abc"},
		{"bytes", retort.WithBody([]byte("abc"), ""), "POST http://localhost/x /x from 127.0.0.1 as : abc"},
		{"a reader", retort.WithBody(strings.NewReader("abc"), "text/csv"), "POST http://localhost/x /x from 127.0.0.1 as text/csv: abc"},
		{"a stream", retort.WithBody(io.MultiReader(strings.NewReader("ab"), strings.NewReader("c")), "text/csv"), "POST http://localhost/x /x from 127.0.0.1 as text/csv: abc"},
		{"the host", retort.WithHost("a.test"), "POST http://a.test/x /x from 127.0.0.1 as : "},
		{"the Host field", retort.WithHeader("host", "b.test"), "POST http://b.test/x /x from 127.0.0.1 as : "},
		{"the scheme", retort.WithScheme("https"), "POST https://localhost/x /x from 127.0.0.1 as : "},
		{"the base URL", retort.WithBaseURL("https://c.test/root/"), "POST https://c.test/root/x /root/x from 127.0.0.1 as : "},
		{"the peer", retort.WithRemoteAddr("10.0.0.7"), "POST http://localhost/x /x from 10.0.0.7 as : "},
		{"the peer with a port", retort.WithRemoteAddr("10.0.0.7:80"), "POST http://localhost/x /x from 10.0.0.7 as : "},
		{"no peer", retort.WithRemoteAddr(""), "POST http://localhost/x /x from  as : "},
		{"a field", retort.WithHeader("content-type", "a/b"), "POST http://localhost/x /x from 127.0.0.1 as a/b: "},
	} {
		t.Run(tt.name, func(t *testing.T) { assert.Equal(t, tt.want, client.Post("/x", tt.opt).Text) })
	}
	assert.Equal(t, "GET http://localhost/x?a=1&b=2 /x?a=1&b=2 from 127.0.0.1 as : ", client.Get("/x?a=1", retort.WithQuery("b", 2)).Text)
}

func TestClientOptionsThatMakeNoRequest(t *testing.T) {
	client := echo().TestClient()
	pair := []any{"a", "b"}
	for _, tt := range []struct {
		want string
		do   func()
	}{
		{`retort: WithQuery takes names and values in pairs, but the last name, "c", has no value`, func() { retort.WithQuery(append(pair, "c")...) }},
		{`retort: WithQuery takes names and values in pairs: argument 3 should be a name, and is the int 2`, func() { retort.WithQuery("a", 1, 2, 3) }},
		{`retort: WithBody takes a string, a []byte or an io.Reader, not a retort.H; retort.JSON{V: v} sends a value as JSON`, func() { client.Post("/x", retort.WithBody(retort.H{}, "")) }},
		{`retort: WithBaseURL("/app"): a base URL has a scheme and a host, as in https://example.com/app`, func() { retort.WithBaseURL("/app") }},
		{`retort: the func() of the test request cannot be written as JSON: json: unsupported type: func()`, func() { client.Post("/x", retort.JSON{V: func() {}}) }},
		{`retort: the body of the test request cannot be read: no luck`, func() { client.Post("/x", retort.WithBody(brokenReader{}, "")) }},
	} {
		assert.PanicsWithValue(t, tt.want, tt.do)
	}
}

type brokenReader struct{}

func (brokenReader) Len() int                 { return 1 }
func (brokenReader) Read([]byte) (int, error) { return 0, errors.New("no luck") }

func TestClientFormsWithFiles(t *testing.T) {
	app := quiet()
	app.Post("/")(func(_ http.ResponseWriter, r *http.Request) {
		require.NoError(t, r.ParseMultipartForm(1<<20))
		assert.Equal(t, []string{"1", "2"}, r.MultipartForm.Value["n"])
		require.Len(t, r.MultipartForm.File["files"], 2)
		page := r.MultipartForm.File["files"][0]
		assert.Equal(t, `a "b".html`, page.Filename)
		assert.Equal(t, "text/html; charset=utf-8", page.Header.Get("Content-Type"))
		assert.Equal(t, int64(5), page.Size)
		assert.Equal(t, "application/octet-stream", r.MultipartForm.File["files"][1].Header.Get("Content-Type"))
		assert.Equal(t, "image/x-mine", r.MultipartForm.File["one"][0].Header.Get("Content-Type"))
	})
	res := app.TestClient().Post("/", retort.FormData{
		"n":     []int{1, 2},
		"files": []retort.File{{Name: `a "b".html`, Content: []byte("<b>hi")}, {Name: "raw"}},
		"one":   retort.File{Name: "x.png", ContentType: "image/x-mine"},
	})
	assert.Equal(t, 200, res.Status)
}

func TestClientBasicAuthAndDefaults(t *testing.T) {
	app := quiet()
	app.Get("/")(func(c *retort.Context) string {
		user, password, _ := c.Request.HTTP().BasicAuth()
		return user + ":" + password + " " + c.Request.Header().Get("Accept") + " " + c.Request.Host()
	})
	client := app.TestClient(retort.WithDefaults(
		retort.WithBasicAuth("ada", "s:e"), retort.WithHeader("Accept", "text/csv"), retort.WithHost("a.test")))
	assert.Equal(t, "ada:s:e text/csv a.test", client.Get("/").Text)
	assert.Equal(t, "ada:s:e */* b.test", client.Get("http://b.test/", retort.WithHeader("Accept", "*/*")).Text)
}

func TestClientContextThatIsCancelledIsAClientThatLeaves(t *testing.T) {
	app := quiet()
	ctx, leave := context.WithCancel(context.Background())
	ended := false
	app.Get("/")(func() func(func(string) bool) {
		return func(yield func(string) bool) {
			defer func() { ended = true }()
			for yield("tick ") {
				leave()
			}
		}
	})
	assert.Equal(t, "tick ", app.TestClient().Get("/", retort.WithContext(ctx)).Text)
	assert.True(t, ended)
}

func TestClientResponseJSON(t *testing.T) {
	app := quiet()
	app.Get("/json")(func() any { return retort.H{"a": []int{1}} })
	app.Get("/text")(func() string { return strings.Repeat("x", 100) })
	client := app.TestClient()

	var v struct{ A []int }
	require.NoError(t, client.Get("/json").JSON(&v))
	assert.Equal(t, []int{1}, v.A)

	assert.EqualError(t, client.Get("/text").JSON(&v),
		`GET /text was answered with a 200 of type "text/html", which is no JSON: "`+strings.Repeat("x", 80)+`" and 20 bytes more`)
	var n *int
	assert.EqualError(t, client.Get("/json").JSON(&n),
		`GET /json was answered with a 200 whose body is not the JSON of a **int: json: cannot unmarshal object into Go value of type int: "{\"a\":[1]}\n"`)
}

func TestClientLetsUnhandledErrorsOutWhenTesting(t *testing.T) {
	app := quiet()
	app.Config.Set("TESTING", true)
	boom := errors.New("boom")
	app.Get("/error")(func() error { return boom })
	app.Get("/panic")(func() string { panic("no") })
	client := app.TestClient()
	assert.Equal(t, boom, panicOf(t, func() { client.Get("/error") }))
	assert.Equal(t, &retort.PanicError{Value: "no"}, panicOf(t, func() { client.Get("/panic") }))
}

func TestClientShowsTheErrorPageOtherwise(t *testing.T) {
	app := quiet()
	app.Get("/error")(func() error { return errors.New("boom") })
	res := app.TestClient().Get("/error")
	assert.Equal(t, 500, res.Status)
	assert.Contains(t, res.Text, "<h1>Internal Server Error</h1>")
}

func TestClientDropsTheBodyAsAServerDoes(t *testing.T) {
	app := quiet()
	app.Get("/")(func() string { return "hello" })
	app.Get("/empty/<int:status>")(func(status int) (string, int) { return "hello", status })
	app.Get("/plain")(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "5")
		w.WriteHeader(http.StatusNoContent)
		_, err := io.WriteString(w, "hello")
		assert.Equal(t, http.ErrBodyNotAllowed, err)
	})
	client := app.TestClient()

	head := client.Head("/")
	assert.Equal(t, 200, head.Status)
	assert.Equal(t, "5", head.Header.Get("Content-Length"))
	assert.Empty(t, head.Body)
	for _, target := range []string{"/empty/204", "/empty/304", "/plain"} {
		res := client.Get(target)
		assert.Empty(t, res.Text, target)
		assert.NotContains(t, res.Header, "Content-Length", target)
	}
}

func TestRecorderDoesWhatServersDo(t *testing.T) {
	app := quiet()
	app.Get("/bare")(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<p>hi") })
	app.Get("/late")(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(201)
		w.WriteHeader(202)
		w.Header().Set("X-Late", "1")
	})
	app.Get("/long")(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, strings.Repeat("x", 2049)) })
	app.Get("/early")(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Link", "</a.css>")
		w.WriteHeader(http.StatusEarlyHints)
		w.Header().Del("Link")
		fmt.Fprint(w, "done")
	})
	app.Get("/flush")(func(w http.ResponseWriter, _ *http.Request) {
		rc := http.NewResponseController(w)
		assert.NoError(t, rc.SetWriteDeadline(time.Now()))
		assert.NoError(t, rc.SetReadDeadline(time.Now()))
		assert.NoError(t, rc.EnableFullDuplex())
		_, _, err := rc.Hijack()
		assert.ErrorIs(t, err, errors.ErrUnsupported)
		n, err := io.Copy(w, io.LimitReader(strings.NewReader("from a reader"), 6))
		assert.Equal(t, int64(6), n)
		assert.NoError(t, err)
		assert.NoError(t, rc.Flush())
		w.(http.Flusher).Flush()
		fmt.Fprint(w, " end")
	})
	client := app.TestClient()

	bare := client.Get("/bare")
	assert.Equal(t, http.Header{"Content-Type": {"text/html; charset=utf-8"}, "Content-Length": {"5"}}, bare.Header)
	late := client.Get("/late")
	assert.Equal(t, 201, late.Status)
	assert.Equal(t, http.Header{"Content-Length": {"0"}}, late.Header)
	assert.NotContains(t, client.Get("/long").Header, "Content-Length")
	flush := client.Get("/flush")
	assert.Equal(t, "from a end", flush.Text)
	assert.NotContains(t, flush.Header, "Content-Length")
	early := client.Get("/early")
	assert.Equal(t, "done", early.Text)
	assert.NotContains(t, early.Header, "Link")
	require.Len(t, early.Informational, 1)
	assert.Equal(t, 103, early.Informational[0].Status)
	assert.Equal(t, "</a.css>", early.Informational[0].Header.Get("Link"))
}

func TestRecorderKeepsAMissingContentTypeMissing(t *testing.T) {
	app := quiet()
	app.Get("/")(func() any {
		res := retort.Text("hi")
		res.Header.Del("Content-Type")
		return res
	})
	assert.NotContains(t, app.TestClient().Get("/").Header, "Content-Type")
}

func TestRecorderRefusesAStatusThatIsNone(t *testing.T) {
	app := quiet()
	app.Use(func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(42) })
	})
	assert.PanicsWithValue(t, "invalid WriteHeader code 42", func() { app.TestClient().Get("/") })
}

func TestClientCollectsStreams(t *testing.T) {
	app := quiet()
	app.Get("/")(func() func(func(string) bool) {
		return func(yield func(string) bool) { _ = yield("one ") && yield("two ") && yield("three") }
	})
	res := app.TestClient().Get("/")
	assert.Equal(t, "one two three", res.Text)
	assert.NotContains(t, res.Header, "Content-Length")
}

func TestClientPanicsWhenTheResponseIsCutOff(t *testing.T) {
	app := quiet()
	app.Get("/stream")(func() func(func(string, error) bool) {
		return func(yield func(string, error) bool) { _ = yield("half", nil) && yield("", errors.New("disk")) }
	})
	app.Get("/abort")(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	app.Get("/short")(func() (string, http.Header) { return "abc", http.Header{"Content-Length": {"5"}} })
	app.Get("/long")(func() (string, http.Header) { return "abc", http.Header{"Content-Length": {"2"}} })
	app.Get("/odd")(func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", "-3") })
	client := app.TestClient()
	for target, want := range map[string]string{
		"/odd":    `retort: the response to GET /odd was cut off after 0 bytes of its body: its Content-Length "-3" is no number of bytes`,
		"/stream": "retort: the response to GET /stream was cut off after 4 bytes of its body: the handler gave it up with http.ErrAbortHandler; if that was a stream that failed, the log says how",
		"/abort":  "retort: the response to GET /abort was cut off after 0 bytes of its body: the handler gave it up with http.ErrAbortHandler; if that was a stream that failed, the log says how",
		"/short":  "retort: the response to GET /short was cut off after 3 bytes of its body: its Content-Length declares 5 bytes; leave the field out, or set the length of the body that is sent",
		"/long":   "retort: the response to GET /long was cut off after 0 bytes of its body: the body is longer than the 2 bytes that its Content-Length declares; leave the field out, or set the length of the body that is sent",
	} {
		err, ok := panicOf(t, func() { client.Get(target) }).(*retort.CutOffError)
		require.True(t, ok, target)
		assert.EqualError(t, err, want)
	}
	err := panicOf(t, func() { client.Get("/stream") }).(*retort.CutOffError)
	assert.Equal(t, "half", err.Response.Text)
	assert.Equal(t, 200, err.Response.Status)
	assert.Equal(t, 200, client.Head("/short").Status, "a HEAD has no body to be short of")
}
