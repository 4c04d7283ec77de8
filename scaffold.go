package retort

import (
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"
	"time"
)

// scaffold is what an App and a Blueprint have in common: where views are
// registered, and what is done around them.
//
// Source: Flask: sansio/scaffold.py, Scaffold.
type scaffold struct {
	scope          scope
	lock           *setupLock
	add            func(at position, rule, endpoint string, view any, opts []RouteOption) error
	sendFileMaxAge func(name string) time.Duration // nil: as configured
}

// setupLock is locked when what it guards is in use and no longer to be changed.
type setupLock struct {
	owner  string // "the app "hello""
	reason string // why it is locked, and what to do
	locked atomic.Bool
}

// check panics when the lock is locked.
func (l *setupLock) check(what string) {
	if l.locked.Load() {
		panic(fmt.Sprintf("retort: %s can no longer be called on %s: %s", what, l.owner, l.reason))
	}
}

// Route gives a decorator that registers a view for rule:
//
//	app.Route("/notes/<int:id>", retort.Methods("GET", "POST"))(note)
//
// A rule is a path that starts with a slash, with variables <name>,
// <converter:name> or <converter(arguments):name>:
//
//	string   text without a slash; minlength, maxlength, length
//	int      decimal digits; fixed_digits, min, max, signed=True
//	float    digits with a point; min, max, signed=True
//	path     text that may hold slashes
//	any      one of its arguments: <any(about, help):page>
//	uuid     a UUID
//
// and those of [App.AddConverter]. Rules are tried by weight, not by order: text
// before variables, numbers before strings, path last.
//
// Without [Methods] the rule answers GET, and so HEAD; OPTIONS is answered by
// itself. The endpoint is the name of the function, the rule as written for a
// function literal. What a view is and may return is at [Reply].
//
// It panics when the rule is malformed, when the same rule is registered twice,
// when the endpoint has another view already, and when the view does not fit
// the rule.
//
// Source: Flask: sansio/scaffold.py, route.
func (s *scaffold) Route(rule string, opts ...RouteOption) Decorator {
	at := callerOutside()
	return func(view any) any {
		s.register(at, rule, "", view, opts)
		return view
	}
}

// Get is Route for the method GET (and HEAD).
func (s *scaffold) Get(rule string, opts ...RouteOption) Decorator {
	return s.method("Get", http.MethodGet, rule, opts)
}

// Post is Route for the method POST.
func (s *scaffold) Post(rule string, opts ...RouteOption) Decorator {
	return s.method("Post", http.MethodPost, rule, opts)
}

// Put is Route for the method PUT.
func (s *scaffold) Put(rule string, opts ...RouteOption) Decorator {
	return s.method("Put", http.MethodPut, rule, opts)
}

// Patch is Route for the method PATCH.
func (s *scaffold) Patch(rule string, opts ...RouteOption) Decorator {
	return s.method("Patch", http.MethodPatch, rule, opts)
}

// Delete is Route for the method DELETE.
func (s *scaffold) Delete(rule string, opts ...RouteOption) Decorator {
	return s.method("Delete", http.MethodDelete, rule, opts)
}

func (s *scaffold) method(name, method, rule string, opts []RouteOption) Decorator {
	at := callerOutside()
	var o routeOptions
	o.apply(opts)
	if o.methods != nil {
		panic(fmt.Sprintf("retort: %s: %s(%q) sets the method already; use Route to set Methods", at, name, rule))
	}
	opts = append(slices.Clip(opts), Methods(method))
	return func(view any) any {
		s.register(at, rule, "", view, opts)
		return view
	}
}

// AddURLRule registers view for rule under endpoint; "" takes the endpoint that
// [App.Route] would. view may be nil with [BuildOnly], [RedirectTo] and [Alias].
//
// Source: Flask: sansio/app.py, add_url_rule.
func (s *scaffold) AddURLRule(rule, endpoint string, view any, opts ...RouteOption) {
	s.register(callerOutside(), rule, endpoint, view, opts)
}

// register is add with its error as a panic.
func (s *scaffold) register(at position, rule, endpoint string, view any, opts []RouteOption) {
	s.lock.check("registering a route")
	if err := s.add(at, rule, endpoint, view, opts); err != nil {
		panic("retort: " + err.Error())
	}
}
