package retort_test

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
)

// redirecting answers /STATUS by a redirect to /end, which says what arrived.
func redirecting() *retort.App {
	app := quiet()
	all := retort.Methods("GET", "POST", "PUT", "DELETE")
	app.Route("/<int:status>", all)(func(c *retort.Context, status int) any { return c.Redirect("/end?x=1", status) })
	app.Route("/end", all)(func(c *retort.Context) (string, error) {
		data, err := c.Request.Data()
		r := c.Request
		return fmt.Sprintf("%s %s %q %q %s", r.Method(), r.QueryString(), r.ContentType(), data, r.Header().Get("Accept")), err
	})
	app.Get("/to")(func(c *retort.Context) any { return c.Redirect(c.Request.Args().Get("url"), 302) })
	app.Get("/loop/<int:n>")(func(c *retort.Context, n int) any { return c.Redirect(fmt.Sprint("/loop/", (n+1)%2)) })
	app.Get("/bare")(func() (string, int) { return "nowhere", 302 })
	return app
}

func TestRedirectsAreNotFollowedUnasked(t *testing.T) {
	res := redirecting().TestClient().Get("/302")
	assert.Equal(t, 302, res.Status)
	assert.Equal(t, "/end?x=1", res.Header.Get("Location"))
	assert.Equal(t, "http://localhost/end?x=1", res.Location())
	assert.Empty(t, redirecting().TestClient().Get("/end").Location())
}

func TestRedirectsChangeTheMethodAsBrowsersDo(t *testing.T) {
	const kept, dropped = ` x=1 "text/plain" "abc" a/b`, ` x=1 "" "" a/b`
	client := redirecting().TestClient()
	for _, tt := range []struct {
		method string
		status int
		want   string
	}{
		{"POST", 301, "GET" + dropped}, {"POST", 302, "GET" + dropped}, {"POST", 303, "GET" + dropped},
		{"POST", 307, "POST" + kept}, {"POST", 308, "POST" + kept},
		{"PUT", 301, "PUT" + kept}, {"PUT", 302, "PUT" + kept}, {"PUT", 303, "GET" + dropped}, {"DELETE", 303, "GET" + dropped},
		{"PUT", 307, "PUT" + kept}, {"GET", 302, "GET" + kept},
	} {
		res := client.Open(tt.method, fmt.Sprint("/", tt.status), retort.FollowRedirects(),
			retort.WithBody("abc", "text/plain"), retort.WithHeader("Accept", "a/b"))
		assert.Equal(t, 200, res.Status)
		assert.Equal(t, tt.want, res.Text, "%s %d", tt.method, tt.status)
	}
	head := client.Head("/303", retort.FollowRedirects())
	assert.Equal(t, "HEAD", head.Request.Method)
}

func TestRedirectsLeaveTheirHistory(t *testing.T) {
	app := redirecting()
	app.Get("/first")(func(c *retort.Context) any { return c.Redirect("/303") })
	res := app.TestClient().Get("/first", retort.FollowRedirects())
	require.Len(t, res.History, 2)
	assert.Equal(t, "/first", res.History[0].Request.RequestURI)
	assert.Empty(t, res.History[0].History)
	assert.Equal(t, "/303", res.History[1].Request.RequestURI)
	assert.Equal(t, res.History[:1], res.History[1].History)
	assert.Equal(t, "/end?x=1", res.Request.RequestURI)
}

func TestRedirectWithoutALocationIsTheEnd(t *testing.T) {
	res := redirecting().TestClient().Get("/bare", retort.FollowRedirects())
	assert.Equal(t, 302, res.Status)
	assert.Equal(t, "nowhere", res.Text)
}

func TestRedirectsThatCannotBeFollowed(t *testing.T) {
	client := redirecting().TestClient()
	follow := retort.FollowRedirects()
	for _, tt := range []struct {
		want string
		do   func()
	}{
		{`retort: GET /to?url=http%3A%2F%2Fother.example%2Fx is redirected to http://other.example/x, which is not this app: the test client calls the app itself and knows no other; leave FollowRedirects out and look at res.Header.Get("Location")`,
			func() { client.Get("/to", retort.WithQuery("url", "http://other.example/x"), follow) }},
		{`retort: GET /to?url=mailto%3Aada%40localhost is redirected to mailto:ada@localhost, which is not this app: the test client calls the app itself and knows no other; leave FollowRedirects out and look at res.Header.Get("Location")`,
			func() { client.Get("/to", retort.WithQuery("url", "mailto:ada@localhost"), follow) }},
		{`retort: GET /to?url=%2F%2Fsub.localhost%2Fend is redirected to http://sub.localhost/end, another host of the site; app.TestClient(retort.AllowSubdomainRedirects()) gives a client that follows it`,
			func() { client.Get("/to", retort.WithQuery("url", "//sub.localhost/end"), follow) }},
		{`retort: GET /to?url=%2Fa%25zz is redirected to "/a%zz", which is no URL: parse "/a%zz": invalid URL escape "%zz"`,
			func() { client.Get("/to", retort.WithQuery("url", "/a%zz"), follow) }},
		{`retort: GET /loop/0 was redirected more than 20 times; it ended going /loop/1 → /loop/0 → /loop/1 → /loop/0: do two views send to each other?`,
			func() { client.Get("/loop/0", follow) }},
		{`retort: POST /307 is redirected with its body (307), but that came from a reader and has been read; give WithBody a string or []byte`,
			func() { client.Post("/307", retort.WithBody(io.LimitReader(strings.NewReader("x"), 1), ""), follow) }},
	} {
		assert.PanicsWithValue(t, tt.want, tt.do)
	}
}

func TestRedirectToAHostWithoutAPath(t *testing.T) {
	app := redirecting()
	app.Get("/")(func() string { return "home" })
	res := app.TestClient().Get("/to", retort.WithQuery("url", "http://localhost"), retort.FollowRedirects())
	assert.Equal(t, "home", res.Text)
}

func TestRedirectsWithinTheSite(t *testing.T) {
	app := redirecting()
	app.Config.Set("SERVER_NAME", "site.test")
	client := app.TestClient(retort.AllowSubdomainRedirects())
	follow := retort.FollowRedirects()

	res := client.Get("/to", retort.WithQuery("url", "https://blog.site.test/end"), follow)
	assert.Equal(t, "blog.site.test", res.Request.Host)
	assert.NotNil(t, res.Request.TLS)
	back := client.Get("/to", retort.WithQuery("url", "http://site.test/end"), retort.WithHost("blog.site.test"), follow)
	assert.Equal(t, "site.test", back.Request.Host)
	assert.Panics(t, func() { client.Get("/to", retort.WithQuery("url", "http://site.test.evil/"), follow) })
	assert.Panics(t, func() { client.Get("/to", retort.WithQuery("url", "http://evilsite.test/"), follow) })
}

func TestRedirectsBelowAScriptRoot(t *testing.T) {
	app := redirecting()
	app.Get("/root")(func(c *retort.Context) any { return c.Redirect(c.URLFor("where")) })
	app.Get("/outside")(func(c *retort.Context) any { return c.Redirect("/where") })
	app.Get("/nearly")(func(c *retort.Context) any { return c.Redirect("/apple/where") })
	app.Get("/where", retort.Endpoint("where"))(func(c *retort.Context) string { return c.Request.ScriptRoot() + " " + c.Request.Path() })
	app.Get("/apple/where")(func(c *retort.Context) string { return c.Request.ScriptRoot() + " " + c.Request.Path() })
	client := app.TestClient(retort.WithDefaults(retort.WithBaseURL("http://localhost/app"), retort.FollowRedirects()))
	assert.Equal(t, "/app /where", client.Get("/root").Text)
	assert.Equal(t, " /where", client.Get("/outside").Text)
	assert.Equal(t, " /apple/where", client.Get("/nearly").Text)
}
