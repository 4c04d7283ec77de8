package websocket

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// wire is the network connection. It notes when it has ended, and who waits for
// the client and since when: silence means something only while somebody listens.
type wire struct {
	net.Conn
	reading atomic.Int64 // when the Read that waits began, in Unix nanoseconds; 0 when none does
	writing atomic.Int64
	ended   atomic.Bool
}

func (w *wire) Read(p []byte) (int, error) {
	w.reading.Store(time.Now().UnixNano())
	defer w.reading.Store(0)
	n, err := w.Conn.Read(p)
	if err != nil {
		w.ended.Store(true)
	}
	return n, err
}

func (w *wire) Write(p []byte) (int, error) {
	w.writing.Store(time.Now().UnixNano())
	defer w.writing.Store(0)
	n, err := w.Conn.Write(p)
	if err != nil {
		w.ended.Store(true)
	}
	return n, err
}

func (w *wire) Close() error {
	w.ended.Store(true)
	return w.Conn.Close()
}

// stuck reports whether a Read or Write that began before t still waits. One that
// began at t may have begun after what was asked then was answered: clocks are
// coarse.
func (w *wire) stuck(t time.Time) bool {
	before := func(began int64) bool { return began != 0 && began < t.UnixNano() }
	return before(w.reading.Load()) || before(w.writing.Load())
}

// canHijack reports whether the server's own writer, below those of middleware,
// gives its connection away. A middleware's writer says so of every one.
func canHijack(w http.ResponseWriter) bool {
	for {
		outer, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			_, ok = w.(http.Hijacker)
			return ok
		}
		w = outer.Unwrap()
	}
}

// hijackWriter gives the connection away as a wire.
type hijackWriter struct {
	http.ResponseWriter
	wire *wire
}

// Hijack implements [http.Hijacker].
func (w *hijackWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	w.wire.Conn = conn
	rw.Writer.Reset(w.wire)
	return w.wire, rw, nil
}

// keepAlive asks the client every interval whether it is there, until done. A
// view that does not read keeps pongs from arriving: then only the asking
// counts, which keeps proxies from closing an idle connection.
func (s *session) keepAlive(done <-chan struct{}) {
	if s.pingInterval <= 0 {
		return
	}
	tick := time.NewTicker(s.pingInterval)
	defer tick.Stop()
	var asked time.Time
	for {
		select {
		case <-done:
			return
		case <-tick.C:
		}
		if !asked.IsZero() && s.wire.stuck(asked) {
			_ = s.conn.CloseNow()
			return
		}
		asked = time.Now()
		s.ping(done)
	}
}

// ping asks once and waits an interval for the answer.
func (s *session) ping(done <-chan struct{}) {
	ctx, cancel := context.WithTimeout(context.Background(), s.pingInterval)
	defer cancel()
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		_ = s.conn.Ping(ctx) // what counts is what arrives
	}()
	select {
	case <-answered:
	case <-done:
		cancel()
		<-answered
	}
}
