package gatewaytest

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http/httputil"
	"strconv"
	"strings"

	"github.com/retort-go/retort/gateway"
)

// HTTPDoor is the [Door] of a server that speaks HTTP/1.1 on a socket: "tcp" or
// "unix" and its address. It sends and reads bytes, so that it sees the status
// line and the fields as they are. Close calls stop, if it is not nil. It is a
// [Pipeline].
func HTTPDoor(network, addr string, stop func()) Door {
	return &httpDoor{socket{network, addr, stop}}
}

type httpDoor struct{ socket }

// socket is where a server listens.
type socket struct {
	network, addr string
	stop          func()
}

// Close stops the server.
func (s *socket) Close() error {
	if s.stop != nil {
		s.stop()
	}
	return nil
}

// dial gives a connection that ends with ctx.
func (s *socket) dial(ctx context.Context) (net.Conn, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, s.network, s.addr)
	if err != nil {
		return nil, err
	}
	return &boundConn{conn, ctx, context.AfterFunc(ctx, func() { _ = conn.Close() })}, nil
}

// boundConn is a connection that ends with a context, which it lets go of when it
// is closed before.
type boundConn struct {
	net.Conn
	ctx     context.Context
	release func() bool
}

// Read implements net.Conn. The end of the context is its error.
func (c *boundConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if err != nil && c.ctx.Err() != nil {
		err = fmt.Errorf("nothing came in time: %w", context.Cause(c.ctx))
	}
	return n, err
}

func (c *boundConn) Close() error {
	c.release()
	return c.Conn.Close()
}

// closeWrite says that nothing more comes.
func (c *boundConn) closeWrite() {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite() // the server has closed it before
	}
}

// Send implements [Door].
func (d *httpDoor) Send(ctx context.Context, r *Request) (*Response, error) {
	conn, err := d.dial(ctx)
	if err != nil {
		return nil, err
	}
	res, err := d.exchange(conn.(*boundConn), r)
	if err != nil {
		_ = conn.Close() // err is what counts
		return nil, err
	}
	return res, nil
}

func (d *httpDoor) exchange(conn *boundConn, r *Request) (*Response, error) {
	head := httpHead(r, true)
	if r.Expect {
		if _, err := conn.Write(head); err != nil {
			return nil, err
		}
	} else {
		go sendBody(conn, append(head, httpBody(r)...), r.Missing > 0)
	}
	return readHTTP(conn, bufio.NewReader(conn), r, func() { go sendBody(conn, httpBody(r), r.Missing > 0) })
}

// sendBody writes beside the reading, because a server may answer while it reads.
func sendBody(conn *boundConn, body []byte, incomplete bool) {
	_, _ = conn.Write(body) // a server need not read all of it
	if incomplete {
		conn.closeWrite()
	}
}

// SendAll implements [Pipeline].
func (d *httpDoor) SendAll(ctx context.Context, requests []*Request) ([]*Response, error) {
	conn, err := d.dial(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	var all []byte
	for i, r := range requests {
		all = append(append(all, httpHead(r, i == len(requests)-1)...), httpBody(r)...)
	}
	go sendBody(conn.(*boundConn), all, false)
	in := bufio.NewReader(conn)
	var responses []*Response
	for _, r := range requests {
		res, err := readHTTP(nil, in, r, nil)
		if err == nil {
			err = res.buffer()
		}
		if err != nil {
			return responses, fmt.Errorf("response %d of %d: %w", len(responses)+1, len(requests), err)
		}
		responses = append(responses, res)
	}
	return responses, nil
}

// httpHead is the head of a request. The last one of a connection says so.
func httpHead(r *Request, last bool) []byte {
	var b strings.Builder
	version := "1.1"
	if r.HTTP10 {
		version = "1.0"
	}
	fmt.Fprintf(&b, "%s %s HTTP/%s\r\nHost: %s\r\n", r.method(), r.target(), version, r.host())
	for _, f := range r.Header {
		fmt.Fprintf(&b, "%s: %s\r\n", f[0], f[1])
	}
	switch {
	case r.Chunked:
		b.WriteString("Transfer-Encoding: chunked\r\n")
	case r.Body != nil:
		fmt.Fprintf(&b, "Content-Length: %d\r\n", len(r.Body))
	}
	if r.Expect {
		b.WriteString("Expect: 100-continue\r\n")
	}
	if last && !r.Header.Has("Connection") {
		b.WriteString("Connection: close\r\n")
	}
	b.WriteString("\r\n")
	return []byte(b.String())
}

// httpBody is the body of a request as it is sent: the chunks are small, so that
// there are several.
func httpBody(r *Request) []byte {
	sent := r.Body[:len(r.Body)-r.Missing]
	if !r.Chunked {
		return sent
	}
	var b []byte
	for rest := sent; len(rest) > 0; {
		n := min(len(rest), 1000)
		b = fmt.Appendf(b, "%x\r\n%s\r\n", n, rest[:n])
		rest = rest[n:]
	}
	if r.Missing > 0 {
		return b
	}
	return append(b, "0\r\n\r\n"...)
}

// readHTTP reads a response. toldToGoOn is called at each 100 Continue. conn is
// closed with the body; nil means that other responses follow on it.
func readHTTP(conn io.Closer, in *bufio.Reader, r *Request, toldToGoOn func()) (*Response, error) {
	var early []gateway.Headers
	for {
		version, status, err := readStatusLine(in)
		if err != nil {
			return nil, err
		}
		header, err := readFields(in)
		switch {
		case err != nil:
			return nil, err
		case strings.HasPrefix(status, "100"):
			if r.Expect && toldToGoOn != nil {
				toldToGoOn()
			}
		case strings.HasPrefix(status, "1"):
			early = append(early, header)
		default:
			res := &Response{Status: status, Header: header, Early: early}
			content, err := httpContent(in, r, res, version, conn != nil)
			res.Body = &body{content, conn}
			return res, err
		}
	}
}

// readStatusLine gives the version and what follows it.
func readStatusLine(in *bufio.Reader) (version, status string, err error) {
	line, err := readLine(in)
	if err != nil {
		return "", "", fmt.Errorf("there is no response: %w", err)
	}
	version, status, ok := strings.Cut(line, " ")
	if !ok || !strings.HasPrefix(version, "HTTP/1.") {
		return "", "", fmt.Errorf("the response does not begin with a status line: %q", line)
	}
	return version, status, nil
}

// readFields reads fields up to the empty line.
func readFields(in *bufio.Reader) (gateway.Headers, error) {
	var h gateway.Headers
	for {
		line, err := readLine(in)
		if err != nil || line == "" {
			return h, err
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			return h, fmt.Errorf("a line of the head is no field: %q", line)
		}
		h.Add(name, strings.Trim(value, " \t"))
	}
}

// readLine gives a line without its CR LF.
func readLine(in *bufio.Reader) (string, error) {
	line, err := in.ReadString('\n')
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return "", err
	}
	line, ok := strings.CutSuffix(line, "\r\n")
	if !ok {
		return "", fmt.Errorf("a line of the head does not end in CR LF: %q", line)
	}
	return line, nil
}

// httpContent is the body of a response without what HTTP/1 puts around it.
func httpContent(in *bufio.Reader, r *Request, res *Response, version string, alone bool) (io.Reader, error) {
	codings, lengths := res.Header.Values("Transfer-Encoding"), res.Header.Values("Content-Length")
	switch {
	case bodiless(r, res):
		if alone {
			return noContent{in}, nil
		}
		return strings.NewReader(""), nil
	case len(codings) > 0:
		if len(codings) > 1 || !strings.EqualFold(codings[0], "chunked") || len(lengths) > 0 || version == "HTTP/1.0" {
			return nil, fmt.Errorf("the length of the body is not clear: %s with Transfer-Encoding %q and Content-Length %q", version, codings, lengths)
		}
		return &chunkedContent{httputil.NewChunkedReader(in), in}, nil
	case len(lengths) > 0:
		return lengthContent(in, lengths)
	}
	if !alone {
		return nil, fmt.Errorf("the end of the body would be that of the connection, on which another request waits")
	}
	return in, nil
}

// bodiless reports whether the response has no body whatever it says.
func bodiless(r *Request, res *Response) bool {
	code, _, _ := strings.Cut(res.Status, " ")
	return r.method() == "HEAD" || code == "204" || code == "304"
}

// chunkedContent reads the line after the last chunk too.
type chunkedContent struct {
	chunks io.Reader
	in     *bufio.Reader
}

func (c *chunkedContent) Read(p []byte) (int, error) {
	n, err := c.chunks.Read(p)
	if err != io.EOF {
		return n, err
	}
	if _, failed := readFields(c.in); failed != nil {
		return n, failed
	}
	return n, io.EOF
}

// lengthContent bounds a body that says how long it is.
func lengthContent(in io.Reader, lengths []string) (io.Reader, error) {
	n, err := strconv.ParseInt(lengths[0], 10, 64)
	if err != nil || n < 0 || len(lengths) > 1 {
		return nil, fmt.Errorf("the Content-Length is not a number: %q", lengths)
	}
	return &measured{in, n}, nil
}

// measured ends after n bytes, with an error if there are not so many.
type measured struct {
	in   io.Reader
	left int64
}

func (m *measured) Read(p []byte) (int, error) {
	if m.left == 0 {
		return 0, io.EOF
	}
	n, err := m.in.Read(p[:min(int64(len(p)), m.left)])
	m.left -= int64(n)
	if err == io.EOF && m.left > 0 {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// noContent is the rest of a connection on which nothing more may come.
type noContent struct{ in io.Reader }

func (c noContent) Read(p []byte) (int, error) {
	n, err := c.in.Read(p)
	if n > 0 {
		err = fmt.Errorf("bytes after the head of a response that has no body: %q", p[:n])
	}
	return 0, err
}

// body is the body of a response, and the end of what it came by.
type body struct {
	io.Reader
	under io.Closer
}

func (b *body) Close() error {
	if b.under == nil {
		return nil
	}
	return b.under.Close()
}

// buffer reads the body, so that the connection is free for another response.
func (r *Response) buffer() error {
	content, err := io.ReadAll(r.Body)
	r.Body = &body{strings.NewReader(string(content)), nil}
	return err
}
