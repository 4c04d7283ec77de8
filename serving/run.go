package serving

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"

	"github.com/retort-go/retort/internal/devbuild"
	"github.com/retort-go/retort/internal/supervise"
	"github.com/retort-go/retort/internal/terminal"
)

// RunSimple serves h on host and port, see [Listen], until the process receives
// SIGINT, SIGTERM or, when its terminal is closed, SIGHUP, or o.Context is done. It prints where it listens, one line
// for each request, and blocks.
//
// The first signal stops it gracefully: requests in flight are answered, see
// [Server.Drain], and RunSimple returns nil. It returns a [*DrainError] when
// requests were cut off, because GracefulTimeout passed or because a second
// signal came, which stops at once. A socket that cannot be opened is a
// [*ListenError]. After RunSimple has returned, signals do again what they did
// before.
//
// With UseReloader it is called in two processes, see [Options]. In the parent it
// returns nil after a signal, and when the program has ended by itself.
//
// Differs from Flask: the error is returned instead of exiting with status 1,
// and connections are kept alive (without the reloader), because net/http is
// strict enough about framing for that to be safe.
//
// Werkzeug: serving.py, run_simple.
func RunSimple(host string, port int, h http.Handler, o Options) error {
	o, err := o.checked()
	if err != nil {
		return err
	}
	if o.UseReloader || os.Getenv(envFromCLI) == "true" {
		link, err := supervise.Supervised()
		if err != nil {
			return fmt.Errorf("serving: %w", err)
		}
		if link != nil {
			return o.runChild(link, host, h)
		}
	}
	if o.UseReloader && !supervise.IsChild() {
		program, err := devbuild.Running() // called here: it looks for main among the callers
		if err == nil {
			err = canReload()
		}
		if err == nil {
			return o.runParent(program, host, port, os.Args, nil)
		}
		o.say(fmt.Sprintf(" * Not reloading: %v", err))
	}
	return o.runAlone(host, port, h)
}

// say writes a line to the log, or several. What they quote, as the errors of a
// compiler do, cannot command the terminal.
func (o *Options) say(line string) { _, _ = io.WriteString(o.Log, terminal.Text(line)+"\n") }

// runAlone serves in this process.
func (o *Options) runAlone(host string, port int, h http.Handler) error {
	var err error
	if o.tls, err = o.SSLContext.config(func() (tls.Certificate, error) { return newAdhoc(host) }); err != nil {
		return err
	}
	if h, _, err = o.dressed(h, host); err != nil {
		return err
	}
	l, err := Listen(host, port)
	if err != nil {
		return err
	}
	told := o.watch(nil)
	defer told.release()
	return o.serve(l, h, told, nil)
}

// dressed is the handler with what the options put around it. refresh tells
// browsers that a file has changed.
func (o *Options) dressed(h http.Handler, host string) (_ http.Handler, refresh func(path string), err error) {
	folders, err := staticFolders(o.StaticFiles)
	if err != nil {
		return nil, nil, err
	}
	return o.withTools(serveStatic(h, folders), host)
}

// serve serves h on l until it is told to stop. With a link it says how far it
// is there, without one it prints the banner.
func (o *Options) serve(l net.Listener, h http.Handler, told orders, link *supervise.Link) error {
	if err := o.startup(told.stop); err != nil {
		if told.stop.Err() != nil && errors.Is(err, context.Canceled) {
			err = nil // it has done as it was told
		}
		return errors.Join(err, l.Close())
	}
	if link != nil && told.stop.Err() != nil {
		return o.shutdownNow(told) // what comes from now on is for the next program
	}
	s := NewServer(h, *o)
	if link == nil {
		io.WriteString(s.log, banner(*o, l.Addr(), s.log.color))
	}
	if o.OnReady != nil {
		o.OnReady(l.Addr())
	}
	failed := make(chan error, 1)
	go func() { failed <- s.Serve(l) }()
	if link != nil {
		link.Ready()
	}
	stop := s.stop
	select {
	case err := <-failed:
		stop = func(context.Context) error { return errors.Join(err, s.Close()) }
	case <-told.stop.Done():
	}
	ctx, release := o.gracefully(told.now)
	defer release()
	if link != nil {
		s.pause(ctx)
		link.Paused()
	}
	return errors.Join(stop(ctx), o.shutdown(ctx))
}

// shutdownNow shuts down what was started although nothing was served.
func (o *Options) shutdownNow(told orders) error {
	ctx, release := o.gracefully(told.now)
	defer release()
	return o.shutdown(ctx)
}

// errSecondSignal is the cause of a stop that did not wait.
var errSecondSignal = errors.New("a second signal asked to stop at once")

// orders are what RunSimple is told from outside: to stop, and to stop now.
type orders struct {
	stop, now context.Context
	release   func()
}

// watch listens to the signals and the Context of o until release is called.
// When abandoned is closed, the parent wants it to stop, and so may the terminal:
// a signal may be the same order once more. The system sends SIGTERM for each
// thread of a parent that ends; only the terminal has a child stop at once.
func (o *Options) watch(abandoned <-chan struct{}) orders {
	stop, stopped := context.WithCancel(context.Background())
	now, nowStopped := context.WithCancelCause(context.Background())
	signals, released := make(chan os.Signal, 2), make(chan struct{})
	if !o.NoSignals {
		signal.Notify(signals, stopSignals()...)
	}
	go func() {
		more := 1 // signals until it is to be at once
		select {
		case <-signals:
		case <-o.Context.Done():
		case <-abandoned:
			more = 2
		case <-released:
			return
		}
		stopped()
		for more > 0 {
			select {
			case sig := <-signals:
				if sig != syscall.SIGHUP && (abandoned == nil || sig == os.Interrupt) {
					more--
				}
			case <-released:
				return
			}
		}
		nowStopped(errSecondSignal)
	}()
	return orders{stop, now, func() {
		signal.Stop(signals)
		close(released)
		stopped()
		nowStopped(nil)
	}}
}

// stopSignals are the signals that stop a server. SIGHUP comes when the terminal is
// closed; nohup has programs ignore it.
func stopSignals() []os.Signal {
	all := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		all = append(all, syscall.SIGHUP)
	}
	return all
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
	cause := fmt.Errorf("the graceful timeout of %v has passed", limit)
	if o.handed != nil {
		cause = fmt.Errorf("with the reloader requests have %v to end when the program stops", limit)
	}
	return context.WithTimeoutCause(ctx, limit, cause)
}

// stop drains until ctx is done.
func (s *Server) stop(ctx context.Context) error {
	if n := s.requests(); n > 0 && !s.options.closeEach { // a parent says it
		fmt.Fprintf(s.log, " * Stopping: waiting for %s (press CTRL+C again to stop at once)\n", count(n, "request"))
	}
	return s.Drain(ctx)
}
