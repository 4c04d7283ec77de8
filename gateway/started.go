package gateway

import (
	"context"
	"net"
	"os"
	"os/signal"
	"syscall"
)

// Started finds out whether a web server has started this process, and how, and
// gives the function that serves an app in this way; nil if none has.
//
//   - Standard input is a listening socket: FastCGI, as mod_fcgid, lighttpd and
//     spawn-fcgi start programs. It is served as by [ServeFastCGI] until SIGTERM,
//     as a [SharedListener].
//   - GATEWAY_INTERFACE is in the environment: CGI, as by [ServeCGI].
//
// A program that asks must do so before it reads its arguments: a web server may
// make those of CGI out of the client's query.
//
// FastCGI Specification 1.0 §2.2; RFC 3875 §4.4.
func Started() func(app App, opts ...Option) error {
	if l := standardInput(); l != nil {
		return func(app App, opts ...Option) error { return serveStarted(l, app, opts) }
	}
	if os.Getenv("GATEWAY_INTERFACE") != "" {
		return ServeCGI
	}
	return nil
}

func serveStarted(l net.Listener, app App, opts []Option) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	return ServeFastCGI(l, app, append([]Option{SharedListener(), Until(ctx, 0)}, opts...)...)
}
