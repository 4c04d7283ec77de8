package retort

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"

	"github.com/retort-go/retort/internal/takeover"
)

// serveHandler runs a view that writes the response itself. The after_request
// functions run at its first byte, before the header leaves.
func (a *App) serveHandler(c *Context, h http.Handler, res *Response, w http.ResponseWriter) *failure {
	outer := w.Header().Clone() // what middleware has set
	res.Header = w.Header()
	cw := &commitWriter{w: w, c: c, res: res}
	err := cw.run(h, c.handlerRequest())
	if err == nil {
		err = cw.finish()
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, http.ErrAbortHandler):
		return &failure{err, http.ErrAbortHandler}
	case cw.committed || cw.hijacked:
		a.tellException(c, err)
		a.logException(c, err)
		return &failure{bareError(err), http.ErrAbortHandler} // the client must see that it is cut off
	}
	clear(w.Header())
	maps.Copy(w.Header(), outer)
	answered, unhandled := a.respond(c, errorAnswer(err))
	if answered == nil {
		if leave := a.leaves(unhandled); leave != nil {
			return &failure{unhandled, leave}
		}
		answered = Error(http.StatusInternalServerError).response()
	}
	if failed := a.transmit(c, answered, w, c.request.http); failed != nil || unhandled == nil {
		return failed
	}
	return &failure{err: unhandled}
}

// handlerRequest is the request as a plain handler gets it: with the Context in
// its context, the arguments as PathValue and the rule as Pattern.
func (c *Context) handlerRequest() *http.Request {
	r := c.request.http.WithContext(c.Context())
	if m := c.route.mount; m != nil {
		r.Pattern = m.prefix + "/"
		return m.request(r)
	}
	r.Pattern = c.route.rule.String()
	for i, v := range c.route.rule.Variables() {
		r.SetPathValue(v.Name, c.values.Text(i))
	}
	return r
}

// commitWriter is the ResponseWriter of a plain handler.
type commitWriter struct {
	w         http.ResponseWriter
	c         *Context
	res       *Response
	committed bool // the header has left
	replaced  bool // an after_request function has put another body in place
	hijacked  bool
	failed    error
}

func (w *commitWriter) run(h http.Handler, r *http.Request) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = thrownError(v)
		}
	}()
	h.ServeHTTP(w, r)
	if t, ok := h.(takeover.Handler); ok && w.hijacked {
		return t.Err()
	}
	return w.failed
}

// Header gives the header of the response.
func (w *commitWriter) Header() http.Header { return w.res.Header }

// WriteHeader sends the header; informational ones pass through.
func (w *commitWriter) WriteHeader(status int) {
	if status >= 100 && status < 200 && status != http.StatusSwitchingProtocols {
		w.w.WriteHeader(status)
		return
	}
	w.commit(status)
}

// commit is the one point at which the response is fixed.
func (w *commitWriter) commit(status int) {
	if w.committed || w.failed != nil || w.hijacked {
		return
	}
	w.res.Status = status
	if err := w.c.App.process(w.c, w.res); err != nil {
		w.failed = err
		return
	}
	if _, still := w.res.content.handler(); !still {
		w.replaced = true
		w.res.prepare()
	}
	w.committed = true
	if w.replaced {
		mergeHeader(w.w.Header(), w.res.Header)
	}
	w.w.WriteHeader(w.res.Status)
}

// Write sends a part of the body.
func (w *commitWriter) Write(p []byte) (int, error) {
	w.commit(http.StatusOK)
	if w.failed != nil {
		return 0, w.failed
	}
	if w.replaced {
		return len(p), nil
	}
	return w.w.Write(p)
}

// WriteString is Write.
func (w *commitWriter) WriteString(s string) (int, error) {
	w.commit(http.StatusOK)
	if w.failed != nil || w.replaced {
		return w.Write(nil)
	}
	return io.WriteString(w.w, s)
}

// ReadFrom lets the server use sendfile(2).
func (w *commitWriter) ReadFrom(r io.Reader) (int64, error) {
	w.commit(http.StatusOK)
	if w.failed != nil || w.replaced {
		return io.Copy(struct{ io.Writer }{w}, r)
	}
	return io.Copy(w.w, r)
}

// FlushError sends what is buffered.
func (w *commitWriter) FlushError() error {
	w.commit(http.StatusOK)
	if w.failed != nil {
		return w.failed
	}
	return http.NewResponseController(w.w).Flush()
}

// Flush is FlushError without its error.
func (w *commitWriter) Flush() { _ = w.FlushError() }

// Hijack gives the connection to the handler; no response is sent. After a 101
// that an after_request function has made another response, or has failed at,
// there is no connection to have.
func (w *commitWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	switch {
	case w.failed != nil:
		return nil, nil, w.failed
	case w.committed && w.res.Status != http.StatusSwitchingProtocols:
		return nil, nil, fmt.Errorf("retort: the connection cannot be taken over: it was answered with %d", w.res.Status)
	}
	conn, rw, err := http.NewResponseController(w.w).Hijack()
	w.hijacked = err == nil
	return conn, rw, err
}

// Unwrap gives the writer below, for http.ResponseController.
func (w *commitWriter) Unwrap() http.ResponseWriter { return w.w }

// finish sends what is left when the handler has returned.
func (w *commitWriter) finish() error {
	if w.hijacked {
		return nil
	}
	w.commit(http.StatusOK)
	if w.failed == nil && w.replaced && bodyAllowed(w.res.Status) && w.c.request.http.Method != http.MethodHead {
		w.failed = w.res.content.writeTo(w.w, w.c.request.http, func() {})
	}
	return errors.Join(w.failed, w.res.Close())
}
