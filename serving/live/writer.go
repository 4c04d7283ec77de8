//go:build retort_dev

package live

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"

	"github.com/retort-go/retort/internal/liveevents"
)

// phase is how far a response has come.
type phase int

const (
	waiting phase = iota // nothing has left; its type is not known
	plain                // it passes as it is
	page                 // the script comes into it
	over                 // the handler has returned, or has the connection
)

// sniffLen is how much http.DetectContentType looks at.
const sniffLen = 512

var errOver = errors.New("live: the response is over: its handler has returned or has taken the connection")

// writer is the ResponseWriter of a handler of pages.
type writer struct {
	http.ResponseWriter
	request     *http.Request
	state       string
	revalidates bool

	phase    phase
	status   int    // 0 until the handler says it
	unknown  []byte // the beginning of a body without a type
	element  string // the script
	split    splitter
	declared int64 // the Content-Length that the handler gave, or below zero
	taken    int64 // how much of the body has come
}

// WriteHeader implements [http.ResponseWriter].
func (w *writer) WriteHeader(status int) {
	switch {
	case w.phase != waiting, status < 200:
		if status == http.StatusSwitchingProtocols {
			w.phase = plain
		}
		w.ResponseWriter.WriteHeader(status)
		return
	case w.status == 0:
		w.status = status
	}
	if w.Header()["Content-Type"] != nil || !mayHaveBody(status) {
		_ = w.begin() // no body yet, so nothing that could fail
	}
}

func mayHaveBody(status int) bool {
	return status != http.StatusNoContent && status != http.StatusNotModified
}

// Write implements [http.ResponseWriter].
func (w *writer) Write(p []byte) (int, error) {
	if w.phase == waiting {
		if w.status == 0 {
			w.status = http.StatusOK
		}
		if w.Header()["Content-Type"] == nil && len(w.unknown)+len(p) < sniffLen {
			w.unknown = append(w.unknown, p...)
			return len(p), nil
		}
		if w.Header()["Content-Type"] == nil {
			fill := min(len(p), sniffLen-len(w.unknown))
			w.unknown = append(w.unknown, p[:fill]...)
			if err := w.begin(); err != nil {
				return 0, err
			}
			n, err := w.send(p[fill:])
			return fill + n, err
		}
		if err := w.begin(); err != nil {
			return 0, err
		}
	}
	return w.send(p)
}

// send passes a part of the body on.
func (w *writer) send(p []byte) (int, error) {
	switch w.phase {
	case plain:
		return w.ResponseWriter.Write(p)
	case over:
		return 0, errOver
	}
	if w.declared >= 0 && w.taken+int64(len(p)) > w.declared {
		return 0, http.ErrContentLength
	}
	w.taken += int64(len(p))
	if err := w.split.write(w.ResponseWriter, p); err != nil {
		return 0, err
	}
	return len(p), nil
}

// begin sends the header, and what was held back of the body.
func (w *writer) begin() error {
	if len(w.unknown) > 0 {
		if _, set := w.Header()["Content-Type"]; !set {
			w.Header().Set("Content-Type", http.DetectContentType(w.unknown))
		}
	}
	w.phase = plain
	if w.status == http.StatusNotModified {
		w.notModified()
	} else if nonce, ok := w.wanted(); ok {
		w.phase = page
		w.element = element(liveevents.ScriptPath+"?b="+w.state, nonce)
		w.adapt()
	}
	w.ResponseWriter.WriteHeader(w.status)
	unknown := w.unknown
	w.unknown = nil
	if len(unknown) == 0 {
		return nil
	}
	_, err := w.send(unknown)
	return err
}

// finish ends the response of a handler that has returned. A page that is
// shorter than was announced stays so.
func (w *writer) finish() {
	if w.phase == waiting && w.status != 0 {
		_ = w.begin() // fails when the client is gone
	}
	whole := w.phase == page && (w.declared < 0 || w.taken == w.declared)
	w.phase = over
	if whole {
		_ = w.split.finish(w.ResponseWriter, w.element)
	}
}

// WriteString implements [io.StringWriter].
func (w *writer) WriteString(s string) (int, error) {
	if w.phase == plain {
		return io.WriteString(w.ResponseWriter, s)
	}
	return w.Write([]byte(s))
}

// ReadFrom implements [io.ReaderFrom]: what is no page goes to the server as it
// comes, which may use sendfile(2).
func (w *writer) ReadFrom(src io.Reader) (n int64, err error) {
	if w.phase == waiting && w.Header()["Content-Type"] != nil {
		w.status = max(w.status, http.StatusOK)
		if err := w.begin(); err != nil {
			return 0, err
		}
	}
	if w.phase == plain {
		return io.Copy(w.ResponseWriter, src)
	}
	return io.Copy(struct{ io.Writer }{w}, src)
}

// Flush implements [http.Flusher].
func (w *writer) Flush() { _ = w.FlushError() }

// FlushError is Flush for [http.ResponseController].
func (w *writer) FlushError() error {
	switch w.phase {
	case over:
		return errOver
	case waiting:
		w.status = max(w.status, http.StatusOK)
		if err := w.begin(); err != nil {
			return err
		}
	}
	if w.phase == page {
		if err := w.split.flush(w.ResponseWriter); err != nil {
			return err
		}
	}
	return http.NewResponseController(w.ResponseWriter).Flush()
}

// Hijack implements [http.Hijacker].
func (w *writer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	if w.phase == page || w.phase == over {
		return nil, nil, errors.New("live: the connection cannot be taken over: a page has begun or ended on it")
	}
	conn, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err == nil {
		w.phase = over
	}
	return conn, rw, err
}

// Unwrap gives the writer below, for [http.ResponseController].
func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }
