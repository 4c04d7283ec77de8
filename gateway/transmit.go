package gateway

import (
	"errors"
	"io"
	"io/fs"
	"net/http"
)

// errSatisfied ends the iteration of a body of which no more is wanted. It
// never leaves this file.
var errSatisfied = errors.New("gateway: no more of the body is wanted")

// write is the legacy way out: it sends at once. Unlike a chunk, even an empty
// write sends the headers.
func (x *exchange) write(p []byte) error {
	switch err := x.ready(); {
	case err != nil:
		return err
	case x.iterating || x.finished:
		return ErrIterating
	}
	x.commit(false)
	if !x.bodyAllowed() {
		x.drop(p)
		return nil
	}
	over := x.left >= 0 && int64(len(p)) > x.left
	if over {
		p = p[:x.left]
	}
	if err := x.transmit(p); err != nil {
		return err
	}
	if err := x.flush(); err != nil {
		return err
	}
	if over {
		return ErrContentLength
	}
	return nil
}

// drop takes bytes that may not be sent. For HEAD that is as it should be.
func (x *exchange) drop(p []byte) {
	if len(p) > 0 && !x.statusAllowsBody() {
		x.warn("gateway: the body of a response that has none was dropped")
	}
}

// send brings the body to the client and checks that it was complete.
func (x *exchange) send(body Body) error {
	x.iterating = true
	err := x.sendBody(body)
	if err != nil && err != errSatisfied {
		return err
	}
	if !x.sent {
		if err := x.ready(); err != nil {
			return err
		}
		x.finishEmpty()
	}
	if x.left > 0 && x.bodyAllowed() {
		declared, _ := parseLength(x.header.Get("Content-Length"))
		return &LengthError{declared, x.size}
	}
	return nil
}

// finishEmpty sends the headers of a body without bytes.
func (x *exchange) finishEmpty() {
	if x.r.Method != http.MethodHead {
		x.setLength(0)
	}
	x.sendHeaders()
}

func (x *exchange) sendBody(body Body) error {
	if file, ok := body.(FileBody); ok {
		if f, off, n := file.File(); n >= 0 {
			return x.sendFile(f, off, n)
		}
	}
	return x.iterate(body)
}

// iterate ranges over the chunks. It stops asking as soon as the rest is not
// wanted, so that a generator's defers run before Close.
func (x *exchange) iterate(body Body) error {
	_, ready := memoryOf(body)
	for p, err := range body.Chunks() {
		if err != nil {
			return err
		}
		if len(p) == 0 {
			continue
		}
		if err := x.chunk(body, p); err != nil {
			return err
		}
		if ready {
			continue
		}
		if err := x.flush(); err != nil {
			return err
		}
	}
	return nil
}

// chunk sends one chunk that is not empty, and the headers before the first.
func (x *exchange) chunk(body Body, p []byte) error {
	if err := x.ready(); err != nil {
		return err
	}
	if !x.sent {
		x.inferLength(body, p)
		_, ready := memoryOf(body)
		x.commit(ready)
	}
	if !x.bodyAllowed() {
		x.drop(p)
		return errSatisfied
	}
	over := x.left >= 0 && int64(len(p)) > x.left
	if over {
		x.warn("gateway: the body is longer than its Content-Length; the rest was dropped")
		p = p[:x.left]
	}
	if err := x.transmit(p); err != nil {
		return err
	}
	if x.left == 0 {
		return errSatisfied
	}
	return nil
}

// inferLength finds out the length of a body that will not grow: one chunk by
// its own word, or chunks that are all here.
func (x *exchange) inferLength(body Body, first []byte) {
	if chunks, ok := memoryOf(body); ok {
		var n int64
		for _, p := range chunks {
			n += int64(len(p))
		}
		x.setLength(n)
		return
	}
	if s, ok := body.(Sized); ok && s.Len() == 1 {
		x.setLength(int64(len(first)))
	}
}

// commit sends the headers if they are not out yet. A body that is not ready, but
// still being made, may read the request meanwhile: net/http has to be told.
func (x *exchange) commit(ready bool) {
	if x.sent {
		return
	}
	if !ready && x.env.in.Remaining() != 0 {
		_ = x.ctl.EnableFullDuplex() // HTTP/2 needs none, a recorder has none
	}
	x.sendHeaders()
}

// sendFile lets net/http hand the file to the kernel.
func (x *exchange) sendFile(body io.ReadSeeker, off, n int64) error {
	if err := x.ready(); err != nil {
		return err
	}
	if !x.sent {
		x.setLength(n)
		x.commit(true)
	}
	if !x.bodyAllowed() {
		return nil
	}
	if x.left >= 0 && n > x.left {
		x.warn("gateway: the body is longer than its Content-Length; the rest was dropped")
		n = x.left
	}
	if _, err := body.Seek(off, io.SeekStart); err != nil {
		return err
	}
	sent, err := io.Copy(x.w, io.LimitReader(body, n))
	x.count(sent)
	var failedRead *fs.PathError
	if err != nil && !errors.As(err, &failedRead) {
		x.gone = true
	}
	return err
}

// transmit gives bytes to net/http.
func (x *exchange) transmit(p []byte) error {
	n, err := x.w.Write(p)
	x.count(int64(n))
	if err != nil {
		x.gone = true
	}
	return err
}

func (x *exchange) count(n int64) {
	x.size += n
	if x.left >= 0 {
		x.left -= n
	}
}

// flush hands everything on. A writer that cannot is a recorder or a buffering
// middleware: it sees the whole response anyway.
func (x *exchange) flush() error {
	err := x.ctl.Flush()
	if err == nil || errors.Is(err, http.ErrNotSupported) {
		return nil
	}
	x.gone = true
	return err
}
