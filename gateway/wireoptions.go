package gateway

import (
	"context"
	"time"
)

// wireOptions are the options of a [WireServer] alone.
type wireOptions struct {
	timeouts    Timeouts
	maxInFlight int // below zero: any number
	shared      bool
	until       context.Context // nil: for ever
	grace       time.Duration
}

// Timeouts is the [Option] that says how long a [WireServer] waits for the web
// server at the other end. A field that is 0 has its default, one below 0 is no
// limit.
type Timeouts struct {
	// Header bounds the time from a new connection, or the beginning of a
	// FastCGI request, to the last of its variables. Default: 10 s.
	Header time.Duration
	// Progress bounds how long reading the body or writing the response may
	// stand still. Every read and every 256 KiB written start it anew. A
	// deadline that the app sets (http.ResponseController) takes its place for
	// the request. Default: 60 s.
	Progress time.Duration
	// Idle bounds how long a FastCGI connection is kept without a request.
	// Default: 120 s.
	Idle time.Duration
	// Linger is how long a connection without a request stays open once the
	// server has begun to stop. Default: 1 s.
	Linger time.Duration
}

func (t Timeouts) apply(c *config) { c.wire.timeouts = t }

func (t Timeouts) withDefaults() Timeouts {
	return Timeouts{
		Header:   orDuration(t.Header, headerTimeout),
		Progress: orDuration(t.Progress, time.Minute),
		Idle:     orDuration(t.Idle, idleTimeout),
		Linger:   orDuration(t.Linger, time.Second),
	}
}

func orDuration(d, standard time.Duration) time.Duration {
	if d == 0 {
		return standard
	}
	return d
}

// maxInFlight is the default of MaxInFlight.
const maxInFlight = 4096

// MaxInFlight bounds how many requests a [WireServer] answers at the same time.
// What comes beyond is answered at once with 503 and Retry-After, by FastCGI also
// with the protocol's word for it; the app does not see it. Responses without
// end count as long as they last. Default, and if n is 0: 4096; no limit if below.
func MaxInFlight(n int) Option {
	return optionFunc(func(c *config) { c.wire.maxInFlight = n })
}

// SharedListener says that the listening socket of a [WireServer] outlives it:
// the socket belongs to systemd or to a parent process, or the next server of
// this process takes it. Stopping then neither closes it nor accepts what still
// waits in its queue, so a restart refuses nobody. In one process one server at
// a time may use it.
func SharedListener() Option {
	return optionFunc(func(c *config) { c.wire.shared = true })
}

// Until lets a [WireServer] run until ctx is done, then stops it as
// [WireServer.Shutdown] does, with grace for the requests that are there (30 s
// if 0, no limit if below). With signal.NotifyContext it is how a program ends
// on SIGTERM without losing a request.
func Until(ctx context.Context, grace time.Duration) Option {
	return optionFunc(func(c *config) { c.wire.until, c.wire.grace = ctx, orDuration(grace, 30*time.Second) })
}
