package gatewaytest

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"iter"
	"net/http"

	"github.com/retort-go/retort/gateway"
)

// MemoryDoor is the [Door] of an app that is called without a server: by
// [gateway.RunApp], with the environ of a request of net/http.
func MemoryDoor(app gateway.App, opts ...gateway.Option) Door {
	return &memoryDoor{app: app, opts: opts}
}

type memoryDoor struct {
	socket
	app  gateway.App
	opts []gateway.Option
}

// Send implements [Door].
func (d *memoryDoor) Send(ctx context.Context, r *Request) (*Response, error) {
	raw := append(httpHead(r, false), httpBody(r)...)
	req, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(raw)))
	if err != nil {
		return nil, err
	}
	ctx, leave := context.WithCancel(ctx)
	env, err := gateway.NewEnviron(req.WithContext(ctx), d.opts...)
	if err != nil {
		leave()
		return nil, err
	}
	status, h, content, err := run(d.app, env)
	if err != nil {
		leave()
		return nil, err
	}
	chunks := &pulled{Body: content, leave: leave}
	if bodiless(r, &Response{Status: status}) {
		return &Response{Status: status, Header: h, Body: &body{bytes.NewReader(nil), chunks}}, nil
	}
	return &Response{Status: status, Header: h, Body: &body{chunks, chunks}}, nil
}

// run is RunApp for apps that may panic.
func run(app gateway.App, env *gateway.Environ) (status string, h gateway.Headers, b gateway.Body, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("the app panicked: %v", v)
		}
	}()
	return gateway.RunApp(app, env)
}

// pulled reads a body chunk by chunk, each when it is asked for.
type pulled struct {
	gateway.Body
	next  func() ([]byte, error, bool)
	stop  func()
	leave context.CancelFunc
	rest  []byte
}

func (b *pulled) Read(p []byte) (n int, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("the body panicked: %v", v)
		}
	}()
	if b.next == nil {
		b.next, b.stop = iter.Pull2(b.Chunks())
	}
	for len(b.rest) == 0 {
		chunk, err, more := b.next()
		switch {
		case !more:
			return 0, io.EOF
		case err != nil:
			return 0, err
		}
		b.rest = chunk
	}
	n = copy(p, b.rest)
	b.rest = b.rest[n:]
	return n, nil
}

func (b *pulled) Close() error {
	b.leave()
	if b.stop != nil {
		b.stop()
	}
	return b.Body.Close()
}
