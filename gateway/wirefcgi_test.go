package gateway_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/gateway"
	"github.com/retort-go/retort/internal/fastcgi"
)

// fcgiPeer speaks FastCGI record by record.
type fcgiPeer struct {
	net.Conn
	in *bufio.Reader
}

func newFCGIPeer(t testing.TB, s *wireSite) *fcgiPeer {
	conn := s.dial(t)
	return &fcgiPeer{conn, bufio.NewReader(conn)}
}

func (p *fcgiPeer) send(t testing.TB, b []byte) {
	t.Helper()
	_, err := p.Write(b)
	require.NoError(t, err)
}

// next reads one record.
func (p *fcgiPeer) next(t testing.TB) (fastcgi.Header, []byte) {
	t.Helper()
	h, content, err := readRecord(p.in)
	require.NoError(t, err)
	return h, content
}

// ended wants the end of request id.
func (p *fcgiPeer) ended(t testing.TB, id uint16, status fastcgi.Status) {
	t.Helper()
	h, content := p.next(t)
	assert.Equal(t, fastcgi.Header{Type: fastcgi.EndRequest, ID: id, Length: 8}, h)
	assert.Equal(t, []byte{0, 0, 0, 0, byte(status), 0, 0, 0}, content)
}

// answered reads a whole response.
func (p *fcgiPeer) answered(t testing.TB) reply {
	t.Helper()
	r, err := readReply(gateway.FastCGI, p.in)
	require.NoError(t, err)
	return r
}

func TestFastCGIKeepsTheConnection(t *testing.T) {
	noLeak(t)
	s := serveWire(t, gateway.FastCGI, gateway.AppFunc(hello))
	p := newFCGIPeer(t, s)
	for i := range 3 {
		p.send(t, encodeFastCGI(uint16(i+1), true, vars("POST", fmt.Sprintf("/%d", i)), "not read by the app"))
		assert.Equal(t, fmt.Sprintf("Hello /%d", i), p.answered(t).body)
	}
	p.send(t, encodeFastCGI(9, false, vars("GET", "/last"), ""))
	assert.Equal(t, "Hello /last", p.answered(t).body)
	_, err := p.in.ReadByte()
	require.ErrorIs(t, err, io.EOF)
}

func TestFastCGIStopEndsKeptConnectionsAfterTheAnswer(t *testing.T) {
	noLeak(t)
	began, finish := make(chan struct{}), make(chan struct{})
	s := serveWire(t, gateway.FastCGI, answer(func() gateway.Body {
		close(began)
		<-finish
		return gateway.String("whole")
	}))
	p := newFCGIPeer(t, s)
	p.send(t, encodeFastCGI(1, true, vars("GET", "/"), ""))
	await(t, began, "the request")
	stopped := background(func() error { return s.srv.Shutdown(t.Context()) })
	_, err := net.Dial("unix", s.addr.String())
	for err == nil {
		_, err = net.Dial("unix", s.addr.String())
	}
	close(finish)
	assert.Equal(t, "whole", p.answered(t).body)
	_, err = p.in.ReadByte()
	require.ErrorIs(t, err, io.EOF)
	require.NoError(t, <-stopped)
}

func TestFastCGIDoesNotMultiplex(t *testing.T) {
	noLeak(t)
	finish := make(chan struct{})
	s := serveWire(t, gateway.FastCGI, answer(func() gateway.Body { <-finish; return gateway.String("one") }))
	p := newFCGIPeer(t, s)
	p.send(t, encodeFastCGI(1, true, vars("GET", "/"), ""))
	p.send(t, encodeFastCGI(2, true, vars("GET", "/"), "ignored"))
	p.ended(t, 2, fastcgi.CantMultiplex)
	close(finish)
	assert.Equal(t, "one", p.answered(t).body)
}

func TestFastCGIManagement(t *testing.T) {
	noLeak(t)
	s := serveWire(t, gateway.FastCGI, gateway.AppFunc(hello))
	p := newFCGIPeer(t, s)
	question := fastcgi.AppendPair(nil, "FCGI_MAX_CONNS", "")
	question = fastcgi.AppendPair(question, "FCGI_MPXS_CONNS", "")
	p.send(t, fastcgi.AppendRecord(nil, fastcgi.GetValues, 0, question))
	h, content := p.next(t)
	assert.Equal(t, fastcgi.GetValuesResult, h.Type)
	assert.Equal(t, "\x0f\x01FCGI_MPXS_CONNS0", string(content))

	p.send(t, fastcgi.AppendRecord(nil, 77, 0, []byte("?")))
	h, content = p.next(t)
	assert.Equal(t, fastcgi.UnknownType, h.Type)
	assert.Equal(t, []byte{77, 0, 0, 0, 0, 0, 0, 0}, content)

	for _, role := range []fastcgi.Role{0, 2, 3} {
		p.send(t, fastcgi.AppendBegin(nil, 5, role, true))
		p.ended(t, 5, fastcgi.UnknownRole)
	}
	p.send(t, encodeFastCGI(5, true, vars("GET", "/still"), ""))
	assert.Equal(t, "Hello /still", p.answered(t).body)
	p.send(t, fastcgi.AppendBegin(nil, 5, 2, false))
	p.ended(t, 5, fastcgi.UnknownRole)
	_, err := p.in.ReadByte()
	require.ErrorIs(t, err, io.EOF)
}

func TestFastCGISkipsPadding(t *testing.T) {
	s := serveWire(t, gateway.FastCGI, gateway.AppFunc(hello))
	p := newFCGIPeer(t, s)
	block := fastcgi.AppendPair(nil, "REQUEST_METHOD", "GET")
	block = fastcgi.AppendPair(block, "PATH_INFO", "/padded")
	request := fastcgi.AppendBegin(nil, 1, fastcgi.Responder, false)
	for _, c := range block { // and cut into pieces of one byte
		request = fastcgi.Header{Type: fastcgi.Params, ID: 1, Length: 1, Padding: 7}.Append(request)
		request = append(request, c, 1, 2, 3, 4, 5, 6, 7)
	}
	request = fastcgi.Header{Type: fastcgi.Params, ID: 1, Padding: 255}.Append(request)
	request = append(request, make([]byte, 255)...)
	p.send(t, fastcgi.AppendRecord(request, fastcgi.Stdin, 1, nil))
	assert.Equal(t, "Hello /padded", p.answered(t).body)
}

func TestFastCGIAbort(t *testing.T) {
	t.Run("of the variables ends the request", func(t *testing.T) {
		noLeak(t)
		s := serveWire(t, gateway.FastCGI, gateway.AppFunc(hello))
		p := newFCGIPeer(t, s)
		p.send(t, fastcgi.AppendBegin(nil, 1, fastcgi.Responder, true))
		p.send(t, fastcgi.AppendRecord(nil, fastcgi.AbortRequest, 1, nil))
		p.ended(t, 1, fastcgi.RequestComplete)
		p.send(t, encodeFastCGI(1, true, vars("GET", "/next"), ""))
		assert.Equal(t, "Hello /next", p.answered(t).body)
	})
	t.Run("of the answer ends the context, and the connection stays", func(t *testing.T) {
		noLeak(t)
		began := make(chan struct{})
		s := serveWire(t, gateway.FastCGI, gateway.AppFunc(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
			if env.Path() == "/" {
				close(began)
				await(t, env.Context().Done(), "the end of the context")
			}
			return hello(env, start)
		}))
		p := newFCGIPeer(t, s)
		p.send(t, encodeFastCGI(1, true, vars("GET", "/"), ""))
		await(t, began, "the request")
		p.send(t, fastcgi.AppendRecord(nil, fastcgi.AbortRequest, 1, nil))
		assert.Equal(t, "Hello /", p.answered(t).body)
		p.send(t, encodeFastCGI(2, true, vars("GET", "/next"), ""))
		assert.Equal(t, "Hello /next", p.answered(t).body)
	})
	t.Run("of the body is an error of reading it", func(t *testing.T) {
		noLeak(t)
		got := make(chan error, 1)
		s := serveWire(t, gateway.FastCGI, gateway.AppFunc(func(env *gateway.Environ, _ gateway.StartResponse) (gateway.Body, error) {
			_, err := io.ReadAll(env.Input)
			got <- err
			return nil, err
		}))
		p := newFCGIPeer(t, s)
		p.send(t, encodeParams(1, true, vars("POST", "/")))
		p.send(t, fastcgi.AppendRecord(nil, fastcgi.Stdin, 1, []byte("half")))
		p.send(t, fastcgi.AppendRecord(nil, fastcgi.AbortRequest, 1, nil))
		assert.Equal(t, "400 Bad Request", p.answered(t).status)
		assert.EqualError(t, <-got, "gateway: reading the request body: gateway: the web server aborted the request")
	})
}

func TestFastCGISendsErrorsToTheWebServer(t *testing.T) {
	s := serveWire(t, gateway.FastCGI, gateway.AppFunc(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		fmt.Fprintln(env.Errors, "look at this")
		assert.NoError(t, env.Errors.Flush())
		return hello(env, start)
	}))
	got := s.do(t, vars("GET", "/"), "")
	assert.Equal(t, "Hello /", got.body)
	assert.Equal(t, "look at this\n", got.stderr)
}

func TestFastCGIClosesAConnectionThatMakesNoSense(t *testing.T) {
	params := encodeParams(1, true, vars("POST", "/"))
	for name, more := range map[string][]byte{
		"variables after their end":  fastcgi.AppendRecord(nil, fastcgi.Params, 1, []byte("\x01\x01AB")),
		"a request that begins anew": fastcgi.AppendBegin(nil, 1, fastcgi.Responder, true),
		"a body of no request":       fastcgi.AppendRecord(nil, fastcgi.Stdin, 0, nil),
		"another version":            {9, 1, 0, 1, 0, 0, 0, 0},
		"half a record":              {1, 5, 0, 1, 0, 9},
	} {
		t.Run(name, func(t *testing.T) {
			noLeak(t)
			ended := make(chan struct{})
			s := serveWire(t, gateway.FastCGI, gateway.AppFunc(func(env *gateway.Environ, _ gateway.StartResponse) (gateway.Body, error) {
				<-env.Context().Done()
				close(ended)
				return nil, env.Context().Err()
			}))
			p := newFCGIPeer(t, s)
			p.send(t, append(params[:len(params):len(params)], more...))
			require.NoError(t, p.Conn.(*net.UnixConn).CloseWrite())
			await(t, ended, "the end of the context")
		})
	}
}

func TestFastCGIBodyWithoutLength(t *testing.T) {
	noLeak(t)
	s := serveWire(t, gateway.FastCGI, gateway.AppFunc(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		assert.EqualValues(t, -1, env.Input.Remaining())
		all, err := io.ReadAll(env.Input)
		assert.NoError(t, err)
		_, err = start("200 OK", text(), nil)
		return gateway.String(string(all)), err
	}))
	p := newFCGIPeer(t, s)
	p.send(t, encodeFastCGI(1, false, vars("POST", "/"), "chunked by the client"))
	assert.Equal(t, "chunked by the client", p.answered(t).body)
}
