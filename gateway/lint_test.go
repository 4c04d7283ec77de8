package gateway_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

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

var plain = gateway.Headers{{"Content-Type", "text/plain"}}

type nopErrors struct{}

func (nopErrors) Write(p []byte) (int, error) { return len(p), nil }
func (nopErrors) Flush() error                { return nil }

// missized says that it has two chunks.
type missized struct{ gateway.Body }

func (missized) Len() int { return 2 }

// lintCodes has one scene for each code; these are the others.
func TestLintOfApps(t *testing.T) {
	for _, tt := range []struct {
		name string
		run  scene
		want string
	}{
		{"nothing wrong", gives("200 OK", append(plain.Clone(), [2]string{"Content-Length", "2"}, [2]string{"ETag", `W/"x"`}), gateway.String("ok")), ""},
		{"a second start with an error", app(restarts(errors.New("x"))), ""},
		{"no status", starts("OK", plain), "S03"},
		{"no reason", starts("200", plain), "S04"},
		{"no reason after its space", starts("200 ", plain), "S04"},
		{"two spaces", starts("200  OK", plain), "S04"},
		{"a code below all", starts("099 Little", plain), "S05"},
		{"a field Status in small letters", carries("status", "200"), "H01"},
		{"a name of nothing", carries("", "x"), "H02"},
		{"a name with a low line at its end", carries("X_", "x"), "H04"},
		{"a value with a DEL", carries("X-A", "\x7f"), "H05"},
		{"a length twice", gives("200 OK", append(length("2"), [2]string{"content-length", "2"}), gateway.String("ok")), "H09"},
		{"an origin twice", starts("200 OK", append(plain.Clone(), [2]string{"Access-Control-Allow-Origin", "*"}, [2]string{"Access-Control-Allow-Origin", "*"})), "H09"},
		{"a 304 with a type", starts("304 Not Modified", plain), "H10"},
		{"a 304 with a length", starts("304 Not Modified", gateway.Headers{{"Content-Length", "2"}}), "H10"},
		{"a body of a 204", gives("204 No Content", nil, gateway.String("x")), "B09"},
		{"a body of a 304", gives("304 Not Modified", nil, gateway.String("x")), "B09"},
		{"too long a body", gives("200 OK", length("1"), streamed("ok")), "B11"},
	} {
		var f findings
		tt.run(t, f.options())
		assert.Equal(t, tt.want, f.codes(), tt.name)
	}
}

// What a middleware may do, though it looks like what it may not.
func TestLintOfMiddleware(t *testing.T) {
	failed := errors.New("the disk is gone")
	failing := func(chunks ...string) gateway.AppFunc {
		return func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
			_, err := start("200 OK", plain, nil)
			return gateway.Seq2(func(yield func([]byte, error) bool) {
				for _, s := range chunks {
					if !yield([]byte(s), nil) {
						return
					}
				}
				yield(nil, failed)
			}), err
		}
	}
	for _, tt := range []struct {
		name string
		run  scene
		want string
	}{
		{"giving nothing for an empty chunk", sandwich(nonEmpty, silent("started", "", "", "x", "", "y")), ""},
		{"giving nothing for one that is not", sandwich(nonEmpty, silent("started", "x", " ", "y")), "B07 B07"},
		{"asking for the first chunk, by way of net/http, after empty ones", sandwich(gatewayOf(func(h http.Handler) http.Handler { return h }), silent("", "", "started", "x")), ""},
		{"answering 500 for a body that fails at once", sandwich(gatewayOf(func(h http.Handler) http.Handler { return h }), failing()), ""},
		{"answering 200 for one", sandwich(late(swallows), failing()), "B16"},
		{"being asked by two", around(func(next gateway.App) gateway.App { return twice(next) }), ""},
	} {
		var f findings
		tt.run(t, f.options())
		assert.Equal(t, tt.want, f.codes(), tt.name)
	}
}

// nonEmpty leaves out chunks without letters.
func nonEmpty(next gateway.App) gateway.App {
	return over(func(body gateway.Body) gateway.Body {
		return gateway.Seq2(func(yield func([]byte, error) bool) {
			for p, err := range body.Chunks() {
				if strings.TrimSpace(string(p)) != "" && !yield(p, err) {
					return
				}
			}
		}, body.Close)
	})(next)
}

// late is a middleware that starts when its body has ended.
func late(mw gateway.Middleware) gateway.Middleware {
	return func(next gateway.App) gateway.App {
		return gateway.AppFunc(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
			body, err := mw(next).Call(env, func(string, gateway.Headers, error) (gateway.Write, error) { return nil, nil })
			if err != nil {
				return nil, err
			}
			return gateway.Seq2(func(yield func([]byte, error) bool) {
				for range body.Chunks() {
				}
				_, err := start("200 OK", plain, nil)
				_ = err == nil || yield(nil, err)
			}, body.Close), nil
		})
	}
}

// twice asks its app two times and gives the second answer.
func twice(next gateway.App) gateway.App {
	return gateway.AppFunc(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		_, _, body, err := gateway.RunApp(next, env.Clone())
		if err == nil {
			err = body.Close()
		}
		if err != nil {
			return nil, err
		}
		return next.Call(env, start)
	})
}

func TestLintOfAHEADRequest(t *testing.T) {
	var f findings
	a := gateway.Lint(answer(gateway.Empty, [2]string{"Content-Length", "5"}), f.options())
	gateway.ToHandler(a).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("HEAD", "/", nil))
	assert.Empty(t, f.codes(), "the length is that of the body of a GET")
}

func TestAChunkIsSpoiltAfterItsStep(t *testing.T) {
	var f findings
	var kept []byte
	body := called(t, f.options(), obeys)
	for p := range body.Chunks() {
		kept = p
	}
	closes(body)
	assert.Equal(t, "\xdb\xdb", string(kept))
}

// Under Lint an app reads what it would read without.
func TestAnInputUnderLint(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		n          int64
		want       string
		err        error
	}{
		{"whole", "one\ntwo", 7, "one\ntwo", nil},
		{"of no known length", "one\ntwo", -1, "one\ntwo", nil},
		{"with more behind it", "one\ntwo", 4, "one\n", nil},
		{"that ends too early", "one", 4, "one", io.ErrUnexpectedEOF},
		{"of nothing", "", 0, "", nil},
	} {
		var f findings
		var got []byte
		var err error
		env := faultless()
		input(tt.text, tt.n)(env)
		closes(calledWith(t, f.options(), env, func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
			assert.Equal(t, max(tt.n, -1), env.Input.Remaining(), tt.name)
			got, err = io.ReadAll(env.Input)
			_, failed := start("200 OK", plain, nil)
			return gateway.Empty(), failed
		}))
		assert.Equal(t, tt.want, string(got), tt.name)
		assert.ErrorIs(t, err, tt.err, tt.name)
		var input *gateway.InputError
		if errors.As(err, &input) {
			assert.Equal(t, tt.err, input.Err, "%s: one error, not one in another", tt.name)
		}
		assert.Empty(t, f.codes(), tt.name)
	}
}

// A middleware that has read from the input leaves what comes after it.
func TestAnInputUnderLintThatWasReadFrom(t *testing.T) {
	var f findings
	env := faultless()
	input("one\ntwo", 7)(env)
	_, err := env.Input.ReadLine(10)
	require.NoError(t, err)
	closes(calledWith(t, f.options(), env, func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		rest, err := io.ReadAll(env.Input)
		assert.NoError(t, err)
		assert.Equal(t, "two", string(rest))
		_, err = start("200 OK", plain, nil)
		return gateway.Empty(), err
	}))
	assert.Empty(t, f.codes())
}

// What stands between two Lints gives what it gives without them.
func TestLintChangesNothing(t *testing.T) {
	var f findings
	inner := gateway.Lint(answer(func() gateway.Body { return streamed("a", "b", "c") }), f.options())
	w := httptest.NewRecorder()
	gateway.ToHandler(gateway.Lint(mapped(strings.ToUpper)(inner), f.options())).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	assert.Equal(t, "ABC", w.Body.String())
	assert.Empty(t, f.codes())
}

func TestLintWritesToTheErrorsOfTheRequest(t *testing.T) {
	var errs strings.Builder
	env := faultless()
	env.Errors = stringErrors{&errs}
	env.Set("PATH_INFO", "/p")
	_, err := gateway.Lint(gateway.AppFunc(func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		_, err := start("200 OK", nil, nil)
		return nil, err
	}), gateway.LintOptions{}).Call(env, func(string, gateway.Headers, error) (gateway.Write, error) { return nil, nil })
	require.NoError(t, err)
	assert.Equal(t, "lint: H13 warning: GET /p: a 200 response has no Content-Type; browsers will guess one\n"+
		"lint: B01 error: GET /p: the app returned a nil Body; return gateway.Empty() for a response without one\n", errs.String())
}

func TestAFindingIsOneLine(t *testing.T) {
	f := gateway.Finding{Code: "E09", Message: `PATH_INFO is "x"`, Method: "GET\n", Path: "x\nlint: E01 error: \x1b[2J"}
	assert.Equal(t, `lint: E09 error: GET\x0a x\x0alint: E01 error: \x1b[2J: PATH_INFO is "x"`, f.String())
	f.Warning = true
	assert.Contains(t, f.String(), "E09 warning")
}

type stringErrors struct{ io.Writer }

func (stringErrors) Flush() error { return nil }
