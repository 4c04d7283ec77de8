package gatewaytest

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/retort-go/retort/gateway"
	"github.com/retort-go/retort/internal/fastcgi"
	"github.com/retort-go/retort/internal/scgi"
	"github.com/retort-go/retort/internal/uwsgi"
)

// WireDoor is the [Door] of a server that speaks uwsgi, SCGI or FastCGI on a
// socket: "tcp" or "unix" and its address. It does what a web server does: it
// makes variables of the request, and takes a response that has not the length
// that it declares for one that was cut. Close calls stop, if it is not nil.
func WireDoor(p gateway.WireProtocol, network, addr string, stop func()) Door {
	return &wireDoor{socket{network, addr, stop}, p}
}

type wireDoor struct {
	socket
	protocol gateway.WireProtocol
}

// Send implements [Door].
func (d *wireDoor) Send(ctx context.Context, r *Request) (*Response, error) {
	if r.Chunked && d.protocol != gateway.FastCGI {
		return nil, cannotChunk(d.protocol.String())
	}
	conn, err := d.dial(ctx)
	if err != nil {
		return nil, err
	}
	go sendBody(conn.(*boundConn), d.encode(variables(r), r), r.Missing > 0)
	records := &stdout{in: bufio.NewReader(conn)}
	var raw io.Reader = conn
	if d.protocol == gateway.FastCGI {
		raw = records
	}
	res, err := readCGI(conn, bufio.NewReader(raw), r)
	if err != nil {
		_ = conn.Close() // err is what counts
		return nil, err
	}
	if d.protocol == gateway.FastCGI {
		res.Errors = &records.stderr
	}
	return res, nil
}

// variable is a name and a value.
type variable [2]string

// variables are what a web server makes of a request.
func variables(r *Request) []variable {
	target, version := r.target(), "HTTP/1.1"
	if r.HTTP10 {
		version = "HTTP/1.0"
	}
	path, query, _ := strings.Cut(target, "?")
	host, port, ok := strings.Cut(r.host(), ":")
	if !ok {
		port = "80"
	}
	list := []variable{
		{"REQUEST_METHOD", r.method()}, {"REQUEST_URI", target}, {"QUERY_STRING", query}, {"DOCUMENT_URI", path},
		{"SERVER_PROTOCOL", version}, {"SERVER_NAME", host}, {"SERVER_PORT", port}, {"HTTP_HOST", r.host()},
		{"REMOTE_ADDR", "192.0.2.7"}, {"REMOTE_PORT", "4711"}, {"GATEWAY_INTERFACE", "CGI/1.1"},
	}
	if r.Body != nil && !r.Chunked {
		list = append(list, variable{"CONTENT_LENGTH", strconv.Itoa(len(r.Body))})
	}
	if r.Expect {
		list = append(list, variable{"HTTP_EXPECT", "100-continue"})
	}
	return append(list, fieldVariables(r.Header)...)
}

// fieldVariables makes variables of fields as nginx does: those of one name are
// joined, names with an underscore are dropped.
func fieldVariables(h gateway.Headers) []variable {
	var list []variable
	at := make(map[string]int)
	for _, f := range h {
		if strings.Contains(f[0], "_") {
			continue
		}
		name, separator := "HTTP_"+strings.ReplaceAll(strings.ToUpper(f[0]), "-", "_"), ", "
		switch name {
		case "HTTP_CONTENT_TYPE":
			name = "CONTENT_TYPE"
		case "HTTP_COOKIE":
			separator = "; "
		}
		if i, ok := at[name]; ok {
			list[i][1] += separator + f[1]
			continue
		}
		at[name] = len(list)
		list = append(list, variable{name, f[1]})
	}
	return list
}

// encode gives the bytes of a request.
func (d *wireDoor) encode(list []variable, r *Request) []byte {
	sent := r.Body[:len(r.Body)-r.Missing]
	var block []byte
	switch d.protocol {
	case gateway.UWSGI:
		for _, v := range list {
			block = uwsgi.AppendVar(block, v[0], v[1])
		}
		return append(append(uwsgi.Header{Size: uint16(len(block))}.Append(nil), block...), sent...)
	case gateway.SCGI:
		length := variable{"CONTENT_LENGTH", strconv.Itoa(len(r.Body))} // which SCGI asks for, as the first one
		for _, v := range append([]variable{length, {"SCGI", "1"}}, list...) {
			if v[0] != "CONTENT_LENGTH" || len(block) == 0 {
				block = scgi.AppendVar(block, v[0], v[1])
			}
		}
		return append(scgi.AppendHead(nil, block), sent...)
	}
	for _, v := range list {
		block = fastcgi.AppendPair(block, v[0], v[1])
	}
	b := fastcgi.AppendBegin(nil, 1, fastcgi.Responder, false)
	b = fastcgi.AppendRecord(appendStream(b, fastcgi.Params, block), fastcgi.Params, 1, nil)
	b = appendStream(b, fastcgi.Stdin, sent)
	if r.Missing > 0 {
		return b
	}
	return fastcgi.AppendRecord(b, fastcgi.Stdin, 1, nil)
}

// appendStream appends content as records of a type.
func appendStream(b []byte, typ fastcgi.Type, content []byte) []byte {
	for len(content) > 0 {
		n := min(len(content), fastcgi.MaxContent)
		b = fastcgi.AppendRecord(b, typ, 1, content[:n])
		content = content[n:]
	}
	return b
}

// stdout reads the Stdout of one FastCGI response. An end without the record of
// the end is io.ErrUnexpectedEOF.
type stdout struct {
	in     *bufio.Reader
	rest   []byte
	stderr bytes.Buffer
	ended  bool
}

func (s *stdout) Read(p []byte) (int, error) {
	for len(s.rest) == 0 {
		if s.ended {
			return 0, io.EOF
		}
		if err := s.record(); err != nil {
			return 0, err
		}
	}
	n := copy(p, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

func (s *stdout) record() error {
	var head [fastcgi.HeaderLen]byte
	if _, err := io.ReadFull(s.in, head[:]); err != nil {
		return unexpected(err)
	}
	h, err := fastcgi.ParseHeader(&head)
	if err != nil {
		return err
	}
	content := make([]byte, int(h.Length)+int(h.Padding))
	if _, err := io.ReadFull(s.in, content); err != nil {
		return unexpected(err)
	}
	switch h.Type {
	case fastcgi.Stdout:
		s.rest = content[:h.Length]
	case fastcgi.Stderr:
		s.stderr.Write(content[:h.Length])
	case fastcgi.EndRequest:
		s.ended = true
	}
	return nil
}

func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// readCGI reads a response that begins with a line of HTTP or with fields, the
// status as one of them. conn is closed with the body.
//
// RFC 3875 §6.
func readCGI(conn io.Closer, in *bufio.Reader, r *Request) (*Response, error) {
	res := &Response{Status: "200 OK"}
	first, err := in.Peek(5)
	if err != nil {
		return nil, fmt.Errorf("there is no response: %w", unexpected(err))
	}
	if string(first) == "HTTP/" {
		if _, res.Status, err = readStatusLine(in); err != nil {
			return nil, err
		}
	}
	if res.Header, err = readFields(in); err != nil {
		return nil, err
	}
	if status := res.Header.Get("Status"); status != "" {
		res.Status = status
		res.Header.Del("Status")
	}
	res.Header.Del("Connection") // between gateway and web server
	content, err := cgiContent(in, r, res)
	res.Body = &body{content, conn}
	return res, err
}

// cgiContent is the body of a response as a web server hands it on.
func cgiContent(in *bufio.Reader, r *Request, res *Response) (io.Reader, error) {
	lengths := res.Header.Values("Content-Length")
	switch {
	case bodiless(r, res):
		return noContent{in}, nil
	case len(lengths) > 0:
		return lengthContent(in, lengths)
	}
	return in, nil
}

func cannotChunk(protocol string) error {
	return fmt.Errorf("%w: by %s a body has a length, because the web server has decoded the chunks", ErrCannot, protocol)
}
