package websocket_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"

	coder "github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/serving"
)

// memory is a listener of connections in memory. In a bubble of package synctest
// time passes only when all wait, so that limits are exact on every machine.
type memory struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

// inMemory serves h until the test ends.
func inMemory(t *testing.T, h http.Handler, o ...serving.Options) *memory {
	t.Helper()
	m := &memory{conns: make(chan net.Conn), closed: make(chan struct{})}
	o = append(o, serving.Options{})
	o[0].Log = io.Discard
	server := serving.NewServer(h, o[0])
	served := make(chan error, 1)
	go func() { served <- server.Serve(m) }()
	t.Cleanup(func() {
		assert.NoError(t, server.Close())
		assert.NoError(t, <-served)
	})
	return m
}

func (m *memory) Accept() (net.Conn, error) {
	select {
	case c := <-m.conns:
		return c, nil
	case <-m.closed:
		return nil, net.ErrClosed
	}
}

func (m *memory) Close() error {
	m.once.Do(func() { close(m.closed) })
	return nil
}

func (m *memory) Addr() net.Addr { return memoryAddr{} }

type memoryAddr struct{}

func (memoryAddr) Network() string { return "memory" }
func (memoryAddr) String() string  { return "memory" }

// connect gives the client's end of a new connection.
func (m *memory) connect() net.Conn {
	client, theirs := net.Pipe()
	m.conns <- theirs
	return client
}

// buffered is a connection that takes what is written before the other side reads
// it, as a socket does.
type buffered struct {
	net.Conn
	queue  chan []byte
	closed chan struct{}
	once   sync.Once
}

func newBuffered(conn net.Conn) *buffered {
	b := &buffered{Conn: conn, queue: make(chan []byte, 1000), closed: make(chan struct{})}
	go b.send()
	return b
}

func (b *buffered) send() {
	for {
		select {
		case p := <-b.queue:
			_, _ = b.Conn.Write(p) // fails when the other side has gone: Read tells
		case <-b.closed:
			return
		}
	}
}

func (b *buffered) Write(p []byte) (int, error) {
	b.queue <- bytes.Clone(p)
	return len(p), nil
}

func (b *buffered) Close() error {
	b.once.Do(func() { close(b.closed) })
	return b.Conn.Close()
}

// dial connects a client.
func (m *memory) dial(t *testing.T) *coder.Conn {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{
		DialContext: func(context.Context, string, string) (net.Conn, error) { return newBuffered(m.connect()), nil },
	}}
	conn, _, err := coder.Dial(context.Background(), "ws://app.test/", &coder.DialOptions{HTTPClient: client})
	require.NoError(t, err)
	t.Cleanup(func() { conn.CloseNow() })
	return conn
}

// shake makes the handshake on a connection that the test drives by hand.
func (m *memory) shake(t *testing.T) (net.Conn, *bufio.Reader) {
	t.Helper()
	conn := m.connect()
	t.Cleanup(func() { conn.Close() })
	_, err := io.WriteString(conn, handshake("/"))
	require.NoError(t, err)
	r := bufio.NewReader(conn)
	res, err := http.ReadResponse(r, nil)
	require.NoError(t, err)
	require.Equal(t, 101, res.StatusCode)
	return conn, r
}
