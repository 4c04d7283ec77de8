package retort

import (
	"fmt"
	"reflect"
)

// scope is what an app or a blueprint adds to the handling of its requests.
type scope struct {
	preprocessors []preprocessor
	before        []func(*Context) answer
	after         []func(*Context, *Response)
	teardown      []func(*Context, error)
	urlDefaults   []func(*Context, string, H)
	processors    []func(*Context) H // context processors
	handlers      errorHandlers
}

type preprocessor struct {
	f     func(c *Context, endpoint string, values H)
	takes []string
}

// empty reports whether requests pass the scope untouched.
func (s *scope) empty() bool {
	return len(s.preprocessors)+len(s.before)+len(s.after)+len(s.teardown) == 0
}

// refuseNil panics when the function that a method was given is nil, which would
// show only in a request.
func refuseNil(method string, f any) {
	if reflect.ValueOf(f).IsNil() {
		panic(fmt.Sprintf("retort: %s: %s takes a %T, not nil", callerOutside(), method, f))
	}
}

// BeforeRequest has f called before every view. f is one of
//
//	func(*Context)          always goes on
//	func(*Context) error    an error ends the request as a view's error does
//	func(*Context) any      what is not nil is the response, and the view is not called
//
// It is called before the outcome of the routing is known to the client, so it
// also sees requests that will be a 404, a 405, a redirect or an automatic
// OPTIONS. A nil pointer counts as nil.
//
// Source: Flask: app.py, preprocess_request.
func (s *scaffold) BeforeRequest(f any) {
	s.lock.check("BeforeRequest")
	s.scope.before = append(s.scope.before, mustBeBeforeHook("BeforeRequest", f))
}

// mustBeBeforeHook panics when f is none.
func mustBeBeforeHook(method string, f any) func(*Context) answer {
	hook, ok := beforeHook(f)
	if !ok {
		panic(fmt.Sprintf("retort: %s takes a func(*retort.Context), func(*retort.Context) error or func(*retort.Context) any, not a %T", method, f))
	}
	return hook
}

func beforeHook(f any) (func(*Context) answer, bool) {
	switch f := f.(type) {
	case func(*Context):
		return func(c *Context) answer { f(c); return goOn }, f != nil
	case func(*Context) error:
		return func(c *Context) answer {
			if err := f(c); err != nil {
				return errorAnswer(err)
			}
			return goOn
		}, f != nil
	case func(*Context) any:
		return func(c *Context) answer { return stopUnlessNil(f(c)) }, f != nil
	case func(*Context) *Response:
		return func(c *Context) answer { return stopUnlessNil(f(c)) }, f != nil
	}
	return nil, false
}

func stopUnlessNil(v any) answer {
	if v == nil || reflect.ValueOf(v).Kind() == reflect.Pointer && reflect.ValueOf(v).IsNil() {
		return goOn
	}
	return valueAnswer(v)
}

// AfterRequest has f called with every response before it is sent, in the
// reverse order of registration. f may change the response; to put another in
// its place it assigns *res. A panic in f makes the response a 500.
//
// Source: Flask: app.py, process_response.
func (s *scaffold) AfterRequest(f func(c *Context, res *Response)) {
	s.lock.check("AfterRequest")
	refuseNil("AfterRequest", f)
	s.scope.after = append(s.scope.after, f)
}

// TeardownRequest has f called when the request is over and its body is
// closed, once, however it ended, in the reverse order of registration. err is
// what no error handler answered, else nil. A panic in f is logged; the other
// functions still run.
//
// Differs from Flask: it runs after a streamed body has been sent, not before,
// because what it releases is often what the body still needs.
//
// Source: Flask: app.py, do_teardown_request.
func (s *scaffold) TeardownRequest(f func(c *Context, err error)) {
	s.lock.check("TeardownRequest")
	refuseNil("TeardownRequest", f)
	s.scope.teardown = append(s.scope.teardown, f)
}

// TeardownAppContext has f called after the teardown of the request, and at the
// end of what runs with the app but without a request, such as a command.
//
// Source: Flask: app.py, do_teardown_appcontext.
func (a *App) TeardownAppContext(f func(c *Context, err error)) {
	a.lock.check("TeardownAppContext")
	refuseNil("TeardownAppContext", f)
	a.teardownAppContext = append(a.teardownAppContext, f)
}

// URLValuePreprocessor has f called with the endpoint and the arguments of
// every request before the BeforeRequest functions; it may change the
// arguments. Without a match it is called with "" and nil. takes names the
// arguments that f takes away: views registered afterwards do not get them.
//
// Differs from Flask: takes must be declared, because views are checked against
// their rules when they are registered.
func (s *scaffold) URLValuePreprocessor(f func(c *Context, endpoint string, values H), takes ...string) {
	s.lock.check("URLValuePreprocessor")
	refuseNil("URLValuePreprocessor", f)
	s.scope.preprocessors = append(s.scope.preprocessors, preprocessor{f, takes})
}

// URLDefaults has f called with the endpoint and the values of every URL that
// is built, which it may add to. c is nil outside a request.
func (s *scaffold) URLDefaults(f func(c *Context, endpoint string, values H)) {
	s.lock.check("URLDefaults")
	refuseNil("URLDefaults", f)
	s.scope.urlDefaults = append(s.scope.urlDefaults, f)
}

// ContextProcessor has f called whenever a template is rendered; what it gives
// can be used in the template by name. Values that the view gives come before.
// Outside a request c.Request is nil.
//
// Source: Flask: sansio/scaffold.py, context_processor.
func (s *scaffold) ContextProcessor(f func(c *Context) H) {
	s.lock.check("ContextProcessor")
	refuseNil("ContextProcessor", f)
	s.scope.processors = append(s.scope.processors, f)
}
