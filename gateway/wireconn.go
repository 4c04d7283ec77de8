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
	server *WireServer
	ctx    context.Context // of its requests
	cancel context.CancelFunc

	mu       sync.Mutex
	quiet    bool      // no request has begun since the connection, or the last answer
	since    time.Time // when quiet began
	deadline time.Time // for reading, as it is wanted
	reaped   bool      // it is in the past instead
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
	c.deadline = time.Time{}
	if d > 0 {
		c.deadline = time.Now().Add(d)
	}
	if !c.reaped {
		_ = c.Conn.SetReadDeadline(c.deadline) // a connection without deadlines is left without
	}
}

// Read keeps the invariant that a reaped connection has no request: the first
// bytes of one take the reaping back.
func (c *wireConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n == 0 && errors.Is(err, os.ErrDeadlineExceeded) && c.isReaped() {
		_ = c.Conn.SetReadDeadline(time.Now().Add(reapGrace))
		n, err = c.Conn.Read(p)
	}
	if n > 0 {
		c.arrived()
	}
	return n, err
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
	if d := c.timeouts().Progress; d > 0 {
		_ = c.Conn.SetWriteDeadline(time.Now().Add(d))
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
	env.outer = x
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

// writeStatus sends a response of the server's own.
func writeStatus(w wireWriter, code int) {
	line, page := statusPage(code)
	w.writeHead(code, line, pageHeaders(page))
	_, _ = w.Write(page) // who left needs no page
}
