package urlmap

import "strings"

// IRIToURI turns an IRI, or a reference relative to one, into a URI that holds
// ASCII only: the host becomes punycode, everything else is percent-encoded
// where it has to be. What is percent-encoded already stays as it is. Tabs and
// line breaks disappear, a backslash becomes %5C. An empty authority ("///x")
// is dropped, because browsers read on until they find a host, unless the scheme
// is one of applications ("itms-services://?url=…").
//
//	IRIToURI("http://☃.net/påth?q=è") // http://xn--n3h.net/p%C3%A5th?q=%C3%A8
//
// Werkzeug: urls.py, iri_to_uri. Differs from Werkzeug: a host that is no
// domain name, or a port that is no number, is percent-encoded, not an error.
func IRIToURI(iri string) string {
	scheme, authority, path, query, fragment := splitIRI(stripIRI(iri))
	dst := make([]byte, 0, len(iri)+16)
	if scheme != "" {
		dst = append(append(dst, scheme...), ':')
	}
	if authority != "" {
		dst = appendAuthority(append(dst, "//"...), authority)
	}
	dst = inIRIPath.append(dst, path)
	if query != "" {
		dst = inIRIQuery.append(append(dst, '?'), query)
	}
	if fragment != "" {
		dst = inAnchor.append(append(dst, '#'), fragment)
	}
	return string(dst)
}

// stripIRI removes what browsers do not see in a URL: leading blanks and
// control bytes, and tabs and line breaks anywhere.
func stripIRI(iri string) string {
	iri = strings.TrimLeftFunc(iri, func(r rune) bool { return r <= ' ' })
	if !strings.ContainsAny(iri, "\t\r\n") {
		return iri
	}
	return strings.NewReplacer("\t", "", "\r", "", "\n", "").Replace(iri)
}

// splitIRI splits a reference into its five components, RFC 3986 appendix B. A
// path that follows an empty authority keeps one leading slash only; for a scheme
// without hosts the slashes of the empty authority are part of the path.
func splitIRI(s string) (scheme, authority, path, query, fragment string) {
	if n := schemeLen(s); n > 0 {
		scheme, s = strings.ToLower(s[:n]), s[n+1:]
	}
	s, fragment, _ = strings.Cut(s, "#")
	s, query, _ = strings.Cut(s, "?")
	if strings.HasPrefix(s, "//") {
		end := len(s)
		if i := strings.IndexByte(s[2:], '/'); i >= 0 {
			end = 2 + i
		}
		authority, s = s[2:end], s[end:]
		switch {
		case authority != "":
		case hasHost(scheme):
			s = "/" + strings.TrimLeft(s, "/")
		default:
			s = "//" + s // itms-services://?url=…
		}
	}
	return scheme, authority, s, query, fragment
}

// hasHost reports whether URLs of the scheme cannot be without a host: WHATWG
// URL §3.1, special scheme. Without a scheme it is that of the page.
func hasHost(scheme string) bool {
	switch scheme {
	case "", "http", "https", "ws", "wss", "ftp", "file":
		return true
	}
	return false
}

// schemeLen returns the length of the scheme that s begins with, 0 without one.
func schemeLen(s string) int {
	for i := range len(s) {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z':
		case i > 0 && (isDecimal(c) || c == '+' || c == '-' || c == '.'):
		case i > 0 && c == ':':
			return i
		default:
			return 0
		}
	}
	return 0
}

// appendAuthority appends user, host and port.
func appendAuthority(dst []byte, authority string) []byte {
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		name, password, has := strings.Cut(authority[:at], ":")
		dst = inIRIUser.append(dst, name)
		if has {
			dst = inIRIUser.append(append(dst, ':'), password)
		}
		dst = append(dst, '@')
		authority = authority[at+1:]
	}
	name, port := splitPort(authority)
	dst = appendHostName(dst, name)
	return appendPort(dst, port)
}

// appendHostName appends a host without its port: an address in brackets as it
// is, a domain name as punycode, anything else quoted.
func appendHostName(dst []byte, name string) []byte {
	if isAddressLiteral(name) {
		return append(dst, strings.ToLower(name)...)
	}
	ascii, err := asciiHost(name)
	if err != nil {
		ascii = name
	}
	return append(dst, strings.ToLower(quoted(ascii, inIRIHost))...)
}

// appendPort appends ":8080"; what is no port is quoted.
func appendPort(dst []byte, port string) []byte {
	if port == "" {
		return dst
	}
	return inIRIHost.append(append(dst, ':'), port[1:])
}

// splitPort splits "host:8080" into "host" and ":8080".
func splitPort(host string) (name, port string) {
	i := strings.LastIndexByte(host, ':')
	if i < 0 || strings.HasSuffix(host, "]") {
		return host, ""
	}
	return host[:i], host[i:]
}
