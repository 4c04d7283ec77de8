package serving

import (
	"context"
	"errors"
	"log"
	"net"
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/retort-go/retort/internal/draining"
)

// Server serves one handler on one or more listeners and stops without losing
// requests. Make it with [NewServer]. Its methods may be called from any
// goroutine; after Drain or Close it cannot serve again.
type Server struct {
	options Options // with defaults
	log     *logWriter
	http    *http.Server

	cancel   context.CancelFunc // ends the contexts of all requests
	draining chan struct{}      // closed when Drain or Close begins
	stopping atomic.Bool        // the same, for the hot path
	stopOnce sync.Once

	mu        sync.Mutex
	conns     map[*conn]struct{}
	listeners map[*listener]struct{}
}

// NewServer returns a Server for h. It puts [Guard] in front of h, logs every
// request, answers a request whose handler panicked with 500 (or cuts the
// connection when the answer has begun) and applies the limits of o.
//
// OPTIONS * reaches h, and the fields of o that concern RunSimple alone are
// ignored.
func NewServer(h http.Handler, o Options) *Server {
	s := &Server{
		options:   o.withDefaults(),
		draining:  make(chan struct{}),
		conns:     make(map[*conn]struct{}),
		listeners: make(map[*listener]struct{}),
	}
	s.log = newLogWriter(s.options)
	base, cancel := context.WithCancel(draining.With(context.Background(), s.draining))
	s.cancel = cancel
	s.http = &http.Server{
		Handler:                      s.record(Guard(h)),
		DisableGeneralOptionsHandler: true,
		ReadHeaderTimeout:            s.options.ReadHeaderTimeout,
		IdleTimeout:                  s.options.IdleTimeout,
		MaxHeaderBytes:               s.options.MaxHeaderBytes,
		ErrorLog:                     log.New(s.log, "", log.LstdFlags),
		BaseContext:                  func(net.Listener) context.Context { return base },
		ConnContext:                  connContext,
		ConnState:                    s.connState,
	}
	return s
}

// Serve accepts connections on l and serves them. It returns nil after Drain or
// Close, and an error when accepting fails for good. It closes l before it
// returns, unless Options.SharedListener is set.
func (s *Server) Serve(l net.Listener) error {
	sl := newListener(l, s)
	defer sl.endSweep()
	s.mu.Lock()
	s.listeners[sl] = struct{}{}
	s.mu.Unlock()
	if s.stopping.Load() {
		sl.Close()
		return nil
	}
	err := s.http.Serve(sl)
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// Draining returns a channel that is closed when the server that handles ctx,
// the context of a request, begins to stop. A response without end selects on
// it and ends, so that the stop need not wait for the graceful timeout. In
// another context it returns nil, a channel that is never ready.
func Draining(ctx context.Context) <-chan struct{} { return draining.From(ctx) }

// track makes a new connection known before net/http sees it, so that Drain
// never finds a moment in which it is nobody's.
func (s *Server) track(nc net.Conn) *conn {
	if s.options.tls != nil {
		nc = secure(nc, s.options.tls)
	}
	c := newConn(nc, s)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conns[c] = struct{}{}
	return c
}

func (s *Server) forget(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
}

// open returns the connections that are open now, hijacked ones included.
func (s *Server) open() []*conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]*conn, 0, len(s.conns))
	for c := range s.conns {
		all = append(all, c)
	}
	return all
}

// requests is the number of requests that have begun to arrive and are not
// answered; a hijacked connection counts as one.
func (s *Server) requests() int {
	n := 0
	for _, c := range s.open() {
		n += c.requests()
	}
	return n
}

// connContext gives each connection a context of its own.
func connContext(ctx context.Context, nc net.Conn) context.Context {
	if c, ok := nc.(*conn); ok {
		return c.withContext(ctx)
	}
	return ctx
}

// connState is net/http's report of a connection's state. A connection hijacked
// while the server stops learns of it at once.
func (s *Server) connState(nc net.Conn, state http.ConnState) {
	c, ok := nc.(*conn)
	if !ok {
		return
	}
	c.setState(state)
	if state == http.StateHijacked && s.stopping.Load() {
		c.endContext()
	}
}
