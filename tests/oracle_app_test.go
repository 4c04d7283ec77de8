package tests

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/middleware"
)

// replayApp is an app built from its description, with the log of the request
// that is being replayed.
type replayApp struct {
	*retort.App
	trace []string
	fault error // what the replay itself could not do
}

// buildApp builds the app. A description that cannot be followed, and a
// registration that panics, is an error.
func buildApp(spec *appSpec) (a *replayApp, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("building the app: %v", v)
		}
	}()
	if err := spec.check(); err != nil {
		return nil, err
	}
	a = &replayApp{App: retort.New(spec.ID, append(appOptions(spec.Options), spec.fileOptions()...)...)}
	a.Logger = slog.New(slog.DiscardHandler)
	a.Config.Update(sessionConfig)
	for key, value := range spec.Config {
		a.Config.Set(key, configValue(value))
	}
	if spec.ProxyFix != nil {
		a.Use(middleware.ProxyFixWith(proxyFixOptions(spec.ProxyFix)))
	}
	for _, s := range spec.TeardownAppContext {
		a.TeardownAppContext(func(c *retort.Context, err error) {
			s.run(&interpreter{app: a, c: c, err: err})
		})
	}
	if spec.URLValueTrace {
		a.URLValuePreprocessor(a.traceURLValues)
	}
	a.addScope(a.App, &spec.scopeSpec, "")
	for i := range spec.Blueprints {
		a.addBlueprint(a.App, &spec.Blueprints[i], spec, "")
	}
	return a, nil
}

// scaffold is an app or a blueprint.
type scaffold interface {
	retort.Scope
	AddURLRule(rule, endpoint string, view any, opts ...retort.RouteOption)
	BeforeRequest(f any)
	AfterRequest(f func(c *retort.Context, res *retort.Response))
	TeardownRequest(f func(c *retort.Context, err error))
	ErrorHandler(code int) retort.Decorator
	RegisterBlueprint(bp *retort.Blueprint, opts ...retort.RegistrationOption)
}

// addScope adds routes, hooks and error handlers. prefix has the variables that
// come before those of the rules.
func (a *replayApp) addScope(to scaffold, spec *scopeSpec, prefix string) {
	for _, s := range spec.BeforeRequest {
		to.BeforeRequest(a.before(s))
	}
	for _, s := range spec.AfterRequest {
		to.AfterRequest(a.after(s))
	}
	for _, s := range spec.TeardownRequest {
		to.TeardownRequest(a.teardown(s))
	}
	for i := range spec.ErrorHandlers {
		a.addErrorHandler(to, &spec.ErrorHandlers[i])
	}
	views := make(map[string]steps)
	for i := range spec.Routes {
		r := &spec.Routes[i]
		if _, ok := views[r.Endpoint]; !ok {
			views[r.Endpoint] = r.View
		}
		to.AddURLRule(r.Rule, r.Endpoint, a.view(r, prefix, views[r.Endpoint]), r.options()...)
	}
}

func (a *replayApp) before(s steps) func(*retort.Context) any {
	return func(c *retort.Context) any {
		result, _ := s.run(&interpreter{app: a, c: c})
		return result
	}
}

func (a *replayApp) after(s steps) func(*retort.Context, *retort.Response) {
	return func(c *retort.Context, res *retort.Response) { s.run(&interpreter{app: a, c: c, res: res}) }
}

func (a *replayApp) teardown(s steps) func(*retort.Context, error) {
	return func(c *retort.Context, err error) { s.run(&interpreter{app: a, c: c, err: err}) }
}

// check reports what the replay does not know.
func (spec *appSpec) check() error {
	return checkSteps(append(spec.scopeSpec.all(), spec.TeardownAppContext...))
}

// all are the steps of the scope and of the blueprints in it.
func (spec *scopeSpec) all() []steps {
	all := slices.Concat(spec.BeforeRequest, spec.AfterRequest, spec.TeardownRequest)
	for _, r := range spec.Routes {
		all = append(all, r.View)
	}
	for _, h := range spec.ErrorHandlers {
		all = append(all, h.View)
	}
	for i := range spec.Blueprints {
		all = append(all, spec.Blueprints[i].all()...)
	}
	return all
}

// checkSteps reports a step that the replay does not know.
func checkSteps(all []steps) error {
	for _, s := range slices.Concat(all...) {
		if commands[s.name] == nil {
			return fmt.Errorf("the replay does not know the step %q", s.name)
		}
	}
	return nil
}

func appOptions(options map[string]any) []retort.Option {
	var list []retort.Option
	for name, value := range options {
		switch {
		case value == false:
		case name == "host_matching":
			list = append(list, retort.HostMatching())
		case name == "subdomain_matching":
			list = append(list, retort.SubdomainMatching())
		case strings.HasPrefix(name, "static_"): // see fileOptions
		default:
			panic(fmt.Sprintf("the replay does not know the option %q", name))
		}
	}
	return list
}

// proxyFixOptions are the keyword arguments of Werkzeug's ProxyFix, which trusts
// two fields without any.
func proxyFixOptions(kwargs map[string]int) middleware.ProxyFixOptions {
	o := middleware.ProxyFixOptions{For: 1, Proto: 1}
	for name, field := range map[string]*int{"x_for": &o.For, "x_proto": &o.Proto, "x_host": &o.Host, "x_port": &o.Port, "x_prefix": &o.Prefix} {
		if n, ok := kwargs[name]; ok {
			*field = n
		}
	}
	return o
}

func configValue(v any) any {
	switch v := v.(type) {
	case float64:
		if v == math.Trunc(v) {
			return int(v)
		}
	case []any:
		list := make([]string, len(v))
		for i := range v {
			list[i] = fmt.Sprint(v[i])
		}
		return list
	}
	return v
}

func (r *routeSpec) options() []retort.RouteOption {
	var list []retort.RouteOption
	if r.Methods != nil {
		list = append(list, retort.Methods(r.Methods...))
	}
	for _, d := range r.Defaults {
		list = append(list, retort.Default(d.key, mustDefault(d.value)))
	}
	if r.StrictSlashes != nil {
		list = append(list, retort.StrictSlashes(*r.StrictSlashes))
	}
	if r.ProvideAutomaticOptions != nil {
		list = append(list, retort.ProvideAutomaticOptions(*r.ProvideAutomaticOptions))
	}
	if r.Subdomain != "" {
		list = append(list, retort.Subdomain(r.Subdomain))
	}
	if r.Host != "" {
		list = append(list, retort.Host(r.Host))
	}
	if r.RedirectTo != "" {
		list = append(list, retort.RedirectTo(r.RedirectTo))
	}
	return list
}

func mustDefault(data json.RawMessage) any {
	var t taggedValue
	if err := json.Unmarshal(data, &t); err != nil {
		panic(err)
	}
	v, err := t.goValue()
	if err != nil {
		panic(err)
	}
	return v
}

// variable matches one variable of a rule: its converter and its name.
var variable = regexp.MustCompile(`<(?:([a-zA-Z_]\w*)(?:\(.*?\))?:)?([a-zA-Z_]\w*)>`)

// arguments are the parameters that a view of the rule has after the Context.
func (r *routeSpec) arguments(prefix string) pairs[reflect.Type] {
	var args pairs[reflect.Type]
	for _, m := range variable.FindAllStringSubmatch(r.Host+r.Subdomain+prefix+r.Rule, -1) {
		typ := reflect.TypeFor[string]()
		switch m[1] {
		case "int":
			typ = reflect.TypeFor[int]()
		case "float":
			typ = reflect.TypeFor[float64]()
		}
		args = append(args, pair[reflect.Type]{m[2], typ})
	}
	for _, d := range r.Defaults {
		if !slices.ContainsFunc(args, func(p pair[reflect.Type]) bool { return p.key == d.key }) {
			args = append(args, pair[reflect.Type]{d.key, reflect.TypeOf(mustDefault(d.value))})
		}
	}
	return args
}

// view makes the view function of the rule: a *retort.Context and one parameter
// for each argument, an any for its result.
func (a *replayApp) view(r *routeSpec, prefix string, view steps) any {
	args := r.arguments(prefix)
	in := []reflect.Type{reflect.TypeFor[*retort.Context]()}
	for _, arg := range args {
		in = append(in, arg.value)
	}
	t := reflect.FuncOf(in, []reflect.Type{reflect.TypeFor[any]()}, false)
	return reflect.MakeFunc(t, func(values []reflect.Value) []reflect.Value {
		c := values[0].Interface().(*retort.Context)
		a.checkArguments(c, args, values[1:])
		result, _ := view.run(&interpreter{app: a, c: c})
		return []reflect.Value{reflect.ValueOf(&result).Elem()}
	}).Interface()
}

// checkArguments compares the parameters with Context.ViewArgs.
func (a *replayApp) checkArguments(c *retort.Context, args pairs[reflect.Type], values []reflect.Value) {
	given := c.ViewArgs()
	if len(given) != len(args) {
		a.fault = fmt.Errorf("the view got %d arguments, ViewArgs are %v", len(args), given)
	}
	for i, arg := range args {
		if want, got := fmt.Sprint(given[arg.key]), fmt.Sprint(values[i]); want != got {
			a.fault = fmt.Errorf("the view got %s=%s, ViewArgs say %s", arg.key, got, want)
		}
	}
}

// codeClasses are Werkzeug's exception classes that stand for one status code.
var codeClasses = map[string]int{
	"BadRequest": 400, "Unauthorized": 401, "Forbidden": 403, "NotFound": 404, "MethodNotAllowed": 405,
	"NotAcceptable": 406, "RequestTimeout": 408, "Conflict": 409, "Gone": 410, "LengthRequired": 411,
	"PreconditionFailed": 412, "RequestEntityTooLarge": 413, "RequestURITooLarge": 414,
	"UnsupportedMediaType": 415, "RequestedRangeNotSatisfiable": 416, "ExpectationFailed": 417,
	"ImATeapot": 418, "MisdirectedRequest": 421, "UnprocessableEntity": 422, "Locked": 423,
	"FailedDependency": 424, "PreconditionRequired": 428, "TooManyRequests": 429,
	"RequestHeaderFieldsTooLarge": 431, "UnavailableForLegalReasons": 451, "InternalServerError": 500,
	"NotImplemented": 501, "BadGateway": 502, "ServiceUnavailable": 503, "GatewayTimeout": 504,
	"HTTPVersionNotSupported": 505,
}

func (a *replayApp) addErrorHandler(to scaffold, h *handlerSpec) {
	handle := func(c *retort.Context, err error) any {
		result, _ := h.View.run(&interpreter{app: a, c: c, err: err})
		return result
	}
	on, isName := h.On.(string)
	if code, ok := h.On.(float64); ok {
		to.ErrorHandler(int(code))(handle)
		return
	}
	if code, ok := codeClasses[on]; ok && isName {
		to.ErrorHandler(code)(handle)
		return
	}
	switch on {
	case "Exception":
		retort.OnError(to, handle)
	case "HTTPException":
		onError[*retort.HTTPError](to, handle)
	case "BadRequestKeyError", "KeyError":
		onError[*retort.BadRequestKeyError](to, handle)
	case "AppError":
		onError[*appError](to, handle)
	case "SubAppError":
		onError[*subAppError](to, handle)
	case "OtherError":
		onError[*otherError](to, handle)
	case "ValueError":
		onError[*valueError](to, handle)
	default:
		panic(fmt.Sprintf("the replay does not know the exception class %v", h.On))
	}
}

func onError[E error](to retort.Scope, handle func(*retort.Context, error) any) {
	retort.OnError(to, func(c *retort.Context, err E) any { return handle(c, err) })
}

// The exceptions that recorded apps raise. A subclass is an error that wraps
// its base, which knows the name of the subclass.
type (
	appError    struct{ class, message string }
	subAppError struct{ base *appError }
	otherError  struct{ message string }
	valueError  struct{ message string }
	pythonError struct{ class, message string } // of Python itself
)

func (e *appError) Error() string    { return e.message }
func (e *subAppError) Error() string { return e.base.message }
func (e *subAppError) Unwrap() error { return e.base }
func (e *otherError) Error() string  { return e.message }
func (e *valueError) Error() string  { return e.message }
func (e *pythonError) Error() string { return e.message }

// exception gives the error for a raised class.
func exception(class, message string) error {
	switch class {
	case "AppError":
		return &appError{class, message}
	case "SubAppError":
		return &subAppError{&appError{class, message}}
	case "OtherError":
		return &otherError{message}
	case "ValueError":
		return &valueError{message}
	}
	return &pythonError{class, message}
}

// className is the Python class that an error stands for. Errors that are not
// of the replay are retort's own.
func className(err error) string {
	switch e := err.(type) {
	case nil:
		return "None"
	case *appError:
		return e.class
	case *subAppError:
		return e.base.class
	case *otherError:
		return "OtherError"
	case *valueError:
		return "ValueError"
	case *pythonError:
		return e.class
	case *retort.BadRequestKeyError:
		return "BadRequestKeyError"
	case *retort.BuildError:
		return "BuildError"
	case *retort.HTTPError:
		return codeClass(e.Code)
	case *retort.PanicError:
		if strings.Contains(e.Error(), "is not an error code") {
			return "LookupError"
		}
		return "ValueError"
	}
	if strings.Contains(err.Error(), "control character") {
		return "ValueError"
	}
	return "TypeError"
}

func codeClass(code int) string {
	for name, c := range codeClasses {
		if c == code {
			return name
		}
	}
	return fmt.Sprintf("HTTPError %d", code)
}
