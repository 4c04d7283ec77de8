package retort

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"

	"github.com/retort-go/retort/gateway"
	"github.com/retort-go/retort/internal/takeover"
	"github.com/retort-go/retort/internal/urlmap"
)

// view is a view function as it was registered.
type view struct {
	fn      reflect.Value
	name    string // "" for a function literal or a handler value
	at      position
	context bool           // the first parameter is a *Context
	params  []reflect.Type // the parameters after it
	results resultShape
	handler http.Handler // the view writes the response itself
	gateway gateway.App
	wraps   []wrapper // by Decorate, innermost first

	class    *class           // for a class-based view, whose
	method   reflect.Method   // fn is this one, or
	methods  map[string]*view // there is one for each method of HTTP, and no fn
	takeover *takeover.View   // what fn was made of, for a view that takes the connection over
}

type wrapper func(c *Context, next Next) any

// Next calls the view that a decorator wraps, at most once, and gives its
// result; see [Decorate].
type Next func() any

// decorated is what Decorate returns: still a view.
type decorated struct {
	inner any
	wrap  wrapper
}

// Decorate gives a view that calls wrap in the place of view: functools.wraps
// for views of any signature. The parameters, the name and the source position
// stay those of view. wrap calls next for the result of the view, or returns
// something else; what it returns is answered as a view's result is.
//
// next gives what the view returned: its single result as it is; several
// results as one *Response; an error as an error value, which wrap may return
// or replace. The result of a view without one (nil error) is a 204 *Response.
func Decorate(view any, wrap func(c *Context, next Next) any) any {
	if wrap == nil {
		panic("retort: Decorate needs a function that wraps the view")
	}
	return &decorated{inner: view, wrap: wrap}
}

// resultShape says what the results of a view are.
type resultShape struct {
	body, status, header, err int // index among the results, -1 when there is none
}

var (
	contextType = reflect.TypeFor[*Context]()
	errorType   = reflect.TypeFor[error]()
	headerType  = reflect.TypeFor[http.Header]()
	intType     = reflect.TypeFor[int]()
)

// newView inspects v. The error says what is wrong with it as a view.
func newView(v any) (*view, error) {
	switch v := v.(type) {
	case nil:
		return nil, fmt.Errorf("the view is nil")
	case *decorated:
		inner, err := newView(v.inner)
		if err != nil {
			return nil, err
		}
		inner.wraps = append(inner.wraps, v.wrap)
		return inner, nil
	case *takeover.View:
		return newTakeover(v)
	case *classView:
		w := *v.view
		return &w, nil
	case func(http.ResponseWriter, *http.Request):
		return handlerView(v, http.HandlerFunc(v)), nil
	case http.Handler:
		return handlerView(v, v), nil
	case gateway.App:
		w := handlerView(v, nil)
		w.gateway = v
		return w, nil
	}
	return funcView(reflect.ValueOf(v))
}

func handlerView(v any, h http.Handler) *view {
	name, at := funcOf(reflect.ValueOf(v))
	return &view{fn: reflect.ValueOf(v), name: name, at: at, handler: h}
}

func funcView(fn reflect.Value) (*view, error) {
	t := fn.Type()
	if t.Kind() != reflect.Func {
		return nil, fmt.Errorf("a view is a function, an http.Handler or a gateway.App, not of type %s%s", t, classHint(t))
	}
	if fn.IsNil() {
		return nil, fmt.Errorf("the view is a nil %s", typeName(t))
	}
	w := &view{fn: fn}
	w.name, w.at = funcOf(fn)
	return w, w.inspect()
}

// inspect reads the parameters and results of the view's function. The error
// says why it cannot be a view.
func (w *view) inspect() error {
	t := w.fn.Type()
	if t.IsVariadic() {
		return fmt.Errorf("the view %s has a variadic parameter; a view takes a *retort.Context and the arguments of its rule, one by one", w)
	}
	for i := range t.NumIn() {
		switch in := t.In(i); {
		case in != contextType:
			w.params = append(w.params, in)
		case i == 0:
			w.context = true
		default:
			return fmt.Errorf("the view %s takes its *retort.Context as parameter %d; it must be the first", w, i+1)
		}
	}
	var err error
	w.results, err = shapeOf(w, t)
	return err
}

// String names the view and its place: "show (main.go:12)".
func (v *view) String() string {
	name := v.name
	switch {
	case v.class != nil:
		name = v.class.method(v.method.Name)
	case name == "":
		name = typeName(v.source().Type())
	}
	if v.at.file == "" {
		return name
	}
	return fmt.Sprintf("%s (%s)", name, v.at)
}

// signature is the view's type as a reader would write it.
func (v *view) signature() string {
	return typeName(v.source().Type())
}

// typeName is the name of a type as a reader would write it.
func typeName(t reflect.Type) string { return strings.ReplaceAll(t.String(), "interface {}", "any") }

// shapeOf reads the results: body, int, http.Header, error, in this order and
// each but the body or the error optional.
func shapeOf(v *view, t reflect.Type) (resultShape, error) {
	s := resultShape{-1, -1, -1, -1}
	n := t.NumOut()
	if n == 0 {
		return s, fmt.Errorf("the view %s returns nothing; return a string, a *retort.Response, any, or an error (nil answers 204)", v)
	}
	if t.Out(n-1) == errorType {
		n--
		s.err = n
	}
	rest := make([]reflect.Type, 0, 3)
	for i := range n {
		rest = append(rest, t.Out(i))
	}
	at := 0
	take := func(want reflect.Type) int {
		if at < len(rest) && rest[at] == want {
			at++
			return at - 1
		}
		return -1
	}
	if len(rest) > 0 {
		if err := checkBodyType(v, rest[0]); err != nil {
			return s, err
		}
		s.body, at = 0, 1
		s.status, s.header = take(intType), take(headerType)
	}
	if at < len(rest) {
		return s, fmt.Errorf("the view %s returns %s; after the body come an int (the status), an http.Header and an error, in this order, each of them optional", v, t.Out(at))
	}
	return s, nil
}

// checkBodyType refuses a body that could never be answered.
func checkBodyType(v *view, t reflect.Type) error {
	switch t.Kind() {
	case reflect.Interface, reflect.String, reflect.Slice, reflect.Array, reflect.Map, reflect.Struct, reflect.Pointer:
		return nil
	case reflect.Func:
		if t == reflect.TypeFor[func(http.ResponseWriter, *http.Request)]() || t.Implements(handlerType) || t.Implements(gatewayType) || isSequence(t) {
			return nil
		}
	}
	return fmt.Errorf("the view %s returns type %s as its body, which cannot be answered; return a string for text, a map or struct for JSON, or retort.Reply(body, status) to set a status", v, t)
}

var (
	handlerType = reflect.TypeFor[http.Handler]()
	gatewayType = reflect.TypeFor[gateway.App]()
)

// argument is one parameter of a view and where its value comes from.
type argument struct {
	variable int // index of the rule's variable, or negative for constant
	name     string
	typ      reflect.Type
	constant reflect.Value
}

// ruleArgument is one argument that a rule gives to its view.
type ruleArgument struct {
	name     string
	variable int // index of the variable, or negative for a default
	typ      reflect.Type
	value    any // of a default
}

// describe is "id (int)".
func (a ruleArgument) describe() string { return fmt.Sprintf("%s (%s)", a.name, a.typeName()) }

// typeName is the type as a user of the framework knows it.
func (a ruleArgument) typeName() string {
	if a.typ == uuidType {
		return "uuid"
	}
	return fmt.Sprint(a.typ)
}

// ruleArguments lists what a rule gives: its variables in rule order, then its
// defaults that are no variables, less what preprocessors take away.
func ruleArguments(rule *urlmap.Rule, taken map[string]bool) []ruleArgument {
	var args []ruleArgument
	for i, v := range rule.Variables() {
		if !taken[v.Name] {
			args = append(args, ruleArgument{v.Name, i, v.Converter.Type(), nil})
		}
	}
	for _, d := range rule.Defaults {
		if taken[d.Name] {
			continue
		}
		known := false
		for i := range args {
			if args[i].name == d.Name { // the default wins, as in Werkzeug
				args[i].variable, args[i].value, known = -1, d.Value, true
			}
		}
		if !known {
			args = append(args, ruleArgument{d.Name, -1, reflect.TypeOf(d.Value), d.Value})
		}
	}
	return args
}

// bind checks the view against what the rule gives.
func (v *view) bind(given []ruleArgument) ([]argument, error) {
	if v.handler != nil || v.gateway != nil {
		return nil, nil
	}
	if len(given) != len(v.params) {
		return nil, fmt.Errorf("%s", countMismatch(v, given))
	}
	args := make([]argument, len(given))
	for i, g := range given {
		t := v.params[i]
		if !accepts(t, g.typ) {
			return nil, fmt.Errorf("the rule gives %s as type %s, but parameter %d of the view is of type %s", g.name, g.typeName(), i+1, t)
		}
		args[i] = argument{variable: g.variable, name: g.name, typ: t}
		if g.variable < 0 {
			value, ok := convert(reflect.ValueOf(g.value), t)
			if !ok {
				return nil, fmt.Errorf("the default %s=%v does not fit into type %s, that of parameter %d of the view", g.name, g.value, t, i+1)
			}
			args[i].constant = value
		}
	}
	return args, nil
}

func countMismatch(v *view, given []ruleArgument) string {
	names := make([]string, len(given))
	for i, g := range given {
		names[i] = g.describe()
	}
	gives := "no arguments"
	if len(names) > 0 {
		gives = strings.Join(names, ", ")
	}
	takes := "none"
	if len(v.params) > 0 {
		list := make([]string, len(v.params))
		for i, p := range v.params {
			list[i] = p.String()
		}
		takes = strings.Join(list, ", ")
	}
	return fmt.Sprintf("the rule gives %s, but the view takes %s", gives, takes)
}

var uuidType = reflect.TypeFor[urlmap.UUID]()

// accepts reports whether a parameter of type t can hold a value of type from.
func accepts(t, from reflect.Type) bool {
	if from == nil {
		return t.Kind() == reflect.Interface && t.NumMethod() == 0
	}
	switch {
	case from.AssignableTo(t):
		return true
	case from == uuidType:
		return t.Kind() == reflect.String || from.ConvertibleTo(t) && t.Kind() == reflect.Array
	case isInteger(from):
		return isInteger(t)
	case isFloat(from):
		return isFloat(t)
	}
	return from.Kind() == t.Kind() && from.ConvertibleTo(t)
}

func isInteger(t reflect.Type) bool { return t.Kind() >= reflect.Int && t.Kind() <= reflect.Uintptr }
func isFloat(t reflect.Type) bool   { return t.Kind() == reflect.Float32 || t.Kind() == reflect.Float64 }

// convert gives v as a t. It fails when the value does not fit, such as -1 in
// an unsigned integer.
func convert(v reflect.Value, t reflect.Type) (reflect.Value, bool) {
	switch {
	case !v.IsValid():
		return reflect.Zero(t), true
	case v.Type().AssignableTo(t):
		return v, true
	case v.Type() == uuidType && t.Kind() == reflect.String:
		return reflect.ValueOf(v.Interface().(urlmap.UUID).String()).Convert(t), true
	case v.CanInt() && reflect.Zero(t).CanInt():
		return v.Convert(t), !reflect.Zero(t).OverflowInt(v.Int())
	case v.CanInt() && reflect.Zero(t).CanUint():
		return v.Convert(t), v.Int() >= 0 && !reflect.Zero(t).OverflowUint(uint64(v.Int()))
	case v.CanUint() && reflect.Zero(t).CanUint():
		return v.Convert(t), !reflect.Zero(t).OverflowUint(v.Uint())
	case v.CanUint() && reflect.Zero(t).CanInt():
		return v.Convert(t), v.Uint() <= 1<<63-1 && !reflect.Zero(t).OverflowInt(int64(v.Uint()))
	}
	return v.Convert(t), true
}
