// Mistakes runs gateway programs that break the rules of WSGI and of HTTP, one for
// each thing that gateway.Lint knows, and shows what it says of them.
//
//	$ go run ./examples/wsgi/mistakes
//	the server leaves out the method
//	  E01 error: REQUEST_METHOD is missing; a server sets it for every request
//	…
//
// With codes as arguments it shows only those:
//
//	$ go run ./examples/wsgi/mistakes B11 H03
package main

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"slices"
	"time"

	"github.com/retort-go/retort/gateway"
)

// mistake is a program that makes one. It puts Lint where it belongs: around an
// app, or around and inside of a middleware.
type mistake struct {
	code string
	name string
	make func(lint gateway.Middleware) gateway.App
}

func mistakes() []mistake {
	return slices.Concat(requestMistakes(), responseMistakes(), headerMistakes(), bodyMistakes(), middlewareMistakes())
}

func main() {
	for _, m := range mistakes() {
		if codes := os.Args[1:]; len(codes) == 0 || slices.Contains(codes, m.code) {
			show(os.Stdout, m)
		}
	}
}

// show runs a program and prints what Lint finds.
func show(out io.Writer, m mistake) {
	fmt.Fprintln(out, m.name)
	found := make(chan gateway.Finding, 16)
	o := gateway.LintOptions{Report: func(f gateway.Finding) { found <- f }}
	serve(gateway.ToHandler(m.make(func(app gateway.App) gateway.App { return gateway.Lint(app, o) }),
		gateway.Logger(slog.New(slog.DiscardHandler))))
	for patience := time.Now().Add(30 * time.Second); len(found) == 0 && time.Now().Before(patience); {
		runtime.GC() // a body that was dropped is found when its memory is
		time.Sleep(time.Millisecond)
	}
	for len(found) > 0 {
		f := <-found
		level := "error"
		if f.Warning {
			level = "warning"
		}
		fmt.Fprintf(out, "  %s %s: %s\n", f.Code, level, f.Message)
	}
}

// serve makes one request. A response that cannot be finished is cut off by
// a panic, which a server would answer by closing the connection.
func serve(h http.Handler) {
	defer func() { _ = recover() }()
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/shop/cart", nil))
}

// inApp is the mistake of an app.
func inApp(f gateway.AppFunc) func(gateway.Middleware) gateway.App {
	return func(lint gateway.Middleware) gateway.App { return lint(f) }
}

// inServer is the mistake of who calls an app: a server, or a middleware further
// out, which is one to the app.
func inServer(careless gateway.Middleware) func(gateway.Middleware) gateway.App {
	return func(lint gateway.Middleware) gateway.App { return careless(lint(gateway.AppFunc(good))) }
}

// inMiddleware is the mistake of one, with a good app inside.
func inMiddleware(careless gateway.Middleware) func(gateway.Middleware) gateway.App {
	return around(careless, good)
}

// around is the mistake of a middleware that comes out with this app inside.
func around(careless gateway.Middleware, app gateway.AppFunc) func(gateway.Middleware) gateway.App {
	return func(lint gateway.Middleware) gateway.App { return lint(careless(lint(app))) }
}

var plain = gateway.Headers{{"Content-Type", "text/plain"}}

// good streams two chunks.
func good(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
	_, err := start("200 OK", plain, nil)
	return gateway.Seq(func(yield func([]byte) bool) {
		_ = yield([]byte("one ")) && yield([]byte("two"))
	}), err
}

// answers is an app that answers so.
func answers(status string, h gateway.Headers, body gateway.Body) func(gateway.Middleware) gateway.App {
	return inApp(func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		_, err := start(status, h, nil)
		return body, err
	})
}
