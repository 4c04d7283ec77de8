package serving

import (
	"io"
	"net/http"
	"time"
)

// progress is a deadline that moves with the transfer it guards. Setting a
// deadline costs more than a small write, so it is set an eighth late and moved
// only when that eighth has passed: the transfer may stand still for the timeout
// at least and an eighth longer at most.
type progress struct {
	timeout time.Duration // not positive: no deadline, or the handler's own
	set     time.Time
}

// next returns the deadline to set now, ok false when the last one still does.
func (p *progress) next(now time.Time) (deadline time.Time, ok bool) {
	if p.timeout <= 0 || now.Sub(p.set) < p.timeout/8 {
		return time.Time{}, false
	}
	p.set = now
	return now.Add(p.timeout + p.timeout/8), true
}

// renew makes next return a deadline in any case.
func (p *progress) renew() { p.set = time.Time{} }

// moveWrite starts the time of the next write.
func (w *responseWriter) moveWrite() {
	if w.hijacked {
		return
	}
	if t, ok := w.writes.next(time.Now()); ok {
		// A writer without deadlines, as in tests, is left without.
		_ = http.NewResponseController(w.ResponseWriter).SetWriteDeadline(t)
	}
}

// moveRead starts the time of the next read of the body.
func (w *responseWriter) moveRead() {
	if w.hijacked {
		return
	}
	if t, ok := w.reads.next(time.Now()); ok {
		_ = http.NewResponseController(w.ResponseWriter).SetReadDeadline(t)
	}
}

// progressBody is a request body under a moving deadline.
type progressBody struct {
	io.ReadCloser
	w     *responseWriter
	ended bool
}

// Read takes the deadline away at the body's end: net/http watches the
// connection from then on, and would take a deadline for a client that left.
func (b *progressBody) Read(p []byte) (int, error) {
	b.w.moveRead()
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		b.end()
	}
	return n, err
}

// Close may read to the body's end too.
func (b *progressBody) Close() error {
	b.w.moveRead()
	err := b.ReadCloser.Close()
	b.end()
	return err
}

func (b *progressBody) end() {
	if !b.ended {
		b.ended = true
		b.w.endRead()
	}
}

// endRead takes the body's deadline away, unless the handler set its own.
func (w *responseWriter) endRead() {
	if w.reads.timeout > 0 && !w.hijacked {
		_ = http.NewResponseController(w.ResponseWriter).SetReadDeadline(time.Time{})
	}
	w.reads.timeout = 0
}

// progressSource is the source of a response; what it delivers is written next.
type progressSource struct {
	io.Reader
	w *responseWriter
}

func (s *progressSource) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	s.w.moveWrite()
	return n, err
}
