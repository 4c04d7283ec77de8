package urlmap

import (
	"fmt"
	"strings"
)

// A HostError refuses the Host of a request; it is answered with 400.
type HostError struct {
	Host   string
	Reason string // what is wrong with it
}

// Error says which host was refused and why.
func (e *HostError) Error() string {
	return fmt.Sprintf("host %q is not valid: %s", e.Host, e.Reason)
}

// CheckHost returns a *[HostError] when the Host of a request holds anything
// but a domain name, an IPv4 address or an IPv6 address in brackets, with or
// without a port. An empty host is valid: HTTP/1.0 has none. CheckHost does not
// allocate for a valid host.
//
// Werkzeug: sansio/utils.py, host_is_trusted. Differs from Werkzeug: an invalid
// host is an error, not an empty host, because what follows would build URLs
// with it; and an underscore is valid, because names of containers have it.
func CheckHost(host string) error {
	if host == "" {
		return nil
	}
	name, port := splitPort(host)
	if port != "" && !isPort(port[1:]) {
		return &HostError{Host: host, Reason: fmt.Sprintf("the port %q is not a number", port[1:])}
	}
	if isAddressLiteral(name) {
		return nil
	}
	if name == "" {
		return &HostError{Host: host, Reason: "it has a port, but no name"}
	}
	for i := range len(name) {
		if !isNameByte(name[i]) {
			return &HostError{Host: host, Reason: fmt.Sprintf("byte %d is %q; a name has letters, digits, dots and hyphens", i, name[i:i+1])}
		}
	}
	return nil
}

func isNameByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || isDecimal(c) || c == '.' || c == '-' || c == '_'
}

func isPort(s string) bool {
	for i := range len(s) {
		if !isDecimal(s[i]) {
			return false
		}
	}
	return s != ""
}

// isAddressLiteral reports whether name is an IPv6 address in brackets.
func isAddressLiteral(name string) bool {
	if len(name) < 4 || name[0] != '[' || name[len(name)-1] != ']' {
		return false
	}
	colon := false
	for _, c := range []byte(name[1 : len(name)-1]) {
		colon = colon || c == ':'
		if c != ':' && !(colon && c == '.') && !isHex(c) {
			return false
		}
	}
	return colon
}

// trimDefaultPort removes the port that the scheme implies.
func trimDefaultPort(host, scheme string) string {
	switch scheme {
	case "http", "ws":
		return strings.TrimSuffix(host, ":80")
	case "https", "wss":
		return strings.TrimSuffix(host, ":443")
	}
	return host
}

// canonicalHost returns host in lower case, without the scheme's default port.
// It does not allocate for a host that is in lower case.
func canonicalHost(host, scheme string) string {
	return trimDefaultPort(strings.ToLower(host), scheme)
}

// subdomainOf returns the labels that host has in front of server, both
// canonical; ok is false when host is not server or below it. Empty labels are
// dropped.
func subdomainOf(host, server string) (subdomain string, ok bool) {
	if host == server {
		return "", true
	}
	cut := len(host) - len(server)
	if cut <= 0 || server == "" || host[cut-1] != '.' || host[cut:] != server {
		return "", false
	}
	subdomain = host[:cut-1]
	if strings.HasPrefix(subdomain, ".") || strings.HasSuffix(subdomain, ".") || strings.Contains(subdomain, "..") {
		subdomain = strings.Join(strings.FieldsFunc(subdomain, func(r rune) bool { return r == '.' }), ".")
	}
	return subdomain, true
}
