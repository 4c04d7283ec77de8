package serving

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"syscall"
)

// RunSimple serves h on host and port, see [Listen], until the process receives
// SIGINT or SIGTERM or o.Context is done. It prints where it listens, one line
// for each request, and blocks.
//
// The first signal stops it gracefully: requests in flight are answered, see
// [Server.Drain], and RunSimple returns nil. It returns a [*DrainError] when
// requests were cut off, because GracefulTimeout passed or because a second
// signal came, which stops at once. A socket that cannot be opened is a
// [*ListenError]. After RunSimple has returned, signals do again what they did
// before.
//
// Differs from Flask: the error is returned instead of exiting with status 1,
// and connections are kept alive, because net/http is strict enough about
// framing for that to be safe.
//
// Werkzeug: serving.py, run_simple.
func RunSimple(host string, port int, h http.Handler, o Options) error {
	o = o.withDefaults()
	l, err := Listen(host, port)
	if err != nil {
		return err
	}
	signals := make(chan os.Signal, 2)
	if !o.NoSignals {
		signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
		defer signal.Stop(signals)
	}
	s := NewServer(h, o)
	io.WriteString(s.log, banner(o, l.Addr(), s.log.color))
	if o.OnReady != nil {
		o.OnReady(l.Addr())
	}
	failed := make(chan error, 1)
	go func() { failed <- s.Serve(l) }()
	select {
	case err := <-failed:
		return errors.Join(err, s.Close())
	case <-signals:
	case <-o.Context.Done():
	}
	return s.stop(signals)
}

// errSecondSignal is the cause of a stop that did not wait.
var errSecondSignal = errors.New("a second signal asked to stop at once")

// stop drains within GracefulTimeout or until another signal.
func (s *Server) stop(signals <-chan os.Signal) error {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	if limit := s.options.GracefulTimeout; limit > 0 {
		var release context.CancelFunc
		ctx, release = context.WithTimeoutCause(ctx, limit, fmt.Errorf("the graceful timeout of %v has passed", limit))
		defer release()
	}
	go func() {
		select {
		case <-signals:
			cancel(errSecondSignal)
		case <-ctx.Done():
		}
	}()
	if n := s.requests(); n > 0 {
		fmt.Fprintf(s.log, " * Stopping: waiting for %s (press CTRL+C again to stop at once)\n", count(n, "request"))
	}
	return s.Drain(ctx)
}
