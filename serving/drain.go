package serving

import (
	"context"
	"fmt"
	"time"
)

const (
	// drainTick is how often Drain looks whether it is finished.
	drainTick = 5 * time.Millisecond
	// hijackGrace is how long a hijacked connection may stay open after its
	// context was cancelled, for a closing handshake.
	hijackGrace = 5 * time.Second
)

// DrainError says that stopping cut requests off. Unwrap gives the cause of the
// context that ended, by default context.DeadlineExceeded or context.Canceled.
type DrainError struct {
	Requests int // how many were not answered, hijacked connections included
	Cause    error

	reloading bool // the limit is not that of the options
}

// Error gives the number of requests left and the cause.
func (e *DrainError) Error() string {
	if e.reloading {
		return fmt.Sprintf("serving: %s cut off: %v", count(e.Requests, "request"), e.Cause)
	}
	return fmt.Sprintf("serving: the server stopped with %s unanswered: %v.\n"+
		"Allow more time with Options.GracefulTimeout, or let responses without end watch serving.Draining(r.Context()).",
		count(e.Requests, "request"), e.Cause)
}

// Unwrap gives the cause.
func (e *DrainError) Unwrap() error { return e.Cause }

// count is n and its noun: "1 request", "2 requests".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Drain stops the server and returns when every request that reached it has
// been answered, or when ctx is done: then it cuts the rest off and returns a
// [*DrainError], nil if there was no rest.
//
// The order is what keeps requests from being lost:
//
//  1. Accepting stops, but the http.Server does not know and goes on serving.
//     Unless the socket is shared, the connections already in its queue are
//     accepted first: closing the socket would reset them.
//  2. Every answer from now on says Connection: close. [Draining] is closed, and
//     the contexts of hijacked connections are cancelled.
//  3. Idle connections stay open for Options.IdleLinger, so that a request their
//     client is just sending gets its answer (and its Connection: close).
//  4. Drain waits until every connection has closed; hijacked ones are closed
//     after 5 s.
//  5. The http.Server shuts down, which by now closes nothing.
//  6. If ctx ends first, every connection is closed and every context cancelled.
//
// http.Server.Shutdown sets step 5's flag first, and net/http drops each request
// that it reads afterwards, besides all that an idle connection has just been
// sent.
func (s *Server) Drain(ctx context.Context) error {
	s.beginStop()
	if !s.waitSwept(ctx) || !s.waitConns(ctx) {
		return s.cutOff(context.Cause(ctx))
	}
	defer s.cancel()
	return s.http.Shutdown(context.WithoutCancel(ctx))
}

// pause stops accepting, which is the first of the steps of Drain, and returns
// when no more connections are accepted.
func (s *Server) pause(ctx context.Context) {
	s.beginStop()
	s.waitSwept(ctx)
}

// Close stops the server at once: connections are closed, hijacked ones too, and
// then the contexts of their requests cancelled, in this order so that no handler
// answers a request that counts as cut off. It does not wait for handlers.
func (s *Server) Close() error {
	s.beginStop()
	defer s.cancel()
	err := s.http.Close()
	for _, c := range s.open() {
		c.Close()
	}
	return err
}

// beginStop is steps 1 and 2.
func (s *Server) beginStop() {
	s.stopOnce.Do(func() {
		s.stopping.Store(true)
		close(s.draining)
		s.mu.Lock()
		for l := range s.listeners {
			l.Stop()
		}
		s.mu.Unlock()
		for _, c := range s.open() {
			if c.isHijacked() {
				c.endContext()
			}
		}
	})
}

// waitSwept waits until no listener will hand out another connection.
func (s *Server) waitSwept(ctx context.Context) bool {
	s.mu.Lock()
	all := make([]*listener, 0, len(s.listeners))
	for l := range s.listeners {
		all = append(all, l)
	}
	s.mu.Unlock()
	for _, l := range all {
		select {
		case <-l.swept:
		case <-ctx.Done():
			return false
		}
	}
	return true
}

// waitConns is steps 3 and 4. Looking again and again costs nothing that
// matters here, and http.Server.Shutdown does the same.
func (s *Server) waitConns(ctx context.Context) bool {
	began := time.Now()
	tick := time.NewTicker(drainTick)
	defer tick.Stop()
	for {
		left := s.open()
		if len(left) == 0 {
			return true
		}
		s.closeQuiet(left, began, time.Now())
		select {
		case <-tick.C:
		case <-ctx.Done():
			return false
		}
	}
}

// closeQuiet closes those of the connections that had their time: idle ones
// after IdleLinger, counted from the beginning of the stop or from their last
// answer, whichever was later; hijacked ones after hijackGrace.
func (s *Server) closeQuiet(conns []*conn, began, now time.Time) {
	lingered := now.Add(-max(s.options.IdleLinger, 0))
	for _, c := range conns {
		if !began.After(lingered) {
			c.reap(lingered)
		}
		if c.isHijacked() && now.Sub(began) > hijackGrace {
			c.Close()
		}
	}
}

// cutOff is step 6.
func (s *Server) cutOff(cause error) error {
	n := s.requests()
	s.Close()
	if n == 0 {
		return nil
	}
	return &DrainError{Requests: n, Cause: cause, reloading: s.options.handed != nil}
}
