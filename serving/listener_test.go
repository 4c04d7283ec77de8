package serving

import (
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// queue connects n clients that nobody has accepted yet.
func queue(t *testing.T, l net.Listener, n int) {
	t.Helper()
	for range n {
		c, err := net.Dial("tcp", l.Addr().String())
		require.NoError(t, err)
		t.Cleanup(func() { c.Close() })
	}
}

// acceptAll accepts until Accept blocks for good and returns how many came.
func acceptAll(t *testing.T, l *listener) int {
	t.Helper()
	accepted := make(chan net.Conn, 16)
	go func() {
		defer close(accepted)
		for c, err := l.Accept(); err == nil; c, err = l.Accept() {
			accepted <- c
		}
	}()
	select {
	case <-l.swept:
	case <-time.After(30 * time.Second):
		t.Fatal("the sweep does not end")
	}
	l.Close()
	n := 0
	for c := range accepted {
		c.Close()
		n++
	}
	return n
}

func listenerOf(l net.Listener, shared bool) *listener {
	return newListener(l, NewServer(http.NotFoundHandler(), Options{Log: io.Discard, SharedListener: shared}))
}

func TestAFullStopAcceptsWhatIsInTheQueue(t *testing.T) {
	l := listenerOf(listen(t), false)
	queue(t, l, 5)
	l.Stop()
	assert.Equal(t, 5, acceptAll(t, l))
	_, err := net.Dial("tcp", l.Addr().String())
	assert.Error(t, err, "the socket is still open")
}

func TestAStopOfASharedSocketLeavesItsQueueToTheNext(t *testing.T) {
	socket := listen(t)
	first := listenerOf(socket, true)
	queue(t, first, 5)
	first.Stop()
	assert.Equal(t, 0, acceptAll(t, first))
	next := listenerOf(socket, false)
	next.Stop()
	assert.Equal(t, 5, acceptAll(t, next))
}
