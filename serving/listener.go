package serving

import (
	"errors"
	"net"
	"sync"
	"time"
)

// sweepWait is how long the socket's queue must be empty before a full stop
// closes it, sweepMax how long emptying it may take under unending arrivals.
const (
	sweepWait = time.Millisecond
	sweepMax  = 250 * time.Millisecond
)

// deadliner is what a listener needs for its Accept to be woken without being
// closed. The listeners of package net have it.
type deadliner interface{ SetDeadline(t time.Time) error }

// listener is the listener of a Server. It can stop accepting without the
// http.Server noticing: Accept then does not return until the listener is
// closed, so requests on open connections go on as before.
type listener struct {
	net.Listener
	server *Server
	swept  chan struct{} // closed when no connection will be accepted any more
	closed chan struct{} // closed by Close

	mu       sync.Mutex
	stopping bool
	until    time.Time // end of sweepMax

	sweptOnce, closedOnce sync.Once
}

func newListener(l net.Listener, s *Server) *listener {
	if d, ok := l.(deadliner); ok {
		d.SetDeadline(time.Time{}) // a server before this one may have stopped on l
	}
	return &listener{Listener: l, server: s, swept: make(chan struct{}), closed: make(chan struct{})}
}

// Accept returns the next connection, and after stop those that are already in
// the socket's queue, then blocks until Close.
func (l *listener) Accept() (net.Conn, error) {
	if !l.isStopping() {
		c, err := l.Listener.Accept()
		if err == nil {
			return l.server.track(c), nil
		}
		if !l.isStopping() {
			return nil, err
		}
	}
	if c, ok := l.sweep(); ok {
		return l.server.track(c), nil
	}
	l.endSweep()
	<-l.closed
	return nil, net.ErrClosed
}

// sweep takes one connection out of the queue. Closing a socket resets those
// that wait in its queue, so the socket is closed only when the queue is empty;
// a shared socket is left alone, the next server accepts them.
func (l *listener) sweep() (net.Conn, bool) {
	if l.server.options.SharedListener {
		return nil, false
	}
	if d, ok := l.Listener.(deadliner); ok && time.Now().Before(l.until) {
		d.SetDeadline(time.Now().Add(sweepWait))
		if c, err := l.Listener.Accept(); err == nil {
			return c, true
		}
	}
	l.Listener.Close()
	return nil, false
}

// endSweep says that Accept returns no connection any more.
func (l *listener) endSweep() { l.sweptOnce.Do(func() { close(l.swept) }) }

func (l *listener) isStopping() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.stopping
}

// stop wakes Accept. It holds mu across both steps: a sweep that has seen
// stopping must not have its own deadline overwritten by this one.
func (l *listener) stop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stopping {
		return
	}
	l.stopping, l.until = true, time.Now().Add(sweepMax)
	if d, ok := l.Listener.(deadliner); ok {
		d.SetDeadline(time.Unix(1, 0))
	} else {
		l.Listener.Close()
	}
}

// Close ends Accept. A shared socket stays open, with its deadline in the past
// until the next server takes it.
func (l *listener) Close() error {
	l.stop()
	var err error
	l.closedOnce.Do(func() {
		close(l.closed)
		if !l.server.options.SharedListener {
			err = ignoreClosed(l.Listener.Close())
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
