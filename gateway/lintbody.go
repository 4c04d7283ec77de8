package gateway

import (
	"iter"
	"net/http"
	"runtime"
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
		passedOn := len(run.inner) > 0 && run.passesWriteOn()
		run.mu.Unlock()
		switch {
		case closed:
			run.error("W01", "write was called when the response was over; something outlived its request")
		case iterating:
			run.error("W02", "write was called when the body was being sent; yield the bytes as a chunk instead")
		case !passedOn && len(run.inner) > 0:
			run.error("W03", "a middleware hands on by write what the app has yielded as a chunk; yield it too")
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
		var room []byte
		run.step()
		for p, err := range b.body.Chunks() {
			run.give(p, err)
			if room = append(room[:0], p...); err != nil {
				yield(nil, err)
				return
			}
			more := yield(room, nil)
			for i := range room {
				room[i] = 0xDB
			}
			if !more {
				return
			}
			run.step()
		}
		run.end()
	}
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
		run.error("B05", "the body was ranged over twice; it can be once")
	}
}

// step looks at when the next chunk is asked for. A middleware that asks its app
// for a chunk gives one itself before it asks for another.
func (run *lintRun) step() {
	run.mu.Lock()
	run.steps++
	asked := run.steps
	run.mu.Unlock()
	outer := run.outer
	if outer == nil {
		return
	}
	outer.mu.Lock()
	inCall, given, siblings := outer.inCall, outer.chunks, len(outer.inner)
	outer.mu.Unlock()
	switch {
	case inCall && asked == 1:
		run.error("B06", "a middleware takes chunks of its app before it returns; return a body that asks for them when it is asked itself")
	case !inCall && siblings == 1 && asked > given+1:
		run.error("B07", "a middleware asked for chunk %d and has given %d; give one for each, an empty one if need be", asked, given)
	}
}

// give looks at a chunk.
func (run *lintRun) give(p []byte, err error) {
	if err != nil {
		return
	}
	run.mu.Lock()
	run.chunks++
	started, code := run.started, run.code
	run.sent += int64(len(p))
	run.mu.Unlock()
	switch {
	case len(p) == 0:
	case !started:
		run.error("B08", "the body gave a chunk before start_response was called")
	case code == http.StatusNoContent || code == http.StatusNotModified:
		run.error("B09", "a %d response has no body, but the app gave one", code)
	}
}

// end looks at the body as a whole.
func (run *lintRun) end() {
	run.mu.Lock()
	started, code, headers, total := run.started, run.code, run.headers, run.sent+run.written
	run.mu.Unlock()
	if !started {
		run.error("B10", "the body came to its end, and start_response was not called")
		return
	}
	declared, err := parseLength(headers.Get("Content-Length"))
	bodiless := run.method == http.MethodHead || code == http.StatusNotModified || code == http.StatusNoContent
	if err == nil && !bodiless && declared != total {
		run.error("B11", "Content-Length says %d, and the body has %s", declared, count(int(total), "byte"))
	}
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
	for _, in := range inner {
		in.mu.Lock()
		open := in.hasBody && !in.closed
		in.mu.Unlock()
		if open {
			run.error("B13", "a middleware was closed and did not close the body of its app; gateway.OnClose passes Close on")
		}
	}
	return err
}
