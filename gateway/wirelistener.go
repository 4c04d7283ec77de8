package gateway

import (
	"errors"
	"log/slog"
	"syscall"
	"time"

	"github.com/retort-go/retort/internal/backlog"
)

// Pauses after an Accept for which there were too few descriptors or buffers.
const (
	acceptPause    = 5 * time.Millisecond
	acceptPauseMax = time.Second
)

// accept hands connections on until the server stops, those that wait in the
// socket's queue then included.
func (s *WireServer) accept(l *backlog.Listener) error {
	pause := acceptPause
	for {
		conn, err := l.Accept()
		switch {
		case err == nil:
			pause = acceptPause
			s.begin(conn)
		case errors.Is(err, backlog.ErrStopped):
			return nil
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
