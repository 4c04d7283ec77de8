package retort

import (
	"net/http"
	"strings"

	"github.com/retort-go/retort/internal/urlmap"
)

// lookUp asks the URL map for the rule of a request, unless it is refused.
func (a *App) lookUp(f *frozen, r *http.Request, match *urlmap.Match) (refused error) {
	path := r.URL.Path
	if path == "" || path[0] != '/' || r.URL.Scheme != "" || !validHost(r.Host) || r.Method == http.MethodConnect || f.settings.trustedHosts != nil {
		if err := refuse(r, f.settings.trustedHosts); err != nil {
			return err
		}
		path = "/" + strings.TrimPrefix(path, "/")
	}
	var q urlmap.Query
	q.Path, q.Method = validUTF8(path), r.Method
	if f.asksMore {
		return a.lookUpMore(f, r, &q, match)
	}
	a.urls.Lookup(&q, match)
	return nil
}

// lookUpMore is lookUp for a map that looks at more than path and method, or
// calls code of the application. A panic there is the error of the request.
func (a *App) lookUpMore(f *frozen, r *http.Request, q *urlmap.Query, match *urlmap.Match) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = thrownError(v)
		}
	}()
	a.askMore(f, r, q)
	a.urls.Lookup(q, match)
	return nil
}

// newRoutedContext makes the Context of a request that has been looked up.
func (a *App) newRoutedContext(f *frozen, w http.ResponseWriter, r *http.Request) *Context {
	var match urlmap.Match
	refused := a.lookUp(f, r, &match)
	c := newContext(a, w, r)
	c.routed(&match, refused)
	return c
}

// askMore adds what only some maps ask for: the domain, the kind of request, the
// conditions.
func (a *App) askMore(f *frozen, r *http.Request, q *urlmap.Query) {
	q.WebSocket = a.hasWebSocket && isWebSocket(r)
	if f.settings.matchesHost || f.settings.matchesSubdomain {
		scheme := (&Request{http: r}).Scheme()
		q.Domain = a.urls.Domain(canonicalHost(r.Host, scheme), f.settings.serverName, scheme)
	}
	if a.hasConditional {
		q.Accept = func(rule *urlmap.Rule) bool { return a.routes[rule.Index].accepts(r) }
	}
}

// refuse says why a target or host cannot be served.
func refuse(r *http.Request, trusted trustedHosts) error {
	switch path := r.URL.Path; {
	case r.Method == http.MethodConnect:
		return &HTTPError{Code: http.StatusMethodNotAllowed, Description: "This is not a proxy: CONNECT is not answered here."}
	case !validHost(r.Host):
		return Error(http.StatusBadRequest, "The Host field is not a host name with an optional port.")
	case trusted != nil && !trusted.trusts(r.Host):
		return distrust()
	case (r.URL.Scheme == "ws" || r.URL.Scheme == "wss") && !isWebSocket(r):
		return Error(http.StatusBadRequest, "This is no WebSocket handshake, but a proxy says that it is one.")
	case r.URL.Opaque != "":
		return Error(http.StatusBadRequest, "The target of the request is neither a path nor an http URL.")
	case path == "":
		return nil // an absolute target without a path
	case path == "*" && r.Method == http.MethodOptions:
		return nil
	case path[0] != '/':
		return Error(http.StatusBadRequest, "The target of the request is not a path that starts with a slash.")
	}
	return nil
}

// isWebSocket reports whether r asks for the WebSocket protocol (RFC 6455 §4.1).
func isWebSocket(r *http.Request) bool {
	return strings.EqualFold(r.Header.Get("Upgrade"), "websocket") &&
		strings.Contains(strings.ToLower(r.Header.Get("Connection")), "upgrade")
}

// routed keeps what came of the routing: a rule, or an error for step 5.
func (c *Context) routed(match *urlmap.Match, refused error) {
	if refused == nil {
		refused = c.routingError(match)
		missed := match.Outcome == urlmap.NotFound || match.Outcome == urlmap.MethodNotAllowed
		if missed && len(c.App.mounts) > 0 {
			c.route, refused = c.App.mounted(c, refused)
		}
	}
	switch {
	case refused != nil:
		c.more().routingError = refused
	case c.route == nil:
		c.route, c.values = c.App.routes[match.Index], match.Values
	}
}

// routingError is why no view is called, nil when one is.
func (c *Context) routingError(match *urlmap.Match) error {
	switch match.Outcome {
	case urlmap.Found:
		if match.MayRedirect() {
			if adapter, err := c.urlAdapter(); err == nil {
				if to, ok := adapter.DefaultsRedirect(match); ok {
					return routingRedirect(to)
				}
			}
		}
		return nil
	case urlmap.Redirected:
		adapter, err := c.urlAdapter()
		if err != nil {
			return err
		}
		to, err := adapter.RedirectURL(match)
		if err != nil {
			return err
		}
		return routingRedirect(to)
	case urlmap.MethodNotAllowed:
		e := newHTTPError(http.StatusMethodNotAllowed)
		e.Header = http.Header{"Allow": {c.App.urls.AllowHeader(match.Allow)}}
		return c.explained(e)
	case urlmap.WebSocketMismatch:
		return c.explained(Error(http.StatusBadRequest, "This URL is for WebSocket connections only, or for all but those."))
	}
	return c.explained(Error(http.StatusNotFound))
}

// routingRedirect is the 308 of the URL map. Error handlers do not see it.
func routingRedirect(to string) error {
	return &HTTPError{Response: redirect(to, http.StatusPermanentRedirect), routing: true}
}
