package security

import (
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxTargetLength is longer than any URL that browsers and proxies agree on.
const maxTargetLength = 8 << 10

// SafeRedirectTarget gives next, which a client chose, if a redirect to it stays
// on the site, else fallback:
//
//	return c.Redirect(security.SafeRedirectTarget(c.Request.Args().Get("next"), "/"))
//
// Without it an address such as https://yours.example/login?next=//evil.example
// looks like yours and leads elsewhere.
//
// next stays on the site when it is a path from the root of the site, with or
// without query and fragment: "/users/7?tab=posts#last". With hosts it may also be
// an http or https URL whose host is one of them, the port included unless it is
// the scheme's own; give c.Request.Host() only if TRUSTED_HOSTS is set.
//
// Everything else is refused, for browsers, proxies and servers read it in more
// than one way: other schemes; "//host" and the like; a name and password;
// backslashes and control characters, which browsers take for slashes or drop;
// blanks at the ends; two slashes in a row, "." and ".." in the path, also where
// they are percent-encoded; malformed encodings; more than 8 KiB. Paths relative
// to the page, "edit" or "?page=2", are refused too: they would lead below the
// login page. fallback is yours and is not checked.
//
// Source: RFC 3986 §4.2; the URL Standard of WHATWG §4.4. Flask has no such
// function; its users copy one.
func SafeRedirectTarget(next, fallback string, hosts ...string) string {
	if staysOnSite(next, hosts) {
		return next
	}
	return fallback
}

func staysOnSite(next string, hosts []string) bool {
	if len(next) > maxTargetLength || hasMisread(next) || strings.TrimSpace(next) != next {
		return false
	}
	u, err := url.Parse(next)
	if err != nil || u.User != nil || u.Opaque != "" || !isPlainPath(u.EscapedPath()) || !isPlainPath(u.Path) {
		return false
	}
	if u.Scheme == "" && u.Host == "" {
		// net/url drops an empty host, which browsers go on to look for.
		return strings.HasPrefix(next, "/") && !strings.HasPrefix(next, "//")
	}
	return (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && (u.Path == "" || u.Path[0] == '/') &&
		isOneOf(u.Host, u.Scheme, hosts)
}

// hasMisread reports whether s holds what browsers take for something else:
// backslashes for slashes, tabs and line ends for nothing.
func hasMisread(s string) bool {
	return !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool {
		return r < ' ' || r == 0x7f || r == '\\'
	})
}

// isPlainPath reports whether a path, decoded or not, has nothing in it that is
// read in more than one way.
func isPlainPath(path string) bool {
	if hasMisread(path) || strings.Contains(path, "//") {
		return false
	}
	for segment := range strings.SplitSeq(path, "/") {
		if segment == "." || segment == ".." {
			return false
		}
	}
	return true
}

// isOneOf reports whether host is among hosts.
func isOneOf(host, scheme string, hosts []string) bool {
	if strings.ContainsFunc(host, func(r rune) bool { return r >= utf8.RuneSelf }) {
		return false // letters that fold to those of ASCII
	}
	host = withoutDefaultPort(host, scheme)
	return slices.ContainsFunc(hosts, func(h string) bool {
		return h != "" && strings.EqualFold(withoutDefaultPort(h, scheme), host)
	})
}

func withoutDefaultPort(host, scheme string) string {
	if scheme == "https" {
		return strings.TrimSuffix(host, ":443")
	}
	return strings.TrimSuffix(host, ":80")
}
