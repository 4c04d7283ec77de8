package retort

import (
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/retort-go/retort/internal/urlmap"
)

// View makes a view of a value with the method DispatchRequest, which takes the
// parameters and gives the results of any view:
//
//	type page struct{ template string }
//
//	func (p *page) DispatchRequest(c *retort.Context) any {
//		return c.RenderTemplate(p.template)
//	}
//
//	app.Get("/about", retort.Endpoint("about"))(retort.View(&page{"about.html"}))
//
// v is the one instance for all requests, mostly a pointer to a struct, and must
// be safe for use by several goroutines; or it is a func() *T or a
// func(*Context) *T that makes the instance for each request. The endpoint is
// the name of the type unless [Endpoint] gives another.
//
// The decorators are put around the view in their order, the first one
// innermost. The attributes that a class has in Flask for methods and automatic
// OPTIONS are options of the route: [Methods], [ProvideAutomaticOptions].
//
// It panics when v has no such method.
//
// Differs from Flask: a value is used for all requests as it is, which there is
// init_every_request = False; what a request needs for itself is made by a
// function, because a Go value has no constructor that could be called again.
//
// Source: Flask: views.py, View.
func View(v any, decorators ...Decorator) any {
	at := callerOutside()
	c := newClass("View", at, v)
	method, ok := c.typ.MethodByName(dispatchRequest)
	if !ok {
		panic(c.lacks(dispatchRequest, "to answer each method of HTTP by a method of its own, use retort.MethodView"))
	}
	w, err := c.view(method)
	if err != nil {
		panic(c.refusal("%w", err))
	}
	return c.decorate(&classView{w}, decorators)
}

// MethodView makes a view of a value whose methods Get, Head, Post, Put, Delete,
// Options, Trace and Patch answer the requests of those methods. Each takes the
// parameters and gives the results of any view:
//
//	type userAPI struct{ db *sql.DB }
//
//	func (a *userAPI) Get(id int) (*User, error)
//	func (a *userAPI) Delete(c *retort.Context, id int) error
//
//	app.Route("/users/<int:id>")(retort.MethodView(&userAPI{db}))
//
// A rule without [Methods] answers the methods that there are, those of embedded
// types included; HEAD falls back to Get, and OPTIONS is automatic unless there
// is a method Options. With Methods a rule has those only, so that one value can
// answer rules that give different arguments:
//
//	users := retort.MethodView(&userAPI{db})
//	app.Route("/users/", retort.Methods("POST"))(users)
//	app.Route("/users/<int:id>", retort.Methods("GET", "DELETE"))(users)
//
// The method for another one of HTTP has its name in the same way: Methods("GET",
// "PROPFIND") asks for Get and Propfind. Every method that a rule asks for is
// checked against the rule when it is registered. v, the endpoint and the
// decorators are as for [View].
//
// It panics when v has none of these methods, and when it has one in capitals.
//
// Source: Flask: views.py, MethodView.
func MethodView(v any, decorators ...Decorator) any {
	at := callerOutside()
	c := newClass("MethodView", at, v)
	outer := &view{name: c.name, at: at, class: c, methods: make(map[string]*view)}
	for i := range c.typ.NumMethod() {
		method := c.typ.Method(i)
		name := strings.ToUpper(method.Name)
		switch {
		case method.Name == methodName(name):
			if m, err := c.view(method); err == nil {
				outer.methods[name] = m
			} else if isViewMethod(name) {
				panic(c.refusal("%w", err))
			}
		case isViewMethod(name):
			panic(c.refusal("%s has a method %s, which no request would get to; call it %s", typeName(c.typ), method.Name, methodName(name)))
		}
	}
	if len(outer.ruleMethods()) == 0 {
		if _, ok := c.typ.MethodByName(dispatchRequest); ok {
			panic(c.refusal("%s has a method %s, which is that of a retort.View", typeName(c.typ), dispatchRequest))
		}
		panic(c.lacks("Get, Head, Post, Put, Delete, Options, Trace or Patch", "methods are found only when they are exported"))
	}
	return c.decorate(&classView{outer}, decorators)
}

const dispatchRequest = "DispatchRequest"

// isViewMethod reports whether a MethodView answers the method without a rule
// that says so.
//
// Source: Flask: views.py, http_method_funcs.
func isViewMethod(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions, http.MethodTrace, http.MethodPatch:
		return true
	}
	return false
}

// classHint says how a value with the methods of a class-based view becomes one.
func classHint(t reflect.Type) string {
	for i := range t.NumMethod() {
		switch name := t.Method(i).Name; {
		case name == dispatchRequest:
			return "; retort.View makes a view of its method " + dispatchRequest
		case name == methodName(strings.ToUpper(name)) && isViewMethod(strings.ToUpper(name)):
			return "; retort.MethodView makes a view of its methods"
		}
	}
	return ""
}

// methodName is the name of the Go method for one of HTTP: "Get" for "GET".
func methodName(method string) string {
	return method[:1] + strings.ToLower(method[1:])
}

// classView is what View and MethodView give: a view that can be registered
// several times.
type classView struct{ view *view }

// class is the type that the methods of a class-based view belong to, and how
// there comes to be a value of it.
type class struct {
	of           string // "View" or "MethodView"
	name         string // of the type, without package and type arguments
	at           position
	typ          reflect.Type
	instance     reflect.Value // for all requests, or
	build        reflect.Value // a function that makes one for each
	takesContext bool          // build does
}

// newClass inspects what View or MethodView was given. It panics when that is
// neither a value nor a function that makes one.
func newClass(of string, at position, v any) *class {
	c := &class{of: of, at: at}
	given := reflect.ValueOf(v)
	if v == nil || isNil(v) {
		panic(c.refusal("the value is nil; give a pointer to a struct, or a function that makes one for each request"))
	}
	c.typ, c.instance = given.Type(), given
	if given.Kind() == reflect.Func && c.typ.NumMethod() == 0 {
		c.build, c.instance = given, reflect.Value{}
		c.takesContext = c.typ.NumIn() == 1 && c.typ.In(0) == contextType
		if c.typ.NumIn() > 0 && !c.takesContext || c.typ.NumOut() != 1 || c.typ.Out(0).Kind() == reflect.Interface {
			panic(c.refusal("%s makes no value for a request; a func() *T or a func(*retort.Context) *T does, where T is a type with methods", typeName(c.typ)))
		}
		c.typ = c.typ.Out(0)
	}
	named := c.typ
	if named.Kind() == reflect.Pointer {
		named = named.Elem()
	}
	c.name, _, _ = strings.Cut(named.Name(), "[")
	return c
}

// refusal is the text of the panic.
func (c *class) refusal(format string, args ...any) string {
	return fmt.Sprintf("retort: %s: %s: %s", c.at, c.of, fmt.Errorf(format, args...))
}

// lacks is the text of the panic for a type without a method that it must have.
func (c *class) lacks(methods, hint string) string {
	if pointer := reflect.PointerTo(c.typ); c.typ.Kind() != reflect.Pointer && pointer.NumMethod() > c.typ.NumMethod() {
		return c.refusal("the methods of %s are those of a pointer to it; give a pointer: &%[1]s{…}", typeName(c.typ))
	}
	return c.refusal("%s has no method %s; %s", typeName(c.typ), methods, hint)
}

// view makes a view of a method.
func (c *class) view(method reflect.Method) (*view, error) {
	receiver := c.instance
	if !receiver.IsValid() {
		receiver = reflect.Zero(c.typ)
	}
	v := &view{name: c.name, at: c.placeOf(method), fn: receiver.Method(method.Index), class: c, method: method}
	if _, ok := v.fn.Interface().(func(http.ResponseWriter, *http.Request)); ok {
		v.handler = c.handler(method)
		return v, nil
	}
	return v, v.inspect()
}

// handler is a method that is a handler function.
func (c *class) handler(method reflect.Method) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		receiver := c.receiver(FromContext(r.Context()))
		receiver.Method(method.Index).Interface().(func(http.ResponseWriter, *http.Request))(w, r)
	})
}

// placeOf is the place of a method, if Go knows it: for one of an embedded type
// there is only a wrapper.
func (c *class) placeOf(method reflect.Method) position {
	if c.typ.Kind() == reflect.Pointer {
		if own, ok := c.typ.Elem().MethodByName(method.Name); ok { // its receiver is no pointer
			method = own
		}
	}
	_, at := funcOf(method.Func)
	return at
}

// method is the name of a method in messages: "userAPI.Get"; of the type, without
// a method.
func (c *class) method(name string) string {
	of := c.name
	if of == "" {
		of = typeName(c.typ)
	}
	return strings.TrimSuffix(of+"."+name, ".")
}

// shared reports whether the methods of a class are called on one value for all
// requests. A view that is not of a class has no value of its own.
func (c *class) shared() bool { return c == nil || c.instance.IsValid() }

// receiver gives the instance for a request.
func (c *class) receiver(ctx *Context) reflect.Value {
	switch {
	case c.instance.IsValid():
		return c.instance
	case c.takesContext:
		return c.build.Call([]reflect.Value{reflect.ValueOf(ctx)})[0]
	}
	return c.build.Call(nil)[0]
}

// same reports whether two views are of the same instance.
func (c *class) same(d *class) bool {
	switch {
	case c == d || c == nil || d == nil:
		return c == d
	case c.typ != d.typ || c.of != d.of || !c.instance.IsValid() || !d.instance.IsValid():
		return false
	case c.typ.Kind() == reflect.Pointer:
		return c.instance.Pointer() == d.instance.Pointer()
	}
	return c.instance.Comparable() && c.instance.Equal(d.instance)
}

// decorate puts decorators around the view of the class.
func (c *class) decorate(v any, decorators []Decorator) any {
	for i, d := range decorators {
		if d == nil {
			panic(c.refusal("decorator %d is nil", i+1))
		}
		v = d(v)
	}
	return v
}

// ruleMethods are the methods of a rule that has no [Methods].
func (v *view) ruleMethods() []string {
	if v == nil || v.methods == nil {
		return []string{http.MethodGet}
	}
	return slices.DeleteFunc(slices.Sorted(maps.Keys(v.methods)), func(m string) bool { return !isViewMethod(m) })
}

// forMethod is the view for a request of the method, nil when there is none.
func (v *view) forMethod(method string) *view {
	if v.methods == nil {
		return v
	}
	if m := v.methods[method]; m != nil || method != http.MethodHead {
		return m
	}
	return v.methods[http.MethodGet]
}

// bindMethods checks the methods of a MethodView that the rule asks for, and
// makes the stub that chooses among them.
func (rt *route) bindMethods(rule *urlmap.Rule, given []ruleArgument) (stub, error) {
	stubs := make(map[string]stub)
	for _, method := range rule.Methods {
		if method == http.MethodOptions && rt.autoOptions {
			continue
		}
		v := rt.view.forMethod(method)
		if v == nil {
			return nil, fmt.Errorf("the rule %q (%s%s) answers %s, but its view %s has no method %s that could be a view; write it, or leave %[4]s out of the rule's Methods",
				rule, rt.at, rt.registration.origin(), method, rt.view, methodName(method))
		}
		args, err := v.bind(given)
		if err != nil {
			return nil, fmt.Errorf("%w%s", rt.unfit(rule, v, given, err), rt.view.fittingMethods(given))
		}
		stubs[method] = v.stub(rule, args)
	}
	return rt.view.wrap(func(c *Context, values urlmap.Values) answer {
		method := strings.ToUpper(c.request.http.Method)
		if s := stubs[method]; s != nil {
			return s(c, values)
		}
		return answer{value: fmt.Errorf("the rule %q does not answer %s; something changed the method of the request after it was matched", rule, method)}
	}), nil
}

// fittingMethods says for which methods the rule could be registered.
func (v *view) fittingMethods(given []ruleArgument) string {
	var fit []string
	for _, method := range v.ruleMethods() {
		if _, err := v.methods[method].bind(given); err == nil {
			fit = append(fit, fmt.Sprintf("%q", method))
		}
	}
	if len(fit) == 0 {
		return ""
	}
	return fmt.Sprintf(", or register it for the methods that fit: Methods(%s)", strings.Join(fit, ", "))
}
