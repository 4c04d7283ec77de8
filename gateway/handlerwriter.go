package gateway

import (
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// writerBuffer is how much of a handler's output is gathered into one chunk.
const writerBuffer = 4 << 10

// handlerWriter is the http.ResponseWriter of a handler under a gateway. The
// handler's side gives chunks to the body's side over an unbuffered channel and
// waits until they were taken, so memory stays bounded and a chunk is never
// changed while it is read. Everything the body's side reads was written before
// a send on chunks or before done was closed.
type handlerWriter struct {
	method string
	header http.Header
	ctl    *http.ResponseController // of the connection, or nil
	outer  *exchange                // of the server, or nil
	early  func(Headers) error      // of the server, or nil

	// mu is for handlers whose goroutines share the writer, as a reverse proxy
	// does that flushes by a timer.
	mu        sync.Mutex
	code      int         // 0 until WriteHeader
	committed http.Header // the fields at that time
	left      int64       // of the declared Content-Length; below zero without one
	size      int64       // bytes written
	buf       []byte      // not given on yet
	flushed   bool        // the first chunk is out, even if it was empty
	ended     bool        // the handler has returned

	complete atomic.Bool   // the declared length was written
	chunks   chan []byte   // handler → body
	taken    chan struct{} // body → handler: the chunk may be reused
	gone     chan struct{} // closed by the body: nobody takes chunks any more
	done     chan struct{} // closed when the handler has ended
	err      error         // how it ended; set before done
}

func newHandlerWriter(method string, ctl *http.ResponseController, outer *exchange) *handlerWriter {
	return &handlerWriter{
		method: method, header: make(http.Header), ctl: ctl, outer: outer, left: -1,
		chunks: make(chan []byte), taken: make(chan struct{}),
		gone: make(chan struct{}), done: make(chan struct{}),
	}
}

// next waits for the next chunk; running is false when the handler has ended
// and what is left is in w.buf.
func (w *handlerWriter) next() (p []byte, running bool) {
	select {
	case p := <-w.chunks:
		return p, true
	case <-w.done:
		return nil, false
	}
}

func (w *handlerWriter) Header() http.Header { return w.header }

// WriteHeader commits the response. Of the informational statuses 103 goes on as
// [EarlyHints], the others are dropped; 101 goes on to start_response, which
// refuses it, because it cannot be kept.
func (w *handlerWriter) WriteHeader(code int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if code == http.StatusEarlyHints {
		w.hint()
		return
	}
	w.commit(code)
}

// hint sends the fields so far ahead of the response. Until that has begun the
// body's side waits, so nobody else uses the exchange of the server.
func (w *handlerWriter) hint() {
	if w.early == nil || w.code != 0 || w.ended {
		return
	}
	h := w.header.Clone()
	h.Del("Content-Length")     // as net/http does: it is for the response
	_ = w.early(HeadersFrom(h)) // like net/http, which drops what cannot be sent
}

func (w *handlerWriter) commit(code int) {
	if code < 100 || code > 999 {
		panic(fmt.Sprintf("invalid WriteHeader code %v", code)) // as net/http does
	}
	informational := code < 200 && code != http.StatusSwitchingProtocols
	if w.code != 0 || informational {
		return
	}
	w.code, w.committed = code, w.header.Clone()
	if w.committed == nil {
		w.committed = make(http.Header)
	}
	if n, err := parseLength(w.committed.Get("Content-Length")); err == nil {
		w.left = n
		w.complete.Store(n == 0)
	}
}

func (w *handlerWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ended {
		return 0, ErrBodyClosed
	}
	if w.code == 0 {
		w.commit(http.StatusOK)
	}
	if len(p) == 0 {
		return 0, nil
	}
	if w.code == http.StatusNoContent || w.code == http.StatusNotModified {
		return 0, http.ErrBodyNotAllowed
	}
	if w.left >= 0 && int64(len(p)) > w.left {
		n, err := w.put(p[:w.left])
		if err == nil {
			err = http.ErrContentLength
		}
		return n, err
	}
	return w.put(p)
}

// put buffers p or gives it on. What was taken counts, whatever happens next.
func (w *handlerWriter) put(p []byte) (int, error) {
	fits := len(w.buf)+len(p) <= writerBuffer
	switch {
	case fits:
		w.buf = append(w.buf, p...)
	case w.method == http.MethodHead:
		// Only the length is of interest.
	default:
		// Who takes all that was declared may leave before it asks for more.
		w.complete.Store(int64(len(p)) == w.left)
		if err := w.give(p); err != nil {
			return 0, err
		}
	}
	w.size += int64(len(p))
	if w.left >= 0 {
		w.left -= int64(len(p))
		w.complete.Store(w.left == 0)
	}
	return len(p), nil
}

// give hands the buffer on to make room for p, and p itself if it is large.
func (w *handlerWriter) give(p []byte) error {
	if err := w.emit(); err != nil {
		return err
	}
	if len(p) < writerBuffer {
		w.buf = append(w.buf, p...)
		return nil
	}
	return w.hand(p)
}

func (w *handlerWriter) emit() error {
	if len(w.buf) == 0 {
		return nil
	}
	err := w.hand(w.buf)
	w.buf = w.buf[:0]
	return err
}

// hand gives one chunk to the body and waits until it was taken.
func (w *handlerWriter) hand(p []byte) error {
	select {
	case w.chunks <- p:
		w.flushed = true
	case <-w.gone:
		return ErrBodyClosed
	}
	select {
	case <-w.taken:
		return nil
	case <-w.gone:
		if w.complete.Load() {
			return nil
		}
		return ErrBodyClosed
	}
}

// FlushError sends what was written, and the headers even if nothing was.
func (w *handlerWriter) FlushError() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ended {
		return ErrBodyClosed
	}
	if w.code == 0 {
		w.commit(http.StatusOK)
	}
	if w.method == http.MethodHead || w.flushed && len(w.buf) == 0 {
		return nil
	}
	err := w.hand(w.buf)
	w.buf = w.buf[:0]
	return err
}

// Flush is FlushError for those who do not ask.
func (w *handlerWriter) Flush() { _ = w.FlushError() }

// finish commits the response of a handler that returned without a word, and
// stops goroutines of the handler that it left behind from writing.
func (w *handlerWriter) finish() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ended = true
	if w.code == 0 {
		w.commit(http.StatusOK)
	}
}

// EnableFullDuplex, SetReadDeadline and SetWriteDeadline are those of the
// connection below, if there is one.

func (w *handlerWriter) EnableFullDuplex() error {
	return w.control((*http.ResponseController).EnableFullDuplex)
}

func (w *handlerWriter) SetReadDeadline(t time.Time) error {
	return w.control(func(ctl *http.ResponseController) error { return ctl.SetReadDeadline(t) })
}

func (w *handlerWriter) SetWriteDeadline(t time.Time) error {
	return w.control(func(ctl *http.ResponseController) error { return ctl.SetWriteDeadline(t) })
}

// control does not take mu, which a Write that is stuck holds. A goroutine that
// the handler has left behind must not get at the next request.
func (w *handlerWriter) control(do func(*http.ResponseController) error) error {
	if w.ctl == nil {
		return http.ErrNotSupported
	}
	select {
	case <-w.done:
		return ErrBodyClosed
	default:
		return do(w.ctl)
	}
}
