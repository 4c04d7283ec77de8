package retort

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/retort-go/retort/datastructures"
	"github.com/retort-go/retort/internal/terminal"
	"github.com/retort-go/retort/internal/traceback"
)

// thrown is the error of a panic with the stack at which it happened.
type thrown struct {
	err   error
	stack []uintptr
}

func (t *thrown) Error() string { return t.err.Error() }
func (t *thrown) Unwrap() error { return t.err }

// reported is the error of a request that leaves the app for a debugger.
type reported struct {
	err   error
	fault any // what the debugger is to see as a panic
}

func (r *reported) Error() string { return r.err.Error() }
func (r *reported) Unwrap() error { return r.err }

// thrownError gives the error for a recovered value. It is called by the
// deferred function that recovered.
func thrownError(v any) error {
	err := asError(v)
	switch e := err.(type) {
	case *thrown:
		return e
	case *datastructures.KeyError:
		err = newBadRequestKeyError(e.Key)
		if !developing {
			return err
		}
	case *HTTPError:
		if !developing || e.Response != nil {
			return err // not a fault: nobody will look for its place
		}
	default:
		if err == http.ErrAbortHandler {
			return err
		}
	}
	return &thrown{err: err, stack: traceback.Callers(1)}
}

// handleUserError finds the handler of an error and calls it. What no handler
// takes is answered as an error again, unless it is an HTTPError.
//
// Source: Flask: app.py, handle_user_exception.
func (a *App) handleUserError(c *Context, err error) (ans answer) {
	if errors.Is(err, http.ErrAbortHandler) {
		return errorAnswer(http.ErrAbortHandler)
	}
	defer recoverTo(&ans)
	bare := bareError(err)
	s := a.settings()
	e, isHTTP := httpError(bare)
	if isHTTP && (e.Response != nil || e.routing) {
		return responseAnswer(e.response())
	}
	var key *BadRequestKeyError
	if errors.As(bare, &key) && (s.debug || s.trapBadRequest) {
		key.show(c.request.missingFile(key.Key))
	}
	if handle := findHandler(c.handlerScopes(), bare); handle != nil {
		return callHandler(handle, c, bare)
	}
	if isHTTP && !s.traps(e, key != nil) {
		return responseAnswer(e.response())
	}
	return errorAnswer(err)
}

// traps reports whether an HTTPError without a handler counts as unhandled.
//
// Source: Flask: app.py, trap_http_exception.
func (s settings) traps(e *HTTPError, missingKey bool) bool {
	switch {
	case s.trapHTTP:
		return true
	case s.trapBadRequest:
		return e.Code == http.StatusBadRequest
	}
	return s.debug && !s.keepBadRequest && missingKey
}

// handleException answers an error that no handler took: it is logged and
// becomes the 500, or leaves the app when it is to propagate; then the Response
// is nil. For a debugger that waits for it the error is a *reported.
//
// Source: Flask: app.py, handle_exception.
func (a *App) handleException(c *Context, err error) (*Response, error) {
	if errors.Is(err, http.ErrAbortHandler) {
		return nil, http.ErrAbortHandler
	}
	a.tellException(c, err)
	if a.settings().propagate {
		fault := a.faultOf(c, err)
		if a.running.Load() || fault != nil {
			a.logException(c, err)
		}
		if fault != nil {
			return nil, &reported{bareError(err), fault}
		}
		return nil, bareError(err)
	}
	a.logException(c, err)
	server := newHTTPError(http.StatusInternalServerError)
	server.original = bareError(err)
	ans := responseAnswer(server.response())
	if handle := findHandler(c.handlerScopes(), Error(http.StatusInternalServerError)); handle != nil {
		ans = callHandler(handle, c, server)
	}
	return a.finalizeError(c, ans, server), err
}

// leaves is what the server is to see as a panic for an error that leaves the
// app. It is nil under Run, which has nobody to hand the error to: it was logged,
// and becomes a page.
func (a *App) leaves(unhandled error) any {
	if r, ok := unhandled.(*reported); ok {
		return r.fault
	}
	if a.running.Load() && unhandled != http.ErrAbortHandler {
		return nil
	}
	return unhandled
}

// leavingCall is what Call gives for an error that leaves the app.
func leavingCall(unhandled error) error {
	if r, ok := unhandled.(*reported); ok {
		if fault, ok := r.fault.(error); ok {
			return fault
		}
	}
	return bareError(unhandled)
}

// callHandler calls an error handler. An HTTPError that it returns is its
// answer; one that it panics with is another error.
func callHandler(handle errorHandler, c *Context, err error) (ans answer) {
	defer recoverTo(&ans)
	ans = handle(c, err)
	if e, ok := httpError(ans.err()); ok {
		return responseAnswer(e.response())
	}
	return ans
}

// finalizeError is finalize for the answer to an error: what fails now is
// logged, and the client gets the plain page.
func (a *App) finalizeError(c *Context, ans answer, server *HTTPError) *Response {
	res, err := a.makeResponse(c, ans)
	if err == nil && res.content.kind != handlerBody {
		if err = a.process(c, res); err == nil || res.check() == nil {
			if err != nil {
				a.log(c, "an after_request function failed while an error was being answered", err)
			}
			return res
		}
	}
	if err == nil {
		return res
	}
	a.log(c, "the handler of an error failed itself", err)
	return server.response()
}

// logException writes the record of an unhandled error.
func (a *App) logException(c *Context, err error) {
	path := terminal.AppendPrintable(nil, c.request.http.URL.Path)
	a.logPlace(c, fmt.Sprintf("exception on %s [%s]", path, c.request.http.Method), err)
}

// logPlace writes one record with an error of a request whose traceback leads at
// least to the view.
func (a *App) logPlace(c *Context, what string, err error) {
	a.record(c.Context(), what, a.traceback(err, c.place(err)), c.endpointAttr()...)
}

// log writes one record with an error of a request.
func (a *App) log(c *Context, what string, err error) {
	a.logFailure(c.Context(), what, err, c.endpointAttr()...)
}

func (c *Context) endpointAttr() []any {
	if c.route == nil {
		return nil
	}
	return []any{"endpoint", c.route.endpoint}
}

// logFailure writes one record with an error.
func (a *App) logFailure(ctx context.Context, what string, err error, args ...any) {
	a.record(ctx, what, a.traceback(err, a.templateFrames(err)), args...)
}

// record writes one record with a failure, without the secrets of the app and of
// the request that ctx belongs to.
func (a *App) record(ctx context.Context, what string, t *traceback.Traceback, args ...any) {
	secrets := a.secrets(FromContext(ctx))
	for line := range t.Lines() {
		secrets.AddLiterals(line)
	}
	t.Mask(secrets.Text, secrets.Source)
	attrs := append([]any{"error", t.Message, "type", t.Type}, args...)
	if lines := t.Stack(a.dir); len(lines) > 0 {
		attrs = append(attrs, "traceback", stackLines(lines))
	}
	a.Logger.ErrorContext(ctx, secrets.Text(what), attrs...)
}
