package middleware

import (
	"context"
	"sync"
	"time"
)

// timeContext is the context of a request that has a time, as
// context.WithTimeout gives one, but for this: the time can be lifted.
type timeContext struct {
	context.Context // the request's
	done            chan struct{}

	mu       sync.Mutex
	err      error // set before done is closed
	deadline time.Time
	timer    *time.Timer
}

// newTimeContext gives a context that ends after d, with parent or by end.
func newTimeContext(parent context.Context, d time.Duration) (c *timeContext, end func()) {
	c = &timeContext{Context: parent, done: make(chan struct{}), deadline: time.Now().Add(d)}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.timer = time.AfterFunc(d, func() { c.end(context.DeadlineExceeded) })
	stop := context.AfterFunc(parent, func() { c.end(parent.Err()) })
	return c, func() {
		stop()
		c.lift()
		c.end(context.Canceled)
	}
}

func (c *timeContext) end(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil {
		c.err = err
		close(c.done)
	}
}

// lift takes the time away. A context whose time is over stays so.
func (c *timeContext) lift() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.timer.Stop()
	c.deadline = time.Time{}
}

// Deadline implements [context.Context].
func (c *timeContext) Deadline() (time.Time, bool) {
	c.mu.Lock()
	own := c.deadline
	c.mu.Unlock()
	outer, ok := c.Context.Deadline()
	if own.IsZero() || ok && outer.Before(own) {
		return outer, ok
	}
	return own, true
}

// Done implements [context.Context].
func (c *timeContext) Done() <-chan struct{} { return c.done }

// Err implements [context.Context].
func (c *timeContext) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}
