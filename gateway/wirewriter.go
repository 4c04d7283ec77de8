package gateway

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// wireWriter is the way out of an exchange that has no net/http below: it takes
// the status line and the list of headers as the app gave them.
type wireWriter interface {
	http.ResponseWriter
	FlushError() error
	writeHead(code int, status string, h Headers)
}

// writerBase is of net/http's interface what an exchange with a wireWriter never
// calls.
type writerBase struct{}

func (writerBase) Header() http.Header { return http.Header{} }
func (writerBase) WriteHeader(int)     {}

// appendHead appends the head of a response: a line of HTTP if http is set, else
// the field Status in its place, as CGI has it.
//
// The length of the body is not said otherwise than by Content-Length or the end
// of the connection: web servers take nothing apart that came over a gateway.
//
// RFC 3875 §6.
func appendHead(b []byte, http11 bool, code int, status string, h Headers) []byte {
	if http11 {
		b = append(b, "HTTP/1.1 "...)
	} else {
		b = append(b, "Status: "...)
	}
	b = append(b, status...)
	b = append(b, "\r\n"...)
	for _, f := range h {
		if code == http.StatusNoContent && strings.EqualFold(f[0], "Content-Length") {
			continue // RFC 9110 §8.6
		}
		b = append(b, f[0]...)
		b = append(b, ": "...)
		b = append(b, f[1]...)
		b = append(b, "\r\n"...)
	}
	if http11 {
		b = append(b, "Connection: close\r\n"...)
	}
	return append(b, "\r\n"...)
}

// streamWriter sends a response as plain bytes: uwsgi, SCGI and CGI.
type streamWriter struct {
	writerBase
	out    *bufio.Writer // nil after the end: its buffer serves another request then
	http11 bool
	conn   *wireConn // nil for CGI
}

// streamBuffer holds a head and a small body, so that they leave together.
const streamBuffer = 4 << 10

func (w *streamWriter) writeHead(code int, status string, h Headers) {
	_, _ = w.out.Write(appendHead(w.out.AvailableBuffer(), w.http11, code, status, h)) // the next Flush tells
}

func (w *streamWriter) Write(p []byte) (int, error) {
	if w.out == nil {
		return 0, net.ErrClosed
	}
	return w.out.Write(p)
}

func (w *streamWriter) FlushError() error {
	if w.out == nil {
		return net.ErrClosed
	}
	return w.out.Flush()
}

// EnableFullDuplex has nothing to do: reading and writing do not know each other.
func (w *streamWriter) EnableFullDuplex() error { return nil }

func (w *streamWriter) SetReadDeadline(t time.Time) error {
	if w.conn == nil {
		return http.ErrNotSupported
	}
	return w.conn.limitReading(t)
}

func (w *streamWriter) SetWriteDeadline(t time.Time) error {
	if w.conn == nil {
		return http.ErrNotSupported
	}
	return w.conn.limitWriting(t)
}

// ReadFrom lets the connection take a file to the kernel.
func (w *streamWriter) ReadFrom(r io.Reader) (int64, error) {
	if w.out == nil {
		return 0, net.ErrClosed
	}
	return w.out.ReadFrom(r)
}
