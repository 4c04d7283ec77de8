package retort

import (
	"fmt"
	"io"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/retort-go/retort/htmltemplate"
	"github.com/retort-go/retort/internal/nearest"
)

// isFunc is the function that asks for a test.
const isFunc = "is"

// HTMLTemplates makes the engine that an app has by default: html/template with
// layouts; see package htmltemplate and [Context.RenderTemplate].
//
// Differs from Flask: the templates are html/template's, because it escapes each
// value for the place where it stands (text, attribute, URL, script, style), and
// is Go's own. A filter is a function that takes the value last; a test is
// {{.v | is "name"}}.
func HTMLTemplates(env TemplateEnvironment) (Templates, error) {
	funcs := htmltemplate.FuncMap{isFunc: templateTests(env.Tests)}
	perRender := make(map[string]any) // functions that need the Context
	add := func(name string, f any, filter bool) {
		if t := reflect.TypeOf(f); contextParams(t) > 0 {
			perRender[name] = f
		} else if delete(perRender, name); filter {
			funcs[name] = valueLast(f)
		} else {
			funcs[name] = f
		}
	}
	maps.Copy(perRender, requestGlobals)
	for name, f := range templateFilters(env.App) {
		add(name, f, true)
	}
	for name, f := range env.Filters {
		add(name, f, true)
	}
	for name, v := range env.Globals {
		f := v
		if reflect.ValueOf(v).Kind() != reflect.Func {
			f = func() any { return v }
		}
		add(name, f, false)
	}
	engine, err := htmltemplate.New(htmltemplate.Options{
		Loader:  env.Loader,
		Funcs:   funcs,
		Reload:  env.AutoReload,
		Inspect: refuseJinja,
		Bind: func(current func() any) htmltemplate.FuncMap {
			bound := make(htmltemplate.FuncMap, len(perRender))
			for name, f := range perRender {
				f = withContext(f, current)
				if _, filter := env.Filters[name]; filter {
					f = valueLast(f)
				}
				bound[name] = f
			}
			return bound
		},
	})
	if err != nil {
		return nil, err
	}
	return htmlTemplates{engine}, nil
}

// jinja matches a statement of Jinja's language.
var jinja = regexp.MustCompile(`\{%[-+]?\s*(?:extends|block|include|import|from|macro|call|set|if|for|with|filter|raw|autoescape)\b`)

// refuseJinja says that a template is written in Jinja's language, which
// html/template would send as it stands.
func refuseJinja(name, source string) error {
	at := jinja.FindStringIndex(source)
	if at == nil {
		return nil
	}
	return &htmltemplate.SyntaxError{
		File: name, Line: 1 + strings.Count(source[:at[0]], "\n"),
		Message: fmt.Sprintf(`%q is Jinja's language; in html/template it is {{extends "layout.html"}}, {{define "block"}}…{{end}}, {{if .x}}…{{end}}, {{range .list}}…{{end}}, {{.x | filter}}. To show it as text write {{"{%%"}}`, source[at[0]:at[1]]+" …"),
	}
}

// htmlTemplates is package htmltemplate as a [Templates].
type htmlTemplates struct{ engine *htmltemplate.Engine }

func (t htmlTemplates) Check(name string) error { return t.engine.Check(name) }

func (t htmlTemplates) Render(w io.Writer, c *Context, name string, data H) error {
	return t.engine.Render(w, name, data, c)
}

func (t htmlTemplates) RenderString(w io.Writer, c *Context, source string, data H) error {
	return t.engine.RenderString(w, source, data, c)
}

// requestGlobals are what every template knows of its Context. Those that only
// look at it are called when a template uses them, so that a page without the
// session does not load it.
//
// Source: Flask: app.py, create_jinja_environment; templating.py,
// _default_template_ctx_processor.
var requestGlobals = map[string]any{
	"url_for":              func(c *Context, endpoint string, args ...any) string { return c.URLFor(endpoint, urlForArgs(args)...) },
	"get_flashed_messages": func(c *Context, categories ...string) []FlashedMessage { return c.FlashedMessages(categories...) },
	"config":               func(c *Context) *Config { return c.App.Config },
	"session":              func(c *Context) *Session { return c.Session() },
	"request":              func(c *Context) *Request { return c.Request },
	"g":                    func(c *Context) *G { return c.G() },
}

// urlForArgs makes options of the names that Flask has for them.
func urlForArgs(args []any) []any {
	out := make([]any, 0, len(args))
	for i := 0; i < len(args); i++ {
		name, _ := args[i].(string)
		option := urlForOptions[name]
		if option == nil || i+1 == len(args) {
			out = append(out, args[i])
			if i++; i < len(args) {
				out = append(out, args[i])
			}
			continue
		}
		i++
		out = append(out, option(args[i]))
	}
	return out
}

// urlForOptions are the names of url_for that are no values.
var urlForOptions = map[string]func(v any) URLOption{
	"_anchor":   func(v any) URLOption { return Anchor(fmt.Sprint(v)) },
	"_external": func(v any) URLOption { return External(v == true) },
	"_method":   func(v any) URLOption { return Method(fmt.Sprint(v)) },
	"_scheme":   func(v any) URLOption { return Scheme(fmt.Sprint(v)) },
}

// withContext gives f without its first parameter, which is what current gives.
func withContext(f any, current func() any) any {
	switch f := f.(type) {
	case func(*Context, string, ...any) string:
		return func(s string, args ...any) string { return f(current().(*Context), s, args...) }
	case func(*Context) *Config:
		return func() *Config { return f(current().(*Context)) }
	case func(*Context) *Request:
		return func() *Request { return f(current().(*Context)) }
	case func(*Context) *Session:
		return func() *Session { return f(current().(*Context)) }
	case func(*Context) *G:
		return func() *G { return f(current().(*Context)) }
	}
	v := reflect.ValueOf(f)
	params := paramTypes(v.Type())[1:]
	return remade(v, params, func(args []reflect.Value) []reflect.Value {
		return append([]reflect.Value{reflect.ValueOf(current())}, args...)
	})
}

// valueLast gives a function of a value and more arguments with the value as the
// last parameter, where a pipeline of html/template puts it.
func valueLast(f any) any {
	v := reflect.ValueOf(f)
	t := v.Type()
	if t.NumIn() == 1 && !t.IsVariadic() {
		return f
	}
	if t.IsVariadic() {
		return variadicValueLast(v)
	}
	params := paramTypes(t)
	return remade(v, append(params[1:len(params):len(params)], params[0]), func(args []reflect.Value) []reflect.Value {
		last := len(args) - 1
		return append([]reflect.Value{args[last]}, args[:last]...)
	})
}

// variadicValueLast is valueLast for a variadic function. How many arguments
// come before the value shows only in the call.
func variadicValueLast(f reflect.Value) any {
	return func(args ...any) (any, error) {
		if len(args) == 0 {
			return nil, fmt.Errorf("a filter is called without a value")
		}
		last := len(args) - 1
		return callFunc(f, append([]any{args[last]}, args[:last]...))
	}
}

func paramTypes(t reflect.Type) []reflect.Type {
	params := make([]reflect.Type, t.NumIn())
	for i := range params {
		params[i] = t.In(i)
	}
	return params
}

// remade gives a function with other parameters that calls f with what arrange
// makes of them.
func remade(f reflect.Value, params []reflect.Type, arrange func([]reflect.Value) []reflect.Value) any {
	t := f.Type()
	results := make([]reflect.Type, t.NumOut())
	for i := range results {
		results[i] = t.Out(i)
	}
	call := f.Call
	if t.IsVariadic() {
		call = f.CallSlice
	}
	made := reflect.FuncOf(params, results, t.IsVariadic())
	return reflect.MakeFunc(made, func(args []reflect.Value) []reflect.Value { return call(arrange(args)) }).Interface()
}

// templateTests is the function is: {{.n | is "divisible by" 3}}.
func templateTests(tests map[string]any) func(name string, args ...any) (bool, error) {
	return func(name string, args ...any) (bool, error) {
		f, ok := tests[name]
		if !ok {
			return false, unknownTest(tests, name)
		}
		if len(args) == 0 {
			return false, fmt.Errorf("the test %q is called without a value: {{if .value | is %q}}", name, name)
		}
		last := len(args) - 1
		result, err := callFunc(reflect.ValueOf(f), append([]any{args[last]}, args[:last]...))
		if err != nil {
			return false, fmt.Errorf("the test %q: %w", name, err)
		}
		return reflect.ValueOf(result).Bool(), nil
	}
}

func unknownTest(tests map[string]any, name string) error {
	names := slices.Sorted(maps.Keys(tests))
	if near := nearest.Name(names, name); near != "" {
		return fmt.Errorf("there is no test %q, perhaps %q is meant", name, near)
	}
	if len(names) == 0 {
		return fmt.Errorf("there is no test %q; tests are registered with App.TemplateTest", name)
	}
	return fmt.Errorf("there is no test %q; there are %s", name, strings.Join(names, ", "))
}

// callFunc calls a function that templates may call with arguments of a
// template.
func callFunc(f reflect.Value, args []any) (any, error) {
	t := f.Type()
	if n := t.NumIn(); len(args) != n && !t.IsVariadic() || len(args) < n-1 {
		return nil, fmt.Errorf("it takes %d values, not %d: it is a %v", n, len(args), t)
	}
	in := make([]reflect.Value, len(args))
	for i, arg := range args {
		want := t.In(min(i, t.NumIn()-1))
		if t.IsVariadic() && i >= t.NumIn()-1 {
			want = want.Elem()
		}
		v, ok := asArgument(arg, want)
		if !ok {
			return nil, fmt.Errorf("it takes a %v and was given the %T %v", want, arg, arg)
		}
		in[i] = v
	}
	out := f.Call(in)
	if len(out) == 2 && !out[1].IsNil() {
		return nil, out[1].Interface().(error)
	}
	return out[0].Interface(), nil
}

// asArgument makes arg an argument of a type: a nil of one that can be nil, a
// number another number that holds it.
func asArgument(arg any, want reflect.Type) (reflect.Value, bool) {
	v := reflect.ValueOf(arg)
	switch {
	case !v.IsValid():
		switch want.Kind() {
		case reflect.Interface, reflect.Pointer, reflect.Map, reflect.Slice, reflect.Func, reflect.Chan:
			return reflect.Zero(want), true
		}
		return v, false
	case v.Type().AssignableTo(want):
		return v, true
	case v.CanInt() && (want.Kind() >= reflect.Int && want.Kind() <= reflect.Int64):
		return v.Convert(want), !want.OverflowInt(v.Int())
	case v.CanInt() && (want.Kind() == reflect.Float64 || want.Kind() == reflect.Float32):
		return v.Convert(want), true
	case v.Kind() == want.Kind() && v.Kind() == reflect.String:
		return v.Convert(want), true
	}
	return v, false
}
