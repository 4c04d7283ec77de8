package retort_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
)

// cookieApp sets the cookies in the query and answers with those that came.
func cookieApp() *retort.App {
	app := quiet()
	app.Get("/<path:any>")(func(c *retort.Context, _ string) any {
		res := retort.Text(c.Request.Header().Get("Cookie"))
		res.Header["Set-Cookie"] = c.Request.Args().GetList("set")
		return res
	})
	return app
}

func TestCookiesAreKeptAcrossRequests(t *testing.T) {
	client := cookieApp().TestClient()
	assert.Empty(t, client.Get("/x", retort.WithQuery("set", []string{"a=1; Path=/; HttpOnly; SameSite=Lax; Secure; Partitioned", `b="x y\073"; Path=/`})).Text)
	assert.Equal(t, `a=1; b="x y\073"`, client.Get("/x").Text)

	a := client.Cookie("a")
	require.NotNil(t, a)
	assert.Equal(t, &http.Cookie{
		Name: "a", Value: "1", Domain: "localhost", Path: "/", HttpOnly: true, Secure: true, Partitioned: true,
		SameSite: http.SameSiteLaxMode, Raw: "a=1; Path=/; HttpOnly; SameSite=Lax; Secure; Partitioned",
	}, a)
	assert.Nil(t, client.Cookie("c"))
	assert.Len(t, client.Cookies(), 2)
	assert.Empty(t, cookieApp().TestClient().Get("/x").Text, "another client has another jar")
}

func TestCookiesAreMatchedByDomainAndPath(t *testing.T) {
	for _, tt := range []struct {
		name, at, set, target string
		sent                  bool
	}{
		{"the same host", "http://a.test/x", "k=v; Path=/", "http://a.test/y", true},
		{"whatever the port", "http://a.test/x", "k=v; Path=/", "http://a.test:81/y", true},
		{"whatever the case", "http://A.test/x", "k=v; Path=/", "http://a.TEST/y", true},
		{"another host", "http://a.test/x", "k=v; Path=/", "http://b.test/y", false},
		{"a cookie of the host alone is not for subdomains", "http://a.test/x", "k=v; Path=/", "http://s.a.test/y", false},
		{"a domain is for subdomains", "http://a.test/x", "k=v; Path=/; Domain=a.test", "http://s.a.test/y", true},
		{"a domain with a dot", "http://a.test/x", "k=v; Path=/; Domain=.A.test", "http://s.a.test/y", true},
		{"a domain is for itself", "http://s.a.test/x", "k=v; Path=/; Domain=a.test", "http://a.test/y", true},
		{"a name that only ends alike", "http://a.test/x", "k=v; Path=/; Domain=a.test", "http://aa.test/y", false},
		{"a domain that is not the host's", "http://a.test/x", "k=v; Path=/; Domain=b.test", "http://b.test/y", false},
		{"the path itself", "/x", "k=v; Path=/p", "/p", true},
		{"a path below", "/x", "k=v; Path=/p", "/p/q", true},
		{"a path that only begins alike", "/x", "k=v; Path=/p", "/pq", false},
		{"a path with a slash", "/x", "k=v; Path=/p/", "/p/q", true},
		{"the folder of a path with a slash", "/x", "k=v; Path=/p/", "/p", false},
		{"no path: the folder of the request", "/p/x", "k=v", "/p/y", true},
		{"no path: outside of the folder", "/p/x", "k=v", "/y", false},
		{"no path, set at the top", "/x", "k=v", "/p/y", true},
		{"no name", "/x", "=v", "/x", false},
		{"no equals sign", "/x", "k", "/x", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			client := cookieApp().TestClient()
			client.Get(tt.at, retort.WithQuery("set", tt.set))
			want := ""
			if tt.sent {
				want = "k=v"
			}
			assert.Equal(t, want, client.Get(tt.target).Text)
		})
	}
}

func TestCookiesOfLongerPathsComeFirst(t *testing.T) {
	client := cookieApp().TestClient()
	client.Get("/x", retort.WithQuery("set", []string{"k=root; Path=/", "k=p; Path=/p", "z=1; Path=/"}))
	assert.Equal(t, "k=p; k=root; z=1", client.Get("/p/q").Text)
	assert.Equal(t, "p", client.Cookie("k").Value)
}

func TestCookiesExpire(t *testing.T) {
	for _, tt := range []struct {
		set  string
		kept bool
	}{
		{"k=; Max-Age=0; Path=/", false},
		{"k=; Max-Age=-1; Path=/", false},
		{"k=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/", false},
		{"k=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=60; Path=/", true},
		{"k=; Expires=" + time.Now().Add(time.Hour).UTC().Format(http.TimeFormat) + "; Path=/", true},
		{"k=; Expires=soon; Path=/", true},
		{"k=; Max-Age=0; Path=/p", true},
	} {
		client := cookieApp().TestClient()
		client.SetCookie(&http.Cookie{Name: "k", Value: "v"})
		client.Get("/x", retort.WithQuery("set", tt.set))
		assert.Equal(t, tt.kept, client.Cookie("k") != nil, tt.set)
	}
}

func TestCookiesSetByHand(t *testing.T) {
	client := cookieApp().TestClient()
	client.SetCookie(&http.Cookie{Name: "a", Value: "1"})
	client.SetCookie(&http.Cookie{Name: "b", Value: "2", Path: "/p"})
	client.SetCookie(&http.Cookie{Name: "c", Value: "3", Domain: ".other.test"})
	assert.Equal(t, "a=1", client.Get("/x").Text)
	assert.Equal(t, "b=2; a=1", client.Get("/p/x").Text)
	assert.Equal(t, "c=3", client.Get("http://s.other.test/x").Text)
	client.SetCookie(&http.Cookie{Name: "a", Value: "new"})
	assert.Equal(t, "a=new", client.Get("/x").Text)
	client.SetCookie(&http.Cookie{Name: "b", Path: "/p", MaxAge: -1})
	assert.Nil(t, client.Cookie("b"))
	client.DeleteCookie("a")
	assert.Empty(t, client.Get("/x").Text)
	require.Len(t, client.Cookies(), 1)
	assert.Equal(t, "other.test", client.Cookies()[0].Domain)
}

func TestCookiesOfOneRequest(t *testing.T) {
	client := cookieApp().TestClient()
	client.SetCookie(&http.Cookie{Name: "jar", Value: "1"})
	assert.Equal(t, "once=2; jar=1", client.Get("/x", retort.WithCookie("once", "2")).Text)
	assert.Equal(t, "jar=1", client.Get("/x").Text)
}

func TestNoCookies(t *testing.T) {
	client := cookieApp().TestClient(retort.NoCookies())
	client.Get("/x", retort.WithQuery("set", "a=1; Path=/"))
	assert.Equal(t, "own=2", client.Get("/x", retort.WithCookie("own", "2")).Text)
	assert.Empty(t, client.Cookies())
}

func TestCookieAttributes(t *testing.T) {
	client := cookieApp().TestClient()
	client.Get("/x", retort.WithQuery("set", []string{"a=1; SameSite=strict", "b=1; SAMESITE = None", "c=1; SameSite=odd; Max-Age=odd", "d=1; Max-Age=60"}))
	assert.Equal(t, http.SameSiteStrictMode, client.Cookie("a").SameSite)
	assert.Equal(t, http.SameSiteNoneMode, client.Cookie("b").SameSite)
	assert.Equal(t, http.SameSiteDefaultMode, client.Cookie("c").SameSite)
	assert.Zero(t, client.Cookie("c").MaxAge)
	assert.Equal(t, 60, client.Cookie("d").MaxAge)
}

// Whatever is set, each cookie in the jar is one pair of the next request at
// most, and no other is sent.
func FuzzTestClientCookies(f *testing.F) {
	for _, line := range []string{"a=1; Path=/", "a", "=", "a=b=c; Path=/x; Domain=localhost", ";;;", "a=\"x;y\"", "a=1; Max-Age=0", "a=1; Expires=x", " a = b ; path = / "} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		client := cookieApp().TestClient()
		if client.Get("/x", retort.WithQuery("set", line)).Status != 200 {
			return // not a field value
		}
		kept := client.Cookies()
		require.LessOrEqual(t, len(kept), 1)
		sent := client.Get("/x").Text
		if sent != "" {
			require.Len(t, kept, 1)
			assert.Equal(t, kept[0].Name+"="+kept[0].Value, sent)
			assert.NotContains(t, sent, ";")
		}
	})
}

func TestCookiesBelowAScriptRoot(t *testing.T) {
	app := cookieApp()
	app.Config.Set("APPLICATION_ROOT", "/app")
	client := app.TestClient()
	client.Get("/x", retort.WithQuery("set", []string{"a=1; Path=/app", "b=2"}))
	assert.Equal(t, "a=1; b=2", client.Get("/y").Text)
	assert.Equal(t, "/app", client.Cookie("b").Path)
}
