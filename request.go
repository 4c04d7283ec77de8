package retort

import (
	"net"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/retort-go/retort/datastructures"
	"github.com/retort-go/retort/gateway"
	"github.com/retort-go/retort/internal/formparser"
	"github.com/retort-go/retort/internal/proxied"
	"github.com/retort-go/retort/internal/urlmap"
)

// Request is what the client sent. It belongs to one [Context] and is never
// reused; reading it is safe from several goroutines, except for the body
// (Data, JSON, Form, Stream), which one goroutine reads while the request is
// running.
//
// Differs from Flask: it does not embed the *http.Request, because its fields
// Form and Header would stand beside methods of the same meaning with other
// rules; [Request.HTTP] gives it.
//
// Source: Werkzeug: wrappers/request.py, Request.
type Request struct {
	http *http.Request
	c    *Context
}

// HTTP gives the underlying *http.Request. Its body should be read through
// [Request.Data], which keeps it and enforces the limits.
func (r *Request) HTTP() *http.Request { return r.http }

// Method is the method as sent: "GET". It is case-sensitive (RFC 9110 §9.1).
func (r *Request) Method() string { return r.http.Method }

// Path is the percent-decoded path below the script root, with one leading
// slash. Bytes that are no UTF-8 are U+FFFD.
func (r *Request) Path() string { return routePath(r.http.URL.Path) }

// routePath is the path that rules are matched against: leading slashes
// collapse to one.
func routePath(p string) string {
	if len(p) > 1 && p[0] == '/' && p[1] != '/' {
		return validUTF8(p)
	}
	return "/" + strings.TrimLeft(validUTF8(p), "/")
}

// validUTF8 replaces each run of bytes that cannot be UTF-8 by U+FFFD, as
// Python's decoder does with errors="replace" for each of them.
func validUTF8(s string) string {
	if isASCII(s) || utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// isASCII looks at eight bytes at a time: every request's path passes here, and
// [utf8.ValidString] takes three times as long.
func isASCII(s string) bool {
	const high = 0x8080808080808080
	if len(s) < 8 {
		return utf8.ValidString(s) && len(s) == utf8.RuneCountInString(s)
	}
	bits := word(s[len(s)-8:])
	for ; len(s) >= 8; s = s[8:] {
		bits |= word(s)
	}
	return bits&high == 0
}

// word is the first eight bytes as a number.
func word(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// QueryString is the query as sent, without the "?".
func (r *Request) QueryString() string { return r.http.URL.RawQuery }

// FullPath is the path with "?" and the query.
func (r *Request) FullPath() string { return r.Path() + "?" + r.QueryString() }

// Header gives the fields of the request. The Host field is [Request.Host].
func (r *Request) Header() http.Header { return r.http.Header }

// Scheme is "https" over TLS, else "http". Behind middleware.ProxyFix it is what
// the proxy says, which may be "ws" or "wss" for a WebSocket handshake. Without it,
// a proxy that says something is logged once. The scheme of an absolute target
// counts for nothing, because any client can write one.
func (r *Request) Scheme() string {
	s := r.scheme()
	if proto := r.http.Header["X-Forwarded-Proto"]; s == "http" && len(proto) > 0 && proto[0] != "http" {
		r.warnOfProxied("X-Forwarded-Proto")
	}
	return s
}

func (r *Request) scheme() string {
	switch s := r.http.URL.Scheme; s {
	case "http", "https", "ws", "wss":
		if proxied.Considered(r.http.Context()) {
			return s // what a client writes into an absolute target counts for nothing
		}
	}
	if r.http.TLS != nil {
		return "https"
	}
	return "http"
}

// IsSecure reports whether the request came over TLS.
func (r *Request) IsSecure() bool { return isSecure(r.Scheme()) }

func isSecure(scheme string) bool { return scheme == "https" || scheme == "wss" }

// Host is the host the client asked for, in lower case, without the default
// port of the scheme. It is "" when the client sent none, as HTTP/1.0 allows. A
// request for an invalid host, or for one that is not among TRUSTED_HOSTS, does
// not get to a view: 400.
//
// Differs from Flask: it is in lower case, because the case of a host does not
// count (RFC 9110 §4.2.3) and comparisons of it go wrong easily; the address of
// the socket never stands in for it, because a client that sends no Host would
// learn of the network behind a proxy.
//
// Source: Werkzeug: sansio/utils.py, get_host.
func (r *Request) Host() string {
	return canonicalHost(r.http.Host, r.Scheme())
}

// ScriptRoot is the path under which the app is mounted, without a slash at
// the end: "" at the root.
func (r *Request) ScriptRoot() string {
	return strings.TrimRight(gateway.ScriptNameOf(r.http), "/")
}

// HostURL is scheme, host and a slash: "http://example.com/".
func (r *Request) HostURL() string { return r.Scheme() + "://" + r.Host() + "/" }

// RootURL is the URL of the app's root: "http://example.com/app/".
func (r *Request) RootURL() string { return urlmap.URIToIRI(r.uri("")) }

// BaseURL is the URL without its query; see [Request.URL].
func (r *Request) BaseURL() string { return urlmap.URIToIRI(r.uri(r.Path())) }

// URL is the whole URL as people read it, an IRI: letters of any script stand
// for themselves, and what would make it another URL is percent-encoded.
// [Context.Redirect] and a Location field take it as it is; elsewhere a URL may
// have to be ASCII, as r.HTTP().URL.String() is.
//
// Source: Werkzeug: sansio/utils.py, get_current_url.
func (r *Request) URL() string {
	uri := r.uri(r.Path())
	if q := r.QueryString(); q != "" {
		uri += "?" + q
	}
	return urlmap.URIToIRI(uri)
}

// uri is the URL of a path below the script root, percent-encoded.
func (r *Request) uri(path string) string {
	below := r.ScriptRoot() + "/" + strings.TrimPrefix(path, "/")
	return r.Scheme() + "://" + r.Host() + urlmap.QuotePath(below)
}

// RemoteAddr is the address of the peer without its port, "" when there is
// none (a unix socket). Behind middleware.ProxyFix it is what the proxy says,
// which need not be an address. Without it, a proxy that says something is logged
// once.
func (r *Request) RemoteAddr() string {
	addr := r.http.RemoteAddr
	if host, _, err := net.SplitHostPort(addr); err == nil {
		r.warnOfProxied("X-Forwarded-For")
		return host
	}
	if addr == "@" || strings.HasPrefix(addr, "/") {
		return ""
	}
	return addr
}

// Endpoint is the endpoint of the rule that matched, "" when none did.
func (r *Request) Endpoint() string { return r.c.Endpoint() }

// URLRule is the rule that matched, as written; "" when none did.
func (r *Request) URLRule() string {
	if r.c.route == nil || r.c.route.rule == nil {
		return ""
	}
	return r.c.route.rule.Spec.Rule
}

// ViewArgs is [Context.ViewArgs].
func (r *Request) ViewArgs() H { return r.c.ViewArgs() }

// Args is the query, in order. It is parsed once.
func (r *Request) Args() *datastructures.MultiDict {
	x := r.c.more()
	if d := x.args.Load(); d != nil {
		return d
	}
	d := formparser.ParseURLEncoded(r.QueryString())
	x.args.CompareAndSwap(nil, d)
	return x.args.Load()
}

// ContentType is the Content-Type field.
func (r *Request) ContentType() string { return r.http.Header.Get("Content-Type") }
