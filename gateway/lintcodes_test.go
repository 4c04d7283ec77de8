package gateway_test

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/gateway"
)

// scene does something under Lint.
type scene func(t *testing.T, o gateway.LintOptions)

// lintCodes has a scene that provokes each code and nothing else, and its
// neighbour that provokes nothing.
var lintCodes = []struct {
	code         string
	wrong, right scene
}{
	{"E01", environOf(lacking("REQUEST_METHOD")), environOf(having("REQUEST_METHOD", "POST"))},
	{"E02", environOf(lacking("SERVER_NAME")), environOf(having("SERVER_NAME", "[::1]"))},
	{"E03", environOf(having("SERVER_PORT", "")), environOf(having("SERVER_PORT", "8080"))},
	{"E04", environOf(having("REQUEST_METHOD", "BREW")), environOf(having("REQUEST_METHOD", "QUERY"))},
	{"E05", environOf(func(e *gateway.Environ) { e.URLScheme = "gopher" }), environOf(func(e *gateway.Environ) { e.URLScheme = "wss" })},
	{"E06", environOf(func(e *gateway.Environ) { e.Errors = nil }), environOf(func(*gateway.Environ) {})},
	{"E07", environOf(lacking("QUERY_STRING")), environOf(having("QUERY_STRING", "a=1"))},
	{"E08", environOf(having("SCRIPT_NAME", "app")), environOf(having("SCRIPT_NAME", "/app"))},
	{"E09", environOf(having("PATH_INFO", "x")), environOf(having("PATH_INFO", "/x"))},
	{"E10", environOf(having("SCRIPT_NAME", "/")), environOf(having("SCRIPT_NAME", ""))},
	{"E11", environOf(having("PATH_INFO", "")), environOf(having("PATH_INFO", ""), having("REQUEST_METHOD", "OPTIONS"))},
	{"E12", environOf(having("HTTP_CONTENT_TYPE", "text/plain")), environOf(having("CONTENT_TYPE", "text/plain"))},
	{"E13", environOf(having("HTTP_CONTENT_LENGTH", "0")), environOf(having("CONTENT_LENGTH", "0"))},
	{"E14", environOf(having("HTTP_PROXY", "http://evil.test")), environOf(having("HTTP_X_PROXY", "http://evil.test"))},
	{"E15", environOf(extension("route")), environOf(extension("retort.route"))},
	{"E16", environOf(having("CONTENT_LENGTH", "-1")), environOf(having("CONTENT_LENGTH", ""))},
	{"E17", environOf(having("CONTENT_LENGTH", "5"), input("abc", 3)), environOf(having("CONTENT_LENGTH", "3"), input("abc", 3))},
	{"E18", around(cuts(false)), around(cuts(true))},

	{"I01", environOf(having("CONTENT_LENGTH", "3"), input("a\nb", 3), reads(0)), environOf(having("CONTENT_LENGTH", "3"), input("a\nb", 3), reads(100))},
	{"I02", readsWhenOver, readsAtClose},

	{"S01", startsWhenOver, app(lazy)},
	{"S02", app(restarts(nil)), app(restarts(errors.New("because of this")))},
	{"S03", starts("2000 OK", plain), starts("200 OK", plain)},
	{"S04", starts("200 OK ", plain), starts("200 It is all right", plain)},
	{"S05", starts("600 Much", plain), starts("599 Enough", plain)},
	{"S06", starts("103 Early Hints", plain), starts("203 Non-Authoritative Information", plain)},
	{"S07", starts("200 OK\r\nX-Evil: 1", plain), starts("200 Nicht übel", plain)},

	{"H01", carries("Status", "200"), carries("X-Status", "200")},
	{"H02", carries("a:b", "c"), carries("a!b", "c")},
	{"H03", carries("connection", "close"), carries("X-Connection", "close")},
	{"H04", carries("X-A-", "b"), carries("X-A", "b")},
	{"H05", carries("X-A", "a\r\nb"), carries("X-A", "a\tb")},
	{"H06", carries("X-A", "é"), carries("X-A", "%C3%A9")},
	{"H07", carries("Content-Length", "+0"), carries("Content-Length", "0")},
	{"H08", carries("ETag", `w/"x"`), carries("ETag", `W/"x"`)},
	{"H09", carries("content-type", "text/html"), carries("Set-Cookie", "a=1; Path=/")},
	{"H10", starts("304 Not Modified", gateway.Headers{{"ETag", `"x"`}, {"Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT"}}),
		starts("304 Not Modified", gateway.Headers{{"Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT"}, {"Expires", "0"}})},
	{"H11", starts("204 No Content", gateway.Headers{{"Content-Length", "0"}}), starts("205 Reset Content", gateway.Headers{{"Content-Length", "0"}})},
	{"H12", starts("204 No Content", plain), starts("204 No Content", nil)},
	{"H13", starts("200 OK", nil), starts("200 OK", gateway.Headers{{"Content-Length", "0"}})},
	{"H14", carries("ETag", "x"), carries("ETag", `"x,y"`)},
	{"H15", carries("Set-Cookie", "a=1, b=2"), carries("Set-Cookie", "a=1; Expires=Sun, 06 Nov 1994 08:49:37 GMT; Path=/")},

	{"B01", gives("200 OK", plain, nil), gives("200 OK", plain, gateway.Empty())},
	{"B02", drops(false), drops(true)},
	{"B03", gives("200 OK", plain, missized{gateway.String("x")}), gives("200 OK", plain, gateway.String("x"))},
	{"B04", uses(closes, ranges), uses(ranges, closes)},
	{"B05", uses(ranges, ranges, closes), uses(ranges, closes)},
	{"B06", around(eager), around(gatewayOf(func(next http.Handler) http.Handler { return next }))},
	{"B07", around(waits), around(mapped(strings.ToUpper))},
	{"B08", app(silent("x")), app(silent("", "", "started", "x"))},
	{"B09", gives("205 Reset Content", nil, gateway.String("x")), gives("205 Reset Content", nil, streamed("", ""))},
	{"B10", app(silent("", "")), app(lazy)},
	{"B11", gives("200 OK", length("3"), streamed("o", "k")), gives("200 OK", length("2"), streamed("o", "k"))},
	{"B12", uses(ranges, closes, closes), uses(closes)},
	{"B13", around(careless), around(mapped(strings.ToLower))},
	{"B14", uses(scribbles, closes), uses(ranges, closes)},
	{"B15", changesWhatIsOut(true), changesWhatIsOut(false)},
	{"B16", aroundFailing(swallows), aroundFailing(mapped(strings.ToUpper))},
	{"B17", aroundFailing(closesQuietly), aroundFailing(mapped(strings.ToUpper))},

	{"W01", writesWhenOver, app(writes)},
	{"W02", app(writesWhileSending), app(writes)},
	{"W03", around(writesWhatWasYielded), aroundWriting(passes)},

	{"C01", app(forgives(true)), app(forgives(false))},
}

func TestEachCodeOfLint(t *testing.T) {
	for _, c := range lintCodes {
		t.Run(c.code, func(t *testing.T) {
			var wrong, right findings
			c.wrong(t, wrong.options())
			c.right(t, right.options())
			assert.Equal(t, []string{c.code}, slices.Compact(strings.Fields(wrong.codes())), "what is wrong, and nothing else")
			assert.Empty(t, right.codes(), "its neighbour is not")
		})
	}
}

// A code without a scene here is one that nobody has seen.
func TestEveryCodeHasItsScenes(t *testing.T) {
	files, err := filepath.Glob("lint*.go")
	require.NoError(t, err)
	var said []string
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		for _, code := range regexp.MustCompile(`"([A-Z][0-9]{2})"`).FindAllSubmatch(text, -1) {
			said = append(said, string(code[1]))
		}
	}
	slices.Sort(said)
	var seen []string
	for _, c := range lintCodes {
		seen = append(seen, c.code)
	}
	slices.Sort(seen)
	assert.Equal(t, slices.Compact(said), seen)
}

func app(f gateway.AppFunc) scene {
	return func(_ *testing.T, o gateway.LintOptions) { serveLinted(gateway.Lint(f, o)) }
}

// serveLinted makes one request. A connection that is cut off is a panic.
func serveLinted(a gateway.App) {
	defer func() { _ = recover() }()
	h := gateway.ToHandler(a, gateway.Logger(slog.New(slog.DiscardHandler)))
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/x/y", nil))
}

// gives answers so.
func gives(status string, h gateway.Headers, body gateway.Body) scene {
	return app(func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		_, err := start(status, h, nil)
		return body, err
	})
}

func starts(status string, h gateway.Headers) scene { return gives(status, h, gateway.Empty()) }

// carries is a response with one more field.
func carries(name, value string) scene {
	return starts("200 OK", append(plain.Clone(), [2]string{name, value}))
}

func length(n string) gateway.Headers {
	return gateway.Headers{{"Content-Type", "text/plain"}, {"Content-Length", n}}
}

// environOf changes an environ in which nothing is wrong.
func environOf(changes ...func(*gateway.Environ)) scene {
	return func(t *testing.T, o gateway.LintOptions) {
		env := faultless()
		for _, change := range changes {
			change(env)
		}
		_, _, body, err := gateway.RunApp(gateway.Lint(gateway.AppFunc(obeys), o), env)
		require.NoError(t, err)
		for range body.Chunks() {
		}
		require.NoError(t, body.Close())
	}
}

func faultless() *gateway.Environ {
	env := &gateway.Environ{URLScheme: "http", Errors: nopErrors{}}
	for key, value := range map[string]string{"REQUEST_METHOD": "GET", "SERVER_NAME": "a", "SERVER_PORT": "80", "PATH_INFO": "/", "QUERY_STRING": ""} {
		env.Set(key, value)
	}
	return env
}

func lacking(key string) func(*gateway.Environ) { return func(e *gateway.Environ) { e.Del(key) } }
func having(key, value string) func(*gateway.Environ) {
	return func(e *gateway.Environ) { e.Set(key, value) }
}

func extension(name string) func(*gateway.Environ) {
	return func(e *gateway.Environ) { e.Ext = map[string]any{name: 1} }
}

func input(text string, n int64) func(*gateway.Environ) {
	return func(e *gateway.Environ) { e.Input = gateway.NewInput(strings.NewReader(text), n) }
}

// reads has the app read a line of up to max bytes.
func reads(max int) func(*gateway.Environ) {
	return func(e *gateway.Environ) { e.Ext = map[string]any{"test.line": max} }
}

// obeys reads what it is told to and answers.
func obeys(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
	if max, ok := env.Ext["test.line"].(int); ok {
		for range 2 { // told once
			if _, err := env.Input.ReadLine(max); err != nil {
				return nil, err
			}
		}
	}
	_, err := start("200 OK", plain, nil)
	return gateway.String("ok"), err
}

// lazy starts when its body is asked for, as a generator of Python does.
func lazy(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
	return gateway.Seq2(func(yield func([]byte, error) bool) {
		_, err := start("200 OK", plain, nil)
		yield([]byte("ok"), err)
	}), nil
}

// silent gives chunks; it starts with the one that says so.
func silent(texts ...string) gateway.AppFunc {
	return func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		return gateway.Seq(func(yield func([]byte) bool) {
			for _, text := range texts {
				if text == "started" {
					_, _ = start("200 OK", plain, nil)
				}
				if !yield([]byte(text)) {
					return
				}
			}
		}), nil
	}
}

func restarts(exc error) gateway.AppFunc {
	return func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		if _, err := start("200 OK", plain, nil); err != nil {
			return nil, err
		}
		_, err := start("500 Internal Server Error", plain, exc)
		return gateway.Empty(), err
	}
}

func writes(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
	write, err := start("200 OK", plain, nil)
	if err != nil {
		return nil, err
	}
	return gateway.String("body"), write([]byte("before "))
}

func writesWhileSending(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
	write, err := start("200 OK", plain, nil)
	return gateway.Seq(func(yield func([]byte) bool) {
		if yield([]byte("a")) {
			_ = write([]byte("b"))
		}
	}), err
}

// forgives starts again when it is too late, and takes no notice of the error.
func forgives(goesOn bool) gateway.AppFunc {
	return func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		write, err := start("200 OK", plain, nil)
		if err != nil {
			return nil, err
		}
		if err := write([]byte("x")); err != nil {
			return nil, err
		}
		if _, err = start("500 Internal Server Error", plain, errors.New("x")); goesOn {
			err = nil
		}
		return gateway.Empty(), err
	}
}

// called is what a server has after Call: start_response and the body.
func called(t *testing.T, o gateway.LintOptions, a gateway.AppFunc) gateway.Body {
	return calledWith(t, o, faultless(), a)
}

func calledWith(t *testing.T, o gateway.LintOptions, env *gateway.Environ, a gateway.AppFunc) gateway.Body {
	body, err := gateway.Lint(a, o).Call(env, func(string, gateway.Headers, error) (gateway.Write, error) {
		return func([]byte) error { return nil }, nil
	})
	require.NoError(t, err)
	return body
}

// uses does things with a body, as a server does.
func uses(acts ...func(gateway.Body)) scene {
	return func(t *testing.T, o gateway.LintOptions) {
		body := called(t, o, obeys)
		for _, act := range acts {
			act(body)
		}
	}
}

func closes(body gateway.Body) { _ = body.Close() }

func ranges(body gateway.Body) {
	for range body.Chunks() {
	}
}

func scribbles(body gateway.Body) {
	for p := range body.Chunks() {
		p[0] = 'X'
	}
}

// drops forgets a body, which is noticed when its memory is wanted. What is
// closed is not reported, however long one waits: the cleanup asks.
func drops(closed bool) scene {
	return func(t *testing.T, o gateway.LintOptions) {
		told := make(chan struct{}, 1)
		report := o.Report
		o.Report = func(f gateway.Finding) { report(f); told <- struct{}{} }
		func() {
			if body := called(t, o, obeys); closed {
				closes(body)
			}
		}()
		for range 3 {
			runtime.GC()
		}
		if closed {
			return
		}
		assert.Eventually(t, func() bool { runtime.GC(); return len(told) == 1 }, 30*time.Second, time.Millisecond)
	}
}

func startsWhenOver(t *testing.T, o gateway.LintOptions) {
	var kept gateway.StartResponse
	closes(called(t, o, func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		kept = start
		return gateway.Empty(), nil
	}))
	_, _ = kept("200 OK", plain, nil)
}

func writesWhenOver(t *testing.T, o gateway.LintOptions) {
	var write gateway.Write
	closes(called(t, o, func(_ *gateway.Environ, start gateway.StartResponse) (body gateway.Body, err error) {
		write, err = start("200 OK", plain, nil)
		return gateway.Empty(), err
	}))
	_ = write([]byte("x"))
}

func readsWhenOver(t *testing.T, o gateway.LintOptions) {
	var kept *gateway.Input
	env := faultless()
	input("abc", 3)(env)
	closes(calledWith(t, o, env, func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		kept = env.Input
		_, err := start("200 OK", plain, nil)
		return gateway.Empty(), err
	}))
	_, _ = kept.Read(make([]byte, 1))
}

func readsAtClose(t *testing.T, o gateway.LintOptions) {
	env := faultless()
	input("abc", 3)(env)
	closes(calledWith(t, o, env, func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		_, err := start("200 OK", plain, nil)
		return gateway.OnClose(gateway.Empty(), func() error {
			_, err := env.Input.Read(make([]byte, 1))
			return err
		}), err
	}))
}

// changesWhatIsOut has an app that uses its buffer again, too early or in time.
func changesWhatIsOut(early bool) scene {
	return func(t *testing.T, o gateway.LintOptions) {
		buf := []byte("a")
		body := called(t, o, func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
			_, err := start("200 OK", plain, nil)
			return gateway.Seq(func(yield func([]byte) bool) {
				for range 3 {
					if !yield(buf) {
						return
					}
					buf[0]++
				}
			}), err
		})
		for range body.Chunks() {
			if early {
				buf[0]++
			}
		}
		closes(body)
	}
}

// around puts a middleware between two Lints, over an app that streams.
func around(mw gateway.Middleware) scene {
	return sandwich(mw, func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		_, err := start("200 OK", plain, nil)
		return streamed("a", "b", "c"), err
	})
}

// aroundFailing has an app inside whose body fails, and fails to close.
func aroundFailing(mw gateway.Middleware) scene {
	return sandwich(mw, func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		_, err := start("200 OK", plain, nil)
		return gateway.Seq2(func(yield func([]byte, error) bool) {
			_ = yield([]byte("half"), nil) && yield(nil, errors.New("the disk is gone"))
		}, func() error { return errors.New("so is its lock") }), err
	})
}

func aroundWriting(mw gateway.Middleware) scene { return sandwich(mw, writes) }

func sandwich(mw gateway.Middleware, inner gateway.AppFunc) scene {
	return func(_ *testing.T, o gateway.LintOptions) { serveLinted(gateway.Lint(mw(gateway.Lint(inner, o)), o)) }
}

// gatewayOf makes gateway middleware of that of net/http.
func gatewayOf(mw func(http.Handler) http.Handler) gateway.Middleware {
	return func(next gateway.App) gateway.App {
		return gateway.FromHandler(mw(gateway.ToHandler(next, gateway.Logger(slog.New(slog.DiscardHandler)))))
	}
}

func passes(next gateway.App) gateway.App { return next }

// over makes a middleware of what becomes of a body.
func over(change func(gateway.Body) gateway.Body) gateway.Middleware {
	return func(next gateway.App) gateway.App {
		return gateway.AppFunc(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
			body, err := next.Call(env, start)
			if err != nil {
				return nil, err
			}
			return change(body), nil
		})
	}
}

// mapped changes each chunk and keeps all the rules.
func mapped(change func(string) string) gateway.Middleware {
	return over(func(body gateway.Body) gateway.Body {
		return gateway.Seq2(func(yield func([]byte, error) bool) {
			for p, err := range body.Chunks() {
				if !yield([]byte(change(string(p))), err) {
					return
				}
			}
		}, body.Close)
	})
}

// waits gives one chunk for all of those inside.
func waits(next gateway.App) gateway.App {
	return over(func(body gateway.Body) gateway.Body {
		return gateway.Seq2(func(yield func([]byte, error) bool) {
			all, err := gather(body)
			yield(all, err)
		}, body.Close)
	})(next)
}

// eager takes all chunks before it returns.
func eager(next gateway.App) gateway.App {
	return over(func(body gateway.Body) gateway.Body {
		all, _ := gather(body)
		return gateway.OnClose(gateway.Bytes(all), body.Close)
	})(next)
}

func gather(body gateway.Body) (all []byte, err error) {
	for p, err := range body.Chunks() {
		if err != nil {
			return nil, err
		}
		all = append(all, p...)
	}
	return all, nil
}

// careless does not close the body inside.
func careless(next gateway.App) gateway.App {
	return over(func(body gateway.Body) gateway.Body { return gateway.Seq2(body.Chunks()) })(next)
}

// swallows ends as if nothing had happened when the body inside fails.
func swallows(next gateway.App) gateway.App {
	return over(func(body gateway.Body) gateway.Body {
		return gateway.Seq(func(yield func([]byte) bool) {
			for p, err := range body.Chunks() {
				if err != nil || !yield(p) {
					return
				}
			}
		}, body.Close)
	})(next)
}

// closesQuietly tells nobody that the body inside could not be closed.
func closesQuietly(next gateway.App) gateway.App {
	return over(func(body gateway.Body) gateway.Body {
		return gateway.Seq2(body.Chunks(), func() error {
			closes(body)
			return nil
		})
	})(next)
}

// cuts takes a segment off the path, and puts it where it belongs if it is tidy.
func cuts(tidy bool) gateway.Middleware {
	return func(next gateway.App) gateway.App {
		return gateway.AppFunc(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
			below := env.Clone()
			below.Set("PATH_INFO", "/y")
			if tidy {
				below.Set("SCRIPT_NAME", env.Value("SCRIPT_NAME")+"/x")
			}
			return next.Call(below, start)
		})
	}
}

// writesWhatWasYielded hands on by write what the app inside gives in chunks.
func writesWhatWasYielded(next gateway.App) gateway.App {
	return gateway.AppFunc(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		var write gateway.Write
		body, err := next.Call(env, func(status string, h gateway.Headers, exc error) (_ gateway.Write, err error) {
			write, err = start(status, h, exc)
			return write, err
		})
		if err != nil {
			return nil, err
		}
		return gateway.Seq2(func(yield func([]byte, error) bool) {
			for p, err := range body.Chunks() {
				if err == nil {
					err = write(p)
				}
				if !yield(nil, err) {
					return
				}
			}
		}, body.Close), nil
	})
}
