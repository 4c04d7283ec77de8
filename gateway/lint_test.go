package gateway_test

import (
	"errors"
	"io"
	"log/slog"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/gateway"
)

// findings collects what Lint reports.
type findings struct {
	mu  sync.Mutex
	all []gateway.Finding
}

func (f *findings) options() gateway.LintOptions {
	return gateway.LintOptions{Report: func(found gateway.Finding) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.all = append(f.all, found)
	}}
}

// codes are the codes in order, "" when nothing was found.
func (f *findings) codes() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var codes []string
	for _, found := range f.all {
		codes = append(codes, found.Code)
	}
	return strings.Join(codes, " ")
}

// linted serves one request with app under Lint and gives the codes.
func linted(app gateway.App, method string) string {
	var f findings
	func() {
		defer func() { _ = recover() }() // a connection that is cut off
		h := gateway.ToHandler(gateway.Lint(app, f.options()), gateway.Logger(slog.New(slog.DiscardHandler)))
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(method, "/x", nil))
	}()
	return f.codes()
}

// begins is an app that answers with this status, header and body.
func begins(status string, h gateway.Headers, body gateway.Body) gateway.App {
	return gateway.AppFunc(func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		_, err := start(status, h, nil)
		return body, err
	})
}

var plain = gateway.Headers{{"Content-Type", "text/plain"}}

func TestLintOfApps(t *testing.T) {
	with := func(fields ...[2]string) gateway.Headers { return append(plain.Clone(), fields...) }
	for _, tt := range []struct {
		name string
		app  gateway.App
		want string
	}{
		{"nothing wrong", begins("200 OK", with([2]string{"Content-Length", "2"}, [2]string{"ETag", `W/"x"`}), gateway.String("ok")), ""},
		{"a nil body", begins("200 OK", plain, nil), "B01"},
		{"no status", begins("OK", plain, gateway.Empty()), "S03"},
		{"four digits", begins("2000 OK", plain, gateway.Empty()), "S03"},
		{"no reason", begins("200", plain, gateway.Empty()), "S04"},
		{"two spaces", begins("200  OK", plain, gateway.Empty()), "S04"},
		{"a code that is none", begins("600 Much", plain, gateway.Empty()), "S05"},
		{"an interim code", begins("103 Early Hints", plain, gateway.Empty()), "S06"},
		{"a field Status", begins("200 OK", with([2]string{"status", "200"}), gateway.Empty()), "H01"},
		{"a name that is none", begins("200 OK", with([2]string{"a:b", "c"}), gateway.Empty()), "H02"},
		{"a hop-by-hop field", begins("200 OK", with([2]string{"connection", "close"}), gateway.Empty()), "H03"},
		{"a name with an end of its own", begins("200 OK", with([2]string{"X-A-", "c"}), gateway.Empty()), "H04"},
		{"a value of two lines", begins("200 OK", with([2]string{"X-A", "a\r\nb"}), gateway.Empty()), "H05"},
		{"a value in no ASCII", begins("200 OK", with([2]string{"X-A", "é"}), gateway.Empty()), "H06"},
		{"a length that is none", begins("200 OK", with([2]string{"Content-Length", "+2"}), gateway.String("ok")), "H07"},
		{"a small w", begins("200 OK", with([2]string{"ETag", `w/"x"`}), gateway.Empty()), "H08"},
		{"a tag without marks", begins("200 OK", with([2]string{"ETag", "x"}), gateway.Empty()), "H14"},
		{"a field twice", begins("200 OK", with([2]string{"content-type", "text/html"}), gateway.Empty()), "H09"},
		{"a 304 with a description", begins("304 Not Modified", plain, gateway.Empty()), "H10"},
		{"a 304 with a length", begins("304 Not Modified", gateway.Headers{{"Content-Length", "2"}}, gateway.Empty()), "H10"},
		{"a 204 with a length", begins("204 No Content", gateway.Headers{{"Content-Length", "0"}}, gateway.Empty()), "H11"},
		{"a 204 with a type", begins("204 No Content", plain, gateway.Empty()), "H12"},
		{"no type", begins("200 OK", nil, gateway.String("ok")), "H13"},
		{"joined cookies", begins("200 OK", with([2]string{"Set-Cookie", "a=1, b=2"}), gateway.Empty()), "H15"},
		{"a date in a cookie", begins("200 OK", with([2]string{"Set-Cookie", "a=1; Expires=Sun, 06 Nov 1994 08:49:37 GMT; Path=/"}), gateway.Empty()), ""},
		{"a body of a 204", begins("204 No Content", nil, gateway.String("x")), "B09"},
		{"too short a body", begins("200 OK", with([2]string{"Content-Length", "3"}), gateway.String("ok")), "B11"},
		{"a body without a start", gateway.AppFunc(func(*gateway.Environ, gateway.StartResponse) (gateway.Body, error) {
			return gateway.String("x"), nil
		}), "B08"},
		{"no start at all", gateway.AppFunc(func(*gateway.Environ, gateway.StartResponse) (gateway.Body, error) {
			return gateway.Empty(), nil
		}), "B10"},
		{"two starts", gateway.AppFunc(func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
			start("200 OK", plain, nil)
			start("200 OK", plain, nil)
			return gateway.Empty(), nil
		}), "S02"},
		{"a second start with an error", gateway.AppFunc(func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
			start("200 OK", plain, nil)
			start("500 Internal Server Error", plain, errors.New("x"))
			return gateway.Empty(), nil
		}), ""},
		{"an error that start_response gave and nobody took", gateway.AppFunc(func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
			write, _ := start("200 OK", plain, nil)
			write([]byte("x"))
			start("500 Internal Server Error", plain, errors.New("x"))
			return gateway.Empty(), nil
		}), "C01"},
		{"a wrong number of chunks", begins("200 OK", plain, missized{gateway.String("x")}), "B03"},
		{"write while the body is sent", gateway.AppFunc(func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
			write, err := start("200 OK", plain, nil)
			return gateway.Seq(func(yield func([]byte) bool) {
				if yield([]byte("a")) {
					write([]byte("b"))
				}
			}), err
		}), "W02"},
	} {
		got := linted(tt.app, "GET")
		assert.Equal(t, tt.want, got, tt.name)
	}
}

// missized says that it has two chunks.
type missized struct{ gateway.Body }

func (missized) Len() int { return 2 }

func TestLintOfAHEADRequest(t *testing.T) {
	got := linted(begins("200 OK", gateway.Headers{{"Content-Type", "text/plain"}, {"Content-Length", "5"}}, gateway.Empty()), "HEAD")
	assert.Empty(t, got, "the length is that of the body of a GET")
}

func TestLintOfEnvirons(t *testing.T) {
	good := func() *gateway.Environ {
		env := &gateway.Environ{URLScheme: "http", Errors: nopErrors{}}
		for key, value := range map[string]string{"REQUEST_METHOD": "GET", "SERVER_NAME": "a", "SERVER_PORT": "80", "PATH_INFO": "/", "QUERY_STRING": ""} {
			env.Set(key, value)
		}
		return env
	}
	set := func(key, value string) func(*gateway.Environ) {
		return func(e *gateway.Environ) { e.Set(key, value) }
	}
	for _, tt := range []struct {
		name   string
		change func(*gateway.Environ)
		want   string
	}{
		{"nothing wrong", func(*gateway.Environ) {}, ""},
		{"no method", func(e *gateway.Environ) { e.Del("REQUEST_METHOD") }, "E01"},
		{"no server name", func(e *gateway.Environ) { e.Del("SERVER_NAME") }, "E02"},
		{"no port", set("SERVER_PORT", ""), "E03"},
		{"an unknown method", set("REQUEST_METHOD", "BREW"), "E04"},
		{"an unknown scheme", func(e *gateway.Environ) { e.URLScheme = "gopher" }, "E05"},
		{"no errors", func(e *gateway.Environ) { e.Errors = nil }, "E06"},
		{"no query", func(e *gateway.Environ) { e.Del("QUERY_STRING") }, "E07"},
		{"a script name without a slash", set("SCRIPT_NAME", "app"), "E08"},
		{"a path without a slash", set("PATH_INFO", "x"), "E09"},
		{"a script name of a slash", set("SCRIPT_NAME", "/"), "E10"},
		{"no path", set("PATH_INFO", ""), "E11"},
		{"a type of the wrong name", set("HTTP_CONTENT_TYPE", "x"), "E12"},
		{"a length of the wrong name", set("HTTP_CONTENT_LENGTH", "1"), "E13"},
		{"a proxy that the client chose", set("HTTP_PROXY", "x"), "E14"},
		{"an extension without a dot", func(e *gateway.Environ) { e.Ext = map[string]any{"route": 1} }, "E15"},
		{"an extension", func(e *gateway.Environ) { e.Ext = map[string]any{"retort.route": 1} }, ""},
		{"a length that is none", set("CONTENT_LENGTH", "-1"), "E16"},
		{"a length of nothing", set("CONTENT_LENGTH", ""), ""},
	} {
		var f findings
		env := good()
		tt.change(env)
		_, _, body, err := gateway.RunApp(gateway.Lint(begins("200 OK", plain, gateway.String("ok")), f.options()), env)
		require.NoError(t, err, tt.name)
		for range body.Chunks() {
		}
		require.NoError(t, body.Close())
		assert.Equal(t, tt.want, f.codes(), tt.name)
	}
}

type nopErrors struct{}

func (nopErrors) Write(p []byte) (int, error) { return len(p), nil }
func (nopErrors) Flush() error                { return nil }

func TestLintOfServers(t *testing.T) {
	body := func(f *findings) gateway.Body {
		env := &gateway.Environ{URLScheme: "http", Errors: nopErrors{}}
		for key, value := range map[string]string{"REQUEST_METHOD": "GET", "SERVER_NAME": "a", "SERVER_PORT": "80", "PATH_INFO": "/", "QUERY_STRING": ""} {
			env.Set(key, value)
		}
		b, err := gateway.Lint(begins("200 OK", plain, gateway.String("ok")), f.options()).Call(env, func(string, gateway.Headers, error) (gateway.Write, error) { return nil, nil })
		require.NoError(t, err)
		return b
	}
	t.Run("a body closed twice", func(t *testing.T) {
		var f findings
		b := body(&f)
		b.Close()
		b.Close()
		assert.Equal(t, "B12", f.codes())
	})
	t.Run("a body ranged over twice", func(t *testing.T) {
		var f findings
		b := body(&f)
		for range b.Chunks() {
		}
		for range b.Chunks() {
		}
		b.Close()
		assert.Equal(t, "B05", f.codes())
	})
	t.Run("a body ranged over when it is closed", func(t *testing.T) {
		var f findings
		b := body(&f)
		b.Close()
		for range b.Chunks() {
		}
		assert.Equal(t, "B04", f.codes())
	})
	t.Run("a body that is dropped", func(t *testing.T) {
		var f findings
		body(&f)
		assert.Eventually(t, func() bool { runtime.GC(); return f.codes() == "B02" }, 10*time.Second, 10*time.Millisecond)
	})
	t.Run("a chunk that is kept", func(t *testing.T) {
		var f findings
		var kept []byte
		b := body(&f)
		for p := range b.Chunks() {
			kept = p
		}
		b.Close()
		assert.Equal(t, "\xdb\xdb", string(kept))
	})
}

func TestLintOfMiddleware(t *testing.T) {
	app := gateway.AppFunc(func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		_, err := start("200 OK", plain, nil)
		return gateway.Seq(func(yield func([]byte) bool) {
			_ = yield([]byte("a")) && yield([]byte("b")) && yield([]byte("c"))
		}), err
	})
	for _, tt := range []struct {
		name string
		mw   gateway.Middleware
		want string
	}{
		{"that passes everything on", func(next gateway.App) gateway.App { return next }, ""},
		{"that makes each chunk large", func(next gateway.App) gateway.App {
			return gateway.AppFunc(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
				body, err := next.Call(env, start)
				if err != nil {
					return nil, err
				}
				return gateway.Seq2(func(yield func([]byte, error) bool) {
					for p, err := range body.Chunks() {
						if !yield([]byte(strings.ToUpper(string(p))), err) {
							return
						}
					}
				}, body.Close), nil
			})
		}, ""},
		{"that waits for all chunks", func(next gateway.App) gateway.App {
			return gateway.AppFunc(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
				body, err := next.Call(env, start)
				if err != nil {
					return nil, err
				}
				return gateway.Seq2(func(yield func([]byte, error) bool) {
					var all []byte
					for p := range body.Chunks() {
						all = append(all, p...)
					}
					yield(all, nil)
				}, body.Close), nil
			})
		}, "B07 B07 B07"},
		{"that takes the chunks before it returns", func(next gateway.App) gateway.App {
			return gateway.AppFunc(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
				body, err := next.Call(env, start)
				if err != nil {
					return nil, err
				}
				var all []byte
				for p := range body.Chunks() {
					all = append(all, p...)
				}
				return gateway.OnClose(gateway.Bytes(all), body.Close), nil
			})
		}, "B06"},
		{"that forgets to close", func(next gateway.App) gateway.App {
			return gateway.AppFunc(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
				body, err := next.Call(env, start)
				if err != nil {
					return nil, err
				}
				return gateway.Seq2(body.Chunks()), nil
			})
		}, "B13"},
		{"that writes what was yielded", func(next gateway.App) gateway.App {
			return gateway.AppFunc(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
				var write gateway.Write
				body, err := next.Call(env, func(status string, h gateway.Headers, exc error) (gateway.Write, error) {
					var err error
					write, err = start(status, h, exc)
					return write, err
				})
				if err != nil {
					return nil, err
				}
				for p := range body.Chunks() {
					if err := write(p); err != nil {
						return nil, err
					}
				}
				return gateway.OnClose(gateway.Empty(), body.Close), nil
			})
		}, "B06 W03 W03 W03"},
	} {
		var f findings
		sandwich := gateway.Lint(tt.mw(gateway.Lint(app, f.options())), f.options())
		w := httptest.NewRecorder()
		gateway.ToHandler(sandwich, gateway.Logger(slog.New(slog.DiscardHandler))).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
		assert.Equal(t, tt.want, f.codes(), tt.name)
		assert.Equal(t, "ABC", strings.ToUpper(w.Body.String()), tt.name)
	}
}

func TestLintWritesToTheErrorsOfTheRequest(t *testing.T) {
	var errs strings.Builder
	env := &gateway.Environ{URLScheme: "http", Errors: stringErrors{&errs}}
	for key, value := range map[string]string{"REQUEST_METHOD": "GET", "SERVER_NAME": "a", "SERVER_PORT": "80", "PATH_INFO": "/p", "QUERY_STRING": ""} {
		env.Set(key, value)
	}
	_, err := gateway.Lint(begins("200 OK", nil, nil), gateway.LintOptions{}).Call(env, func(string, gateway.Headers, error) (gateway.Write, error) { return nil, nil })
	require.NoError(t, err)
	assert.Equal(t, "lint: H13 warning: GET /p: a 200 response has no Content-Type; browsers will guess one\n"+
		"lint: B01 error: GET /p: the app returned a nil Body; return gateway.Empty() for a response without one\n", errs.String())
}

type stringErrors struct{ io.Writer }

func (stringErrors) Flush() error { return nil }
