package gatewaytest

import (
	"errors"
	"fmt"
	"runtime"
	"weak"

	"github.com/retort-go/retort/gateway"
)

// restartChecks are about when headers leave, and about beginning again: S22 to
// S26.
func restartChecks() []check[*Server] {
	return []check[*Server]{
		serverCheck("S22/start", startSendsNothing),
		serverCheck("S22/empty", emptyChunksSendNothing),
		serverCheck("S22/end", theEndSendsHeaders),
		serverCheck("S23", aResponseIsReplaced),
		serverCheck("S24/chunk", tooLateAfterAChunk),
		serverCheck("S24/write", tooLateAfterAWrite),
		serverCheck("S24/cut", tooLateIsCut),
		serverCheck("S25/second", twiceIsAnError),
		serverCheck("S25/failed", twiceAfterAFailureIsAnError),
		serverCheck("S26", nothingHoldsTheError),
	}
}

// errBroken is how the apps of checks fail.
var errBroken = errors.New("gatewaytest: the app fails, as this check wants it to")

// failing is a body of chunks that ends with an error.
func failing(chunks ...string) gateway.Body {
	return gateway.Seq2(func(yield func([]byte, error) bool) {
		for _, s := range chunks {
			if !yield([]byte(s), nil) {
				return
			}
		}
		yield(nil, errBroken)
	})
}

// isClean500 says what of the app's response has come, although it has failed.
func (a *answer) isClean500() error {
	return errors.Join(mismatch("the status", a.code(), "500"),
		mismatch("a field of the response that was not sent", a.Header.Get("X-Unsent"), ""),
		mismatch("a cookie of the response that was not sent", a.Header.Get("Set-Cookie"), ""))
}

func unsent() gateway.Headers {
	return plain([2]string{"X-Unsent", "1"}, [2]string{"Set-Cookie", "unsent=1"})
}

func startSendsNothing(t *trial) error {
	a, err := t.fetch(func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		_, err := start("200 OK", unsent(), nil)
		return nil, errors.Join(err, errBroken)
	}, &Request{})
	if err != nil {
		return err
	}
	return a.isClean500()
}

func emptyChunksSendNothing(t *trial) error {
	a, err := t.fetch(giving("200 OK", unsent(), func() gateway.Body { return failing("", "", "") }), &Request{})
	if err != nil {
		return err
	}
	return a.isClean500()
}

func theEndSendsHeaders(t *trial) error {
	for name, body := range map[string]func() gateway.Body{
		"no chunk": gateway.Empty, "a stream without chunks": func() gateway.Body { return streamed() }, "empty chunks": func() gateway.Body { return streamed("", "") },
	} {
		if err := t.expect(giving("404 Not Found", plain(), body), &Request{}, "404", ""); err != nil {
			return fmt.Errorf("a body of %s: %w", name, err)
		}
	}
	return nil
}

func aResponseIsReplaced(t *trial) error {
	app := func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		if _, err := start("200 OK", append(unsent(), [2]string{"Content-Length", "3"}), nil); err != nil {
			return nil, err
		}
		return gateway.Seq2(func(yield func([]byte, error) bool) {
			if !yield(nil, nil) {
				return
			}
			_, err := start("503 Sorry", plain([2]string{"X-New", "1"}), errBroken)
			yield([]byte("try later"), err)
		}), nil
	}
	a, err := t.fetch(app, &Request{})
	if err != nil {
		return err
	}
	return errors.Join(a.is("503", "try later"), mismatch("X-New", a.Header.Get("X-New"), "1"),
		mismatch("X-Unsent", a.Header.Get("X-Unsent"), ""), mismatch("Set-Cookie", a.Header.Get("Set-Cookie"), ""))
}

// tooLate says that start_response has taken exc, or not said why it could not.
func tooLate(err error) error {
	if errors.Is(err, errBroken) && errors.Is(err, gateway.ErrHeadersSent) {
		return nil
	}
	return wrong("start_response with exc, after the headers have left, gives %v",
		"an error with exc and gateway.ErrHeadersSent in its chain", err)
}

func tooLateAfterAChunk(t *trial) error {
	seen := make(chan error, 1)
	_, err := t.fetch(func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		_, err := start("200 OK", plain(), nil)
		return gateway.Seq2(func(yield func([]byte, error) bool) {
			if !yield([]byte("sent"), nil) {
				return
			}
			_, err := start("500 Sorry", plain(), errBroken)
			seen <- tooLate(err)
			yield(nil, err)
		}), err
	}, &Request{})
	return t.first(seen, err)
}

func tooLateAfterAWrite(t *trial) error {
	seen := make(chan error, 1)
	_, err := t.fetch(func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		write, err := start("200 OK", plain(), nil)
		if err == nil {
			err = write([]byte("sent"))
		}
		if err != nil {
			return nil, err
		}
		_, err = start("500 Sorry", plain(), errBroken)
		seen <- tooLate(err)
		return nil, err
	}, &Request{})
	return t.first(seen, err)
}

// first gives what an app has seen, perhaps after its response was complete, or
// else the error of asking it.
func (t *trial) first(seen <-chan error, err error) error {
	if err == nil {
		err = t.stop()
	}
	if err != nil {
		select {
		case seen := <-seen:
			return seen
		default:
			return err
		}
	}
	select {
	case seen := <-seen:
		return seen
	case <-t.ctx.Done():
		return errors.New("there is a response, but the app did not come to where it was looked at")
	}
}

func tooLateIsCut(t *trial) error {
	return t.isCut(func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		_, err := start("200 OK", plain([2]string{"Content-Length", "100"}), nil)
		return gateway.Seq2(func(yield func([]byte, error) bool) {
			if !yield([]byte("sent"), nil) {
				return
			}
			_, err := start("500 Sorry", plain([2]string{"Content-Length", "4"}), errBroken)
			yield(nil, err)
		}), err
	})
}

// isCut serves an app whose response has to be cut, and says that it looks whole.
func (t *trial) isCut(app call) error {
	if err := t.serve(app); err != nil {
		return err
	}
	a, err := t.ask(&Request{})
	if err == nil && a.err == nil {
		return wrong("the response looks whole: %s with the body %q", "an end that the client can tell from that of a whole response", a.Status, a.body)
	}
	return nil
}

// startTwice is an app that begins twice without saying why, and tells of it.
func startTwice(status string, seen chan<- error) call {
	return func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		_, _ = start(status, plain(), nil) // may be refused
		_, err := start("200 OK", plain(), nil)
		if err == nil {
			seen <- wrong("a second start_response without exc is taken", "an error")
		} else {
			seen <- nil
		}
		return gateway.Empty(), nil
	}
}

func twiceIsAnError(t *trial) error {
	seen := make(chan error, 1)
	_, err := t.fetch(startTwice("200 OK", seen), &Request{})
	return t.first(seen, err)
}

func twiceAfterAFailureIsAnError(t *trial) error {
	seen := make(chan error, 1)
	_, err := t.fetch(startTwice("no status", seen), &Request{})
	return t.first(seen, err)
}

// bulky is an error that is easily noticed if it stays in memory.
type bulky struct{ _ [1 << 12]byte }

func (*bulky) Error() string { return "gatewaytest: a bulky error" }

func nothingHoldsTheError(t *trial) error {
	held := make(chan weak.Pointer[bulky], 1)
	app := func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		exc := new(bulky)
		select {
		case held <- weak.Make(exc):
		default: // of the second request, which only keeps the server busy
		}
		_, err := start("500 Sorry", plain(), exc)
		return gateway.String("sorry"), err
	}
	if err := t.expect(app, &Request{}, "500", "sorry"); err != nil {
		return err
	}
	if _, err := t.ask(&Request{}); err != nil {
		return err
	}
	exc := <-held
	return t.until("the end of exc, which something still refers to after the response,", func() bool {
		runtime.GC()
		return exc.Value() == nil
	})
}
