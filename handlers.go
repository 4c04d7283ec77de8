package retort

import (
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
)

// errorHandlers are the error handlers of one scope.
type errorHandlers struct {
	byCode     map[int]errorHandler
	byType     map[reflect.Type]errorHandler
	interfaces []interfaceHandler // in the order of registration
	any        errorHandler       // for every error
}

// empty reports whether there is no handler.
func (h *errorHandlers) empty() bool {
	return len(h.byCode)+len(h.byType)+len(h.interfaces) == 0 && h.any == nil
}

type errorHandler func(c *Context, err error) answer

type interfaceHandler struct {
	typ    reflect.Type
	handle errorHandler
}

// ErrorHandler registers an error handler for a status code: it is called with
// the error instead of the error page being shown. The handler takes an
// optional *Context, then the error as an error or an *HTTPError, and returns
// what a view returns. The status is that of its result: a plain string is
// a 200, as in Flask; retort.Reply(body, 404) or (body, 404) says otherwise.
//
//	app.ErrorHandler(404)(func(c *retort.Context, e *retort.HTTPError) (string, int) {
//		return "nothing here", 404
//	})
//
// The handler for 500 also gets every error that no handler took, as an
// HTTPError that wraps it.
//
// Source: Flask: sansio/scaffold.py, errorhandler.
func (s *scaffold) ErrorHandler(code int) Decorator {
	s.lock.check("ErrorHandler")
	checkErrorCode(code)
	return func(handler any) any {
		s.lock.check("ErrorHandler")
		s.scope.handlers.setCode(code, newErrorHandler(code, handler))
		return handler
	}
}

// checkErrorCode panics when code is no status of an error.
func checkErrorCode(code int) {
	if code < 400 || code > 599 {
		panic(fmt.Sprintf("retort: ErrorHandler(%d): an error code is 400 to 599; a handler for a type of error is registered with retort.OnError", code))
	}
}

func (h *errorHandlers) setCode(code int, f errorHandler) {
	if h.byCode == nil {
		h.byCode = make(map[int]errorHandler)
	}
	h.byCode[code] = f
}

// newErrorHandler checks the signature of a handler for a code.
func newErrorHandler(code int, f any) errorHandler {
	v := reflect.ValueOf(f)
	fail := func(why string) {
		panic(fmt.Sprintf("retort: the handler for %d %s; it is a func(*retort.Context, *retort.HTTPError) any, say", code, why))
	}
	if v.Kind() != reflect.Func || v.IsNil() {
		fail(fmt.Sprintf("is a %T, not a function", f))
	}
	t := v.Type()
	n := t.NumIn()
	context := n > 0 && t.In(0) == contextType
	if context {
		n--
	}
	if n > 1 || n == 1 && t.In(t.NumIn()-1) != errorType && t.In(t.NumIn()-1) != reflect.TypeFor[*HTTPError]() || t.IsVariadic() {
		fail(fmt.Sprintf("is a %s: it takes an optional *retort.Context and the error as an error or *retort.HTTPError", t))
	}
	shape, err := shapeOf(&view{fn: v, name: "error handler"}, t)
	if err != nil {
		fail("does not return what a view returns: " + err.Error())
	}
	return func(c *Context, err error) answer {
		var in []reflect.Value
		if context {
			in = append(in, reflect.ValueOf(c))
		}
		if n == 1 && t.In(t.NumIn()-1) == errorType {
			in = append(in, reflect.ValueOf(&err).Elem())
		} else if n == 1 {
			e, _ := httpError(err)
			in = append(in, reflect.ValueOf(e))
		}
		return shape.collect(v.Call(in))
	}
}

// Scope is an [App] or a [Blueprint]: what error handlers belong to.
type Scope interface{ errorScope() *scope }

func (s *scaffold) errorScope() *scope {
	s.lock.check("OnError")
	return &s.scope
}

// OnError registers an error handler for the errors of type E, in the app or in
// a blueprint. The chain of an error is walked from outside: at each link a
// handler of exactly that type is taken, then one for an interface that it has,
// in the order of registration; the handler for error itself comes last.
//
// OnError for *HTTPError takes the errors with a status code for which there is
// no ErrorHandler; OnError for error takes everything.
//
// Source: Flask: sansio/app.py, _find_error_handler.
func OnError[E error](s Scope, f func(c *Context, err E) any) {
	refuseNil("OnError", f)
	setType(&s.errorScope().handlers, f)
}

func setType[E error](h *errorHandlers, f func(c *Context, err E) any) {
	t := reflect.TypeFor[E]()
	handle := func(c *Context, err error) answer {
		e, _ := find[E](err)
		return valueAnswer(f(c, e))
	}
	switch {
	case t == errorType:
		h.any = handle
	case t.Kind() == reflect.Interface:
		h.interfaces = append(h.interfaces, interfaceHandler{t, handle})
	default:
		if h.byType == nil {
			h.byType = make(map[reflect.Type]errorHandler)
		}
		h.byType[t] = handle
	}
}

// find gives the first link of type E in the chain.
func find[E error](err error) (E, bool) {
	var e E
	ok := errors.As(err, &e)
	return e, ok
}

// forCode looks for a handler of an error with a status code: one for a type of
// the application's own that wraps the HTTPError, else one for the code.
func (h *errorHandlers) forCode(err error, code int) errorHandler {
	for link := range chain(err) {
		if _, ok := link.(*HTTPError); ok {
			break
		}
		if f := h.byType[reflect.TypeOf(link)]; f != nil {
			return f
		}
	}
	return h.byCode[code]
}

// forType looks for a handler by type alone.
func (h *errorHandlers) forType(err error) errorHandler {
	for link := range chain(err) {
		if f := h.byType[reflect.TypeOf(link)]; f != nil {
			return f
		}
		for _, i := range h.interfaces {
			if reflect.TypeOf(link).Implements(i.typ) {
				return i.handle
			}
		}
	}
	return h.any
}

// chain ranges over err and what it wraps, from outside.
func chain(err error) func(func(error) bool) {
	return func(yield func(error) bool) { walk(err, yield) }
}

func walk(err error, yield func(error) bool) bool {
	for err != nil {
		if !yield(err) {
			return false
		}
		switch e := err.(type) {
		case interface{ Unwrap() error }:
			err = e.Unwrap()
		case interface{ Unwrap() []error }:
			for _, inner := range e.Unwrap() {
				if !walk(inner, yield) {
					return false
				}
			}
			return true
		default:
			return true
		}
	}
	return true
}

// findHandler looks for the handler of err, in Flask's order: by code before
// by type, in each the innermost scope first.
func findHandler(scopes []*scope, err error) errorHandler {
	if e, ok := httpError(err); ok && e.Code != 0 {
		for i := len(scopes) - 1; i >= 0; i-- {
			if f := scopes[i].handlers.forCode(err, e.Code); f != nil {
				return f
			}
		}
	}
	for i := len(scopes) - 1; i >= 0; i-- {
		if f := scopes[i].handlers.forType(err); f != nil {
			return f
		}
	}
	return nil
}

// response is the page of the error, or its Response.
func (e *HTTPError) response() *Response {
	if e.Response != nil {
		return e.Response.again() // the error may be a variable of the package
	}
	res := newResponse(e.Code, htmlType, textContent(e.Page()))
	for name, values := range e.Header {
		res.Header[http.CanonicalHeaderKey(name)] = slices.Clip(values) // the error's: appending must copy
	}
	return res
}
