package retort

import (
	"net/http"
	"sync/atomic"
)

// TestRequestContext gives the Context of a request to target that is matched
// and goes no further: no hook and no view is called. It is for testing what
// takes a Context: c.Request, c.Endpoint, c.ViewArgs and c.URLFor work, the
// body can be read, and what the routing had against the request (a 404, a
// redirect) is kept as in a BeforeRequest function. The request never ends, so
// no teardown functions run.
//
//	c := app.TestRequestContext("/user/7?tab=posts")
//	c.Endpoint() // "user"
//
// The method is GET unless [WithMethod] says otherwise.
//
// Differs from Flask: it freezes the app as a request does, because the rules
// are matched.
//
// Source: Flask: app.py, test_request_context.
func (a *App) TestRequestContext(target string, opts ...TestOption) *Context {
	q := newTestRequest(a, http.MethodGet)
	q.setTarget(target)
	q.apply(opts)
	f := a.frozen.Load()
	if f == nil {
		f = a.freeze()
	}
	r := q.build()
	return a.newRoutedContext(f, newRecorder(r), r)
}

// PreprocessRequest runs what comes before the view: the URL value
// preprocessors and the BeforeRequest functions. It gives the Response of the
// first that answered, nil when none did; the error is one that a function
// returned. It is for a Context of [App.TestRequestContext].
//
// Source: Flask: app.py, preprocess_request.
func (a *App) PreprocessRequest(c *Context) (*Response, error) {
	ans := a.preprocessRequest(c)
	if ans.isGoOn() {
		return nil, nil
	}
	return a.makeResponse(c, ans)
}

// heldContext keeps the Context of a request for the test client that sent it.
type heldContext struct{ c atomic.Pointer[Context] }

type heldContextKey struct{}

// keepForClient keeps c for the client that sent r. A later one of the request,
// such as a Copy, is not what it was handled with.
func keepForClient(c *Context, r *http.Request) {
	if held, ok := r.Context().Value(heldContextKey{}).(*heldContext); ok {
		held.c.CompareAndSwap(nil, c)
	}
}

// Context gives the Context that the request was handled with, to see what
// views and hooks have left in it:
//
//	res := client.Get("/")
//	user := current.Get(res.Context())
//
// The request has ended, so what needs the live exchange panics. A request that
// needed no Context, or that middleware answered, gives one that has been matched
// and went no further, as that of [App.TestRequestContext]. It is for one
// goroutine. For a response among the Informational ones it is nil.
//
// Differs from Flask: there the context of the last request is found in the
// globals for as long as "with client:" lasts.
//
// Source: Flask: testing.py, FlaskClient.__enter__.
func (r *TestResponse) Context() *Context {
	if r.held == nil {
		return nil
	}
	if c := r.held.c.Load(); c != nil {
		return c
	}
	c := r.app.newRoutedContext(r.app.frozen.Load(), newRecorder(r.Request), r.Request)
	c.ended.Store(true)
	r.held.c.Store(c)
	return c
}
