package serving

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// load is a number of clients that post one request after another.
type load struct {
	answered atomic.Int64
	refused  atomic.Int64 // could not connect: nothing was sent
	lost     atomic.Int64 // sent, and not answered
	lostFrom sync.Map     // local addresses of the connections of lost requests
	first    atomic.Value // the first error of a lost request, a string

	stop context.CancelFunc
	done sync.WaitGroup
}

// startLoad starts clients that post to addr until stop. They use POST because
// net/http's client silently repeats a GET whose connection broke.
func startLoad(addr string, clients int, keepAlive bool) *load {
	ctx, cancel := context.WithCancel(context.Background())
	l := &load{stop: cancel}
	for range clients {
		l.done.Go(func() { l.client(ctx, addr, keepAlive) })
	}
	return l
}

func (l *load) client(ctx context.Context, addr string, keepAlive bool) {
	tr := &http.Transport{DisableKeepAlives: !keepAlive}
	defer tr.CloseIdleConnections()
	c := &http.Client{Transport: tr, Timeout: time.Minute}
	for ctx.Err() == nil {
		l.count(post(c, addr))
	}
}

func (l *load) count(from string, err error) {
	var op *net.OpError
	switch {
	case err == nil:
		l.answered.Add(1)
	case errors.As(err, &op) && op.Op == "dial":
		l.refused.Add(1)
		time.Sleep(time.Millisecond)
	default:
		l.lost.Add(1)
		l.lostFrom.Store(from, true)
		l.first.CompareAndSwap(nil, err.Error())
	}
}

// post sends one request and reads the whole answer. from is the client's
// address on the connection that took the request.
func post(c *http.Client, addr string) (from string, err error) {
	req, err := http.NewRequest("POST", "http://"+addr+"/", strings.NewReader("body"))
	if err != nil {
		return "", err
	}
	trace := &httptrace.ClientTrace{GotConn: func(i httptrace.GotConnInfo) { from = i.Conn.LocalAddr().String() }}
	resp, err := c.Do(req.WithContext(httptrace.WithClientTrace(context.Background(), trace)))
	if err != nil {
		return from, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err == nil && string(b) != "answer" {
		err = errors.New("half an answer: " + string(b))
	}
	return from, err
}

// waitFor waits until that many more requests are answered.
func (l *load) waitFor(t *testing.T, more int64) {
	t.Helper()
	want := l.answered.Load() + more
	for end := time.Now().Add(time.Minute); l.answered.Load() < want; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("only %d of %d requests were answered", l.answered.Load(), want)
		}
	}
}

// end stops the clients and waits for them.
func (l *load) end() {
	l.stop()
	l.done.Wait()
}

// lostOf counts the connections among accepted whose request was lost.
func (l *load) lostOf(accepted *sync.Map) (n int) {
	l.lostFrom.Range(func(from, _ any) bool {
		if _, ok := accepted.Load(from); ok {
			n++
		}
		return true
	})
	return n
}

// recordingListener notes the peers of the connections that Accept returned.
type recordingListener struct {
	*net.TCPListener
	accepted sync.Map
}

func (l *recordingListener) Accept() (net.Conn, error) {
	c, err := l.TCPListener.Accept()
	if err == nil {
		l.accepted.Store(c.RemoteAddr().String(), true)
	}
	return c, err
}

// answer is a handler that takes about a millisecond.
func answer(w http.ResponseWriter, r *http.Request) {
	io.Copy(io.Discard, r.Body)
	time.Sleep(time.Millisecond)
	io.WriteString(w, "answer")
}

// listen opens a free port on loopback.
func listen(t testing.TB) net.Listener {
	t.Helper()
	l, err := Listen("127.0.0.1", 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}
