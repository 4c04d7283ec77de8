package retort

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// cookieJar keeps the cookies of a test client in the order in which they were
// first set. There is one of each name, domain and path.
//
// Source: Werkzeug: test.py, Cookie; RFC 6265 §5.3 and §5.4.
type cookieJar struct{ cookies []*jarCookie }

// jarCookie is a cookie with its Domain and Path filled in.
type jarCookie struct {
	http.Cookie
	hostOnly bool // it is not for subdomains
}

// Cookie gives the cookie of that name in the client's jar, nil when there is
// none; of several, the one with the longest path. Its Value is as it was sent;
// Domain and Path are what it applies to.
//
// Source: Werkzeug: test.py, Client.get_cookie.
func (c *TestClient) Cookie(name string) *http.Cookie {
	var best *http.Cookie
	for _, k := range c.jar.cookies {
		if k.Name == name && (best == nil || len(k.Path) > len(best.Path)) {
			found := k.Cookie
			best = &found
		}
	}
	return best
}

// Cookies gives all cookies in the client's jar, in the order in which they
// were first set.
func (c *TestClient) Cookies() []*http.Cookie {
	out := make([]*http.Cookie, 0, len(c.jar.cookies))
	for _, k := range c.jar.cookies {
		found := k.Cookie
		out = append(out, &found)
	}
	return out
}

// SetCookie puts a cookie into the client's jar. Without a Domain it is for the
// host that requests go to, and not for its subdomains; without a Path it is
// for all paths. The Value is sent as it is.
//
// Source: Werkzeug: test.py, Client.set_cookie.
func (c *TestClient) SetCookie(cookie *http.Cookie) {
	k := &jarCookie{Cookie: *cookie, hostOnly: cookie.Domain == ""}
	if k.hostOnly {
		q := newTestRequest(c.app, http.MethodGet)
		q.apply(c.defaults)
		k.Domain, _ = splitHostPort(q.host)
	}
	k.Domain = cookieDomain(k.Domain)
	if k.Path == "" {
		k.Path = "/"
	}
	c.jar.set(k)
}

// DeleteCookie removes the cookies of that name from the client's jar, for
// every domain and path.
//
// Source: Werkzeug: test.py, Client.delete_cookie.
func (c *TestClient) DeleteCookie(name string) {
	c.jar.cookies = slices.DeleteFunc(c.jar.cookies, func(k *jarCookie) bool { return k.Name == name })
}

// set puts k into the jar, in the place of the one it replaces; a cookie that
// has expired only removes that.
func (j *cookieJar) set(k *jarCookie) {
	i := slices.IndexFunc(j.cookies, func(old *jarCookie) bool {
		return old.Name == k.Name && old.Domain == k.Domain && old.Path == k.Path
	})
	expired := k.MaxAge < 0 || k.MaxAge == 0 && !k.Expires.IsZero() && !k.Expires.After(time.Now())
	switch {
	case expired && i >= 0:
		j.cookies = slices.Delete(j.cookies, i, i+1)
	case expired:
	case i >= 0:
		j.cookies[i] = k
	default:
		j.cookies = append(j.cookies, k)
	}
}

// addTo adds the Cookie field to r: the cookies that match the request, longer
// paths first.
func (j *cookieJar) addTo(r *http.Request, q *testRequest) {
	host, _ := splitHostPort(q.host)
	var matching []*jarCookie
	for _, k := range j.cookies {
		if k.matches(host, q.root+q.url.Path) {
			matching = append(matching, k)
		}
	}
	slices.SortStableFunc(matching, func(a, b *jarCookie) int { return len(b.Path) - len(a.Path) })
	for _, k := range matching {
		addCookie(r.Header, k.Name, k.Value)
	}
}

func addCookie(h http.Header, name, value string) {
	pair := name + "=" + value
	if old := h.Get("Cookie"); old != "" {
		pair = old + "; " + pair
	}
	h.Set("Cookie", pair)
}

// matches reports whether k is sent to a path of host. Its other attributes,
// such as Secure, do not count.
func (k *jarCookie) matches(host, path string) bool {
	if host != k.Domain && (k.hostOnly || !within(host, k.Domain)) {
		return false
	}
	rest, ok := strings.CutPrefix(path, k.Path)
	return ok && (rest == "" || rest[0] == '/' || strings.HasSuffix(k.Path, "/"))
}

// update keeps the cookies that a response sets. One for a domain that the host
// does not belong to is dropped, as browsers do.
func (j *cookieJar) update(q *testRequest, lines []string) {
	host, _ := splitHostPort(q.host)
	for _, line := range lines {
		k, ok := parseSetCookie(line)
		if !ok {
			continue
		}
		switch {
		case k.Domain == "":
			k.Domain, k.hostOnly = host, true
		case !within(host, k.Domain):
			continue
		}
		if !strings.HasPrefix(k.Path, "/") {
			k.Path = defaultCookiePath(q.root + q.url.Path)
		}
		j.set(k)
	}
}

// defaultCookiePath is the path of a cookie that names none: the directory of
// the request's (RFC 6265 §5.1.4).
func defaultCookiePath(path string) string {
	if i := strings.LastIndexByte(path, '/'); i > 0 {
		return path[:i]
	}
	return "/"
}

// cookieDomain is a Domain attribute as it is compared.
func cookieDomain(domain string) string {
	return strings.ToLower(strings.TrimPrefix(domain, "."))
}

// parseSetCookie reads a Set-Cookie field, keeping the value as it is
// (RFC 6265 §5.2).
func parseSetCookie(line string) (*jarCookie, bool) {
	pair, attributes, _ := strings.Cut(line, ";")
	name, value, ok := strings.Cut(pair, "=")
	k := &jarCookie{Cookie: http.Cookie{
		Name:  strings.TrimSpace(name),
		Value: strings.TrimSpace(value),
		Raw:   line,
	}}
	for attribute := range strings.SplitSeq(attributes, ";") {
		name, value, _ := strings.Cut(attribute, "=")
		k.setAttribute(strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value))
	}
	return k, ok && k.Name != ""
}

func (k *jarCookie) setAttribute(name, value string) {
	switch name {
	case "domain":
		k.Domain = cookieDomain(value)
	case "path":
		k.Path = value
	case "max-age":
		if n, err := strconv.Atoi(value); err == nil {
			k.MaxAge = n
			if n == 0 {
				k.MaxAge = -1 // in http.Cookie 0 stands for no attribute
			}
		}
	case "expires":
		k.RawExpires = value
		if t, err := http.ParseTime(value); err == nil {
			k.Expires = t
		}
	case "secure":
		k.Secure = true
	case "httponly":
		k.HttpOnly = true
	case "partitioned":
		k.Partitioned = true
	case "samesite":
		k.SameSite = sameSite(value)
	}
}

func sameSite(value string) http.SameSite {
	switch strings.ToLower(value) {
	case "lax":
		return http.SameSiteLaxMode
	case "strict":
		return http.SameSiteStrictMode
	case "none":
		return http.SameSiteNoneMode
	}
	return http.SameSiteDefaultMode
}
