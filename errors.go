package retort

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/retort-go/retort/templates"
)

// HTTPError is an error with a status code: Werkzeug's HTTPException. A view
// returns one ([Error]) or panics with one ([Abort]); unless an error handler
// takes it, it becomes the page [HTTPError.Page] with its Code.
//
// An error that wraps an HTTPError counts as one with that code, so
// fmt.Errorf("user %d: %w", id, retort.Error(404)) is a 404.
//
// Source: Werkzeug: exceptions.py, HTTPException.
type HTTPError struct {
	// Code is the status code. It is 0 when Response is set.
	Code int
	// Description is plain text for the page, escaped there; a newline becomes
	// <br>. [Error] and what the framework makes have the default text of the
	// code here unless there is a better one; the page shows it for "" too.
	Description string
	// Header holds additional response fields, such as Allow or Retry-After.
	Header http.Header
	// Response, when set, is the answer as it stands; error handlers do not see it.
	Response *Response

	original    error
	routing     bool   // a redirect of the URL map: never given to error handlers
	explanation string // how the URL map was searched, in debug mode
}

// Error is the one-line form: "404 Not Found: " and the description.
func (e *HTTPError) Error() string {
	if e.Response != nil {
		return fmt.Sprintf("%d %s", e.Response.Status, http.StatusText(e.Response.Status))
	}
	return fmt.Sprintf("%d %s: %s", e.Code, e.Name(), e.description())
}

// Name is the reason phrase of the code, "Not Found".
func (e *HTTPError) Name() string { return statusName(e.Code) }

// Unwrap gives the error that was the cause: for the 500 that stands for a
// failed view, what the view returned or panicked with (Werkzeug's
// InternalServerError.original_exception).
func (e *HTTPError) Unwrap() error { return e.original }

func (e *HTTPError) description() string {
	if e.Description != "" {
		return e.Description
	}
	return defaultDescription(e.Code)
}

// Error gives an [HTTPError] to return from a view. Several descriptions are
// joined by a space.
//
//	return nil, retort.Error(404, "no such note")
//
// It panics when code is not an error code (400 to 599).
func Error(code int, description ...string) *HTTPError {
	if code < 400 || code > 599 {
		panic(fmt.Sprintf("retort: %d is not an error code; Error and Abort take 400 to 599, any other status is returned beside the body or set with Reply(body, %d)", code, code))
	}
	e := newHTTPError(code)
	if len(description) > 0 {
		e.Description = strings.Join(description, " ")
	}
	return e
}

// newHTTPError makes the error of a code with its default description.
func newHTTPError(code int) *HTTPError {
	return &HTTPError{Code: code, Description: defaultDescription(code)}
}

// Abort ends the view at once with the error page (or the error handler) of
// code: it panics with [Error](code, description...) and does not return, as
// Flask's abort raises.
func Abort(code int, description ...string) {
	panic(Error(code, description...))
}

// AbortWith ends the view at once with res, which no error handler sees:
// Flask's abort(response).
func AbortWith(res *Response) {
	panic(&HTTPError{Response: res})
}

// BadRequestKeyError is the 400 of a missing key in the query, the form or
// another dictionary of the request (Werkzeug: BadRequestKeyError). It wraps
// an [HTTPError].
type BadRequestKeyError struct {
	Key  string
	http *HTTPError
	hint string // why it is missing, in debug mode
}

func newBadRequestKeyError(key string) *BadRequestKeyError {
	return &BadRequestKeyError{Key: key, http: newHTTPError(http.StatusBadRequest)}
}

// show has the page name the key, and hint, which says why it is missing.
func (e *BadRequestKeyError) show(hint string) {
	e.http.Description = fmt.Sprintf("%s\nThe key %q is missing in the request.", defaultDescription(http.StatusBadRequest), e.Key)
	if e.hint = hint; hint != "" {
		e.http.Description += "\n" + hint
	}
}

// Error names the missing key; the page shows it in debug mode only.
func (e *BadRequestKeyError) Error() string {
	text := fmt.Sprintf("400 Bad Request: the key %q is missing in the request", e.Key)
	if e.hint != "" {
		text += "; " + e.hint
	}
	return text
}

// Unwrap gives the [HTTPError].
func (e *BadRequestKeyError) Unwrap() error { return e.http }

// PanicError is what error handlers, teardown functions and the log see when a
// view or hook panicked with a value that is not an error.
type PanicError struct{ Value any }

// Error prints the value.
func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }

// asError gives the error for a recovered panic.
func asError(v any) error {
	if err, ok := v.(error); ok {
		return err
	}
	return &PanicError{Value: v}
}

// httpError finds the HTTPError in err's chain.
func httpError(err error) (*HTTPError, bool) {
	var e *HTTPError
	ok := errors.As(err, &e)
	return e, ok
}

// Page is the HTML page of the error: what a client sees when no handler takes
// it.
func (e *HTTPError) Page() string {
	return templates.ErrorPage{
		Code:        e.Code,
		Name:        e.Name(),
		Description: e.description(),
		Explanation: e.explanation,
	}.String()
}
