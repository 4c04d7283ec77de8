package retort

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/retort-go/retort/gateway"
	"github.com/retort-go/retort/internal/httpfield"
	"github.com/retort-go/retort/internal/urlmap"
)

// Response is the answer to a request: status, header and body. Views return
// one or something that [Reply] turns into one; after_request functions change
// it. It is used by one goroutine and answers one request: it takes the cookies of
// that client, so returning it from a view again is an error.
//
// A Response is itself an [http.Handler] and a [gateway.App], as Werkzeug's is
// a WSGI application.
//
// Source: Werkzeug: wrappers/response.py, Response.
type Response struct {
	// Status is the status code, 200 to 999. 0 means 200.
	Status int
	// Reason is the reason phrase when it is not the standard one. net/http and
	// HTTP/2 cannot send it; the gateways that write the status line do.
	Reason string
	// Header holds the fields. The Response of a view always has one.
	Header http.Header

	content content
	err     error
	onClose []func() error
	written bool
	used    uint32 // 1: a request was answered with it; for sync/atomic, as a Response may be assigned to another
}

const (
	htmlType  = "text/html; charset=utf-8"
	plainType = "text/plain; charset=utf-8"
	jsonType  = "application/json"
	octetType = "application/octet-stream"
)

// newResponse gives a Response with a content type, which "" leaves out.
func newResponse(status int, contentType string, body content) *Response {
	res := &Response{Status: status, Header: make(http.Header, 4), content: body}
	if contentType != "" {
		res.Header["Content-Type"] = []string{contentType}
	}
	return res
}

// Text gives a text/plain response. A plain string returned from a view is
// text/html.
func Text(s string) *Response { return newResponse(200, plainType, textContent(s)) }

// HTML gives a text/html response: what a view's string becomes.
func HTML(s string) *Response { return newResponse(200, htmlType, textContent(s)) }

// Bytes gives a response with data under contentType. data must not be changed
// afterwards.
func Bytes(contentType string, data []byte) *Response {
	return newResponse(200, contentType, bytesContent(data))
}

// SetStatus sets status and reason from a status line: "404", or "418 Short and
// stout" for a phrase of one's own. It panics when line does not begin with a
// code from 200 to 999, or holds a control character.
//
// Source: Werkzeug: sansio/response.py, Response.status.
func (res *Response) SetStatus(line string) {
	digits, reason, _ := strings.Cut(strings.TrimSpace(line), " ")
	code, err := strconv.Atoi(digits)
	if err != nil || code < 200 || code > 999 || strings.ContainsFunc(reason, isControl) {
		panic(fmt.Sprintf("retort: %q is no status line; SetStatus takes a final status and perhaps a phrase: \"418 Short and stout\"", line))
	}
	res.Status, res.Reason = code, strings.TrimSpace(reason)
	if res.Reason == statusName(code) {
		res.Reason = ""
	}
}

// Err is the error of a response that could not be made (a body that is no
// JSON, a template that failed). Returning such a response from a view is
// returning its error.
func (res *Response) Err() error { return res.err }

// Data is the whole body. A stream is read to its end and kept, so that it can
// still be sent; its error is returned.
func (res *Response) Data() ([]byte, error) {
	if err := res.resolve(jsonOptions{}); err != nil {
		return nil, err
	}
	return res.content.buffer()
}

// SetData makes data the body, in the place of what was there, which is closed
// unread. Content-Length follows when the response is sent.
func (res *Response) SetData(data []byte) {
	if err := res.content.close(); err != nil && res.err == nil {
		res.err = err
	}
	res.content = bytesContent(data)
	res.Header.Del("Content-Length")
}

// IsStreamed reports whether the body is produced while it is sent.
func (res *Response) IsStreamed() bool { return res.content.streamed() }

// OnClose has f called once when the response has been sent, or has failed to
// be: after the body, in the order of registration. Errors are logged.
func (res *Response) OnClose(f func() error) { res.onClose = append(res.onClose, f) }

// Close releases the body and runs the OnClose functions, once. Whoever sends
// the response calls it. A panic of one of them is an error like another.
func (res *Response) Close() error {
	errs := []error{closing(res.content.close)}
	funcs := res.onClose
	res.onClose = nil
	for _, f := range funcs {
		errs = append(errs, closing(f))
	}
	return errors.Join(errs...)
}

// closing calls f; a panic becomes its error.
func closing(f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = thrownError(v)
		}
	}()
	return f()
}

// use notes that a request is answered with the response. It reports whether it
// is the first one.
func (res *Response) use() bool { return atomic.CompareAndSwapUint32(&res.used, 0, 1) }

// again gives the response for one request of several: a copy, unless its body
// or its OnClose functions can be used only once.
func (res *Response) again() *Response {
	if res.content.kind == readerBody || len(res.onClose) > 0 {
		return res
	}
	copied := *res
	copied.Header = res.Header.Clone()
	return &copied
}

// resolve turns a body that is still a Go value into its JSON text.
func (res *Response) resolve(o jsonOptions) error {
	if res.err != nil {
		return res.err
	}
	if res.content.kind != jsonBody {
		return nil
	}
	data, err := encodeJSON(res.content.value, o)
	if err != nil {
		res.err = err
		return err
	}
	res.content = bytesContent(data)
	return nil
}

// check reports what would be refused or mangled on the wire: a status that is
// no final one, a field name or value that HTTP forbids.
func (res *Response) check() error {
	if res.Status == 0 {
		res.Status = 200
	}
	if res.Header == nil {
		res.Header = make(http.Header)
	}
	if !res.finalStatus() {
		return fmt.Errorf("the status %d cannot be sent: a final status is 200 to 599 (RFC 9110 §15)", res.Status)
	}
	if strings.ContainsFunc(res.Reason, isControl) {
		return fmt.Errorf("the reason phrase %q holds a control character", res.Reason)
	}
	for name, values := range res.Header {
		if !httpfield.ValidName(name) {
			return fmt.Errorf("the field name %q is not a token (RFC 9110 §5.1)", name)
		}
		for _, v := range values {
			if !httpfield.ValidValue(v) {
				return fmt.Errorf("the value %q of the field %s holds a line break or another control character; it would let whoever chose it write fields of their own", v, name)
			}
		}
	}
	return nil
}

func isControl(r rune) bool { return r < 0x20 || r == 0x7f }

// bodyAllowed reports whether a response with this status has a body (RFC 9110 §6.4.1).
func bodyAllowed(status int) bool {
	return status >= 200 && status != http.StatusNoContent && status != http.StatusNotModified
}

// notModifiedDrops are the fields of a representation, which a 304 leaves out.
var notModifiedDrops = [...]string{"Allow", "Content-Encoding", "Content-Language", "Content-Length",
	"Content-Md5", "Content-Range", "Content-Type", "Last-Modified"}

// prepare brings the header into the form in which it is sent.
func (res *Response) prepare() {
	for _, name := range [...]string{"Location", "Content-Location"} {
		if v := res.Header[name]; len(v) == 1 {
			res.Header[name] = []string{urlmap.IRIToURI(v[0])}
		}
	}
	switch {
	case res.Status == http.StatusNotModified:
		for _, name := range notModifiedDrops {
			delete(res.Header, name)
		}
	case !bodyAllowed(res.Status):
		delete(res.Header, "Content-Length")
	default:
		if res.Header["Content-Length"] != nil {
			return
		}
		if n, ok := res.content.length(); ok {
			res.Header["Content-Length"] = []string{strconv.FormatInt(n, 10)}
		}
	}
}

// ServeHTTP sends the response by itself, outside any app or as a view. One
// whose body is no reader may be sent to many clients at once.
func (res *Response) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	res = res.again()
	if h := res.content.ownHandler(); h != nil {
		h.ServeHTTP(w, r)
		return
	}
	err := errors.Join(res.resolve(jsonOptions{}), res.check())
	if err == nil {
		err = res.send(w, r)
	}
	if err = errors.Join(err, res.Close()); err == nil {
		return
	}
	if !res.written {
		http.Error(w, "the response could not be made", http.StatusInternalServerError)
		return
	}
	panic(http.ErrAbortHandler)
}

// Call sends the response through a gateway: Werkzeug's response(environ,
// start_response). It may be called many times, as ServeHTTP may.
func (res *Response) Call(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
	res = res.again()
	if app, ok := res.content.value.(gateway.App); ok && res.content.kind == gatewayBody {
		return app.Call(env, start)
	}
	if h := res.content.ownHandler(); h != nil {
		return gateway.FromHandler(h).Call(env, start)
	}
	if err := errors.Join(res.resolve(jsonOptions{}), res.check()); err != nil {
		return nil, errors.Join(err, res.Close())
	}
	return res.startResponse(env, start)
}

// statusLine is "200 OK".
func (res *Response) statusLine() string {
	reason := res.Reason
	if reason == "" {
		reason = statusName(res.Status)
	}
	return strconv.Itoa(res.Status) + " " + reason
}

func (res *Response) startResponse(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
	res.prepare()
	if _, err := start(res.statusLine(), gateway.HeadersFrom(res.Header), nil); err != nil {
		return nil, errors.Join(err, res.Close())
	}
	body := gateway.Empty()
	if bodyAllowed(res.Status) && env.Value("REQUEST_METHOD") != http.MethodHead {
		body = res.content.gatewayBody()
	}
	return gateway.OnClose(body, res.Close), nil
}

// send writes the response to w. The error is that of the body; whether
// anything has left by then is res.written.
func (res *Response) send(w http.ResponseWriter, r *http.Request) error {
	res.prepare()
	start := func() {
		res.written = true
		mergeHeader(w.Header(), res.Header)
		w.WriteHeader(res.Status)
	}
	if r.Method == http.MethodHead || !bodyAllowed(res.Status) {
		start()
		return nil
	}
	return res.content.writeTo(w, r, start)
}

// mergeHeader puts the fields of the response into dst, where middleware may
// have put its own: fields that list things are added to, others replaced.
func mergeHeader(dst, src http.Header) {
	for name, values := range src {
		switch name {
		case "Set-Cookie", "Vary", "Link", "Server-Timing":
			dst[name] = append(slices.Clip(dst[name]), values...)
		default:
			dst[name] = values
		}
	}
	if src["Content-Type"] == nil && dst["Content-Type"] == nil {
		dst["Content-Type"] = nil // net/http would guess one from the content
	}
}
