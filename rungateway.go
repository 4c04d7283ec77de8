package retort

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"

	"github.com/retort-go/retort/gateway"
)

// started gives what serves the app if a web server has started this process and
// nobody has said where to listen; else nil.
func (o *RunOptions) started() func(gateway.App, ...gateway.Option) error {
	if o.Host != "" || o.Port != 0 || os.Getenv("RETORT_RUN_HOST") != "" || os.Getenv("RETORT_RUN_PORT") != "" {
		return nil
	}
	return gateway.Started()
}

// runStarted is Run for a web server that has started this process. Access lines
// are the web server's affair.
func (a *App) runStarted(o RunOptions, serve func(gateway.App, ...gateway.Option) error) error {
	ctx := o.Context
	if ctx == nil {
		ctx = context.Background()
	}
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM)
	defer stop()
	if err := a.Startup(ctx); err != nil {
		return err
	}
	err := serve(a, gateway.Logger(a.Logger), gateway.Until(ctx, startupGrace))
	rest, cancel := context.WithTimeout(context.Background(), startupGrace)
	defer cancel()
	return errors.Join(err, a.Shutdown(rest))
}
