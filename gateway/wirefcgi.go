package gateway

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"github.com/retort-go/retort/internal/cgivars"
	"github.com/retort-go/retort/internal/fastcgi"
)

// errAborted ends the body of a request that the web server does not want any
// more.
var errAborted = errors.New("gateway: the web server aborted the request")

// fcgiConn is a connection by FastCGI. One goroutine reads its records for as
// long as it lasts; each request is answered on another.
type fcgiConn struct {
	*wireConn
	in      *bufio.Reader
	content []byte // of the record that is being read

	// mu is for session, request and closing. Records are written under it too,
	// so that none comes between the pieces of another.
	mu      sync.Mutex
	session fastcgi.Session
	request *fcgiRequest // the one that is being answered; nil if there is none
	closing bool         // after the answer

	running sync.WaitGroup
}

// fcgiRequest is a request that is being answered.
type fcgiRequest struct {
	body   *inbox
	cancel context.CancelFunc
}

func newFCGIConn(c *wireConn) *fcgiConn {
	return &fcgiConn{wireConn: c, in: bufio.NewReaderSize(c, headBuffer)}
}

// serve reads until the connection ends or makes no sense any more. Then the
// request's context ends, and serve waits for it.
func (c *fcgiConn) serve() {
	defer c.running.Wait()
	defer c.end()
	for {
		h, err := c.readRecord()
		if err == nil {
			err = c.receive(h)
		}
		if err != nil {
			c.refuseLast(err)
			return
		}
	}
}

// end tells the request that the connection is gone.
func (c *fcgiConn) end() {
	c.cancel()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.request != nil {
		c.request.body.finish(io.ErrUnexpectedEOF)
	}
}

func (c *fcgiConn) readRecord() (fastcgi.Header, error) {
	var head [fastcgi.HeaderLen]byte
	if _, err := io.ReadFull(c.in, head[:]); err != nil {
		return fastcgi.Header{}, err
	}
	h, err := fastcgi.ParseHeader(&head)
	if err != nil {
		return h, err
	}
	if n := int(h.Length); cap(c.content) < n {
		c.content = make([]byte, n)
	}
	c.content = c.content[:h.Length]
	if _, err := io.ReadFull(c.in, c.content); err != nil {
		return h, err
	}
	_, err = c.in.Discard(int(h.Padding))
	return h, err
}

// receive does what a record asks for.
func (c *fcgiConn) receive(h fastcgi.Header) error {
	event, request, err := c.advance(h)
	if err != nil {
		return err
	}
	switch event.Kind {
	case fastcgi.Request:
		c.start(event.Vars)
	case fastcgi.Input:
		request.body.put(event.Data)
		c.mu.Lock()
		c.allowTime() // the time that the app took was not the web server's
		c.mu.Unlock()
	case fastcgi.InputEnd:
		request.body.finish(io.EOF)
	case fastcgi.Aborted:
		request.cancel()
		request.body.finish(errAborted)
	}
	if event.Close {
		return errNoRequest
	}
	return nil
}

// advance hands a record to the session and sends its reply.
func (c *fcgiConn) advance(h fastcgi.Header) (fastcgi.Event, *fcgiRequest, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	event, err := c.session.Receive(h, c.content)
	if err == nil && len(event.Reply) > 0 {
		_, err = c.Write(event.Reply)
	}
	if event.Kind != fastcgi.Nothing || c.session.Phase() == fastcgi.Idle {
		c.allowTime()
	}
	return event, c.request, err
}

// allowTime sets how long the next record may take. It needs mu.
func (c *fcgiConn) allowTime() {
	if c.closing {
		return // finish has set it
	}
	t := c.timeouts()
	switch c.session.Phase() {
	case fastcgi.Idle:
		c.rest()
		c.readWithin(t.Idle)
	case fastcgi.InParams:
		c.arrived() // its bytes may have come along with those before
		c.readWithin(t.Header)
	case fastcgi.InBody:
		c.readBody()
	case fastcgi.Answering:
		c.readWithin(0) // only an abort can come, or the end
	}
}

// start answers a request on a goroutine of its own.
func (c *fcgiConn) start(vars *cgivars.Vars) {
	ctx, cancel := context.WithCancel(c.ctx)
	body := newInbox()
	request := &fcgiRequest{body, cancel}
	c.mu.Lock()
	c.request = request
	c.mu.Unlock()
	c.running.Go(func() {
		w := newRecordWriter(c, request)
		cut := true // also if the app calls runtime.Goexit
		defer func() {
			body.leave()
			cancel()
			c.finish(w, cut)
		}()
		cut = c.server.answer(ctx, w, vars.ByName(), body, origin{scriptIsPath: true, openEnded: true},
			func(e *Environ) { e.Errors = recordLog{c, request} })
	})
}

// finish ends the answer: by the record that says so and the next request, or by
// the end of the connection.
func (c *fcgiConn) finish(w *recordWriter, cut bool) {
	c.forgetLimits()
	if cut {
		c.cutAnswer()
		c.reset()
		_ = c.Close() // without the record it is no answer
		return
	}
	stopping := c.server.isStopping()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.request = nil
	w.end()
	_, err := c.Write(w.buf)
	switch {
	case err != nil:
		_ = c.Close() // nobody is there
		return
	case !c.session.Keep() || stopping:
		c.closing = true
		c.closeGently()
		c.readWithin(lingerTime)
	}
	c.allowTime()
}

// closeGently lets the web server have the answer although its request may not
// have been read: the reading goroutine goes on for a moment.
func (c *fcgiConn) closeGently() {
	half, ok := c.Conn.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil {
		_ = c.Close() // there is nothing to wait for
	}
}

// refuseLast answers the request during which the records stopped making sense.
func (c *fcgiConn) refuseLast(err error) {
	var refusal *cgivars.Refusal
	if !errors.As(err, &refusal) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.session.Phase() != fastcgi.InParams {
		return
	}
	w := newRecordWriter(c, nil)
	c.server.refuse(w, err)
	w.end()
	if _, err := c.Write(w.buf); err == nil {
		c.closeGently()
		c.readWithin(lingerTime)
		_, _ = io.Copy(io.Discard, c.in) // ends by the deadline at the latest
	}
}

// cutAnswer makes the end of the connection one that is no answer.
func (c *fcgiConn) cutAnswer() {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, _ = c.Write(fastcgi.AppendCut(nil)) // who left need not see it
}

// recordWriter sends a response as records. It is a wireWriter.
type recordWriter struct {
	writerBase
	c       *fcgiConn
	request *fcgiRequest   // nil for one that never became any
	status  fastcgi.Status // with which it ends
	buf     []byte         // a header's room, and content that is not sent yet
}

func newRecordWriter(c *fcgiConn, r *fcgiRequest) *recordWriter {
	return &recordWriter{c: c, request: r, buf: make([]byte, fastcgi.HeaderLen, streamBuffer)}
}

func (w *recordWriter) overloaded() { w.status = fastcgi.Overloaded }

// EnableFullDuplex has nothing to do: one goroutine reads, another writes.
func (w *recordWriter) EnableFullDuplex() error { return nil }

// SetReadDeadline is about the body alone. The connection goes on.
func (w *recordWriter) SetReadDeadline(t time.Time) error {
	w.c.mu.Lock()
	defer w.c.mu.Unlock()
	if w.c.request != w.request {
		return net.ErrClosed
	}
	w.request.body.endBy(t)
	if w.c.session.Phase() == fastcgi.InBody {
		return w.c.limitReading(time.Time{})
	}
	return nil
}

func (w *recordWriter) SetWriteDeadline(t time.Time) error {
	w.c.mu.Lock()
	defer w.c.mu.Unlock()
	if w.c.request != w.request {
		return net.ErrClosed
	}
	return w.c.limitWriting(t)
}

func (w *recordWriter) writeHead(code int, status string, h Headers) {
	w.buf = appendHead(w.buf, false, code, status, h)
}

// Write gathers what fits one record.
func (w *recordWriter) Write(p []byte) (n int, err error) {
	for len(p) > 0 {
		if w.pending() == fastcgi.MaxContent {
			if err := w.FlushError(); err != nil {
				return n, err
			}
		}
		m := min(len(p), fastcgi.MaxContent-w.pending())
		w.buf = append(w.buf, p[:m]...)
		n, p = n+m, p[m:]
	}
	return n, nil
}

func (w *recordWriter) pending() int { return len(w.buf) - fastcgi.HeaderLen }

// FlushError sends a record of what was written.
func (w *recordWriter) FlushError() error {
	if w.pending() == 0 {
		return nil
	}
	w.seal()
	w.c.mu.Lock()
	defer w.c.mu.Unlock()
	_, err := w.c.Write(w.buf)
	w.buf = w.buf[:fastcgi.HeaderLen]
	return err
}

// seal writes the header before the content.
func (w *recordWriter) seal() {
	h := fastcgi.Header{Type: fastcgi.Stdout, ID: w.c.session.ID(), Length: uint16(w.pending())}
	h.Append(w.buf[:0])
}

// end makes the buffer the rest of the answer, and the session one without a
// request. It needs mu.
func (w *recordWriter) end() {
	if w.pending() == 0 {
		w.buf = w.buf[:0]
	} else {
		w.seal()
	}
	w.buf = fastcgi.AppendRecord(w.buf, fastcgi.Stdout, w.c.session.ID(), nil)
	w.buf = w.c.session.End(w.buf, w.status)
}

// recordLog is wsgi.errors by FastCGI. What comes after the answer belongs to no
// request and is dropped.
type recordLog struct {
	c       *fcgiConn
	request *fcgiRequest
}

func (l recordLog) Write(p []byte) (n int, err error) {
	l.c.mu.Lock()
	defer l.c.mu.Unlock()
	if l.c.request != l.request {
		return len(p), nil
	}
	for len(p) > 0 && err == nil {
		m := min(len(p), fastcgi.MaxContent)
		_, err = l.c.Write(fastcgi.AppendRecord(nil, fastcgi.Stderr, l.c.session.ID(), p[:m]))
		n, p = n+m, p[m:]
	}
	return n, err
}

// Flush has nothing to do: every line is sent at once.
func (recordLog) Flush() error { return nil }
