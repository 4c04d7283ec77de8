package gateway

import (
	"errors"
	"log/slog"
	"net"
	"os"
	"syscall"
	"time"
)

// sweepWait is how long the socket's queue must be empty before a stop closes
// it, sweepMax how long emptying it may take while more arrive.
const (
	sweepWait = time.Millisecond
	sweepMax  = 250 * time.Millisecond
)

// Pauses after an Accept for which there were too few descriptors or buffers.
const (
	acceptPause    = 5 * time.Millisecond
	acceptPauseMax = time.Second
)

// accept hands connections on until the server stops, and then those that wait
// in the socket's queue: closing the socket would reset them.
func (s *WireServer) accept(l net.Listener) error {
	setDeadline(l, time.Time{}) // a server before this one may have stopped on l
	pause := acceptPause
	for {
		conn, err := l.Accept()
		switch {
		case err == nil:
			pause = acceptPause
			s.begin(conn)
		case s.isStopping():
			s.sweep(l)
			return nil
		case errors.Is(err, os.ErrDeadlineExceeded):
			setDeadline(l, time.Time{}) // that of another server's stop
		case isScarce(err):
			loggerOr(s.cfg.log).Warn("gateway: a connection has to wait", slog.Any("error", err), slog.Duration("pause", pause))
			s.pause(pause)
			pause = min(2*pause, acceptPauseMax)
		default:
			return err
		}
	}
}

// pause waits, but not longer than the server runs.
func (s *WireServer) pause(d time.Duration) {
	select {
	case <-time.After(d):
	case <-s.stop:
	}
}

// isScarce reports an error of Accept that passes.
func isScarce(err error) bool {
	for _, passing := range [...]error{syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM, syscall.ECONNABORTED} {
		if errors.Is(err, passing) {
			return true
		}
	}
	return false
}

// sweep takes the queue's connections and closes the socket. A shared socket is
// left alone: the next server accepts them.
func (s *WireServer) sweep(l net.Listener) {
	if s.cfg.wire.shared {
		return
	}
	for end := time.Now().Add(sweepMax); time.Now().Before(end); {
		if !setDeadline(l, time.Now().Add(sweepWait)) {
			break
		}
		conn, err := l.Accept()
		if err != nil {
			break
		}
		s.begin(conn)
	}
	_ = l.Close() // closed already if it has no deadlines
}

// setDeadline reports whether l has deadlines. Those of package net have.
func setDeadline(l net.Listener, t time.Time) bool {
	d, ok := l.(interface{ SetDeadline(time.Time) error })
	return ok && d.SetDeadline(t) == nil
}
