package gatewaytest

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"sync/atomic"

	"github.com/retort-go/retort/gateway"
)

// closeChecks are about Close, one for each way out: S30.
func closeChecks() []check[*Server] {
	return []check[*Server]{
		serverCheck("S30/normal", closedAtTheEnd),
		serverCheck("S30/unused", closedWithoutBeingRangedOver),
		serverCheck("S30/error", closedAfterAnError),
		serverCheck("S30/panic", closedAfterAPanic),
		serverCheck("S30/failed", closedIfCallFails),
		serverCheck("S30/refused", closedIfThereIsNoResponse),
		serverCheck("S30/length", closedAtTheLength),
		serverCheck("S30/defer", theGeneratorEndsFirst),
		serverCheck("S30/disconnect", closedWhenTheClientLeaves),
		serverCheck("S30/waiting", closedWhenTheClientLeavesAWaitingApp),
	}
}

// closing is a body that counts how often it is closed, and panics at the first
// use of what is closed.
type closing struct {
	chunks iter.Seq2[[]byte, error]
	closed atomic.Int32
	ended  chan struct{} // closed by the first Close
}

func newClosing(chunks iter.Seq2[[]byte, error]) *closing {
	return &closing{chunks: chunks, ended: make(chan struct{})}
}

// Chunks implements [gateway.Body].
func (c *closing) Chunks() iter.Seq2[[]byte, error] { return c.chunks }

// Close implements [gateway.Body].
func (c *closing) Close() error {
	if c.closed.Add(1) == 1 {
		close(c.ended)
	}
	return nil
}

// closedOnce waits for Close and for the end of the server, after which nobody
// can call it again.
func (t *trial) closedOnce(c *closing) error {
	if err := t.wait(c.ended, "Close of the body"); err != nil {
		return err
	}
	if err := t.stop(); err != nil {
		return err
	}
	return mismatch("the calls of Close", c.closed.Load(), 1)
}

// closes asks an app that returns c, and sees c closed.
func (t *trial) closes(c *closing, app call, r *Request) error {
	if err := t.serve(app); err != nil {
		return err
	}
	_, _ = t.ask(r) // what comes of it is for other checks
	return t.closedOnce(c)
}

func closedAtTheEnd(t *trial) error {
	for _, chunks := range [][]string{{"one ", "two"}, {""}, {}} {
		c := newClosing(streamed(chunks...).Chunks())
		if err := t.closes(c, giving("200 OK", plain(), func() gateway.Body { return c }), &Request{}); err != nil {
			return fmt.Errorf("a body of %q: %w", chunks, err)
		}
	}
	return nil
}

func closedWithoutBeingRangedOver(t *trial) error {
	for _, tt := range []struct{ method, status string }{{"HEAD", "200 OK"}, {"GET", "204 No Content"}, {"GET", "304 Not Modified"}} {
		c := newClosing(streamed("not ", "wanted").Chunks())
		if err := t.closes(c, giving(tt.status, nil, func() gateway.Body { return c }), &Request{Method: tt.method}); err != nil {
			return fmt.Errorf("%s with %s: %w", tt.method, tt.status, err)
		}
	}
	return nil
}

func closedAfterAnError(t *trial) error {
	for _, chunks := range [][]string{{}, {"sent"}} {
		c := newClosing(failing(chunks...).Chunks())
		if err := t.closes(c, giving("200 OK", plain(), func() gateway.Body { return c }), &Request{}); err != nil {
			return fmt.Errorf("an error after %q: %w", chunks, err)
		}
	}
	return nil
}

func closedAfterAPanic(t *trial) error {
	for _, sent := range []bool{false, true} {
		c := newClosing(func(yield func([]byte, error) bool) {
			if sent && !yield([]byte("sent"), nil) {
				return
			}
			panic(errBroken)
		})
		if err := t.closes(c, giving("200 OK", plain(), func() gateway.Body { return c }), &Request{}); err != nil {
			return fmt.Errorf("a panic, with a chunk before it: %t: %w", sent, err)
		}
	}
	return nil
}

func closedIfCallFails(t *trial) error {
	c := newClosing(streamed("a body").Chunks())
	return t.closes(c, func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		_, err := start("200 OK", plain(), nil)
		return c, errors.Join(err, errBroken)
	}, &Request{})
}

func closedIfThereIsNoResponse(t *trial) error {
	c := newClosing(streamed("a body").Chunks())
	return t.closes(c, func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		_, _ = start("no status", plain(), nil) // refused, which the app overlooks
		return c, nil
	}, &Request{})
}

func closedAtTheLength(t *trial) error {
	c := newClosing(streamed("abc", "def", "ghi").Chunks())
	return t.closes(c, giving("200 OK", plain([2]string{"Content-Length", "4"}), func() gateway.Body { return c }), &Request{})
}

func theGeneratorEndsFirst(t *trial) error {
	var ended atomic.Bool
	inTime := make(chan bool, 1)
	chunks := func(yield func([]byte) bool) {
		defer ended.Store(true)
		_ = yield([]byte("abc")) && yield([]byte("def"))
	}
	body := func() gateway.Body {
		return gateway.Seq(chunks, func() error {
			inTime <- ended.Load()
			return nil
		})
	}
	if err := t.expect(giving("200 OK", plain([2]string{"Content-Length", "3"}), body), &Request{}, "200", "abc"); err != nil {
		return err
	}
	select {
	case ok := <-inTime:
		return mismatch("the chunks had ended, with their defers, when Close was called", ok, true)
	case <-t.ctx.Done():
		return wrong("Close of the body did not happen in time", "it happens")
	}
}

// leave asks, reads the beginning of the response and goes away.
func (t *trial) leave(app call) error {
	if err := t.serve(app); err != nil {
		return err
	}
	res, err := t.door.Send(t.ctx, &Request{})
	if err != nil {
		return err
	}
	_, err = io.ReadFull(res.Body, make([]byte, 1))
	return errors.Join(err, res.Body.Close())
}

func closedWhenTheClientLeaves(t *trial) error {
	line := []byte(strings.Repeat("endless ", 512))
	c := newClosing(func(yield func([]byte, error) bool) {
		for t.ctx.Err() == nil && yield(line, nil) {
		}
	})
	if err := t.leave(giving("200 OK", plain(), func() gateway.Body { return c })); err != nil {
		return err
	}
	return t.closedOnce(c)
}

func closedWhenTheClientLeavesAWaitingApp(t *trial) error {
	c := newClosing(nil)
	app := func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		c.chunks = func(yield func([]byte, error) bool) {
			if !yield([]byte("waiting"), nil) {
				return
			}
			select {
			case <-env.Context().Done():
				yield(nil, env.Context().Err())
			case <-t.ctx.Done():
			}
		}
		_, err := start("200 OK", plain(), nil)
		return c, err
	}
	if err := t.leave(app); err != nil {
		return err
	}
	if err := t.closedOnce(c); err != nil {
		return fmt.Errorf("the app waits for the end of its context: %w", err)
	}
	return nil
}
