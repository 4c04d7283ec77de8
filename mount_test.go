package retort_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/gorilla/mux"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
)

// seen answers with the path and the variables that a mounted handler gets.
func seen(w http.ResponseWriter, r *http.Request) {
	_, _ = fmt.Fprintf(w, "%s %s %v", r.Method, r.URL.Path, mux.Vars(r))
}

// legacyRouter is a router as an older program would have it.
func legacyRouter() *mux.Router {
	r := mux.NewRouter()
	r.HandleFunc("/", seen).Methods("GET")
	r.HandleFunc("/users/{id:[0-9]+}", seen).Methods("GET", "PATCH").Name("legacy_user")
	r.HandleFunc("/users/{id:[0-9]+}", seen).Methods("DELETE")
	r.HandleFunc("/any", seen)
	r.HandleFunc("/files/{rest:.*}", seen).Name("legacy_file")
	admin := r.PathPrefix("/admin").Subrouter()
	admin.Use(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Admin", "yes")
			next.ServeHTTP(w, r)
		})
	})
	admin.HandleFunc("/{page}", seen).Methods("GET").Name("admin_page")
	return r
}

func TestMountedRouter(t *testing.T) {
	for _, tt := range []struct {
		name, method, path string
		status             int
		text, allow        string
	}{
		{"its root", "GET", "/", 200, "GET / map[]", ""},
		{"a variable", "GET", "/users/7", 200, "GET /users/7 map[id:7]", ""},
		{"another method", "DELETE", "/users/7", 200, "DELETE /users/7 map[id:7]", ""},
		{"any method", "REPORT", "/any", 200, "REPORT /any map[]", ""},
		{"a path", "GET", "/files/a/b", 200, "GET /files/a/b map[rest:a/b]", ""},
		{"an encoded slash is a slash", "GET", "/files/a%2Fb", 200, "GET /files/a/b map[rest:a/b]", ""},
		{"a subrouter with middleware", "GET", "/admin/home", 200, "GET /admin/home map[page:home]", ""},
		{"a value that the route refuses", "GET", "/users/x", 404, "no page", ""},
		{"nothing there", "GET", "/nothing", 404, "no page", ""},
		{"nothing there in the subrouter", "GET", "/admin/a/b", 404, "no page", ""},
		{"a wrong method", "POST", "/users/7", 405, "not so", "DELETE, GET, PATCH"},
		{"a wrong method in a subrouter", "POST", "/admin/home", 405, "not so", "GET"},
		{"HEAD, which the router does not have", "HEAD", "/users/7", 405, "", "DELETE, GET, PATCH"},
	} {
		for _, prefix := range []string{"/legacy", "/", "/a/b/"} {
			t.Run(tt.name+" below "+prefix, func(t *testing.T) {
				app := quiet()
				app.Mount(prefix, legacyRouter())
				app.ErrorHandler(404)(func() (string, int) { return "no page", 404 })
				app.ErrorHandler(405)(func(e *retort.HTTPError) (string, int, http.Header) { return "not so", 405, e.Header })
				path := tt.path
				if prefix != "/" {
					path = "/" + strings.Trim(prefix, "/") + path
				}
				res := app.TestClient().Open(tt.method, path)
				assert.Equal(t, tt.status, res.Status)
				assert.Equal(t, tt.text, res.Text)
				assert.Equal(t, tt.allow, res.Header.Get("Allow"))
				assert.Equal(t, tt.status == 200 && tt.path == "/admin/home", res.Header.Get("X-Admin") == "yes")
			})
		}
	}
}

func TestAMountTakesItsPrefixAndWhatIsBelow(t *testing.T) {
	app := quiet()
	app.Mount("/legacy", http.HandlerFunc(seen))
	client := app.TestClient()
	assert.Equal(t, "GET / map[]", client.Get("/legacy").Text)
	assert.Equal(t, "GET / map[]", client.Get("/legacy/").Text)
	assert.Equal(t, "GET /x/ map[]", client.Get("/legacy/x/").Text)
	assert.Equal(t, "GET /ü map[]", client.Get("/legacy/%C3%BC").Text)
	for _, path := range []string{"/", "/legac", "/legacyx", "/x/legacy", "/LEGACY/"} {
		assert.Equal(t, 404, client.Get(path).Status, path)
	}
}

func TestWhoTakesARequest(t *testing.T) {
	named := func(name string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, name+" "+r.URL.Path) })
	}
	app := quiet()
	app.Get("/a/b/rule")(func() string { return "rule" })
	app.Get("/a/<int:n>")(func(int) string { return "number" })
	app.Get("/dir/")(noArguments)
	router := mux.NewRouter()
	router.Handle("/only", named("router"))
	app.Mount("/", named("root"))
	app.Mount("/a/b/c", router)
	app.Mount("/a/b", named("b"))
	app.Mount("/a", named("a"))
	client := app.TestClient()
	for path, want := range map[string]string{
		"/a/b/rule":    "rule",
		"/a/7":         "number",
		"/a/seven":     "a /seven",
		"/a/b":         "b /",
		"/a/bc":        "a /bc",
		"/a/b/c/only":  "router /only",
		"/a/b/c/other": "b /c/other", // the router has no such route: the next mount is asked
		"/elsewhere":   "root /elsewhere",
	} {
		assert.Equal(t, want, client.Get(path).Text, path)
	}
	assert.Equal(t, 308, client.Get("/dir").Status, "the slash redirect of a rule comes first")
}

func TestARuleAndAMountShareAPath(t *testing.T) {
	router := mux.NewRouter()
	router.HandleFunc("/notes", seen).Methods("GET", "PUT")
	app := quiet()
	app.Post("/notes")(saying("posted"))
	app.Mount("/", router)
	client := app.TestClient()
	assert.Equal(t, "posted", client.Post("/notes").Text)
	assert.Equal(t, "GET /notes map[]", client.Get("/notes").Text, "the app has not taken it over yet")
	res := client.Delete("/notes")
	assert.Equal(t, 405, res.Status)
	assert.Equal(t, "GET, OPTIONS, POST, PUT", res.Header.Get("Allow"), "what both have")
}

func TestUncleanPathsOfAMount(t *testing.T) {
	app := quiet()
	app.Get("/own")(func() string { return "own" })
	app.Mount("/legacy", legacyRouter())
	for _, tt := range []struct{ target, location string }{
		{"/legacy//evil.com", "http://example.com/legacy/evil.com"},
		{"/legacy///evil.com/x", "http://example.com/legacy/evil.com/x"},
		{"/legacy/%2Fevil.com", "http://example.com/legacy/evil.com"},
		{"/legacy/%2F%2Fevil.com?a=//b", "http://example.com/legacy/evil.com?a=//b"},
		{"/legacy//", "http://example.com/legacy/"},
		{"/legacy/a//b/", "http://example.com/legacy/a/b/"},
		{"/legacy/./x", "http://example.com/legacy/x"},
		{"/legacy/../x", "http://example.com/legacy/x"},
		{"/legacy/a/../../../x/", "http://example.com/legacy/x/"},
		{"/legacy/%2e%2e/own", "http://example.com/legacy/own"},
		{"/legacy//ü b?%zz", "http://example.com/legacy/%C3%BC%20b?%zz"},
		{"/legacy//a%3Fb%23c", "http://example.com/legacy/a%3Fb%23c"},
		{"/legacy/.//%5Cevil.com", "http://example.com/legacy/%5Cevil.com"},
		{"//legacy//x", "http://example.com/legacy/x"},
		{"/legacy//x?a#%0", "http://example.com/legacy/x?a%23%0"},
	} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest("POST", "/", nil)
		path, query, _ := strings.Cut(tt.target, "?")
		path, err := url.PathUnescape(path)
		require.NoError(t, err)
		r.URL = &url.URL{Path: path, RawQuery: query}
		app.ServeHTTP(w, r)
		assert.Equal(t, 308, w.Code, tt.target)
		assert.Equal(t, tt.location, w.Header().Get("Location"), tt.target)
	}
}

func TestAMountNeverGetsAPathThatABrowserTakesForAHost(t *testing.T) {
	for _, prefix := range []string{"/", "/legacy"} {
		var paths []string
		app := quiet()
		app.Mount(prefix, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { paths = append(paths, r.URL.Path) }))
		for _, path := range []string{
			"//evil.com", `/\evil.com`, `\evil.com`, "/legacy//evil.com", `/legacy/\evil.com`, `/legacy/\/evil.com`, `/legacy\evil.com`,
			"//legacy//evil.com", "///", `/legacy/./\evil.com`, `//\evil.com`, "//legacy/x", `//legacy/\x`,
		} {
			w, r := httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil)
			r.URL.Path = path
			app.ServeHTTP(w, r)
			if to := w.Header().Get("Location"); to != "" {
				assert.Regexp(t, `^http://example\.com/[^/\\]*`, to, path)
			}
		}
		for _, path := range paths {
			assert.Regexp(t, `^/([^/\\]|$)`, path)
		}
		assert.Contains(t, paths, map[string]string{"/": "/evil.com", "/legacy": "/x"}[prefix])
	}
}

func TestARedirectOfAMountStaysOnItsHost(t *testing.T) {
	app := quiet(retort.SubdomainMatching())
	app.Config.Set("SERVER_NAME", "example.com")
	app.Mount("/legacy", legacyRouter())
	client := app.TestClient()
	assert.Equal(t, "http://example.com/legacy/x", client.Get("/legacy//x").Header.Get("Location"))
	assert.Equal(t, "https://api.example.com/legacy/x", client.Get("/legacy//x", retort.WithBaseURL("https://API.example.com")).Header.Get("Location"))
	assert.Equal(t, "http://example.com/app/legacy/x", client.Get("/legacy//x", retort.WithBaseURL("http://example.com/app")).Header.Get("Location"))

	plain := quiet()
	plain.Mount("/legacy", legacyRouter())
	r := httptest.NewRequest("GET", "/legacy//x", nil)
	r.Host = ""
	w := httptest.NewRecorder()
	plain.ServeHTTP(w, r)
	assert.Equal(t, "/legacy/x", w.Header().Get("Location"), "HTTP/1.0 needs no Host")
}

func TestASlashRedirectOfTheMountedHandlerKeepsThePrefix(t *testing.T) {
	router := mux.NewRouter().StrictSlash(true)
	router.HandleFunc("/dir/", seen)
	router.HandleFunc("/leaf", seen)
	router.HandleFunc("/away", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/login", http.StatusMovedPermanently)
	})
	router.HandleFunc("/here", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/here/", http.StatusFound) })
	router.HandleFunc("/other", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://other.test/other/", http.StatusMovedPermanently)
	})
	servemux := http.NewServeMux()
	servemux.HandleFunc("/dir/", seen)
	for _, tt := range []struct {
		name, prefix string
		handler      http.Handler
		path, want   string
	}{
		{"a slash more", "/legacy", router, "/legacy/dir?x=1", "/legacy/dir/?x=1"},
		{"a # that is no fragment", "/legacy", router, "/legacy/dir?a#%0", "/legacy/dir/?a%23%0"},
		{"an absolute target", "/legacy", router, "http://example.com/legacy/dir?x=1", "/legacy/dir/?x=1"},
		{"a slash less", "/legacy", router, "/legacy/leaf/", "/legacy/leaf"},
		{"at the root there is no prefix", "/", router, "/dir", "/dir/"},
		{"a prefix that is encoded", "/ä b", router, "/%C3%A4%20b/dir", "/%C3%A4%20b/dir/"},
		{"a ServeMux does it too", "/legacy", servemux, "/legacy/dir", "/legacy/dir/"},
		{"a redirect to somewhere else is the handler's own", "/legacy", router, "/legacy/away", "/login"},
		{"a redirect that is no permanent one, too", "/legacy", router, "/legacy/here", "/here/"},
		{"a redirect to another host, too", "/legacy", router, "/legacy/other", "https://other.test/other/"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			app := quiet()
			app.Mount(tt.prefix, tt.handler)
			w := httptest.NewRecorder()
			app.ServeHTTP(w, httptest.NewRequest("GET", tt.path, nil))
			assert.Equal(t, tt.want, w.Header().Get("Location"))
		})
	}
	app := quiet()
	app.Mount("/legacy", router)
	below := app.TestClient().Get("/legacy/dir", retort.WithBaseURL("http://example.com/app"), retort.FollowRedirects())
	assert.Equal(t, "GET /dir/ map[]", below.Text)
	assert.Equal(t, "/app/legacy/dir/", below.History[0].Header.Get("Location"))
}

func TestTheRoutersOwnErrorPagesAreNotShown(t *testing.T) {
	router := legacyRouter()
	router.NotFoundHandler = http.HandlerFunc(seen)
	router.MethodNotAllowedHandler = http.HandlerFunc(seen)
	app := quiet()
	app.Mount("/legacy", router)
	app.Mount("/", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "root") }))
	client := app.TestClient()
	assert.Equal(t, "root", client.Get("/legacy/nothing").Text)
	res := client.Post("/legacy/users/7")
	assert.Equal(t, 405, res.Status)
	assert.Equal(t, "DELETE, GET, PATCH", res.Header.Get("Allow"))
}

func TestHooksAroundAMount(t *testing.T) {
	var log []string
	app := quiet()
	app.BeforeRequest(func(c *retort.Context) any {
		log = append(log, "before "+c.Endpoint())
		if c.Request.Args().Has("stop") {
			return retort.Reply("stopped", 403)
		}
		return nil
	})
	app.AfterRequest(func(c *retort.Context, res *retort.Response) {
		log = append(log, fmt.Sprint("after ", res.Status))
		res.Header.Set("X-After", "yes")
	})
	app.TeardownRequest(func(_ *retort.Context, err error) { log = append(log, fmt.Sprint("teardown ", err)) })
	app.Mount("/legacy", legacyRouter())
	client := app.TestClient()

	res := client.Get("/legacy/users/7")
	assert.Equal(t, "yes", res.Header.Get("X-After"))
	assert.Equal(t, []string{"before mount /legacy/", "after 200", "teardown <nil>"}, log)

	log = nil
	assert.Equal(t, "stopped", client.Get("/legacy/users/7?stop").Text)
	assert.Equal(t, []string{"before mount /legacy/", "after 403", "teardown <nil>"}, log)

	log = nil
	assert.Equal(t, 404, client.Get("/legacy/nothing").Status)
	assert.Equal(t, []string{"before ", "after 404", "teardown <nil>"}, log)
}

func TestAMountedHandlerHasTheContext(t *testing.T) {
	app := quiet()
	app.Get("/home")(noArguments)
	app.Mount("/legacy", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := retort.FromContext(r.Context())
		_, _ = fmt.Fprintf(w, "%s %s %q %v %s %s", c.Request.Path(), c.URLFor("noArguments"), c.Request.URLRule(), c.ViewArgs(), r.Pattern, r.RequestURI)
	}))
	assert.Equal(t, `/legacy/x /home "" map[] /legacy/ /legacy/x`, app.TestClient().Get("/legacy/x").Text)
}

func TestAMountedServeMuxSetsItsOwnValues(t *testing.T) {
	inner := http.NewServeMux()
	inner.HandleFunc("GET /item/{id}", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.Pattern+" "+r.PathValue("id"))
	})
	app := quiet()
	app.Mount("/api", inner)
	client := app.TestClient()
	assert.Equal(t, "GET /item/{id} 7", client.Get("/api/item/7").Text)
	res := client.Post("/api/item/7")
	assert.Equal(t, 405, res.Status, "its errors are its own")
	assert.Equal(t, "Method Not Allowed\n", res.Text)
}

func TestAMountedApp(t *testing.T) {
	inner := quiet()
	inner.Get("/item/<int:id>", retort.Endpoint("item"))(func(c *retort.Context, id int) string {
		return c.URLFor("item", "id", id+1) + " " + c.URLFor("item", "id", id, retort.External()) + " " + c.Request.Path()
	})
	inner.Get("/dir/")(noArguments)
	inner.ErrorHandler(404)(func() (string, int) { return "inner", 404 })
	app := quiet()
	app.ErrorHandler(404)(func() (string, int) { return "outer", 404 })
	app.Mount("/in", inner)
	client := app.TestClient()
	assert.Equal(t, "/in/item/8 http://localhost/in/item/7 /item/7", client.Get("/in/item/7").Text)
	assert.Equal(t, "/app/in/item/8 http://a.test/app/in/item/7 /item/7", client.Get("/in/item/7", retort.WithBaseURL("http://a.test/app")).Text)
	assert.Equal(t, "inner", client.Get("/in/nothing").Text)
	assert.Equal(t, "outer", client.Get("/nothing").Text)
	assert.Equal(t, "http://localhost/in/dir/", client.Get("/in/dir").Header.Get("Location"))
}

func TestNamedRoutesOfAMountedRouter(t *testing.T) {
	app := quiet()
	app.AddURLRule("/admin/<page>", "admin_page", func(string) string { return "" })
	app.Mount("/legacy", legacyRouter())
	c := app.TestRequestContext("http://a.test:8080/?q=1")
	below := app.TestRequestContext("/", retort.WithBaseURL("https://a.test/app"))
	for _, tt := range []struct{ name, got, want string }{
		{"a variable", c.URLFor("legacy_user", "id", 7), "/legacy/users/7"},
		{"a value that must be encoded", c.URLFor("legacy_file", "rest", "a b/ü?#%"), "/legacy/files/a%20b/%C3%BC%3F%23%25"},
		{"slashes and backslashes", c.URLFor("legacy_file", "rest", `//evil.com\`), `/legacy/files///evil.com%5C`},
		{"other values are the query, in order", c.URLFor("legacy_user", "z", "a&b", "id", 7, "a", []int{1, 2}, "none", nil), "/legacy/users/7?z=a%26b&a=1&a=2"},
		{"external", c.URLFor("legacy_user", "id", 7, retort.External()), "http://a.test:8080/legacy/users/7"},
		{"without a scheme", c.URLFor("legacy_user", "id", 7, retort.Scheme("")), "//a.test:8080/legacy/users/7"},
		{"with a scheme", c.URLFor("legacy_user", "id", 7, retort.Scheme("wss")), "wss://a.test:8080/legacy/users/7"},
		{"with an anchor", c.URLFor("legacy_user", "id", 7, retort.Anchor("end")), "/legacy/users/7#end"},
		{"below a script root", below.URLFor("legacy_user", "id", 7), "/app/legacy/users/7"},
		{"below a script root, external", below.URLFor("legacy_user", "id", 7, retort.External()), "https://a.test/app/legacy/users/7"},
		{"an endpoint of the app wins", c.URLFor("admin_page", "page", "x"), "/admin/x"},
	} {
		assert.Equal(t, tt.want, tt.got, tt.name)
	}

	root := quiet()
	root.Config.Set("SERVER_NAME", "a.test")
	root.Mount("/", legacyRouter())
	assert.Equal(t, "http://a.test/users/7", root.URLFor("legacy_user", "id", 7))
	assert.Equal(t, "/users/7", root.URLFor("legacy_user", "id", 7, retort.External(false)))
}

func TestNamedRoutesThatCannotBeBuilt(t *testing.T) {
	app := quiet()
	app.Mount("/legacy", legacyRouter())
	c := app.TestRequestContext("/")
	for _, tt := range []struct {
		name string
		args []any
		want string
	}{
		{"no value", nil, `retort: URLFor("legacy_user"): the router mounted at "/legacy/" builds no URL for its route "legacy_user": missing route variable "id"; give the values by name: URLFor("legacy_user", "name", value)`},
		{"nil is no value", []any{"id", nil}, `retort: URLFor("legacy_user"): the router mounted at "/legacy/" builds no URL for its route "legacy_user": missing route variable "id"; give the values by name: URLFor("legacy_user", "name", value)`},
		{"a value that does not fit", []any{"id", "x"}, `retort: URLFor("legacy_user"): the router mounted at "/legacy/" builds no URL for its route "legacy_user": variable "x" doesn't match, expected "^[0-9]+$"; give the values by name: URLFor("legacy_user", "name", value)`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err, ok := panicOf(t, func() { c.URLFor("legacy_user", tt.args...) }).(error)
			require.True(t, ok)
			assert.EqualError(t, err, tt.want)
		})
	}
}

func TestPanicsOfMountedHandlers(t *testing.T) {
	errBroken := errors.New("broken")
	var torn []error
	app := quiet()
	log := logOf(app)
	app.TeardownRequest(func(_ *retort.Context, err error) { torn = append(torn, err) })
	retort.OnError(app, func(_ *retort.Context, err *appError) any { return retort.Reply("handled "+err.text, 409) })
	router := mux.NewRouter()
	router.HandleFunc("/before", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X-Half", "yes"); panic(errBroken) })
	router.HandleFunc("/handled", func(http.ResponseWriter, *http.Request) { panic(&appError{"it"}) })
	router.HandleFunc("/abort", func(http.ResponseWriter, *http.Request) { retort.Abort(418) })
	router.NewRoute().MatcherFunc(func(r *http.Request, _ *mux.RouteMatch) bool {
		if r.URL.Path == "/match" {
			panic(errBroken)
		}
		return false
	}).HandlerFunc(seen)
	router.HandleFunc("/half", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "half"); panic(errBroken) })
	app.Mount("/legacy", router)
	client := app.TestClient()

	res := client.Get("/legacy/before")
	assert.Equal(t, 500, res.Status)
	assert.Empty(t, res.Header.Get("X-Half"))
	assert.Equal(t, []string{"broken"}, log.errors(t))
	assert.Equal(t, "handled it", client.Get("/legacy/handled").Text)
	assert.Equal(t, 418, client.Get("/legacy/abort").Status)
	assert.Empty(t, log.errors(t))
	assert.NotPanics(t, func() { assert.Equal(t, 500, client.Get("/legacy/match").Status) })
	assert.Equal(t, []string{"broken"}, log.errors(t))
	cut, ok := panicOf(t, func() { client.Get("/legacy/half") }).(*retort.CutOffError)
	require.True(t, ok)
	assert.Equal(t, "half", cut.Response.Text)
	assert.Equal(t, []string{"broken"}, log.errors(t))
	assert.Equal(t, []error{errBroken, nil, nil, errBroken, errBroken}, torn)
}

func TestAMountedHandlerMayFlushAndHijack(t *testing.T) {
	release := make(chan struct{})
	router := mux.NewRouter()
	router.HandleFunc("/stream", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "first")
		w.(http.Flusher).Flush()
		<-release
		_, _ = io.WriteString(w, " second")
	})
	router.HandleFunc("/raw", func(w http.ResponseWriter, _ *http.Request) {
		conn, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		_, _ = rw.WriteString("HTTP/1.1 299 Raw\r\nContent-Length: 3\r\nConnection: close\r\n\r\nraw")
		_ = rw.Flush()
		_ = conn.Close()
	})
	app := quiet()
	app.Mount("/legacy", router)
	server := httptest.NewServer(app)
	defer server.Close()

	res, err := http.Get(server.URL + "/legacy/stream")
	require.NoError(t, err)
	first := make([]byte, 5)
	_, err = io.ReadFull(res.Body, first)
	require.NoError(t, err)
	assert.Equal(t, "first", string(first), "it arrives while the handler is still running")
	close(release)
	rest, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	assert.Equal(t, " second", string(rest))

	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	require.NoError(t, err)
	defer func() { _ = conn.Close() }()
	_, err = io.WriteString(conn, "GET /legacy/raw HTTP/1.1\r\nHost: x\r\n\r\n")
	require.NoError(t, err)
	raw, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	assert.Equal(t, 299, raw.StatusCode)
}

func TestMountsThatMakeNoSense(t *testing.T) {
	for _, prefix := range []string{"", "legacy", "/a//b", "/a/../b", "/<name>", "/{name}", `/a\b`, "//"} {
		assert.Equal(t, fmt.Sprintf(`retort: %s: Mount(%q): the prefix is a path like "/legacy", without variables; "/" mounts at the root`, below(), prefix),
			panicOf(t, func() { quiet().Mount(prefix, http.NotFoundHandler()) }))
	}
	testRefusals(t, []refusal{
		{"no handler", below(), func(app *retort.App) {
			app.Mount("/legacy", nil)
		}, `retort: HERE: Mount("/legacy"): the handler is nil`},
		{"a nil router", below(), func(app *retort.App) {
			app.Mount("/legacy", (*mux.Router)(nil))
		}, `retort: HERE: Mount("/legacy"): the handler is nil`},
	})
	app := quiet()
	first := below()
	app.Mount("/legacy/", http.NotFoundHandler())
	second := below()
	text := panicOf(t, func() { app.Mount("/legacy", http.NotFoundHandler()) })
	assert.Equal(t, fmt.Sprintf(`retort: %s: Mount("/legacy/"): another handler is mounted there, at %s`, second, first), text)
	app.TestClient().Get("/")
	assert.Equal(t, `retort: Mount can no longer be called on the app "test": it has handled its first request, and a change now would reach some requests and not others; move the call to where the app is set up, before Run, the first request and the first TestClient call`,
		panicOf(t, func() { app.Mount("/late", http.NotFoundHandler()) }))
}

// FuzzMount: whatever the path, the mounted handler gets one that a browser
// takes for a path, and a redirect stays on the host and below the prefix.
func FuzzMount(f *testing.F) {
	for _, seed := range []string{"/legacy//evil.com", `/legacy/\evil.com`, "/legacy/../x", "/legacy/%2F/x", "/legacy/dir", "/legacy/leaf/", "//legacy//x", "/legacy/\xff/./", "/legacy/a/..//%5C", "/legacy"} {
		f.Add(seed, "a=//b")
	}
	var got string
	router := mux.NewRouter().StrictSlash(true)
	router.HandleFunc("/dir/", seen)
	router.HandleFunc("/leaf", seen)
	router.PathPrefix("/").HandlerFunc(seen)
	app := quiet()
	app.Mount("/legacy", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r.URL.Path
		router.ServeHTTP(w, r)
	}))
	f.Fuzz(func(t *testing.T, path, query string) {
		got = "/"
		w, r := httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil)
		r.URL = &url.URL{Path: path, RawQuery: query}
		app.ServeHTTP(w, r)
		require.Regexp(t, `^/([^/\\]|$)`, got)
		require.NotContains(t, got, "//")
		if field := w.Header().Get("Location"); field != "" {
			to, err := url.Parse("http://example.com/legacy/")
			require.NoError(t, err)
			to, err = to.Parse(field)
			require.NoError(t, err, field)
			require.Equal(t, "example.com", to.Host, field)
			require.True(t, strings.HasPrefix(to.Path, "/legacy/") || to.Path == "/legacy", field)
		}
	})
}

func TestAMountedHandlerSeesTheBytesOfThePath(t *testing.T) {
	app := retort.New("test")
	app.Mount("/files", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprintf(w, "%q", r.URL.Path) }))
	app.Mount("/\uFFFD", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprintf(w, "odd %q", r.URL.Path) }))
	for target, want := range map[string]string{
		"/files/caf%C3%A9/%FF": `"/café/\xff"`,
		"//files/%E9":          `"/\xe9"`,
		"/%FF/x":               `odd "/x"`,
	} {
		assert.Equal(t, want, served(app, target).Body.String(), target)
	}
}
