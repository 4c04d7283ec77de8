package retort_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
)

func showUser(id int) string { return "" }

func TestTestRequestContext(t *testing.T) {
	app := quiet()
	app.Get("/user/<int:id>")(showUser)
	app.BeforeRequest(func(*retort.Context) { t.Error("a hook was called") })
	app.TeardownRequest(func(*retort.Context, error) { t.Error("a hook was called") })

	c := app.TestRequestContext("/user/7?tab=posts", retort.WithHost("a.test"))
	assert.Same(t, app, c.App)
	assert.Equal(t, "showUser", c.Endpoint())
	assert.Equal(t, retort.H{"id": 7}, c.ViewArgs())
	assert.Equal(t, "posts", c.Request.Args().Get("tab"))
	assert.Equal(t, "/user/8", c.URLFor("showUser", "id", 8))
	assert.Equal(t, "http://a.test/user/8", c.URLFor("showUser", "id", 8, retort.External()))
	assert.Same(t, c, retort.FromContext(c.Context()))
	c.AfterThisRequest(func(*retort.Response) {})
}

func TestTestRequestContextWithABody(t *testing.T) {
	c := quiet().TestRequestContext("/x", retort.WithMethod("POST"), retort.FormData{"name": "ada"})
	assert.Equal(t, "POST", c.Request.Method())
	assert.Equal(t, "ada", c.Request.Form().Get("name"))

	c = quiet().TestRequestContext("/x", retort.JSON{V: []int{1, 2}})
	var v []int
	require.NoError(t, c.Request.JSON(&v))
	assert.Equal(t, []int{1, 2}, v)
}

func TestTestRequestContextOfABodyThatIsTooLarge(t *testing.T) {
	app := quiet()
	app.Config.Set("MAX_CONTENT_LENGTH", 2)
	_, err := app.TestRequestContext("/x", retort.WithBody("abc", "")).Request.Data()
	assert.EqualError(t, err, "413 Request Entity Too Large: The body of the request is larger than the 2 bytes that MAX_CONTENT_LENGTH allows.")
}

func TestTestRequestContextWithoutAMatch(t *testing.T) {
	c := quiet().TestRequestContext("/nowhere")
	assert.Empty(t, c.Endpoint())
	assert.Nil(t, c.ViewArgs())
	assert.Equal(t, "/nowhere", c.Request.Path())
}

func TestPreprocessRequest(t *testing.T) {
	app := quiet()
	app.Get("/user/<int:id>")(showUser)
	var calls []string
	app.URLValuePreprocessor(func(_ *retort.Context, endpoint string, values retort.H) {
		calls = append(calls, "preprocessor "+endpoint)
		values["id"] = 8
	})
	app.BeforeRequest(func(*retort.Context) { calls = append(calls, "before") })
	app.BeforeRequest(func(c *retort.Context) any {
		switch c.Request.QueryString() {
		case "stop":
			return "stopped"
		case "fail":
			return errors.New("failed")
		}
		return nil
	})

	c := app.TestRequestContext("/user/7")
	res, err := app.PreprocessRequest(c)
	assert.Nil(t, res)
	assert.NoError(t, err)
	assert.Equal(t, []string{"preprocessor showUser", "before"}, calls)
	assert.Equal(t, retort.H{"id": 8}, c.ViewArgs())

	res, err = app.PreprocessRequest(app.TestRequestContext("/user/7?stop"))
	require.NoError(t, err)
	data, err := res.Data()
	require.NoError(t, err)
	assert.Equal(t, "stopped", string(data))

	_, err = app.PreprocessRequest(app.TestRequestContext("/user/7?fail"))
	assert.EqualError(t, err, "failed")
}

var kept = retort.NewKey[int]("kept")

// Flask: tests/test_testing.py, test_test_client_context_binding.
func TestTheContextOfAResponse(t *testing.T) {
	app := quiet()
	app.Get("/<int:n>")(func(c *retort.Context, n int) string {
		kept.Set(c, n)
		go c.Copy()
		return "Hello World!"
	})
	app.Get("/direct")(func() string { return "" })
	app.Get("/fail")(func(c *retort.Context) error { return errors.New("fail") })
	app.Get("/file")(func(w http.ResponseWriter, r *http.Request) { kept.Set(retort.FromContext(r.Context()), 7) })
	client := app.TestClient()

	res := client.Get("/42")
	c := res.Context()
	require.NotNil(t, c)
	assert.Equal(t, 42, kept.Get(c))
	assert.Equal(t, retort.H{"n": 42}, c.ViewArgs())
	assert.Same(t, c, res.Context())
	assert.Panics(t, func() { c.AfterThisRequest(func(*retort.Response) {}) }, "the request has ended")

	assert.Equal(t, 7, kept.Get(client.Get("/file").Context()))
	assert.Equal(t, 500, client.Get("/fail").Status)
	c = client.Get("/direct").Context()
	assert.Equal(t, "/direct", c.Endpoint())
	assert.Panics(t, func() { c.AfterThisRequest(func(*retort.Response) {}) }, "the request has ended")
	assert.Empty(t, client.Get("/nowhere").Context().Endpoint())
	_, found := kept.Lookup(client.Get("/direct").Context())
	assert.False(t, found, "each request has its own")
}

func TestTheContextOfARequestThatMiddlewareAnswered(t *testing.T) {
	app := quiet()
	app.Get("/<int:n>")(func(c *retort.Context, n int) string { return "" })
	app.Use(func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Link", "</style.css>")
			w.WriteHeader(103)
			w.WriteHeader(204)
		})
	})
	res := app.TestClient().Get("/1")
	assert.Equal(t, 204, res.Status)
	assert.Equal(t, retort.H{"n": 1}, res.Context().ViewArgs())
	require.Len(t, res.Informational, 1)
	assert.Nil(t, res.Informational[0].Context())
}

// Flask: tests/test_testing.py, test_blueprint_with_subdomain.
func TestWithSubdomain(t *testing.T) {
	app := quiet(retort.SubdomainMatching())
	app.Config.Set("SERVER_NAME", "example.com:1234")
	app.Config.Set("APPLICATION_ROOT", "/foo")
	bp := retort.NewBlueprint("company")
	bp.Get("/", retort.Subdomain("xxx"), retort.Endpoint("index"))(func(c *retort.Context) string { return c.Request.URL() })
	app.RegisterBlueprint(bp)
	app.Get("/", retort.Subdomain("<name>"), retort.Endpoint("other"))(func(name string) string { return name })

	c := app.TestRequestContext("/", retort.WithSubdomain("xxx"))
	assert.Equal(t, "http://xxx.example.com:1234/foo/", c.Request.URL())
	assert.Equal(t, []string{"company"}, c.Request.Blueprints())

	client := app.TestClient(retort.WithDefaults(retort.WithSubdomain("xxx")))
	assert.Equal(t, "http://xxx.example.com:1234/foo/", client.Get("/").Text)
	assert.Equal(t, "yyy", client.Get("/", retort.WithSubdomain("yyy")).Text)
	assert.Equal(t, "a.b", client.Get("/", retort.WithSubdomain("a.b")).Text)
	assert.Equal(t, 404, client.Get("/", retort.WithSubdomain("")).Status)
	assert.Equal(t, 404, client.Get("/", retort.WithBaseURL("http://example.org")).Status)
}

// Flask: tests/test_testing.py, test_subdomain.
func TestAURLWithASubdomain(t *testing.T) {
	app := quiet(retort.SubdomainMatching())
	app.Config.Set("SERVER_NAME", "example.com")
	app.Get("/", retort.Subdomain("<name>"), retort.Endpoint("view"))(func(name string) string { return name })
	assert.Equal(t, "xxx", app.TestClient().Get(app.TestRequestContext("/").URLFor("view", "name", "xxx")).Text)
}

func TestWithSubdomainOfLocalhost(t *testing.T) {
	c := quiet().TestRequestContext("/", retort.WithSubdomain("api.eu"), retort.WithScheme("https"))
	assert.Equal(t, "https://api.eu.localhost/", c.Request.URL())
}

func TestWithSubdomainThatIsNone(t *testing.T) {
	for _, subdomain := range []string{".api", "api.", "a..b", ".", "a/b", "api:80", "a b", "[::1]"} {
		assert.PanicsWithValue(t, fmt.Sprintf("retort: WithSubdomain(%q): a subdomain is one or more labels of a host name, as in api or api.eu", subdomain),
			func() { retort.WithSubdomain(subdomain) })
	}
}

// Flask: tests/test_testing.py, test_environbuilder_json_dumps.
func TestTheJSONOfATestRequestIsTheApps(t *testing.T) {
	app := quiet()
	app.Post("/")(func(c *retort.Context) (string, error) {
		data, err := c.Request.Data()
		return string(data), err
	})
	app.JSON = retort.DefaultJSON{Unicode: true}
	assert.Equal(t, `"€"`, app.TestClient().Post("/", retort.JSON{V: "€"}).Text)
}
