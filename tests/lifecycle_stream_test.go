package tests

import (
	"bufio"
	"context"
	"errors"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/gateway"
)

// streaming registers a view for / whose body is the sequence; the end of the
// sequence and the closing of the response are logged.
func streaming(chunks func(yield func(string, error) bool)) setup {
	return func(app *retort.App, log *logbook) {
		app.Get("/", retort.Endpoint("root"))(func(c *retort.Context) any {
			log.add("view")
			res := retort.Stream(iter.Seq2[string, error](func(yield func(string, error) bool) {
				log.add("first")
				defer log.add("last")
				chunks(yield)
			}))
			res.OnClose(func() error { log.add("closed"); return nil })
			return res
		})
	}
}

// give yields the chunks and then does something else.
func give(chunks []string, then func(yield func(string, error) bool)) func(yield func(string, error) bool) {
	return func(yield func(string, error) bool) {
		for _, chunk := range chunks {
			if !yield(chunk, nil) {
				return
			}
		}
		then(yield)
	}
}

func stop(func(string, error) bool) {}

func breakOff(yield func(string, error) bool) { yield("", errBroken) }

func panicWith(v any) func(func(string, error) bool) {
	return func(func(string, error) bool) { panic(v) }
}

func TestStreams(t *testing.T) {
	streamed := beginning("a2 200", "a1 200", "first", "last", "closed")
	two := []string{"one ", "two"}
	runLife(t, []lifeCase{
		{name: "two chunks", setup: streaming(give(two, stop)), status: 200, body: "one two", log: streamed},
		{name: "no chunk", setup: streaming(give(nil, stop)), status: 200, log: streamed},
		{name: "only empty chunks", setup: streaming(give([]string{"", ""}, stop)), status: 200, log: streamed},
		{name: "HEAD does not begin with the body", setup: streaming(give(two, stop)), method: "HEAD", status: 200,
			log: beginning("a2 200", "a1 200", "closed")},
		{name: "an error before the first byte is a 500", setup: streaming(give(nil, breakOff)), status: 500,
			log: streamed, unhandled: "broken"},
		{name: "an error after an empty chunk is a 500", setup: streaming(give([]string{""}, breakOff)), status: 500,
			log: streamed, unhandled: "broken"},
		{name: "a panic before the first byte is a 500", setup: streaming(give(nil, panicWith(errBroken))), status: 500,
			log: streamed, unhandled: "broken"},
		{name: "an error half way cuts the connection", setup: streaming(give(two, breakOff)), cut: true,
			log: streamed, unhandled: "broken"},
		{name: "a panic half way cuts the connection", setup: streaming(give(two, panicWith("lost"))), cut: true,
			log: streamed, unhandled: "panic: lost"},
		{name: "http.ErrAbortHandler half way cuts the connection", setup: streaming(give(two, panicWith(http.ErrAbortHandler))), cut: true,
			log: streamed, unhandled: http.ErrAbortHandler.Error()},
		{name: "an after_request function that fails leaves the body unread, and closed", setup: both(streaming(give(two, stop)), after(func() { panic(errBroken) })),
			status: 500, log: beginning("closed"), unhandled: "broken"},
	})
}

// closer is a reader that logs its end.
type closer struct {
	io.Reader
	log *logbook
}

func (c closer) Close() error { c.log.add("closed"); return nil }

func TestReadersAreClosedOnce(t *testing.T) {
	reader := func(text string, then error) setup {
		return func(app *retort.App, log *logbook) {
			app.Get("/", retort.Endpoint("root"))(func() any {
				log.add("view")
				return closer{io.MultiReader(strings.NewReader(text), failing{then}), log}
			})
		}
	}
	sent := beginning("a2 200", "a1 200", "closed")
	runLife(t, []lifeCase{
		{name: "a whole text", setup: reader("text", io.EOF), status: 200, body: "text", log: sent},
		{name: "HEAD", setup: reader("text", io.EOF), method: "HEAD", status: 200, log: sent},
		{name: "an error before the first byte", setup: reader("", errBroken), status: 500, log: sent, unhandled: "broken"},
		{name: "an error half way", setup: reader("half", errBroken), cut: true, log: sent, unhandled: "broken"},
		{name: "an after_request function fails", setup: both(reader("text", io.EOF), after(func() { panic(errBroken) })),
			status: 500, log: beginning("closed"), unhandled: "broken"},
	})
}

// failing is a reader that fails at once.
type failing struct{ err error }

func (r failing) Read([]byte) (int, error) { return 0, r.err }

func TestChunksAreFlushedOneByOne(t *testing.T) {
	setup := streaming(give([]string{"a", "b", "c"}, stop))
	for name, handler := range map[string]func(*retort.App) http.Handler{
		"App.ServeHTTP": func(app *retort.App) http.Handler { return app },
		"App.Call":      func(app *retort.App) http.Handler { return gateway.ToHandler(app) },
	} {
		t.Run(name, func(t *testing.T) {
			app, log := hookedApp()
			setup(app, log)
			r := httptest.NewRequest("GET", "/", nil)
			w := newRecorder(r)
			handler(app).ServeHTTP(w, r)
			assert.Subset(t, w.flushed, []string{"a", "ab"})
			assert.Equal(t, "abc", w.body.String())
		})
	}
}

func TestChunksReachTheClientBeforeTheNextIsMade(t *testing.T) {
	app, log := hookedApp()
	read := make(chan string)
	streaming(func(yield func(string, error) bool) {
		for _, chunk := range []string{"one\n", "two\n", "three\n"} {
			if !yield(chunk, nil) || <-read != chunk {
				return
			}
		}
	})(app, log)
	server := httptest.NewServer(app)
	defer server.Close()
	defer close(read) // also when the test has failed: the stream ends
	ctx, cancel := context.WithTimeout(t.Context(), waitTime)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, "GET", server.URL, nil)
	require.NoError(t, err)
	res, err := http.DefaultTransport.RoundTrip(r)
	require.NoError(t, err, "the first chunk does not arrive")
	defer res.Body.Close()
	lines := bufio.NewReader(res.Body)
	for _, want := range []string{"one\n", "two\n", "three\n"} {
		line, err := lines.ReadString('\n')
		require.NoError(t, err)
		require.Equal(t, want, line)
		read <- line
	}
}

// endless is a stream that goes on until somebody stops it.
var endless = func(yield func(string, error) bool) {
	for yield("tick\n", nil) {
		time.Sleep(time.Millisecond)
	}
}

func TestAClientThatLeavesEndsTheStream(t *testing.T) {
	want := beginning("a2 200", "a1 200", "first", "last", "closed", "t2 <nil>", "t1 <nil>", "ta2 <nil>", "ta1 <nil>")

	t.Run("over a socket", func(t *testing.T) {
		app, log := hookedApp()
		streaming(endless)(app, log)
		server := httptest.NewServer(app)
		res, err := http.Get(server.URL)
		require.NoError(t, err)
		_, err = bufio.NewReader(res.Body).ReadString('\n')
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		server.Close() // waits for the request to end
		assert.Equal(t, want, log.all())
	})
	t.Run("when the context of the request ends", func(t *testing.T) {
		app, log := hookedApp()
		ctx, cancel := context.WithCancel(t.Context())
		streaming(func(yield func(string, error) bool) {
			cancel()
			endless(yield)
		})(app, log)
		r := httptest.NewRequestWithContext(ctx, "GET", "/", nil)
		w := newRecorder(r)
		app.ServeHTTP(w, r)
		assert.Equal(t, want, log.all())
	})
	t.Run("when a gateway closes the body early", func(t *testing.T) {
		app, log := hookedApp()
		streaming(endless)(app, log)
		env, err := gateway.NewEnviron(httptest.NewRequest("GET", "/", nil))
		require.NoError(t, err)
		_, _, body, err := gateway.RunApp(app, env)
		require.NoError(t, err)
		for chunk, err := range body.Chunks() {
			require.NoError(t, err)
			assert.Equal(t, "tick\n", string(chunk))
			break
		}
		assert.Equal(t, beginning("a2 200", "a1 200", "first", "last"), log.all())
		require.NoError(t, body.Close())
		assert.Equal(t, want, log.all())
	})
	t.Run("when a gateway never asks for the body", func(t *testing.T) {
		app, log := hookedApp()
		streaming(endless)(app, log)
		env, err := gateway.NewEnviron(httptest.NewRequest("GET", "/", nil))
		require.NoError(t, err)
		_, _, body, err := gateway.RunApp(app, env)
		require.NoError(t, err)
		require.NoError(t, body.Close())
		require.NoError(t, body.Close(), "a second Close does nothing")
		assert.Equal(t, beginning("a2 200", "a1 200", "closed", "t2 <nil>", "t1 <nil>", "ta2 <nil>", "ta1 <nil>"), log.all())
	})
}

func TestTeardownGetsTheErrorItself(t *testing.T) {
	for name, setup := range map[string]setup{
		"that the view returned":                       view(func(*retort.Context) any { return errBroken }),
		"that the view panicked with":                  view(func(*retort.Context) any { panic(errBroken) }),
		"that an after_request function panicked with": both(view(hello), after(func() { panic(errBroken) })),
		"that a stream ended with":                     streaming(give([]string{"half"}, breakOff)),
		"that a stream panicked with":                  streaming(give([]string{"half"}, panicWith(errBroken))),
		"that a plain handler panicked with":           plain(func(http.ResponseWriter, *http.Request) { panic(errBroken) }),
	} {
		for _, door := range lifeDoors {
			t.Run(name+", through "+door.name, func(t *testing.T) {
				app, log := retort.New("teardown"), new(logbook)
				app.Logger = slog.New(slog.DiscardHandler)
				var got []error
				app.TeardownRequest(func(_ *retort.Context, err error) { got = append(got, err) })
				setup(app, log)
				door.send(t, app, "GET", "/")
				assert.Equal(t, []error{errBroken}, got)
				assert.True(t, len(got) == 1 && got[0] == errBroken, "the very error, not one that wraps it")
			})
		}
	}
}

func TestPanicErrorHoldsTheValue(t *testing.T) {
	app := retort.New("panic")
	app.Logger = slog.New(slog.DiscardHandler)
	app.Get("/")(func() string { panic(42) })
	var got *retort.PanicError
	app.TeardownRequest(func(_ *retort.Context, err error) { errors.As(err, &got) })
	app.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	require.NotNil(t, got)
	assert.Equal(t, 42, got.Value)
}
