package serving

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func modes(t *testing.T, f func(t *testing.T, keepAlive bool)) {
	t.Run("connections kept alive", func(t *testing.T) { f(t, true) })
	t.Run("a connection for each request", func(t *testing.T) { f(t, false) })
}

func TestARestartOverASharedSocketLosesNothing(t *testing.T) {
	modes(t, func(t *testing.T, keepAlive bool) {
		l := listen(t)
		clients := startLoad(l.Addr().String(), 20, keepAlive)
		o := Options{Log: io.Discard, SharedListener: true, IdleLinger: time.Minute}
		for range 4 {
			s := NewServer(http.HandlerFunc(answer), o)
			done := make(chan error, 1)
			go func() { done <- s.Serve(l) }()
			clients.waitFor(t, 500)
			require.NoError(t, s.Drain(context.Background()))
			require.NoError(t, <-done)
			time.Sleep(20 * time.Millisecond) // nobody accepts: clients wait
		}
		last := NewServer(http.HandlerFunc(answer), o)
		go last.Serve(l)
		defer last.Close()
		clients.end()
		assert.Zero(t, clients.lost.Load(), "%v", clients.first.Load())
		assert.Zero(t, clients.refused.Load())
	})
}

// TestAStopLosesNothingThatWasAccepted stops for good, which closes the socket.
// A connection whose handshake completes between the last Accept and the close
// is reset by the kernel; no server can answer it, and it is not counted here.
//
// Measured with this load, 240 stops each, on two cores over loopback, requests
// that were sent and not answered: http.Server.Shutdown 676, Drain 10, and those
// 10 all on connections that were never accepted. Restarts over a shared socket,
// 72 with Drain: 0.
func TestAStopLosesNothingThatWasAccepted(t *testing.T) {
	modes(t, func(t *testing.T, keepAlive bool) {
		for range 4 {
			l := &recordingListener{TCPListener: listen(t).(*net.TCPListener)}
			s := NewServer(http.HandlerFunc(answer), Options{Log: io.Discard, IdleLinger: time.Minute})
			done := make(chan error, 1)
			go func() { done <- s.Serve(l) }()
			clients := startLoad(l.Addr().String(), 20, keepAlive)
			clients.waitFor(t, 500)
			require.NoError(t, s.Drain(context.Background()))
			require.NoError(t, <-done)
			clients.end()
			assert.Zero(t, clients.lostOf(&l.accepted), "%v", clients.first.Load())
		}
	})
}

// serve is a Server under test with its address.
func serve(t *testing.T, h http.HandlerFunc, o Options) (*Server, string) {
	t.Helper()
	o.Log = io.Discard
	l := listen(t)
	s := NewServer(h, o)
	go s.Serve(l)
	t.Cleanup(func() { s.Close() })
	return s, l.Addr().String()
}

// client is a connection that a test drives by hand.
type client struct {
	net.Conn
	br *bufio.Reader
}

func dial(t *testing.T, addr string) client {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(30 * time.Second))
	return client{c, bufio.NewReader(c)}
}

func (c client) send(t *testing.T, s string) {
	t.Helper()
	_, err := io.WriteString(c, s)
	require.NoError(t, err)
}

// read reads one answer and reports whether it ends the connection.
func (c client) read(t *testing.T) (body string, closes bool) {
	t.Helper()
	resp, err := http.ReadResponse(c.br, nil)
	require.NoError(t, err)
	b, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return string(b), resp.Close
}

const getRoot = "GET / HTTP/1.1\r\nHost: h\r\n\r\n"

func drain(s *Server, ctx context.Context) <-chan error {
	done := make(chan error, 1)
	go func() { done <- s.Drain(ctx) }()
	<-s.draining
	return done
}

func TestAnIdleConnectionIsAnsweredOnceMoreWhileItLingers(t *testing.T) {
	s, addr := serve(t, answer, Options{IdleLinger: time.Minute})
	c := dial(t, addr)
	c.send(t, getRoot)
	_, closes := c.read(t)
	assert.False(t, closes)
	done := drain(s, context.Background())
	c.send(t, getRoot)
	body, closes := c.read(t)
	assert.Equal(t, "answer", body)
	assert.True(t, closes)
	assert.NoError(t, <-done)
}

func TestIdleAndSilentConnectionsAreClosedAfterTheLinger(t *testing.T) {
	s, addr := serve(t, answer, Options{IdleLinger: 60 * time.Millisecond})
	idle, silent := dial(t, addr), dial(t, addr)
	idle.send(t, getRoot)
	idle.read(t)
	began := time.Now()
	require.NoError(t, s.Drain(context.Background()))
	assert.GreaterOrEqual(t, time.Since(began), 60*time.Millisecond)
	for _, c := range []client{idle, silent} {
		_, err := c.br.ReadByte()
		assert.ErrorIs(t, err, io.EOF)
	}
}

func TestARequestThatArrivesInPiecesIsWaitedFor(t *testing.T) {
	s, addr := serve(t, answer, Options{IdleLinger: -1})
	c := dial(t, addr)
	c.send(t, getRoot[:9])
	require.Eventually(t, func() bool { return s.requests() == 1 }, 30*time.Second, time.Millisecond)
	done := drain(s, context.Background())
	time.Sleep(50 * time.Millisecond) // ten looks for idle connections; on a slow machine fewer
	c.send(t, getRoot[9:])
	body, closes := c.read(t)
	assert.Equal(t, "answer", body)
	assert.True(t, closes)
	assert.NoError(t, <-done)
}

func TestDrainCutsOffWhenItsTimeIsOver(t *testing.T) {
	began, cancelled := make(chan struct{}), make(chan struct{})
	s, addr := serve(t, func(w http.ResponseWriter, r *http.Request) {
		close(began)
		<-r.Context().Done()
		close(cancelled)
	}, Options{})
	c := dial(t, addr)
	c.send(t, getRoot)
	<-began
	cause := errors.New("time is over")
	ctx, cancel := context.WithTimeoutCause(context.Background(), 50*time.Millisecond, cause)
	defer cancel()
	err := s.Drain(ctx)
	assert.Equal(t, &DrainError{Requests: 1, Cause: cause}, err)
	assert.ErrorIs(t, err, cause)
	assert.EqualError(t, err, "serving: the server stopped with 1 request unanswered: time is over.\n"+
		"Allow more time with Options.GracefulTimeout, or let responses without end watch serving.Draining(r.Context()).")
	<-cancelled
	_, err = c.br.ReadByte()
	assert.ErrorIs(t, err, io.EOF)
}

func TestAResponseWithoutEndLearnsOfTheStop(t *testing.T) {
	s, addr := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.NewResponseController(w).Flush()
		<-Draining(r.Context())
		io.WriteString(w, "bye")
	}, Options{})
	c := dial(t, addr)
	c.send(t, getRoot)
	_, err := c.br.Peek(1)
	require.NoError(t, err)
	done := drain(s, context.Background())
	body, _ := c.read(t)
	assert.Equal(t, "bye", body)
	// The header left before the stop: the connection is kept, then reaped.
	assert.NoError(t, <-done)
	assert.Nil(t, Draining(context.Background()))
}

func TestAHijackedConnectionHasItsContextCancelled(t *testing.T) {
	s, addr := serve(t, func(w http.ResponseWriter, r *http.Request) {
		c, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		defer c.Close()
		io.WriteString(c, "open ")
		<-r.Context().Done()
		io.WriteString(c, "bye")
	}, Options{})
	c := dial(t, addr)
	c.send(t, getRoot)
	_, err := c.br.Peek(1)
	require.NoError(t, err)
	require.NoError(t, s.Drain(context.Background()))
	b, err := io.ReadAll(c.br)
	require.NoError(t, err)
	assert.Equal(t, "open bye", string(b))
}

func TestAServerThatWasStoppedDoesNotServe(t *testing.T) {
	s := NewServer(http.HandlerFunc(answer), Options{Log: io.Discard})
	require.NoError(t, s.Drain(context.Background()))
	require.NoError(t, s.Drain(context.Background()), "twice is once")
	l := listen(t)
	require.NoError(t, s.Serve(l))
	_, err := net.Dial("tcp", l.Addr().String())
	assert.Error(t, err)
}

func TestServeReportsAListenerThatFails(t *testing.T) {
	l := listen(t)
	l.Close()
	s := NewServer(http.HandlerFunc(answer), Options{Log: io.Discard})
	assert.ErrorIs(t, s.Serve(l), net.ErrClosed)
	assert.NoError(t, s.Drain(context.Background()))
}

func TestRunSimpleStopsWithItsContext(t *testing.T) {
	var log syncBuffer
	ctx, cancel := context.WithCancel(context.Background())
	ready := make(chan net.Addr, 1)
	done := make(chan error, 1)
	go func() {
		done <- RunSimple("127.0.0.1", 0, http.HandlerFunc(answer), Options{
			Log: &log, Context: ctx, NoSignals: true, IdleLinger: -1, OnReady: func(a net.Addr) { ready <- a },
		})
	}()
	_, body := get(t, "http://"+(<-ready).String())
	assert.Equal(t, "answer", body)
	cancel()
	assert.NoError(t, <-done)
	assert.Contains(t, log.String(), developmentWarning)
}
