package serving

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// inMemory serves h to a client over a connection in memory until the test ends. In
// a bubble of package synctest time passes only when all wait, so that limits are
// exact on every machine.
func inMemory(t *testing.T, h http.HandlerFunc, o Options) (client net.Conn) {
	t.Helper()
	o.Log = io.Discard
	l := &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
	s := NewServer(h, o)
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	client, theirs := net.Pipe()
	l.conns <- theirs
	t.Cleanup(func() {
		client.Close()
		assert.NoError(t, s.Close())
		assert.NoError(t, <-done)
	})
	return client
}

// pipeListener is a listener of connections in memory.
type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *pipeListener) Addr() net.Addr { return pipeAddr{} }

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "pipe" }

// readAnswer reads one answer and gives its body.
func readAnswer(t *testing.T, c net.Conn) string {
	t.Helper()
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	require.NoError(t, err)
	b, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return string(b)
}
