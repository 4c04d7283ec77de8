// Package cookie reads the Cookie field and writes the Set-Cookie field with
// Werkzeug's quoting, so that both sides read each other's cookies. It does no
// input or output.
package cookie

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/retort-go/retort/internal/httpfield"
	"github.com/retort-go/retort/internal/urlmap"
)

// MaxSize is the number of bytes of a Set-Cookie field that browsers keep
// reliably.
//
// Source: Flask: MAX_COOKIE_SIZE.
const MaxSize = 4093

// Cookie is a cookie to set. What is nil, zero or false has no attribute.
type Cookie struct {
	Name, Value string

	Domain  string    // a port and leading dots are cut; other than ASCII becomes punycode
	Expires time.Time // zero: follows MaxAge
	MaxAge  *int      // seconds; 0 and less delete the cookie
	Path    *string   // nil: the directory of the request's path
	Secure  bool

	HTTPOnly    bool
	SameSite    string // "Strict", "Lax" or "None", in any case
	Partitioned bool   // implies Secure
}

// Format gives the value of the Set-Cookie field. When only MaxAge is given,
// Expires is what follows from it at the time now, for clients that know no
// Max-Age.
//
// It is an error when the name is empty or holds "=", ";", spaces at its ends or
// control characters, when the domain is no host name, and when SameSite is
// another word than the three.
//
// Source: Werkzeug: http.py, dump_cookie. Differs from Werkzeug: names and
// domains are checked, because what a name smuggles past them is another cookie.
func (c Cookie) Format(now time.Time) (string, error) {
	if err := checkName(c.Name); err != nil {
		return "", err
	}
	domain, err := cleanDomain(c.Domain)
	if err != nil {
		return "", fmt.Errorf("the cookie %q: Domain: %w", c.Name, err)
	}
	sameSite, ok := sameSiteWord(c.SameSite)
	if !ok {
		return "", fmt.Errorf("the cookie %q: SameSite is %q; it is Strict, Lax or None", c.Name, c.SameSite)
	}
	var b strings.Builder
	b.WriteString(c.Name + "=" + Quote(c.Value))
	attribute := func(present bool, name, value string) {
		if present {
			b.WriteString("; " + name + value)
		}
	}
	expires := c.expiry(now)
	attribute(domain != "", "Domain=", domain)
	attribute(!expires.IsZero(), "Expires=", httpfield.FormatDate(expires))
	if c.MaxAge != nil {
		attribute(true, "Max-Age=", strconv.Itoa(*c.MaxAge))
	}
	attribute(c.Secure || c.Partitioned, "Secure", "")
	attribute(c.HTTPOnly, "HttpOnly", "")
	if c.Path != nil {
		attribute(true, "Path=", quotePath(*c.Path))
	}
	attribute(sameSite != "", "SameSite=", sameSite)
	attribute(c.Partitioned, "Partitioned", "")
	return b.String(), nil
}

// TooLarge gives a warning when the field, as Format gave it, has more than limit
// bytes, and "" when it has not; a limit of 0 turns the warning off.
//
// Source: Werkzeug: http.py, dump_cookie.
func (c Cookie) TooLarge(field string, limit int) string {
	if limit <= 0 || len(field) <= limit {
		return ""
	}
	value := len(Quote(c.Value))
	return fmt.Sprintf("the cookie %q has %d bytes, %d for its value and %d around it; browsers may drop "+
		"a cookie of more than %d bytes without saying so", c.Name, len(field), value, len(field)-value, limit)
}

// expiry is the date of the Expires attribute, zero for none. Years beyond 9999
// have no form in HTTP; the last one that has stands for them.
func (c Cookie) expiry(now time.Time) time.Time {
	if !c.Expires.IsZero() || c.MaxAge == nil {
		return c.Expires
	}
	const forever = 253402300799 // 9999-12-31 23:59:59 UTC
	seconds := min(max(int64(*c.MaxAge), -now.Unix()), forever-now.Unix())
	return time.Unix(now.Unix()+seconds, 0)
}

// checkName refuses names that would end the pair, the attribute or the field.
func checkName(name string) error {
	switch {
	case name == "":
		return fmt.Errorf("a cookie has no name; browsers would take its value for a name and a value")
	case strings.ContainsAny(name, "=;") || !httpfield.ValidValue(name) || name != strings.TrimSpace(name):
		return fmt.Errorf("the cookie name %q holds one of \"=\", \";\" or control characters, or has a space at an end; "+
			"it would be read as another cookie", name)
	}
	return nil
}

// cleanDomain gives the host name of the Domain attribute, in the case in which
// it was written unless it needs punycode.
func cleanDomain(domain string) (string, error) {
	domain, _, _ = strings.Cut(domain, ":")
	domain = strings.TrimLeft(domain, ".")
	ascii, err := urlmap.ASCIIHost(domain)
	if err != nil || strings.EqualFold(ascii, domain) {
		return domain, err
	}
	return ascii, nil
}

// sameSiteWord gives the word in the case of RFC 6265bis.
func sameSiteWord(word string) (string, bool) {
	for _, w := range [...]string{"", "Strict", "Lax", "None"} {
		if strings.EqualFold(word, w) {
			return w, true
		}
	}
	return "", false
}

// quotePath percent-encodes what a path cannot hold, and the semicolon, which
// would end the attribute. Escapes stay as they are.
func quotePath(path string) string {
	var b strings.Builder
	for _, c := range []byte(path) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9',
			strings.IndexByte("-._~%!$&'()*+,/:=@", c) >= 0:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
