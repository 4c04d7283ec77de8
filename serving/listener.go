package serving

import (
	"errors"
	"net"
	"sync"

	"github.com/retort-go/retort/internal/backlog"
)

// listener is the listener of a Server. It can stop accepting without the
// http.Server noticing: Accept then does not return until the listener is
// closed, so requests on open connections go on as before.
type listener struct {
	*backlog.Listener
	server *Server
	swept  chan struct{} // closed when no connection will be accepted any more
	closed chan struct{} // closed by Close

	sweptOnce, closedOnce sync.Once
}

func newListener(l net.Listener, s *Server) *listener {
	return &listener{
		Listener: backlog.New(l, s.options.SharedListener),
		server:   s, swept: make(chan struct{}), closed: make(chan struct{}),
	}
}

// Accept returns the next connection, and after Stop those that are already in
// the socket's queue, then blocks until Close.
func (l *listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	switch {
	case err == nil:
		return l.server.track(c), nil
	case !errors.Is(err, backlog.ErrStopped):
		return nil, err
	}
	l.endSweep()
	<-l.closed
	return nil, net.ErrClosed
}

// endSweep says that Accept returns no connection any more.
func (l *listener) endSweep() { l.sweptOnce.Do(func() { close(l.swept) }) }

// Close ends Accept. A shared socket stays open, with its deadline in the past
// until the next server takes it.
func (l *listener) Close() error {
	l.Stop()
	var err error
	l.closedOnce.Do(func() {
		close(l.closed)
		if !l.server.options.SharedListener {
			err = ignoreClosed(l.Listener.Listener.Close())
		}
	})
	return err
}

// ignoreClosed drops the complaint about closing twice: a sweep closes first.
func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
