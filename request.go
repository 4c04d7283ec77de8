package retort

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/retort-go/retort/datastructures"
	"github.com/retort-go/retort/gateway"
	"github.com/retort-go/retort/internal/formparser"
	"github.com/retort-go/retort/internal/urlmap"
)

// Request is what the client sent. It belongs to one [Context] and is never
// reused; reading it is safe from several goroutines, except for the body
// (Data, JSON, Form, Stream), which one goroutine reads while the request is
// running.
//
// Differs from Flask: it does not embed the *http.Request, because its fields
// Form and Header would stand beside methods of the same meaning with other
// rules; [Request.HTTP] gives it.
//
// Source: Werkzeug: wrappers/request.py, Request.
type Request struct {
	http *http.Request
	c    *Context
}

// HTTP gives the underlying *http.Request. Its body should be read through
// [Request.Data], which keeps it and enforces the limits.
func (r *Request) HTTP() *http.Request { return r.http }

// Method is the method as sent: "GET". It is case-sensitive (RFC 9110 §9.1).
func (r *Request) Method() string { return r.http.Method }

// Path is the percent-decoded path below the script root, with one leading
// slash. Bytes that are no UTF-8 are U+FFFD.
func (r *Request) Path() string { return routePath(r.http.URL.Path) }

// routePath is the path that rules are matched against: leading slashes
// collapse to one.
func routePath(p string) string {
	if len(p) > 1 && p[0] == '/' && p[1] != '/' {
		return validUTF8(p)
	}
	return "/" + strings.TrimLeft(validUTF8(p), "/")
}

// validUTF8 replaces each run of bytes that cannot be UTF-8 by U+FFFD, as
// Python's decoder does with errors="replace" for each of them.
func validUTF8(s string) string {
	if isASCII(s) || utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// isASCII looks at eight bytes at a time: every request's path passes here, and
// [utf8.ValidString] takes three times as long.
func isASCII(s string) bool {
	const high = 0x8080808080808080
	if len(s) < 8 {
		return utf8.ValidString(s) && len(s) == utf8.RuneCountInString(s)
	}
	bits := word(s[len(s)-8:])
	for ; len(s) >= 8; s = s[8:] {
		bits |= word(s)
	}
	return bits&high == 0
}

// word is the first eight bytes as a number.
func word(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// QueryString is the query as sent, without the "?".
func (r *Request) QueryString() string { return r.http.URL.RawQuery }

// FullPath is the path with "?" and the query.
func (r *Request) FullPath() string { return r.Path() + "?" + r.QueryString() }

// Header gives the fields of the request. The Host field is [Request.Host].
func (r *Request) Header() http.Header { return r.http.Header }

// Scheme is "https" over TLS, else "http".
func (r *Request) Scheme() string {
	if s := r.http.URL.Scheme; s == "https" || s == "http" {
		return s
	}
	if r.http.TLS != nil {
		return "https"
	}
	return "http"
}

// IsSecure reports whether the request came over TLS.
func (r *Request) IsSecure() bool { return r.Scheme() == "https" }

// Host is the host the client asked for, in lower case, without the default
// port of the scheme. It is "" when the client sent none.
func (r *Request) Host() string {
	return canonicalHost(r.http.Host, r.Scheme())
}

// ScriptRoot is the path under which the app is mounted, without a slash at
// the end: "" at the root.
func (r *Request) ScriptRoot() string {
	return strings.TrimRight(gateway.ScriptNameOf(r.http), "/")
}

// HostURL is scheme, host and a slash: "http://example.com/".
func (r *Request) HostURL() string { return r.Scheme() + "://" + r.Host() + "/" }

// RootURL is the URL of the app's root: "http://example.com/app/".
func (r *Request) RootURL() string { return r.HostURL() + strings.TrimPrefix(r.ScriptRoot()+"/", "/") }

// BaseURL is the URL without its query, percent-encoded.
func (r *Request) BaseURL() string {
	return strings.TrimSuffix(r.RootURL(), "/") + urlmap.QuotePath(r.Path())
}

// URL is the whole URL, percent-encoded.
func (r *Request) URL() string {
	if q := r.QueryString(); q != "" {
		return r.BaseURL() + "?" + q
	}
	return r.BaseURL()
}

// RemoteAddr is the address of the peer without its port, "" when there is
// none (a unix socket).
func (r *Request) RemoteAddr() string {
	addr := r.http.RemoteAddr
	if host, _, err := net.SplitHostPort(addr); err == nil {
		addr = host
	}
	if _, err := netip.ParseAddr(addr); err != nil {
		return ""
	}
	return addr
}

// Endpoint is the endpoint of the rule that matched, "" when none did.
func (r *Request) Endpoint() string { return r.c.Endpoint() }

// URLRule is the rule that matched, as written; "" when none did.
func (r *Request) URLRule() string {
	if r.c.route == nil || r.c.route.rule == nil {
		return ""
	}
	return r.c.route.rule.Spec.Rule
}

// ViewArgs is [Context.ViewArgs].
func (r *Request) ViewArgs() H { return r.c.ViewArgs() }

// Args is the query, in order. It is parsed once.
func (r *Request) Args() *datastructures.MultiDict {
	x := r.c.more()
	if d := x.args.Load(); d != nil {
		return d
	}
	d := formparser.ParseURLEncoded(r.QueryString())
	x.args.CompareAndSwap(nil, d)
	return x.args.Load()
}

// Form is the form in the body, in order: empty unless the content type is
// application/x-www-form-urlencoded. A body that cannot be read (too large, cut
// off) ends the view with the error's page.
func (r *Request) Form() *datastructures.MultiDict {
	if r.Mimetype() != "application/x-www-form-urlencoded" {
		return nil
	}
	x := r.c.more()
	if d := x.form.Load(); d != nil {
		return d
	}
	data, err := r.Data()
	if err != nil {
		panic(err)
	}
	d := formparser.ParseURLEncoded(string(data))
	x.form.CompareAndSwap(nil, d)
	return x.form.Load()
}

// ContentType is the Content-Type field.
func (r *Request) ContentType() string { return r.http.Header.Get("Content-Type") }

// Mimetype is the content type in lower case without its parameters.
func (r *Request) Mimetype() string {
	t, _, _ := strings.Cut(r.ContentType(), ";")
	return strings.ToLower(strings.TrimSpace(t))
}

// MimetypeParams are the parameters of the content type.
func (r *Request) MimetypeParams() map[string]string {
	_, params, err := mime.ParseMediaType(r.ContentType())
	if err != nil {
		return nil
	}
	return params
}

// IsJSON reports whether the content type is application/json or
// application/*+json.
func (r *Request) IsJSON() bool {
	t := r.Mimetype()
	return t == "application/json" || strings.HasPrefix(t, "application/") && strings.HasSuffix(t, "+json")
}

// body is the request body, read at most once.
type body struct {
	mu     sync.Mutex
	read   bool
	data   []byte
	err    error
	stream io.Reader
}

// Data is the whole body, read once and kept. The error is an [*HTTPError]: 413
// when the body is larger than MAX_CONTENT_LENGTH, 400 when it is cut off or
// badly framed. The slice must not be changed.
func (r *Request) Data() ([]byte, error) {
	b := &r.c.more().body
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.read {
		return b.data, b.err
	}
	r.c.requireLive("Request.Data")
	b.read = true
	var buf bytes.Buffer
	if n := r.http.ContentLength; n > 0 && n <= 1<<20 {
		buf.Grow(int(n) + bytes.MinRead)
	}
	_, b.err = buf.ReadFrom(r.openStream(b))
	b.data = buf.Bytes()
	return b.data, b.err
}

// Stream is the body as it arrives, limited to MAX_CONTENT_LENGTH; its errors
// are those of [Request.Data]. What is read here is not in Data.
func (r *Request) Stream() io.Reader {
	b := &r.c.more().body
	b.mu.Lock()
	defer b.mu.Unlock()
	r.c.requireLive("Request.Stream")
	return r.openStream(b)
}

func (r *Request) openStream(b *body) io.Reader {
	if b.stream == nil {
		b.stream = r.limitedBody()
	}
	return b.stream
}

func (r *Request) limitedBody() io.Reader {
	if r.http.Body == nil || r.http.Body == http.NoBody {
		return http.NoBody
	}
	limit := r.c.App.settings().maxContentLength
	if limit <= 0 {
		return &bodyReader{r: r.http.Body}
	}
	if r.http.ContentLength > limit {
		return &bodyReader{err: tooLarge(limit)}
	}
	return &bodyReader{r: http.MaxBytesReader(r.c.w, r.http.Body, limit), limit: limit}
}

// bodyReader gives errors that say what the client did wrong.
type bodyReader struct {
	r     io.Reader
	limit int64
	err   error
}

func (b *bodyReader) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	n, err := b.r.Read(p)
	var large *http.MaxBytesError
	switch {
	case err == nil || err == io.EOF:
		return n, err
	case errors.As(err, &large):
		b.err = tooLarge(b.limit)
	default:
		b.err = &HTTPError{Code: http.StatusBadRequest, Description: "The body of the request broke off or was not framed as HTTP asks.", original: err}
	}
	return n, b.err
}

func tooLarge(limit int64) error {
	return &HTTPError{
		Code:        http.StatusRequestEntityTooLarge,
		Description: fmt.Sprintf("The body of the request is larger than the %d bytes that MAX_CONTENT_LENGTH allows.", limit),
	}
}

// JSON decodes the body into v, as [json.Unmarshal] does. The error is an
// [*HTTPError]: 415 when the content type is not JSON, 400 when the body is
// not, 413 when it is too large. The 400 says where only in debug mode.
//
// Source: Werkzeug: wrappers/request.py, get_json.
func (r *Request) JSON(v any) error {
	if !r.IsJSON() {
		return Error(http.StatusUnsupportedMediaType,
			"The body was not read as JSON, because the Content-Type is not application/json.")
	}
	data, err := r.Data()
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, v); err != nil {
		e := &HTTPError{Code: http.StatusBadRequest, original: err}
		if r.c.App.settings().debug {
			e.Description = "The body is not the JSON that was expected: " + err.Error()
		}
		return e
	}
	return nil
}
