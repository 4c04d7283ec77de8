package retort

import (
	"net/netip"
	"strings"
)

// canonicalHost is host in lower case, without the default port of scheme.
func canonicalHost(host, scheme string) string {
	switch scheme {
	case "http", "ws":
		host = strings.TrimSuffix(host, ":80")
	case "https", "wss":
		host = strings.TrimSuffix(host, ":443")
	}
	return strings.ToLower(host)
}

// validHost reports whether host is a name or address with an optional port,
// as a Host field must be. An empty host is valid: HTTP/1.0 sends none.
//
// Source: RFC 9110 §7.2; Werkzeug: sansio/utils.py, get_host.
func validHost(host string) bool {
	if strings.HasPrefix(host, "[") {
		addr, port, ok := strings.Cut(host[1:], "]")
		return ok && validIPv6(addr) && validPort(port)
	}
	for i := 0; i < len(host); i++ {
		if c := host[i]; !nameByte(c) {
			return c == ':' && i > 0 && validPort(host[i:])
		}
	}
	return true
}

// nameByte reports whether c is a letter, a digit or one of ".-_". The bits of
// the two numbers are the characters from 0 to 63 and from 64 to 127.
func nameByte(c byte) bool {
	const low, high = 0x03FF600000000000, 0x07FFFFFE87FFFFFE
	if c < 64 {
		return low>>c&1 != 0
	}
	return c < 128 && high>>(c-64)&1 != 0
}

// validPort reports whether s is empty or ":" and a port number.
func validPort(s string) bool {
	if s == "" {
		return true
	}
	n := 0
	for _, c := range []byte(s[1:]) {
		if c < '0' || c > '9' {
			return false
		}
		if n = n*10 + int(c-'0'); n > 65535 {
			return false
		}
	}
	return s[0] == ':' && len(s) > 1
}

// validIPv6 reports whether s is an IPv6 address without a zone.
func validIPv6(s string) bool {
	addr, err := netip.ParseAddr(s)
	return err == nil && addr.Is6() && addr.Zone() == ""
}
