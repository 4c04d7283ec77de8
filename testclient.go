package retort

import (
	"context"
	"errors"
	"net/http"
)

// TestClient sends requests to an app without a socket or a server: each one is
// a call of [App.ServeHTTP] in the goroutine of the test. It keeps cookies from
// one request to the next, as a browser does. It is used by one goroutine.
//
//	client := app.TestClient()
//	res := client.Post("/login", retort.FormData{"name": "ada"}, retort.FollowRedirects())
//	// res.Status, res.Header, res.Text, res.History
//
// A request comes from 127.0.0.1, for the host SERVER_NAME ("localhost" when it
// is not set), with the scheme PREFERRED_URL_SCHEME, below APPLICATION_ROOT, and
// with the User-Agent "retort-test".
//
// What goes wrong is a panic, which fails the test and shows the line: an
// unhandled error of the app when TESTING is set, as in Flask; a response that a
// server would cut off ([CutOffError]); a target or an option that makes no
// request; a redirect that cannot be followed.
//
// Source: Flask: testing.py, FlaskClient; Werkzeug: test.py, Client.
type TestClient struct {
	app        *App
	jar        cookieJar
	noCookies  bool
	subdomains bool
	defaults   []TestOption
}

// TestClientOption is an option of [App.TestClient]. The set is closed.
type TestClientOption interface{ applyTestClient(*TestClient) }

type testClientOption func(*TestClient)

func (f testClientOption) applyTestClient(c *TestClient) { f(c) }

// NoCookies has the client neither keep cookies nor send any but those of
// [WithCookie].
//
// Source: Werkzeug: test.py, Client(use_cookies=False).
func NoCookies() TestClientOption {
	return testClientOption(func(c *TestClient) { c.noCookies = true })
}

// AllowSubdomainRedirects lets [FollowRedirects] go to SERVER_NAME and its
// subdomains, or to those of the request's host when there is no SERVER_NAME.
//
// Source: Werkzeug: test.py, Client(allow_subdomain_redirects=True).
func AllowSubdomainRedirects() TestClientOption {
	return testClientOption(func(c *TestClient) { c.subdomains = true })
}

// WithDefaults applies opts to every request of the client, before the options
// of the request itself.
//
// Source: Flask: testing.py, FlaskClient.environ_base.
func WithDefaults(opts ...TestOption) TestClientOption {
	return testClientOption(func(c *TestClient) { c.defaults = append(c.defaults, opts...) })
}

// TestClient gives a new client of the app, with a cookie jar of its own.
//
// Source: Flask: app.py, test_client.
func (a *App) TestClient(opts ...TestClientOption) *TestClient {
	a.tested.Store(true)
	c := &TestClient{app: a}
	for _, opt := range opts {
		opt.applyTestClient(c)
	}
	return c
}

// Get sends a GET request. target is a path with an optional query, percent-
// encoded or not, or a whole URL, which also sets scheme and host. Slashes at
// the beginning belong to the path, however many they are.
func (c *TestClient) Get(target string, opts ...TestOption) *TestResponse {
	return c.Open(http.MethodGet, target, opts...)
}

// Post sends a POST request; see [TestClient.Get].
func (c *TestClient) Post(target string, opts ...TestOption) *TestResponse {
	return c.Open(http.MethodPost, target, opts...)
}

// Put sends a PUT request; see [TestClient.Get].
func (c *TestClient) Put(target string, opts ...TestOption) *TestResponse {
	return c.Open(http.MethodPut, target, opts...)
}

// Patch sends a PATCH request; see [TestClient.Get].
func (c *TestClient) Patch(target string, opts ...TestOption) *TestResponse {
	return c.Open(http.MethodPatch, target, opts...)
}

// Delete sends a DELETE request; see [TestClient.Get].
func (c *TestClient) Delete(target string, opts ...TestOption) *TestResponse {
	return c.Open(http.MethodDelete, target, opts...)
}

// Head sends a HEAD request; see [TestClient.Get].
func (c *TestClient) Head(target string, opts ...TestOption) *TestResponse {
	return c.Open(http.MethodHead, target, opts...)
}

// Options sends an OPTIONS request; see [TestClient.Get]. The target may be
// "*", which asks about the server as a whole.
func (c *TestClient) Options(target string, opts ...TestOption) *TestResponse {
	return c.Open(http.MethodOptions, target, opts...)
}

// Open sends a request with any method; see [TestClient.Get].
//
// Source: Werkzeug: test.py, Client.open.
func (c *TestClient) Open(method, target string, opts ...TestOption) *TestResponse {
	q := newTestRequest(c.app, method)
	q.apply(c.defaults)
	q.setTarget(target)
	q.apply(opts)
	res := c.send(q)
	if q.follow {
		return c.followRedirects(q, res)
	}
	return res
}

// send makes one request and keeps the cookies of its response.
func (c *TestClient) send(q *testRequest) *TestResponse {
	r := q.build()
	held := new(heldContext)
	ctx, cancel := context.WithCancel(context.WithValue(r.Context(), heldContextKey{}, held))
	defer cancel() // as a server does when the handler has returned
	r = r.WithContext(ctx)
	if !c.noCookies {
		c.jar.addTo(r, q)
	}
	rec := newRecorder(r)
	err := rec.serve(c.app)
	res := rec.response()
	res.app, res.held = c.app, held
	if err != nil {
		panic(&CutOffError{Response: res, Reason: err.Error()})
	}
	if !c.noCookies {
		c.jar.update(q, res.Header["Set-Cookie"])
	}
	return res
}

// serve has h answer the request. The error is why a server would cut the
// response off; any panic but http.ErrAbortHandler goes on.
func (w *recorder) serve(h http.Handler) (err error) {
	defer func() {
		switch v := recover(); v {
		case nil:
		case http.ErrAbortHandler:
			err = errors.New("the handler gave it up with http.ErrAbortHandler; if that was a stream that failed, the log says how")
		default:
			panic(v)
		}
	}()
	h.ServeHTTP(w, w.request)
	return w.finish()
}
