package gatewaytest

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/retort-go/retort/gateway"
)

// extensionChecks are about what a server offers beyond: S41, S42 and S44.
func extensionChecks() []check[*Server] {
	return []check[*Server]{
		serverCheck("S41/flag", singleThreadIsSaid),
		serverCheck("S41/alone", oneRequestAtATime),
		serverCheck("S42/sent", earlyHintsAreSent),
		serverCheck("S42/bound", earlyHintsAreBound),
		serverCheck("S44/offset", filesBeginAtTheirOffset),
		serverCheck("S44/length", filesEndAtTheLength),
		serverCheck("S44/closed", filesAreClosed),
		serverCheck("S44/pipe", pipesAreRead),
	}
}

// serveSingle serves an app one request at a time.
func (t *trial) serveSingle(app call) error {
	setup := t.setup(gateway.AppFunc(app))
	setup.SingleThread = true
	return t.serveWith(setup)
}

func singleThreadIsSaid(t *trial) error {
	seen := make(chan error, 1)
	err := t.serveSingle(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		seen <- mismatch("wsgi.multithread", env.Multithread, false)
		_, err := start("200 OK", plain(), nil)
		return gateway.String("ok"), err
	})
	if err != nil {
		return err
	}
	a, err := t.ask(&Request{})
	if err == nil {
		err = a.is("200", "ok")
	}
	return errors.Join(err, t.first(seen, err))
}

// company is how long a request waits for another one to come in beside it: they
// are sent at the same time, to a server that takes them at once unless it keeps
// them apart.
const company = 100 * time.Millisecond

func oneRequestAtATime(t *trial) error {
	var inside, met atomic.Int32
	enter := func() {
		if inside.Add(1) > 1 {
			met.Add(1)
		}
		for end := time.Now().Add(company); met.Load() == 0 && time.Now().Before(end); {
			time.Sleep(time.Millisecond)
		}
	}
	app := func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		enter()
		_, err := start("200 OK", plain(), nil)
		body := newClosing(streamed("o", "k").Chunks())
		return gateway.OnClose(body, func() error { inside.Add(-1); return nil }), err
	}
	if err := t.serveSingle(app); err != nil {
		return err
	}
	const n = 3
	failed := make(chan error, n)
	for range n {
		go func() {
			a, err := t.ask(&Request{})
			if err == nil {
				err = a.is("200", "ok")
			}
			failed <- err
		}()
	}
	var err error
	for range n {
		err = errors.Join(err, <-failed)
	}
	return errors.Join(err, mismatch("two requests were in the app at the same time", met.Load() > 0, false))
}

// hint is what the checks send ahead of a response.
var hint = gateway.Headers{{"Link", "</style.css>; rel=preload"}}

// hinted asks an app that sends early hints by what from makes of its environ.
func (t *trial) hinted(from func(*gateway.Environ) *gateway.Environ) (error, *answer, error) {
	hinted := make(chan error, 1)
	a, err := t.fetch(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		hinted <- gateway.EarlyHints(from(env), hint)
		_, err := start("200 OK", plain(), nil)
		return gateway.String("ok"), err
	}, &Request{})
	if err != nil {
		return nil, nil, err
	}
	return <-hinted, a, a.is("200", "ok")
}

// early gives the Link fields that came before the response.
func (a *answer) early() string {
	var all []string
	for _, h := range a.Early {
		all = append(all, h.Values("Link")...)
	}
	return strings.Join(all, " | ")
}

func earlyHintsAreSent(t *trial) error {
	said, a, err := t.hinted(func(env *gateway.Environ) *gateway.Environ { return env })
	if err != nil {
		return err
	}
	if said != nil && !errors.Is(said, errors.ErrUnsupported) {
		return fmt.Errorf("early hints: %w", said)
	}
	right := ""
	if said == nil {
		right = hint[0][1]
	}
	return errors.Join(mismatch("the Link of an early response", a.early(), right), mismatch("the Link of the response itself", a.Header.Get("Link"), ""))
}

func earlyHintsAreBound(t *trial) error {
	said, a, err := t.hinted((*gateway.Environ).Clone)
	if err != nil {
		return err
	}
	return errors.Join(mismatch("an environ that is not the server's own is refused", errors.Is(said, errors.ErrUnsupported), true),
		mismatch("the Link of an early response", a.early(), ""))
}

// file makes a file of text, whose offset is at.
func (t *trial) file(text string, at int64) (f *os.File, remove func(), err error) {
	if f, err = os.CreateTemp("", "gatewaytest"); err != nil {
		return nil, nil, err
	}
	if _, err = io.WriteString(f, text); err == nil {
		_, err = f.Seek(at, io.SeekStart)
	}
	return f, func() {
		_ = f.Close() // closed already, if all is well
		_ = os.Remove(f.Name())
	}, err
}

// sendsFile serves a file for one request.
func (t *trial) sendsFile(f *os.File, right string, fields ...[2]string) error {
	return t.expect(giving("200 OK", plain(fields...), func() gateway.Body { return gateway.File(f) }), &Request{}, "200", right)
}

func filesBeginAtTheirOffset(t *trial) error {
	text := strings.Repeat("0123456789", 20_000)
	f, remove, err := t.file("before "+text, 7)
	if err != nil {
		return err
	}
	defer remove()
	return t.sendsFile(f, text)
}

func filesEndAtTheLength(t *trial) error {
	f, remove, err := t.file("0123456789", 2)
	if err != nil {
		return err
	}
	defer remove()
	return t.sendsFile(f, "2345", [2]string{"Content-Length", "4"})
}

func filesAreClosed(t *trial) error {
	f, remove, err := t.file("0123456789", 0)
	if err != nil {
		return err
	}
	defer remove()
	if err := errors.Join(t.sendsFile(f, "0123456789"), t.stop()); err != nil {
		return err
	}
	if err := f.Close(); !errors.Is(err, os.ErrClosed) {
		return wrong("the file is still open after the response (%v)", "it is closed", err)
	}
	return nil
}

func pipesAreRead(t *trial) error {
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	go func() {
		_, _ = io.WriteString(w, "through a pipe") // read below, or closed
		_ = w.Close()
	}()
	defer r.Close()
	return t.sendsFile(r, "through a pipe")
}
