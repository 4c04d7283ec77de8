package gateway_test

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/gateway"
	"github.com/retort-go/retort/gateway/gatewaytest"
)

// documented gives the names in this package's table of variables.
func documented(t testing.TB) []string {
	t.Helper()
	text, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	var names []string
	for _, m := range regexp.MustCompile(`(?m)^//\t([A-Z][A-Z_]+\*?) {2,}`).FindAllSubmatch(text, -1) {
		names = append(names, string(m[1]))
	}
	require.Contains(t, names, "REQUEST_METHOD")
	return names
}

// listen gives a socket of a network.
func listen(network string) (net.Listener, error) {
	if network == "tcp" {
		return net.Listen("tcp", "127.0.0.1:0")
	}
	dir, err := os.MkdirTemp("", "contract") // shorter than t.TempDir: the path of a socket is bounded
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("unix", filepath.Join(dir, "app"))
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return &socketInFolder{l, dir}, nil
}

// socketInFolder removes its folder when it is closed.
type socketInFolder struct {
	net.Listener
	dir string
}

func (s *socketInFolder) Close() error { return errors.Join(s.Listener.Close(), os.RemoveAll(s.dir)) }

// The reasons of exceptions that several doors share.
const (
	noReasons  = "net/http has its own reason for each code"
	noOrder    = "net/http sorts fields"
	noPipeline = "a connection carries one request"
	noAddress  = "a client on a unix socket has no address"
	webServer  = "the web server in front does it"
	noHTTP10   = "HTTP/2 has no clients of HTTP/1.0"
)

// discard is for servers whose clients break connections on purpose.
var discard = log.New(io.Discard, "", 0)

// netHTTP serves an app by ToHandler.
func netHTTP(network string) func(gatewaytest.Setup) (gatewaytest.Door, error) {
	return func(s gatewaytest.Setup) (gatewaytest.Door, error) {
		l, err := listen(network)
		if err != nil {
			return nil, err
		}
		srv := httptest.NewUnstartedServer(gateway.ToHandler(s.Callable(), s.Options()...))
		srv.Config.ErrorLog = discard
		srv.Listener.Close()
		srv.Listener = l
		srv.Start()
		return gatewaytest.HTTPDoor(network, l.Addr().String(), srv.Close), nil
	}
}

func TestContractOfToHandler(t *testing.T) {
	t.Parallel()
	gatewaytest.TestServer(t, gatewaytest.Server{
		Start: netHTTP("tcp"), Multithread: true, AccessLog: true, Variables: documented(t),
		Exceptions: []gatewaytest.Exception{{Check: "S17/reason", Reason: noReasons}, {Check: "S19/order", Reason: noOrder}},
	})
}

func TestContractOfToHandlerOnAUnixSocket(t *testing.T) {
	t.Parallel()
	gatewaytest.TestServer(t, gatewaytest.Server{
		Start: netHTTP("unix"), Multithread: true, AccessLog: true, Variables: documented(t),
		Exceptions: []gatewaytest.Exception{
			{Check: "S9/peer", Reason: noAddress}, {Check: "S17/reason", Reason: noReasons}, {Check: "S19/order", Reason: noOrder},
		},
	})
}

func TestContractOfToHandlerByHTTP2(t *testing.T) {
	t.Parallel()
	start := func(s gatewaytest.Setup) (gatewaytest.Door, error) {
		srv := httptest.NewUnstartedServer(gateway.ToHandler(s.Callable(), s.Options()...))
		srv.Config.ErrorLog = discard
		srv.EnableHTTP2 = true
		srv.StartTLS()
		return gatewaytest.ClientDoor(srv.Client(), srv.URL, srv.Close), nil
	}
	gatewaytest.TestServer(t, gatewaytest.Server{
		Start: start, Scheme: "https", Multithread: true, AccessLog: true, Variables: documented(t),
		Exceptions: []gatewaytest.Exception{
			{Check: "S13/next", Reason: noPipeline}, {Check: "S17/reason", Reason: noReasons}, {Check: "S19/order", Reason: noOrder},
			{Check: "S36/old", Reason: noHTTP10},
		},
	})
}

func TestContractOfHTTP(t *testing.T) {
	t.Parallel()
	transparent := gateway.HTTP(func(app gateway.App) gateway.App { return app })
	start := func(s gatewaytest.Setup) (gatewaytest.Door, error) {
		inner := gateway.ToHandler(s.Callable(), gateway.Logger(s.Logger), gateway.Vars(s.Vars))
		srv := httptest.NewUnstartedServer(transparent(inner))
		srv.Config.ErrorLog = discard
		srv.Start()
		return gatewaytest.HTTPDoor("tcp", srv.Listener.Addr().String(), srv.Close), nil
	}
	gatewaytest.TestServer(t, gatewaytest.Server{
		Start: start, Multithread: true, Variables: documented(t),
		Exceptions: []gatewaytest.Exception{{Check: "S17/reason", Reason: noReasons}, {Check: "S19/order", Reason: noOrder}},
	})
}

func TestContractOfMakeServer(t *testing.T) {
	t.Parallel()
	start := func(s gatewaytest.Setup) (gatewaytest.Door, error) {
		srv, err := gateway.MakeServer("127.0.0.1:0", s.Callable(), s.Options()...)
		if err != nil {
			return nil, err
		}
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			_ = srv.ServeForever() // Shutdown's error is looked at
		}()
		return gatewaytest.HTTPDoor("tcp", srv.Addr().String(), func() {
			assert.NoError(t, srv.Shutdown(context.Background()))
			<-ended
		}), nil
	}
	gatewaytest.TestServer(t, gatewaytest.Server{
		Start: start, Multithread: true, AccessLog: true, Variables: documented(t),
		Exceptions: []gatewaytest.Exception{{Check: "S17/reason", Reason: noReasons}, {Check: "S19/order", Reason: noOrder}},
	})
}

// configured are the variables that the web server of a door sends besides.
var configured = []string{"DOCUMENT_URI", "GATEWAY_INTERFACE", "SCGI"}

// onTheWire serves an app by uwsgi, SCGI or FastCGI.
func onTheWire(t *testing.T, p gateway.WireProtocol, network string) func(gatewaytest.Setup) (gatewaytest.Door, error) {
	return func(s gatewaytest.Setup) (gatewaytest.Door, error) {
		l, err := listen(network)
		if err != nil {
			return nil, err
		}
		srv := gateway.NewWireServer(p, s.Callable(), s.Options()...)
		ended := make(chan error, 1)
		go func() { ended <- srv.Serve(l) }()
		return gatewaytest.WireDoor(p, network, l.Addr().String(), func() {
			assert.NoError(t, srv.Shutdown(context.Background()))
			assert.NoError(t, <-ended)
		}), nil
	}
}

func TestContractOfTheWires(t *testing.T) {
	t.Parallel()
	noChunks := gatewaytest.Exception{Check: "S38/chunked", Reason: webServer}
	length := gatewaytest.Exception{Check: "S7/length", Reason: "SCGI sends a length with every request"}
	more := map[string][]gatewaytest.Exception{
		"uwsgi tcp": {noChunks}, "uwsgi unix": {noChunks},
		"SCGI tcp": {noChunks, length}, "SCGI unix": {noChunks, length},
	}
	if runtime.GOOS != "linux" { // elsewhere a unix socket cannot be reset
		noSign := gatewaytest.Exception{Check: "S40/cut", Reason: "the end of a connection on a unix socket is the end of the response: there is no other sign"}
		more["uwsgi unix"], more["SCGI unix"] = append(more["uwsgi unix"], noSign), append(more["SCGI unix"], noSign)
	}
	for _, p := range wires {
		for _, network := range []string{"tcp", "unix"} {
			name := p.String() + " " + network
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				gatewaytest.TestServer(t, gatewaytest.Server{
					Start: onTheWire(t, p, network), Multithread: true, AccessLog: true, Variables: append(documented(t), configured...),
					Exceptions: append(more[name],
						gatewaytest.Exception{Check: "S13/next", Reason: noPipeline},
						gatewaytest.Exception{Check: "S19/date", Reason: webServer}),
				})
			})
		}
	}
}

// asCGI runs an app as a CGI program.
func asCGI(nph bool) func(gatewaytest.Setup) (gatewaytest.Door, error) {
	return func(s gatewaytest.Setup) (gatewaytest.Door, error) {
		app := s.Callable()
		return gatewaytest.CGIDoor(func(ctx context.Context, environ []string, in io.Reader, out io.Writer) error {
			return gateway.ServeCGIRun(ctx, app, environ, in, out, nph, s.Options()...)
		}, nil), nil
	}
}

func TestContractOfCGI(t *testing.T) {
	t.Parallel()
	for name, nph := range map[string]bool{"parsed head": false, "nph": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			gatewaytest.TestServer(t, gatewaytest.Server{
				Start: asCGI(nph), Multiprocess: true, RunOnce: true, AccessLog: true, Variables: append(documented(t), configured...),
				Exceptions: []gatewaytest.Exception{
					{Check: "S13/next", Reason: noPipeline}, {Check: "S19/date", Reason: webServer}, {Check: "S38/chunked", Reason: webServer},
				},
			})
		})
	}
}

func TestContractOfRunApp(t *testing.T) {
	t.Parallel()
	const (
		values   = "RunApp gives values: nothing is sent, and the caller sees errors as they are"
		returned = "RunApp returns as soon as start_response was called, and with that the headers count as sent"
		caller   = "the body is the app's own: how much of it to ask for is up to the caller"
	)
	start := func(s gatewaytest.Setup) (gatewaytest.Door, error) {
		return gatewaytest.MemoryDoor(s.Callable(), s.Options()...), nil
	}
	gatewaytest.TestServer(t, gatewaytest.Server{
		Start: start, Multithread: true, Variables: documented(t),
		Exceptions: []gatewaytest.Exception{
			{Check: "S9/peer", Reason: "there is no peer"}, {Check: "S13/next", Reason: noPipeline}, {Check: "S19/date", Reason: values},
			{Check: "S22/start", Reason: values}, {Check: "S22/empty", Reason: returned}, {Check: "S23", Reason: returned},
			{Check: "S27/write", Reason: "what write gets is kept until RunApp returns"},
			{Check: "S30/defer", Reason: caller}, {Check: "S33/chunks", Reason: caller}, {Check: "S34", Reason: caller}, {Check: "S44/length", Reason: caller},
			{Check: "S39/answer", Reason: values}, {Check: "S39/log", Reason: values},
		},
	})
}
