package urlmap

import "strings"

// A Binding is what [Map.Bind] takes from a request and from the configuration.
type Binding struct {
	Host        string // of the request, port included; "" when it has none
	ServerName  string // configured; "" uses Host
	ScriptName  string // the path that the application is mounted at, decoded; "" or "/" is the root
	Scheme      string // http or https; with WebSocket it becomes ws or wss
	Method      string
	QueryString string // raw, without the question mark
	WebSocket   bool
}

// An Adapter is a [Map] bound to a host, a script name and a scheme: it matches
// paths and builds URLs. It is a plain value and may be made by hand, for URLs
// outside of a request. Its methods may be called from any number of goroutines
// as long as nobody changes it.
//
// Werkzeug: routing/map.py, MapAdapter.
type Adapter struct {
	Map         *Map
	ServerName  string // with the port, unless it is the scheme's own; "" when no host is known
	ScriptName  string // "" or "/" is the root; decoded
	Scheme      string // http, https, ws or wss; "" builds absolute URLs without a scheme
	Subdomain   string // with SubdomainMatching
	Method      string // of the request; rules with it are preferred in building
	QueryString string // raw; slash, merge, alias and defaults redirects keep it
	WebSocket   bool   // the request is a WebSocket handshake
}

// Bind makes the adapter of a request. The host is lower-cased and loses the
// port that the scheme implies. With SubdomainMatching the subdomain is what the
// host has in front of the server name; a host that is not below the server name
// gets Options.DefaultSubdomain. With HostMatching the request's own host is the
// server name, whatever is configured. The error is a [*HostError].
//
// Werkzeug: routing/map.py, Map.bind_to_environ.
func (m *Map) Bind(b Binding) (Adapter, error) {
	if err := CheckHost(b.Host); err != nil {
		return Adapter{}, err
	}
	a := Adapter{
		Map:         m,
		ScriptName:  b.ScriptName,
		Scheme:      b.Scheme,
		Method:      b.Method,
		QueryString: b.QueryString,
		WebSocket:   b.WebSocket,
	}
	if b.WebSocket {
		a.Scheme = webSocketScheme(b.Scheme)
	}
	if m.options.SubdomainMatching && !m.options.HostMatching {
		a.Subdomain = m.Domain(b.Host, b.ServerName, b.Scheme)
	}
	var err error
	a.ServerName, err = m.serverName(b)
	return a, err
}

// serverName returns the name that absolute URLs get.
func (m *Map) serverName(b Binding) (string, error) {
	host := b.ServerName
	if host == "" || m.options.HostMatching {
		host = b.Host
	}
	host = canonicalHost(host, b.Scheme)
	name, port := splitPort(host)
	if isAddressLiteral(name) {
		return host, nil
	}
	ascii, err := asciiHost(name)
	if err != nil {
		return "", &HostError{Host: host, Reason: err.Error()}
	}
	if ascii == name {
		return host, nil
	}
	return ascii + port, nil
}

// webSocketScheme returns the scheme of a WebSocket handshake that came by scheme.
func webSocketScheme(scheme string) string {
	if scheme == "https" || scheme == "wss" {
		return "wss"
	}
	return "ws"
}

// Domain returns what [Query].Domain has to be for a request: the host with
// HostMatching, the subdomain with SubdomainMatching, otherwise "". It does not
// allocate for a host in lower case. The host is taken as valid: see [CheckHost].
func (m *Map) Domain(host, serverName, scheme string) string {
	switch {
	case m.options.HostMatching:
		return canonicalHost(host, scheme)
	case !m.options.SubdomainMatching || serverName == "":
		return ""
	}
	subdomain, ok := subdomainOf(canonicalHost(host, scheme), canonicalHost(serverName, scheme))
	if !ok {
		return m.options.DefaultSubdomain
	}
	return subdomain
}

// Query returns the look-up of a path of this request.
func (a *Adapter) Query(path string) Query {
	return Query{Domain: a.domain(), Path: path, Method: a.Method, WebSocket: a.WebSocket}
}

func (a *Adapter) domain() string {
	switch o := &a.Map.options; {
	case o.HostMatching:
		return a.ServerName
	case o.SubdomainMatching:
		return a.Subdomain
	}
	return ""
}

// Match looks up a path. For the outcome Redirected it also returns the absolute
// URL to go to; a match whose values are the defaults of another rule of the
// endpoint becomes such a redirect. The error says why a redirect has no URL: it
// is a mistake in the application, not in the request.
//
// Werkzeug: routing/map.py, MapAdapter.match.
func (a *Adapter) Match(path string) (Match, string, error) {
	mt := a.Map.Match(a.Query(path))
	switch {
	case mt.Outcome == Redirected:
		url, err := a.RedirectURL(&mt)
		return mt, url, err
	case mt.Outcome == Found && mt.MayRedirect():
		if url, ok := a.DefaultsRedirect(&mt); ok {
			mt.Outcome = Redirected
			return mt, url, nil
		}
	}
	return mt, "", nil
}

// appendHost appends the host of a subdomain, or with HostMatching the host
// itself; nothing when no host is known.
func (a *Adapter) appendHost(dst, domain []byte) []byte {
	switch o := &a.Map.options; {
	case o.HostMatching:
		return append(dst, domain...)
	case a.ServerName != "" && len(domain) > 0:
		dst = append(append(dst, domain...), '.')
	}
	return append(dst, a.ServerName...)
}

// appendPath appends the script name and a quoted path, with one slash between
// them, and no second slash in front.
func (a *Adapter) appendPath(dst, path []byte) []byte {
	if script := strings.Trim(a.ScriptName, "/"); script != "" {
		dst = inPath.append(append(dst, '/'), script)
	}
	for len(path) > 0 && path[0] == '/' {
		path = path[1:]
	}
	return append(append(dst, '/'), path...)
}
