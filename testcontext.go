package retort

import "net/http"

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
