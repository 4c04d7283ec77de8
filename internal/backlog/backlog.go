// Package backlog stops accepting on a listening socket without losing the
// connections that wait in the socket's queue: closing the socket would reset
// them, although their clients have sent requests already.
package backlog

import (
	"errors"
	"net"
	"os"
	"sync"
	"time"
)

// ErrStopped is the error of Accept after the last connection.
var ErrStopped = errors.New("backlog: the listener accepts no more connections")

const (
	// sweepMax bounds how long connections may go on arriving while the queue is
	// being emptied.
	sweepMax = 5 * time.Second
	// sweepPause is how long the queue has to stay empty, and how long a
	// connection waits that cannot be accepted because descriptors are scarce.
	sweepPause = time.Millisecond
	// acceptWait is how long accepting a connection may take that is known to be
	// there. It may have left since.
	acceptWait = time.Second
)

// blindWaits are for a queue that cannot be looked at: it counts as empty when
// accepting was in vain for these times in a row. A single short one can pass
// before it begins, on a machine that is busy.
var blindWaits = [...]time.Duration{5 * time.Millisecond, 20 * time.Millisecond}

// Listener is a listening socket that can be stopped. Stop may be called from any
// goroutine, Accept from one.
type Listener struct {
	net.Listener
	shared bool

	mu       sync.Mutex
	stopping bool
	until    time.Time // end of sweepMax
}

// New takes l. A shared socket outlives the listener: stopping neither closes it
// nor accepts what waits in its queue, because the next one will.
func New(l net.Listener, shared bool) *Listener {
	setDeadline(l, time.Time{}) // one before this may have stopped on l
	return &Listener{Listener: l, shared: shared}
}

// Accept gives the next connection, and after Stop those that are in the queue.
// Then the socket is closed, unless it is shared, and the error is [ErrStopped].
// Any other error is the socket's.
func (l *Listener) Accept() (net.Conn, error) {
	for !l.Stopping() {
		conn, err := l.Listener.Accept()
		switch {
		case err == nil:
			return conn, nil
		case l.Stopping():
		case errors.Is(err, os.ErrDeadlineExceeded):
			setDeadline(l.Listener, time.Time{}) // another one has stopped on the socket
		default:
			return nil, err
		}
	}
	if l.shared {
		return nil, ErrStopped
	}
	if conn := l.sweep(); conn != nil {
		return conn, nil
	}
	_ = l.Listener.Close() // closed already if it has no deadlines
	return nil, ErrStopped
}

// Stop ends accepting, and wakes Accept. It holds mu across both steps: a sweep
// that has seen stopping must not have its own deadline overwritten by this one.
func (l *Listener) Stop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stopping {
		return
	}
	l.stopping, l.until = true, time.Now().Add(sweepMax)
	if !setDeadline(l.Listener, time.Unix(1, 0)) {
		_ = l.Listener.Close() // the only way to wake Accept
	}
}

// Stopping reports whether Stop was called.
func (l *Listener) Stopping() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.stopping
}

// sweep takes one connection out of the queue; nil when the queue is empty.
func (l *Listener) sweep() net.Conn {
	for empty := 0; empty < len(blindWaits) && time.Now().Before(l.until); {
		waiting, known := queued(l.Listener)
		if known && !waiting {
			empty++
			time.Sleep(sweepPause)
			continue
		}
		wait := blindWaits[empty]
		if known {
			wait = acceptWait
		}
		if !setDeadline(l.Listener, time.Now().Add(wait)) {
			return nil
		}
		conn, err := l.Listener.Accept()
		switch {
		case err == nil:
			return conn
		case errors.Is(err, net.ErrClosed):
			return nil
		case errors.Is(err, os.ErrDeadlineExceeded):
			empty++
		default:
			time.Sleep(sweepPause)
		}
	}
	return nil
}

// setDeadline reports whether l has deadlines. Those of package net have.
func setDeadline(l net.Listener, t time.Time) bool {
	d, ok := l.(interface{ SetDeadline(time.Time) error })
	return ok && d.SetDeadline(t) == nil
}
