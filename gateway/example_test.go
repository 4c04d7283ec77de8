package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/retort-go/retort/gateway"
)

func get(h http.Handler, path string) {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	fmt.Println(w.Code, w.Body)
}

func ExampleApp() {
	hello := func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		if _, err := start("200 OK", gateway.Headers{{"Content-Type", "text/plain"}}, nil); err != nil {
			return nil, err
		}
		return gateway.String("Hello " + env.Value("PATH_INFO")), nil
	}
	get(gateway.ToHandler(gateway.AppFunc(hello)), "/world")
	// Output: 200 Hello /world
}

func ExampleHTTP() {
	upper := func(next gateway.App) gateway.App {
		return gateway.AppFunc(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
			env.Set("PATH_INFO", strings.ToUpper(env.Value("PATH_INFO")))
			return next.Call(env, start)
		})
	}
	inner := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.URL.Path) })
	get(gateway.HTTP(upper)(inner), "/world")
	// Output: 200 /WORLD
}

func ExampleStartResponse_exc() {
	app := func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		if _, err := start("200 OK", gateway.Headers{{"Content-Type", "text/csv"}}, nil); err != nil {
			return nil, err
		}
		broken := errors.New("no such table")
		if _, err := start("503 Service Unavailable", gateway.Headers{{"Content-Type", "text/plain"}}, broken); err != nil {
			return nil, err // the headers were sent already
		}
		return gateway.String("come back later"), nil
	}
	get(gateway.ToHandler(gateway.AppFunc(app)), "/")
	// Output: 503 come back later
}

func ExampleRunApp() {
	env, err := gateway.NewEnviron(httptest.NewRequest("GET", "/x", nil))
	if err != nil {
		fmt.Println(err)
		return
	}
	status, headers, body, err := gateway.RunApp(gateway.FromHandler(http.NotFoundHandler()), env)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer body.Close()
	fmt.Println(status, headers.Get("Content-Type"))
	for chunk, err := range body.Chunks() {
		fmt.Printf("%s %v\n", strings.TrimSpace(string(chunk)), err)
	}
	// Output:
	// 404 Not Found text/plain; charset=utf-8
	// 404 page not found <nil>
}

func ExampleOnClose() {
	app := func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		_, err := start("200 OK", nil, nil)
		return gateway.OnClose(gateway.String("body"), func() error {
			fmt.Println("closed")
			return nil
		}), err
	}
	get(gateway.ToHandler(gateway.AppFunc(app)), "/")
	// Output:
	// closed
	// 200 body
}

func ExampleEnviron_URL() {
	env, err := gateway.NewEnviron(httptest.NewRequest("GET", "/app/a%20b?c=d", nil), gateway.ScriptName("/app"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%q %q %s\n", env.Value("SCRIPT_NAME"), env.Value("PATH_INFO"), env.URL())
	// Output: "/app" "/a b" http://example.com/app/a%20b?c=d
}

func ExampleInput_Lines() {
	input := gateway.NewInput(strings.NewReader("one\ntwo\nGET /next HTTP/1.1\r\n"), 8)
	for line, err := range input.Lines() {
		fmt.Printf("%q %v\n", line, err)
	}
	// Output:
	// "one\n" <nil>
	// "two\n" <nil>
}

func ExampleReader() {
	body := gateway.Reader(strings.NewReader("abcde"), 2)
	defer body.Close()
	for chunk, err := range body.Chunks() {
		fmt.Printf("%s %v\n", chunk, err)
	}
	// Output:
	// ab <nil>
	// cd <nil>
	// e <nil>
}

func ExampleServer_HandleRequest() {
	app := func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		_, err := start("200 OK", nil, nil)
		return gateway.String("served " + env.Value("PATH_INFO")), err
	}
	srv, err := gateway.MakeServer("127.0.0.1:0", gateway.AppFunc(app), gateway.AccessLog(io.Discard))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer srv.Close()
	reply := make(chan string)
	go func() { reply <- fetch(srv.Addr().String(), "/once") }()
	fmt.Println(srv.HandleRequest())
	fmt.Println(<-reply)
	// Output:
	// <nil>
	// served /once
}

// The app behind nginx's uwsgi_pass; on SIGTERM it stops when the last request is
// answered.
func ExampleServeUWSGI() {
	app := gateway.AppFunc(func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		_, err := start("200 OK", gateway.Headers{{"Content-Type", "text/plain"}}, nil)
		return gateway.String("Hello, nginx!"), err
	})
	l, err := net.Listen("unix", "/run/hello/hello.sock")
	if err != nil {
		log.Fatal(err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	if err := gateway.ServeUWSGI(l, app, gateway.Until(ctx, 30*time.Second)); err != nil {
		log.Fatal(err)
	}
}
