package middleware_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/middleware"
)

// asked is the answer of a plain handler behind CORS, as "200 Name: value; …"
// with the fields of CORS alone.
func asked(o middleware.CORSOptions, method string, fields ...string) string {
	r := httptest.NewRequest(method, "/x", nil)
	for i := 0; i < len(fields); i += 2 {
		r.Header.Add(fields[i], fields[i+1])
	}
	w := httptest.NewRecorder()
	middleware.CORS(o)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Cookie")
		w.WriteHeader(http.StatusTeapot)
	})).ServeHTTP(w, r)
	parts := []string{http.StatusText(w.Code)}
	for _, name := range []string{"Allow-Origin", "Allow-Credentials", "Allow-Methods", "Allow-Headers", "Allow-Private-Network", "Expose-Headers", "Max-Age"} {
		if values := w.Header().Values("Access-Control-" + name); len(values) > 0 {
			parts = append(parts, name+": "+strings.Join(values, " | "))
		}
	}
	if vary := w.Header().Values("Vary"); len(vary) > 0 {
		parts = append(parts, "Vary: "+strings.Join(vary, " | "))
	}
	return strings.Join(parts, "; ")
}

const (
	site  = "https://www.example.org"
	other = "https://evil.test"
)

func TestCORSOfRequests(t *testing.T) {
	everybody := middleware.CORSOptions{Origins: []string{"*"}, ExposeHeaders: []string{"ETag", "X-Total"}}
	one := middleware.CORSOptions{Origins: []string{site, "http://localhost:3000"}, ExposeHeaders: []string{"ETag"}, Methods: []string{"PUT"}, MaxAge: time.Hour}
	trusted := middleware.CORSOptions{Origins: []string{site}, Credentials: true}
	for _, tt := range []struct {
		name   string
		o      middleware.CORSOptions
		method string
		fields []string
		want   string
	}{
		{"everybody", everybody, "GET", []string{"Origin", other}, "I'm a teapot; Allow-Origin: *; Expose-Headers: ETag, X-Total; Vary: Cookie"},
		{"everybody, a page that hides its origin", everybody, "GET", []string{"Origin", "null"}, "I'm a teapot; Allow-Origin: *; Expose-Headers: ETag, X-Total; Vary: Cookie"},
		{"everybody, from no page", everybody, "GET", nil, "I'm a teapot; Allow-Origin: *; Expose-Headers: ETag, X-Total; Vary: Cookie"},
		{"an origin that is allowed", one, "GET", []string{"Origin", site}, "I'm a teapot; Allow-Origin: " + site + "; Expose-Headers: ETag; Vary: Origin | Cookie"},
		{"another that is", one, "POST", []string{"Origin", "http://localhost:3000"}, "I'm a teapot; Allow-Origin: http://localhost:3000; Expose-Headers: ETag; Vary: Origin | Cookie"},
		{"one that is not", one, "GET", []string{"Origin", other}, "I'm a teapot; Vary: Origin | Cookie"},
		{"none", one, "GET", nil, "I'm a teapot; Vary: Origin | Cookie"},
		{"two", one, "GET", []string{"Origin", site, "Origin", site}, "I'm a teapot; Vary: Origin | Cookie"},
		{"one that hides", one, "GET", []string{"Origin", "null"}, "I'm a teapot; Vary: Origin | Cookie"},
		{"the same host, unencrypted", one, "GET", []string{"Origin", "http://www.example.org"}, "I'm a teapot; Vary: Origin | Cookie"},
		{"the same host, another port", one, "GET", []string{"Origin", site + ":8443"}, "I'm a teapot; Vary: Origin | Cookie"},
		{"a host that begins so", one, "GET", []string{"Origin", site + ".evil.test"}, "I'm a teapot; Vary: Origin | Cookie"},
		{"with credentials", trusted, "GET", []string{"Origin", site}, "I'm a teapot; Allow-Origin: " + site + "; Allow-Credentials: true; Vary: Origin | Cookie"},
		{"with credentials, from elsewhere", trusted, "GET", []string{"Origin", other}, "I'm a teapot; Vary: Origin | Cookie"},
		{"an OPTIONS request that is no preflight", one, "OPTIONS", []string{"Origin", site}, "I'm a teapot; Allow-Origin: " + site + "; Expose-Headers: ETag; Vary: Origin | Cookie"},
		{"one that comes from no page", one, "OPTIONS", []string{"Access-Control-Request-Method", "PUT"}, "I'm a teapot; Vary: Origin | Cookie"},
		{"a GET with the field of a preflight", one, "GET", []string{"Origin", site, "Access-Control-Request-Method", "PUT"}, "I'm a teapot; Allow-Origin: " + site + "; Expose-Headers: ETag; Vary: Origin | Cookie"},
	} {
		assert.Equal(t, tt.want, asked(tt.o, tt.method, tt.fields...), tt.name)
	}
}

func TestCORSOfPreflights(t *testing.T) {
	const vary = "Vary: Access-Control-Request-Method, Access-Control-Request-Headers"
	origins := []string{site}
	for _, tt := range []struct {
		name   string
		o      middleware.CORSOptions
		fields []string
		want   string
	}{
		{"nothing beyond what is simple", middleware.CORSOptions{Origins: origins}, nil, "No Content; Allow-Origin: " + site + "; " + vary + " | Origin"},
		{"methods, fields, and how long that holds", middleware.CORSOptions{Origins: origins, Methods: []string{"PUT", "DELETE"}, Headers: []string{"Content-Type", "X-Token"}, ExposeHeaders: []string{"ETag"}, MaxAge: 90 * time.Minute}, nil,
			"No Content; Allow-Origin: " + site + "; Allow-Methods: PUT, DELETE; Allow-Headers: content-type, x-token; Max-Age: 5400; " + vary + " | Origin"},
		{"more than is allowed: the browser sees that", middleware.CORSOptions{Origins: origins, Methods: []string{"DELETE"}}, nil, "No Content; Allow-Origin: " + site + "; Allow-Methods: DELETE; " + vary + " | Origin"},
		{"everything", middleware.CORSOptions{Origins: origins, Methods: []string{"*", "PUT"}, Headers: []string{"X-A", "*"}, MaxAge: -1}, nil, "No Content; Allow-Origin: " + site + "; Allow-Methods: *; Allow-Headers: *; Max-Age: 0; " + vary + " | Origin"},
		{"everything, and Authorization", middleware.CORSOptions{Origins: origins, Headers: []string{"Authorization", "*"}}, nil, "No Content; Allow-Origin: " + site + "; Allow-Headers: *, authorization; " + vary + " | Origin"},
		{"everything with credentials is what is asked for", middleware.CORSOptions{Origins: origins, Methods: []string{"*"}, Headers: []string{"*"}, Credentials: true}, []string{"Access-Control-Request-Headers", "authorization,x-a"},
			"No Content; Allow-Origin: " + site + "; Allow-Credentials: true; Allow-Methods: PUT; Allow-Headers: authorization,x-a; " + vary + " | Origin"},
		{"but not what no browser asks for", middleware.CORSOptions{Origins: origins, Headers: []string{"*"}, Credentials: true}, []string{"Access-Control-Request-Headers", "x: <y>"}, "No Content; Allow-Origin: " + site + "; Allow-Credentials: true; " + vary + " | Origin"},
		{"from every origin", middleware.CORSOptions{Origins: []string{"*"}, Methods: []string{"PUT"}}, nil, "No Content; Allow-Origin: *; Allow-Methods: PUT; " + vary},
		{"an origin that is not allowed", middleware.CORSOptions{Origins: []string{"https://example.net"}, Methods: []string{"PUT"}, Credentials: true}, nil, "Forbidden; " + vary + " | Origin"},
		{"a private network", middleware.CORSOptions{Origins: origins, PrivateNetwork: true}, []string{"Access-Control-Request-Private-Network", "true"}, "No Content; Allow-Origin: " + site + "; Allow-Private-Network: true; " + vary + " | Origin"},
		{"a private network that nobody asks for", middleware.CORSOptions{Origins: origins, PrivateNetwork: true}, nil, "No Content; Allow-Origin: " + site + "; " + vary + " | Origin"},
		{"a private network that is not open", middleware.CORSOptions{Origins: origins}, []string{"Access-Control-Request-Private-Network", "true"}, "No Content; Allow-Origin: " + site + "; " + vary + " | Origin"},
	} {
		fields := append([]string{"Origin", site, "Access-Control-Request-Method", "PUT"}, tt.fields...)
		assert.Equal(t, tt.want, asked(tt.o, "OPTIONS", fields...), tt.name)
	}
}

func TestOriginPatterns(t *testing.T) {
	for _, tt := range []struct {
		pattern string
		allowed []string
		refused []string
	}{
		{"https://*.example.org", []string{"https://a.example.org", "https://a.b-c.example.org"},
			[]string{"https://example.org", "https://.example.org", "https://evilexample.org", "https://a.example.org.evil.test", "http://a.example.org", "https://a.example.org:444",
				"https://evil.test/.example.org", "https://evil.test#.example.org", "https://evil.test?.example.org", "https://u@a.example.org", "https://evil.test:1.example.org", "https://a..example.org", "https://A.example.org", "https://*.example.org", "a.example.org"}},
		{"http://localhost:*", []string{"http://localhost", "http://localhost:1", "http://localhost:65535"},
			[]string{"https://localhost", "http://localhost:", "http://localhost:0", "http://localhost:065", "http://localhost:65536", "http://localhost:80a", "http://localhost.evil.test:80", "http://localhost:*"}},
		{"https://*.example.org:*", []string{"https://a.example.org", "https://a.example.org:8443"}, []string{"https://example.org:8443"}},
		{"http://[::1]:*", []string{"http://[::1]", "http://[::1]:8080"}, []string{"http://[::1", "http://::1:8080", "http://[::2]"}},
		{"http://127.0.0.1:5000", []string{"http://127.0.0.1:5000"}, []string{"http://127.0.0.1"}},
		{"capacitor://localhost", []string{"capacitor://localhost"}, []string{"ionic://localhost"}},
		{"https://*.localhost", []string{"https://app.localhost"}, []string{"https://localhost"}},
	} {
		o := middleware.CORSOptions{Origins: []string{tt.pattern}}
		for _, origin := range tt.allowed {
			assert.Equal(t, "I'm a teapot; Allow-Origin: "+origin+"; Vary: Origin | Cookie", asked(o, "GET", "Origin", origin), tt.pattern)
		}
		for _, origin := range tt.refused {
			assert.Equal(t, "I'm a teapot; Vary: Origin | Cookie", asked(o, "GET", "Origin", origin), "%s and %s", tt.pattern, origin)
		}
	}
}

func TestCORSRefusesWhatCannotBeMeant(t *testing.T) {
	origins := []string{site}
	origin := func(s string) middleware.CORSOptions { return middleware.CORSOptions{Origins: []string{s}} }
	for _, tt := range []struct {
		o    middleware.CORSOptions
		want string
	}{
		{middleware.CORSOptions{}, `Origins is empty: nobody would be let in. List origins such as "https://example.org"; without CORS browsers keep all others out`},
		{middleware.CORSOptions{Origins: []string{"*"}, Credentials: true}, `Origins has "*", and Credentials is set: any page on the Internet could read what your users can. List the origins that you trust, or leave Credentials out`},
		{middleware.CORSOptions{Origins: []string{site, "*"}}, `Origins has "*", which is every origin, and others beside it; leave one or the other out`},
		{origin("null"), `Origins: "null": it is the origin of every page that hides its own, so anybody's; it cannot be let in`},
		{origin("www.example.org"), `Origins: "www.example.org": an origin is a scheme, "://" and a host, as in "https://example.org"`},
		{origin("https://"), `Origins: "https://": its host is none`},
		{origin("https://example.org/"), `Origins: "https://example.org/": an origin has no path, not even a slash at its end: "https://example.org"`},
		{origin("https://u@example.org"), `Origins: "https://u@example.org": an origin has no path, not even a slash at its end: "https://example.org"`},
		{origin("https://Example.org"), `Origins: "https://Example.org": browsers name origins in small letters`},
		{origin("https://example.org:443"), `Origins: "https://example.org:443": browsers leave out the port that is the scheme's own`},
		{origin("http://example.org:80a"), `Origins: "http://example.org:80a": its port is none`},
		{origin("http://example.org:"), `Origins: "http://example.org:": an origin is a scheme, "://" and a host, as in "https://example.org"`},
		{origin("file:///tmp"), `Origins: "file:///tmp": the pages of files have no origin of their own`},
		{origin("https://bücher.example"), `Origins: "https://bücher.example": browsers name hosts in ASCII: take the form that begins with xn--`},
		{origin("https://*example.org"), `Origins: "https://*example.org": "*" stands for whole names at the front, "https://*.example.org", or for the port`},
		{origin("https://a.*.org"), `Origins: "https://a.*.org": "*" stands for whole names at the front, "https://*.example.org", or for the port`},
		{origin("https://*.org"), `Origins: "https://*.org": it stands for the sites of very many people; name one: "https://*.example.org"`},
		{origin("https://*.10.0.0.1"), `Origins: "https://*.10.0.0.1": there are no names below an address`},
		{origin("http://[0:0::1]"), `Origins: "http://[0:0::1]": browsers write this address in another way`},
		{origin("http://::1"), `Origins: "http://::1": its host is none`},
		{middleware.CORSOptions{Origins: []string{"http://example.org"}, Credentials: true}, `Origins: "http://example.org": its pages come unencrypted, so that others on the way could use your users' Credentials; take https, or set InsecureOrigins`},
		{middleware.CORSOptions{Origins: []string{"http://*.example.org"}, Credentials: true}, `Origins: "http://*.example.org": its pages come unencrypted, so that others on the way could use your users' Credentials; take https, or set InsecureOrigins`},
		{middleware.CORSOptions{Origins: origins, Methods: []string{"put"}}, `Methods: methods have a case, and browsers ask for PUT; write it so instead of "put"`},
		{middleware.CORSOptions{Origins: origins, Methods: []string{"PUT, DELETE"}}, `Methods: "PUT, DELETE" is no method`},
		{middleware.CORSOptions{Origins: origins, Methods: []string{"TRACE"}}, `Methods: browsers let no script use TRACE`},
		{middleware.CORSOptions{Origins: origins, Headers: []string{"X A"}}, `Headers: "X A" is no name of a field`},
		{middleware.CORSOptions{Origins: origins, Headers: []string{"Cookie"}}, `Headers: no script can set Cookie; Credentials lets browsers send the cookies that they have`},
		{middleware.CORSOptions{Origins: origins, Headers: []string{"Access-Control-Allow-Origin"}}, `Headers: Access-Control-Allow-Origin is none that a script sets; Headers are those of requests, as Content-Type or Authorization`},
		{middleware.CORSOptions{Origins: origins, ExposeHeaders: []string{""}}, `ExposeHeaders: "" is no name of a field`},
		{middleware.CORSOptions{Origins: origins, Credentials: true, ExposeHeaders: []string{"*"}}, `ExposeHeaders: with Credentials browsers take "*" for the name of a field; list the fields`},
		{middleware.CORSOptions{Origins: origins, MaxAge: 600}, `MaxAge is 600ns, and is given in whole seconds: 600*time.Second?`},
		{middleware.CORSOptions{Origins: origins, Prefixes: []string{"/api/"}}, `"/api/" is no prefix; it is a path like "/api", without a slash at its end`},
	} {
		assert.PanicsWithValue(t, "middleware: CORS: "+tt.want, func() { middleware.CORS(tt.o) })
	}
	for _, secure := range []string{"http://localhost:*", "http://app.localhost", "http://127.0.0.1:3000", "http://[::1]", "https://example.org", "capacitor://localhost"} {
		assert.NotPanics(t, func() { middleware.CORS(middleware.CORSOptions{Origins: []string{secure}, Credentials: true}) }, secure)
	}
	assert.NotPanics(t, func() {
		middleware.CORS(middleware.CORSOptions{Origins: []string{"http://example.org"}, Credentials: true, InsecureOrigins: true})
	})
}

// corsApp has CORS for /api, and counts what its hook sees.
func corsApp(t *testing.T) (app *retort.App, hooked *int) {
	t.Helper()
	app, hooked = retort.New("cors"), new(int)
	app.BeforeRequest(func(*retort.Context) { *hooked++ })
	app.Get("/api/items")(func() string { return "items" })
	app.Route("/api/items/<int:n>", retort.Methods("PUT"))(func(n int) string { return "put" })
	app.Get("/page")(func() string { return "page" })
	app.Use(middleware.CORS(middleware.CORSOptions{Origins: []string{site}, Methods: []string{"PUT"}, Prefixes: []string{"/api"}}))
	return app, hooked
}

func ask(app http.Handler, method, path string, fields ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(fields); i += 2 {
		r.Header.Add(fields[i], fields[i+1])
	}
	w := httptest.NewRecorder()
	app.ServeHTTP(w, r)
	return w
}

func TestCORSBeforeAnApp(t *testing.T) {
	app, hooked := corsApp(t)
	w := ask(app, "OPTIONS", "/api/items/1", "Origin", site, "Access-Control-Request-Method", "PUT")
	assert.Equal(t, 204, w.Code)
	assert.Equal(t, "PUT", w.Header().Get("Access-Control-Allow-Methods"))
	assert.Zero(t, *hooked, "a preflight is no request of the app")
	w = ask(app, "OPTIONS", "/api/items/1", "Origin", other, "Access-Control-Request-Method", "PUT")
	assert.Equal(t, 403, w.Code)
	assert.Equal(t, "CORS: pages of this origin may not use this site. The origins that may are listed in CORSOptions.Origins.\n", w.Body.String())
	assert.Zero(t, *hooked, "nor is one that is refused")

	w = ask(app, "OPTIONS", "/api/items/1", "Origin", site)
	assert.Equal(t, "OPTIONS, PUT", w.Header().Get("Allow"), "the automatic answer")
	assert.Equal(t, site, w.Header().Get("Access-Control-Allow-Origin"))
	assert.Equal(t, 1, *hooked)
	w = ask(app, "GET", "/api/nothing", "Origin", site)
	assert.Equal(t, 404, w.Code)
	assert.Equal(t, site, w.Header().Get("Access-Control-Allow-Origin"), "an error can be read too")

	w = ask(app, "OPTIONS", "/page", "Origin", site, "Access-Control-Request-Method", "PUT")
	assert.Equal(t, "GET, HEAD, OPTIONS", w.Header().Get("Allow"), "outside of the prefix")
	assert.Empty(t, w.Header().Values("Vary"))
	for path, want := range map[string]string{"/api": site, "/api/": site, "/apix": "", "/x/api": ""} {
		assert.Equal(t, want, ask(app, "GET", path, "Origin", site).Header().Get("Access-Control-Allow-Origin"), path)
	}
}

// An origin that may read is not one that may change things.
func TestCORSAndTheProtectionOfSessions(t *testing.T) {
	build := func(trusted ...string) *retort.App {
		app := retort.New("both")
		app.Config.Set("SECRET_KEY", "a key of the test, long enough for it")
		if len(trusted) > 0 {
			app.Config.Set("TRUSTED_ORIGINS", trusted)
		}
		app.Post("/change")(func(c *retort.Context) string {
			c.Session().Set("n", 1)
			return "changed"
		})
		app.Use(middleware.CORS(middleware.CORSOptions{Origins: []string{site}, Credentials: true}))
		return app
	}
	w := ask(build(), "POST", "/change", "Origin", site, "Sec-Fetch-Site", "cross-site")
	assert.Equal(t, 403, w.Code)
	assert.Equal(t, site, w.Header().Get("Access-Control-Allow-Origin"), "the page can read why")
	assert.Contains(t, w.Body.String(), "TRUSTED_ORIGINS")
	w = ask(build(site), "POST", "/change", "Origin", site, "Sec-Fetch-Site", "cross-site")
	assert.Equal(t, 200, w.Code)
	require.Equal(t, []string{"Origin", "Cookie"}, w.Header().Values("Vary"))
	w = ask(build(other), "POST", "/change", "Origin", other, "Sec-Fetch-Site", "cross-site")
	assert.Equal(t, 200, w.Code, "an origin that may change things")
	assert.Empty(t, w.Header().Get("Access-Control-Allow-Origin"), "is not one that may read")
}

// What is allowed is an origin of the list, whatever comes.
func FuzzCORS(f *testing.F) {
	for _, s := range []string{site, other, "null", "", "https://a.example.net", "https://a.example.net:1", "https://evil.test\x00.example.net", "http://localhost:99999"} {
		f.Add(s, "PUT", "x-a")
	}
	h := middleware.CORS(middleware.CORSOptions{Origins: []string{site, "https://*.example.net", "http://localhost:*"}, Methods: []string{"*"}, Headers: []string{"*"}, Credentials: true})(http.NotFoundHandler())
	f.Fuzz(func(t *testing.T, origin, method, fields string) {
		r := httptest.NewRequest("OPTIONS", "/", nil)
		r.Header = http.Header{"Origin": {origin}, "Access-Control-Request-Method": {method}, "Access-Control-Request-Headers": {fields}}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		allowed := w.Header().Get("Access-Control-Allow-Origin")
		assert.Equal(t, w.Code == 204, allowed != "")
		if allowed != "" {
			assert.Equal(t, origin, allowed)
			assert.Regexp(t, `^(https://www\.example\.org|https://[a-z0-9._-]+\.example\.net|http://localhost(:[1-9][0-9]{0,4})?)$`, allowed)
		}
		for _, name := range []string{"Access-Control-Allow-Methods", "Access-Control-Allow-Headers"} {
			assert.Regexp(t, `^[-A-Za-z0-9!#$%&'*+.^_|~, `+"`"+`]*$`, w.Header().Get(name))
		}
	})
}
