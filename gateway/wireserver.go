package gateway

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/retort-go/retort/internal/backlog"
	"github.com/retort-go/retort/internal/draining"
)

// drainTick is how often Shutdown looks whether it is finished.
const drainTick = 5 * time.Millisecond

// WireServer serves one app to web servers by uwsgi, SCGI or FastCGI. Make it
// with [NewWireServer]. Its methods are safe for concurrent use.
//
// It keeps the rules that [ToHandler] lists. Beyond these:
//
//   - Status line and headers arrive as the app gave them, the reason and the
//     order included.
//   - At most 64 KiB and 1000 variables are read of a request; beyond that the
//     answer is 431, and 400 for variables that contradict each other or cannot
//     be read. See the table of variables in this package's documentation.
//   - The context of the environ ends when the web server closes the connection,
//     as it does when its client left, once the body is read; FastCGI also says
//     so.
//   - A panic of the app is a 500, or cuts the response if that has begun. None of
//     the protocols can say so; what every web server takes for a failure, whether
//     or not there is a Content-Length, is the reset of a connection (of a unix
//     socket on Linux alone), and by FastCGI a record that cannot be. nginx takes
//     FastCGI's missing end for an end.
//   - More requests at a time than [MaxInFlight] are answered 503.
//   - The deadlines of http.ResponseController are those of the connection, for
//     net/http code below [FromHandler].
//   - There are no informational responses: [EarlyHints] says that it cannot.
type WireServer struct {
	protocol WireProtocol
	app      App
	cfg      *config

	ctx    context.Context // of all requests
	cancel context.CancelFunc
	stop   chan struct{} // closed when stopping begins

	scratch  sync.Pool    // of *scratch
	inFlight atomic.Int64 // requests that are being answered
	full     atomic.Bool  // the log was told that they are too many

	mu        sync.Mutex
	stopping  bool
	closed    bool // all connections were, at once
	conns     map[*wireConn]struct{}
	listeners map[*backlog.Listener]struct{} // those that are being accepted from
	cut       error                          // what stopping had to cut off
}

// NewWireServer gives a server of app. Of the options [Vars], [ScriptName],
// [Logger] and [AccessLog] are those of [ToHandler]; [Timeouts], [MaxInFlight],
// [SharedListener] and [Until] are for it alone.
func NewWireServer(p WireProtocol, app App, opts ...Option) *WireServer {
	s := &WireServer{
		protocol: p, app: app, cfg: newConfig(opts), stop: make(chan struct{}),
		conns: make(map[*wireConn]struct{}), listeners: make(map[*backlog.Listener]struct{}),
		scratch: sync.Pool{New: newScratch},
	}
	s.cfg.wire.timeouts = s.cfg.wire.timeouts.withDefaults()
	s.cfg.wire.maxInFlight = cmp.Or(s.cfg.wire.maxInFlight, maxInFlight)
	s.ctx, s.cancel = context.WithCancel(draining.With(context.Background(), s.stop))
	return s
}

// Serve serves the connections of l until [WireServer.Shutdown] or the end of
// [Until], and then until the last of them has ended or was cut off; or until
// [WireServer.Close]. It closes l, unless it is a [SharedListener].
//
// It returns nil after a stop, the error of a Shutdown that had to cut requests
// off, or at once that of accepting connections.
func (s *WireServer) Serve(l net.Listener) error {
	if until := s.cfg.wire.until; until != nil {
		defer context.AfterFunc(until, s.stopInTime)()
	}
	queue, stopped := s.listenTo(l)
	if stopped {
		return nil
	}
	err := s.accept(queue)
	s.mu.Lock()
	delete(s.listeners, queue)
	s.mu.Unlock()
	if err != nil {
		_ = l.Close() // err is what counts
		return err
	}
	for !s.isOver() {
		time.Sleep(drainTick)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cut
}

// isOver reports whether there is nothing left to wait for. An app that does not
// heed the end of its context is not waited for.
func (s *WireServer) isOver() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed || len(s.conns) == 0
}

// stopInTime is Shutdown for Until; Serve returns what it says.
func (s *WireServer) stopInTime() {
	ctx, cancel := context.Background(), context.CancelFunc(func() {})
	if grace := s.cfg.wire.grace; grace > 0 {
		ctx, cancel = context.WithTimeout(ctx, grace)
	}
	defer cancel()
	_ = s.Shutdown(ctx)
}

// listenTo notes a listener, unless the server has stopped.
func (s *WireServer) listenTo(l net.Listener) (queue *backlog.Listener, stopped bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopping {
		if !s.cfg.wire.shared {
			_ = l.Close() // nobody has used it
		}
		return nil, true
	}
	queue = backlog.New(l, s.cfg.wire.shared)
	s.listeners[queue] = struct{}{}
	return queue, false
}

// begin serves a new connection. It is known from here on, so that Shutdown
// never finds a moment in which it is nobody's.
func (s *WireServer) begin(nc net.Conn) {
	c := newWireConn(nc, s)
	s.mu.Lock()
	s.conns[c] = struct{}{}
	s.mu.Unlock()
	go func() {
		defer s.forget(c)
		c.serve()
	}()
}

func (s *WireServer) forget(c *wireConn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
}

// open gives the connections that are there now.
func (s *WireServer) open() []*wireConn {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]*wireConn, 0, len(s.conns))
	for c := range s.conns {
		all = append(all, c)
	}
	return all
}

func (s *WireServer) isStopping() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stopping
}

// Shutdown stops the server and returns when every request that reached it has
// been answered. Connections in the socket's queue are accepted first; kept
// FastCGI connections are closed after their next answer, or after
// [Timeouts].Linger without a request. If ctx ends before, the rest is cut off
// and the error says how many requests that were; it wraps the cause of ctx.
//
// The channel of serving.Draining tells responses without end that it has begun.
func (s *WireServer) Shutdown(ctx context.Context) error {
	s.beginStop()
	defer s.cancel()
	began := time.Now()
	tick := time.NewTicker(drainTick)
	defer tick.Stop()
	for {
		left, accepting := s.left()
		if len(left) == 0 && !accepting {
			return nil
		}
		s.closeQuiet(left, began)
		select {
		case <-tick.C:
		case <-ctx.Done():
			return s.cutOff(context.Cause(ctx))
		}
	}
}

// Close stops the server at once: all connections are closed, and then the
// contexts of their requests end. It does not wait for the app.
func (s *WireServer) Close() error {
	s.beginStop()
	for _, c := range s.open() {
		_ = c.Close() // it is to end, however it does
	}
	s.cancel()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	return nil
}

// beginStop ends accepting.
func (s *WireServer) beginStop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopping {
		return
	}
	s.stopping = true
	close(s.stop)
	for l := range s.listeners {
		l.Stop()
	}
}

// left gives what Shutdown has to wait for.
func (s *WireServer) left() (conns []*wireConn, accepting bool) {
	s.mu.Lock()
	accepting = len(s.listeners) > 0
	s.mu.Unlock()
	return s.open(), accepting
}

// closeQuiet closes connections without a request that had their time, counted
// from the beginning of the stop or from their last answer.
func (s *WireServer) closeQuiet(conns []*wireConn, began time.Time) {
	lingered := time.Now().Add(-max(s.cfg.wire.timeouts.Linger, 0))
	if began.After(lingered) {
		return
	}
	for _, c := range conns {
		c.reap(lingered)
	}
}

// cutOff is the end of a Shutdown that took too long.
func (s *WireServer) cutOff(cause error) error {
	n := 0
	for _, c := range s.open() {
		if !c.isQuiet() {
			n++
		}
	}
	defer s.Close() // after cut is set, which Serve returns
	if n == 0 {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cut = fmt.Errorf("gateway: the server stopped with requests unanswered: %d: %w; "+
		"allow more time, or let responses without end watch serving.Draining", n, cause)
	return s.cut
}
