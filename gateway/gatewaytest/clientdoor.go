package gatewaytest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"strings"

	"github.com/retort-go/retort/gateway"
)

// ClientDoor is the [Door] of a server at the URL root ("https://127.0.0.1:4433")
// by a client of net/http: the way in by HTTP/2 and TLS. Such a client sorts
// fields, and it knows of no reason phrases by HTTP/2. Close calls stop, if it is
// not nil.
func ClientDoor(client *http.Client, root string, stop func()) Door {
	return &clientDoor{socket{stop: stop}, client, strings.TrimSuffix(root, "/")}
}

type clientDoor struct {
	socket
	client *http.Client
	root   string
}

// Send implements [Door].
func (d *clientDoor) Send(ctx context.Context, r *Request) (*Response, error) {
	if r.HTTP10 {
		return nil, fmt.Errorf("%w: a client of HTTP/1.0", ErrCannot)
	}
	ctx, cancel := context.WithCancel(ctx)
	var early []gateway.Headers
	trace := &httptrace.ClientTrace{Got1xxResponse: func(code int, h textproto.MIMEHeader) error {
		if code != http.StatusContinue {
			early = append(early, gateway.HeadersFrom(http.Header(h)))
		}
		return nil
	}}
	req, err := d.request(httptrace.WithClientTrace(ctx, trace), r)
	if err != nil {
		cancel()
		return nil, err
	}
	res, err := d.client.Transport.RoundTrip(req) // no redirects, no cookies
	if err != nil {
		cancel()
		return nil, err
	}
	status := res.Status
	if res.ProtoMajor > 1 {
		status, _, _ = strings.Cut(status, " ") // the client made the rest up
	}
	leave := closer(func() error {
		cancel()
		return res.Body.Close()
	})
	return &Response{Status: status, Header: gateway.HeadersFrom(res.Header), Early: early, Body: &body{res.Body, leave}}, nil
}

func (d *clientDoor) request(ctx context.Context, r *Request) (*http.Request, error) {
	var content io.Reader
	if r.Body != nil {
		content = bytes.NewReader(r.Body)
	}
	if r.Missing > 0 {
		content = io.MultiReader(bytes.NewReader(r.Body[:len(r.Body)-r.Missing]), brokenReader{})
	}
	req, err := http.NewRequestWithContext(ctx, r.method(), d.root+r.target(), content)
	if err != nil {
		return nil, err
	}
	req.Host = r.host()
	req.ContentLength = int64(len(r.Body))
	if r.Chunked {
		req.ContentLength = -1
	}
	for _, f := range r.Header {
		req.Header[http.CanonicalHeaderKey(f[0])] = append(req.Header[http.CanonicalHeaderKey(f[0])], f[1])
	}
	if !r.Header.Has("User-Agent") {
		req.Header["User-Agent"] = nil // none of the client's own
	}
	if r.Expect {
		req.Header.Set("Expect", "100-continue")
	}
	return req, nil
}

// brokenReader is a client that does not send what it has promised.
type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// closer is a func as an io.Closer.
type closer func() error

func (f closer) Close() error { return f() }
