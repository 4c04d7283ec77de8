package retort

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/gorilla/mux"

	"github.com/retort-go/retort/gateway"
	"github.com/retort-go/retort/internal/urlmap"
)

// mount is a handler that takes the requests below a prefix.
type mount struct {
	prefix string // "" or "/a/b": no slash at the end
	router *mux.Router
	route  *route // the view and the endpoint
}

// Mount has h answer the requests below prefix that no rule of the app
// answers, inside the context, hooks and error pages of the app. h sees the
// path below the prefix; of several mounts the one with the longest prefix is
// asked first. The prefix "/" mounts h at the root, so that an app can take over
// the routes of another one by one.
//
// A path with several slashes in a row or dot segments is redirected (308) to
// the clean one below the prefix, and h never gets a path that starts with "//"
// or "/\". When h itself redirects a path to the one with or without its last
// slash, as routers do, the Location gets the prefix that h does not know of.
//
// When h is a *mux.Router, a request that it has no route for goes on to the
// next mount, and is the app's 404 or 405 in the end: the NotFoundHandler and
// the MethodNotAllowedHandler of the router are not called. Its routes are
// listed in [App.URLMap], its named routes are endpoints of URLFor, and
// [mux.Vars] works in its handlers. Any other handler takes every request below
// the prefix.
//
// It panics when h is nil, and when prefix is no path or taken by another mount.
func (a *App) Mount(prefix string, h http.Handler) {
	a.lock.check("Mount")
	at := callerOutside()
	if h == nil || isNil(h) {
		panic(fmt.Sprintf("retort: %s: Mount(%q): the handler is nil", at, prefix))
	}
	if !strings.HasPrefix(prefix, "/") || strings.ContainsAny(prefix, "<>{}\\") || path.Clean(prefix) != strings.TrimRight(prefix, "/") && prefix != "/" {
		panic(fmt.Sprintf("retort: %s: Mount(%q): the prefix is a path like \"/legacy\", without variables; \"/\" mounts at the root", at, prefix))
	}
	prefix = strings.TrimRight(prefix, "/")
	for _, m := range a.mounts {
		if m.prefix == prefix {
			panic(fmt.Sprintf("retort: %s: Mount(%q): another handler is mounted there, at %s", at, prefix+"/", m.route.at))
		}
	}
	router, _ := h.(*mux.Router)
	m := &mount{prefix: prefix, router: router}
	m.route = &route{endpoint: "mount " + prefix + "/", at: at, scopes: []*scope{&a.scope}, mount: m}
	m.route.stub = handlerView(h, keepsPrefix(h)).stub(nil, nil)
	a.mounts = append(a.mounts, m)
	slices.SortStableFunc(a.mounts, func(m, n *mount) int { return len(n.prefix) - len(m.prefix) })
}

// mounted gives the route of the mount that takes the request. When none does,
// the error is a redirect, a 405, or what the app itself refused it with. A
// panic of a matcher of the router is an error like a view's.
func (a *App) mounted(c *Context, refused error) (rt *route, err error) {
	defer func() {
		if v := recover(); v != nil {
			rt, err = nil, thrownError(v)
		}
	}()
	p := c.request.Path()
	for _, m := range a.mounts {
		below, ok := m.below(p)
		if !ok {
			continue
		}
		if clean := cleanPath(below); clean != below {
			return nil, a.mountRedirect(c, m.prefix+clean)
		}
		rt, allow := m.match(c, below)
		if rt != nil {
			return rt, nil
		}
		if len(allow) > 0 {
			return nil, methodNotAllowed(refused, allow)
		}
	}
	return nil, refused
}

// methodNotAllowed is the 405 of a router, with the methods of the app's own if
// refused is one too.
func methodNotAllowed(refused error, allow []string) error {
	if e, ok := httpError(refused); ok && e.Code == http.StatusMethodNotAllowed {
		allow = append(allow, strings.Split(e.Header.Get("Allow"), ", ")...)
	}
	slices.Sort(allow)
	e := newHTTPError(http.StatusMethodNotAllowed)
	e.Header = http.Header{"Allow": {strings.Join(slices.Compact(allow), ", ")}}
	return e
}

// below is the path below the mount's prefix.
func (m *mount) below(p string) (string, bool) {
	rest, ok := strings.CutPrefix(p, m.prefix)
	switch {
	case !ok || strings.HasPrefix(rest, `/\`):
		return "", false
	case rest == "":
		return "/", true
	}
	return rest, rest[0] == '/'
}

// cleanPath takes out empty and dot segments; a slash at the end stays.
func cleanPath(p string) string {
	clean := path.Clean(p)
	if strings.HasSuffix(p, "/") && clean != "/" {
		clean += "/"
	}
	return clean
}

func (a *App) mountRedirect(c *Context, p string) error {
	adapter, err := c.urlAdapter()
	if err != nil {
		return err
	}
	to := origin(adapter, "") + urlmap.QuotePath(c.request.ScriptRoot()+p)
	if q := c.request.QueryString(); q != "" {
		to += "?" + withoutFragment(q)
	}
	return routingRedirect(to)
}

// origin is scheme and host of the request, "" when the host is not known.
func origin(adapter *urlmap.Adapter, scheme string) string {
	if adapter.ServerName == "" {
		return ""
	}
	host := adapter.ServerName
	if adapter.Subdomain != "" {
		host = adapter.Subdomain + "." + host
	}
	if scheme = cmp.Or(scheme, adapter.Scheme); scheme != "" {
		scheme += ":"
	}
	return scheme + "//" + host
}

// keepsPrefix is h with the prefix of the mount in front of its redirects for
// the sake of the last slash.
func keepsPrefix(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		from, prefix := *r.URL, urlmap.QuotePath(gateway.ScriptNameOf(r))
		if prefix != "" {
			FromContext(r.Context()).AfterThisRequest(func(res *Response) {
				if to, ok := slashRedirect(res, &from); ok {
					res.Header.Set("Location", prefix+to)
				}
			})
		}
		h.ServeHTTP(w, r)
	})
}

// slashRedirect gives the path and query that a response redirects to, if that
// is where the request came from with one slash more or less at the end.
func slashRedirect(res *Response, from *url.URL) (string, bool) {
	switch res.Status {
	case http.StatusMovedPermanently, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
	default:
		return "", false
	}
	to, err := url.Parse(res.Header.Get("Location"))
	if err != nil || to.Scheme != from.Scheme || to.Host != from.Host || to.Path != from.Path+"/" && to.Path+"/" != from.Path {
		return "", false
	}
	to.Scheme, to.Host = "", "" // of an absolute target
	return to.String(), true
}

// match asks the mount whether it has a route. Only a router can say no, and
// then which methods it has for the path.
func (m *mount) match(c *Context, below string) (rt *route, allow []string) {
	if m.router == nil {
		return m.route, nil
	}
	r := m.request(c.request.http)
	var found mux.RouteMatch
	if m.router.Match(r, &found) && found.MatchErr == nil {
		return m.route, nil
	}
	if errors.Is(found.MatchErr, mux.ErrMethodMismatch) {
		return nil, m.allow(r)
	}
	return nil, nil
}

// allow lists the methods that the router has for the path of r.
func (m *mount) allow(r *http.Request) []string {
	var methods []string
	for _, method := range m.methods() {
		try := r.Clone(r.Context())
		try.Method = method
		var found mux.RouteMatch
		if m.router.Match(try, &found) && found.MatchErr == nil {
			methods = append(methods, method)
		}
	}
	return methods
}

// methods lists the methods that routes of the router ask for, sorted.
func (m *mount) methods() []string {
	var all []string
	_ = m.router.Walk(func(rt *mux.Route, _ *mux.Router, _ []*mux.Route) error {
		methods, _ := rt.GetMethods() // none: any
		all = append(all, methods...)
		return nil
	})
	slices.Sort(all)
	return slices.Compact(all)
}

// request is r as the mounted handler sees it: the bytes of the path are those
// that the client sent, as net/http has it.
func (m *mount) request(r *http.Request) *http.Request {
	below, ok := m.below("/" + strings.TrimLeft(r.URL.Path, "/"))
	if !ok { // a prefix with U+FFFD, which took bytes that are no text
		below, _ = m.below(routePath(r.URL.Path))
	}
	u := *r.URL
	u.Path, u.RawPath = below, ""
	u.RawQuery = withoutFragment(u.RawQuery)
	sub := gateway.WithScriptName(r, gateway.ScriptNameOf(r)+m.prefix)
	sub.URL = &u
	return sub
}

// withoutFragment encodes the "#" that a request line may hold and the query of
// a URL may not: it would begin a fragment, which routers do not expect.
func withoutFragment(query string) string { return strings.ReplaceAll(query, "#", "%23") }

// mountedURL builds the URL of a named route of a mounted router. It reports
// whether there is one.
func (a *App) mountedURL(adapter *urlmap.Adapter, endpoint string, values []urlmap.Value, o urlmap.BuildOptions) (string, bool, error) {
	if len(a.urls.EndpointRules(endpoint)) > 0 {
		return "", false, nil
	}
	for _, m := range a.mounts {
		if m.router == nil {
			continue
		}
		if rt := m.router.Get(endpoint); rt != nil {
			p, err := m.buildURL(rt, values)
			if err != nil {
				return "", true, fmt.Errorf("the router mounted at %q builds no URL for its route %q: %s; give the values by name: URLFor(%[2]q, \"name\", value)",
					m.prefix+"/", endpoint, strings.TrimPrefix(err.Error(), "mux: "))
			}
			p = urlmap.QuotePath(strings.TrimRight(adapter.ScriptName, "/")) + p
			if o.External {
				p = origin(adapter, o.Scheme) + p
			}
			return p, true, nil
		}
	}
	return "", false, nil
}

// buildURL fills the route's variables; other values become the query.
func (m *mount) buildURL(rt *mux.Route, values []urlmap.Value) (string, error) {
	names, err := rt.GetVarNames()
	if err != nil {
		return "", err
	}
	var pairs, query []string
	for _, v := range values {
		switch {
		case !slices.Contains(names, v.Name):
			query = appendEncoded(query, v.Name, v.Value)
		case v.Value != nil:
			pairs = append(pairs, v.Name, fmt.Sprint(v.Value))
		}
	}
	u, err := rt.URLPath(pairs...)
	if err != nil {
		return "", err
	}
	p := "/" + strings.TrimLeft(strings.ReplaceAll(u.EscapedPath(), `\`, "%5C"), "/")
	if len(query) > 0 {
		p += "?" + strings.Join(query, "&")
	}
	return urlmap.QuotePath(m.prefix) + p, nil
}
