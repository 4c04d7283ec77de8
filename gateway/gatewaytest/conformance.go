package gatewaytest

import (
	"bytes"
	"errors"
	"io"
	"os"
	"sync"

	"github.com/retort-go/retort/gateway"
)

// conforming is an app that keeps all rules in one of the ways in which that can
// be done.
type conforming struct {
	name string
	call call
}

// conformingApps are the apps that a middleware stands around.
func conformingApps() []conforming {
	large := bytes.Repeat([]byte("0123456789abcdef"), 1<<13)
	etag := [2]string{"ETag", `"one"`}
	return []conforming{
		{"a text", giving("200 OK", plain(), func() gateway.Body { return gateway.String("hello") })},
		{"a text with its length", giving("200 OK", plain([2]string{"Content-Length", "5"}), func() gateway.Body { return gateway.String("hello") })},
		{"chunks in memory", giving("200 OK", plain(), func() gateway.Body { return gateway.Bytes([]byte("hello "), nil, []byte("there")) })},
		{"a stream", giving("200 OK", plain(), func() gateway.Body { return streamed("one", "two", "three") })},
		{"a stream with empty chunks", giving("200 OK", plain(), func() gateway.Body { return streamed("", "one", "", "two", "") })},
		{"nothing", giving("200 OK", plain([2]string{"Content-Length", "0"}), gateway.Empty)},
		{"a stream of nothing", giving("200 OK", plain(), func() gateway.Body { return streamed() })},
		{"a large text", giving("200 OK", plain(), func() gateway.Body { return gateway.Bytes(large) })},
		{"a large stream", giving("200 OK", plain(), func() gateway.Body { return gateway.Reader(bytes.NewReader(large), 0) })},
		{"a file", givingFile},
		{"201 with cookies", giving("201 Created", plain([2]string{"Location", "/new"}, [2]string{"Set-Cookie", "a=1"}, [2]string{"Set-Cookie", "b=2"}), func() gateway.Body { return gateway.String("made") })},
		{"204", giving("204 No Content", nil, gateway.Empty)},
		{"205", giving("205 Reset Content", gateway.Headers{{"Content-Length", "0"}}, gateway.Empty)},
		{"304", giving("304 Not Modified", gateway.Headers{etag}, gateway.Empty)},
		{"a redirect", giving("302 Found", plain([2]string{"Location", "/elsewhere"}), func() gateway.Body { return gateway.String("over there") })},
		{"404", giving("404 Not Found", plain(etag), func() gateway.Body { return gateway.String("not here") })},
		{"500", giving("500 Internal Server Error", plain(), func() gateway.Body { return gateway.String("sorry") })},
		{"a start with the first chunk", startingLate},
		{"a new start because of an error", startingAnew},
		{"a text that is written", writing(false)},
		{"a text of which half is written", writing(true)},
		{"what was sent", echoing},
		{"a body that fails", giving("200 OK", plain(), func() gateway.Body { return failing("half") })},
		{"a body that fails at once", giving("200 OK", plain(), func() gateway.Body { return failing() })},
	}
}

// givingFile gives a file that is there as long as it is open.
func givingFile(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
	f, err := os.CreateTemp("", "gatewaytest-*")
	if err != nil {
		return nil, err
	}
	remove := func() error { return os.Remove(f.Name()) }
	_, err = io.WriteString(f, "what is in a file")
	if err == nil {
		_, err = f.Seek(8, io.SeekStart)
	}
	if err == nil {
		_, err = start("200 OK", plain(), nil)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close(), remove())
	}
	return gateway.OnClose(gateway.File(f), remove), nil
}

func startingLate(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
	return gateway.Seq2(func(yield func([]byte, error) bool) {
		_, err := start("200 OK", plain(), nil)
		_ = yield([]byte("late"), err) && yield([]byte("r"), nil)
	}), nil
}

func startingAnew(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
	if _, err := start("200 OK", plain([2]string{"Set-Cookie", "old=1"}), nil); err != nil {
		return nil, err
	}
	_, err := start("503 Service Unavailable", plain([2]string{"Retry-After", "5"}), errBroken)
	return gateway.String("not now"), err
}

// writing gives a text by write, or half of it.
func writing(half bool) call {
	return func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		write, err := start("200 OK", plain(), nil)
		if err != nil {
			return nil, err
		}
		if err := write([]byte("written ")); err != nil {
			return nil, err
		}
		if half {
			return streamed("and ", "given"), nil
		}
		return gateway.Empty(), write([]byte("in pieces"))
	}
}

func echoing(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
	all, err := io.ReadAll(env.Input)
	if err != nil {
		return nil, err
	}
	_, err = start("200 OK", plain([2]string{"X-Type", env.Value("CONTENT_TYPE")}), nil)
	return gateway.Bytes(all), err
}

// witness is an app with a view of what a middleware does with it.
type witness struct {
	app gateway.App

	mu     sync.Mutex
	seen   []*gateway.Environ // a copy for each call
	bodies []*watchedBody
}

// watchedBody counts how often it is closed. It is as sized as it was.
type watchedBody struct {
	gateway.Body
	mu     sync.Mutex
	closed int
}

// Call implements [gateway.App].
func (w *witness) Call(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
	seen := env.Clone()
	_ = seen.All() // as it is now
	body, err := w.app.Call(env, start)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen = append(w.seen, seen)
	if body == nil {
		return body, err
	}
	counted := &watchedBody{Body: body}
	w.bodies = append(w.bodies, counted)
	return gateway.OnClose(body, counted.count), err
}

func (b *watchedBody) count() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed++
	return nil
}

// environ is what the app was called with; nil if it was not called.
func (w *witness) environ() *gateway.Environ {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.seen) == 0 {
		return nil
	}
	return w.seen[len(w.seen)-1]
}

// closings gives how often each body was closed.
func (w *witness) closings() []int {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []int
	for _, b := range w.bodies {
		b.mu.Lock()
		all = append(all, b.closed)
		b.mu.Unlock()
	}
	return all
}
