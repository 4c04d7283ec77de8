package gatewaytest

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"sync"
)

// CGIDoor is the [Door] of a CGI program. run is one run of it: it answers the
// request that is described by environ (NAME=value) and in, and writes to out. Its
// error says that the response was cut, as the status of a process does; it may
// be called several times at once. ctx ends when the client leaves, which a web
// server says by a signal. Close calls stop, if it is not nil.
func CGIDoor(run func(ctx context.Context, environ []string, in io.Reader, out io.Writer) error, stop func()) Door {
	return &cgiDoor{socket: socket{stop: stop}, run: run}
}

type cgiDoor struct {
	socket
	run  func(ctx context.Context, environ []string, in io.Reader, out io.Writer) error
	runs sync.WaitGroup
}

// Close waits for the runs.
func (d *cgiDoor) Close() error {
	d.runs.Wait()
	return d.socket.Close()
}

// Send implements [Door].
func (d *cgiDoor) Send(ctx context.Context, r *Request) (*Response, error) {
	if r.Chunked {
		return nil, cannotChunk("CGI")
	}
	var environ []string
	for _, v := range variables(r) {
		environ = append(environ, v[0]+"="+v[1])
	}
	ctx, leave := context.WithCancel(ctx)
	out, in := io.Pipe()
	context.AfterFunc(ctx, func() { _ = out.CloseWithError(context.Cause(ctx)) })
	d.runs.Go(func() {
		_ = in.CloseWithError(d.run(ctx, environ, bytes.NewReader(r.Body[:len(r.Body)-r.Missing]), in))
	})
	res, err := readCGI(closer(func() error { leave(); return nil }), bufio.NewReader(out), r)
	if err != nil {
		leave()
	}
	return res, err
}
