package middleware

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
)

// phase is how far a response has come.
type phase int

const (
	waiting phase = iota // nothing has left; the body may still be small
	plain                // writes pass
	coded                // writes are compressed
	silent               // it has become a 304: writes are dropped
	over                 // the handler has returned, or has the connection
)

var errResponseOver = errors.New("middleware: the response is over: its handler has returned")

// compressWriter is the ResponseWriter of a handler behind [Compress]. The lock
// is for handlers that leave a goroutine behind: it finds the phase over, and
// never an encoder that works for another response by then.
type compressWriter struct {
	http.ResponseWriter
	c               *compressor
	request         *http.Request
	coding          *coding // what the client wants; nil is identity
	identityRefused bool

	mu       sync.Mutex
	phase    phase
	status   int    // 0 until the handler says it
	held     []byte // the beginning of a body that may be small
	enc      encoder
	declared int64 // the Content-Length of a compressed body as the handler gave it, or below zero
	taken    int64 // how much of that body has come
}

// WriteHeader implements [http.ResponseWriter]. Informational responses and 101
// pass at once.
func (w *compressWriter) WriteHeader(status int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.phase != waiting {
		w.ResponseWriter.WriteHeader(status) // superfluous: the server says so
		return
	}
	if status < 200 {
		if status == http.StatusSwitchingProtocols {
			w.phase = plain
		}
		w.ResponseWriter.WriteHeader(status)
		return
	}
	if w.status == 0 {
		w.status = status
	}
	if !w.mustWait(nil) {
		_ = w.begin(nil, false) // no body yet, so nothing that could fail
	}
}

// Write implements [http.ResponseWriter].
func (w *compressWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.phase == waiting {
		if w.status == 0 {
			w.status = http.StatusOK
		}
		if w.mustWait(p) {
			w.held = append(w.held, p...)
			return len(p), nil
		}
		if err := w.begin(p, false); err != nil {
			return 0, err
		}
	}
	return w.send(p)
}

// WriteString implements [io.StringWriter].
func (w *compressWriter) WriteString(s string) (int, error) {
	if w.isPlain() {
		return io.WriteString(w.ResponseWriter, s)
	}
	return w.Write([]byte(s))
}

// ReadFrom implements [io.ReaderFrom]: a body that is sent as it is goes to the
// server as it comes, which may use sendfile(2).
func (w *compressWriter) ReadFrom(src io.Reader) (n int64, err error) {
	var small []byte
	for w.isWaiting() {
		if small == nil {
			small = make([]byte, 512) // what the media type is detected from
		}
		got, err := src.Read(small)
		n += int64(got)
		if _, failed := w.Write(small[:got]); failed != nil {
			return n, failed
		}
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			return n, err
		}
	}
	var dst io.Writer = struct{ io.Writer }{w}
	if w.isPlain() {
		dst = w.ResponseWriter
	}
	rest, err := io.Copy(dst, src)
	return n + rest, err
}

func (w *compressWriter) isPlain() bool   { return w.is(plain) }
func (w *compressWriter) isWaiting() bool { return w.is(waiting) }

func (w *compressWriter) is(p phase) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.phase == p
}

// Flush implements [http.Flusher].
func (w *compressWriter) Flush() { _ = w.FlushError() }

// FlushError is Flush for [http.ResponseController]. A body that is flushed
// counts as a stream, whatever its size so far.
func (w *compressWriter) FlushError() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.phase == waiting {
		if w.status == 0 {
			w.status = http.StatusOK
		}
		if err := w.begin(nil, true); err != nil {
			return err
		}
	}
	switch w.phase {
	case over:
		return errResponseOver
	case coded:
		if err := w.enc.Flush(); err != nil {
			return err
		}
	}
	return http.NewResponseController(w.ResponseWriter).Flush()
}

// Hijack implements [http.Hijacker].
func (w *compressWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.phase != waiting && w.phase != plain {
		return nil, nil, errors.New("middleware: the connection cannot be taken over: a compressed response has begun or ended on it")
	}
	conn, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err == nil {
		w.phase = over
	}
	return conn, rw, err
}

// Unwrap gives the writer below, for [http.ResponseController].
func (w *compressWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// begin sends the header, when it is decided what becomes of the body, and what
// was held back of it. p is what comes next; streaming says that more will come.
func (w *compressWriter) begin(p []byte, streaming bool) error {
	w.phase = w.decide(p, streaming)
	switch w.phase {
	case coded:
		w.enc = w.coding.lend(w.ResponseWriter)
	case silent:
		w.status = http.StatusNotModified
	}
	w.ResponseWriter.WriteHeader(w.status)
	held := w.held
	w.held = nil
	if len(held) == 0 {
		return nil
	}
	_, err := w.send(held)
	return err
}

// send passes a part of the body on.
func (w *compressWriter) send(p []byte) (int, error) {
	switch w.phase {
	case plain:
		return w.ResponseWriter.Write(p)
	case silent:
		return len(p), nil
	case over:
		return 0, errResponseOver
	}
	w.taken += int64(len(p))
	if w.declared >= 0 && w.taken > w.declared {
		return 0, http.ErrContentLength
	}
	return w.enc.Write(p)
}

// finish ends the response of a handler that has returned. Where the body is not
// whole it panics with http.ErrAbortHandler, so that the client can tell.
func (w *compressWriter) finish() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.phase == waiting && w.status != 0 {
		if err := w.begin(nil, false); err != nil {
			w.drop()
			panic(http.ErrAbortHandler)
		}
	}
	whole := true
	if w.phase == coded {
		whole = (w.declared < 0 || w.taken == w.declared) && w.enc.Close() == nil
		if whole {
			w.coding.takeBack(w.enc)
		}
	}
	w.drop()
	if !whole {
		panic(http.ErrAbortHandler)
	}
}

// abandon ends the response of a handler that has panicked: what was held back
// stays unsent, so that the server can still answer 500, and the encoder, which
// may be in the middle of something, is not used again.
func (w *compressWriter) abandon() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.drop()
}

func (w *compressWriter) drop() { w.phase, w.enc, w.held = over, nil, nil }
