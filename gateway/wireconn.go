package gateway

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/retort-go/retort/internal/cgivars"
)

const (
	// reapGrace is how long a connection that is being closed for idleness looks
	// once more for bytes that came in the same moment.
	reapGrace = 5 * time.Millisecond
	// lingerTime is how long a connection whose request was not read to its end
	// is read on, because closing it would take the answer back.
	lingerTime = 500 * time.Millisecond
	// pieceSize is how much of a response is one step of its progress.
	pieceSize = 256 << 10
)

// wireConn is a connection of a WireServer. It knows whether a request has begun
// to arrive, so that an idle one can be closed without losing what is just
// coming in.
type wireConn struct {
	net.Conn
	tail   tail // reads instead of Conn; nil if it does not
	server *WireServer
	ctx    context.Context // of its requests
	cancel context.CancelFunc

	mu       sync.Mutex
	quiet    bool      // no request has begun since the connection, or the last answer
	since    time.Time // when quiet began
	deadline time.Time // for reading, as it is wanted
	reaped   bool      // it is in the past instead
	reading  limit     // of the request's body
	writing  limit     // of the response
	bodyRead bool      // to its end: what the app says about reading has no meaning
}

// limit is the deadline that an app has set for its request, in place of
// [Timeouts].Progress. The zero value is none.
type limit struct {
	set bool
	at  time.Time // zero: never
}

// or gives the deadline, by default d from now on.
func (l limit) or(d time.Duration) time.Time {
	if l.set {
		return l.at
	}
	return fromNow(d)
}

// fromNow is never if d is not positive.
func fromNow(d time.Duration) time.Time {
	if d <= 0 {
		return time.Time{}
	}
	return time.Now().Add(d)
}

func newWireConn(nc net.Conn, s *WireServer) *wireConn {
	c := &wireConn{Conn: nc, server: s, quiet: true, since: time.Now()}
	c.ctx, c.cancel = context.WithCancel(s.ctx)
	return c
}

func (c *wireConn) timeouts() *Timeouts { return &c.server.cfg.wire.timeouts }

// serve answers the requests of the connection and closes it.
func (c *wireConn) serve() {
	defer c.cancel()
	defer c.Close()
	c.readWithin(c.timeouts().Header)
	if c.server.protocol == FastCGI {
		newFCGIConn(c).serve()
		return
	}
	c.serveOne()
}

// readWithin gives reading d from now on; no limit if d is not positive.
func (c *wireConn) readWithin(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.readUntil(fromNow(d))
}

// readUntil needs mu.
func (c *wireConn) readUntil(t time.Time) {
	c.deadline = t
	if !c.reaped {
		_ = c.Conn.SetReadDeadline(t) // a connection without deadlines is left without
	}
}

// readBody gives the next bytes of a body their time.
func (c *wireConn) readBody() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.readUntil(c.reading.or(c.timeouts().Progress))
}

// endBody says that only the end of the connection can come.
func (c *wireConn) endBody() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bodyRead = true
	c.readUntil(time.Time{})
}

// limitReading is the app's SetReadDeadline.
func (c *wireConn) limitReading(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.bodyRead {
		return nil
	}
	c.reading, c.deadline = limit{true, t}, t
	return c.Conn.SetReadDeadline(t)
}

// limitWriting is the app's SetWriteDeadline.
func (c *wireConn) limitWriting(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.writing = limit{true, t}
	return c.Conn.SetWriteDeadline(t)
}

// Read keeps the invariant that a reaped connection has no request: the first
// bytes of one take the reaping back.
func (c *wireConn) Read(p []byte) (int, error) {
	n, err := c.take(p)
	if n == 0 && errors.Is(err, os.ErrDeadlineExceeded) && c.isReaped() {
		_ = c.Conn.SetReadDeadline(time.Now().Add(reapGrace))
		n, err = c.take(p)
	}
	if n > 0 {
		c.arrived()
	}
	return n, err
}

// forgetLimits ends what the app has set for its request.
func (c *wireConn) forgetLimits() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reading, c.writing = limit{}, limit{}
}

func (c *wireConn) take(p []byte) (int, error) {
	if c.tail != nil {
		return c.tail.Read(p)
	}
	return c.Conn.Read(p)
}

// release says that closing the connection is the end of a whole response.
func (c *wireConn) release(buf []byte) {
	if c.tail != nil {
		c.tail.Release(buf)
	}
}

// watch returns when the connection has ended. It needs a body that was read to
// its end: only the end can come then.
func (c *wireConn) watch() error {
	if c.tail != nil {
		return c.tail.Watch()
	}
	var p [1]byte
	_, err := c.Conn.Read(p[:])
	return err
}

func (c *wireConn) isReaped() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.reaped
}

func (c *wireConn) isQuiet() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.quiet
}

// arrived notes the first bytes of a request.
func (c *wireConn) arrived() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.quiet = false
	if c.reaped {
		c.reaped = false
		_ = c.Conn.SetReadDeadline(c.deadline)
	}
}

// rest notes that the request is answered and another may come.
func (c *wireConn) rest() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.quiet, c.since = true, time.Now()
}

// reap ends the connection if it has been quiet since before the given time, by
// way of its pending read: closing it here would lose a request that has arrived
// and is not read yet.
func (c *wireConn) reap(since time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.quiet && !c.reaped && !c.since.After(since) {
		c.reaped = true
		_ = c.Conn.SetReadDeadline(time.Unix(1, 0))
	}
}

// Write writes in pieces, each with the time for progress of its own.
func (c *wireConn) Write(p []byte) (n int, err error) {
	for len(p) > 0 && err == nil {
		var m int
		c.moveWrite()
		m, err = c.Conn.Write(p[:min(len(p), pieceSize)])
		n, p = n+m, p[m:]
	}
	return n, err
}

func (c *wireConn) moveWrite() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.writing.set { // else limitWriting has said it
		_ = c.Conn.SetWriteDeadline(fromNow(c.timeouts().Progress))
	}
}

// ReadFrom hands a file to the kernel, piece by piece. Only a limited reader
// straight over a file can go there.
func (c *wireConn) ReadFrom(r io.Reader) (n int64, err error) {
	limited, ok := r.(*io.LimitedReader)
	to, direct := c.Conn.(io.ReaderFrom)
	if !ok || !direct {
		return io.Copy(struct{ io.Writer }{c}, r)
	}
	for limited.N > 0 && err == nil {
		var m int64
		c.moveWrite()
		m, err = to.ReadFrom(&io.LimitedReader{R: limited.R, N: min(limited.N, pieceSize)})
		n, limited.N = n+m, limited.N-m
		if m == 0 {
			break
		}
	}
	return n, err
}

// answer runs the app for one request and writes the access line. It reports
// whether the response has to be cut.
func (s *WireServer) answer(ctx context.Context, w wireWriter, vars map[string]string, in io.Reader, o origin, adapt func(*Environ)) (cut bool) {
	defer s.inFlight.Add(-1)
	if !s.admits(s.inFlight.Add(1)) {
		writeOverloaded(w)
		return false
	}
	env, r, err := newWireEnviron(ctx, vars, in, s.cfg, o)
	if err != nil {
		s.refuse(w, err)
		return false
	}
	if adapt != nil {
		adapt(env)
	}
	return answer(s.app, w, r, env, s.cfg)
}

// answer is what every wire does with an environ.
func answer(app App, w wireWriter, r *http.Request, env *Environ, cfg *config) (cut bool) {
	x := &exchange{w: w, r: r, env: env, log: cfg.log, ctl: http.NewResponseController(w)}
	env.ctl, env.outer = x.ctl, x
	cut = x.serve(app)
	if cfg.access != nil {
		x.logAccess(cfg.access, r)
	}
	return cut
}

// refuse answers a request that never becomes an environ, and says why in the
// log: the web server is ours, or somebody found our port.
func (s *WireServer) refuse(w wireWriter, err error) {
	status := http.StatusBadRequest
	var malformed *cgivars.Refusal
	var bad *RequestError
	switch {
	case errors.As(err, &malformed):
		status = malformed.Status
	case errors.As(err, &bad):
		status = bad.Status
	}
	loggerOr(s.cfg.log).Info("gateway: a request was refused", slog.String("protocol", s.protocol.String()), slog.Any("error", err))
	writeStatus(w, status)
}

// admits reports whether the nth request in flight may be answered. The log is
// told once that it may not, and again when there was room in between.
func (s *WireServer) admits(n int64) bool {
	limit := int64(s.cfg.wire.maxInFlight)
	if limit < 0 || n <= limit {
		if s.full.Load() && n <= limit/2 {
			s.full.Store(false)
		}
		return true
	}
	if !s.full.Swap(true) {
		loggerOr(s.cfg.log).Warn("gateway: requests are refused: MaxInFlight are being answered", slog.Int64("limit", limit))
	}
	return false
}

// writeOverloaded sends the response of a server that has enough to do.
func writeOverloaded(w wireWriter) {
	if o, ok := w.(interface{ overloaded() }); ok {
		o.overloaded()
	}
	writeStatus(w, http.StatusServiceUnavailable, [2]string{"Retry-After", "1"})
}

// writeStatus sends a response of the server's own.
func writeStatus(w wireWriter, code int, more ...[2]string) {
	line, page := statusPage(code)
	w.writeHead(code, line, append(pageHeaders(page), more...))
	_, _ = w.Write(page) // who left needs no page
}
