package retort

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/retort-go/retort/datastructures"
	"github.com/retort-go/retort/internal/cookie"
)

// CookieOptions are the attributes of a cookie. The zero value is a cookie for
// the whole site that ends with the browser's session, as in Flask; one that
// proves who somebody is wants Secure, HTTPOnly and SameSite as well.
type CookieOptions struct {
	// MaxAge is how long the cookie lives, in whole seconds rounded up. 0 has no
	// such attribute; less than 0 deletes the cookie: -1 is Max-Age=0. Expires
	// follows from it when that is not set.
	MaxAge time.Duration
	// Expires is when the cookie ends. The zero time has no such attribute.
	Expires time.Time
	// Path is the path under which the cookie is sent back; "" is "/".
	Path string
	// OmitPath leaves the Path out, so that it is the directory of the request's
	// path.
	OmitPath bool
	// Domain has the cookie sent to the subdomains of a domain, too. A port and a
	// leading dot are cut. "" is this host alone.
	Domain string
	// Secure keeps the cookie to HTTPS.
	Secure bool
	// HTTPOnly hides the cookie from scripts.
	HTTPOnly bool
	// SameSite is "Strict", "Lax" or "None", in any case: whether requests that
	// come from other sites carry the cookie. "" leaves it to the browser.
	SameSite string
	// Partitioned keeps a jar of its own for each site that embeds this one. It
	// implies Secure.
	Partitioned bool
}

// SetCookie adds a Set-Cookie field. The value may be any text: what a cookie
// cannot hold is quoted as Werkzeug does it, and [Request.Cookies] reads it
// again; Go's http.SetCookie would drop those bytes. A cookie of more than
// MAX_COOKIE_SIZE bytes is logged, because browsers need not keep it.
//
// It panics when name is empty, has "=", ";", control characters or spaces at
// its ends, when Domain is no host name, and when SameSite is another word.
//
// Differs from Flask: it takes any name.
//
// Source: Werkzeug: http.py, dump_cookie; RFC 6265bis §4.1.
func (res *Response) SetCookie(name, value string, options ...CookieOptions) {
	var o CookieOptions
	if len(options) > 0 {
		o = options[0]
	}
	field, err := o.cookie(name, value).Format(time.Now())
	if err != nil {
		panic("retort: " + err.Error())
	}
	addSetCookie(res.Header, field)
}

// addSetCookie adds a field in a slice of the response's own: that which is there may
// be one that requests share, and its spare room the next client's.
func addSetCookie(h http.Header, field string) {
	h["Set-Cookie"] = append(slices.Clip(h["Set-Cookie"]), field)
}

// DeleteCookie has the browser forget a cookie. Domain and Path must be those
// with which it was set; the other attributes should be, because browsers refuse
// a field without Secure for a cookie with it. MaxAge and Expires do not matter.
//
// Source: Werkzeug: sansio/response.py, delete_cookie.
func (res *Response) DeleteCookie(name string, options ...CookieOptions) {
	var o CookieOptions
	if len(options) > 0 {
		o = options[0]
	}
	o.MaxAge, o.Expires = -1, time.Unix(0, 0)
	res.SetCookie(name, "", o)
}

func (o CookieOptions) cookie(name, value string) cookie.Cookie {
	c := cookie.Cookie{
		Name: name, Value: value, Domain: o.Domain, Expires: o.Expires, Secure: o.Secure,
		HTTPOnly: o.HTTPOnly, SameSite: o.SameSite, Partitioned: o.Partitioned,
	}
	if o.MaxAge != 0 {
		seconds := int(o.MaxAge / time.Second)
		if o.MaxAge%time.Second > 0 {
			seconds++
		}
		c.MaxAge = &seconds
	}
	switch {
	case o.OmitPath:
	case o.Path == "":
		c.Path = new("/")
	default:
		c.Path = &o.Path
	}
	return c
}

// warnOfCookies logs the cookies that browsers may drop for their size.
//
// Source: Werkzeug: http.py, dump_cookie.
func (a *App) warnOfCookies(c *Context, res *Response) {
	for _, field := range res.Header["Set-Cookie"] {
		name, rest, _ := strings.Cut(field, "=")
		value, _, _ := strings.Cut(rest, ";")
		set := cookie.Cookie{Name: name, Value: cookie.Unquote(value)}
		if warning := set.TooLarge(field, int(a.settings().maxCookieSize)); warning != "" {
			a.Logger.WarnContext(c.Context(), warning, "endpoint", c.Endpoint())
		}
	}
}

// Cookies are the cookies that came with the request, in order. Of two with one
// name Get gives the first, which browsers send for the longer path. They are
// parsed once.
//
// A cookie with an empty name is left out, and names are never unquoted, so that
// none can pose as one with a __Host- or __Secure- prefix.
//
// Source: Werkzeug: sansio/request.py, cookies.
func (r *Request) Cookies() *datastructures.MultiDict {
	x := r.c.more()
	if d := x.cookies.Load(); d != nil {
		return d
	}
	x.cookies.CompareAndSwap(nil, cookie.Parse(strings.Join(r.http.Header["Cookie"], ";")))
	return x.cookies.Load()
}
