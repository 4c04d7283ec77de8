package retort

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
)

// background is the work of [App.Go].
type background struct {
	mu      sync.Mutex
	ctx     context.Context // of all work; nil: none has begun
	cancel  context.CancelFunc
	running map[*task]struct{}
	idle    chan struct{} // while drain waits: closed when nothing runs
	closed  bool          // nothing more may begin
}

// task is one call of Go.
type task struct {
	f  func(context.Context)
	at position
}

// String is "sendMail (main.go:31)".
func (t *task) String() string { return funcLabel(t.f, t.at) }

// funcLabel names a function and the place where it was given to retort.
func funcLabel(f any, at position) string {
	if name, _ := funcOf(reflect.ValueOf(f)); name != "" {
		return name + " (" + at.String() + ")"
	}
	return at.String()
}

// Go runs f in a goroutine of its own, for work that outlives the request in
// which it begins: sending mail, filling a cache.
//
//	c.App.Go(func(ctx context.Context) { sendMail(ctx, note) })
//
// [App.Shutdown], which Run calls when the requests are answered, cancels ctx and
// waits for f; how long is said there. ctx has nothing of a request, which ends
// before: f takes what it needs from there beforehand, or from a [Context.Copy].
// A panic of f is logged with its place and ends f alone.
//
// Go may be called at any time, also during setup. After Shutdown nobody would
// wait for f: then Go panics, until the app is started again.
func (a *App) Go(f func(ctx context.Context)) {
	t := &task{f, callerOutside()}
	if f == nil {
		panic(fmt.Sprintf("retort: %s: Go takes a func(context.Context), not nil", t.at))
	}
	ctx, ok := a.background.begin(t)
	if !ok {
		panic(fmt.Sprintf("retort: Go was called with %s after the shutdown of the app %q: nobody would wait for it; begin work before Shutdown is called, or do it in an OnShutdown function", t, a.Name))
	}
	ctx = context.WithValue(ctx, lifespanKey{}, &a.lifespan)
	go func() {
		defer a.background.end(t)
		defer func() {
			if v := recover(); v != nil {
				a.logFailure(ctx, "background work panicked", thrownError(v), "work", t.String())
			}
		}()
		f(ctx)
	}()
}

// begin notes t, unless it is too late.
func (b *background) begin(t *task) (context.Context, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return nil, false
	}
	if b.ctx == nil {
		b.ctx, b.cancel = context.WithCancel(context.Background())
		b.running = make(map[*task]struct{})
	}
	b.running[t] = struct{}{}
	return b.ctx, true
}

func (b *background) end(t *task) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.running, t)
	if b.idle != nil && len(b.running) == 0 {
		b.close()
	}
}

// close ends the waiting of drain. The lock is held.
func (b *background) close() {
	b.closed = true
	if b.idle != nil {
		close(b.idle)
		b.idle = nil
	}
}

// drain cancels the work and waits until nothing runs: then nothing more can
// begin. What still runs when ctx is done is the error.
func (b *background) drain(ctx context.Context) error {
	idle := make(chan struct{})
	b.mu.Lock()
	b.idle = idle
	if b.cancel != nil {
		b.cancel()
	}
	if len(b.running) == 0 {
		b.close()
	}
	b.mu.Unlock()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return nil
	}
	b.close()
	return b.leftBehind(context.Cause(ctx))
}

// leftBehind is the error that names what still runs. The lock is held.
func (b *background) leftBehind(cause error) error {
	var names []string
	for t := range b.running {
		names = append(names, t.String())
	}
	slices.Sort(names)
	return fmt.Errorf("retort: the shutdown did not wait for background work that goes on: %s; let it end when its context is cancelled, or allow more time: %w", strings.Join(names, ", "), cause)
}

// reopen lets work begin after a drain. What still runs from before is not
// waited for again.
func (b *background) reopen() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		b.ctx, b.cancel, b.running, b.closed = nil, nil, nil, false
	}
}
