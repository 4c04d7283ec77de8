package gatewaytest_test

import (
	"bytes"
	"errors"
	"io"
	"iter"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/retort-go/retort/gateway"
	"github.com/retort-go/retort/gateway/gatewaytest"
)

// mutant is a server with one fault, which the check has to find.
type mutant struct {
	check string
	fault string
	build func(*parts)
}

// parts are what a server of the tests is made of; a mutant has another part.
type parts struct {
	app     gateway.Middleware              // between the server and the app
	handler func(http.Handler) http.Handler // between net/http and the server
	setup   func(*gatewaytest.Setup)        // what the server does not know
	server  func(*gatewaytest.Server)       // what is said about it
}

// sound is a server without a fault, but for what net/http cannot do.
func sound(p parts) gatewaytest.Server {
	s := gatewaytest.Server{
		Multithread: true, AccessLog: true,
		Variables: []string{
			"REQUEST_*", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING", "RAW_URI", "CONTENT_*", "SERVER_*", "REMOTE_*", "HTTP_*",
		},
		Start: func(s gatewaytest.Setup) (gatewaytest.Door, error) {
			if p.setup != nil {
				p.setup(&s)
			}
			return serve(s, p)
		},
	}
	if p.server != nil {
		p.server(&s)
	}
	return s
}

func serve(s gatewaytest.Setup, p parts) (gatewaytest.Door, error) {
	app := s.App
	if s.SingleThread {
		app = gateway.SingleThread(app)
	}
	if p.app != nil {
		app = p.app(app)
	}
	h := gateway.ToHandler(app, gateway.Logger(s.Logger), gateway.AccessLog(s.AccessLog), gateway.Vars(s.Vars))
	if p.handler != nil {
		h = p.handler(h)
	}
	srv := httptest.NewUnstartedServer(h)
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.Start()
	return gatewaytest.HTTPDoor("tcp", srv.Listener.Addr().String(), func() {
		srv.CloseClientConnections() // a mutant may have left some behind
		srv.Close()
	}), nil
}

// net is a mutant that is nothing but net/http.
func netHTTP(*parts) {}

// around changes both what the app is called with and what it returns.
func around(f func(app gateway.App, env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error)) func(*parts) {
	return func(p *parts) {
		p.app = func(app gateway.App) gateway.App {
			return gateway.AppFunc(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
				return f(app, env, start)
			})
		}
	}
}

// environ changes what the app sees.
func environ(f func(env *gateway.Environ)) func(*parts) {
	return around(func(app gateway.App, env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		f(env)
		return app.Call(env, start)
	})
}

// setting sets a variable.
func setting(name, value string) func(*parts) {
	return environ(func(env *gateway.Environ) { env.Set(name, value) })
}

// input changes what the app reads.
func input(f func(all []byte) string) func(*parts) {
	return environ(func(env *gateway.Environ) {
		all, _ := io.ReadAll(env.Input)
		env.Input = gateway.NewInput(strings.NewReader(f(all)), -1)
	})
}

// starting puts a start_response in the place of the server's, for each request.
func starting(f func(next gateway.StartResponse) gateway.StartResponse) func(*parts) {
	return around(func(app gateway.App, env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		return app.Call(env, f(start))
	})
}

// fields changes the header list of a response.
func fields(f func(h *gateway.Headers)) func(*parts) {
	return starting(func(next gateway.StartResponse) gateway.StartResponse {
		return func(status string, h gateway.Headers, exc error) (gateway.Write, error) {
			h = h.Clone()
			f(&h)
			return next(status, h, exc)
		}
	})
}

// writing changes write.
func writing(f func(next gateway.Write) gateway.Write) func(*parts) {
	return starting(func(next gateway.StartResponse) gateway.StartResponse {
		return func(status string, h gateway.Headers, exc error) (gateway.Write, error) {
			write, err := next(status, h, exc)
			if err != nil {
				return nil, err
			}
			return f(write), nil
		}
	})
}

// returning changes the body of a response.
func returning(f func(body gateway.Body) gateway.Body) func(*parts) {
	return around(func(app gateway.App, env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		body, err := app.Call(env, start)
		if body == nil {
			body = gateway.Empty()
		}
		return f(body), err
	})
}

// stepping changes the chunks of a body, and leaves its Close.
func stepping(f func(body gateway.Body, yield func([]byte, error) bool)) func(*parts) {
	return returning(func(body gateway.Body) gateway.Body {
		return gateway.Seq2(func(yield func([]byte, error) bool) { f(body, yield) }, body.Close)
	})
}

// translating changes each chunk.
func translating(f func(p []byte) []byte) func(*parts) {
	return stepping(func(body gateway.Body, yield func([]byte, error) bool) {
		for p, err := range body.Chunks() {
			if !yield(f(p), err) {
				return
			}
		}
	})
}

// closingIf calls Close only if all of the body was asked for without an error
// or a panic, or else only if that is not so.
func closingIf(whole bool) func(*parts) {
	return returning(func(body gateway.Body) gateway.Body {
		ended := false
		chunks := func(yield func([]byte, error) bool) {
			for p, err := range body.Chunks() {
				if !yield(p, err) || err != nil {
					return
				}
			}
			ended = true
		}
		return gateway.Seq2(chunks, func() error {
			if ended == whole {
				return body.Close()
			}
			return nil
		})
	})
}

// collecting gives a body as one chunk, if it is to be.
func collecting(which func(body gateway.Body) bool) func(*parts) {
	return returning(func(body gateway.Body) gateway.Body {
		if !which(body) {
			return body
		}
		return gateway.Seq2(func(yield func([]byte, error) bool) {
			var all []byte
			for p, err := range body.Chunks() {
				if err != nil {
					yield(nil, err)
					return
				}
				all = append(all, p...)
			}
			yield(all, nil)
		}, body.Close)
	})
}

func anyBody(gateway.Body) bool { return true }

func isSized(body gateway.Body) bool {
	_, ok := body.(gateway.Sized)
	return ok
}

// handling changes what is below the server.
func handling(f func(next http.Handler, w http.ResponseWriter, r *http.Request)) func(*parts) {
	return func(p *parts) {
		p.handler = func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { f(next, w, r) })
		}
	}
}

// raw answers with bytes of its own.
func raw(when func(r *http.Request) bool, response string) func(*parts) {
	return handling(func(next http.Handler, w http.ResponseWriter, r *http.Request) {
		if !when(r) {
			next.ServeHTTP(w, r)
			return
		}
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		_, _ = io.WriteString(conn, response)
		_ = conn.Close()
	})
}

// delayed calls the server's start_response with the first chunk, or at the end.
// before may change what the app gave.
func delayed(before func(body gateway.Body, h *gateway.Headers)) func(*parts) {
	return around(func(app gateway.App, env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		var status string
		var header gateway.Headers
		body, err := app.Call(env, func(s string, h gateway.Headers, _ error) (gateway.Write, error) {
			status, header = s, h
			return nil, nil
		})
		if err != nil {
			return body, err
		}
		before(body, &header)
		started := false
		chunks := func(yield func([]byte, error) bool) {
			for p, err := range body.Chunks() {
				if !started {
					started = true
					if _, failed := start(status, header, nil); failed != nil {
						err = failed
					}
				}
				if !yield(p, err) {
					return
				}
			}
		}
		return gateway.Seq2(chunks, body.Close), nil
	})
}

// pulledBody steps through a body by hand and stops that only after Close.
func pulledBody(body gateway.Body) gateway.Body {
	next, stop := iter.Pull2(body.Chunks())
	return gateway.Seq2(func(yield func([]byte, error) bool) {
		for {
			p, err, more := next()
			if !more || !yield(p, err) {
				return
			}
		}
	}, body.Close, func() error {
		stop()
		return nil
	})
}

// quiet is a server that reports nothing.
func quiet(p *parts) {
	p.setup = func(s *gatewaytest.Setup) { s.Logger = slog.New(slog.DiscardHandler) }
}

// deaf is an error stream that takes anything and shows nothing.
type deaf struct{}

func (deaf) Write(p []byte) (int, error) { return len(p), nil }
func (deaf) Flush() error                { return nil }

// silent drops informational responses.
type silent struct{ http.ResponseWriter }

func (w silent) WriteHeader(code int) {
	if code >= 200 {
		w.ResponseWriter.WriteHeader(code)
	}
}

func (w silent) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// refusedField reports whether a gateway would refuse a field.
func refusedField(f [2]string) bool {
	_, _, body, err := gateway.RunApp(gateway.AppFunc(func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		_, err := start("200 OK", gateway.Headers{f}, nil)
		return gateway.Empty(), err
	}), &gateway.Environ{})
	if err == nil {
		_ = body.Close()
	}
	return err != nil
}

// errMutant is a fault of a mutant's own.
var errMutant = errors.New("mutant")

// translate is what a server does that takes bodies for text.
func translate(p []byte) []byte { return bytes.ReplaceAll(p, []byte("\n"), []byte("\r\n")) }
