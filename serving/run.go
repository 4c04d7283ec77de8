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
	told := o.watch()
	defer told.release()
	if err := o.startup(told.stop); err != nil {
		if told.stop.Err() != nil && errors.Is(err, context.Canceled) {
			err = nil // it has done as it was told
		}
		return errors.Join(err, l.Close())
	}
	s := NewServer(h, o)
	io.WriteString(s.log, banner(o, l.Addr(), s.log.color))
	if o.OnReady != nil {
		o.OnReady(l.Addr())
	}
	failed := make(chan error, 1)
	go func() { failed <- s.Serve(l) }()
	stop := s.stop
	select {
	case err := <-failed:
		stop = func(context.Context) error { return errors.Join(err, s.Close()) }
	case <-told.stop.Done():
	}
	ctx, release := o.gracefully(told.now)
	defer release()
	return errors.Join(stop(ctx), o.shutdown(ctx))
}

// errSecondSignal is the cause of a stop that did not wait.
var errSecondSignal = errors.New("a second signal asked to stop at once")

// orders are what RunSimple is told from outside: to stop, and to stop now.
type orders struct {
	stop, now context.Context
	release   func()
}

// watch listens to the signals and the Context of o until release is called.
func (o *Options) watch() orders {
	stop, stopped := context.WithCancel(context.Background())
	now, nowStopped := context.WithCancelCause(context.Background())
	signals, released := make(chan os.Signal, 2), make(chan struct{})
	if !o.NoSignals {
		signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	}
	go func() {
		select {
		case <-signals:
		case <-o.Context.Done():
		case <-released:
			return
		}
		stopped()
		select {
		case <-signals:
			nowStopped(errSecondSignal)
		case <-released:
		}
	}()
	return orders{stop, now, func() {
		signal.Stop(signals)
		close(released)
		stopped()
		nowStopped(nil)
	}}
}

func (o *Options) startup(ctx context.Context) error {
	if o.Startup == nil {
		return nil
	}
	return o.Startup(ctx)
}

func (o *Options) shutdown(ctx context.Context) error {
	if o.Shutdown == nil {
		return nil
	}
	return o.Shutdown(ctx)
}

// gracefully limits ctx to the GracefulTimeout, which begins now.
func (o *Options) gracefully(ctx context.Context) (context.Context, context.CancelFunc) {
	limit := o.GracefulTimeout
	if limit <= 0 {
		return ctx, func() {}
	}
	return context.WithTimeoutCause(ctx, limit, fmt.Errorf("the graceful timeout of %v has passed", limit))
}

// stop drains until ctx is done.
func (s *Server) stop(ctx context.Context) error {
	if n := s.requests(); n > 0 {
		fmt.Fprintf(s.log, " * Stopping: waiting for %s (press CTRL+C again to stop at once)\n", count(n, "request"))
	}
	return s.Drain(ctx)
}
