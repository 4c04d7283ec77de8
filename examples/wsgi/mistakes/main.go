// Mistakes runs gateway programs that break the rules of WSGI and of HTTP, and
// shows what gateway.Lint says of each.
//
//	$ go run ./examples/wsgi/mistakes
//	a length that is wrong
//	  B11 error: Content-Length says 5, and the body has 2 bytes
//	…
package main

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/retort-go/retort/gateway"
)

// mistake is a program that makes one. In it is between two Lints, so that a
// middleware shows its mistakes too.
type mistake struct {
	name string
	app  func(lint func(gateway.App) gateway.App) gateway.App
}

func mistakes() []mistake {
	return []mistake{
		{"a length that is wrong", answers("200 OK", gateway.Headers{{"Content-Type", "text/plain"}, {"Content-Length", "5"}}, "Hi")},
		{"a status without its reason", answers("200", gateway.Headers{{"Content-Type", "text/plain"}}, "Hi")},
		{"a page without its type", answers("200 OK", nil, "<p>Hi")},
		{"an entity tag without quotation marks", answers("200 OK", gateway.Headers{{"Content-Type", "text/plain"}, {"ETag", "abc"}}, "Hi")},
		{"a field of the connection", answers("200 OK", gateway.Headers{{"Content-Type", "text/plain"}, {"Connection", "close"}}, "Hi")},
		{"a 304 that describes a body", answers("304 Not Modified", gateway.Headers{{"Content-Type", "text/plain"}}, "")},
		{"a body before start_response", direct(late)},
		{"start_response twice", direct(twice)},
		{"a middleware that reads everything first", behind(eager)},
		{"a middleware that closes nothing", behind(careless)},
	}
}

func main() {
	for _, m := range mistakes() {
		show(os.Stdout, m)
	}
}

// show runs a program and prints what Lint finds.
func show(out io.Writer, m mistake) {
	fmt.Fprintln(out, m.name)
	o := gateway.LintOptions{Report: func(f gateway.Finding) {
		level := "error"
		if f.Warning {
			level = "warning"
		}
		fmt.Fprintf(out, "  %s %s: %s\n", f.Code, level, f.Message)
	}}
	lint := func(app gateway.App) gateway.App { return gateway.Lint(app, o) }
	serve(gateway.ToHandler(lint(m.app(lint)), gateway.Logger(slog.New(slog.DiscardHandler))))
}

// serve makes one request. A response that cannot be finished is cut off by
// a panic, which a server would answer by closing the connection.
func serve(h http.Handler) {
	defer func() { _ = recover() }()
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
}

func direct(f gateway.AppFunc) func(func(gateway.App) gateway.App) gateway.App {
	return func(func(gateway.App) gateway.App) gateway.App { return f }
}

// answers is a program that answers so.
func answers(status string, h gateway.Headers, text string) func(func(gateway.App) gateway.App) gateway.App {
	return direct(func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		if _, err := start(status, h, nil); err != nil {
			return nil, err
		}
		if text == "" {
			return gateway.Empty(), nil
		}
		return gateway.String(text), nil
	})
}

// behind is a middleware with a good program inside.
func behind(mw gateway.Middleware) func(func(gateway.App) gateway.App) gateway.App {
	return func(lint func(gateway.App) gateway.App) gateway.App { return mw(lint(gateway.AppFunc(good))) }
}

// good streams two chunks.
func good(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
	_, err := start("200 OK", gateway.Headers{{"Content-Type", "text/plain"}}, nil)
	return gateway.Seq(func(yield func([]byte) bool) {
		_ = yield([]byte("one ")) && yield([]byte("two"))
	}), err
}

// late gives its body away before it has said what it is.
func late(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
	return gateway.Seq(func(yield func([]byte) bool) {
		if yield([]byte("Hi")) {
			_, _ = start("200 OK", gateway.Headers{{"Content-Type", "text/plain"}}, nil)
		}
	}), nil
}

// twice changes its mind without a reason.
func twice(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
	for _, status := range []string{"200 OK", "404 Not Found"} {
		if _, err := start(status, gateway.Headers{{"Content-Type", "text/plain"}}, nil); err != nil {
			return nil, err
		}
	}
	return gateway.String("Hi"), nil
}

// eager takes all chunks before it returns: nothing is streamed any more.
func eager(next gateway.App) gateway.App {
	return gateway.AppFunc(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		body, err := next.Call(env, start)
		if err != nil {
			return nil, err
		}
		var all []byte
		for p, err := range body.Chunks() {
			if err != nil {
				return nil, err
			}
			all = append(all, p...)
		}
		return gateway.OnClose(gateway.Bytes(all), body.Close), nil
	})
}

// careless forgets that a body holds things that must be released.
func careless(next gateway.App) gateway.App {
	return gateway.AppFunc(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		body, err := next.Call(env, start)
		if err != nil {
			return nil, err
		}
		return gateway.Seq2(body.Chunks()), nil
	})
}
