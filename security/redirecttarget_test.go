package security_test

import (
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/security"
)

var targetsOnTheSite = []string{
	"/", "/a", "/a/", "/users/7?tab=posts#last", "/?", "/#", "/a?next=//evil.example/", "/a#//evil.example", "/a?x=http://evil.example",
	"/é/☃", "/%C3%A9", "/a b", "/a:b", "/a@b", "/@evil.example", "/evil.example", "/http:evil.example", "/a?b=c d", "/a;b", "/...", "/a..b", "/.well-known", "/%25",
	"/" + strings.Repeat("a", 8191),
}

// targetsElsewhere are not on the site, or some browser, proxy or server thinks
// so, or they are no paths from the root.
var targetsElsewhere = []string{
	"", " ", "evil.example", "a", "a/b", "?a=b", "#a", ".", "..", "../a",
	"//evil.example", "///evil.example", "////evil.example", "/a//evil.example", "//", "/a//",
	`\\evil.example`, `/\evil.example`, `\/evil.example`, `/\/evil.example`, `/a\b`, `/a?b=\`,
	"https://evil.example", "http://evil.example/", "HTTPS://evil.example", "https:evil.example", "https:/evil.example", "https:///evil.example", "http:\\\\evil.example",
	"javascript:alert(1)", "JavaScript:alert(1)", "java\tscript:alert(1)", "data:text/html,x", "vbscript:x", "mailto:a@b", "blob:x", "view-source:x", "x:y", "about:blank",
	"/\tevil", "/\n/evil.example", "\t//evil.example", "/\r/evil.example", "\n/a", "\x00/a", "/\x00/evil.example", "/a\x7f", "/a\r\nSet-Cookie: a=b",
	" //evil.example", " /a", "/a ", "\u00a0/a", "\u2003//evil.example", "\u3000/a", "\x01//evil.example", "\x1f/a",
	"/.//evil.example", "/..//evil.example", "/a/../b", "/./a", "/a/..", "/%2e%2e//evil.example", "/%2E/a", "/a/.%2e/b", "/%2e%2e/a",
	"/%2f/evil.example", "/%2Fevil.example", "/%5cevil.example", "/%5C%5Cevil.example", "/a%2f/b", "/%09/evil.example", "/%0d%0aSet-Cookie:a=b", "/%00", "/%0a/evil.example",
	"/%", "/%zz", "/a%f", "/%FF", "/\xff", "/\xc0\xafevil.example", "//%65vil.example", "//[::1]/", "//evil.example:80/", "//user@evil.example", "//localhost",
	"https://self.example/", "https://self.example@evil.example/", "https://self.example%2f@evil.example/", "//self.example/",
	"%2f%2fevil.example", "%68ttps://evil.example", "／／evil.example", "。/a", "/" + strings.Repeat("a", 8192),
}

func TestSafeRedirectTarget(t *testing.T) {
	for _, next := range targetsOnTheSite {
		assert.Equal(t, next, security.SafeRedirectTarget(next, "/home"), "%.80q", next)
	}
	for _, next := range targetsElsewhere {
		assert.Equal(t, "/home", security.SafeRedirectTarget(next, "/home"), "%.80q", next)
	}
	assert.Equal(t, "https://login.example/", security.SafeRedirectTarget("//evil.example", "https://login.example/"), "the fallback is not checked")
}

func TestSafeRedirectTargetWithHosts(t *testing.T) {
	hosts := []string{"self.example", "dev.example:5000", "[::1]:80", ""}
	for _, next := range []string{
		"/a", "https://self.example", "https://self.example/", "http://self.example/a?b#c", "https://SELF.example/", "https://self.example:443/", "http://self.example:80/",
		"https://self.example?a", "https://self.example#a", "http://dev.example:5000/", "http://[::1]/",
	} {
		assert.Equal(t, next, security.SafeRedirectTarget(next, "/home", hosts...), "%q", next)
	}
	for _, next := range append([]string{
		"https://self.example:8443/", "https://self.example:80/", "http://self.example:443/", "http://dev.example/", "ftp://self.example/", "https://a.self.example/", "https://self.example./",
		"https://self.example.evil.example/", "https://evil.example/self.example", "https://user@self.example/", "https://user:pw@self.example/", "https://self.example@evil.example/",
		"https://self.example:@evil.example/", `https://self.example\@evil.example/`, `https:\\self.example/`, "https:self.example/", "https:/self.example/", "https:///self.example/", "https:////self.example",
		"https://self.example//evil.example", "https://self.example/../a", "https://ſelf.example/", "https://self%2eexample/", "https://self.example%00/", "https://self.example\t/", "https:///", "https://", "http://:80/", "http:",
		"//self.example/",
	}, targetsElsewhere...) {
		if next == "https://self.example/" {
			continue // elsewhere only without hosts
		}
		assert.Equal(t, "/home", security.SafeRedirectTarget(next, "/home", hosts...), "%.80q", next)
	}
}

// FuzzSafeRedirectTarget: whatever is let through leads to the site, for net/url
// and for a browser.
func FuzzSafeRedirectTarget(f *testing.F) {
	for _, next := range append(targetsOnTheSite, targetsElsewhere...) {
		f.Add(next)
	}
	f.Fuzz(func(t *testing.T, next string) {
		const fallback = "/the fallback"
		if target := security.SafeRedirectTarget(next, fallback); target != fallback {
			requireOnSite(t, target)
			assert.Equal(t, byte('/'), target[0])
		}
		if target := security.SafeRedirectTarget(next, fallback, "self.example"); target != fallback {
			requireOnSite(t, target)
		}
	})
}

func requireOnSite(t *testing.T, target string) {
	t.Helper()
	base := &url.URL{Scheme: "https", Host: "self.example", Path: "/login"}
	u, err := base.Parse(target)
	require.NoError(t, err, "%q", target)
	assert.Equal(t, "self.example", strings.TrimSuffix(strings.TrimSuffix(strings.ToLower(u.Host), ":443"), ":80"), "%q", target)
	assert.Contains(t, []string{"http", "https"}, u.Scheme, "%q", target)
	assert.False(t, strings.HasPrefix(u.Path, "//"), "%q", target)
	assert.Equal(t, "self.example", browserHost(target), "%q", target)
}

// TestBrowserHost holds the test's own reading of URLs to cases of the URL
// Standard.
func TestBrowserHost(t *testing.T) {
	for target, want := range map[string]string{
		"/a":                              "self.example",
		"a":                               "self.example",
		"?a":                              "self.example",
		"//evil.example/a":                "evil.example",
		`/\evil.example`:                  "evil.example",
		`\\evil.example`:                  "evil.example",
		"/\t/evil.example":                "evil.example",
		" \x01//evil.example":             "evil.example",
		"https:evil.example":              "self.example", // a path: the scheme is that of the base
		"https:/evil.example":             "self.example",
		"https:///evil.example":           "evil.example",
		"http:evil.example":               "evil.example", // the scheme is another one
		"http:/evil.example":              "evil.example",
		"ht\ntp:evil.example":             "evil.example",
		"https://self.example@evil/":      "evil",
		`https://self.example\@evil`:      "self.example",
		"https://user:pw@self.example:1/": "self.example",
		"javascript:alert(1)":             "",
		"x:y":                             "",
	} {
		assert.Equal(t, want, browserHost(target), "%q", target)
	}
}

// browserHost is the host that a browser goes to from https://self.example/login;
// "" where it goes to none.
//
// Source: the URL Standard of WHATWG, §4.4, as far as hosts need it.
func browserHost(target string) string {
	target = strings.TrimFunc(target, func(r rune) bool { return r <= ' ' })
	target = strings.NewReplacer("\t", "", "\n", "", "\r", "").Replace(target)
	scheme, rest, ok := cutScheme(target)
	special := scheme == "http" || scheme == "https"
	switch {
	case ok && !special:
		return ""
	case ok && scheme == "https" && !hasTwoSlashes(rest):
		return "self.example"
	case !ok && !hasTwoSlashes(target):
		return "self.example"
	case !ok:
		rest = target
	}
	rest = strings.TrimLeft(rest, `/\`)
	if i := strings.IndexAny(rest, `/\?#`); i >= 0 {
		rest = rest[:i]
	}
	rest = rest[strings.LastIndexByte(rest, '@')+1:]
	if i := strings.LastIndexByte(rest, ':'); i >= 0 && !strings.HasSuffix(rest, "]") {
		rest = rest[:i]
	}
	if decoded, err := url.PathUnescape(rest); err == nil && utf8.ValidString(decoded) {
		rest = decoded
	}
	return strings.ToLower(rest)
}

func hasTwoSlashes(s string) bool {
	return len(s) >= 2 && strings.ContainsRune(`/\`, rune(s[0])) && strings.ContainsRune(`/\`, rune(s[1]))
}

// cutScheme cuts a scheme off: a letter, then letters, digits, "+", "-" and ".",
// then a colon.
func cutScheme(s string) (scheme, rest string, ok bool) {
	scheme, rest, ok = strings.Cut(s, ":")
	scheme = strings.ToLower(scheme)
	if !ok || scheme == "" || scheme[0] < 'a' || scheme[0] > 'z' || strings.Trim(scheme, "abcdefghijklmnopqrstuvwxyz0123456789+-.") != "" {
		return "", s, false
	}
	return scheme, rest, true
}
