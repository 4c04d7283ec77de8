package retort

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/retort-go/retort/datastructures"
	"github.com/retort-go/retort/internal/httpfield"
)

// The methods here read and write fields of Response.Header as values instead
// of text; the header is the one place where the fields are. Of two sets or
// directives of one field that are kept and changed in turn, the last change
// wins: they are asked for anew where they are needed.
//
// Source: Werkzeug: sansio/response.py.

// Mimetype is the content type in lower case without its parameters.
func (res *Response) Mimetype() string {
	mimetype, _, _ := strings.Cut(res.Header.Get("Content-Type"), ";")
	return strings.ToLower(strings.TrimSpace(mimetype))
}

// SetMimetype sets the Content-Type field: to mimetype, with "; charset=utf-8"
// where it is text.
func (res *Response) SetMimetype(mimetype string) {
	res.Header.Set("Content-Type", withCharset(mimetype))
}

// Date is the Date field, the zero time when it is missing or no date.
func (res *Response) Date() time.Time { return dateField(res.Header, "Date") }

// SetDate sets the Date field in whole seconds; the zero time removes it.
func (res *Response) SetDate(t time.Time) { setDateField(res.Header, "Date", t) }

// LastModified is the Last-Modified field, the zero time when it is missing or
// no date.
func (res *Response) LastModified() time.Time { return dateField(res.Header, "Last-Modified") }

// SetLastModified sets the Last-Modified field in whole seconds; the zero time
// removes it.
func (res *Response) SetLastModified(t time.Time) { setDateField(res.Header, "Last-Modified", t) }

// Expires is the Expires field, the zero time when it is missing or no date.
func (res *Response) Expires() time.Time { return dateField(res.Header, "Expires") }

// SetExpires sets the Expires field in whole seconds; the zero time removes it.
func (res *Response) SetExpires(t time.Time) { setDateField(res.Header, "Expires", t) }

func dateField(h http.Header, name string) time.Time {
	t, _ := httpfield.ParseDate(h.Get(name))
	return t
}

func setDateField(h http.Header, name string, t time.Time) {
	if t.IsZero() {
		h.Del(name)
		return
	}
	h.Set(name, httpfield.FormatDate(t))
}

// Age is for how long the response has been in a cache; ok is false when the
// field is missing or no number of seconds.
func (res *Response) Age() (age time.Duration, ok bool) {
	seconds, ok := httpfield.ParseAge(res.Header.Get("Age"))
	return secondsOf(seconds), ok
}

// SetAge sets the Age field in whole seconds. It panics when age is negative.
func (res *Response) SetAge(age time.Duration) {
	if age < 0 {
		panic(fmt.Sprintf("retort: the age %v is negative", age))
	}
	res.Header.Set("Age", strconv.FormatInt(int64(age/time.Second), 10))
}

// secondsOf is a number of seconds as a duration, the longest there is when
// they are too many.
func secondsOf(seconds int64) time.Duration {
	const most = int64(1<<63-1) / int64(time.Second)
	return time.Duration(min(seconds, most)) * time.Second
}

// RetryAfter is when the client may try again. The field holds a date or a
// number of seconds from now; without either it is the zero time.
func (res *Response) RetryAfter() time.Time {
	value := res.Header.Get("Retry-After")
	if seconds, ok := httpfield.ParseAge(value); ok {
		return time.Now().Add(secondsOf(seconds)).Truncate(time.Second)
	}
	return dateField(res.Header, "Retry-After")
}

// SetRetryAfter asks the client to wait for a time, in whole seconds rounded up.
func (res *Response) SetRetryAfter(wait time.Duration) {
	seconds := (max(wait, 0) + time.Second - 1) / time.Second
	res.Header.Set("Retry-After", strconv.FormatInt(int64(seconds), 10))
}

// Allow gives the methods in the Allow field. What is changed in the set is
// changed in the field; a set that becomes empty removes it.
func (res *Response) Allow() *datastructures.HeaderSet { return setField(res.Header, "Allow") }

// ContentLanguage gives the languages of the body ("de-AT"), as
// [Response.Allow] gives methods.
func (res *Response) ContentLanguage() *datastructures.HeaderSet {
	return setField(res.Header, "Content-Language")
}

// Vary gives the request fields that the response depends on, as
// [Response.Allow] gives methods; "*" stands for more than fields:
//
//	res.Vary().Add("Accept-Language", "Cookie")
func (res *Response) Vary() *datastructures.HeaderSet { return setField(res.Header, "Vary") }

func setField(h http.Header, name string) *datastructures.HeaderSet {
	set := datastructures.ParseHeaderSet(strings.Join(h[name], ", "))
	set.OnUpdate(func() { setOrDelete(h, name, set.String()) })
	return set
}

func setOrDelete(h http.Header, name, value string) {
	if value == "" {
		h.Del(name)
		return
	}
	h.Set(name, value)
}

// CacheControl gives the directives of the Cache-Control field. What is changed
// in them is changed in the field:
//
//	res.CacheControl().SetMaxAge(300)
func (res *Response) CacheControl() *datastructures.ResponseCacheControl {
	const name = "Cache-Control"
	directives := datastructures.ParseResponseCacheControl(strings.Join(res.Header[name], ", "))
	directives.OnUpdate(func() { setOrDelete(res.Header, name, directives.String()) })
	return directives
}

// ContentRange is the Content-Range field; ok is false when it is missing or
// malformed.
func (res *Response) ContentRange() (part datastructures.ContentRange, ok bool) {
	return datastructures.ParseContentRange(res.Header.Get("Content-Range"))
}

// SetContentRange sets the Content-Range field; one without units removes it.
func (res *Response) SetContentRange(part datastructures.ContentRange) {
	setOrDelete(res.Header, "Content-Range", part.String())
}

// WWWAuthenticate gives the challenges in the WWW-Authenticate fields, one a
// field. They are copies.
func (res *Response) WWWAuthenticate() []*datastructures.WWWAuthenticate {
	var challenges []*datastructures.WWWAuthenticate
	for _, value := range res.Header["Www-Authenticate"] {
		if c := datastructures.ParseWWWAuthenticate(value); c != nil {
			challenges = append(challenges, c)
		}
	}
	return challenges
}

// SetWWWAuthenticate sets a WWW-Authenticate field for each challenge; without
// challenges it removes them.
func (res *Response) SetWWWAuthenticate(challenges ...*datastructures.WWWAuthenticate) {
	res.Header.Del("WWW-Authenticate")
	for _, c := range challenges {
		res.Header.Add("WWW-Authenticate", c.String())
	}
}

// AddContentSecurityPolicy adds sources to a directive of the policy, which is
// made if it is missing: res.AddContentSecurityPolicy("script-src", "'self'").
// The other directives stay. It panics when a name or source holds a space, a
// comma, a semicolon or a control character, which would begin another
// directive or policy.
//
// Source: Werkzeug: datastructures/csp.py; CSP Level 3 §2.2.1.
func (res *Response) AddContentSecurityPolicy(directive string, sources ...string) {
	for _, s := range append(sources[:len(sources):len(sources)], directive) {
		if s == "" || strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r == ',' || r == ';' || r >= 0x7f }) {
			panic(fmt.Sprintf("retort: %q cannot stand in a Content-Security-Policy: name and sources are given one by one, in ASCII", s))
		}
	}
	var policy []string
	if text := res.Header.Get("Content-Security-Policy"); text != "" {
		policy = strings.Split(text, ";")
	}
	added := false
	for i, d := range policy {
		words := strings.Fields(d)
		if len(words) > 0 && strings.EqualFold(words[0], directive) && !added {
			words, added = append(words, sources...), true
		}
		policy[i] = strings.Join(words, " ")
	}
	if !added {
		policy = append(policy, strings.Join(append([]string{directive}, sources...), " "))
	}
	policy = slices.DeleteFunc(policy, func(d string) bool { return d == "" })
	res.Header.Set("Content-Security-Policy", strings.Join(policy, "; "))
}
