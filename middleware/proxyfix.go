package middleware

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"

	"github.com/retort-go/retort/gateway"
	"github.com/retort-go/retort/internal/proxied"
)

// ProxyFixOptions says which X-Forwarded fields are believed. A number is how
// many proxies set the field: its value is taken that many places from the right,
// where a client cannot put anything. 0 does not look at the field.
type ProxyFixOptions struct {
	// For is for X-Forwarded-For: the address of the client. RemoteAddr has the
	// port 0 with it, unless the field says one.
	For int
	// Proto is for X-Forwarded-Proto: http, https, ws or wss. Anything else is not
	// believed.
	Proto int
	// Host is for X-Forwarded-Host: the host and port that the client asked for.
	Host int
	// Port is for X-Forwarded-Port: the port that the client asked for. One that
	// is no number is not believed.
	Port int
	// Prefix is for X-Forwarded-Prefix: the path below which the proxy has the app
	// (its SCRIPT_NAME). One that is no path is not believed.
	Prefix int

	// Trusted are the networks of the proxies. Fields of any other peer are not
	// believed. A peer on a unix socket is trusted. Empty: every peer is, which is
	// right only when none but the proxies can reach the server.
	Trusted []netip.Prefix
	// Logger is told, once for each, that a field was not believed because of its
	// peer, and that a trusted proxy does not set the fields as they are expected.
	// Default: slog.Default().
	Logger *slog.Logger
}

// ProxyFix tells the app behind one proxy what its client asked for: the client's
// address and scheme, from X-Forwarded-For and X-Forwarded-Proto. Without it a
// request over TLS looks like plain HTTP from the address of the proxy.
//
// It believes every peer: the server must be reachable by the proxy alone, say on
// 127.0.0.1 or a unix socket. [ProxyFixWith] has the other fields, more proxies
// and networks to trust.
//
// Source: Werkzeug: middleware/proxy_fix.py, ProxyFix.
func ProxyFix() func(http.Handler) http.Handler {
	return ProxyFixWith(ProxyFixOptions{For: 1, Proto: 1})
}

// ProxyFixWith is [ProxyFix] for other fields, more proxies or networks to trust.
// A field with fewer values than there are proxies is not believed. It panics when
// a number is below zero.
//
// Differs from Werkzeug: it can look at who sends a field, and a scheme or prefix
// that cannot be one is left out.
func ProxyFixWith(o ProxyFixOptions) func(http.Handler) http.Handler {
	for name, n := range map[string]int{"For": o.For, "Proto": o.Proto, "Host": o.Host, "Port": o.Port, "Prefix": o.Prefix} {
		if n < 0 {
			panic(fmt.Sprintf("middleware: ProxyFix: %s is %d; it is the number of proxies that set the field, 0 for none", name, n))
		}
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	return func(next http.Handler) http.Handler {
		return &proxyFix{next: next, options: o}
	}
}

type proxyFix struct {
	next      http.Handler
	options   ProxyFixOptions
	untrusted sync.Once
	missing   sync.Once
}

func (p *proxyFix) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !p.trusts(r.RemoteAddr) {
		if name := forwardedField(r.Header); name != "" {
			p.untrusted.Do(func() {
				p.options.Logger.Warn("a request has the field "+name+", which is not believed, because its peer is no trusted proxy; "+
					"if it is one of yours, add its network to ProxyFixOptions.Trusted", "peer", r.RemoteAddr)
			})
			r = considered(r, nil)
		}
		p.next.ServeHTTP(w, r)
		return
	}
	fixed, trouble := p.options.fix(r)
	if trouble != "" {
		p.missing.Do(func() { p.options.Logger.Warn(trouble, "peer", r.RemoteAddr) })
	}
	p.next.ServeHTTP(w, fixed)
}

// trusts reports whether the fields of a peer are believed.
func (p *proxyFix) trusts(peer string) bool {
	if len(p.options.Trusted) == 0 {
		return true
	}
	host, _, err := net.SplitHostPort(peer)
	if err != nil {
		return peer == "" || peer == "@" || strings.HasPrefix(peer, "/") // a unix socket
	}
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	addr = addr.Unmap().WithZone("")
	for _, network := range p.options.Trusted {
		if network.Contains(addr) {
			return true
		}
	}
	return false
}

func forwardedField(h http.Header) string {
	for _, name := range []string{"X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Prefix", "Forwarded"} {
		if _, ok := h[name]; ok {
			return name
		}
	}
	return ""
}

// considered is a copy of r that says that its fields have been looked at. A
// scheme that the client has written into an absolute target does not stay: what
// is there now counts.
func considered(r *http.Request, original *Forwarded) *http.Request {
	c := r.WithContext(context.WithValue(r.Context(), proxied.Key{}, original))
	c.URL = new(url.URL)
	*c.URL = *r.URL
	switch {
	case r.URL.Scheme == "":
	case r.TLS != nil:
		c.URL.Scheme = "https"
	default:
		c.URL.Scheme = "http"
	}
	return c
}

// fix gives the request as the client made it. trouble is what the proxy does not
// do as the options have it.
func (o *ProxyFixOptions) fix(r *http.Request) (f *http.Request, trouble string) {
	original := &Forwarded{RemoteAddr: r.RemoteAddr, Scheme: r.URL.Scheme, Host: r.Host, ScriptName: gateway.ScriptNameOf(r)}
	f = considered(r, original)
	if addr, ok := forwarded(r.Header, "X-Forwarded-For", o.For); ok {
		f.RemoteAddr = peerAddr(addr)
	}
	if proto, ok := forwarded(r.Header, "X-Forwarded-Proto", o.Proto); ok && isScheme(proto) {
		f.URL.Scheme = proto
	}
	if host, ok := forwarded(r.Header, "X-Forwarded-Host", o.Host); ok {
		f.Host = host
	}
	if port, ok := forwarded(r.Header, "X-Forwarded-Port", o.Port); ok && f.Host != "" && isPort(port) {
		f.Host = withPort(f.Host, port)
	}
	if prefix, ok := forwarded(r.Header, "X-Forwarded-Prefix", o.Prefix); ok && isPrefix(prefix) {
		f = gateway.WithScriptName(f, strings.TrimRight(prefix, "/"))
	}
	return f, o.trouble(r.Header)
}

// trouble finds a field with fewer values than there should be proxies, or one of
// another standard.
func (o *ProxyFixOptions) trouble(h http.Header) string {
	for _, field := range []struct {
		name, option string
		n            int
	}{
		{"X-Forwarded-For", "For", o.For}, {"X-Forwarded-Proto", "Proto", o.Proto}, {"X-Forwarded-Host", "Host", o.Host},
		{"X-Forwarded-Port", "Port", o.Port}, {"X-Forwarded-Prefix", "Prefix", o.Prefix},
	} {
		values := h[field.name]
		if len(values) == 0 {
			continue
		}
		count := len(values)
		for _, v := range values {
			count += strings.Count(v, ",")
		}
		if count < field.n {
			return fmt.Sprintf("a request has the field %s with %d of the %d values that the proxies should have set, so it is not believed; "+
				"if there are fewer proxies, ProxyFixOptions.%s is too large", field.name, count, field.n, field.option)
		}
	}
	if h["Forwarded"] != nil && forwardedField(h) == "Forwarded" {
		return "a request has the field Forwarded, which ProxyFix does not read; have the proxy set X-Forwarded-For and X-Forwarded-Proto"
	}
	return ""
}

// forwarded is the value that the proxy furthest away of n has added. A comma ends
// a value also within quotes, and an empty value is one: else a client could have
// its own taken in the place of the proxy's, or none. The quotes around a whole
// value are left out.
//
// Differs from Werkzeug, which reads commas within quotes as part of a value.
func forwarded(h http.Header, name string, n int) (string, bool) {
	if n == 0 {
		return "", false
	}
	values := strings.Split(strings.Join(h[name], ","), ",")
	if len(values) < n {
		return "", false
	}
	value := strings.TrimSpace(values[len(values)-n])
	if inner := strings.TrimPrefix(strings.TrimSuffix(value, `"`), `"`); len(inner) == len(value)-2 && !strings.ContainsAny(inner, `"\\`) {
		value = inner
	}
	return value, value != ""
}

// peerAddr is an address as http.Request.RemoteAddr has it, with a port: 0 when it
// is not known. What is no address stays as it is.
func peerAddr(s string) string {
	if _, err := netip.ParseAddr(s); err != nil {
		return s
	}
	return net.JoinHostPort(s, "0")
}

func isScheme(s string) bool { return s == "http" || s == "https" || s == "ws" || s == "wss" }

// isPrefix reports whether s can be the path of an app: not the beginning of a
// URL with a host, which redirects would lead to.
func isPrefix(s string) bool {
	return strings.HasPrefix(s, "/") && !strings.HasPrefix(s, "//") && !strings.ContainsAny(s, "\\?#\"<>") &&
		!strings.ContainsFunc(s, func(c rune) bool { return c <= ' ' || c == 0x7f })
}

// withPort puts a port in the place of that of a host.
func withPort(host, port string) string {
	if i := strings.LastIndexByte(host, ':'); i >= 0 && !strings.HasSuffix(host, "]") {
		host = host[:i]
	}
	return host + ":" + port
}

// Forwarded is what a request was before [ProxyFix] changed it.
//
// Source: Werkzeug: middleware/proxy_fix.py, werkzeug.proxy_fix.orig.
type Forwarded struct {
	RemoteAddr string // of the proxy
	Scheme     string // "" when the request line had none
	Host       string
	ScriptName string
}

// ForwardedFrom gives what the request of ctx was before [ProxyFix] changed it,
// nil when none did.
func ForwardedFrom(ctx context.Context) *Forwarded {
	f, _ := ctx.Value(proxied.Key{}).(*Forwarded)
	return f
}
