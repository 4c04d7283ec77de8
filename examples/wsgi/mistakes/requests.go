package main

import (
	"io"
	"strings"

	"github.com/retort-go/retort/gateway"
)

// requestMistakes are those of who makes the environ, and of who reads its input.
func requestMistakes() []mistake {
	return []mistake{
		{"E01", "the server leaves out the method", hands(func(e *gateway.Environ) { e.Del("REQUEST_METHOD") })},
		{"E02", "the server does not know its name", hands(func(e *gateway.Environ) { e.Del("SERVER_NAME") })},
		{"E03", "the server does not know its port", hands(sets("SERVER_PORT", ""))},
		{"E04", "a method that nobody knows", hands(sets("REQUEST_METHOD", "BREW"))},
		{"E05", "a scheme that is none of HTTP", hands(func(e *gateway.Environ) { e.URLScheme = "gopher" })},
		{"E06", "nowhere to write errors to", hands(func(e *gateway.Environ) { e.Errors = nil })},
		{"E07", "the server leaves out the query because there is none", hands(func(e *gateway.Environ) { e.Del("QUERY_STRING") })},
		{"E08", "a script name without its slash", hands(sets("SCRIPT_NAME", "shop"))},
		{"E09", "a path without its slash", hands(sets("PATH_INFO", "cart"))},
		{"E10", "an app at the root with a script name", hands(sets("SCRIPT_NAME", "/"))},
		{"E11", "no path at all", hands(sets("PATH_INFO", ""))},
		{"E12", "the type of the content as if it were any field", hands(sets("HTTP_CONTENT_TYPE", "text/plain"))},
		{"E13", "the length of the content as if it were any field", hands(sets("HTTP_CONTENT_LENGTH", "0"))},
		{"E14", "a proxy that the client has chosen", hands(sets("HTTP_PROXY", "http://evil.test"))},
		{"E15", "an extension under a name that anybody could use", hands(func(e *gateway.Environ) { e.Ext = map[string]any{"user": "ann"} })},
		{"E16", "a length that is no number", hands(sets("CONTENT_LENGTH", "five"))},
		{"E17", "a middleware that has read some of the input", hands(halfRead)},
		{"I01", "a line of any length", hands(readsLine)},
		{"I02", "reading when the response is over", outlives(func(env *gateway.Environ, _ gateway.StartResponse, _ gateway.Write) { _, _ = env.Input.ReadLine(80) })},
	}
}

// hands is a server that gives the app a changed environ.
func hands(change func(*gateway.Environ)) func(gateway.Middleware) gateway.App {
	return func(lint gateway.Middleware) gateway.App {
		app := lint(gateway.AppFunc(attentive))
		return gateway.AppFunc(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
			change(env)
			return app.Call(env, start)
		})
	}
}

func sets(key, value string) func(*gateway.Environ) {
	return func(e *gateway.Environ) { e.Set(key, value) }
}

// attentive reads a line, if the extension says so.
func attentive(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
	if env.Ext["mistakes.line"] == true {
		if _, err := env.Input.ReadLine(0); err != nil {
			return nil, err
		}
	}
	return good(env, start)
}

func readsLine(env *gateway.Environ) {
	env.Input = gateway.NewInput(strings.NewReader("a line\n"), -1)
	env.Ext = map[string]any{"mistakes.line": true}
}

// halfRead looks at the beginning of the input and puts nothing in its place.
func halfRead(env *gateway.Environ) {
	env.Set("CONTENT_LENGTH", "6")
	env.Input = gateway.NewInput(strings.NewReader("a line"), 6)
	_, _ = io.ReadFull(env.Input, make([]byte, 2))
}

// outlives is an app that leaves something running, as a goroutine may, which does
// this when the response is over.
func outlives(do func(*gateway.Environ, gateway.StartResponse, gateway.Write)) func(gateway.Middleware) gateway.App {
	return func(lint gateway.Middleware) gateway.App {
		var later func() error
		app := lint(gateway.AppFunc(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
			write, err := start("200 OK", plain, nil)
			later = func() error {
				do(env, start, write)
				return nil
			}
			return gateway.String("done"), err
		}))
		return gateway.AppFunc(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
			env.Input = gateway.NewInput(strings.NewReader("a line\n"), -1)
			body, err := app.Call(env, start)
			return gateway.OnClose(body, later), err
		})
	}
}
