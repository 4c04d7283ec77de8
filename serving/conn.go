package serving

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"time"
)

// reapGrace is how long a connection that is being closed for idleness looks
// once more for bytes that came in the same moment.
const reapGrace = 5 * time.Millisecond

// connKey finds the *conn in the context of its requests.
type connKey struct{}

// conn is a connection of a Server. It knows what http.ConnState does not tell:
// whether bytes of a request have arrived that is not answered yet. So an idle
// connection can be closed without losing the request that is just coming in.
//
// A hijacker gets it, as it would get a *tls.Conn; NetConn is what is below.
type conn struct {
	net.Conn
	server *Server
	cancel context.CancelFunc // ends the contexts of its requests
	head   headScan           // fed by whichever goroutine reads; one at a time does

	mu       sync.Mutex
	state    http.ConnState
	started  bool      // a request has begun to arrive since state became New or Idle
	quiet    time.Time // since when there is no request
	deadline time.Time // the read deadline that net/http wants
	reaped   bool      // the read deadline is in the past instead, to close it
}

// newConn returns a connection in the state New.
func newConn(nc net.Conn, s *Server) *conn {
	return &conn{Conn: nc, server: s, cancel: func() {}, quiet: time.Now()}
}

// NetConn returns the connection that c wraps.
func (c *conn) NetConn() net.Conn { return c.Conn }

// Read keeps the invariant that a reaped connection has not started a request:
// the first bytes take the reaping back.
func (c *conn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n == 0 && errors.Is(err, os.ErrDeadlineExceeded) && c.isReaped() {
		c.Conn.SetReadDeadline(time.Now().Add(reapGrace))
		n, err = c.Conn.Read(p)
	}
	if n > 0 {
		c.begin()
		if !c.head.done {
			c.head.feed(p[:n])
		}
	}
	return n, err
}

func (c *conn) isReaped() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.reaped
}

// begin notes that bytes arrived.
func (c *conn) begin() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.started = true
	if c.reaped {
		c.reaped = false
		c.Conn.SetReadDeadline(c.deadline)
	}
}

// SetReadDeadline remembers t, to come back to it when a reaping is taken back.
func (c *conn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deadline, c.reaped = t, false
	return c.Conn.SetReadDeadline(t)
}

// ReadFrom hands a file to the connection below, for sendfile.
func (c *conn) ReadFrom(r io.Reader) (int64, error) {
	if rf, ok := c.Conn.(io.ReaderFrom); ok {
		return rf.ReadFrom(r)
	}
	return io.Copy(writerOnly{c.Conn}, r)
}

// CloseWrite lets net/http end a connection whose request it did not read to
// the end so that the client still gets the answer.
func (c *conn) CloseWrite() error {
	if cw, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return cw.CloseWrite()
	}
	return nil
}

// Close also ends the connection's context and the server's interest in it.
func (c *conn) Close() error {
	err := c.Conn.Close()
	c.endContext()
	c.server.forget(c)
	return err
}

// withContext makes c findable in, and ctx cancellable with, the contexts of
// the connection's requests.
func (c *conn) withContext(ctx context.Context) context.Context {
	ctx, cancel := context.WithCancel(context.WithValue(ctx, connKey{}, c))
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cancel = cancel
	return ctx
}

// endContext cancels the contexts of the connection's requests.
func (c *conn) endContext() {
	c.mu.Lock()
	cancel := c.cancel
	c.mu.Unlock()
	cancel()
}

// setState follows net/http's view of the connection.
func (c *conn) setState(state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state = state
	if state == http.StateIdle {
		c.started, c.quiet = false, time.Now()
	}
}

// requests is the number of requests on the connection that have begun to
// arrive and are not answered: 0 or 1.
func (c *conn) requests() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.idle() {
		return 0
	}
	return 1
}

// idle needs mu.
func (c *conn) idle() bool {
	return (c.state == http.StateNew || c.state == http.StateIdle) && !c.started
}

// reap makes net/http close the connection if it has been idle since before
// the given time. It ends the pending read by its deadline and leaves closing
// to the goroutine that serves the connection, because closing it from here
// would lose a request that has arrived but is not read yet.
func (c *conn) reap(since time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.idle() && !c.reaped && !c.quiet.After(since) {
		c.reaped = true
		c.Conn.SetReadDeadline(time.Unix(1, 0))
	}
}

// isHijacked reports whether a handler has taken the connection over.
func (c *conn) isHijacked() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state == http.StateHijacked
}

// writerOnly hides the other methods of a Writer.
type writerOnly struct{ io.Writer }
