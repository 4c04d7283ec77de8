package gateway_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/gateway"
	"github.com/retort-go/retort/internal/fastcgi"
)

func TestWireAnswersSoManyAtATime(t *testing.T) {
	onEachWire(t, func(t *testing.T, p gateway.WireProtocol) {
		noLeak(t)
		began, finish := make(chan struct{}), make(chan struct{})
		s := serveWire(t, p, gateway.AppFunc(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
			if env.Path() == "/wait" {
				began <- struct{}{}
				<-finish
			}
			return hello(env, start)
		}), gateway.MaxInFlight(2))
		var clients sync.WaitGroup
		for range 2 {
			clients.Go(func() { assert.Equal(t, "Hello /wait", s.do(t, vars("GET", "/wait"), "").body) })
			await(t, began, "the request")
		}
		for range 3 {
			got := s.do(t, vars("POST", "/"), strings.Repeat("x", 100_000))
			assert.Equal(t, "503 Service Unavailable", got.status)
			assert.Equal(t, "1", got.header.Get("Retry-After"))
			assert.Equal(t, "503 Service Unavailable\n", got.body)
		}
		assert.Equal(t, "level=WARN msg=\"gateway: requests are refused: MaxInFlight are being answered\" limit=2\n", s.log.String(), "once")
		close(finish)
		clients.Wait()
		assert.Equal(t, "Hello /", s.do(t, vars("GET", "/"), "").body, "there is room again")
	})
}

func TestFastCGISaysThatItIsOverloaded(t *testing.T) {
	noLeak(t)
	began, finish := make(chan struct{}), make(chan struct{})
	s := serveWire(t, gateway.FastCGI, answer(func() gateway.Body {
		close(began)
		<-finish
		return gateway.Empty()
	}), gateway.MaxInFlight(1))
	first, p := newFCGIPeer(t, s), newFCGIPeer(t, s)
	first.send(t, encodeFastCGI(1, true, vars("GET", "/"), ""))
	await(t, began, "the request")
	p.send(t, encodeFastCGI(1, true, vars("GET", "/"), ""))
	h, _ := p.next(t)
	assert.Equal(t, fastcgi.Stdout, h.Type, "the client's 503")
	h, _ = p.next(t)
	assert.Equal(t, fastcgi.Header{Type: fastcgi.Stdout, ID: 1}, h)
	p.ended(t, 1, fastcgi.Overloaded)
	close(finish)
	assert.Equal(t, "200 OK", first.answered(t).status)
	p.send(t, encodeFastCGI(2, true, vars("HEAD", "/none"), ""))
	h, _ = p.next(t)
	assert.Equal(t, fastcgi.Stdout, h.Type, "the connection goes on")
}

func TestWireMaxInFlightCanBeNone(t *testing.T) {
	onEachWire(t, func(t *testing.T, p gateway.WireProtocol) {
		s := serveWire(t, p, gateway.AppFunc(hello), gateway.MaxInFlight(-1))
		assert.Equal(t, "Hello /", s.do(t, vars("GET", "/"), "").body)
	})
}

// handle is a wireSite for net/http code. What the handler gives is sent on.
func handle(t *testing.T, p gateway.WireProtocol, h func(w http.ResponseWriter, r *http.Request) error, opts ...gateway.Option) (*wireSite, <-chan error) {
	got := make(chan error, 1)
	return serveWire(t, p, gateway.FromHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got <- h(w, r)
	})), opts...), got
}

func TestWireReadDeadlineOfAHandler(t *testing.T) {
	onEachWire(t, func(t *testing.T, p gateway.WireProtocol) {
		noLeak(t)
		s, got := handle(t, p, func(w http.ResponseWriter, r *http.Request) error {
			assert.NoError(t, http.NewResponseController(w).SetReadDeadline(time.Now().Add(soon)))
			_, err := io.ReadAll(r.Body)
			return err
		})
		conn := s.dial(t)
		_, err := conn.Write(withoutEnd(p, vars("POST", "/"), "half"))
		require.NoError(t, err)
		select {
		case err := <-got:
			require.ErrorIs(t, err, os.ErrDeadlineExceeded)
		case <-time.After(patience):
			t.Fatal("the body is still being waited for")
		}
	})
}

// withoutEnd is a request of whose body more is to come.
func withoutEnd(p gateway.WireProtocol, list []variable, body string) []byte {
	request := encodeDeclaring(p, list, body, len(body)+1)
	if p == gateway.FastCGI {
		request = request[:len(request)-fastcgi.HeaderLen] // the record that ends it
	}
	return request
}

// TestWireReadDeadlineTakesThePlaceOfProgress: a handler that wants to wait may.
func TestWireReadDeadlineTakesThePlaceOfProgress(t *testing.T) {
	onEachWire(t, func(t *testing.T, p gateway.WireProtocol) {
		noLeak(t)
		reading := make(chan struct{})
		s, got := handle(t, p, func(w http.ResponseWriter, r *http.Request) error {
			err := http.NewResponseController(w).SetReadDeadline(time.Time{})
			close(reading)
			all, failed := io.ReadAll(r.Body)
			assert.Equal(t, "halfx", string(all))
			return errors.Join(err, failed)
		}, gateway.Timeouts{Progress: soon})
		conn := s.dial(t)
		request := withoutEnd(p, vars("POST", "/"), "half")
		_, err := conn.Write(request)
		require.NoError(t, err)
		await(t, reading, "the handler")
		time.Sleep(3 * soon) // Progress would be over: if this is too short, the test passes without proof
		rest := []byte("x")
		if p == gateway.FastCGI {
			rest = fastcgi.AppendRecord(fastcgi.AppendRecord(nil, fastcgi.Stdin, 1, rest), fastcgi.Stdin, 1, nil)
		}
		_, err = conn.Write(rest)
		require.NoError(t, err)
		require.NoError(t, <-got)
		r, err := readReply(p, conn)
		require.NoError(t, err)
		assert.Equal(t, "200 OK", r.status)
	})
}

func TestWireWriteDeadlineOfAHandler(t *testing.T) {
	onEachSocket(t, func(t *testing.T, p gateway.WireProtocol, l net.Listener) {
		noLeak(t)
		got := make(chan error, 1)
		s := serveWireOn(t, l, p, gateway.FromHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			control := http.NewResponseController(w)
			assert.NoError(t, control.EnableFullDuplex())
			assert.NoError(t, control.SetWriteDeadline(time.Now().Add(soon)))
			chunk := make([]byte, 1<<20)
			for {
				if _, err := w.Write(chunk); err != nil {
					got <- err
					return
				}
			}
		})))
		conn := s.dial(t) // which reads nothing
		_, err := conn.Write(encode(p, vars("GET", "/"), ""))
		require.NoError(t, err)
		select {
		case err := <-got:
			require.Error(t, err)
		case <-time.After(patience):
			t.Fatal("the response is still being written")
		}
	})
}

// TestWireDeadlinesAreOfOneRequest: the next one on a kept connection has those
// of the server, and a goroutine left behind cannot change them.
func TestWireDeadlinesAreOfOneRequest(t *testing.T) {
	noLeak(t)
	var left *http.ResponseController
	s, got := handle(t, gateway.FastCGI, func(w http.ResponseWriter, r *http.Request) error {
		if r.URL.Path == "/next" {
			assert.ErrorIs(t, left.SetWriteDeadline(time.Unix(1, 0)), gateway.ErrBodyClosed)
			assert.ErrorIs(t, left.SetReadDeadline(time.Unix(1, 0)), gateway.ErrBodyClosed)
			_, err := w.Write(make([]byte, 100_000))
			return err
		}
		left = http.NewResponseController(w)
		_, _ = io.ReadAll(r.Body)
		return errors.Join(left.SetWriteDeadline(time.Now().Add(soon)), left.SetReadDeadline(time.Now().Add(soon)))
	})
	p := newFCGIPeer(t, s)
	p.send(t, encodeFastCGI(1, true, vars("GET", "/"), ""))
	require.NoError(t, <-got)
	assert.Equal(t, "200 OK", p.answered(t).status)
	time.Sleep(2 * soon) // both are over: if this is too short, the test passes without proof
	p.send(t, encodeFastCGI(2, true, vars("POST", "/next"), "body"))
	assert.Len(t, p.answered(t).body, 100_000)
	require.NoError(t, <-got)
}

func TestCGIHasNoDeadlines(t *testing.T) {
	out, _, err := cgi(gateway.FromHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		control := http.NewResponseController(w)
		assert.ErrorIs(t, control.SetReadDeadline(time.Time{}), http.ErrNotSupported)
		assert.ErrorIs(t, control.SetWriteDeadline(time.Time{}), http.ErrNotSupported)
		assert.NoError(t, control.EnableFullDuplex())
		assert.NoError(t, control.Flush())
	})), "", false, "REQUEST_METHOD=GET", "PATH_INFO=/")
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(out, "Status: 200 OK\r\n"), out)
}

// TestWireReadDeadlineAfterTheBodyMeansNothing: it is not taken for a client that
// has left.
func TestWireReadDeadlineAfterTheBodyMeansNothing(t *testing.T) {
	onEachSocket(t, func(t *testing.T, p gateway.WireProtocol, l net.Listener) {
		noLeak(t)
		s := serveWireOn(t, l, p, gateway.FromHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.ReadAll(r.Body)
			assert.NoError(t, http.NewResponseController(w).SetReadDeadline(time.Now()))
			select {
			case <-r.Context().Done():
				assert.Fail(t, "the context has ended")
			case <-time.After(2 * soon): // long enough for the watch to begin, and to see it
			}
		})))
		r := s.do(t, vars("POST", "/"), "body")
		assert.Equal(t, "200 OK", r.status)
	})
}
