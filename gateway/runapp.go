package gateway

import (
	"bytes"
	"errors"
	"iter"
)

// RunApp calls app and gives its response as values: the status line, the
// checked headers and the body, which the caller must Close exactly once. It
// asks the body for chunks only as long as start_response was not called; what
// was read or written meanwhile is at the front of the body given back. A
// response that is ready when Call returns comes with the app's own Body.
//
// With an error there is no body to close. Errors are those of the app,
// [ErrNotStarted] when it gave bytes or ended without start_response, and those
// of [StartResponse] if the app dropped them. A panic of the app goes through to
// the caller, after the body was closed.
//
// Once RunApp has returned, or write was called, the headers count as sent: a
// further start_response with exc is a *[RestartError].
//
// Werkzeug: test.py, run_wsgi_app.
func RunApp(app App, env *Environ) (status string, h Headers, body Body, err error) {
	var run runner
	body, err = app.Call(env, run.start)
	if body == nil {
		body = Empty()
	}
	if err == nil {
		body, err = run.await(body)
	}
	if err != nil {
		return "", nil, nil, closeAfter(err, body)
	}
	run.handed = true
	return run.status, run.header, body, nil
}

// closeAfter closes a body because of err, which stays the error that it is
// unless the body has one of its own.
func closeAfter(err error, body Body) error {
	if failed := body.Close(); failed != nil {
		return errors.Join(err, failed)
	}
	return err
}

// runner is the state of one RunApp.
type runner struct {
	response
	handed  bool     // RunApp has returned
	wrote   bool     // by write: the headers count as sent
	pulling bool     // the body is being asked for chunks
	pending [][]byte // chunks to send before those that the body still has
}

func (run *runner) start(status string, h Headers, exc error) (Write, error) {
	if err := run.begin(status, h, exc, run.handed || run.wrote); err != nil {
		return nil, err
	}
	return run.write, nil
}

func (run *runner) write(p []byte) error {
	if err := run.ready(); err != nil {
		return err
	}
	if run.handed || run.pulling {
		return ErrIterating
	}
	run.wrote = true
	over := run.left >= 0 && int64(len(p)) > run.left
	if over {
		p = p[:run.left]
	}
	if run.left > 0 {
		run.left -= int64(len(p))
	}
	run.pending = append(run.pending, bytes.Clone(p))
	if over {
		return ErrContentLength
	}
	return nil
}

// await gives the body once the response has begun. On an error it gives the
// app's body back, to be closed.
func (run *runner) await(body Body) (Body, error) {
	switch begun := run.ready() == nil; {
	case begun && len(run.pending) == 0:
		return body, nil
	case begun:
		return Seq2(run.resume(body.Chunks()), body.Close), nil
	}
	return run.pull(body)
}

// pull steps through the body until the response has begun.
func (run *runner) pull(body Body) (out Body, err error) {
	run.pulling = true
	next, stop := iter.Pull2(body.Chunks())
	defer func() {
		if out == nil { // failed, or panicking: then nobody gets the body to close
			stop()
			out = body
			if err == nil {
				_ = body.Close() // the panic is what counts
			}
		}
	}()
	for {
		p, err, more := next()
		switch begun := run.ready() == nil; {
		case err != nil:
			return nil, err
		case !begun && (!more || len(p) > 0):
			return nil, run.ready()
		case begun:
			run.pending = append(run.pending, p)
			return Seq2(run.resume(pulled(next)), stopping(stop), body.Close), nil
		}
	}
}

// resume is the body from its beginning: first what is pending, then the rest.
// A pending chunk of the body is still valid, because nobody has asked for the
// one after it.
func (run *runner) resume(rest iter.Seq2[[]byte, error]) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for _, p := range run.pending {
			if !yield(p, nil) {
				return
			}
		}
		rest(yield)
	}
}

// pulled turns the next of iter.Pull2 into an iterator again.
func pulled(next func() ([]byte, error, bool)) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for {
			p, err, more := next()
			if !more || !yield(p, err) {
				return
			}
		}
	}
}

func stopping(stop func()) func() error {
	return func() error {
		stop()
		return nil
	}
}
