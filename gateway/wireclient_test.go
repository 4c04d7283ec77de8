package gateway_test

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/gateway"
	"github.com/retort-go/retort/internal/fastcgi"
	"github.com/retort-go/retort/internal/scgi"
	"github.com/retort-go/retort/internal/uwsgi"
)

// wires are the protocols of a WireServer.
var wires = []gateway.WireProtocol{gateway.UWSGI, gateway.SCGI, gateway.FastCGI}

// onEachWire runs a test for each protocol.
func onEachWire(t *testing.T, test func(t *testing.T, p gateway.WireProtocol)) {
	for _, p := range wires {
		t.Run(p.String(), func(t *testing.T) { test(t, p) })
	}
}

// onEachSocket runs a test for each protocol on both kinds of sockets. A unix
// socket can be reset on Linux alone, so elsewhere only FastCGI is tried there.
func onEachSocket(t *testing.T, test func(t *testing.T, p gateway.WireProtocol, l net.Listener)) {
	onEachWire(t, func(t *testing.T, p gateway.WireProtocol) {
		t.Run("tcp", func(t *testing.T) { test(t, p, listenOn(t, "tcp")) })
		if runtime.GOOS == "linux" || p == gateway.FastCGI {
			t.Run("unix", func(t *testing.T) { test(t, p, listenOn(t, "unix")) })
		}
	})
}

func listenOn(t testing.TB, network string) net.Listener {
	t.Helper()
	addr := "127.0.0.1:0"
	if network == "unix" {
		addr = socketPath(t)
	}
	l, err := net.Listen(network, addr)
	require.NoError(t, err)
	return l
}

// wireSite is an app behind a socket on which it is spoken to by p.
type wireSite struct {
	protocol gateway.WireProtocol
	srv      *gateway.WireServer
	addr     net.Addr
	log      *records
	served   <-chan error
}

// socketPath is short, unlike t.TempDir: the path of a socket has about 100 bytes.
func socketPath(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "app")
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, os.RemoveAll(dir)) })
	return filepath.Join(dir, "s")
}

// serveWire listens on a unix socket.
func serveWire(t testing.TB, p gateway.WireProtocol, app gateway.App, opts ...gateway.Option) *wireSite {
	t.Helper()
	return serveWireOn(t, listenOn(t, "unix"), p, app, opts...)
}

func serveWireOn(t testing.TB, l net.Listener, p gateway.WireProtocol, app gateway.App, opts ...gateway.Option) *wireSite {
	t.Helper()
	s := &wireSite{protocol: p, addr: l.Addr(), log: &records{}}
	opts = append([]gateway.Option{gateway.Logger(s.log.logger())}, opts...)
	s.srv = gateway.NewWireServer(p, app, opts...)
	done := make(chan struct{})
	served := make(chan error, 1)
	go func() {
		defer close(done)
		served <- s.srv.Serve(l)
	}()
	s.served = served
	t.Cleanup(func() {
		s.srv.Close()
		await(t, done, "the server's end")
	})
	return s
}

func (s *wireSite) dial(t testing.TB) net.Conn {
	t.Helper()
	conn, err := net.Dial(s.addr.Network(), s.addr.String())
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close() })
	require.NoError(t, conn.SetDeadline(time.Now().Add(patience)))
	return conn
}

// variable is one of those that a test sends, in the order of the slice.
type variable = [2]string

// vars are a request for target with those variables that every web server
// sends, and more.
func vars(method, target string, more ...variable) []variable {
	_, query, _ := strings.Cut(target, "?")
	return append([]variable{
		{"REQUEST_METHOD", method}, {"REQUEST_URI", target}, {"QUERY_STRING", query},
		{"SERVER_PROTOCOL", "HTTP/1.1"}, {"SERVER_NAME", "example"}, {"SERVER_PORT", "80"}, {"HTTP_HOST", "example"},
		{"REMOTE_ADDR", "192.0.2.7"}, {"REMOTE_PORT", "4711"},
	}, more...)
}

// encode gives the bytes of a request; the CONTENT_LENGTH is that of body.
func encode(p gateway.WireProtocol, list []variable, body string) []byte {
	return encodeDeclaring(p, list, body, len(body))
}

func encodeDeclaring(p gateway.WireProtocol, list []variable, body string, length int) []byte {
	if p != gateway.FastCGI { // which does not need it
		list = append([]variable{{"CONTENT_LENGTH", strconv.Itoa(length)}}, list...)
	}
	return encodeWith(p, list, body)
}

// encodeWith adds nothing but what the protocol itself asks for.
func encodeWith(p gateway.WireProtocol, list []variable, body string) []byte {
	switch p {
	case gateway.UWSGI:
		var block []byte
		for _, v := range list {
			block = uwsgi.AppendVar(block, v[0], v[1])
		}
		return append(append(uwsgi.Header{Size: uint16(len(block))}.Append(nil), block...), body...)
	case gateway.SCGI:
		var block []byte
		for _, v := range append(list[:len(list):len(list)], variable{"SCGI", "1"}) {
			block = scgi.AppendVar(block, v[0], v[1])
		}
		return append(scgi.AppendHead(nil, block), body...)
	}
	return encodeFastCGI(1, false, list, body)
}

func encodeFastCGI(id uint16, keep bool, list []variable, body string) []byte {
	b := encodeParams(id, keep, list)
	for rest := body; rest != ""; {
		n := min(len(rest), fastcgi.MaxContent)
		b = fastcgi.AppendRecord(b, fastcgi.Stdin, id, []byte(rest[:n]))
		rest = rest[n:]
	}
	return fastcgi.AppendRecord(b, fastcgi.Stdin, id, nil)
}

// encodeParams is a request up to its body.
func encodeParams(id uint16, keep bool, list []variable) []byte {
	b := fastcgi.AppendBegin(nil, id, fastcgi.Responder, keep)
	var block []byte
	for _, v := range list {
		block = fastcgi.AppendPair(block, v[0], v[1])
	}
	for rest := block; len(rest) > 0; {
		n := min(len(rest), fastcgi.MaxContent)
		b = fastcgi.AppendRecord(b, fastcgi.Params, id, rest[:n])
		rest = rest[n:]
	}
	return fastcgi.AppendRecord(b, fastcgi.Params, id, nil)
}

// reply is a response as the web server has it.
type reply struct {
	status string
	header gateway.Headers
	body   string
	stderr string
}

// responseOf gives the bytes of a response, without what the protocol puts
// around them.
func responseOf(p gateway.WireProtocol, conn io.Reader) io.Reader {
	if p == gateway.FastCGI {
		return &stdoutOf{in: bufio.NewReader(conn)}
	}
	return conn
}

// stdoutOf reads the Stdout of one FastCGI response. An end without the record
// of the end is io.ErrUnexpectedEOF.
type stdoutOf struct {
	in     *bufio.Reader
	rest   []byte
	stderr bytes.Buffer
	ended  bool
}

func (r *stdoutOf) Read(p []byte) (int, error) {
	for len(r.rest) == 0 {
		if r.ended {
			return 0, io.EOF
		}
		h, content, err := readRecord(r.in)
		if err != nil {
			return 0, cmp.Or(unexpected(err), err)
		}
		switch h.Type {
		case fastcgi.Stdout:
			r.rest = content
		case fastcgi.Stderr:
			r.stderr.Write(content)
		case fastcgi.EndRequest:
			r.ended = true
		}
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return nil
}

func readRecord(in io.Reader) (fastcgi.Header, []byte, error) {
	var head [fastcgi.HeaderLen]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return fastcgi.Header{}, nil, err
	}
	h, err := fastcgi.ParseHeader(&head)
	if err != nil {
		return h, nil, err
	}
	content := make([]byte, int(h.Length)+int(h.Padding))
	_, err = io.ReadFull(in, content)
	return h, content[:h.Length], err
}

// readHead reads a response's status and header.
func readHead(in *bufio.Reader) (status string, h gateway.Headers, err error) {
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return status, h, err
		}
		line, ok := strings.CutSuffix(line, "\r\n")
		switch name, value, _ := strings.Cut(line, ": "); {
		case !ok:
			return status, h, errors.New("a line does not end in CR LF: " + line)
		case line == "":
			return status, h, nil
		case status == "" && name == "Status":
			status = value
		case status == "" && strings.HasPrefix(line, "HTTP/1.1 "):
			status = line[len("HTTP/1.1 "):]
		default:
			h.Add(name, value)
		}
	}
}

// readReply reads a whole response. What uwsgi says about the connection is left
// out of the header.
func readReply(p gateway.WireProtocol, conn io.Reader) (r reply, err error) {
	raw := responseOf(p, conn)
	in := bufio.NewReader(raw)
	if r.status, r.header, err = readHead(in); err != nil {
		return r, err
	}
	r.header.Del("Connection")
	body, err := io.ReadAll(in)
	r.body = string(body)
	if records, ok := raw.(*stdoutOf); ok {
		r.stderr = records.stderr.String()
	}
	return r, err
}

// try is one request on a connection of its own.
func (s *wireSite) try(t testing.TB, list []variable, body string) (reply, error) {
	t.Helper()
	return s.send(t, encode(s.protocol, list, body))
}

// send sends bytes and reads a response.
func (s *wireSite) send(t testing.TB, request []byte) (reply, error) {
	t.Helper()
	conn := s.dial(t)
	defer conn.Close()
	_, err := conn.Write(request)
	require.NoError(t, err)
	return readReply(s.protocol, conn)
}

// do is try for requests that are answered whole.
func (s *wireSite) do(t testing.TB, list []variable, body string) reply {
	t.Helper()
	r, err := s.try(t, list, body)
	require.NoError(t, err)
	return r
}
