package retort

import (
	"fmt"
	"slices"
	"strings"

	"github.com/retort-go/retort/internal/urlmap"
)

// Blueprint is a part of an app: routes, hooks, error handlers, templates and
// static files that are registered with an app, or with another blueprint, as
// one. Its hooks and handlers see the requests of its own rules and of the
// blueprints in it.
//
//	func newBlog() *retort.Blueprint {
//		bp := retort.NewBlueprint("blog", retort.URLPrefix("/blog"))
//		bp.Get("/")(index)          // endpoint blog.index
//		bp.Get("/<int:id>")(show)   // endpoint blog.show
//		return bp
//	}
//
//	app.RegisterBlueprint(newBlog())
//
// A blueprint only keeps what it is given; its rules are checked when it is
// registered. It can be registered several times, with other prefixes and under
// other names ([Name]), and not be changed once it has been.
//
// Source: Flask: sansio/blueprints.py, Blueprint.
type Blueprint struct {
	scaffold

	name     string
	at       position
	options  blueprintOptions
	root     rootPath
	static   folder
	deferred []func(*SetupState)
	children []child
}

// child is a blueprint that was registered with another one.
type child struct {
	bp   *Blueprint
	opts []RegistrationOption
	at   position
}

// BlueprintOption is an option of [NewBlueprint]. The set is closed.
type BlueprintOption interface{ applyBlueprint(*blueprintOptions) }

type blueprintOptions struct {
	registrationOptions
	fileOptions
	routingErrors bool
}

type blueprintOption func(*blueprintOptions)

func (f blueprintOption) applyBlueprint(o *blueprintOptions) { f(o) }

// HandleRoutingErrors has the error handlers of the blueprint, and of those
// around it, answer the 404 and 405 of every request below its URL prefix:
//
//	api := retort.NewBlueprint("api", retort.URLPrefix("/api"), retort.HandleRoutingErrors())
//	api.ErrorHandler(404)(func() (retort.H, int) { return retort.H{"error": "not found"}, 404 })
//
// Of several such blueprints the one with the longest prefix does. Its hooks are
// not called, because the request has no rule.
//
// Differs from Flask: without this option a request that no rule takes belongs to
// no blueprint, as there; Flask has no such option.
func HandleRoutingErrors() BlueprintOption {
	return blueprintOption(func(o *blueprintOptions) { o.routingErrors = true })
}

// NewBlueprint makes a blueprint. name comes before its endpoints, as in
// "blog.index", and must not hold a dot. Its templates and static files are below
// the directory of the source file that calls NewBlueprint, unless [RootPath] or
// [Files] says another place.
func NewBlueprint(name string, opts ...BlueprintOption) *Blueprint {
	at := callerOutside()
	checkBlueprintName(at, name)
	bp := &Blueprint{name: name, at: at}
	for _, opt := range opts {
		opt.applyBlueprint(&bp.options)
	}
	bp.lock = &setupLock{
		owner:  fmt.Sprintf("the blueprint %q", name),
		reason: "it has been registered, and what is added now would be missing there; move the call before RegisterBlueprint",
	}
	bp.add = bp.addURLRule
	bp.root = bp.options.findRoot(at)
	if bp.options.static.dir != "" {
		bp.static = bp.root.sub(bp.options.static.dir)
		bp.static.held = new(heldRoot)
	}
	return bp
}

func checkBlueprintName(at position, name string) {
	if name == "" || strings.Contains(name, ".") {
		panic(fmt.Sprintf("retort: %s: %q is no name for a blueprint: it must not be empty and not hold a dot, which stands between blueprint and endpoint", at, name))
	}
}

// Name is the name that was given to NewBlueprint.
func (bp *Blueprint) Name() string { return bp.name }

// addURLRule keeps a rule for the registrations.
func (bp *Blueprint) addURLRule(at position, rule, endpoint string, view any, opts []RouteOption) error {
	var o routeOptions
	o.apply(opts)
	for _, e := range []string{endpoint, o.endpoint} {
		if strings.Contains(e, ".") {
			return fmt.Errorf("%s: the endpoint %q in the blueprint %q holds a dot; the name of the blueprint is put before it anyway: %q is enough", at, e, bp.name, e[strings.LastIndexByte(e, '.')+1:])
		}
	}
	if _, err := o.viewOf(view); err != nil {
		return fmt.Errorf("%s: rule %q: %w", at, rule, err)
	}
	bp.deferred = append(bp.deferred, func(s *SetupState) { s.register(at, rule, endpoint, view, opts) })
	return nil
}

// RegisterBlueprint puts child into this blueprint: its rules, below the URL
// prefix of this one, and its hooks within those of this one. The options
// override those of child.
//
// Source: Flask: sansio/blueprints.py, register_blueprint.
func (bp *Blueprint) RegisterBlueprint(inner *Blueprint, opts ...RegistrationOption) {
	bp.lock.check("RegisterBlueprint")
	at := callerOutside()
	if inner == bp {
		panic(fmt.Sprintf("retort: %s: the blueprint %q cannot be registered with itself", at, bp.name))
	}
	if inner == nil {
		panic(fmt.Sprintf("retort: %s: RegisterBlueprint takes a blueprint, not nil", at))
	}
	bp.children = append(bp.children, child{inner, opts, at})
}

// Record has f called at each registration, after what was added before and
// before what is added later.
//
// Source: Flask: sansio/blueprints.py, record.
func (bp *Blueprint) Record(f func(*SetupState)) {
	bp.lock.check("Record")
	refuseNil("Record", f)
	bp.deferred = append(bp.deferred, f)
}

// RecordOnce is [Blueprint.Record] for the first registration with an app only.
//
// Source: Flask: sansio/blueprints.py, record_once.
func (bp *Blueprint) RecordOnce(f func(*SetupState)) {
	refuseNil("RecordOnce", f)
	bp.Record(func(s *SetupState) {
		if s.FirstRegistration {
			f(s)
		}
	})
}

// SetupState is one registration of a blueprint, for [Blueprint.Record].
//
// Source: Flask: sansio/blueprints.py, BlueprintSetupState.
type SetupState struct {
	// App is the app that the blueprint is registered with, also through others.
	App *App
	// Blueprint is the blueprint.
	Blueprint *Blueprint
	// Name is the name with those of the blueprints around it: "shop.cart".
	Name string
	// URLPrefix and Subdomain are those of this registration.
	URLPrefix, Subdomain string
	// FirstRegistration is true when the app had no registration of the
	// blueprint yet.
	FirstRegistration bool

	registration *registration
}

// AddURLRule registers a rule as the blueprint does it: below its prefix, with
// its name before the endpoint.
func (s *SetupState) AddURLRule(rule, endpoint string, view any, opts ...RouteOption) {
	s.App.lock.check("SetupState.AddURLRule")
	s.register(callerOutside(), rule, endpoint, view, opts)
}

func (s *SetupState) register(at position, rule, endpoint string, view any, opts []RouteOption) {
	if err := s.App.addURLRule(s.registration, at, rule, endpoint, view, opts); err != nil {
		panic("retort: " + err.Error())
	}
}

// Blueprints are the names of the blueprints of the rule that matched, the
// innermost first: "shop.cart", "shop". Without a match, and for a rule of the
// app itself, there are none.
//
// Source: Flask: wrappers.py, Request.blueprints.
func (r *Request) Blueprints() []string {
	var names []string
	if rt := r.c.route; rt != nil {
		for reg := rt.registration; reg != nil; reg = reg.parent {
			names = append(names, reg.name)
		}
	}
	return names
}

// Blueprint is the name under which the blueprint of the rule that matched is
// registered, "" when there is none.
//
// Source: Flask: wrappers.py, Request.blueprint.
func (r *Request) Blueprint() string {
	if rt := r.c.route; rt != nil && rt.registration != nil {
		return rt.registration.name
	}
	return ""
}

// mergedDefaults are those of the blueprint with those of the registration.
func mergedDefaults(own, given []urlmap.Value) []urlmap.Value {
	out := slices.Clone(own)
	for _, d := range given {
		out = withDefault(out, d)
	}
	return out
}
