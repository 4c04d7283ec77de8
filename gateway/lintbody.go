package gateway

import (
	"bytes"
	"iter"
	"net/http"
	"runtime"
	"slices"
	"strconv"
)

// writer is write with its checks.
func (run *lintRun) writer(write Write) Write {
	if write == nil {
		return nil
	}
	return func(p []byte) error {
		run.mu.Lock()
		run.written += int64(len(p))
		iterating, closed := run.ranged, run.closed
		passesChunks := len(run.inner) > 0 && !run.passesWriteOn()
		run.mu.Unlock()
		switch {
		case closed:
			run.error("W01", "write was called when the response was over; something outlived its request")
		case passesChunks:
			run.error("W03", "a middleware hands on by write what the app has yielded as a chunk; yield it too")
		case iterating:
			run.error("W02", "write was called when the body was being sent; yield the bytes as a chunk instead")
		}
		return write(p)
	}
}

// passesWriteOn reports whether an app inside has used its own write.
func (run *lintRun) passesWriteOn() bool {
	for _, inner := range run.inner {
		inner.mu.Lock()
		wrote, stepped := inner.written > 0, inner.steps > 0
		inner.mu.Unlock()
		if wrote || !stepped {
			return true
		}
	}
	return false
}

// watch is a body with its checks.
func (run *lintRun) watch(body Body) Body {
	run.hasBody = true
	b := &lintBody{run: run, body: body}
	runtime.AddCleanup(b, func(run *lintRun) {
		run.mu.Lock()
		closed := run.closed
		run.mu.Unlock()
		if !closed {
			run.error("B02", "the body was dropped without being closed; the server closes it in every outcome")
		}
	}, run)
	if sized, ok := body.(Sized); ok {
		return &lintSized{b, sized.Len()}
	}
	return b
}

// lintBody is a body under Lint.
type lintBody struct {
	run  *lintRun
	body Body
}

// lintSized is one that says how many chunks it has.
type lintSized struct {
	*lintBody
	n int
}

func (b *lintSized) Len() int { return b.n }

func (b *lintSized) Chunks() iter.Seq2[[]byte, error] {
	chunks := b.lintBody.Chunks()
	return func(yield func([]byte, error) bool) {
		n, whole := 0, true
		chunks(func(p []byte, err error) bool {
			n++
			whole = err == nil && yield(p, err)
			return whole
		})
		if whole && n != b.n {
			b.run.error("B03", "the body says that it has %s, and gave %d", count(b.n, "chunk"), n)
		}
	}
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// Chunks are those of the body, each in memory that is spoilt after its step.
func (b *lintBody) Chunks() iter.Seq2[[]byte, error] {
	run := b.run
	return func(yield func([]byte, error) bool) {
		run.begin()
		var l loan
		run.step()
		for p, err := range b.body.Chunks() {
			run.give(p, err)
			if err != nil {
				yield(nil, err)
				return
			}
			if !l.lend(run, p, yield) {
				return
			}
			run.step()
		}
		run.end()
	}
}

// loan is a chunk as its receiver has it, and as it was.
type loan struct{ out, was []byte }

// lend gives a copy of p away for one step, and looks afterwards whether either
// side has changed what the other one has.
func (l *loan) lend(run *lintRun, p []byte, yield func([]byte, error) bool) bool {
	l.out, l.was = append(l.out[:0], p...), append(l.was[:0], p...)
	more := yield(l.out, nil)
	switch {
	case !bytes.Equal(l.out, l.was):
		run.error("B14", "who got a chunk has changed it; it is only lent, so change a copy")
	case !bytes.Equal(p, l.was):
		run.error("B15", "the app changed a chunk that was being sent; it may be used again when the next one is asked for")
	}
	for i := range l.out {
		l.out[i] = 0xDB
	}
	return more
}

// begin looks at when the body is ranged over.
func (run *lintRun) begin() {
	run.mu.Lock()
	again, closed := run.ranged, run.closed
	run.ranged = true
	run.mu.Unlock()
	switch {
	case closed:
		run.error("B04", "the body was ranged over when it was closed")
	case again:
		run.error("B05", "the body was ranged over a second time; its chunks come once")
	}
}

// step looks at when the next chunk is asked for. A middleware that asks its app
// for a chunk gives one itself before it asks for another; an empty chunk asks for
// nothing. One of net/http under FromHandler has no response before its first
// chunk, so it may ask for that.
func (run *lintRun) step() {
	run.mu.Lock()
	run.steps++
	asked := run.steps - run.empty
	run.mu.Unlock()
	outer := run.outer
	if outer == nil {
		return
	}
	first := 1
	if _, ok := outer.linter.app.(*handlerApp); ok {
		first = 2
	}
	outer.mu.Lock()
	inCall, given, siblings := outer.inCall, outer.chunks, len(outer.inner)
	outer.mu.Unlock()
	switch {
	case inCall && asked == first:
		run.error("B06", "a middleware takes chunks of its app before it returns; return a body that asks for them when it is asked itself")
	case !inCall && siblings == 1 && asked > given+1:
		run.error("B07", "a middleware asked for chunk %d and has given %d; give one for each, an empty one if need be", asked, given)
	}
}

// give looks at a chunk.
func (run *lintRun) give(p []byte, err error) {
	early := err != nil && run.outer != nil && !run.outer.hasStarted()
	run.mu.Lock()
	if err != nil {
		run.failed, run.failedEarly = true, early
		run.mu.Unlock()
		return
	}
	run.chunks++
	if len(p) == 0 {
		run.empty++
	}
	started, code := run.started, run.code
	run.sent += int64(len(p))
	run.mu.Unlock()
	switch {
	case len(p) == 0:
	case !started:
		run.error("B08", "the body gave a chunk before start_response was called")
	case bodiless(code):
		run.error("B09", "a %d response has no body, but the app gave one", code)
	default:
		run.checkLength(false)
	}
}

// checkLength compares the bytes with their Content-Length: one that is passed
// shows at once, because a server asks for no more then.
func (run *lintRun) checkLength(ended bool) {
	run.mu.Lock()
	declared, err := parseLength(run.headers.Get("Content-Length"))
	total := run.sent + run.written
	known := err == nil && run.method != http.MethodHead && !bodiless(run.code)
	wrong := known && !run.lengthTold && (total > declared || ended && total < declared)
	run.lengthTold = run.lengthTold || wrong
	run.mu.Unlock()
	switch {
	case wrong && ended:
		run.error("B11", "Content-Length says %d, and the body has %s", declared, count(int(total), "byte"))
	case wrong:
		run.error("B11", "Content-Length says %d, and the body has %s already", declared, count(int(total), "byte"))
	}
}

// end looks at the body as a whole.
func (run *lintRun) end() {
	run.mu.Lock()
	started := run.started
	run.mu.Unlock()
	if !started {
		run.error("B10", "the body came to its end, and start_response was not called")
		return
	}
	run.checkLength(true)
	if run.swallows() {
		run.error("B16", "the body of the app ended in an error, and that of the middleware around it did not; the client takes half a response for a whole one")
	}
}

func (run *lintRun) hasStarted() bool {
	run.mu.Lock()
	defer run.mu.Unlock()
	return run.started
}

// swallows reports whether a body inside has failed and the response does not
// tell: it has not begun again because of it, nor only then and as an error.
func (run *lintRun) swallows() bool {
	run.mu.Lock()
	defer run.mu.Unlock()
	return !run.begun && slices.ContainsFunc(run.inner, func(in *lintRun) bool {
		in.mu.Lock()
		defer in.mu.Unlock()
		return in.failed && !(in.failedEarly && run.code >= 400)
	})
}

// Close closes the body.
func (b *lintBody) Close() error {
	run := b.run
	run.mu.Lock()
	again := run.closed
	run.closed = true
	inner := run.inner
	run.mu.Unlock()
	if again {
		run.error("B12", "the body was closed twice")
		return nil
	}
	err := b.body.Close()
	run.mu.Lock()
	run.closing, run.over = err, true
	run.mu.Unlock()
	for _, in := range inner {
		in.mu.Lock()
		open, failed := in.hasBody && !in.closed, in.closing
		in.mu.Unlock()
		switch {
		case open:
			run.error("B13", "a middleware was closed and did not close the body of its app; gateway.OnClose passes Close on")
		case failed != nil && err == nil:
			run.warn("B17", "a middleware dropped the error with which the body of its app was closed (%v); the server would have logged it", failed)
		}
	}
	return err
}
