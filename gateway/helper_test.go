package gateway_test

import (
	"bufio"
	"bytes"
	"io"
	"iter"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/gateway"
)

// patience is how long a test waits for what must happen soon.
const patience = 30 * time.Second

type (
	call = func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error)
	step = func(yield func([]byte, error) bool)
)

// text is the header list of most responses here.
func text() gateway.Headers { return gateway.Headers{{"Content-Type", "text/plain"}} }

// answer is an app that starts with 200 and returns body.
func answer(body func() gateway.Body, fields ...[2]string) gateway.App {
	return gateway.AppFunc(func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		if _, err := start("200 OK", append(text(), fields...), nil); err != nil {
			return nil, err
		}
		return body(), nil
	})
}

// records is a log that several goroutines write.
type records struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (r *records) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.buf.Write(p)
}

func (r *records) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.buf.String()
}

// logger writes level and message of each record as a line, and the error.
func (r *records) logger() *slog.Logger {
	drop := func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == "stack" {
			return slog.Attr{}
		}
		return a
	}
	return slog.New(slog.NewTextHandler(r, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: drop}))
}

// site is an app behind a real socket.
type site struct {
	*httptest.Server
	log *records
}

func serve(t testing.TB, app gateway.App, opts ...gateway.Option) *site {
	t.Helper()
	s := &site{log: &records{}}
	s.Server = serveHandler(t, gateway.ToHandler(app, append(opts, gateway.Logger(s.log.logger()))...))
	return s
}

func serveHandler(t testing.TB, h http.Handler) *httptest.Server {
	t.Helper()
	srv := httptest.NewUnstartedServer(h)
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.Start()
	srv.Client().Timeout = patience
	t.Cleanup(func() {
		srv.CloseClientConnections() // a test that failed may have left requests behind
		srv.Close()
	})
	return srv
}

// get gives the response and its whole body; err is that of reading it.
func (s *site) get(t testing.TB, path string) (*http.Response, string, error) {
	t.Helper()
	return s.do(t, http.MethodGet, path, nil)
}

func (s *site) do(t testing.TB, method, path string, body io.Reader) (*http.Response, string, error) {
	t.Helper()
	req, err := http.NewRequest(method, s.URL+path, body)
	require.NoError(t, err)
	res, err := s.Client().Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	content, err := io.ReadAll(res.Body)
	return res, string(content), err
}

// dial opens a connection that the test ends at the latest.
func dial(t testing.TB, addr string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close() })
	require.NoError(t, conn.SetDeadline(time.Now().Add(patience)))
	return conn
}

// raw sends bytes and gives all that comes back until the server closes.
func raw(t testing.TB, addr, request string) string {
	t.Helper()
	conn := dial(t, addr)
	_, err := io.WriteString(conn, request)
	require.NoError(t, err)
	reply, err := io.ReadAll(conn)
	require.NoError(t, err)
	return string(reply)
}

func (s *site) addr() string { return s.Listener.Addr().String() }

// readResponse reads one response from a connection that stays open.
func readResponse(t testing.TB, conn net.Conn) *http.Response {
	t.Helper()
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	return res
}

// counted is a body whose steps are given and whose Close is counted.
type counted struct {
	steps    iter.Seq2[[]byte, error]
	closed   atomic.Int32
	closedBy chan struct{}
}

func newCounted(steps iter.Seq2[[]byte, error]) *counted {
	return &counted{steps: steps, closedBy: make(chan struct{}, 8)}
}

func (c *counted) Chunks() iter.Seq2[[]byte, error] { return c.steps }

func (c *counted) Close() error {
	c.closed.Add(1)
	c.closedBy <- struct{}{}
	return nil
}

// chunks gives texts as steps of a body, each apart from the others.
func chunks(texts ...string) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for _, s := range texts {
			if !yield([]byte(s), nil) {
				return
			}
		}
	}
}

// streamed is a body of texts of which the server cannot see the end.
func streamed(texts ...string) gateway.Body { return gateway.Seq2(chunks(texts...)) }

// await waits for one signal. It may be called on any goroutine.
func await(t testing.TB, c <-chan struct{}, what string) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(patience):
		assert.Fail(t, "waited in vain: "+what)
	}
}

// request is a request as a server of net/http has it.
func request(method, target string, body ...string) *http.Request {
	return httptest.NewRequest(method, target, strings.NewReader(strings.Join(body, "")))
}

func environ(t testing.TB, r *http.Request, opts ...gateway.Option) *gateway.Environ {
	t.Helper()
	env, err := gateway.NewEnviron(r, opts...)
	require.NoError(t, err)
	return env
}

// content is all of a body, which it closes.
func content(t testing.TB, b gateway.Body) string {
	t.Helper()
	var all []byte
	for p, err := range b.Chunks() {
		require.NoError(t, err)
		all = append(all, p...)
	}
	require.NoError(t, b.Close())
	return string(all)
}
