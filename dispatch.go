package retort

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/retort-go/retort/gateway"
	"github.com/retort-go/retort/internal/urlmap"
)

// ServeHTTP handles one request. In order:
//
//  1. The middleware of [App.Use], the outermost first.
//  2. The rule is looked for; what comes of it is kept for step 5.
//  3. The origin of the request is checked, see [AllowCrossOrigin]; the URL
//     value preprocessors.
//  4. The BeforeRequest functions; the first answer ends the search for one.
//  5. The outcome of the routing: a 404, 405 or redirect, the automatic answer
//     to OPTIONS, or the view.
//  6. An error of steps 3 to 5 goes to its error handler.
//  7. The answer becomes a Response; AfterThisRequest and AfterRequest functions;
//     the session is saved.
//  8. An error that no handler took, or of step 7, is logged and becomes the
//     500, for which steps 6 and 7 are done once more.
//  9. The response is sent and closed.
//  10. The teardown functions, in every outcome.
//
// Source: Flask: app.py, wsgi_app and full_dispatch_request.
func (a *App) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f := a.frozen.Load()
	if f == nil {
		f = a.freeze()
	}
	if len(a.middleware) == 0 {
		a.serve(f, w, r)
		return
	}
	if developing {
		defer a.reportMiddleware(f, r)
	}
	f.handler.ServeHTTP(w, r)
}

// serve is ServeHTTP inside the middleware.
func (a *App) serve(f *frozen, w http.ResponseWriter, r *http.Request) {
	var match urlmap.Match
	refused := a.lookUp(f, r, &match)
	if refused == nil && f.direct && !a.Signals.hearRequests() && !(f.looks && f.looksAt(r)) {
		switch match.Outcome {
		case urlmap.Found:
			if d := &f.views[match.Index]; d.view != nil && !(d.options && r.Method == http.MethodOptions) {
				a.serveDirect(f, d.view, &match, w, r)
				return
			}
		case urlmap.NotFound:
			if f.plain404 != "" {
				f.writeHTML(w, r, http.StatusNotFound, f.plain404)
				return
			}
		}
	}
	c := newContext(a, w, r)
	c.routed(&match, refused)
	ans := a.fullDispatch(c)
	if f.direct && ans.value == nil && c.route != nil && c.route.untouched && !c.looksAtResponse() {
		defer a.teardown(c, nil)
		f.writeHTML(w, r, http.StatusOK, ans.text)
		return
	}
	a.sendAnswer(c, ans, w, r)
}

// serveDirect calls a view that needs no Context and sends what it gives. A
// string costs no allocation.
func (a *App) serveDirect(f *frozen, view any, match *urlmap.Match, w http.ResponseWriter, r *http.Request) {
	returned := false
	defer func() {
		if !returned {
			if v := recover(); v != nil {
				a.finishDirect(match, answer{value: thrownError(v)}, w, r)
			}
		}
	}()
	ans := callCommon(view, &match.Values)
	returned = true
	switch ans.value {
	case nil:
		f.writeHTML(w, r, http.StatusOK, ans.text)
	case noContent:
		w.WriteHeader(http.StatusNoContent)
	default:
		a.finishDirect(match, ans, w, r)
	}
}

// finishDirect goes the rest of the way with a Context, for an answer that is
// more than text.
func (a *App) finishDirect(match *urlmap.Match, ans answer, w http.ResponseWriter, r *http.Request) {
	c := newContext(a, w, r)
	c.route, c.values = a.routes[match.Index], match.Values
	a.sendAnswer(c, ans, w, r)
}

// writeHTML sends a page. The values of its fields are shared by all responses;
// their capacity is their length, so that appending to them copies.
func (f *frozen) writeHTML(w http.ResponseWriter, r *http.Request, status int, page string) {
	h := w.Header()
	h["Content-Type"] = f.html
	h["Content-Length"] = f.contentLength(len(page))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = io.WriteString(w, page) // fails when the client is gone: nobody to tell
	}
}

// recoverTo makes a panic the answer. It must be deferred itself.
func recoverTo(ans *answer) {
	if v := recover(); v != nil {
		*ans = answer{value: thrownError(v)}
	}
}

// sendAnswer does the rest of the way, from the answer to the teardown.
func (a *App) sendAnswer(c *Context, ans answer, w http.ResponseWriter, r *http.Request) {
	var unhandled error
	defer func() { a.teardown(c, unhandled) }()
	ans, sent := a.sendJSON(c, ans, w, r)
	if sent {
		return
	}
	res, unhandled := a.respond(c, ans)
	if res == nil {
		if leave := a.leaves(unhandled); leave != nil {
			panic(leave)
		}
		res = Error(http.StatusInternalServerError).response()
	}
	if failed := a.transmit(c, res, w, r); failed != nil {
		unhandled = failed.err
		if failed.leave != nil {
			panic(failed.leave)
		}
	}
}

// failure is what went wrong while a response was being sent.
type failure struct {
	err   error
	leave any // what the server is to see as a panic: half an answer has left, or the error propagates
}

// transmit sends and closes the response. What it returns has been logged.
func (a *App) transmit(c *Context, res *Response, w http.ResponseWriter, r *http.Request) *failure {
	if h, ok := res.content.handler(); ok {
		return a.serveHandler(c, h, res, w)
	}
	err := res.sendRecovering(w, r)
	if closing := res.Close(); closing != nil {
		a.log(c, "closing the response failed", closing)
	}
	switch {
	case err == nil || errors.Is(err, errClientGone):
		return nil
	case errors.Is(err, http.ErrAbortHandler):
		return &failure{err, http.ErrAbortHandler}
	}
	a.logPlace(c, "the body of the response failed", err)
	if res.written {
		return &failure{err, http.ErrAbortHandler} // a clean end would make half a body look whole
	}
	if fault := a.faultOf(c, err); fault != nil {
		return &failure{err, fault}
	}
	page := Error(http.StatusInternalServerError).response()
	_ = page.send(w, r) // text in memory: cannot fail
	return &failure{err: err}
}

// sendRecovering is send with a panic of the body as its error.
func (res *Response) sendRecovering(w http.ResponseWriter, r *http.Request) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = thrownError(v)
		}
	}()
	return res.send(w, r)
}

// Call handles one request that comes through a gateway. The teardown functions
// run when the body is closed.
//
// Source: PEP 3333; Flask: app.py, wsgi_app.
func (a *App) Call(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
	f := a.frozen.Load()
	if f == nil {
		f = a.freeze()
	}
	if len(a.middleware) > 0 {
		return gateway.FromHandler(a).Call(env, start)
	}
	r, err := env.Request()
	if err != nil {
		return Error(http.StatusBadRequest, "The environ holds no request that can be served.").response().Call(env, start)
	}
	c := a.newRoutedContext(f, nil, r)
	res, unhandled := a.respond(c, a.fullDispatch(c))
	if res == nil {
		a.teardown(c, unhandled)
		return nil, leavingCall(unhandled)
	}
	if _, ok := res.content.handler(); ok {
		return gateway.FromHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			var err error
			defer func() { a.teardown(c, err) }()
			if failed := a.transmit(c, res, w, r); failed != nil {
				if err = failed.err; failed.leave != nil {
					panic(failed.leave)
				}
			}
		})).Call(env, start)
	}
	res.content.onError(func(err error, begun bool) error {
		unhandled = bareError(err)
		return a.streamFault(c, err, begun)
	})
	res.OnClose(func() error { a.teardown(c, unhandled); return nil })
	return res.startResponse(env, start)
}

// streamFault is what a debugger waits for when an error ends a streamed body of
// which nothing was given yet. It is nil otherwise: the gateway logs the error.
func (a *App) streamFault(c *Context, err error, begun bool) error {
	if begun || errors.Is(err, http.ErrAbortHandler) || c.Context().Err() != nil {
		return nil
	}
	fault, ok := a.faultOf(c, err).(error)
	if !ok {
		return nil
	}
	a.logPlace(c, "the body of the response failed", err)
	return fault
}

// respond makes the response of an answer. When the error of the request is to
// leave the app the response is nil.
func (a *App) respond(c *Context, ans answer) (*Response, error) {
	if err := ans.err(); err != nil {
		ans = a.handleUserError(c, c.named(err))
	}
	res, err := a.finalize(c, ans)
	if err != nil {
		return a.handleException(c, err)
	}
	return res, nil
}

// named adds to the error of an answer that is none whose it was.
func (c *Context) named(err error) error {
	if _, none := err.(noAnswerError); !none || c.route == nil || c.route.view == nil {
		return err
	}
	return fmt.Errorf("endpoint %q: %w", c.route.endpoint, err)
}

// fullDispatch does steps 3 to 5 of ServeHTTP.
func (a *App) fullDispatch(c *Context) (ans answer) {
	defer recoverTo(&ans)
	if a.Signals.hearRequests() {
		a.Signals.AppContextPushed.Send(a, AppContextPushed{c})
		a.Signals.RequestStarted.Send(a, RequestStarted{c})
	}
	if err := a.checkOrigin(c); err != nil {
		return errorAnswer(err)
	}
	if ans := a.preprocessRequest(c); !ans.isGoOn() {
		return ans
	}
	if c.route == nil {
		return errorAnswer(c.more().routingError)
	}
	if c.route.answersOptions(c.request.http) {
		return responseAnswer(a.optionsResponse(c))
	}
	return c.route.stub(c, c.values)
}

// answersOptions reports whether the route answers r by itself.
func (rt *route) answersOptions(r *http.Request) bool {
	return rt.autoOptions && r.Method == http.MethodOptions
}

// optionsResponse is the automatic answer to OPTIONS: the methods of all rules
// for the path.
func (a *App) optionsResponse(c *Context) *Response {
	adapter, err := c.urlAdapter()
	if err != nil {
		panic(err)
	}
	q := adapter.Query(c.request.Path())
	res := HTML("")
	res.Header["Allow"] = []string{strings.Join(a.urls.AllowedMethods(q.Domain, q.Path), ", ")}
	return res
}

// scopes are those of the rule that matched, the outermost first.
func (c *Context) scopes() []*scope {
	if c.route == nil {
		return []*scope{&c.App.scope}
	}
	return c.route.scopes
}

// preprocessRequest calls the URL value preprocessors and the before_request
// functions, up to the first answer.
func (a *App) preprocessRequest(c *Context) answer {
	scopes := c.scopes()
	a.preprocess(c, scopes)
	for _, s := range scopes {
		for _, before := range s.before {
			if ans := before(c); !ans.isGoOn() {
				return ans
			}
		}
	}
	return goOn
}

func (a *App) preprocess(c *Context, scopes []*scope) {
	var values H
	for _, s := range scopes {
		for _, p := range s.preprocessors {
			if values == nil && c.route != nil {
				values = c.route.viewArgs(&c.values)
				c.more().viewArgs = values
			}
			p.f(c, c.Endpoint(), values)
		}
	}
}

// finalize makes the response of an answer and runs the after_request
// functions. Those of a handler's response run when it sends its header.
func (a *App) finalize(c *Context, ans answer) (*Response, error) {
	res, err := a.makeResponse(c, ans)
	if err != nil {
		return nil, err
	}
	if _, ok := res.content.handler(); ok {
		return res, nil
	}
	if err := a.process(c, res); err != nil {
		if closing := res.Close(); closing != nil {
			a.log(c, "closing the response failed", closing)
		}
		return nil, err
	}
	return res, nil
}

// makeResponse is Flask's make_response.
func (a *App) makeResponse(c *Context, ans answer) (res *Response, err error) {
	defer func() {
		if v := recover(); v != nil { // a MarshalJSON, a gateway application
			res, err = nil, thrownError(v)
		}
	}()
	res, err = ans.response()
	if err == nil && !res.use() {
		err = errUsed
	}
	if err != nil {
		return nil, c.named(err)
	}
	if res.content.kind == gatewayBody {
		if res, err = a.callGateway(c, res); err != nil {
			return nil, err
		}
	}
	return res, res.resolve(a.jsonOptions())
}

// process runs the after_request functions, the innermost scope first, checks
// what they left, and saves the session.
func (a *App) process(c *Context, res *Response) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = thrownError(v)
		}
	}()
	if x := c.extra.Load(); x != nil {
		for i := 0; i < len(x.after); i++ { // one may add another
			x.after[i](res)
		}
	}
	scopes := c.scopes()
	for i := len(scopes) - 1; i >= 0; i-- {
		for j := len(scopes[i].after) - 1; j >= 0; j-- {
			scopes[i].after[j](c, res)
		}
	}
	if err := res.resolve(a.jsonOptions()); err != nil {
		return err
	}
	a.warnOfCookies(c, res)
	if err := res.check(); err != nil {
		return err
	}
	if err := a.saveSession(c, res); err != nil {
		return err
	}
	if err := a.tellFinished(c, res); err != nil {
		return err
	}
	c.sealSession()
	return nil
}

// teardown ends the Context: it runs the teardown functions and closes what the
// request still holds.
func (a *App) teardown(c *Context, unhandled error) {
	unhandled = bareError(unhandled)
	heard := a.Signals.hearRequests()
	if c.Request != nil {
		scopes := c.scopes()
		for i := len(scopes) - 1; i >= 0; i-- {
			a.teardownEach(c, scopes[i].teardown, unhandled)
		}
		if heard {
			sendLogged(c, a.Signals.RequestTearingDown, RequestTearingDown{c, unhandled})
		}
	}
	a.teardownEach(c, a.teardownAppContext, unhandled)
	if heard {
		sendLogged(c, a.Signals.AppContextTearingDown, AppContextTearingDown{c, unhandled})
	}
	c.ended.Store(true)
	c.closeForm()
	if heard {
		sendLogged(c, a.Signals.AppContextPopped, AppContextPopped{c})
	}
}

func (a *App) teardownEach(c *Context, funcs []func(*Context, error), unhandled error) {
	for i := len(funcs) - 1; i >= 0; i-- {
		func() {
			defer func() {
				if v := recover(); v != nil {
					a.log(c, "a teardown function failed", thrownError(v))
				}
			}()
			funcs[i](c, unhandled)
		}()
	}
}
