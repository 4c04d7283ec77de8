package retort

import (
	"fmt"
	"slices"
	"strings"

	"github.com/retort-go/retort/internal/urlmap"
)

// RouteOption is an option of [App.Route] and its relatives. The set is closed.
type RouteOption interface{ applyRoute(*routeOptions) }

type routeOptions struct {
	spec        urlmap.Spec
	endpoint    string
	methods     []string
	autoOptions *bool
	conditions  []condition
	anyOrigin   bool // AllowCrossOrigin
}

func (o *routeOptions) apply(opts []RouteOption) {
	for _, opt := range opts {
		opt.applyRoute(o)
	}
}

type routeOption func(*routeOptions)

func (f routeOption) applyRoute(o *routeOptions) { f(o) }

// Methods are the methods that the rule answers, GET by default. GET brings
// HEAD.
func Methods(methods ...string) RouteOption {
	for _, m := range methods {
		if m == "" || strings.ContainsAny(m, " ,;") {
			panic(fmt.Sprintf("retort: Methods(%q): %q is no method; each method is an argument of its own: Methods(\"GET\", \"POST\")", methods, m))
		}
	}
	return routeOption(func(o *routeOptions) {
		for _, m := range methods {
			o.methods = append(o.methods, strings.ToUpper(m))
		}
	})
}

// Endpoint is the name of the rule for [Context.URLFor].
func Endpoint(name string) RouteOption {
	return routeOption(func(o *routeOptions) { o.endpoint = name })
}

// Default gives the view an argument that is not in the rule. When another rule
// of the same endpoint has a variable of that name, a request for the variable
// with this value is redirected to the shorter rule.
//
//	app.Get("/all/", retort.Default("page", 1))(app.Get("/all/page/<int:page>")(page))
//
// In a blueprint it is for all of its rules; that of a registration comes before
// that of the blueprint, and that of the rule before both.
//
// Source: Flask: sansio/scaffold.py, defaults; sansio/blueprints.py,
// url_defaults.
func Default(name string, value any) interface {
	RouteOption
	BlueprintOption
	RegistrationOption
} {
	d := urlmap.Value{Name: name, Value: value}
	return sharedOption{
		func(o *routeOptions) { o.spec.Defaults = withDefault(o.spec.Defaults, d) },
		func(o *registrationOptions) { o.defaults = withDefault(o.defaults, d) },
	}
}

// withDefault adds d to defaults, or puts it in the place of that of its name.
func withDefault(defaults []urlmap.Value, d urlmap.Value) []urlmap.Value {
	for i := range defaults {
		if defaults[i].Name == d.Name {
			defaults = slices.Clone(defaults)
			defaults[i] = d
			return defaults
		}
	}
	return append(slices.Clip(defaults), d)
}

// sharedOption is an option of a rule that can be given for all of a blueprint.
type sharedOption struct {
	routeOption
	registrationOption
}

// StrictSlashes says whether a rule that ends in a slash redirects the path
// without it there (true, the default), or answers both.
func StrictSlashes(strict bool) RouteOption {
	return routeOption(func(o *routeOptions) { o.spec.StrictSlashes = &strict })
}

// MergeSlashes says whether a path with several slashes in a row is redirected
// to the one with single slashes (true, the default), or is not found.
func MergeSlashes(merge bool) RouteOption {
	return routeOption(func(o *routeOptions) { o.spec.MergeSlashes = &merge })
}

// Subdomain is the subdomain of the rule, or of all rules of a blueprint; it may
// hold variables and needs [SubdomainMatching]. That of a nested blueprint is
// below that of its parent: "a" in "b" is a.b.
func Subdomain(subdomain string) interface {
	RouteOption
	BlueprintOption
	RegistrationOption
} {
	return sharedOption{
		func(o *routeOptions) { o.spec.Subdomain = subdomain },
		func(o *registrationOptions) { o.subdomain = &subdomain },
	}
}

// Host is the host of the rule, which may hold variables. It needs
// [HostMatching]; registering a rule with it panics in another app.
//
// Differs from Flask: without host matching a host is not passed over, because
// what is meant for one host would be shown on all.
func Host(host string) RouteOption {
	return routeOption(func(o *routeOptions) { o.spec.Host = host })
}

// RedirectTo has the rule redirect (308) instead of calling a view. target is a
// URL, relative to the root of the app, with the variables of the rule as
// <name>.
func RedirectTo(target string) RouteOption {
	return routeOption(func(o *routeOptions) { o.spec.RedirectTo = target })
}

// RedirectToFunc is [RedirectTo] with a function that gives the target.
func RedirectToFunc(f func(values H) (string, error)) RouteOption {
	refuseNil("RedirectToFunc", f)
	return routeOption(func(o *routeOptions) {
		o.spec.RedirectToFunc = func(values []urlmap.Value) (string, error) {
			h := make(H, len(values))
			for _, v := range values {
				h[v.Name] = v.Value
			}
			return f(h)
		}
	})
}

// Alias marks a rule as another spelling of its endpoint's proper one, to which
// it redirects (308).
func Alias() RouteOption { return routeOption(func(o *routeOptions) { o.spec.Alias = true }) }

// WebSocket has the rule answer WebSocket handshakes only: another request for
// its path is a 400, unless a rule without this option has the path too. Its
// URLs are ws: or wss: and always whole. The methods are GET, HEAD and OPTIONS
// at most, and OPTIONS is not answered by itself.
//
// The view is what speaks the protocol: a plain handler that takes the
// connection over, or what the package websocket makes, which sets the option
// itself.
//
// Source: Werkzeug: routing/rules.py, Rule(websocket=True); RFC 6455 §4.
func WebSocket() RouteOption { return routeOption(func(o *routeOptions) { o.spec.WebSocket = true }) }

// BuildOnly has URLFor use the rule, and no request match it.
func BuildOnly() RouteOption { return routeOption(func(o *routeOptions) { o.spec.BuildOnly = true }) }

// ProvideAutomaticOptions says whether OPTIONS is answered without the view.
// The default is the configuration's PROVIDE_AUTOMATIC_OPTIONS, and false for a
// rule that has OPTIONS among its methods.
func ProvideAutomaticOptions(provide bool) RouteOption {
	return routeOption(func(o *routeOptions) { o.autoOptions = &provide })
}
