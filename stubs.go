package retort

import (
	"reflect"

	"github.com/retort-go/retort/internal/urlmap"
)

// stub calls a view with the values of its rule. It gets them by value: a
// pointer handed to a function value would have to live on the heap.
//
// c is nil for a view that takes no Context when nothing else asks for one.
type stub func(c *Context, v urlmap.Values) answer

// isCommon reports whether a view has one of the commonest signatures: those of
// a first page, a page by name, a page by number, an API with an error. They are
// called directly, by callCommon and callWithContext; every other signature is
// called by reflection, which costs some 400 ns and the allocation of its
// arguments.
//
// It fits only rules whose arguments are variables that need no conversion
// beyond the text (string, any, path) or plain decimal digits (int).
func isCommon(view any) bool {
	switch view.(type) {
	case func() string, func() any, func() error, func() (any, error),
		func(string) string, func(string) any, func(string) error, func(string) (any, error),
		func(string, string) string, func(string, string) error,
		func(string, string, string) string, func(string, string, string) error,
		func(string, string, string, string) error,
		func(int) string, func(int) any, func(int) (any, error):
		return true
	}
	return takesContext(view)
}

// takesContext is isCommon for the signatures with a Context.
func takesContext(view any) bool {
	switch view.(type) {
	case func(*Context) string, func(*Context) any, func(*Context) *Response, func(*Context) error, func(*Context) (any, error),
		func(*Context, string) string, func(*Context, string) any, func(*Context, string) (any, error),
		func(*Context, int) any, func(*Context, int) (any, error):
		return true
	}
	return false
}

// callCommon calls a view with a common signature without a Context, or a stub
// that needs none. v is not handed on, so that it can stay on the stack.
func callCommon(view any, v *urlmap.Values) answer {
	switch f := view.(type) {
	case func() string:
		return textAnswer(f())
	case func() any:
		return valueAnswer(f())
	case func() error:
		return errorAnswer(f())
	case func() (any, error):
		return valueErrorAnswer(f())
	case func(string) string:
		return textAnswer(f(v.Text(0)))
	case func(string) any:
		return valueAnswer(f(v.Text(0)))
	case func(string) error:
		return errorAnswer(f(v.Text(0)))
	case func(string) (any, error):
		return valueErrorAnswer(f(v.Text(0)))
	case func(string, string) string:
		return textAnswer(f(v.Text(0), v.Text(1)))
	case func(string, string) error:
		return errorAnswer(f(v.Text(0), v.Text(1)))
	case func(string, string, string) string:
		return textAnswer(f(v.Text(0), v.Text(1), v.Text(2)))
	case func(string, string, string) error:
		return errorAnswer(f(v.Text(0), v.Text(1), v.Text(2)))
	case func(string, string, string, string) error:
		return errorAnswer(f(v.Text(0), v.Text(1), v.Text(2), v.Text(3)))
	case func(int) string:
		return textAnswer(f(digits(v.Text(0))))
	case func(int) any:
		return valueAnswer(f(digits(v.Text(0))))
	case func(int) (any, error):
		return valueErrorAnswer(f(digits(v.Text(0))))
	}
	return view.(stub)(nil, *v)
}

// callWithContext is callCommon for the signatures with a Context.
func callWithContext(view any, c *Context, v *urlmap.Values) answer {
	switch f := view.(type) {
	case func(*Context) string:
		return textAnswer(f(c))
	case func(*Context) any:
		return valueAnswer(f(c))
	case func(*Context) *Response:
		return valueAnswer(f(c))
	case func(*Context) error:
		return errorAnswer(f(c))
	case func(*Context) (any, error):
		return valueErrorAnswer(f(c))
	case func(*Context, string) string:
		return textAnswer(f(c, v.Text(0)))
	case func(*Context, string) any:
		return valueAnswer(f(c, v.Text(0)))
	case func(*Context, string) (any, error):
		return valueErrorAnswer(f(c, v.Text(0)))
	case func(*Context, int) any:
		return valueAnswer(f(c, digits(v.Text(0))))
	case func(*Context, int) (any, error):
		return valueErrorAnswer(f(c, digits(v.Text(0))))
	}
	return callCommon(view, v)
}

// commonStub is the stub of a view with a common signature.
func commonStub(view any) stub {
	return func(c *Context, v urlmap.Values) answer { return callWithContext(view, c, &v) }
}

// digits is the value of what the int converter has matched: an optional sign
// and digits, in the range of int.
func digits(s string) int {
	n, negative := 0, s[0] == '-'
	if negative {
		s = s[1:]
	}
	for i := 0; i < len(s); i++ {
		n = n*10 - int(s[i]-'0') // downwards, to reach the smallest int
	}
	if negative {
		return n
	}
	return -n
}

// plainArguments reports whether every argument is the rule's variable of the
// same position, as commonStub takes them from the text.
func plainArguments(rule *urlmap.Rule, args []argument) bool {
	if len(args) != len(rule.Variables()) {
		return false
	}
	for i, a := range args {
		if a.variable != i {
			return false
		}
		switch rule.Variables()[i].Plain() {
		case urlmap.PlainText:
			if a.typ != reflect.TypeFor[string]() {
				return false
			}
		case urlmap.PlainInt:
			if a.typ != intType {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// reflectStub calls any view by reflection.
func (v *view) reflectStub(rule *urlmap.Rule, args []argument) stub {
	vars := rule.Variables()
	return func(c *Context, values urlmap.Values) answer {
		fn := v.fn
		if v.class != nil {
			fn = v.class.receiver(c).Method(v.method.Index)
		}
		in := make([]reflect.Value, 0, len(args)+1)
		if v.context {
			in = append(in, reflect.ValueOf(c))
		}
		for _, a := range args {
			value, ok := a.constant, true
			if a.variable >= 0 {
				value, ok = a.parse(vars[a.variable].Converter, values.Text(a.variable))
			}
			if !ok {
				return answer{value: Error(404)}
			}
			in = append(in, value)
		}
		return v.results.collect(fn.Call(in))
	}
}

// parse gives the argument's value. It fails when the value does not fit into
// the parameter's type: such a URL does not exist.
func (a argument) parse(conv urlmap.Converter, text string) (reflect.Value, bool) {
	value, err := conv.Parse(text)
	if err != nil {
		return reflect.Value{}, false
	}
	return convert(reflect.ValueOf(value), a.typ)
}

// stub gives the function that dispatch calls, with the decorators around it.
func (v *view) stub(rule *urlmap.Rule, args []argument) stub {
	var s stub
	switch {
	case v.handler != nil:
		s = func(*Context, urlmap.Values) answer {
			return responseAnswer(newResponse(200, "", handlerContent(v.handler)))
		}
	case v.gateway != nil:
		s = func(*Context, urlmap.Values) answer {
			return responseAnswer(newResponse(200, "", content{kind: gatewayBody, value: v.gateway}))
		}
	default:
		if v.isCommon(rule, args) {
			s = commonStub(v.fn.Interface())
		} else {
			s = v.reflectStub(rule, args)
		}
	}
	return v.wrap(s)
}

// isCommon reports whether the view is to be called by callCommon or
// callWithContext.
func (v *view) isCommon(rule *urlmap.Rule, args []argument) bool {
	return v.class.shared() && plainArguments(rule, args) && isCommon(v.fn.Interface())
}

// wrap is s with the decorators of the view around it.
func (v *view) wrap(s stub) stub {
	for _, wrap := range v.wraps {
		s = wrapped(s, wrap)
	}
	return s
}

// wrapped is s with a decorator around it.
func wrapped(s stub, wrap wrapper) stub {
	return func(c *Context, v urlmap.Values) answer {
		called := false
		return valueAnswer(wrap(c, func() any {
			if called {
				panic("retort: a decorator called next twice; the view has run already")
			}
			called = true
			return s(c, v).outcome()
		}))
	}
}
