package retort

import (
	"fmt"
	"reflect"

	"github.com/retort-go/retort/htmltemplate"
)

// TemplateFilter makes f known to templates as the filter name: f is a function
// of the value and perhaps more arguments, with one result, or one and an error.
// A *[Context] before the value is that which the template is rendered for.
//
//	app.TemplateFilter("truncate", func(s string, n int) string { … })
//
//	{{.title | truncate 20}}
//
// It panics when f is no such function, and when the name is one of html/template
// or a global already.
//
// Source: Flask: sansio/app.py, template_filter.
func (a *App) TemplateFilter(name string, f any) {
	a.lock.check("TemplateFilter")
	a.addTemplateFilter(callerOutside(), name, f)
}

// TemplateTest makes f known to templates as the test name: f is a function of
// the value and perhaps more arguments that gives a bool, or one and an error.
//
//	app.TemplateTest("even", func(n int) bool { return n%2 == 0 })
//
//	{{if .n | is "even"}}…{{end}}
//
// It panics when f is no such function.
//
// Source: Flask: sansio/app.py, template_test.
func (a *App) TemplateTest(name string, f any) {
	a.lock.check("TemplateTest")
	a.addTemplateTest(callerOutside(), name, f)
}

// TemplateGlobal makes v known to templates under a name: a function that they
// can call, with one result, or one and an error, or any other value. A
// *[Context] as the first parameter of a function is that which the template is
// rendered for. It may take the place of url_for and the others that are there
// already.
//
//	app.TemplateGlobal("year", func() int { return time.Now().Year() })
//
//	{{year}}
//
// It panics when the function is no such one, and when the name is one of
// html/template or a filter already.
//
// Source: Flask: sansio/app.py, template_global.
func (a *App) TemplateGlobal(name string, v any) {
	a.lock.check("TemplateGlobal")
	a.addTemplateGlobal(callerOutside(), name, v)
}

// AppTemplateFilter is [App.TemplateFilter].
//
// Source: Flask: sansio/blueprints.py, app_template_filter.
func (bp *Blueprint) AppTemplateFilter(name string, f any) {
	at := callerOutside()
	bp.once("AppTemplateFilter", func(a *App) { a.addTemplateFilter(at, name, f) })
}

// AppTemplateTest is [App.TemplateTest].
//
// Source: Flask: sansio/blueprints.py, app_template_test.
func (bp *Blueprint) AppTemplateTest(name string, f any) {
	at := callerOutside()
	bp.once("AppTemplateTest", func(a *App) { a.addTemplateTest(at, name, f) })
}

// AppTemplateGlobal is [App.TemplateGlobal].
//
// Source: Flask: sansio/blueprints.py, app_template_global.
func (bp *Blueprint) AppTemplateGlobal(name string, v any) {
	at := callerOutside()
	bp.once("AppTemplateGlobal", func(a *App) { a.addTemplateGlobal(at, name, v) })
}

func (a *App) addTemplateFilter(at position, name string, f any) {
	if err := checkTemplateFunc(name, f, 1); err != nil {
		panic(fmt.Sprintf("retort: %s: TemplateFilter: %v", at, err))
	}
	t := &a.templating
	_, global := t.globals[name]
	if _, given := requestGlobals[name]; global || given || name == isFunc {
		panic(fmt.Sprintf("retort: %s: TemplateFilter: %q is a global already; in html/template both are functions, so one needs another name", at, name))
	}
	t.filters = withFunc(t.filters, name, f)
}

func (a *App) addTemplateTest(at position, name string, f any) {
	err := checkTemplateFunc("f", f, 1) // a test can have any name
	if err == nil && reflect.TypeOf(f).Out(0).Kind() != reflect.Bool {
		err = fmt.Errorf("the template test %q must give a bool, and is a %T", name, f)
	}
	if err != nil {
		panic(fmt.Sprintf("retort: %s: TemplateTest(%q): %v", at, name, err))
	}
	a.templating.tests = withFunc(a.templating.tests, name, f)
}

func (a *App) addTemplateGlobal(at position, name string, v any) {
	f := v
	if reflect.ValueOf(v).Kind() != reflect.Func {
		f = func() any { return v }
	}
	if err := checkTemplateFunc(name, f, 0); err != nil {
		panic(fmt.Sprintf("retort: %s: TemplateGlobal: %v", at, err))
	}
	if name == isFunc {
		panic(fmt.Sprintf("retort: %s: TemplateGlobal: %q is what asks for a test: {{.v | is \"name\"}}; give the global another name", at, name))
	}
	t := &a.templating
	if _, ok := t.filters[name]; ok {
		panic(fmt.Sprintf("retort: %s: TemplateGlobal: %q is a filter already; in html/template both are functions, so one needs another name", at, name))
	}
	t.globals = withFunc(t.globals, name, v)
}

// checkTemplateFunc wants a function with so many parameters at least, without
// its Context.
func checkTemplateFunc(name string, f any, least int) error {
	if err := htmltemplate.CheckFunc(name, f); err != nil {
		return err
	}
	if t := reflect.TypeOf(f); t.NumIn() < least+contextParams(t) {
		return fmt.Errorf("the function %q must take the value as a parameter, and is a %v", name, t)
	}
	return nil
}

// contextParams is 1 when the first parameter is a *Context.
func contextParams(t reflect.Type) int {
	if t.NumIn() > 0 && t.In(0) == reflect.TypeFor[*Context]() {
		return 1
	}
	return 0
}

func withFunc(m map[string]any, name string, f any) map[string]any {
	if m == nil {
		m = make(map[string]any)
	}
	m[name] = f
	return m
}
