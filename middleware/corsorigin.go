package middleware

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// originSet is the origins that [CORS] allows.
type originSet struct {
	all      bool
	exact    map[string]bool
	patterns []originPattern
}

// originPattern stands for several origins.
type originPattern struct {
	scheme  string
	host    string // what all names end in, with its dot, or the whole name
	below   bool   // names below host
	port    string
	anyPort bool
}

func newOriginSet(o CORSOptions) originSet {
	if len(o.Origins) == 0 {
		panic("middleware: CORS: Origins is empty: nobody would be let in. List origins such as \"https://example.org\"; without CORS browsers keep all others out")
	}
	if slices.Contains(o.Origins, "*") {
		switch {
		case o.Credentials:
			panic(`middleware: CORS: Origins has "*", and Credentials is set: any page on the Internet could read what your users can. List the origins that you trust, or leave Credentials out`)
		case len(o.Origins) > 1:
			panic(`middleware: CORS: Origins has "*", which is every origin, and others beside it; leave one or the other out`)
		}
		return originSet{all: true}
	}
	s := originSet{exact: make(map[string]bool)}
	for _, origin := range o.Origins {
		s.add(origin, o)
	}
	return s
}

// add checks an origin and takes it in.
func (s *originSet) add(origin string, o CORSOptions) {
	p, fault := parseOrigin(origin)
	if fault == "" && o.Credentials && !o.InsecureOrigins && !p.secure() {
		fault = "its pages come unencrypted, so that others on the way could use your users' Credentials; take https, or set InsecureOrigins"
	}
	if fault != "" {
		panic(fmt.Sprintf("middleware: CORS: Origins: %q: %s", origin, fault))
	}
	if p.below || p.anyPort {
		s.patterns = append(s.patterns, p)
		return
	}
	s.exact[origin] = true
}

func (s *originSet) has(origin string) bool {
	return s.exact[origin] || slices.ContainsFunc(s.patterns, func(p originPattern) bool { return p.matches(origin) })
}

func (p *originPattern) matches(origin string) bool {
	scheme, host, port, ok := cutOrigin(origin)
	if !ok || scheme != p.scheme || !p.anyPort && port != p.port || port != "" && !isPort(port) {
		return false
	}
	if !p.below {
		return host == p.host
	}
	name, ok := strings.CutSuffix(host, p.host)
	return ok && isHostName(name)
}

// secure reports whether nobody but the site itself can have made a page of an
// origin.
func (p *originPattern) secure() bool {
	host := strings.Trim(p.host, "[].")
	addr, err := netip.ParseAddr(host)
	return p.scheme != "http" || host == "localhost" || strings.HasSuffix(host, ".localhost") || err == nil && addr.IsLoopback()
}

// cutOrigin gives the parts of an origin; host has the brackets of an IPv6
// address.
func cutOrigin(origin string) (scheme, host, port string, ok bool) {
	scheme, host, ok = strings.Cut(origin, "://")
	if i := strings.LastIndexByte(host, ':'); i >= 0 && !strings.HasSuffix(host, "]") {
		host, port = host[:i], host[i+1:]
		ok = ok && port != ""
	}
	return scheme, host, port, ok
}

// parseOrigin reads an element of Origins. fault says why it can never match.
func parseOrigin(origin string) (p originPattern, fault string) {
	if origin == "null" {
		return p, "it is the origin of every page that hides its own, so anybody's; it cannot be let in"
	}
	scheme, host, port, ok := cutOrigin(origin)
	switch {
	case !ok || !isURLScheme(scheme):
		return p, `an origin is a scheme, "://" and a host, as in "https://example.org"`
	case scheme == "file":
		return p, "the pages of files have no origin of their own"
	case strings.ContainsAny(host+port, "/?#@"):
		return p, `an origin has no path, not even a slash at its end: "https://example.org"`
	case origin != strings.ToLower(origin):
		return p, "browsers name origins in small letters"
	case port == defaultPort(scheme) && port != "":
		return p, "browsers leave out the port that is the scheme's own"
	case port != "" && port != "*" && !isPort(port):
		return p, "its port is none"
	}
	p = originPattern{scheme: scheme, host: host, port: port, anyPort: port == "*"}
	if base, ok := strings.CutPrefix(host, "*."); ok {
		p.host, p.below = host[1:], true
		if !strings.Contains(base, ".") && base != "localhost" {
			return p, `it stands for the sites of very many people; name one: "https://*.example.org"`
		}
		host = base
	}
	return p, faultOfHost(host, p.below)
}

// faultOfHost says why a host cannot be that of an origin.
func faultOfHost(host string, below bool) string {
	text, bracketed := strings.CutPrefix(host, "[")
	addr, err := netip.ParseAddr(strings.TrimSuffix(text, "]"))
	switch {
	case err == nil && below:
		return "there are no names below an address"
	case err == nil && (addr.Is6() != bracketed || addr.Zone() != "" || addr.String() != strings.TrimSuffix(text, "]")):
		return "browsers write this address in another way"
	case err == nil || isHostName(host):
		return ""
	case strings.Contains(host, "*"):
		return `"*" stands for whole names at the front, "https://*.example.org", or for the port`
	case strings.ContainsFunc(host, func(r rune) bool { return r >= 0x80 }):
		return "browsers name hosts in ASCII: take the form that begins with xn--"
	}
	return "its host is none"
}

// isHostName reports whether s is labels with a dot between each two.
func isHostName(s string) bool {
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || strings.ContainsFunc(label, func(r rune) bool {
			return r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z')
		}) {
			return false
		}
	}
	return true
}

func isURLScheme(s string) bool {
	for i, r := range s {
		letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
		if !letter && (i == 0 || (r < '0' || r > '9') && r != '+' && r != '-' && r != '.') {
			return false
		}
	}
	return s != ""
}

func isPort(s string) bool {
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && n > 0 && s[0] != '0'
}

func defaultPort(scheme string) string {
	switch scheme {
	case "http":
		return "80"
	case "https":
		return "443"
	}
	return ""
}
