package gateway

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net"
	"time"

	"github.com/retort-go/retort/internal/cgivars"
	"github.com/retort-go/retort/internal/scgi"
	"github.com/retort-go/retort/internal/uwsgi"
)

// headBuffer is what is read at first: most requests fit, body included.
const headBuffer = 4 << 10

// scratch is what serving one request by uwsgi or SCGI needs and no app sees.
type scratch struct {
	head [headBuffer]byte
	out  *bufio.Writer
}

func newScratch() any { return &scratch{out: bufio.NewWriterSize(nil, streamBuffer)} }

// streamRequest is a request by uwsgi or SCGI: everything before its body.
type streamRequest struct {
	vars   *cgivars.Vars
	origin origin
	ping   bool   // of uwsgi: no request at all
	body   []byte // what was read beyond; the app's own
}

// errNoRequest reports a connection on which nothing came, or nothing that is to
// be answered.
var errNoRequest = errors.New("gateway: there is no request on this connection")

// serveOne serves the one request of a connection by uwsgi or SCGI.
func (c *wireConn) serveOne() {
	c.tail = tailOf(c.Conn)
	own := c.server.scratch.Get().(*scratch)
	own.out.Reset(c)
	w := &streamWriter{out: own.out, http11: c.server.protocol == UWSGI, conn: c}
	defer func() {
		w.out = nil
		own.out.Reset(nil)
		c.server.scratch.Put(own)
	}()
	req, err := c.readRequest(own.head[:0])
	var refusal *cgivars.Refusal
	switch {
	case errors.As(err, &refusal):
		c.server.refuse(w, err)
		c.finish(w, own.head[:], false)
		return
	case err != nil:
		return
	case req.ping:
		_, _ = w.Write(uwsgi.Pong())
		c.finish(w, own.head[:], true)
		return
	}
	body := &streamBody{c: c, rest: req.body, left: -1}
	cut := true // also if the app calls runtime.Goexit
	defer func() {
		if cut {
			c.reset()
		}
		body.endWatch()
	}()
	if cut = c.server.answer(c.ctx, w, req.vars.ByName(), body, req.origin, body.begin); !cut {
		c.finish(w, own.head[:], body.left == 0)
	}
}

// finish sends what is left of the response; buf is to read into. A request that was not read to its
// end is read on for a moment: closing the connection before would reset it, and
// the response could be lost on the way.
func (c *wireConn) finish(w *streamWriter, buf []byte, whole bool) {
	err := w.FlushError()
	c.release(buf)
	if err != nil || whole {
		return
	}
	half, ok := c.Conn.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil {
		return
	}
	c.readWithin(lingerTime)
	_, _ = io.Copy(io.Discard, c.Conn) // ends by the deadline at the latest
}

// reset makes the connection end in a way that nobody takes for the end of a
// response; a unix socket that was not released does. What was sent stays sent.
func (c *wireConn) reset() {
	if tcp, ok := c.Conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
}

// readRequest reads all variables, into buf as far as they fit. The error is a
// *cgivars.Refusal, or one of reading: then nobody waits for an answer.
func (c *wireConn) readRequest(buf []byte) (*streamRequest, error) {
	parse := parseUWSGI
	if c.server.protocol == SCGI {
		parse = parseSCGI
	}
	for {
		if len(buf) == cap(buf) {
			buf = append(buf, make([]byte, len(buf))...)[:len(buf)] // no more than has come: a length is only a claim
		}
		n, err := c.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		req, failed := parse(buf)
		switch {
		case failed == errNoRequest:
			loggerOr(c.server.cfg.log).Info("gateway: a connection was closed", slog.String("protocol", "uwsgi"), slog.Int("modifier1", int(buf[0])))
			return nil, failed
		case req != nil || failed != nil:
			return req, failed
		case err != nil:
			return nil, err
		}
	}
}

// parseUWSGI gives the request that b begins with, nil if there is more to come.
func parseUWSGI(b []byte) (*streamRequest, error) {
	h, ok := uwsgi.ParseHeader(b)
	if !ok {
		return nil, nil
	}
	switch h.Modifier1 {
	case uwsgi.Ping:
		return &streamRequest{ping: true}, nil
	case uwsgi.WSGI, uwsgi.WSGIMount:
	default:
		return nil, errNoRequest
	}
	end := uwsgi.HeaderLen + int(h.Size)
	if len(b) < end {
		return nil, nil
	}
	vars, err := uwsgi.ParseVars(string(b[uwsgi.HeaderLen:end]))
	if err != nil {
		return nil, err
	}
	return &streamRequest{vars: vars, origin: origin{scriptInPath: h.Modifier1 == uwsgi.WSGIMount}, body: bytes.Clone(b[end:])}, nil
}

// parseSCGI is parseUWSGI for SCGI.
func parseSCGI(b []byte) (*streamRequest, error) {
	start, end, err := scgi.HeadLen(b)
	if err != nil || end == 0 || len(b) <= end {
		return nil, err
	}
	if b[end] != ',' {
		return nil, cgivars.Malformed("the netstring does not end in a comma")
	}
	vars, err := scgi.ParseVars(string(b[start:end]))
	if err != nil {
		return nil, err
	}
	return &streamRequest{vars: vars, origin: origin{scriptIsPath: true}, body: bytes.Clone(b[end+1:])}, nil
}

// streamBody is the body of a request by uwsgi or SCGI. When all of it is read
// it watches the connection: then only its end can come.
type streamBody struct {
	c       *wireConn
	rest    []byte        // read already
	left    int64         // to come, rest included; below zero until begin
	delay   *time.Timer   // until watching begins; nil before the end of the body
	watched chan struct{} // closed when watching has ended
}

// begin takes the length from the environ. It runs before the app.
func (b *streamBody) begin(e *Environ) {
	b.left = e.in.Remaining()
	if int64(len(b.rest)) > b.left {
		b.rest = b.rest[:b.left] // more than was declared is nobody's
	}
	if int64(len(b.rest)) == b.left {
		e.in.r, b.left = bytes.NewReader(b.rest), 0
		b.watch()
	}
}

// Read is never asked for more than is left: Input sees to that.
func (b *streamBody) Read(p []byte) (n int, err error) {
	if len(b.rest) > 0 {
		n = copy(p, b.rest)
		b.rest = b.rest[n:]
	} else {
		b.c.readBody()
		n, err = b.c.Read(p)
	}
	if b.left -= int64(n); b.left == 0 {
		b.watch()
	} else if err != nil {
		b.c.cancel()
	}
	return n, err
}

// watchDelay is how long a request may take before anybody looks whether the
// client is still there. Most are answered before.
const watchDelay = 2 * time.Millisecond

// watch ends the request's context when the connection ends.
func (b *streamBody) watch() {
	b.c.endBody()
	b.watched = make(chan struct{})
	b.delay = time.AfterFunc(watchDelay, func() {
		defer close(b.watched)
		if b.c.watch() != nil {
			b.c.cancel()
		}
	})
}

// endWatch closes the connection and waits until nobody reads from it.
func (b *streamBody) endWatch() {
	_ = b.c.Close() // what had to be sent was
	if b.delay != nil && !b.delay.Stop() {
		<-b.watched
	}
}
