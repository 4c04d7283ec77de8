package middleware

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"sync"
	"time"
)

// Timeout gives each request a time, after which its context ends. A response
// that has not begun by then is a 503; one that has goes on until its handler,
// which should look at the context, returns.
//
// A handler that goes on after its 503 works for nobody: what it writes is dropped
// (http.ErrHandlerTimeout), and its panic is lost. Handlers that take the
// connection over (WebSockets) are not timed once they have it, and their context
// no longer ends. A stream of events has no more time than anything else: a view
// that sends one ends with its context.
//
// Unlike http.TimeoutHandler it does not hold the response back: streams stay
// streams. It panics when d is not above zero.
func Timeout(d time.Duration) func(http.Handler) http.Handler {
	if d <= 0 {
		panic(fmt.Sprintf("middleware: Timeout(%s): a request needs some time", d))
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { serveWithin(d, next, w, r) })
	}
}

// serveWithin runs the handler beside the clock.
func serveWithin(d time.Duration, next http.Handler, w http.ResponseWriter, r *http.Request) {
	ctx, end := newTimeContext(r.Context(), d)
	defer end()
	tw := &timeoutWriter{w: w, header: make(http.Header), taken: ctx.lift}
	maps.Copy(tw.header, w.Header())
	done := make(chan any, 1)
	go func() {
		defer func() { done <- recover() }()
		next.ServeHTTP(tw, r.WithContext(ctx))
		tw.begin(http.StatusOK)
	}()
	select {
	case v := <-done:
		tw.end(v)
		return
	case <-ctx.Done():
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) && tw.giveUp() {
		return
	}
	tw.end(<-done) // it has begun, or the client is gone
}

// timeoutWriter is the ResponseWriter of a handler that may be given up. The
// header is its own until it has begun.
type timeoutWriter struct {
	w      http.ResponseWriter
	header http.Header
	taken  func() // called when the handler takes the connection over

	mu       sync.Mutex
	begun    bool
	late     bool
	hijacked bool
}

// end is the end of a handler in time. Its panic goes on; what it has put into the
// header since it began are trailers.
func (w *timeoutWriter) end(panicked any) {
	if panicked != nil {
		panic(panicked)
	}
	if !w.hijacked {
		maps.Copy(w.w.Header(), w.header)
	}
}

// Header gives the header of the response.
func (w *timeoutWriter) Header() http.Header { return w.header }

// begin sends the header. It reports false when it is too late.
func (w *timeoutWriter) begin(status int) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.late {
		return false
	}
	if w.begun {
		return true
	}
	w.begun = status >= 200 || status == http.StatusSwitchingProtocols
	h := w.w.Header()
	clear(h)
	maps.Copy(h, w.header)
	w.w.WriteHeader(status)
	return true
}

// giveUp sends the 503. It reports false when the response has begun.
func (w *timeoutWriter) giveUp() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.begun {
		return false
	}
	w.late = true
	http.Error(w.w, "The server took too long to answer.", http.StatusServiceUnavailable)
	return true
}

// WriteHeader sends the header.
func (w *timeoutWriter) WriteHeader(status int) { w.begin(status) }

// Write sends a part of the body.
func (w *timeoutWriter) Write(p []byte) (int, error) {
	if !w.begin(http.StatusOK) {
		return 0, http.ErrHandlerTimeout
	}
	return w.w.Write(p)
}

// ReadFrom sends a part of the body; the server may use sendfile(2).
func (w *timeoutWriter) ReadFrom(src io.Reader) (int64, error) {
	if !w.begin(http.StatusOK) {
		return 0, http.ErrHandlerTimeout
	}
	return io.Copy(w.w, src)
}

// FlushError sends what is buffered.
func (w *timeoutWriter) FlushError() error {
	if !w.begin(http.StatusOK) {
		return http.ErrHandlerTimeout
	}
	return http.NewResponseController(w.w).Flush()
}

// Flush is FlushError without its error.
func (w *timeoutWriter) Flush() { _ = w.FlushError() }

// Hijack gives the connection to the handler, which then has all the time it
// wants.
func (w *timeoutWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.late {
		return nil, nil, http.ErrHandlerTimeout
	}
	conn, rw, err := http.NewResponseController(w.w).Hijack()
	if err == nil {
		w.begun, w.hijacked = true, true
		w.taken()
	}
	return conn, rw, err
}

// Unwrap gives the writer below, for [http.ResponseController]. A handler that was
// given up has none: the connection may be another request's by then.
func (w *timeoutWriter) Unwrap() http.ResponseWriter {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.late {
		return nil
	}
	return w.w
}
