package gateway_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/gateway"
)

// hello is the program that everybody writes first.
func hello(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
	if _, err := start("200 OK", text(), nil); err != nil {
		return nil, err
	}
	return gateway.String("Hello " + env.Value("PATH_INFO")), nil
}

func makeServer(t testing.TB, app gateway.App, access io.Writer) (*gateway.Server, string) {
	t.Helper()
	srv, err := gateway.MakeServer("127.0.0.1:0", app, gateway.AccessLog(access))
	require.NoError(t, err)
	t.Cleanup(func() { srv.Close() })
	return srv, srv.Addr().String()
}

// fetch is a request on a connection of its own; a failure is the text.
func fetch(addr, path string) string {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Get("http://" + addr + path)
	if err != nil {
		return err.Error()
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return err.Error()
	}
	return string(body)
}

// background runs f and gives its error.
func background(f func() error) <-chan error {
	done := make(chan error, 1)
	go func() { done <- f() }()
	return done
}

func TestServeForeverServesUntilItIsClosed(t *testing.T) {
	for name, stop := range map[string]func(*gateway.Server) error{
		"close":    (*gateway.Server).Close,
		"shutdown": func(s *gateway.Server) error { return s.Shutdown(context.Background()) },
	} {
		t.Run(name, func(t *testing.T) {
			noLeak(t)
			access := &records{}
			srv, addr := makeServer(t, gateway.AppFunc(hello), access)
			done := background(srv.ServeForever)
			assert.Equal(t, "Hello /a", fetch(addr, "/a"))
			assert.Equal(t, "Hello /b", fetch(addr, "/b"))
			require.NoError(t, stop(srv))
			assert.Equal(t, http.ErrServerClosed, <-done)
			assert.Regexp(t, `^127\.0\.0\.1 - - \[.*\] "GET /a HTTP/1\.1" 200 8\n127\.0\.0\.1 - - \[.*\] "GET /b HTTP/1\.1" 200 8\n$`, access.String())
			_, err := net.Dial("tcp", addr)
			require.Error(t, err, "nobody listens any more")
			assert.Equal(t, http.ErrServerClosed, srv.ServeForever())
			assert.Equal(t, http.ErrServerClosed, srv.HandleRequest())
		})
	}
}

func TestHandleRequestServesOneRequest(t *testing.T) {
	noLeak(t)
	access := &records{}
	srv, addr := makeServer(t, gateway.AppFunc(hello), access)
	for i := range 2 {
		done := background(srv.HandleRequest)
		conn := dial(t, addr)
		// Two requests on one connection: the second is not served.
		_, err := io.WriteString(conn, fmt.Sprintf("GET /%d HTTP/1.1\r\nHost: x\r\n\r\nGET /again HTTP/1.1\r\nHost: x\r\n\r\n", i))
		require.NoError(t, err)
		res := readResponse(t, conn)
		body, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		assert.Equal(t, fmt.Sprintf("Hello /%d", i), string(body))
		assert.True(t, res.Close)
		require.NoError(t, <-done)
		assert.NotContains(t, access.String(), "/again")
	}
	require.NoError(t, srv.Close())
}

func TestHandleRequestWaitsForARequest(t *testing.T) {
	noLeak(t)
	srv, addr := makeServer(t, gateway.AppFunc(hello), io.Discard)
	done := background(srv.HandleRequest)
	require.NoError(t, dial(t, addr).Close()) // a port scan
	assert.Equal(t, "Hello /x", fetch(addr, "/x"))
	require.NoError(t, <-done)
	require.NoError(t, srv.Close())
}

func TestShutdownWaitsForTheRequest(t *testing.T) {
	for name, serving := range map[string]func(*gateway.Server) error{
		"of HandleRequest": (*gateway.Server).HandleRequest,
		"of ServeForever":  (*gateway.Server).ServeForever,
	} {
		t.Run(name, func(t *testing.T) {
			noLeak(t)
			began, finish := make(chan struct{}), make(chan struct{})
			srv, addr := makeServer(t, answer(func() gateway.Body {
				close(began)
				<-finish
				return gateway.String("whole")
			}), io.Discard)
			done := background(func() error { return serving(srv) })
			got := make(chan string, 1)
			go func() { got <- fetch(addr, "/") }()
			await(t, began, "the request")

			hurry, cancel := context.WithCancel(context.Background())
			cancel()
			require.ErrorIs(t, srv.Shutdown(hurry), context.Canceled)
			stopped := background(func() error { return srv.Shutdown(context.Background()) })
			close(finish)
			assert.Equal(t, "whole", <-got)
			require.NoError(t, <-stopped)
			<-done
		})
	}
}

func TestServerTakesNoUsedAddress(t *testing.T) {
	_, addr := makeServer(t, gateway.AppFunc(hello), io.Discard)
	_, err := gateway.MakeServer(addr, gateway.AppFunc(hello))
	var opErr *net.OpError
	require.ErrorAs(t, err, &opErr)
	assert.Equal(t, "listen", opErr.Op)
}

func TestOptionsOfTheServerReachTheApp(t *testing.T) {
	srv, addr := makeServer(t, gateway.AppFunc(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		_, err := start("204 No Content", gateway.Headers{{"Allow", "GET"}, {"X-Method", env.Value("REQUEST_METHOD")}}, nil)
		return nil, err
	}), io.Discard)
	done := background(srv.HandleRequest)
	reply := raw(t, addr, "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n")
	assert.Contains(t, reply, "X-Method: OPTIONS\r\n")
	require.NoError(t, <-done)
}
