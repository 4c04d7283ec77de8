package retort

import (
	"strconv"
	"strings"
	"time"

	"github.com/retort-go/retort/datastructures"
	"github.com/retort-go/retort/internal/httpfield"
)

// field gives the values of a field that is a list as one: a client may spread
// it over several lines (RFC 9110 §5.3).
func (r *Request) field(name string) string {
	values := r.http.Header[name]
	if len(values) == 1 {
		return values[0]
	}
	return strings.Join(values, ",")
}

// ContentLength is the number of bytes in the body, -1 when the client did not
// say: a body in chunks, or none.
func (r *Request) ContentLength() int64 {
	n := r.http.ContentLength
	if n == 0 && r.http.Header.Get("Content-Length") == "" {
		return -1
	}
	return n
}

// ContentEncoding is how the body is encoded, "gzip" for instance; "" when it is
// not. The body is not decoded.
func (r *Request) ContentEncoding() string { return r.http.Header.Get("Content-Encoding") }

// Date is when the request was made, as its Date field says; the zero time when
// there is none or it is no date.
func (r *Request) Date() time.Time { return dateField(r.http.Header, "Date") }

// MaxForwards is how many proxies may pass on a TRACE or OPTIONS.
func (r *Request) MaxForwards() (n int, ok bool) {
	n, err := strconv.Atoi(strings.TrimSpace(r.http.Header.Get("Max-Forwards")))
	return n, err == nil
}

// Referrer is the page that led here, "" when the client does not say.
func (r *Request) Referrer() string { return r.http.Header.Get("Referer") }

// UserAgent is what the client calls itself.
func (r *Request) UserAgent() string { return r.http.Header.Get("User-Agent") }

// Origin is the origin of the page that made the request (Fetch §3.2).
func (r *Request) Origin() string { return r.http.Header.Get("Origin") }

// AccessControlRequestMethod is the method that a preflight request asks for.
func (r *Request) AccessControlRequestMethod() string {
	return r.http.Header.Get("Access-Control-Request-Method")
}

// AccessControlRequestHeaders are the fields that a preflight request asks for.
// The set is the caller's own.
func (r *Request) AccessControlRequestHeaders() *datastructures.HeaderSet {
	return datastructures.ParseHeaderSet(r.field("Access-Control-Request-Headers"))
}

// SecFetchSite is how the page that made the request is related to this site:
// "same-origin", "same-site", "cross-site" or "none"; "" when the browser does
// not say.
func (r *Request) SecFetchSite() string { return r.http.Header.Get("Sec-Fetch-Site") }

// SecFetchMode is the mode of the request: "navigate", "cors" and so on.
func (r *Request) SecFetchMode() string { return r.http.Header.Get("Sec-Fetch-Mode") }

// SecFetchDest is what the response is for: "document", "image" and so on.
func (r *Request) SecFetchDest() string { return r.http.Header.Get("Sec-Fetch-Dest") }

// SecFetchUser reports whether a user has caused the navigation.
func (r *Request) SecFetchUser() bool { return r.http.Header.Get("Sec-Fetch-User") == "?1" }

// AccessRoute is the way of the request: the addresses of X-Forwarded-For, from
// the client to the last proxy; without that field [Request.RemoteAddr] alone.
// A client can put there what it likes: it is for logs, not for decisions.
//
// Source: Werkzeug: sansio/request.py, Request.access_route.
func (r *Request) AccessRoute() []string {
	if _, ok := r.http.Header["X-Forwarded-For"]; ok {
		return httpfield.ParseList(r.field("X-Forwarded-For"))
	}
	if addr := r.RemoteAddr(); addr != "" {
		return []string{addr}
	}
	return nil
}

// Authorization is what the client shows to be let in, nil when it shows
// nothing or nothing that can be read. Its methods may be called on nil.
func (r *Request) Authorization() *datastructures.Authorization {
	return datastructures.ParseAuthorization(r.http.Header.Get("Authorization"))
}

// AcceptMimetypes are the media types that the client wants:
//
//	switch c.Request.AcceptMimetypes().BestMatch("text/html", "application/json") {
func (r *Request) AcceptMimetypes() datastructures.MIMEAccept {
	return datastructures.ParseMIMEAccept(r.field("Accept"))
}

// AcceptLanguages are the languages that the client wants.
func (r *Request) AcceptLanguages() datastructures.LanguageAccept {
	return datastructures.ParseLanguageAccept(r.field("Accept-Language"))
}

// AcceptCharsets are the charsets that the client wants; browsers send none.
func (r *Request) AcceptCharsets() datastructures.CharsetAccept {
	return datastructures.ParseCharsetAccept(r.field("Accept-Charset"))
}

// AcceptEncodings are the content encodings that the client wants.
func (r *Request) AcceptEncodings() datastructures.Accept {
	return datastructures.ParseAccept(r.field("Accept-Encoding"))
}

// CacheControl is what the client asks of caches.
func (r *Request) CacheControl() *datastructures.RequestCacheControl {
	return datastructures.ParseRequestCacheControl(r.field("Cache-Control"))
}

// Pragma are the directives of HTTP/1.0's Cache-Control. The set is the caller's
// own.
func (r *Request) Pragma() *datastructures.HeaderSet {
	return datastructures.ParseHeaderSet(r.field("Pragma"))
}

// IfMatch are the tags one of which the resource must have.
func (r *Request) IfMatch() datastructures.ETags {
	return datastructures.ParseETags(r.field("If-Match"))
}

// IfNoneMatch are the tags none of which the resource may have.
func (r *Request) IfNoneMatch() datastructures.ETags {
	return datastructures.ParseETags(r.field("If-None-Match"))
}

// IfModifiedSince is when the client has got the resource; the zero time when
// it does not say, or says it in a way that is no date.
func (r *Request) IfModifiedSince() time.Time { return dateField(r.http.Header, "If-Modified-Since") }

// IfUnmodifiedSince is the date after which the resource may not have changed;
// the zero time when there is none.
func (r *Request) IfUnmodifiedSince() time.Time {
	return dateField(r.http.Header, "If-Unmodified-Since")
}

// IfRange is what must still be true for the Range field to count.
func (r *Request) IfRange() datastructures.IfRange {
	return datastructures.ParseIfRange(r.http.Header.Get("If-Range"))
}

// Range is the part of the resource that the client wants; ok is false when it
// wants all of it, or the field cannot be read.
func (r *Request) Range() (part datastructures.Range, ok bool) {
	return datastructures.ParseRange(r.http.Header.Get("Range"))
}
