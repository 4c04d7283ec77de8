package retort

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/retort-go/retort/internal/urlmap"
)

// BuildError says why a URL could not be built: it names the endpoint, the
// nearest one that exists, and the values that are missing.
//
// Source: Werkzeug: routing/exceptions.py, BuildError.
type BuildError = urlmap.BuildError

// URLOption is an option among the arguments of [Context.URLFor].
type URLOption interface{ applyURL(urlOptions) urlOptions }

type urlOptions struct {
	build     urlmap.BuildOptions
	anchor    string
	hasAnchor bool
	hasScheme bool
	external  *bool
}

// urlOption gives the options that it changes: through a pointer they would all
// be on the heap.
type urlOption func(urlOptions) urlOptions

func (f urlOption) applyURL(o urlOptions) urlOptions { return f(o) }

// Anchor puts #name at the end of the URL.
func Anchor(name string) URLOption {
	return urlOption(func(o urlOptions) urlOptions { o.anchor, o.hasAnchor = name, true; return o })
}

// External asks for a URL with scheme and host; External(false) for one without.
func External(external ...bool) URLOption {
	yes := len(external) == 0 || external[0]
	return urlOption(func(o urlOptions) urlOptions { o.external = &yes; return o })
}

// Scheme asks for a URL with scheme and host, and this scheme: "https", or "" for
// that of the page that the URL stands on, "//example.com/".
func Scheme(scheme string) URLOption {
	return urlOption(func(o urlOptions) urlOptions { o.build.Scheme, o.hasScheme = scheme, true; return o })
}

// Method asks for the rule of the endpoint that answers this method.
func Method(method string) URLOption {
	return urlOption(func(o urlOptions) urlOptions { o.build.Method = strings.ToUpper(method); return o })
}

// URLFor builds the URL of an endpoint. args are names and values in pairs,
// mixed with options:
//
//	c.URLFor("user", "id", 7, "tab", "posts", retort.Anchor("last")) // /user/7?tab=posts#last
//
// Values that are no variables of the rule become its query, in the order
// written; a slice repeats its name; nil is left out. An endpoint that starts
// with a dot is one of the current blueprint. The URL has no host unless
// [External] or [Scheme] asks for it.
//
// It panics with a *[BuildError] when the URL cannot be built, which in a view
// is a 500, and when args are no pairs.
//
// Source: Flask: app.py, url_for.
func (c *Context) URLFor(endpoint string, args ...any) string {
	url, err := c.buildURL(endpoint, args)
	if err != nil {
		panic(err)
	}
	return url
}

// URLFor is [Context.URLFor] outside a request: the URL is external unless
// External(false) is given, and SERVER_NAME must be configured.
func (a *App) URLFor(endpoint string, args ...any) string {
	return (&Context{App: a}).URLFor(endpoint, args...)
}

// URLBuildErrorHandler has f called when URLFor fails; what it returns is the
// URL. "" and no error leaves it to the next function; an error takes the place
// of the first one.
//
// Source: Flask: sansio/app.py, handle_url_build_error.
func (a *App) URLBuildErrorHandler(f func(err *BuildError, endpoint string, values H) (string, error)) {
	a.lock.check("URLBuildErrorHandler")
	refuseNil("URLBuildErrorHandler", f)
	a.buildErrorHandlers = append(a.buildErrorHandlers, f)
}

func (c *Context) buildURL(endpoint string, args []any) (string, error) {
	values, o := urlArguments(args)
	endpoint = c.absoluteEndpoint(endpoint)
	adapter, err := c.urlAdapter()
	if err != nil {
		return "", err
	}
	external := o.hasScheme || c.Request == nil
	if o.external != nil {
		external = *o.external
	}
	if !external && o.hasScheme {
		return "", errors.New("retort: URLFor with a Scheme gives an external URL; leave External(false) out")
	}
	if o.hasScheme && o.build.Scheme == "" {
		schemeless := *adapter
		schemeless.Scheme = ""
		adapter = &schemeless
	}
	o.build.External = external
	o.build.AppendUnknown = true
	values = c.addURLDefaults(endpoint, values)
	url, mounted, err := c.App.mountedURL(adapter, endpoint, values, o.build)
	if !mounted {
		url, err = adapter.Build(endpoint, values, o.build)
	}
	if err != nil {
		return c.App.handleBuildError(err, endpoint, values)
	}
	if o.hasAnchor {
		url += "#" + urlmap.QuoteAnchor(o.anchor)
	}
	return url, nil
}

// urlArguments reads the arguments of URLFor.
func urlArguments(args []any) ([]urlmap.Value, urlOptions) {
	var o urlOptions
	values := make([]urlmap.Value, 0, (len(args)+1)/2)
	for i := 0; i < len(args); i++ {
		switch arg := args[i].(type) {
		case URLOption:
			o = arg.applyURL(o)
		case string:
			if i++; i == len(args) {
				panic(fmt.Sprintf("retort: URLFor takes names and values in pairs, but the last name, %q, has no value", arg))
			}
			if _, option := args[i].(URLOption); option {
				panic(fmt.Sprintf("retort: URLFor takes names and values in pairs, but after the name %q comes an option instead of its value", arg))
			}
			values = append(values, urlmap.Value{Name: arg, Value: args[i]})
		default:
			panic(fmt.Sprintf("retort: URLFor takes names and values in pairs: argument %d should be a name, and is the %T %v", i+2, arg, arg))
		}
	}
	return values, o
}

// absoluteEndpoint resolves an endpoint that starts with a dot.
func (c *Context) absoluteEndpoint(endpoint string) string {
	if endpoint == "" || endpoint[0] != '.' || c.Request == nil {
		return endpoint
	}
	if c.route == nil || c.route.registration == nil {
		return endpoint[1:]
	}
	return c.route.registration.name + endpoint
}

// endpointScopes are those of the rules of an endpoint.
func (a *App) endpointScopes(endpoint string) []*scope {
	if rt := a.endpoints[endpoint]; rt != nil {
		return rt.scopes
	}
	return []*scope{&a.scope}
}

// addURLDefaults has the URLDefaults functions change the values. Those that
// are new come last, sorted by name.
func (c *Context) addURLDefaults(endpoint string, values []urlmap.Value) []urlmap.Value {
	var funcs []func(*Context, string, H)
	for _, s := range c.App.endpointScopes(endpoint) {
		funcs = append(funcs, s.urlDefaults...)
	}
	if len(funcs) == 0 {
		return values
	}
	h := make(H, len(values))
	for _, v := range values {
		h[v.Name] = v.Value
	}
	in := c
	if c.Request == nil {
		in = nil
	}
	for _, f := range funcs {
		f(in, endpoint, h)
	}
	var out []urlmap.Value
	for _, v := range values {
		if changed, ok := h[v.Name]; ok {
			out = append(out, urlmap.Value{Name: v.Name, Value: changed})
			delete(h, v.Name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(h)) {
		out = append(out, urlmap.Value{Name: name, Value: h[name]})
	}
	return out
}

// handleBuildError gives the URL of a URLBuildErrorHandler, or the error.
func (a *App) handleBuildError(err error, endpoint string, values []urlmap.Value) (string, error) {
	var failed *BuildError
	if !errors.As(err, &failed) {
		return "", fmt.Errorf("retort: URLFor(%q): %w", endpoint, err)
	}
	h := make(H, len(values))
	for _, v := range values {
		h[v.Name] = v.Value
	}
	for _, f := range a.buildErrorHandlers {
		url, err := f(failed, endpoint, h)
		if err != nil {
			return "", err
		}
		if url != "" {
			return url, nil
		}
	}
	return "", failed
}

// urlAdapter gives the URL map as this request sees it. Outside a request it is
// that of SERVER_NAME.
func (c *Context) urlAdapter() (*urlmap.Adapter, error) {
	if c.Request == nil {
		return c.App.urlAdapter()
	}
	x := c.more()
	if adapter := x.adapter.Load(); adapter != nil {
		return adapter, nil
	}
	s := c.App.settings()
	b := urlmap.Binding{
		Host:        c.request.Host(),
		ServerName:  s.serverName,
		ScriptName:  c.request.ScriptRoot(),
		Scheme:      c.request.Scheme(),
		Method:      c.request.http.Method,
		QueryString: c.request.http.URL.RawQuery,
	}
	if s.matchesHost {
		b.ServerName = ""
	}
	adapter, err := c.App.urls.Bind(b)
	if bad := (*urlmap.HostError)(nil); errors.As(err, &bad) {
		return nil, &HTTPError{Code: http.StatusBadRequest, Description: "The Host field is not a host name with an optional port.", original: err}
	}
	if err != nil {
		return nil, err
	}
	x.adapter.Store(&adapter)
	return &adapter, nil
}

func (a *App) urlAdapter() (*urlmap.Adapter, error) {
	s := a.settings()
	if s.serverName == "" {
		return nil, errors.New(`retort: URLFor outside a request needs to know the host: set app.Config.Set("SERVER_NAME", "example.com"), and APPLICATION_ROOT and PREFERRED_URL_SCHEME if they are not "/" and "http"`)
	}
	adapter, err := a.urls.Bind(urlmap.Binding{
		Host:       s.serverName,
		ServerName: s.serverName,
		ScriptName: s.applicationRoot,
		Scheme:     s.scheme,
		Method:     http.MethodGet,
	})
	adapter.ServerName = s.serverName // with its port, also the default one
	return &adapter, err
}
