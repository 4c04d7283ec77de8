package gateway

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"sync/atomic"
)

// exchange is one request, under net/http or on a wire: the state between start_response,
// write and the body. Only the goroutine that serves the request touches it.
//
// iterating and finished are reached in this order, sent at any time after the
// response was accepted; none of them is ever taken back.
type exchange struct {
	w   http.ResponseWriter
	r   *http.Request
	env *Environ
	log *slog.Logger
	ctl *http.ResponseController

	response
	sent      bool        // the headers are out
	iterating bool        // the body is being asked for chunks
	finished  bool        // the app has nothing to say any more
	gone      bool        // a write failed: nobody is listening
	warned    bool        // about bytes that may not be sent
	size      int64       // bytes of the body sent
	claimed   atomic.Bool // middleware writes the access line
}

func newExchange(w http.ResponseWriter, r *http.Request, env *Environ, cfg *config) *exchange {
	x := &exchange{w: w, r: r, env: env, log: cfg.log, ctl: http.NewResponseController(w)}
	env.ctl, env.early, env.outer = x.ctl, x.earlyHints, x
	return x
}

// serve runs the app and reports whether the connection has to be cut.
func (x *exchange) serve(app App) (abort bool) {
	err := x.run(app)
	x.finished = true
	switch {
	case err == nil:
		return false
	case errors.Is(err, http.ErrAbortHandler):
		return true
	case x.gone || errors.Is(err, context.Canceled) && x.r.Context().Err() != nil:
		x.report(slog.LevelDebug, "gateway: the client left", err)
		return x.sent && !x.gone
	case x.sent:
		x.report(slog.LevelError, "gateway: the response was cut off", err)
		_ = x.flush() // what was sent so far is the client's; that the rest is missing it will see
		return true
	}
	if fault := reported(err); fault != nil {
		panic(fault)
	}
	x.fail(err)
	return false
}

// reported is what an application inside has panicked with for a debugger that
// stands around all of this, which has logged it; nil for any other error.
func reported(err error) any {
	var fault interface {
		error
		ForDebugger()
	}
	if errors.As(err, &fault) {
		return fault
	}
	return nil
}

// run calls the app and sends what it returns. Every panic of the app is an
// error here, and the body is closed on every way out.
func (x *exchange) run(app App) (err error) {
	defer catch(&err)
	body, err := app.Call(x.env, x.start)
	if body == nil {
		body = Empty()
	}
	defer x.close(body)
	if err != nil {
		return err
	}
	return x.send(body)
}

// catch turns a panic into the error that *err becomes.
func catch(err *error) {
	v := recover()
	if v == nil {
		return
	}
	if v == http.ErrAbortHandler {
		*err = http.ErrAbortHandler
		return
	}
	*err = &PanicError{v, debug.Stack()}
}

// close closes the body. What goes wrong there is told and changes nothing: the
// response is out.
func (x *exchange) close(body Body) {
	var err error
	defer func() {
		if err != nil {
			x.report(slog.LevelError, "gateway: closing the response body failed", err)
		}
	}()
	defer catch(&err)
	err = body.Close()
}

// start is the start_response of this exchange.
func (x *exchange) start(status string, h Headers, exc error) (Write, error) {
	if err := x.begin(status, h, exc, x.sent); err != nil {
		return nil, err
	}
	return x.write, nil
}

// fail answers a request whose app failed before anything was sent.
func (x *exchange) fail(err error) {
	level, what, code := blame(err)
	x.report(level, what, err)
	status, page := statusPage(code)
	x.code, x.status, x.header = code, status, pageHeaders(page)
	x.left = int64(len(page))
	if x.sendHeaders(); x.bodyAllowed() {
		_ = x.transmit(page) // a client that left needs no error page
	}
}

// statusPage is a response that says no more than its status.
func statusPage(code int) (status string, page []byte) {
	status = strconv.Itoa(code) + " " + http.StatusText(code)
	return status, []byte(status + "\n")
}

func pageHeaders(page []byte) Headers {
	return Headers{
		{"Content-Type", "text/plain; charset=utf-8"},
		{"Content-Length", strconv.Itoa(len(page))},
	}
}

// blame says whose failure an error is: that of the app, which is loud and a
// 500, or that of a client whose request cannot be read.
func blame(err error) (level slog.Level, what string, code int) {
	var tooLarge *http.MaxBytesError
	var input *InputError
	var request *RequestError
	level, what = slog.LevelInfo, "gateway: the request could not be read"
	switch {
	case errors.As(err, &tooLarge):
		return level, what, http.StatusRequestEntityTooLarge
	case errors.As(err, &input):
		return level, what, http.StatusBadRequest
	case errors.As(err, &request):
		return level, what, request.Status
	}
	return slog.LevelError, "gateway: the app failed", http.StatusInternalServerError
}

// report writes one record about this request, with the stack of a panic.
func (x *exchange) report(level slog.Level, what string, err error) {
	attrs := []slog.Attr{
		slog.String("method", x.r.Method), slog.String("target", requestURI(x.r)), slog.Any("error", err),
	}
	var p *PanicError
	if errors.As(err, &p) {
		attrs = append(attrs, slog.String("stack", string(p.Stack)))
	}
	loggerOr(x.log).LogAttrs(x.r.Context(), level, what, attrs...)
}

// warn tells once per request about bytes that the app should not have sent.
func (x *exchange) warn(what string) {
	if x.warned {
		return
	}
	x.warned = true
	loggerOr(x.log).LogAttrs(x.r.Context(), slog.LevelWarn, what,
		slog.String("method", x.r.Method), slog.String("target", requestURI(x.r)), slog.String("status", x.status))
}

// earlyHints sends a 103, whose fields must not stay behind for the response.
func (x *exchange) earlyHints(h Headers) error {
	checked, err := checkHeaders(h)
	if err != nil {
		return err
	}
	if x.sent || !x.r.ProtoAtLeast(1, 1) {
		return nil
	}
	dst := x.w.Header()
	outer := dst.Clone()
	clear(dst)
	for _, f := range checked {
		dst.Add(f[0], f[1])
	}
	x.w.WriteHeader(http.StatusEarlyHints)
	clear(dst)
	for name, values := range outer {
		dst[name] = values
	}
	return nil
}

// additive are the fields, in canonical form, that net/http code further out
// and the app may both send.
var additive = map[string]bool{
	"Set-Cookie": true, "Vary": true, "Link": true, "Via": true, "Server-Timing": true, "Www-Authenticate": true,
}

// sendHeaders commits status and headers to net/http, or to the wire as they are.
func (x *exchange) sendHeaders() {
	x.sent = true
	if w, ok := x.w.(wireWriter); ok {
		w.writeHead(x.code, x.status, x.header)
		return
	}
	dst := x.w.Header()
	for _, f := range x.header {
		if name := http.CanonicalHeaderKey(f[0]); !additive[name] {
			delete(dst, name)
		}
	}
	for _, f := range x.header {
		dst.Add(f[0], f[1])
	}
	if x.code == http.StatusNoContent {
		dst.Del("Content-Length") // RFC 9110 §8.6
	}
	if _, chosen := dst["Content-Type"]; !chosen {
		dst["Content-Type"] = nil // net/http would guess one
	}
	x.w.WriteHeader(x.code)
}

// bodyAllowed reports whether the bytes of the body go to the client.
func (x *exchange) bodyAllowed() bool { return x.r.Method != http.MethodHead && x.statusAllowsBody() }

func (x *exchange) statusAllowsBody() bool {
	return x.code != http.StatusNoContent && x.code != http.StatusNotModified
}

// setLength declares a length that the app left out.
func (x *exchange) setLength(n int64) {
	if x.left < 0 && x.statusAllowsBody() {
		x.header.Add("Content-Length", strconv.FormatInt(n, 10))
		x.left = n
	}
}
