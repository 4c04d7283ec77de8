package serving

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
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
	// UseReloader has the program built and started anew when its source changes.
	// The process that calls RunSimple then becomes the parent: it holds the
	// socket, watches the files and builds. The program runs in a child, where
	// RunSimple is called again, and serves. Requests wait meanwhile; what keeps
	// the program from running (it cannot be compiled, it crashes) is answered as
	// a page.
	//
	// What main does before it calls RunSimple is done in the parent too. The
	// handler, Startup, OnReady and Shutdown are called in the child alone. A
	// child that is to end has 3 s for its requests, or GracefulTimeout if that is
	// less. It closes each connection after one answer, so that the next request
	// is for the new program.
	//
	// When the program cannot be built again, because there is no go command or no
	// source, it was built with -trimpath or runs on Windows, a line says so and
	// it is served without the reloader. This field and those down to SSLContext
	// are read by RunSimple and RunProgram alone.
	//
	// Werkzeug: _reloader.py. Differs from it: a program that ends with an error
	// does not end the parent; the next change starts it again.
	UseReloader bool
	// UseDebugger shows a page about each panic that leaves the handler, to
	// requests of this machine alone. It exists in programs that are built with
	// the tag retort_dev, as the reloader does; others say that they have none.
	UseDebugger bool
	// ExtraFiles are files and folders whose change starts the program anew
	// without building it, such as those it is configured by.
	ExtraFiles []string
	// RefreshFiles are files and folders that the program reads anew by itself,
	// such as templates and static files: when they change, browsers reload.
	RefreshFiles []string
	// ExcludePatterns keep files from being watched: those of path.Match, with *
	// across slashes, for the whole path or the name alone ("*/cache/*", "*_gen.go").
	ExcludePatterns []string
	// ReloaderInterval is how often files are looked at where the system does not
	// tell of changes. Default: 400 ms.
	ReloaderInterval time.Duration
	// ReloaderType is how changes are noticed: "stat" by looking at the files,
	// "inotify" by what Linux tells, "auto" by that where it is to be had.
	// Default: "auto".
	ReloaderType string
	// StaticFiles are folders whose files are served before the handler is asked,
	// by the prefix of their URLs: {"/assets": "dist"}. A file that is not there
	// is the handler's. It may be one file too.
	StaticFiles map[string]string
	// SSLContext, if it is set, has the server speak HTTPS.
	SSLContext SSLContext

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

	// NoSignals keeps RunSimple from handling SIGINT, SIGTERM and SIGHUP. Stop it by
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
	// Secrets gives values that nobody is to see. The reloader hides them on the
	// page about a program that has crashed, as it does those of the environment
	// and of the files .env and .retortenv; its process keeps them in memory. It is
	// called once, in the child, before Startup. Default: none.
	Secrets func() []string
	// OnReady is called once, with the address listened on, before the first
	// connection is accepted. Clients that connect from within are served
	// after it returns. Only RunSimple calls it.
	OnReady func(addr net.Addr)

	closeEach  bool        // close each connection after one answer
	tls        *tls.Config // nil: none
	handed     *handover   // what the parent has handed on; nil: there is none
	onFailures func(n int) // is told how many wrong PINs there were; nil: nobody
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

// checked is o with its defaults, if it can be meant. Its Log may be written to
// by several goroutines.
func (o Options) checked() (Options, error) {
	switch o.ReloaderType {
	case "", "auto", "stat":
	case "inotify":
		if runtime.GOOS != "linux" {
			return o, fmt.Errorf("serving: there is no inotify on %s; leave Options.ReloaderType empty", runtime.GOOS)
		}
	default:
		return o, fmt.Errorf("serving: Options.ReloaderType is %q; it takes auto, stat or inotify", o.ReloaderType)
	}
	o = o.withDefaults()
	log := newLogWriter(o)
	o.Log, o.Color = log, ColorNever
	if log.color {
		o.Color = ColorAlways
	}
	return o, nil
}

func orDefault(d, standard time.Duration) time.Duration {
	if d == 0 {
		return standard
	}
	return d
}
