package retort

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strings"

	"github.com/retort-go/retort/datastructures"
	"github.com/retort-go/retort/internal/terminal"
)

// thrown is the error of a panic with the stack at which it happened.
type thrown struct {
	err   error
	stack []uintptr
}

func (t *thrown) Error() string { return t.err.Error() }
func (t *thrown) Unwrap() error { return t.err }

// thrownError gives the error for a recovered value. It is called by the
// deferred function that recovered.
func thrownError(v any) error {
	err := asError(v)
	if _, ok := err.(*HTTPError); ok || err == http.ErrAbortHandler {
		return err // not a fault: nobody will look for its place
	}
	if key, ok := err.(*datastructures.KeyError); ok {
		return newBadRequestKeyError(key.Key)
	}
	if t, ok := err.(*thrown); ok {
		return t
	}
	var pcs [64]uintptr
	n := runtime.Callers(4, pcs[:]) // skip Callers, thrownError, the deferred function, gopanic
	return &thrown{err: err, stack: pcs[:n:n]}
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
	bare := err
	if t, ok := err.(*thrown); ok {
		bare = t.err
	}
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
// is nil.
//
// Source: Flask: app.py, handle_exception.
func (a *App) handleException(c *Context, err error) (*Response, error) {
	if errors.Is(err, http.ErrAbortHandler) {
		return nil, http.ErrAbortHandler
	}
	a.tellException(c, err)
	if a.settings().propagate {
		if a.running.Load() {
			a.logException(c, err)
		}
		if t, ok := err.(*thrown); ok {
			err = t.err
		}
		return nil, err
	}
	a.logException(c, err)
	bare := err
	if t, ok := err.(*thrown); ok {
		bare = t.err
	}
	server := newHTTPError(http.StatusInternalServerError)
	server.original = bare
	ans := responseAnswer(server.response())
	if handle := findHandler(c.handlerScopes(), Error(http.StatusInternalServerError)); handle != nil {
		ans = callHandler(handle, c, server)
	}
	return a.finalizeError(c, ans, server), err
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
	a.log(c, fmt.Sprintf("exception on %s [%s]", path, c.request.http.Method), err)
}

// log writes one record with an error of a request.
func (a *App) log(c *Context, what string, err error) {
	if c.route != nil {
		a.logFailure(c.Context(), what, err, "endpoint", c.route.endpoint)
		return
	}
	a.logFailure(c.Context(), what, err)
}

// logFailure writes one record with an error and, when it was a panic, its
// place.
func (a *App) logFailure(ctx context.Context, what string, err error, args ...any) {
	args = append([]any{"error", err.Error(), "type", fmt.Sprintf("%T", bareError(err))}, args...)
	var t *thrown
	if errors.As(err, &t) {
		args = append(args, "at", t.trace())
	}
	a.Logger.ErrorContext(ctx, what, args...)
}

func bareError(err error) error {
	if t, ok := err.(*thrown); ok {
		return t.err
	}
	return err
}

// trace is the stack from the panic up to the dispatch.
func (t *thrown) trace() traceback {
	var trace traceback
	frames := runtime.CallersFrames(t.stack)
	for {
		f, more := frames.Next()
		if f.Function == "" || ownFunction(f.Function) && !strings.HasSuffix(f.File, "_test.go") || strings.HasPrefix(f.Function, "reflect.") {
			if len(trace) > 0 {
				break
			}
		} else if !strings.HasPrefix(f.Function, "runtime.") {
			trace = append(trace, fmt.Sprintf("%s %s", f.Function[strings.LastIndexByte(f.Function, '/')+1:], position{f.File, f.Line}))
		}
		if !more {
			break
		}
	}
	return trace
}
