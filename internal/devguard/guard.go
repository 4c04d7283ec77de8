// Package devguard says who may see the pages for developers: the debugger,
// compile errors, live refresh.
package devguard

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// Guard lets in requests of this machine that did not come through a proxy and
// name it in their Host field. The check of the Host keeps out pages of other
// sites whose name was made to lead here (DNS rebinding).
type Guard struct {
	// Hosts are names to allow beside localhost, names below it and loopback
	// addresses; without a port, in lower case.
	Hosts []string
}

// Refuses says why a request is not let in, "" when it is.
func (g *Guard) Refuses(r *http.Request) string {
	switch {
	case !loopbackPeer(r.RemoteAddr):
		return "it does not come from this machine"
	case proxied(r.Header) != "":
		return "it came through a proxy: it has the field " + proxied(r.Header)
	case !r.ProtoAtLeast(1, 1):
		return "it came by HTTP/1.0, as from a proxy that adds no field"
	case !g.allows(r.Host):
		return "its Host is not one of this machine"
	}
	return ""
}

// loopbackPeer reports whether an address is one of this machine itself. That of
// a unix socket is not: a web server stands there.
func loopbackPeer(addr string) bool {
	ap, err := netip.ParseAddrPort(addr)
	return err == nil && ap.Addr().Unmap().IsLoopback()
}

// proxied is a field that a proxy adds, "" when there is none. CGI and servers
// that follow it take "_" for "-".
func proxied(h http.Header) string {
	for name := range h {
		switch lower := strings.ReplaceAll(strings.ToLower(name), "_", "-"); {
		case lower == "forwarded", lower == "via", lower == "x-real-ip", lower == "cdn-loop",
			strings.HasPrefix(lower, "x-forwarded"), strings.HasPrefix(lower, "x-original-"),
			strings.HasSuffix(lower, "client-ip"), strings.HasSuffix(lower, "connecting-ip"):
			return http.CanonicalHeaderKey(name)
		}
	}
	return ""
}

func (g *Guard) allows(host string) bool {
	name := strings.ToLower(strings.TrimSuffix(hostName(host), "."))
	if name == "localhost" || strings.HasSuffix(name, ".localhost") || name != "" && slices.Contains(g.Hosts, name) {
		return true
	}
	addr, err := netip.ParseAddr(name)
	return err == nil && addr.Zone() == "" && addr.Unmap().IsLoopback()
}

// hostName is a Host without its port and without brackets.
func hostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return strings.Trim(host, "[]")
}
