package retort

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// recorder is the http.ResponseWriter of the test client. It does to a response
// what net/http's server does before the client sees it.
//
// Source: net/http: server.go, response.
type recorder struct {
	request       *http.Request
	header        http.Header // as the handler sees it
	sent          http.Header // as it was when it left
	status        int         // 0: not yet sent
	body          bytes.Buffer
	length        int64 // as declared, -1 when it is not
	exceeded      bool  // more was written than declared
	malformed     error // why the declared length is none
	flushed       bool
	informational []*TestResponse
}

func newRecorder(r *http.Request) *recorder {
	return &recorder{request: r, header: make(http.Header), length: -1}
}

// Header gives the fields of the response.
func (w *recorder) Header() http.Header { return w.header }

// WriteHeader fixes status and header. Informational responses are kept aside.
func (w *recorder) WriteHeader(status int) {
	switch {
	case status < 100 || status > 999:
		panic(fmt.Sprintf("invalid WriteHeader code %v", status))
	case w.status != 0:
		return
	case status < 200 && status != http.StatusSwitchingProtocols:
		w.informational = append(w.informational, &TestResponse{Status: status, Header: sentHeader(w.header), Request: w.request})
		return
	}
	w.status, w.sent = status, sentHeader(w.header)
	w.readLength(w.sent.Get("Content-Length"))
	if !bodyAllowed(status) {
		w.sent.Del("Content-Length")
		w.sent.Del("Transfer-Encoding")
	}
	if status == http.StatusNotModified {
		w.sent.Del("Content-Type")
	}
}

// readLength reads the Content-Length, "" when there is none.
func (w *recorder) readLength(field string) {
	if field == "" {
		return
	}
	n, err := strconv.ParseInt(field, 10, 64)
	if err != nil || n < 0 {
		w.malformed = fmt.Errorf("its Content-Length %q is no number of bytes", field)
		return
	}
	w.length = n
}

// sentHeader is a copy of h without the fields that have no values. An empty
// Content-Type is kept: it says that none is to be guessed.
func sentHeader(h http.Header) http.Header {
	sent := h.Clone()
	for name, values := range sent {
		if len(values) == 0 && name != "Content-Type" {
			delete(sent, name)
		}
	}
	return sent
}

// Write keeps a part of the body.
func (w *recorder) Write(p []byte) (int, error) {
	w.WriteHeader(max(w.status, http.StatusOK))
	if len(p) == 0 {
		return 0, nil
	}
	if !bodyAllowed(w.status) {
		return 0, http.ErrBodyNotAllowed
	}
	if w.length >= 0 && int64(w.body.Len()+len(p)) > w.length {
		w.exceeded = true
		return 0, http.ErrContentLength
	}
	return w.body.Write(p)
}

// WriteString is Write.
func (w *recorder) WriteString(s string) (int, error) { return w.Write([]byte(s)) }

// ReadFrom is Write for all that r gives.
func (w *recorder) ReadFrom(r io.Reader) (int64, error) {
	return io.Copy(struct{ io.Writer }{w}, r)
}

// FlushError sends what has been written.
func (w *recorder) FlushError() error {
	w.WriteHeader(max(w.status, http.StatusOK))
	w.guessType()
	w.flushed = true
	return nil
}

// Flush is FlushError.
func (w *recorder) Flush() { _ = w.FlushError() }

// SetReadDeadline does nothing: there is no connection that could be late.
func (w *recorder) SetReadDeadline(time.Time) error { return nil }

// SetWriteDeadline does nothing.
func (w *recorder) SetWriteDeadline(time.Time) error { return nil }

// EnableFullDuplex does nothing: the body can always be read.
func (w *recorder) EnableFullDuplex() error { return nil }

// guessType sets the Content-Type of a handler that did not.
func (w *recorder) guessType() {
	_, set := w.sent["Content-Type"]
	if set || w.flushed || w.body.Len() == 0 || w.sent.Get("Content-Encoding") != "" || w.sent.Get("Transfer-Encoding") != "" {
		return
	}
	w.sent.Set("Content-Type", http.DetectContentType(w.body.Bytes()))
}

// guessedLength is the longest body, in bytes, that net/http holds back until
// the handler returns, and whose length it therefore declares by itself.
const guessedLength = 2048

// finish ends the response. The error is why a server would not send it whole.
func (w *recorder) finish() error {
	w.WriteHeader(max(w.status, http.StatusOK))
	w.guessType()
	head := w.request.Method == http.MethodHead
	written := int64(w.body.Len())
	switch {
	case w.malformed != nil:
		return w.malformed
	case w.exceeded:
		return fmt.Errorf("the body is longer than the %d bytes that its Content-Length declares; leave the field out, or set the length of the body that is sent", w.length)
	case w.length >= 0 && written != w.length && !head && bodyAllowed(w.status):
		return fmt.Errorf("its Content-Length declares %d bytes; leave the field out, or set the length of the body that is sent", w.length)
	case w.length < 0 && !w.flushed && written <= guessedLength && bodyAllowed(w.status) && (!head || written > 0) && w.sent.Get("Transfer-Encoding") == "":
		w.sent.Set("Content-Length", strconv.FormatInt(written, 10))
	}
	return nil
}

// response is what a client has got.
func (w *recorder) response() *TestResponse {
	res := &TestResponse{
		Status:        w.status,
		Header:        w.sent,
		Informational: w.informational,
		Request:       w.request,
	}
	if len(res.Header["Content-Type"]) == 0 {
		delete(res.Header, "Content-Type")
	}
	if w.request.Method != http.MethodHead {
		res.Body = w.body.Bytes()
		res.Text = strings.Clone(w.body.String())
	}
	return res
}
