package serving

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// echoTarget says what arrived, so that a test sees what a handler sees.
func echoTarget(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, "unreadable: "+err.Error(), http.StatusBadRequest)
		return
	}
	fmt.Fprintf(w, "%s %s host=%s user=%v body=%q", r.Method, r.URL.Path, r.Host, r.URL.User, body)
}

// startServer serves h until the test ends and returns the server's address.
func startServer(t testing.TB, h http.Handler, o Options) string {
	t.Helper()
	l := listen(t)
	if o.Log == nil {
		o.Log = io.Discard
	}
	s := NewServer(h, o)
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	t.Cleanup(func() {
		s.Close()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return l.Addr().String()
}

// rawAnswer is what came back for bytes sent over a socket.
type rawAnswer struct {
	status int
	body   string
	closed bool // the server closed the connection after the answer
}

// sendRaw writes the bytes of one request and reads the answer.
func sendRaw(t *testing.T, addr, request string) rawAnswer {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	defer c.Close()
	c.SetDeadline(time.Now().Add(30 * time.Second))
	_, err = io.WriteString(c, request)
	require.NoError(t, err)
	method, _, _ := strings.Cut(request, " ")
	br := bufio.NewReader(c)
	resp, err := http.ReadResponse(br, &http.Request{Method: method})
	require.NoError(t, err)
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return rawAnswer{resp.StatusCode, string(body), resp.Close}
}

func fields(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "X-%d: v\r\n", i)
	}
	return b.String()
}

func TestGuardOverASocket(t *testing.T) {
	const (
		host    = "Host: h\r\n"
		bad     = http.StatusBadRequest
		badForm = "the request target is neither a path nor an http or https URL\n"
	)
	tests := []struct {
		name    string
		request string
		status  int
		body    string
		closed  bool
	}{
		{"a plain request passes and is kept alive", "GET /a HTTP/1.1\r\n" + host + "\r\n",
			200, `GET /a host=h user= body=""`, false},
		{"two slashes pass untouched", "GET //evil/x HTTP/1.1\r\n" + host + "\r\n",
			200, `GET //evil/x host=h user= body=""`, false},
		{"CONNECT with an authority is refused", "CONNECT x:443 HTTP/1.1\r\nHost: x:443\r\n\r\n",
			405, "CONNECT asks for a tunnel, and this server is not a proxy\n", true},
		{"CONNECT with a path is refused", "CONNECT /x HTTP/1.1\r\n" + host + "\r\n",
			405, "CONNECT asks for a tunnel, and this server is not a proxy\n", true},
		{"authority form with GET is refused", "GET x:443 HTTP/1.1\r\n" + host + "\r\n",
			bad, badForm, true},
		{"an HTTP/2 preface is refused", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
			505, "this server speaks HTTP/1.1 on this port, not HTTP/2 without TLS\n", true},
		{"a relative target is refused by net/http", "GET foo HTTP/1.1\r\n" + host + "\r\n",
			bad, "400 Bad Request", true},
		{"an opaque URL is refused", "GET mailto:a HTTP/1.1\r\n" + host + "\r\n",
			bad, badForm, true},
		{"* with GET is refused", "GET * HTTP/1.1\r\n" + host + "\r\n",
			bad, "the request target * goes with the method OPTIONS only\n", true},
		{"OPTIONS * reaches the handler", "OPTIONS * HTTP/1.1\r\n" + host + "\r\n",
			200, `OPTIONS * host=h user= body=""`, false},
		{"absolute form passes with the URL's host", "GET http://other/p HTTP/1.1\r\n" + host + "\r\n",
			200, `GET /p host=other user= body=""`, false},
		{"absolute form in capitals passes", "GET HTTP://other/p HTTP/1.1\r\n" + host + "\r\n",
			200, `GET /p host=other user= body=""`, false},
		{"user information is dropped", "GET http://u:p@other/p HTTP/1.1\r\n" + host + "\r\n",
			200, `GET /p host=other user= body=""`, false},
		{"an empty path is a slash", "GET http://other HTTP/1.1\r\n" + host + "\r\n",
			200, `GET / host=other user= body=""`, false},
		{"an empty path with OPTIONS is *", "OPTIONS http://other HTTP/1.1\r\n" + host + "\r\n",
			200, `OPTIONS * host=other user= body=""`, false},
		{"another scheme is refused", "GET ftp://other/p HTTP/1.1\r\n" + host + "\r\n",
			bad, "the request target is a URL whose scheme is neither http nor https\n", true},
		{"a URL without host is refused", "GET http:///p HTTP/1.1\r\n" + host + "\r\n",
			bad, "the request target is a URL without a host\n", true},
		{"a fragment is refused", "GET /a#b HTTP/1.1\r\n" + host + "\r\n",
			bad, "the request target contains '#': a fragment stays in the client, and a literal # is written %23\n", true},
		{"two Content-Type fields are refused", "GET / HTTP/1.1\r\n" + host + "Content-Type: a/b\r\ncontent-type: a/b\r\n\r\n",
			bad, "the request has more than one Content-Type field\n", true},
		{"100 fields pass", "GET / HTTP/1.1\r\n" + host + fields(100) + "\r\n",
			200, `GET / host=h user= body=""`, false},
		{"101 fields are refused", "GET / HTTP/1.1\r\n" + host + fields(101) + "\r\n",
			431, "the request has 101 header fields; this server reads at most 100\n", true},
		{"a line of 8190 bytes passes", "GET /" + strings.Repeat("a", 8176) + " HTTP/1.1\r\n" + host + "\r\n",
			200, "GET /" + strings.Repeat("a", 8176) + ` host=h user= body=""`, false},
		{"a line of 8191 bytes is refused", "GET /" + strings.Repeat("a", 8177) + " HTTP/1.1\r\n" + host + "\r\n",
			414, "the request line is 8191 bytes long; this server reads at most 8190\n", true},
		{"a header over the limit is refused by net/http", "GET / HTTP/1.1\r\n" + host + "X: " + strings.Repeat("a", 70<<10) + "\r\n\r\n",
			431, "431 Request Header Fields Too Large", true},
		{"Transfer-Encoding in HTTP/1.0 is refused", "POST / HTTP/1.0\r\ntransfer-ENCODING: chunked\r\n\r\n0\r\n\r\n",
			bad, "the request uses Transfer-Encoding, which HTTP/1.0 does not have; send Content-Length, or HTTP/1.1\n", true},
		{"Transfer-Encoding in HTTP/1.1 passes", "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
			200, `POST / host=h user= body="a"`, false},
		{"HTTP/1.0 is not kept alive", "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
			200, `GET / host= user= body=""`, true},
	}
	addr := startServer(t, http.HandlerFunc(echoTarget), Options{})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := sendRaw(t, addr, tt.request)
			assert.Equal(t, rawAnswer{tt.status, tt.body, tt.closed}, got)
		})
	}
}

func TestGuardNamesTheMethodsWithA405(t *testing.T) {
	h := Guard(http.HandlerFunc(echoTarget))
	w := newFakeWriter()
	h.ServeHTTP(w, newRequest(t, "CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n"))
	assert.Equal(t, "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS", w.Header().Get("Allow"))
}

func TestGuardAllocatesNothing(t *testing.T) {
	h := Guard(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	r := newRequest(t, "GET /a?b=c HTTP/1.1\r\nHost: h\r\nAccept: */*\r\n\r\n")
	w := newFakeWriter()
	assert.Zero(t, testing.AllocsPerRun(100, func() { h.ServeHTTP(w, r) }))
}

// TestHeadScanInPieces feeds each head in pieces of every size, because a
// client chooses where its packets end.
func TestHeadScanInPieces(t *testing.T) {
	tests := []struct {
		name, head string
		want       bool
	}{
		{"HTTP/1.0 with the field", "POST / HTTP/1.0\r\nA: b\r\nTransfer-Encoding: chunked\r\n\r\n", true},
		{"HTTP/1.0 with bare line feeds", "POST / HTTP/1.0\nTRANSFER-ENCODING:x\n\n", true},
		{"HTTP/1.0 without the field", "POST / HTTP/1.0\r\nA: b\r\n\r\n", false},
		{"the field in the body", "POST / HTTP/1.0\r\nContent-Length: 30\r\n\r\nTransfer-Encoding: chunked\r\n\r\n", false},
		{"a name that only begins so", "POST / HTTP/1.0\r\nTransfer-Encoding-X: a\r\n\r\n", false},
		{"a short line after a long one", "POST / HTTP/1.0\r\nTransfer-Encodinx: a\r\n:\r\n\r\n", false},
		{"HTTP/1.1 with the field", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", false},
		{"HTTP/1.0 in the target only", "POST /HTTP/1.0 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for size := 1; size <= len(tt.head); size++ {
				var s headScan
				for p := []byte(tt.head); len(p) > 0; p = p[min(size, len(p)):] {
					s.feed(p[:min(size, len(p))])
				}
				assert.Equal(t, tt.want, s.transferEncoding, "pieces of %d", size)
			}
		})
	}
}

// FuzzHeadScan holds that where the pieces end does not change the result.
func FuzzHeadScan(f *testing.F) {
	f.Add([]byte("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), uint8(3))
	f.Add([]byte("GET / HTTP/1.1\r\n\r\n"), uint8(1))
	f.Fuzz(func(t *testing.T, head []byte, cut uint8) {
		var whole, pieces headScan
		whole.feed(head)
		at := min(int(cut), len(head))
		pieces.feed(head[:at])
		pieces.feed(head[at:])
		assert.Equal(t, whole, pieces)
	})
}

func newRequest(t testing.TB, raw string) *http.Request {
	t.Helper()
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(raw)))
	require.NoError(t, err)
	r.RemoteAddr = "127.0.0.1:1234"
	return r
}

// fakeWriter is the least ResponseWriter, for counting allocations.
type fakeWriter struct {
	header http.Header
	status int
}

func newFakeWriter() *fakeWriter { return &fakeWriter{header: http.Header{}} }

func (w *fakeWriter) Header() http.Header         { return w.header }
func (w *fakeWriter) WriteHeader(status int)      { w.status = status }
func (w *fakeWriter) Write(p []byte) (int, error) { return len(p), nil }
func (w *fakeWriter) WriteString(s string) (int, error) {
	return len(s), nil
}
func (w *fakeWriter) SetReadDeadline(time.Time) error  { return nil }
func (w *fakeWriter) SetWriteDeadline(time.Time) error { return nil }
