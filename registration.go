package retort

import (
	"fmt"
	"strings"

	"github.com/retort-go/retort/internal/urlmap"
)

// RegistrationOption is an option of RegisterBlueprint. The set is closed.
type RegistrationOption interface{ applyRegistration(*registrationOptions) }

// registrationOptions say where and how a blueprint is registered.
type registrationOptions struct {
	name      string
	prefix    *string
	subdomain *string
	defaults  []urlmap.Value
	anyOrigin bool    // AllowCrossOrigin
	cliGroup  *string // CLIGroup
}

type registrationOption func(*registrationOptions)

func (f registrationOption) applyRegistration(o *registrationOptions) { f(o) }
func (f registrationOption) applyBlueprint(o *blueprintOptions)       { f(&o.registrationOptions) }

// URLPrefix comes before all rules of a blueprint; it may hold variables. That of
// a registration takes the place of the blueprint's own, and that of a nested
// blueprint is below that of its parent. With a prefix the rule "" is the prefix
// itself.
//
// Source: Flask: sansio/blueprints.py, url_prefix.
func URLPrefix(prefix string) interface {
	BlueprintOption
	RegistrationOption
} {
	return registrationOption(func(o *registrationOptions) { o.prefix = &prefix })
}

// Name is the name under which a blueprint is registered, in the place of its
// own: needed when it is registered twice.
//
// Source: Flask: sansio/blueprints.py, register_blueprint(name=…).
func Name(name string) RegistrationOption {
	at := callerOutside()
	checkBlueprintName(at, name)
	return nameOption(name)
}

type nameOption string

func (n nameOption) applyRegistration(o *registrationOptions) { o.name = string(n) }

// registration is a blueprint as it was registered. The methods take nil for the
// app itself.
type registration struct {
	bp     *Blueprint
	parent *registration // nil: with the app
	name   string        // with those of the parents: "shop.cart"
	at     position
	registrationOptions
	scopes []*scope
}

// RegisterBlueprint puts a blueprint into the app. The options override its own.
//
// It panics when the name is taken, and when a rule or view of the blueprint is
// wrong, as [App.Route] does.
//
// Source: Flask: sansio/app.py, register_blueprint.
func (a *App) RegisterBlueprint(bp *Blueprint, opts ...RegistrationOption) {
	a.lock.check("RegisterBlueprint")
	at := callerOutside()
	if bp == nil {
		panic(fmt.Sprintf("retort: %s: RegisterBlueprint takes a blueprint, not nil", at))
	}
	a.registerBlueprint(nil, child{bp, opts, at})
}

// registerBlueprint registers a blueprint and those in it.
func (a *App) registerBlueprint(parent *registration, c child) {
	reg := newRegistration(parent, c)
	for outer := parent; outer != nil; outer = outer.parent {
		if outer.bp == c.bp {
			panic(fmt.Sprintf("retort: %s: the blueprint %q is registered within itself, as %q, so there is no end; leave this RegisterBlueprint out", reg.at, c.bp.name, reg.name))
		}
	}
	first := true
	for _, old := range a.blueprints {
		first = first && old.bp != c.bp
		if old.name == reg.name {
			panic(nameTaken(old, reg))
		}
	}
	reg.scopes = append(append([]*scope{}, parent.scopesIn(a)...), &c.bp.scope)
	a.blueprints = append(a.blueprints, reg)
	c.bp.lock.locked.Store(true)
	state := reg.setupState(a, first)
	reg.addStatic(state)
	for _, f := range c.bp.deferred {
		f(state)
	}
	for _, inner := range c.bp.children {
		a.registerBlueprint(reg, inner)
	}
}

func nameTaken(old, reg *registration) string {
	which := "another blueprint"
	if old.bp == reg.bp {
		which = "this blueprint"
	}
	return fmt.Sprintf("retort: %s: the name %q is that of %s already, registered at %s; register it under a name of its own with retort.Name", reg.at, reg.name, which, old.at)
}

// newRegistration works out name, prefix, subdomain and defaults.
func newRegistration(parent *registration, c child) *registration {
	reg := &registration{bp: c.bp, parent: parent, at: c.at, registrationOptions: c.bp.options.registrationOptions}
	given := registrationOptions{}
	for _, opt := range c.opts {
		opt.applyRegistration(&given)
	}
	if given.prefix != nil {
		reg.prefix = given.prefix
	}
	if given.subdomain != nil {
		reg.subdomain = given.subdomain
	}
	if given.cliGroup != nil {
		reg.cliGroup = given.cliGroup
	}
	reg.defaults = mergedDefaults(reg.defaults, given.defaults)
	reg.anyOrigin = reg.anyOrigin || given.anyOrigin || parent != nil && parent.anyOrigin
	reg.name = c.bp.name
	if given.name != "" {
		reg.name = given.name
	}
	if parent != nil {
		reg.name = parent.name + "." + reg.name
		reg.prefix = joinPrefix(parent.prefix, reg.prefix)
		reg.subdomain = joinSubdomain(reg.subdomain, parent.subdomain)
	}
	return reg
}

// joinPrefix is the prefix of a blueprint in another one.
func joinPrefix(outer, inner *string) *string {
	switch {
	case outer == nil:
		return inner
	case inner == nil:
		return outer
	}
	return new(strings.TrimRight(*outer, "/") + "/" + strings.TrimLeft(*inner, "/"))
}

// joinSubdomain is the subdomain of a blueprint in another one.
func joinSubdomain(inner, outer *string) *string {
	switch {
	case outer == nil:
		return inner
	case inner == nil:
		return outer
	}
	return new(*inner + "." + *outer)
}

func (reg *registration) setupState(a *App, first bool) *SetupState {
	s := &SetupState{App: a, Blueprint: reg.bp, Name: reg.name, FirstRegistration: first, registration: reg}
	if reg.prefix != nil {
		s.URLPrefix = *reg.prefix
	}
	if reg.subdomain != nil {
		s.Subdomain = *reg.subdomain
	}
	return s
}

// addStatic registers the rule of the blueprint's static files.
func (reg *registration) addStatic(s *SetupState) {
	o := &reg.bp.options.static
	if o.dir == "" {
		return
	}
	age := sendFileOption(func(o *sendOptions) { o.fileAge = reg.bp.sendFileMaxAge })
	view := staticView(reg.bp.static, append([]SendFileOption{age}, o.send...))
	if err := s.App.addURLRule(reg, reg.bp.at, o.rule(), "static", view, nil); err != nil {
		panic(fmt.Sprintf("retort: the static files of the blueprint %q: %v; give the blueprint a URLPrefix, or its files a StaticURLPath", reg.name, err))
	}
}

// rule puts the prefix before a rule.
func (reg *registration) rule(rule string) string {
	switch {
	case reg == nil || reg.prefix == nil || *reg.prefix == "":
		return rule
	case rule == "":
		return *reg.prefix
	}
	return strings.TrimRight(*reg.prefix, "/") + "/" + strings.TrimLeft(rule, "/")
}

// endpoint puts the name before an endpoint.
func (reg *registration) endpoint(endpoint string) string {
	if reg == nil {
		return endpoint
	}
	return reg.name + "." + endpoint
}

// routeOptions are what the options of a rule start from.
func (reg *registration) routeOptions() routeOptions {
	var o routeOptions
	if reg != nil {
		o.spec.Defaults, o.anyOrigin = reg.defaults, reg.anyOrigin
		if reg.subdomain != nil {
			o.spec.Subdomain = *reg.subdomain
		}
	}
	return o
}

// scopesIn are the scopes of a rule, the outermost, that of a, first.
func (reg *registration) scopesIn(a *App) []*scope {
	if reg == nil {
		return []*scope{&a.scope}
	}
	return reg.scopes
}

// origin says for a message where the prefix of a rule comes from.
func (reg *registration) origin() string {
	if reg == nil || reg.prefix == nil || *reg.prefix == "" {
		return ""
	}
	return fmt.Sprintf(", with the prefix %q of the blueprint %q, registered at %s", *reg.prefix, reg.name, reg.at)
}
