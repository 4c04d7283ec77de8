package tests

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/gateway"
	"github.com/retort-go/retort/gateway/gatewaytest"
	"github.com/retort-go/retort/serving"
)

// gatewayVariables gives the names in package gateway's table of variables.
func gatewayVariables(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(moduleDir, "gateway", "doc.go"))
	require.NoError(t, err)
	var names []string
	for _, m := range regexp.MustCompile(`(?m)^//\t([A-Z][A-Z_]+\*?) {2,}`).FindAllSubmatch(text, -1) {
		names = append(names, string(m[1]))
	}
	require.Contains(t, names, "REQUEST_METHOD")
	return names
}

// viewApp is an app of retort with a gateway app as its only view.
func viewApp(s gatewaytest.Setup) *retort.App {
	app := retort.New("contract", retort.Files(os.DirFS(os.TempDir())))
	app.Logger = s.Logger
	view := s.Callable()
	for _, rule := range []string{"/", "/<path:rest>"} {
		app.Route(rule, retort.Methods("GET", "HEAD", "POST", "OPTIONS"), retort.ProvideAutomaticOptions(false), retort.MergeSlashes(false))(view)
	}
	return app
}

// contractServer serves a handler by net/http.
func contractServer(h http.Handler) gatewaytest.Door {
	srv := httptest.NewUnstartedServer(h)
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.Start()
	return gatewaytest.HTTPDoor("tcp", srv.Listener.Addr().String(), srv.Close)
}

var netHTTPExceptions = []gatewaytest.Exception{
	{Check: "S17/reason", Reason: "net/http has its own reason for each code"},
	{Check: "S19/order", Reason: "net/http sorts fields"},
}

// viewExceptions are what a view cannot do, because it gives its response as a
// value to the app.
var viewExceptions = append(netHTTPExceptions[:2:2],
	gatewaytest.Exception{Check: "S23", Reason: "a response that has begun when Call returns is the view's answer"},
	gatewaytest.Exception{Check: "S27/write", Reason: "what write gets is kept until Call returns, and is the beginning of the answer"},
)

func TestContractOfAViewOfAnApp(t *testing.T) {
	t.Parallel()
	start := func(s gatewaytest.Setup) (gatewaytest.Door, error) { return contractServer(viewApp(s)), nil }
	gatewaytest.TestServer(t, gatewaytest.Server{
		Start: start, Multithread: true, Variables: gatewayVariables(t),
		Exceptions: append(viewExceptions[:4:4], gatewaytest.Exception{Check: "S43", Reason: "an app under net/http has no deployer's variables but its Config"}),
	})
}

func TestContractOfAViewOfAnAppUnderAGateway(t *testing.T) {
	t.Parallel()
	start := func(s gatewaytest.Setup) (gatewaytest.Door, error) {
		return contractServer(gateway.ToHandler(viewApp(s), s.Options()...)), nil
	}
	gatewaytest.TestServer(t, gatewaytest.Server{
		Start: start, Multithread: true, AccessLog: true, Variables: gatewayVariables(t), Exceptions: viewExceptions,
	})
}

// mountApp is an app of retort with a gateway app as a plain handler, mounted.
func mountApp(s gatewaytest.Setup) *retort.App {
	app := retort.New("contract", retort.Files(os.DirFS(os.TempDir())))
	app.Logger = s.Logger
	app.Mount("/", gateway.ToHandler(s.Callable(), gateway.Logger(s.Logger), gateway.Vars(s.Vars)))
	return app
}

func TestContractOfAMountOfAnApp(t *testing.T) {
	t.Parallel()
	start := func(s gatewaytest.Setup) (gatewaytest.Door, error) { return contractServer(mountApp(s)), nil }
	gatewaytest.TestServer(t, gatewaytest.Server{
		Start: start, Multithread: true, Variables: gatewayVariables(t), Exceptions: netHTTPExceptions,
	})
}

func TestContractOfAMountOfAnAppUnderAGateway(t *testing.T) {
	t.Parallel()
	start := func(s gatewaytest.Setup) (gatewaytest.Door, error) {
		return contractServer(gateway.ToHandler(mountApp(s), s.Options()...)), nil
	}
	gatewaytest.TestServer(t, gatewaytest.Server{
		Start: start, Multithread: true, AccessLog: true, Variables: gatewayVariables(t), Exceptions: netHTTPExceptions,
	})
}

// runSimple serves by the development server.
func runSimple(host string) func(s gatewaytest.Setup) (gatewaytest.Door, error) {
	return func(s gatewaytest.Setup) (gatewaytest.Door, error) {
		ready, ended := make(chan net.Addr, 1), make(chan error, 1)
		ctx, stop := context.WithCancel(context.Background())
		options := serving.Options{Log: s.AccessLog, NoSignals: true, Context: ctx, OnReady: func(addr net.Addr) { ready <- addr }}
		h := gateway.ToHandler(s.Callable(), gateway.Logger(s.Logger), gateway.Vars(s.Vars))
		go func() { ended <- serving.RunSimple(host, 0, h, options) }()
		select {
		case err := <-ended:
			stop()
			return nil, err
		case addr := <-ready:
			return gatewaytest.HTTPDoor(addr.Network(), addr.String(), func() {
				stop()
				<-ended
			}), nil
		}
	}
}

func TestContractOfRunSimple(t *testing.T) {
	t.Parallel()
	gatewaytest.TestServer(t, gatewaytest.Server{
		Start: runSimple("127.0.0.1"), Multithread: true, AccessLog: true, Variables: gatewayVariables(t), Exceptions: netHTTPExceptions,
	})
}

func TestContractOfRunSimpleOnAUnixSocket(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("", "contract") // shorter than t.TempDir: the path of a socket is bounded
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	gatewaytest.TestServer(t, gatewaytest.Server{
		Start: runSimple("unix://" + filepath.Join(dir, "app")), Multithread: true, AccessLog: true, Variables: gatewayVariables(t),
		Exceptions: append(netHTTPExceptions, gatewaytest.Exception{Check: "S9/peer", Reason: "a client on a unix socket has no address"}),
	})
}
