package retort_test

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/gateway"
	"github.com/retort-go/retort/serving"
)

// sending gives an app whose page is a stream of events.
func sending(f func(*retort.EventStream) error, opts ...retort.SSEOption) *retort.App {
	return answering(func(c *retort.Context) any { return c.SSE(f, opts...) })
}

// sendEach gives a function that sends the events and ends the stream.
func sendEach(events ...retort.Event) func(*retort.EventStream) error {
	return func(s *retort.EventStream) error {
		for _, e := range events {
			if err := s.Send(e); err != nil {
				return err
			}
		}
		return nil
	}
}

func TestEvents(t *testing.T) {
	for _, tt := range []struct {
		name  string
		event retort.Event
		want  string
	}{
		{"data", retort.Event{Data: "hello"}, "data: hello\n\n"},
		{"every field", retort.Event{ID: "7", Name: "tick", Data: "x", Retry: 1500 * time.Millisecond, Comment: "c"}, ": c\nretry: 1500\nid: 7\nevent: tick\ndata: x\n\n"},
		{"an empty message", retort.Event{Data: ""}, "data:\n\n"},
		{"nothing", retort.Event{}, ":\n\n"},
		{"an ID alone", retort.Event{ID: "7"}, "id: 7\n\n"},
		{"bytes", retort.Event{Data: []byte("hi")}, "data: hi\n\n"},
		{"a value is JSON", retort.Event{Data: retort.H{"b": "é\n", "a": 1}}, "data: {\"a\":1,\"b\":\"\\u00e9\\n\"}\n\n"},
		{"a number is JSON", retort.Event{Data: 7}, "data: 7\n\n"},
		{"three line ends", retort.Event{Data: "a\nb\r\nc\rd"}, "data: a\ndata: b\ndata: c\ndata: d\n\n"},
		{"empty lines", retort.Event{Data: "\n\na\n"}, "data:\ndata:\ndata: a\ndata:\n\n"},
		{"spaces stay", retort.Event{Data: " a "}, "data:  a \n\n"},
		{"fields in the data stay in the data", retort.Event{Data: "x\n\nevent: evil\nid: 9"}, "data: x\ndata:\ndata: event: evil\ndata: id: 9\n\n"},
		{"fields in a comment stay in the comment", retort.Event{Comment: "x\rdata: evil\n\ndata: evil"}, ": x\n: data: evil\n:\n: data: evil\n\n"},
		{"half a millisecond to wait is one", retort.Event{Retry: time.Microsecond}, "retry: 1\n\n"},
		{"other languages", retort.Event{Name: "größe", ID: "日", Data: "ü"}, "id: 日\nevent: größe\ndata: ü\n\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			res := sending(sendEach(tt.event)).TestClient().Get("/")
			assert.Equal(t, ":\n\n"+tt.want, res.Text)
		})
	}
}

func TestEventsThatCannotBeSent(t *testing.T) {
	for _, tt := range []struct {
		name  string
		event retort.Event
		want  string
	}{
		{"a line break in the ID", retort.Event{ID: "1\ndata: evil"}, `retort: the ID "1\ndata: evil" of an event holds a line break or a NUL, which would end it; give it one without, or put the text into Data`},
		{"a carriage return in the ID", retort.Event{ID: "1\r"}, `retort: the ID "1\r" of an event holds a line break or a NUL, which would end it; give it one without, or put the text into Data`},
		{"a NUL in the ID", retort.Event{ID: "1\x00"}, `retort: the ID "1\x00" of an event holds a line break or a NUL, which would end it; give it one without, or put the text into Data`},
		{"a line break in the name", retort.Event{Name: "a\r\n\r\ndata: evil"}, `retort: the Name "a\r\n\r\ndata: evil" of an event holds a line break, which would end it; give it one without, or put the text into Data`},
		{"a negative time to wait", retort.Event{Retry: -time.Second}, "retort: the Retry of an event is -1s; the time to wait is 0 or more"},
		{"no JSON", retort.Event{Data: func() {}}, "a func() cannot be written as JSON: json: unsupported type: func()"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got error
			res := sending(func(s *retort.EventStream) error {
				got = s.Send(tt.event)
				return s.Send(retort.Event{Data: "good"})
			}).TestClient().Get("/")
			assert.EqualError(t, got, tt.want)
			assert.Equal(t, ":\n\ndata: good\n\n", res.Text, "nothing of the event was sent")
		})
	}
}

// readEvents reads a stream as the standard says a browser does.
func readEvents(stream string) (events []retort.Event) {
	var e retort.Event
	var data []string
	for line := range strings.Lines(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(stream)) {
		line = strings.TrimSuffix(line, "\n")
		name, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch {
		case line == "":
			if data != nil {
				e.Data = strings.Join(data, "\n")
				events = append(events, e)
			}
			e, data = retort.Event{ID: e.ID}, nil
		case name == "id":
			e.ID = value
		case name == "event":
			e.Name = value
		case name == "data":
			data = append(data, value)
		}
	}
	return events
}

// FuzzEvent: whatever the texts are, a client gets exactly the one event, or
// none and the sender an error.
func FuzzEvent(f *testing.F) {
	f.Add("1", "tick", "hello", "note")
	f.Add("", "", "", "")
	f.Add("1\n", "a\rb", "x\n\ndata: y", "c\r\n\r\ndata: z")
	f.Add("\x00", ":", ":\r\r\n\n", "\u2028")
	f.Fuzz(func(t *testing.T, id, name, data, comment string) {
		var sent error
		res := sending(func(s *retort.EventStream) error {
			sent = s.Send(retort.Event{ID: id, Name: name, Data: data, Comment: comment})
			return nil
		}).TestClient().Get("/")
		if strings.ContainsAny(id, "\r\n\x00") || strings.ContainsAny(name, "\r\n") {
			require.Error(t, sent)
			require.Equal(t, ":\n\n", res.Text)
			return
		}
		require.NoError(t, sent)
		lines := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(data)
		require.Equal(t, []retort.Event{{ID: id, Name: name, Data: lines}}, readEvents(res.Text))
	})
}

func TestSSEHeader(t *testing.T) {
	app := sending(sendEach(), retort.Reconnect(2*time.Second))
	res := app.TestClient().Get("/")
	assert.Equal(t, 200, res.Status)
	assert.Equal(t, "text/event-stream", res.Header.Get("Content-Type"))
	assert.Equal(t, "no-cache", res.Header.Get("Cache-Control"))
	assert.Equal(t, "no", res.Header.Get("X-Accel-Buffering"))
	assert.Empty(t, res.Header.Get("Content-Length"))
	assert.Equal(t, "retry: 2000\n\n", res.Text)

	started := false
	app = sending(func(*retort.EventStream) error { started = true; return nil })
	assert.Equal(t, 200, app.TestClient().Head("/").Status)
	assert.False(t, started, "HEAD does not begin with the events")
}

func TestSSEWithABadReconnectIsA500(t *testing.T) {
	app := sending(sendEach(), retort.Reconnect(-1))
	log := logOf(app)
	assert.Equal(t, 500, app.TestClient().Get("/").Status)
	assert.Equal(t, []string{"retort: the Retry of an event is -1ns; the time to wait is 0 or more"}, log.errors(t))
}

func TestLastEventID(t *testing.T) {
	app := sending(func(s *retort.EventStream) error { return s.Comment(fmt.Sprintf("%q", s.LastEventID())) })
	assert.Equal(t, ":\n\n: \"\"\n\n", app.TestClient().Get("/").Text)
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Last-Event-ID", "77")
	w := httptest.NewRecorder()
	app.ServeHTTP(w, r)
	assert.Equal(t, ":\n\n: \"77\"\n\n", w.Body.String())
}

func TestTheContextOfAStreamHasTheContextOfTheRequest(t *testing.T) {
	var found *retort.Context
	var own *retort.Context
	app := answering(func(c *retort.Context) any {
		own = c
		return c.SSE(func(s *retort.EventStream) error { found = retort.FromContext(s.Context()); return nil })
	})
	app.TestClient().Get("/")
	assert.Same(t, own, found)
}

// teardowns keeps the errors that the teardown functions of an app get.
func teardowns(app *retort.App) *[]error {
	app.Logger = slog.New(slog.DiscardHandler)
	errs := new([]error)
	app.TeardownRequest(func(_ *retort.Context, err error) { *errs = append(*errs, err) })
	return errs
}

func TestTheEndOfAStreamByItsFunction(t *testing.T) {
	broken := errors.New("broken")
	for _, tt := range []struct {
		name string
		end  func() error
		cut  bool
		want error
	}{
		{"nil", func() error { return nil }, false, nil},
		{"ErrStreamEnded", func() error { return fmt.Errorf("so: %w", retort.ErrStreamEnded) }, false, nil},
		{"an error", func() error { return broken }, true, broken},
		{"a panic", func() error { panic(broken) }, true, broken},
		{"http.ErrAbortHandler", func() error { panic(http.ErrAbortHandler) }, true, http.ErrAbortHandler},
	} {
		app := sending(func(s *retort.EventStream) error {
			return errors.Join(s.Send(retort.Event{Data: 1}), tt.end())
		})
		if tt.want != nil { // errors.Join would wrap it
			app = sending(func(s *retort.EventStream) error { _ = s.Send(retort.Event{Data: 1}); return tt.end() })
		}
		errs := teardowns(app)
		for name, handler := range map[string]http.Handler{"App.ServeHTTP": app, "App.Call": gateway.ToHandler(app)} {
			t.Run(tt.name+" through "+name, func(t *testing.T) {
				*errs = nil
				server := httptest.NewUnstartedServer(handler)
				server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0)
				server.Start()
				defer server.Close()
				res, err := http.Get(server.URL)
				require.NoError(t, err)
				defer res.Body.Close()
				body, err := io.ReadAll(res.Body)
				assert.Equal(t, ":\n\ndata: 1\n\n", string(body))
				assert.Equal(t, tt.cut, err != nil, "%v", err)
				server.Close()
				assert.Equal(t, []error{tt.want}, *errs)
			})
		}
	}
}

// brokenWriter is a connection whose client leaves after some writes.
type brokenWriter struct {
	*httptest.ResponseRecorder
	left int
}

func (w *brokenWriter) Write(p []byte) (int, error) {
	if w.left--; w.left < 0 {
		return 0, net.ErrClosed
	}
	return w.ResponseRecorder.Write(p)
}

func TestAClientThatLeavesEndsTheEvents(t *testing.T) {
	deferred := errors.New("not run")
	var sent error
	forever := func(s *retort.EventStream) error {
		defer func() { deferred = nil }()
		for sent == nil {
			sent = s.Send(retort.Event{Data: "x"})
		}
		<-s.Context().Done()
		return errors.New("whatever it returns")
	}
	for _, tt := range []struct {
		name  string
		serve func(app *retort.App)
	}{
		{"when a write fails", func(app *retort.App) {
			app.ServeHTTP(&brokenWriter{httptest.NewRecorder(), 3}, httptest.NewRequest("GET", "/", nil))
		}},
		{"when the context of the request ends", func(app *retort.App) {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
			defer cancel()
			app.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, "GET", "/", nil))
		}},
		{"when a gateway closes the body", func(app *retort.App) {
			env, err := gateway.NewEnviron(httptest.NewRequest("GET", "/", nil))
			require.NoError(t, err)
			_, _, body, err := gateway.RunApp(app, env)
			require.NoError(t, err)
			for range body.Chunks() {
				break
			}
			require.NoError(t, body.Close())
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			deferred, sent = errors.New("not run"), nil
			app := sending(forever)
			errs := teardowns(app)
			tt.serve(app)
			assert.Equal(t, []error{nil}, *errs)
			if tt.name != "when a gateway closes the body" { // which never began with f
				assert.Equal(t, retort.ErrStreamEnded, sent)
				assert.NoError(t, deferred)
			}
		})
	}
}

// lateWriter closes began when an event is written, and keeps the write back until
// over is closed, and a little longer.
type lateWriter struct {
	*httptest.ResponseRecorder
	began, over chan struct{}
}

func (w lateWriter) Write(p []byte) (int, error) {
	if strings.HasPrefix(string(p), "data") {
		close(w.began)
		<-w.over
		time.Sleep(time.Millisecond)
	}
	return w.ResponseRecorder.Write(p)
}

func TestAnErrorAfterTheClientHasLeftIsNone(t *testing.T) {
	for range 30 { // that the client has left and that f has returned is seen in any order
		ctx, cancel := context.WithCancel(t.Context())
		w := lateWriter{httptest.NewRecorder(), make(chan struct{}), make(chan struct{})}
		app := sending(func(s *retort.EventStream) error {
			defer close(w.over)
			defer cancel()
			defer func() { <-w.began }()
			return cmp.Or(s.Send(retort.Event{Data: 1}), errors.New("late"))
		})
		errs := teardowns(app)
		require.NotPanics(t, func() { app.ServeHTTP(w, httptest.NewRequestWithContext(ctx, "GET", "/", nil)) })
		require.Equal(t, []error{nil}, *errs)
	}
}

func TestAPanicAfterTheClientHasLeftIsKnown(t *testing.T) {
	lost := errors.New("lost")
	app := sending(func(s *retort.EventStream) error {
		for s.Send(retort.Event{Data: 1}) == nil {
		}
		panic(lost)
	})
	errs := teardowns(app)
	assert.PanicsWithValue(t, http.ErrAbortHandler, func() {
		app.ServeHTTP(&brokenWriter{httptest.NewRecorder(), 3}, httptest.NewRequest("GET", "/", nil))
	})
	assert.Equal(t, []error{lost}, *errs)
}

func TestHeartbeats(t *testing.T) {
	for _, tt := range []struct {
		name   string
		opts   []retort.SSEOption
		silent time.Duration
		want   string
	}{
		{"by default every 15 s", nil, 46 * time.Second, ":\n\ndata: 1\n\n:\n\n:\n\n:\n\ndata: 2\n\n"},
		{"as often as asked", []retort.SSEOption{retort.Heartbeat(time.Minute)}, 61 * time.Second, ":\n\ndata: 1\n\n:\n\ndata: 2\n\n"},
		{"not when there was an event", []retort.SSEOption{retort.Heartbeat(time.Minute)}, 59 * time.Second, ":\n\ndata: 1\n\ndata: 2\n\n"},
		{"never", []retort.SSEOption{retort.Heartbeat(0)}, time.Hour, ":\n\ndata: 1\n\ndata: 2\n\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				app := sending(func(s *retort.EventStream) error {
					time.Sleep(50 * time.Millisecond)
					_ = s.Send(retort.Event{Data: 1})
					time.Sleep(tt.silent)
					return s.Send(retort.Event{Data: 2})
				}, tt.opts...)
				w := httptest.NewRecorder()
				app.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
				assert.Equal(t, tt.want, w.Body.String())
			})
		})
	}
}

// slowWriter is a connection whose client reads an event a second.
type slowWriter struct{ *httptest.ResponseRecorder }

func (w slowWriter) Write(p []byte) (int, error) {
	time.Sleep(time.Second)
	return w.ResponseRecorder.Write(p)
}

func TestASlowClientSlowsTheSender(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var times []time.Duration
		app := sending(func(s *retort.EventStream) error {
			start := time.Now()
			for range 4 {
				if err := s.Send(retort.Event{Data: 1}); err != nil {
					return err
				}
				times = append(times, time.Since(start))
			}
			return nil
		})
		app.ServeHTTP(slowWriter{httptest.NewRecorder()}, httptest.NewRequest("GET", "/", nil))
		assert.Equal(t, []time.Duration{0, time.Second, 2 * time.Second, 3 * time.Second}, times)
	})
}

func TestSeveralGoroutinesSend(t *testing.T) {
	app := sending(func(s *retort.EventStream) error {
		done := make(chan error)
		for i := range 8 {
			go func() { done <- s.Send(retort.Event{Data: strings.Repeat(fmt.Sprint(i), 100)}) }()
		}
		var errs []error
		for range 8 {
			errs = append(errs, <-done)
		}
		return errors.Join(errs...)
	})
	events := readEvents(app.TestClient().Get("/").Text)
	require.Len(t, events, 8)
	for _, e := range events {
		text := e.Data.(string)
		assert.Equal(t, strings.Repeat(text[:1], 100), text)
	}
}

// A server that stops ends the streams at once, cleanly, so that their clients
// connect again, perhaps to the next one.
func TestAServerThatStopsEndsTheEvents(t *testing.T) {
	var ended error
	app := sending(func(s *retort.EventStream) error {
		<-s.Context().Done()
		ended = s.Send(retort.Event{Data: "late"})
		return ended
	})
	errs := teardowns(app)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := serving.NewServer(app, serving.Options{})
	served := make(chan error)
	go func() { served <- server.Serve(l) }()
	res, err := http.Get("http://" + l.Addr().String())
	require.NoError(t, err)
	defer res.Body.Close()
	body := bufio.NewReader(res.Body)
	first, err := body.ReadString('\n')
	require.NoError(t, err)
	assert.Equal(t, ":\n", first)

	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	require.NoError(t, server.Drain(ctx))
	require.NoError(t, <-served)
	rest, err := io.ReadAll(body)
	assert.NoError(t, err, "a clean end")
	assert.Equal(t, "\n", string(rest))
	assert.Equal(t, retort.ErrStreamEnded, ended)
	assert.Equal(t, []error{nil}, *errs)
}
