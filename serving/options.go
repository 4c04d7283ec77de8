package serving

import (
	"context"
	"io"
	"net"
	"os"
	"time"
)

// Options configures [RunSimple] and [NewServer]. The zero value is usable:
// each zero field stands for the default that its comment names. A negative
// duration switches that limit off.
type Options struct {
	// AppName stands in the banner's first line. Without it the banner has
	// neither that line nor the debug mode line. Only RunSimple reads it.
	AppName string
	// Debug is what the banner reports as debug mode. Only RunSimple reads it.
	Debug bool

	// Log receives the banner, the access lines and the traces of panics, one
	// Write call for each. The calls never overlap. Default: os.Stderr.
	Log io.Writer
	// Color says whether access lines and banner are coloured. Default: ColorAuto.
	Color ColorMode
	// NoAccessLog switches the line for each request off. A handler that writes
	// its own, as middleware.AccessLog does, need not set it: the server leaves
	// the line of such a request to it.
	NoAccessLog bool

	// GracefulTimeout is how long RunSimple waits for requests in flight after
	// the first signal. Without limit when negative. Default: 30 s.
	GracefulTimeout time.Duration
	// IdleLinger is how long a kept-alive connection without a request stays
	// open once the server has begun to stop, so that a request its client is
	// just sending is answered. Default: 1 s.
	IdleLinger time.Duration
	// ReadHeaderTimeout bounds reading a request's line and header. Default: 10 s.
	ReadHeaderTimeout time.Duration
	// IdleTimeout is how long a kept-alive connection may wait for its next
	// request. Default: 120 s.
	IdleTimeout time.Duration
	// ProgressTimeout is how long reading a request body or writing a response
	// may stand still. It is not a total: a transfer that moves goes on. A write
	// counts as moving when 256 KiB of it have gone, or all of it. Default: 60 s.
	ProgressTimeout time.Duration
	// MaxHeaderBytes bounds a request's line and header together; net/http adds
	// 4 KiB of tolerance. What is larger is answered 431. Default: 64 KiB.
	MaxHeaderBytes int

	// SharedListener says that the listening socket outlives this server, as
	// across a restart: Drain then leaves the connections that still wait in the
	// socket's queue to the next server, and does not close the listener.
	SharedListener bool

	// NoSignals keeps RunSimple from handling SIGINT and SIGTERM. Stop it by
	// Context then.
	NoSignals bool
	// Context, when it is done, stops RunSimple as the first signal does.
	// Default: context.Background.
	Context context.Context
	// Startup is called when the socket is open, before the first connection is
	// accepted: clients that connect meanwhile wait. ctx is done when RunSimple
	// is told to stop. An error ends RunSimple, which returns it; Shutdown is
	// not called then. Only RunSimple calls it. Default: none.
	Startup func(ctx context.Context) error
	// Shutdown is called when the server has stopped, with what is left of
	// GracefulTimeout and until a second signal. Its error is joined to what
	// RunSimple returns. Only RunSimple calls it. Default: none.
	Shutdown func(ctx context.Context) error
	// OnReady is called once, with the address listened on, before the first
	// connection is accepted. Clients that connect from within are served
	// after it returns. Only RunSimple calls it.
	OnReady func(addr net.Addr)
}

// Defaults of [Options].
const (
	defaultGracefulTimeout   = 30 * time.Second
	defaultIdleLinger        = time.Second
	defaultReadHeaderTimeout = 10 * time.Second
	defaultIdleTimeout       = 120 * time.Second
	defaultProgressTimeout   = 60 * time.Second
	defaultMaxHeaderBytes    = 64 << 10
)

// withDefaults returns a copy of o with every zero field set.
func (o Options) withDefaults() Options {
	o.GracefulTimeout = orDefault(o.GracefulTimeout, defaultGracefulTimeout)
	o.IdleLinger = orDefault(o.IdleLinger, defaultIdleLinger)
	o.ReadHeaderTimeout = orDefault(o.ReadHeaderTimeout, defaultReadHeaderTimeout)
	o.IdleTimeout = orDefault(o.IdleTimeout, defaultIdleTimeout)
	o.ProgressTimeout = orDefault(o.ProgressTimeout, defaultProgressTimeout)
	if o.MaxHeaderBytes == 0 {
		o.MaxHeaderBytes = defaultMaxHeaderBytes
	}
	if o.Log == nil {
		o.Log = os.Stderr
	}
	if o.Context == nil {
		o.Context = context.Background()
	}
	return o
}

func orDefault(d, standard time.Duration) time.Duration {
	if d == 0 {
		return standard
	}
	return d
}
