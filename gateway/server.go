package gateway

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"sync"
	"time"
)

// Limits of [Server], against clients that hold a connection without using it.
const (
	headerTimeout  = 10 * time.Second
	idleTimeout    = 120 * time.Second
	maxHeaderBytes = 64 << 10
)

// Server serves one app on one address: the smallest server there is, for
// learning, trying out and tests. Its methods are safe for concurrent use, but
// either [Server.HandleRequest] or [Server.ServeForever] takes the connections.
//
// wsgiref.simple_server, WSGIServer.
type Server struct {
	listener net.Listener
	handler  http.Handler
	forever  *http.Server

	mu     sync.Mutex
	single map[*http.Server]struct{} // those of requests that HandleRequest serves now
}

// MakeServer listens on addr ("127.0.0.1:8000"; port 0 takes a free one, see
// [Server.Addr]) for requests to app. Connections wait until
// [Server.HandleRequest] or [Server.ServeForever] is called. A request has 10
// seconds to send its headers, of at most 64 KiB; an idle connection is closed
// after two minutes. Each request is a line on standard error; see [AccessLog].
//
// The error is that of net.Listen.
//
// Differs from wsgiref: ServeForever serves requests at the same time, so
// env.Multithread is true.
func MakeServer(addr string, app App, opts ...Option) (*Server, error) {
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	opts = append([]Option{AccessLog(os.Stderr)}, opts...)
	s := &Server{listener: ln, handler: ToHandler(app, opts...), single: map[*http.Server]struct{}{}}
	s.forever = s.newHTTPServer()
	return s, nil
}

func (s *Server) newHTTPServer() *http.Server {
	return &http.Server{
		Handler:           s.handler,
		ReadHeaderTimeout: headerTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		// OPTIONS * is for the app to answer.
		DisableGeneralOptionsHandler: true,
	}
}

// Addr gives the address that the server listens on.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// ServeForever serves requests until [Server.Close] or [Server.Shutdown], then
// returns http.ErrServerClosed; any other error is one of accepting connections.
func (s *Server) ServeForever() error { return closedError(s.forever.Serve(s.listener)) }

// HandleRequest waits for one request, serves it, closes its connection and
// returns. A connection that ends before it has sent a byte is no request. The
// error is that of accepting a connection; http.ErrServerClosed after Close or
// Shutdown.
//
// socketserver, BaseServer.handle_request.
func (s *Server) HandleRequest() error {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return closedError(err)
		}
		if s.serveOne(conn) {
			return nil
		}
	}
}

// serveOne serves the first request of a connection and reports whether there
// was one.
func (s *Server) serveOne(conn net.Conn) (asked bool) {
	srv := s.newHTTPServer()
	srv.SetKeepAlivesEnabled(false)
	ln := &oneConn{conn: conn, closed: make(chan struct{})}
	ended := make(chan struct{})
	srv.ConnState = func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateActive:
			asked = true
		case http.StateClosed, http.StateHijacked:
			close(ended)
			_ = ln.Close() // cannot fail
		}
	}
	s.track(srv, true)
	defer s.track(srv, false)
	_ = srv.Serve(ln)   // always an error: there is no second connection
	if ln.conn != nil { // shut down before it took the first
		_ = conn.Close() // nothing was read or written
		return false
	}
	<-ended
	return asked
}

func (s *Server) track(srv *http.Server, on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if on {
		s.single[srv] = struct{}{}
		return
	}
	delete(s.single, srv)
}

// servers gives every net/http server that may have connections.
func (s *Server) servers() []*http.Server {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := []*http.Server{s.forever}
	for srv := range s.single {
		all = append(all, srv)
	}
	return all
}

// Close stops listening and cuts all connections.
func (s *Server) Close() error { return s.stop((*http.Server).Close) }

// Shutdown stops listening and waits until the requests that are being served
// have ended or ctx has; then it returns the error of ctx.
func (s *Server) Shutdown(ctx context.Context) error {
	return s.stop(func(srv *http.Server) error { return srv.Shutdown(ctx) })
}

func (s *Server) stop(end func(*http.Server) error) error {
	_ = s.listener.Close() // a second Close has nothing left to do
	var errs []error
	for _, srv := range s.servers() {
		if err := closedError(end(srv)); err != http.ErrServerClosed {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// closedError names a closed listener as net/http does.
func closedError(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return http.ErrServerClosed
	}
	return err
}

// oneConn is a listener of one connection: the second Accept waits for its end.
type oneConn struct {
	conn   net.Conn
	once   sync.Once
	closed chan struct{}
}

func (l *oneConn) Accept() (net.Conn, error) {
	if conn := l.conn; conn != nil {
		l.conn = nil
		return conn, nil
	}
	<-l.closed
	return nil, net.ErrClosed
}

func (l *oneConn) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *oneConn) Addr() net.Addr { return nil }
