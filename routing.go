package retort

import (
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/retort-go/retort/internal/urlmap"
)

// Decorator takes a view and gives the same view back, as a Python decorator
// does, so that they stack:
//
//	app.Get("/edit/<int:id>")(loginRequired(edit))
type Decorator = func(view any) any

// route is a rule with its view.
type route struct {
	rule         *urlmap.Rule
	endpoint     string
	view         *view
	stub         stub
	direct       bool // the view needs no Context
	autoOptions  bool
	at           position
	registration *registration   // of its blueprint; nil: the app's own
	scopes       []*scope        // the outermost, the app's, first
	untouched    bool            // no hook looks at its requests; known when the app is frozen
	taken        map[string]bool // arguments that preprocessors take away
	conditions   []condition
	anyOrigin    bool // requests of other origins are let through
	mount        *mount
}

// scopesEmpty reports whether the requests of the route pass its scopes
// untouched.
func (rt *route) scopesEmpty() bool {
	for _, s := range rt.scopes {
		if !s.empty() {
			return false
		}
	}
	return true
}

// accepts reports whether the request meets the route's conditions.
func (rt *route) accepts(r *http.Request) bool {
	for _, meets := range rt.conditions {
		if !meets(r) {
			return false
		}
	}
	return true
}

// viewArgs gives the arguments by name, the defaults included.
func (rt *route) viewArgs(values *urlmap.Values) H {
	args := make(H)
	if rt.rule == nil { // a mount
		return args
	}
	for i, v := range rt.rule.Variables() {
		value, err := v.Converter.Parse(values.Text(i))
		if err == nil { // the matcher has checked it
			args[v.Name] = value
		}
	}
	for _, d := range rt.rule.Defaults {
		args[d.Name] = d.Value
	}
	return args
}

// addURLRule registers a route, of a blueprint if reg is not nil. The error says
// what is wrong, where and how to mend it; the app is then as it was.
func (a *App) addURLRule(reg *registration, at position, rule, endpoint string, f any, opts []RouteOption) error {
	o := reg.routeOptions()
	o.endpoint = endpoint
	o.apply(opts)
	v, err := o.viewOf(f)
	if err != nil {
		return fmt.Errorf("%s: rule %q: %w", at, rule, err)
	}
	rt := &route{view: v, at: at, registration: reg, scopes: reg.scopesIn(a), conditions: o.conditions, anyOrigin: o.anyOrigin}
	spec := a.spec(rule, v, rt, &o)
	if spec.Host != "" && !a.urls.Options().HostMatching {
		return fmt.Errorf("%s: the rule %q is for the host %q, but the app does not look at hosts, and would answer for every one; make it with retort.New(name, retort.HostMatching())", at, spec.Rule, spec.Host)
	}
	if err := a.checkEndpoint(rt); err != nil {
		return err
	}
	if v != nil { // the view is checked against the rule before the map takes the rule
		spec.Check = func(r *urlmap.Rule) error { return a.bind(rt, r) }
	}
	if rt.rule, err = a.urls.Add(spec); err != nil {
		return ruleError(at, err)
	}
	a.routes = append(a.routes, rt)
	if _, ok := a.endpoints[rt.endpoint]; !ok {
		a.endpoints[rt.endpoint] = rt
	}
	a.hasWebSocket = a.hasWebSocket || spec.WebSocket
	a.hasConditional = a.hasConditional || spec.Conditional
	return nil
}

// spec is the description of the rule for the URL map. It sets the endpoint of
// rt and its automatic OPTIONS.
func (a *App) spec(rule string, v *view, rt *route, o *routeOptions) urlmap.Spec {
	s := o.spec
	s.Rule, s.Where, s.Index = rt.registration.rule(rule), rt.at.in(a.dir), len(a.routes)
	s.Conditional = len(o.conditions) > 0
	s.Methods = slices.Clone(o.methods)
	if s.Methods == nil {
		s.Methods = v.ruleMethods()
	}
	rt.autoOptions = !s.WebSocket && !slices.Contains(s.Methods, http.MethodOptions) && a.settings().provideAutomaticOptions
	if o.autoOptions != nil {
		rt.autoOptions = *o.autoOptions
	}
	rt.endpoint = rt.registration.endpoint(endpointOf(rule, v, o, s.Methods))
	if rt.autoOptions && !slices.Contains(s.Methods, http.MethodOptions) {
		s.Methods = append(s.Methods, http.MethodOptions)
	}
	s.Endpoint = rt.endpoint
	return s
}

// endpointOf is the endpoint of a rule: what the options say, the name of the
// view, or the rule as it is written.
func endpointOf(rule string, v *view, o *routeOptions, methods []string) string {
	switch {
	case o.endpoint != "":
		return o.endpoint
	case v != nil && v.name != "":
		return v.name
	case !slices.Contains(methods, http.MethodGet):
		return methods[0] + " " + rule
	}
	return rule
}

// viewOf checks the view that the options ask for.
func (o *routeOptions) viewOf(f any) (*view, error) {
	if f == nil && (o.spec.BuildOnly || o.spec.Alias || o.spec.RedirectTo != "" || o.spec.RedirectToFunc != nil) {
		return nil, nil
	}
	return newView(f)
}

// checkEndpoint refuses another view under an endpoint that has one.
func (a *App) checkEndpoint(rt *route) error {
	old, ok := a.endpoints[rt.endpoint]
	if !ok || old.view == nil || rt.view == nil || old.view.same(rt.view) {
		return nil
	}
	return fmt.Errorf("%s: the endpoint %q has a view already: %s, registered at %s; the new one is %s; give one of them an Endpoint of its own, or URLFor could not tell them apart",
		rt.at, rt.endpoint, old.view, old.at, rt.view)
}

// same reports whether two views are the same function, as far as that can be
// told.
func (v *view) same(w *view) bool {
	if v.class != nil || w.class != nil {
		return v.class.same(w.class)
	}
	f, g := v.source(), w.source()
	if f.Type() != g.Type() {
		return false
	}
	switch f.Kind() {
	case reflect.Func, reflect.Pointer:
		return f.Pointer() == g.Pointer()
	}
	return f.Comparable() && f.Equal(g)
}

// bind checks the view against the rule and makes its stub.
func (a *App) bind(rt *route, rule *urlmap.Rule) error {
	rt.taken = make(map[string]bool)
	for _, s := range rt.scopes {
		for _, p := range s.preprocessors {
			for _, name := range p.takes {
				rt.taken[name] = true
			}
		}
	}
	given := ruleArguments(rule, rt.taken)
	if rt.view.methods != nil {
		var err error
		rt.stub, err = rt.bindMethods(rule, given)
		return err
	}
	args, err := rt.view.bind(given)
	if err != nil {
		return rt.unfit(rule, rt.view, given, err)
	}
	rt.stub = rt.view.stub(rule, args)
	rt.direct = !rt.view.needsContext() && len(rt.view.wraps) == 0 && rt.view.handler == nil && rt.view.gateway == nil
	return nil
}

// needsContext reports whether the view's function, or what makes its instance,
// takes a Context.
func (v *view) needsContext() bool {
	return v.context || v.class != nil && v.class.takesContext
}

// unfit is the error of a view that does not fit its rule.
func (rt *route) unfit(rule *urlmap.Rule, v *view, given []ruleArgument, why error) error {
	return fmt.Errorf("the rule %q (%s%s) and its view %s do not fit: %w; the view is of type %s; %s",
		rule, rt.at, rt.registration.origin(), v, why, v.signature(), fitting(v, given))
}

// directView is the view for callCommon.
func (rt *route) directView() any {
	args, err := rt.view.bind(ruleArguments(rt.rule, rt.taken))
	if err == nil && rt.view.isCommon(rt.rule, args) {
		return rt.view.fn.Interface()
	}
	return rt.stub
}

// fitting says which parameters a view for the rule would have.
func fitting(v *view, given []ruleArgument) string {
	params := v.leading()
	for _, g := range given {
		params = append(params, g.name+" "+g.parameterType())
	}
	return fmt.Sprintf("make it func(%s), or change the rule", strings.Join(params, ", "))
}

// parameterType is the type that a view would ordinarily use.
func (a ruleArgument) parameterType() string {
	if a.typ == uuidType {
		return "string"
	}
	return fmt.Sprint(a.typ)
}

// ruleError adds the place of the registration to an error of the URL map.
func ruleError(at position, err error) error {
	var bad *urlmap.RuleError
	if errors.As(err, &bad) {
		return fmt.Errorf("%s: %s", at, bad.Detail())
	}
	return err
}
