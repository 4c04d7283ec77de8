package websocket_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	coder "github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/websocket"
)

// logs is what an app logs, a line a record, without times.
type logs struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func newApp() (*retort.App, *logs) {
	app, l := retort.New("ws"), new(logs)
	app.Logger = slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
	return app, l
}

// echo answers each message with itself.
func echo(c *retort.Context, conn *websocket.Conn) error {
	for {
		typ, message, err := conn.Read(c.Context())
		if err != nil {
			return err
		}
		if err := conn.Write(c.Context(), typ, message); err != nil {
			return err
		}
	}
}

// listen serves h on a socket and gives its address.
func listen(t *testing.T, h http.Handler) string {
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.Listener.Addr().String()
}

func timeout(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// dial connects a client. header is name, value pairs.
func dial(t *testing.T, addr, path string, header ...string) *coder.Conn {
	conn, _, err := tryDial(t, addr, path, header...)
	require.NoError(t, err)
	t.Cleanup(func() { conn.CloseNow() })
	return conn
}

func tryDial(t *testing.T, addr, path string, header ...string) (*coder.Conn, *http.Response, error) {
	h := make(http.Header)
	for i := 0; i < len(header); i += 2 {
		h.Add(header[i], header[i+1])
	}
	return coder.Dial(timeout(t), "ws://"+addr+path, &coder.DialOptions{HTTPHeader: h})
}

// says sends a text and expects the answer.
func says(t *testing.T, conn *coder.Conn, text, want string) {
	t.Helper()
	require.NoError(t, conn.Write(timeout(t), coder.MessageText, []byte(text)))
	hears(t, conn, want)
}

func hears(t *testing.T, conn *coder.Conn, want string) {
	t.Helper()
	typ, got, err := conn.Read(timeout(t))
	require.NoError(t, err)
	assert.Equal(t, coder.MessageText, typ)
	assert.Equal(t, want, string(got))
}

// ended waits for the end of the connection and gives how the server closed it.
func ended(t *testing.T, conn *coder.Conn) websocket.CloseError {
	t.Helper()
	for {
		_, _, err := conn.Read(timeout(t))
		if err == nil {
			continue
		}
		var end websocket.CloseError
		require.ErrorAs(t, err, &end)
		return end
	}
}

// handshake is a correct one, but for the lines that change it: "Name: value"
// replaces a field, "Name:" takes it away.
func handshake(target string, changes ...string) string {
	fields := []string{"Host: app.test", "Connection: keep-alive, Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg=="}
	method := "GET"
	for _, change := range changes {
		name, value, _ := strings.Cut(change, ":")
		if name == "method" {
			method = strings.TrimSpace(value)
			continue
		}
		for i, f := range fields {
			if strings.HasPrefix(f, name+":") {
				fields = append(fields[:i], fields[i+1:]...)
				break
			}
		}
		if value != "" {
			fields = append(fields, change)
		}
	}
	return fmt.Sprintf("%s %s HTTP/1.1\r\n%s\r\n\r\n", method, target, strings.Join(fields, "\r\n"))
}

// raw sends bytes on a connection of its own and reads one response.
func raw(t *testing.T, addr, request string) (*http.Response, net.Conn, *bufio.Reader) {
	conn, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(time.Minute))
	_, err = conn.Write([]byte(request))
	require.NoError(t, err)
	r := bufio.NewReader(conn)
	res, err := http.ReadResponse(r, nil)
	require.NoError(t, err)
	return res, conn, r
}
