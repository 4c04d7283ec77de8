package tests

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/gateway"
	"github.com/retort-go/retort/middleware"
	"github.com/retort-go/retort/serving"
)

// webTime is how long a test waits for what must happen soon.
const webTime = 30 * time.Second

// signs are files by which a test and the app tell each other how far they are:
// the app may be in another process.
type signs string // the folder

func (d signs) raise(name string) error {
	return os.WriteFile(filepath.Join(string(d), name), nil, 0o666)
}

func (d signs) await(name string) bool {
	for end := time.Now().Add(webTime); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if _, err := os.Stat(filepath.Join(string(d), name)); err == nil {
			return true
		}
	}
	return false
}

// signsOf are those of a request.
func signsOf(c *retort.Context) signs { return signs(c.Request.Args().Get("signs")) }

// newSigns gives signs that the app can raise, too, and how a request names them.
func newSigns(t testing.TB) (_ signs, query string) {
	t.Helper()
	dir := openDir(t)
	require.NoError(t, os.Chmod(dir, 0o777)) // a program of Apache's is another user
	return signs(dir), "?signs=" + url.QueryEscape(dir)
}

// newWebApp is the app that stands behind the web servers.
func newWebApp() *retort.App {
	a := retort.New("web")
	a.Get("/")(func() string { return "Hello, web!" })
	a.Post("/echo")(echo)
	a.Get("/large")(func() []byte { return large })
	a.Get("/stream")(stream)
	a.Get("/old")(func(c *retort.Context) any { return c.Redirect(c.URLFor("show", "name", "a b")) })
	a.AddURLRule("/new/<name>", "show", func(c *retort.Context, name string) string {
		peer, _, _ := strings.Cut(c.Request.HTTP().RemoteAddr, ":") // behind a proxy nobody knows the port
		return name + " at " + peer
	})
	a.Get("/wait")(wait)
	a.Get("/endless")(withoutEnd)
	a.Post("/work")(func() string { time.Sleep(time.Millisecond); return "done" })
	a.AddURLRule("/reason", "reason", gateway.AppFunc(func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		_, err := start("299 Rather Good", gateway.Headers{{"Content-Type", "text/plain"}}, nil)
		return gateway.String("good"), err
	}))
	a.Get("/broken")(func() string { panic("broken") })
	a.Get("/half")(func() iter.Seq2[string, error] { return half })
	a.Get("/halfsized")(func() (iter.Seq2[string, error], http.Header) { return half, http.Header{"Content-Length": {"8"}} })
	return a
}

// large is a megabyte in which no two places look the same.
var large = func() []byte {
	var b bytes.Buffer
	for i := 0; b.Len() < 1<<20; i++ {
		fmt.Fprintf(&b, "%07d\n", i)
	}
	return b.Bytes()
}()

// echo reads all before it answers: nginx reads no answer before it has sent all.
func echo(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(err)
	}
	_, _ = w.Write(body) // who left needs no answer
}

// half is a response that fails.
func half(yield func(string, error) bool) {
	if yield("half", nil) {
		time.Sleep(50 * time.Millisecond) // it arrives before the cut
		yield("", errors.New("broken"))
	}
}

// stream waits between two chunks until the first is with the client. The field
// tells nginx not to gather them.
func stream(c *retort.Context) (iter.Seq[string], http.Header) {
	return func(yield func(string) bool) {
		if yield("one") && signsOf(c).await("arrived") {
			yield("two")
		}
	}, http.Header{"X-Accel-Buffering": {"no"}}
}

// wait is a response that does not begin before the client has left.
func wait(c *retort.Context) (string, error) {
	err := signsOf(c).raise("began")
	select {
	case <-c.Context().Done():
		err = errors.Join(err, signsOf(c).raise("left"))
	case <-time.After(webTime):
	}
	return "", err
}

// withoutEnd is a response that ends when nobody reads it any more.
func withoutEnd(c *retort.Context) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		if err := signsOf(c).raise("began"); err != nil {
			yield("", err)
			return
		}
		for yield(string(large[:8192]), nil) {
			time.Sleep(time.Millisecond)
		}
		_ = signsOf(c).raise("left") // without it the test fails
	}
}

// backend is a server of the app, as a web server reaches it.
type backend interface {
	Serve(l net.Listener) error
	stop(ctx context.Context) error
}

type wireBackend struct{ *gateway.WireServer }

func (b wireBackend) stop(ctx context.Context) error { return b.Shutdown(ctx) }

type httpBackend struct{ *serving.Server }

func (b httpBackend) stop(ctx context.Context) error { return b.Drain(ctx) }

// backendProtocols are the ways from a web server to the app, by the name that
// nginx has for them.
var backendProtocols = []string{"proxy", "uwsgi", "scgi", "fastcgi"}

func newBackend(protocol string, app http.Handler) backend {
	wire := map[string]gateway.WireProtocol{"uwsgi": gateway.UWSGI, "scgi": gateway.SCGI, "fastcgi": gateway.FastCGI}
	if p, ok := wire[protocol]; ok {
		quiet := gateway.Logger(slog.New(slog.DiscardHandler))
		return wireBackend{gateway.NewWireServer(p, app.(gateway.App), gateway.SharedListener(), quiet)}
	}
	proxied := middleware.ProxyFixWith(middleware.ProxyFixOptions{For: 1, Proto: 1, Prefix: 1})(app)
	return httpBackend{serving.NewServer(proxied, serving.Options{SharedListener: true, NoAccessLog: true, Log: io.Discard})}
}

// site is the app behind a web server.
type site struct {
	app      *retort.App
	url      string // of the web server, without a slash at the end
	protocol string
	apache   bool         // which does not look whether its client is there while it waits
	listener net.Listener // the backend's, which outlives it
	backend  backend
	served   chan error
	client   *http.Client
}

// newSite starts the app; url is still to come.
func newSite(t testing.TB, protocol, network string) *site {
	t.Helper()
	dir := openDir(t)
	addr := map[string]string{"unix": filepath.Join(dir, "hello.sock"), "tcp": "127.0.0.1:0"}[network]
	l, err := net.Listen(network, addr)
	require.NoError(t, err)
	if network == "unix" {
		require.NoError(t, os.Chmod(addr, 0o777)) // the web server is another user
	}
	app := newWebApp()
	app.Logger = slog.New(slog.DiscardHandler)
	s := &site{app: app, protocol: protocol, listener: l, client: &http.Client{
		Timeout: webTime, Transport: &http.Transport{MaxIdleConnsPerHost: 100},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	s.start()
	t.Cleanup(func() {
		s.stop(t)
		l.Close()
		s.client.CloseIdleConnections()
	})
	return s
}

func (s *site) start() {
	b, served := newBackend(s.protocol, s.app), make(chan error, 1)
	s.backend, s.served = b, served
	go func() { served <- b.Serve(s.listener) }()
}

func (s *site) stop(t testing.TB) {
	ctx, cancel := context.WithTimeout(context.Background(), webTime)
	defer cancel()
	assert.NoError(t, s.backend.stop(ctx))
	assert.NoError(t, <-s.served)
}

// ask gives a response and its body.
func (s *site) ask(t testing.TB, method, path, body string) (*http.Response, string) {
	t.Helper()
	r, content, err := s.try(method, path, body)
	require.NoError(t, err)
	return r, content
}

func (s *site) try(method, path, body string) (*http.Response, string, error) {
	r, err := http.NewRequest(method, s.url+path, strings.NewReader(body))
	if err != nil {
		return nil, "", err
	}
	res, err := s.client.Do(r)
	if err != nil {
		return nil, "", err
	}
	defer res.Body.Close()
	content, err := io.ReadAll(res.Body)
	return res, string(content), err
}

// check does all that a web server and the app have to do together.
func (s *site) check(t *testing.T) {
	for _, c := range []struct {
		name string
		run  func(*site, *testing.T)
	}{
		{"GET", (*site).checkGet}, {"HEAD", (*site).checkHead}, {"POST with a body", (*site).checkPost}, {"a megabyte", (*site).checkLarge},
		{"a redirect under a script root", (*site).checkRedirect}, {"a reason of its own", (*site).checkReason}, {"a panic", (*site).checkPanic},
		{"a stream", (*site).checkStream}, {"a client that leaves", (*site).checkAbort}, {"100 in parallel", (*site).checkParallel},
		{"a response that fails", (*site).checkCut}, {"restarts under load", (*site).checkRestart},
	} {
		if s.protocol == "cgi" && (c.name == "restarts under load" || c.name == "a response that fails") {
			continue // each request is a start; and Apache takes the end of a program for the end of its response
		}
		t.Run(c.name, func(t *testing.T) { c.run(s, t) })
	}
}

func (s *site) checkGet(t *testing.T) {
	res, body := s.ask(t, "GET", "/", "")
	assert.Equal(t, "200 OK", res.Status)
	assert.Equal(t, "Hello, web!", body)
	res, _ = s.ask(t, "GET", "/none", "")
	assert.Equal(t, "404 Not Found", res.Status)
	_, body = s.ask(t, "GET", "/new/%C3%A4%2520b", "")
	assert.Equal(t, "ä%20b at 127.0.0.1", body, "decoded once, and the client's address")
}

func (s *site) checkHead(t *testing.T) {
	res, body := s.ask(t, "HEAD", "/large", "")
	assert.Equal(t, "200 OK", res.Status)
	assert.Empty(t, body)
	lengths := []int64{int64(len(large))}
	if s.apache {
		lengths = append(lengths, -1) // of SCGI, FastCGI and CGI it does not pass it on
	}
	assert.Contains(t, lengths, res.ContentLength)
}

func (s *site) checkPost(t *testing.T) {
	for _, n := range []int{0, 10, 100_000, 900_000} { // nginx takes a megabyte
		sent := string(large[:n])
		_, body := s.ask(t, "POST", "/echo", sent)
		assert.True(t, sent == body, "%d of %d bytes", len(body), n)
	}
	for _, n := range []int{1, 10_000, 100_000} {
		_, body := s.ask(t, "POST", "/work", string(large[:n]))
		assert.Equal(t, "done", body, "of an app that reads nothing of %d bytes", n)
	}
}

func (s *site) checkLarge(t *testing.T) {
	_, body := s.ask(t, "GET", "/large", "")
	assert.True(t, string(large) == body, "%d bytes", len(body))
}

func (s *site) checkRedirect(t *testing.T) {
	res, _ := s.ask(t, "GET", "/app/old", "")
	assert.Equal(t, 303, res.StatusCode)
	assert.Equal(t, "/app/new/a%20b", strings.TrimPrefix(res.Header.Get("Location"), s.url))
	_, body := s.ask(t, "GET", "/app/new/a%20b", "")
	assert.Equal(t, "a b at 127.0.0.1", body)
}

func (s *site) checkReason(t *testing.T) {
	res, body := s.ask(t, "GET", "/reason", "")
	if s.protocol == "proxy" { // net/http has no reasons of its own
		assert.Equal(t, 299, res.StatusCode)
	} else {
		assert.Equal(t, "299 Rather Good", res.Status)
	}
	assert.Equal(t, "good", body)
}

func (s *site) checkPanic(t *testing.T) {
	for range 3 {
		res, _ := s.ask(t, "GET", "/broken", "")
		assert.Equal(t, "500 Internal Server Error", res.Status)
	}
}

func (s *site) checkStream(t *testing.T) {
	signs, query := newSigns(t)
	res, err := s.client.Get(s.url + "/stream" + query)
	require.NoError(t, err)
	defer res.Body.Close()
	first := make([]byte, 3)
	_, err = io.ReadFull(res.Body, first)
	require.NoError(t, err)
	assert.Equal(t, "one", string(first))
	require.NoError(t, signs.raise("arrived"))
	rest, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	assert.Equal(t, "two", string(rest))
}

// checkCut: the client can tell that a response is not whole. What was not sent
// yet nginx drops.
func (s *site) checkCut(t *testing.T) {
	for _, path := range []string{"/half", "/halfsized"} {
		s.client.CloseIdleConnections() // on one of those a response without a byte would be asked for again
		_, body, err := s.try("GET", path, "")
		require.Error(t, err, path)
		assert.Contains(t, []string{"", "half"}, body, path)
	}
}

// checkAbort: the app learns that the client has left. Apache looks only when it
// has something to send.
func (s *site) checkAbort(t *testing.T) {
	path := "/wait"
	if s.apache {
		path = "/endless"
	}
	signs, query := newSigns(t)
	ctx, cancel := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, "GET", s.url+path+query, nil)
	require.NoError(t, err)
	done := make(chan error, 1)
	go func() {
		res, err := s.client.Do(r)
		if err == nil {
			_, err = io.Copy(io.Discard, res.Body)
			res.Body.Close()
		}
		done <- err
	}()
	require.True(t, signs.await("began"), "the request")
	cancel()
	require.ErrorIs(t, <-done, context.Canceled)
	assert.True(t, signs.await("left"), "the app goes on although the client has left")
}

func (s *site) checkParallel(t *testing.T) {
	var clients sync.WaitGroup
	for i := range 100 {
		clients.Go(func() {
			sent := fmt.Sprint("body ", i)
			_, body, err := s.try("POST", "/echo", sent)
			assert.NoError(t, err)
			assert.Equal(t, sent, body)
		})
	}
	clients.Wait()
}

// checkRestart stops and starts the backend while clients post, which no web
// server repeats: nothing may be lost.
func (s *site) checkRestart(t *testing.T) {
	var stop atomic.Bool
	var answered atomic.Int64
	var clients sync.WaitGroup
	for range 10 {
		clients.Go(func() {
			for !stop.Load() {
				res, body, err := s.try("POST", "/work", "x")
				if !assert.NoError(t, err) || !assert.Equal(t, "done", body, res.Status) {
					return
				}
				answered.Add(1)
			}
		})
	}
	for range 5 {
		for was := answered.Load(); answered.Load() < was+50 && !t.Failed(); {
			time.Sleep(time.Millisecond)
		}
		s.stop(t)
		s.start()
	}
	stop.Store(true)
	clients.Wait()
}
