package gatewaytest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/retort-go/retort/gateway"
)

// Door is the way to an app through a server: a client of whatever the server
// speaks. Its methods are called by several goroutines at once.
type Door interface {
	// Send sends a request on a connection of its own and returns when the head
	// of the response is there. The end of ctx ends the exchange, also while the
	// response's body is being read.
	//
	// An error that wraps ErrCannot says that the transport has no way to say
	// what the request asks for.
	Send(ctx context.Context, r *Request) (*Response, error)

	// Close stops the server and returns when it is done with its requests.
	Close() error
}

// Pipeline is what a [Door] can do whose connections carry several requests.
type Pipeline interface {
	// SendAll sends requests on one connection, all of them before it reads
	// the first response, and gives the responses with their bodies read.
	SendAll(ctx context.Context, all []*Request) ([]*Response, error)
}

// ErrCannot is what a [Door] says to a request that its transport cannot carry.
// The check fails; an [Exception] says that it has to.
var ErrCannot = errors.New("gatewaytest: this transport cannot do that")

// Request is what a client asks. The zero value is GET / by HTTP/1.1.
type Request struct {
	Method string          // "" is GET
	Target string          // as in a request line; "" is /
	HTTP10 bool            // the client speaks HTTP/1.0
	Header gateway.Headers // in the order in which it is sent, without Host and Content-Length
	Host   string          // "" is example.com

	Body    []byte // sent with its length, if not nil
	Chunked bool   // Body is sent without its length
	Expect  bool   // Body waits for 100 Continue or the response
	Missing int    // so many bytes of Body are declared, but not sent
}

// Response is what comes back.
type Response struct {
	Status string            // "200 OK"; only "200" if the transport has no reason phrases
	Header gateway.Headers   // in the order in which it came, if the transport keeps that
	Early  []gateway.Headers // of the informational responses before
	// Body gives bytes as soon as they arrive, of a chunked body its content. It
	// ends with io.EOF only if the response is whole; a response that was cut
	// ends with another error. Close leaves, whatever is still to come.
	Body io.ReadCloser
	// Errors is what the transport brings of wsgi.errors, complete at the end of
	// Body; nil if it brings none.
	Errors fmt.Stringer
}

// Setup is how a server is started for one check.
type Setup struct {
	App          gateway.App       // what to serve
	Logger       *slog.Logger      // for the server's reports of what went wrong
	AccessLog    io.Writer         // for a line a request, if the server writes one
	Vars         map[string]string // the deployer's variables of the environ
	SingleThread bool              // one request at a time
}

// Options are the setup as options of package gateway's servers: its logger,
// access log and variables. What SingleThread asks for, [Setup.Callable] does.
func (s Setup) Options() []gateway.Option {
	return []gateway.Option{gateway.Logger(s.Logger), gateway.AccessLog(s.AccessLog), gateway.Vars(s.Vars)}
}

// Callable is App, for one request at a time if SingleThread is set.
func (s Setup) Callable() gateway.App {
	if s.SingleThread {
		return gateway.SingleThread(s.App)
	}
	return s.App
}

func (r *Request) method() string {
	if r.Method == "" {
		return "GET"
	}
	return r.Method
}

func (r *Request) target() string {
	if r.Target == "" {
		return "/"
	}
	return r.Target
}

func (r *Request) host() string {
	if r.Host == "" {
		return "example.com"
	}
	return r.Host
}
