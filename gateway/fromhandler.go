package gateway

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"runtime/debug"
	"strings"
)

// FromHandler runs net/http code under a gateway.
//
// The handler runs in a goroutine of its own, one step at a time with the body:
// Call returns when the handler has ended, flushed or filled its buffer (4 KiB),
// and the handler waits whenever it is ahead of the client. Its request is
// [Environ.Request], with a context that ends when the client leaves or the
// body is closed early; writes then fail with [ErrBodyClosed]. Close returns
// after the handler did, so nothing runs on after a response.
//
// What net/http would do, this does: status 200 by default, a Content-Type
// guessed from the first bytes, a Content-Length for a response that fits the
// buffer, http.ErrContentLength and http.ErrBodyNotAllowed, Flush, the
// deadlines and full duplex of http.ResponseController if a connection of
// net/http or of a [WireServer] is below. A 103 goes on as [EarlyHints].
// Hop-by-hop fields, trailers and other informational responses are dropped,
// because a gateway has no place for them; there is no Hijacker.
//
// A panic comes back as a *[PanicError] with the handler's stack, the panic
// http.ErrAbortHandler as that error: from Call before the response has begun,
// from the body afterwards.
func FromHandler(h http.Handler) App { return &handlerApp{h} }

type handlerApp struct{ h http.Handler }

func (a *handlerApp) Call(env *Environ, start StartResponse) (Body, error) {
	ctx, cancel := context.WithCancel(env.Context())
	r, err := env.request(ctx)
	if err != nil {
		cancel()
		return nil, err
	}
	body := &handlerBody{w: newHandlerWriter(r.Method, env.ctl, env.outer), cancel: cancel}
	body.w.early = env.early
	go body.w.run(a.h, r)
	opened := false
	defer func() {
		if !opened { // start panicked: nobody else will end the handler
			_ = body.Close() // the panic is what counts
		}
	}()
	out, err := body.open(start)
	opened = true
	return out, err
}

// handlerBody is what a running handler writes.
type handlerBody struct {
	w      *handlerWriter
	cancel context.CancelFunc
	first  []byte // the chunk that Call waited for
	closed bool
}

// open waits for the response to begin and passes it to start.
func (b *handlerBody) open(start StartResponse) (Body, error) {
	first, running := b.w.next()
	if !running {
		b.cancel()
		if b.w.err != nil {
			return nil, b.w.err
		}
		first = b.w.buf
	}
	b.first = first
	write, err := start(b.w.status(), b.w.responseHeaders(first), nil)
	if err == nil && running && len(first) == 0 {
		err = write(nil) // a Flush ahead of the body: the headers go now
	}
	switch {
	case err != nil:
		return nil, closeAfter(err, b)
	case running:
		return b, nil
	case b.w.size != int64(len(first)):
		return Empty(), nil // HEAD, and longer than the buffer: only the headers are right
	}
	return Bytes(first), nil
}

// Chunks gives what the handler writes, and at the end how it failed.
func (b *handlerBody) Chunks() iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for p, running := b.first, true; running; p, running = b.w.next() {
			if !yield(p, nil) {
				return
			}
			b.w.taken <- struct{}{}
		}
		if len(b.w.buf) > 0 && !yield(b.w.buf, nil) {
			return
		}
		if b.w.err != nil {
			yield(nil, b.w.err)
		}
		b.w.err = nil // told once
	}
}

// Close ends the handler and waits for it. A handler that has sent all that it
// declared is left to finish its work undisturbed.
func (b *handlerBody) Close() error {
	if b.closed {
		return nil
	}
	b.closed = true
	close(b.w.gone)
	if !b.w.complete.Load() {
		b.cancel()
	}
	<-b.w.done
	b.cancel()
	if b.w.err == http.ErrAbortHandler {
		return nil // it only wanted the connection cut, which it is
	}
	return b.w.err
}

// run calls the handler and leaves how it ended in w.err.
func (w *handlerWriter) run(h http.Handler, r *http.Request) {
	returned := false
	defer close(w.done)
	defer w.finish()
	defer func() {
		v := recover()
		switch {
		case v == http.ErrAbortHandler:
			w.err = http.ErrAbortHandler
		case v != nil:
			w.err = &PanicError{v, debug.Stack()}
		case !returned:
			w.err = &PanicError{"the handler called runtime.Goexit", debug.Stack()}
		}
	}()
	h.ServeHTTP(w, r)
	returned = true
}

// status is the status line of the response; the server below has the last word
// on the reason.
func (w *handlerWriter) status() string {
	reason := http.StatusText(w.code)
	if reason == "" {
		reason = "Unknown"
	}
	return fmt.Sprintf("%03d %s", w.code, reason)
}

// responseHeaders gives the fields that a gateway can take, with a Content-Type
// if the handler left that to be guessed from the first bytes.
func (w *handlerWriter) responseHeaders(first []byte) Headers {
	h := w.committed
	for name := range h {
		if hopByHop[http.CanonicalHeaderKey(name)] || strings.HasPrefix(name, http.TrailerPrefix) {
			delete(h, name)
		}
	}
	_, chosen := h["Content-Type"]
	if !chosen && len(first) > 0 && h.Get("Content-Encoding") == "" {
		h.Set("Content-Type", http.DetectContentType(first))
	}
	return HeadersFrom(h)
}
