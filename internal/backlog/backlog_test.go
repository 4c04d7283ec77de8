package backlog

import (
	"net"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// deadlined is a listener of package net.
type deadlined interface {
	net.Listener
	SetDeadline(t time.Time) error
}

// unseen hides the descriptor of a listener, so that nobody can look at its queue.
type unseen struct{ deadlined }

// onEachListener runs a test for both kinds of sockets, whether or not their
// queue can be looked at.
func onEachListener(t *testing.T, test func(t *testing.T, l net.Listener)) {
	for _, network := range []string{"unix", "tcp"} {
		for name, hide := range map[string]bool{"seen": false, "unseen": true} {
			t.Run(network+", "+name, func(t *testing.T) {
				addr := map[string]string{"unix": filepath.Join(t.TempDir(), "s"), "tcp": "127.0.0.1:0"}[network]
				l, err := net.Listen(network, addr)
				require.NoError(t, err)
				t.Cleanup(func() { l.Close() })
				if hide {
					l = unseen{l.(deadlined)}
				}
				test(t, l)
			})
		}
	}
}

func dial(t *testing.T, l net.Listener) net.Conn {
	t.Helper()
	conn, err := net.Dial(l.Addr().Network(), l.Addr().String())
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close() })
	return conn
}

// accepted takes what l gives until it ends.
func accepted(l *Listener) (n int, err error) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return n, err
		}
		n++
		conn.Close()
	}
}

func TestStopEmptiesTheQueue(t *testing.T) {
	onEachListener(t, func(t *testing.T, raw net.Listener) {
		l := New(raw, false)
		for range 50 {
			dial(t, raw)
		}
		l.Stop()
		l.Stop() // changes nothing
		n, err := accepted(l)
		assert.Equal(t, 50, n)
		require.ErrorIs(t, err, ErrStopped)
		_, err = net.Dial(raw.Addr().Network(), raw.Addr().String())
		require.Error(t, err, "the socket is closed")
		_, err = l.Accept()
		require.ErrorIs(t, err, ErrStopped)
	})
}

func TestStopWakesAccept(t *testing.T) {
	onEachListener(t, func(t *testing.T, raw net.Listener) {
		l := New(raw, false)
		done := make(chan error, 1)
		go func() {
			_, err := l.Accept()
			done <- err
		}()
		time.Sleep(10 * time.Millisecond) // most likely it waits by now; it holds otherwise, too
		l.Stop()
		require.ErrorIs(t, <-done, ErrStopped)
	})
}

func TestASharedSocketKeepsItsQueue(t *testing.T) {
	onEachListener(t, func(t *testing.T, raw net.Listener) {
		first := New(raw, true)
		dial(t, raw)
		first.Stop()
		_, err := first.Accept()
		require.ErrorIs(t, err, ErrStopped)
		dial(t, raw)
		second := New(raw, false)
		second.Stop()
		n, err := accepted(second)
		require.ErrorIs(t, err, ErrStopped)
		assert.Equal(t, 2, n)
	})
}

// TestADeadlineOfAnotherIsNotAnError: the listener before may stop when this one
// accepts already.
func TestADeadlineOfAnotherIsNotAnError(t *testing.T) {
	onEachListener(t, func(t *testing.T, raw net.Listener) {
		first, second := New(raw, true), New(raw, false)
		first.Stop()
		dial(t, raw)
		conn, err := second.Accept()
		require.NoError(t, err)
		conn.Close()
	})
}

// scarce is a listener whose Accept fails for a while.
type scarce struct {
	deadlined
	fails atomic.Int32
}

func (l *scarce) Accept() (net.Conn, error) {
	if l.fails.Add(-1) >= 0 {
		return nil, syscall.EMFILE
	}
	return l.deadlined.Accept()
}

func TestErrors(t *testing.T) {
	onEachListener(t, func(t *testing.T, raw net.Listener) {
		failing := &scarce{deadlined: raw.(deadlined)}
		failing.fails.Store(1)
		l := New(failing, false)
		dial(t, raw)
		_, err := l.Accept()
		require.ErrorIs(t, err, syscall.EMFILE, "the server knows what to do")
		failing.fails.Store(10)
		l.Stop()
		n, err := accepted(l)
		require.ErrorIs(t, err, ErrStopped)
		assert.Equal(t, 1, n, "a stop waits until there are descriptors again")
	})
}

// plain has no deadlines.
type plain struct{ net.Listener }

func TestAListenerWithoutDeadlinesIsClosed(t *testing.T) {
	onEachListener(t, func(t *testing.T, raw net.Listener) {
		l := New(plain{raw}, false)
		l.Stop()
		_, err := l.Accept()
		require.ErrorIs(t, err, ErrStopped)
		require.ErrorIs(t, raw.Close(), net.ErrClosed)
	})
}

func TestAListenerThatFailsSaysWhy(t *testing.T) {
	onEachListener(t, func(t *testing.T, raw net.Listener) {
		l := New(raw, false)
		require.NoError(t, raw.Close())
		_, err := l.Accept()
		require.ErrorIs(t, err, net.ErrClosed)
	})
}
