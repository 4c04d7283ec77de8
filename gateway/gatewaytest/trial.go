package gatewaytest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/retort-go/retort/gateway"
)

// call is an app as a function.
type call = func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error)

// trial is a server that is being checked. Whatever an app of a check waits for,
// it waits no longer than ctx.
type trial struct {
	ctx    context.Context
	cancel context.CancelFunc
	server *Server
	log    *book // of the server's reports
	access *book // of its access lines
	door   Door
}

// serverCheck makes a check of what is tried on a server.
func serverCheck(id string, try func(t *trial) error) check[*Server] {
	return check[*Server]{id, func(ctx context.Context, s *Server) (err error) {
		t := &trial{server: s, log: &book{}, access: &book{}}
		t.ctx, t.cancel = context.WithCancel(ctx)
		defer func() { err = errors.Join(err, t.end()) }()
		return try(t)
	}}
}

// setup is how the server is started if nothing else is asked for.
func (t *trial) setup(app gateway.App) Setup {
	return Setup{App: app, Logger: slog.New(t.log), AccessLog: t.access}
}

// serve starts the server with an app.
func (t *trial) serve(app call) error { return t.serveWith(t.setup(gateway.AppFunc(app))) }

func (t *trial) serveWith(s Setup) error {
	if err := t.stop(); err != nil {
		return err
	}
	door, err := t.server.Start(s)
	if err != nil {
		return fmt.Errorf("the server does not start: %w", err)
	}
	t.door = door
	return nil
}

// stop stops the server, if it runs. Nothing of the app runs afterwards.
func (t *trial) stop() error {
	if t.door == nil {
		return nil
	}
	err := t.door.Close()
	t.door = nil
	return err
}

// end is the end of a trial, in which nobody has to wait for anything any more.
func (t *trial) end() error {
	t.cancel()
	return t.stop()
}

// answer is a response that has been read.
type answer struct {
	*Response
	body string
	err  error // how the body ended, if the response was cut
}

// code is the three digits of the status.
func (a *answer) code() string {
	code, _, _ := strings.Cut(a.Status, " ")
	return code
}

// ask sends a request and reads the response.
func (t *trial) ask(r *Request) (*answer, error) {
	res, err := t.door.Send(t.ctx, r)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	content, err := io.ReadAll(res.Body)
	return &answer{res, string(content), err}, nil
}

// fetch serves an app for one request.
func (t *trial) fetch(app call, r *Request) (*answer, error) {
	if err := t.serve(app); err != nil {
		return nil, err
	}
	return t.ask(r)
}

// expect serves an app for one request and compares what comes back.
func (t *trial) expect(app call, r *Request, status, content string) error {
	a, err := t.fetch(app, r)
	if err != nil {
		return err
	}
	return a.is(status, content)
}

// is compares the code of the status and the body.
func (a *answer) is(code, content string) error {
	err := errors.Join(mismatch("the status", a.code(), code), mismatch("the body", a.body, content))
	if a.err != nil {
		err = errors.Join(err, fmt.Errorf("the body was cut: %w", a.err))
	}
	return err
}

// look serves an app for one request and has a look at its environ.
func (t *trial) look(r *Request, look func(env *gateway.Environ) error) error {
	seen := make(chan error, 1)
	a, err := t.fetch(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		select {
		case seen <- look(env):
		default: // not the first call
		}
		_, err := start("200 OK", plain(), nil)
		return gateway.String("ok"), err
	}, r)
	if err != nil {
		return err
	}
	if err := a.is("200", "ok"); err != nil {
		return err
	}
	select {
	case err := <-seen:
		return err
	default:
		return errors.New("there is a response, but the app was not called")
	}
}

// wait waits for a signal.
func (t *trial) wait(signal <-chan struct{}, what string) error {
	select {
	case <-signal:
		return nil
	case <-t.ctx.Done():
		return wrong("%s did not happen in time", "it happens", what)
	}
}

// pause is a moment, or the error of the trial's end.
func (t *trial) pause() error {
	select {
	case <-t.ctx.Done():
		return t.ctx.Err()
	case <-time.After(2 * time.Millisecond):
		return nil
	}
}

// until waits for a condition that nobody tells of.
func (t *trial) until(what string, holds func() bool) error {
	for !holds() {
		if err := t.pause(); err != nil {
			return wrong("%s did not happen in time", "it happens", what)
		}
	}
	return nil
}

// reported waits for a report of the server that is not about everyday things.
func (t *trial) reported() error {
	return t.until("a report of the server, as a warning or an error,", func() bool { return t.log.loudest() >= slog.LevelWarn })
}

// plain is the header list of a text, and fields.
func plain(fields ...[2]string) gateway.Headers {
	return append(gateway.Headers{{"Content-Type", "text/plain"}}, fields...)
}

// giving is an app that gives a response.
func giving(status string, h gateway.Headers, body func() gateway.Body) call {
	return func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		if _, err := start(status, h, nil); err != nil {
			return nil, err
		}
		return body(), nil
	}
}

// streamed is a body of chunks of which a server cannot see the end.
func streamed(chunks ...string) gateway.Body {
	return gateway.Seq(func(yield func([]byte) bool) {
		for _, s := range chunks {
			if !yield([]byte(s)) {
				return
			}
		}
	})
}

// book is a log that a check looks into. It is a slog.Handler and an io.Writer.
type book struct {
	mu    sync.Mutex
	text  strings.Builder
	level slog.Level // of the loudest record
	some  bool
}

// Enabled implements slog.Handler.
func (b *book) Enabled(context.Context, slog.Level) bool { return true }

// WithAttrs implements slog.Handler.
func (b *book) WithAttrs([]slog.Attr) slog.Handler { return b }

// WithGroup implements slog.Handler.
func (b *book) WithGroup(string) slog.Handler { return b }

// Handle implements slog.Handler.
func (b *book) Handle(_ context.Context, r slog.Record) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.some || r.Level > b.level {
		b.level, b.some = r.Level, true
	}
	fmt.Fprintln(&b.text, r.Message)
	r.Attrs(func(a slog.Attr) bool {
		fmt.Fprintln(&b.text, a.Value)
		return true
	})
	return nil
}

// Write takes lines that are no records.
func (b *book) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *book) loudest() slog.Level {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.some {
		return slog.LevelDebug - 1
	}
	return b.level
}

func (b *book) contains(s string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return strings.Contains(b.text.String(), s)
}

func (b *book) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
