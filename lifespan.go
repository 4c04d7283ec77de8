package retort

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// lifespan is what an app does before its first request and after its last.
type lifespan struct {
	hooks []lifespanHook // in the order of registration

	mu sync.Mutex // held while the hooks run
	up bool       // Startup has succeeded, and Shutdown was not called since
	// down: Shutdown was called, or Startup failed, and Startup not since.
	down bool
}

// lifespanHook is a function of OnStartup or OnShutdown.
type lifespanHook struct {
	f    func(context.Context) error
	kind string // "startup" or "shutdown"
	at   position
}

const (
	startupKind  = "startup"
	shutdownKind = "shutdown"
)

// startupGrace is for what is shut down because the startup failed.
const startupGrace = 30 * time.Second

// OnStartup has f called once before the first request, in the order of
// registration, by [App.Run] or [App.Startup]: for opening what the app needs.
// An error ends the startup, and Run returns it. ctx is done when the startup is
// to be given up; for work that goes on afterwards there is [App.Go].
//
// Source: ASGI: the lifespan protocol; Flask has none.
func (a *App) OnStartup(f func(ctx context.Context) error) {
	a.addLifespanHook("OnStartup", startupKind, callerOutside(), f)
}

// OnShutdown has f called once after the last request and the end of the
// background work, in the reverse order of registration, by [App.Run] or
// [App.Shutdown]: for closing what was opened. ctx is done when the time for
// stopping is over. An error or panic is logged, returned by Run, and keeps no
// other function from being called.
//
// If the startup fails, f is called if all that was registered before it has
// started. So a function that opens something should be followed by the one that
// closes it:
//
//	app.OnStartup(openDatabase)
//	app.OnShutdown(closeDatabase)
//	app.OnStartup(openCache) // fails: the database is closed
//	app.OnShutdown(closeCache)
//
// Source: ASGI: the lifespan protocol; Flask has none.
func (a *App) OnShutdown(f func(ctx context.Context) error) {
	a.addLifespanHook("OnShutdown", shutdownKind, callerOutside(), f)
}

// OnStartup is [App.OnStartup] of the app that bp is registered with, once.
func (bp *Blueprint) OnStartup(f func(ctx context.Context) error) {
	at := callerOutside()
	bp.once("OnStartup", func(a *App) { a.addLifespanHook("OnStartup", startupKind, at, f) })
}

// OnShutdown is [App.OnShutdown] of the app that bp is registered with, once.
func (bp *Blueprint) OnShutdown(f func(ctx context.Context) error) {
	at := callerOutside()
	bp.once("OnShutdown", func(a *App) { a.addLifespanHook("OnShutdown", shutdownKind, at, f) })
}

func (a *App) addLifespanHook(method, kind string, at position, f func(context.Context) error) {
	a.lock.check(method)
	if f == nil {
		panic(fmt.Sprintf("retort: %s: %s takes a func(context.Context) error, not nil", at, method))
	}
	a.lifespan.hooks = append(a.lifespan.hooks, lifespanHook{f, kind, at})
}

// Startup freezes the app and calls the OnStartup functions. [App.Run] does it;
// with another server it belongs before the first connection:
//
//	if err := app.Startup(ctx); err != nil {
//		log.Fatal(err)
//	}
//	…
//	server.Shutdown(ctx) // of http.Server: the requests are answered
//	err := app.Shutdown(ctx)
//
// When a function fails, Startup shuts down what has started, within 30 s, and
// returns all errors. An app that is started is not started again: then Startup
// returns nil. One that was shut down is. An app without a Startup handles
// requests all the same, as in tests. The functions must not call Startup or
// Shutdown themselves.
func (a *App) Startup(ctx context.Context) error {
	if a.frozen.Load() == nil {
		a.freeze()
	}
	l := &a.lifespan
	if err := l.refuseNested("Startup", ctx); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.up {
		return nil
	}
	a.background.reopen()
	l.down = false
	for i, h := range l.hooks {
		if h.kind != startupKind {
			continue
		}
		if err := h.run(context.WithValue(ctx, lifespanKey{}, l)); err != nil {
			l.down = true
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), startupGrace)
			defer cancel()
			return errors.Join(err, a.end(ctx, l.hooks[:i]))
		}
	}
	l.up = true
	return nil
}

// Shutdown ends the background work of [App.Go], and then calls the OnShutdown
// functions. [App.Run] does it when the requests are answered, with what is left
// of the 30 s for stopping; with another server it belongs after that has
// stopped, see [App.Startup]. Work that still runs when ctx is done is left
// behind and named in the error; the functions are called nevertheless.
//
// What goes wrong is logged, and returned together. It is an error to call it with
// the context of a function that it would wait for. Shutting down again does
// nothing and returns nil. Without a Startup those functions are called that
// were registered before the first of OnStartup.
func (a *App) Shutdown(ctx context.Context) error {
	l := &a.lifespan
	if err := l.refuseNested("Shutdown", ctx); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.down {
		return nil
	}
	started := l.hooks
	if !l.up {
		started = l.unconditional()
	}
	l.up, l.down = false, true
	return a.end(ctx, started)
}

// lifespanKey finds in the context of a hook or of background work whose it is.
type lifespanKey struct{}

// refuseNested is the error of a Startup or Shutdown that a hook or background work
// calls: each would wait for the other.
func (l *lifespan) refuseNested(method string, ctx context.Context) error {
	if ctx.Value(lifespanKey{}) != l {
		return nil
	}
	return fmt.Errorf("retort: %s was called by a function of OnStartup, OnShutdown or Go, and would wait for that very function to return", method)
}

// unconditional are the functions before the first of OnStartup.
func (l *lifespan) unconditional() []lifespanHook {
	for i, h := range l.hooks {
		if h.kind == startupKind {
			return l.hooks[:i]
		}
	}
	return l.hooks
}

// end drains the background work and shuts down what has started.
func (a *App) end(ctx context.Context, started []lifespanHook) error {
	errs := []error{a.background.drain(ctx)}
	for i := len(started) - 1; i >= 0; i-- {
		if h := started[i]; h.kind == shutdownKind {
			errs = append(errs, h.run(context.WithValue(ctx, lifespanKey{}, &a.lifespan)))
		}
	}
	for _, err := range errs {
		if err != nil {
			a.Logger.ErrorContext(ctx, "the app was not shut down cleanly", "error", err.Error())
		}
	}
	return errors.Join(errs...)
}

// run calls the function. Its error says which one it was.
func (h lifespanHook) run(ctx context.Context) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = thrownError(v)
			at := ""
			if t, ok := err.(*thrown); ok {
				at = " (" + t.trace() + ")"
			}
			err = fmt.Errorf("retort: the %s function %s panicked: %w%s", h.kind, funcLabel(h.f, h.at), bareError(err), at)
		}
	}()
	if err := h.f(ctx); err != nil {
		return fmt.Errorf("retort: the %s function %s: %w", h.kind, funcLabel(h.f, h.at), err)
	}
	return nil
}
