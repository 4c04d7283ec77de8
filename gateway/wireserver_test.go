package gateway_test

import (
	"context"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/gateway"
)

// soon is a limit that a test wants to run into.
const soon = 30 * time.Millisecond

func TestWireRefusesBytes(t *testing.T) {
	u, s, f := gateway.UWSGI, gateway.SCGI, gateway.FastCGI
	for _, tt := range []struct {
		name string
		p    gateway.WireProtocol
		sent string
		want string // the beginning of what comes back
	}{
		{"uwsgi: a ping is answered", u, "\x64\x00\x00\x00", "\x64\x00\x00\x01"},
		{"uwsgi: code to run is not", u, "\x16\x00\x00\x00print(1)", ""},
		{"uwsgi: files to spool are not", u, "\x11\x00\x00\x00", ""},
		{"uwsgi: HTTP is none", u, "GET / HTTP/1.1\r\n\r\n", ""},
		{"uwsgi: a name longer than the block", u, "\x00\x04\x00\x00\x09\x00ab", "HTTP/1.1 400 Bad Request\r\n"},
		{"uwsgi: a value longer than the block", u, "\x00\x05\x00\x00\x01\x00a\xff\xff", "HTTP/1.1 400 Bad Request\r\n"},
		{"uwsgi: half a length", u, "\x00\x01\x00\x00\x09", "HTTP/1.1 400 Bad Request\r\n"},
		{"uwsgi: no variables", u, "\x00\x00\x00\x00", "HTTP/1.1 400 Bad Request\r\n"},
		{"SCGI: no length", s, ":a", "Status: 400 Bad Request\r\n"},
		{"SCGI: HTTP is none", s, "GET / HTTP/1.1\r\n\r\n", "Status: 400 Bad Request\r\n"},
		{"SCGI: nothing", s, "0:,", "Status: 400 Bad Request\r\n"},
		{"SCGI: a length that begins with 0", s, "020:", "Status: 400 Bad Request\r\n"},
		{"SCGI: a length of seven digits", s, "1000000:", "Status: 400 Bad Request\r\n"},
		{"SCGI: a length too large", s, "65537:", "Status: 431 Request Header Fields Too Large\r\n"},
		{"SCGI: no comma", s, "24:CONTENT_LENGTH\x000\x00SCGI\x001\x00;", "Status: 400 Bad Request\r\n"},
		{"SCGI: CONTENT_LENGTH is not the first", s, "24:SCGI\x001\x00CONTENT_LENGTH\x000\x00,", "Status: 400 Bad Request\r\n"},
		{"SCGI: SCGI is missing", s, "17:CONTENT_LENGTH\x000\x00,", "Status: 400 Bad Request\r\n"},
		{"SCGI: an odd number of texts", s, "19:CONTENT_LENGTH\x000\x00A\x00,", "Status: 400 Bad Request\r\n"},
		{"SCGI: a text without its end", s, "18:CONTENT_LENGTH\x000\x00A,", "Status: 400 Bad Request\r\n"},
		{"FastCGI: another version", f, "\x02\x01\x00\x01\x00\x08\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00", ""},
		{"FastCGI: HTTP is none", f, "GET / HTTP/1.1\r\n\r\n", ""},
		{"FastCGI: a beginning too short", f, "\x01\x01\x00\x01\x00\x02\x00\x00\x00\x01", ""},
		{"FastCGI: a beginning of nothing", f, "\x01\x01\x00\x00\x00\x08\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			noLeak(t)
			s := serveWire(t, tt.p, dump)
			conn := s.dial(t)
			_, err := io.WriteString(conn, tt.sent)
			require.NoError(t, err)
			got, err := io.ReadAll(conn)
			if tt.want != "" {
				require.NoError(t, err)
			}
			require.NotErrorIs(t, err, os.ErrDeadlineExceeded)
			require.GreaterOrEqual(t, len(got), len(tt.want))
			assert.Equal(t, tt.want, string(got[:len(tt.want)]))
			if tt.want == "" {
				assert.Empty(t, got)
			}
		})
	}
}

func TestWireWaitsForAHeadInPieces(t *testing.T) {
	onEachWire(t, func(t *testing.T, p gateway.WireProtocol) {
		s := serveWire(t, p, dump)
		request := encode(p, vars("POST", "/", variable{"HTTP_X", strings.Repeat("x", 300)}), "body")
		conn := s.dial(t)
		for _, c := range request {
			_, err := conn.Write([]byte{c})
			require.NoError(t, err)
		}
		r, err := readReply(p, conn)
		require.NoError(t, err)
		assert.Equal(t, "200 OK", r.status)
	})
}

func TestWireReadsVariablesUpToTheLimit(t *testing.T) {
	onEachWire(t, func(t *testing.T, p gateway.WireProtocol) {
		s := serveWire(t, p, dump)
		got := s.do(t, vars("GET", "/", variable{"HTTP_X", strings.Repeat("x", 65_000)}), "")
		assert.Equal(t, "200 OK", got.status)
		if p == gateway.UWSGI {
			return // its sizes have 16 bits
		}
		got = s.do(t, vars("GET", "/", variable{"HTTP_X", strings.Repeat("x", 65_536)}), "")
		assert.Equal(t, "431 Request Header Fields Too Large", got.status)
	})
}

func TestWireClosesSlowConnections(t *testing.T) {
	onEachWire(t, func(t *testing.T, p gateway.WireProtocol) {
		request := encode(p, vars("GET", "/"), "")
		for name, n := range map[string]int{"nothing": 0, "half a head": len(request) / 2} {
			t.Run(name, func(t *testing.T) {
				noLeak(t)
				s := serveWire(t, p, dump, gateway.Timeouts{Header: soon})
				conn := s.dial(t)
				_, err := conn.Write(request[:n])
				require.NoError(t, err)
				_, err = conn.Read(make([]byte, 1))
				require.Error(t, err)
				require.NotErrorIs(t, err, os.ErrDeadlineExceeded, "the server did not close it")
			})
		}
	})
}

func TestWireBodyThatStandsStillIsAnError(t *testing.T) {
	onEachWire(t, func(t *testing.T, p gateway.WireProtocol) {
		noLeak(t)
		got := make(chan error, 1)
		s := serveWire(t, p, gateway.AppFunc(func(env *gateway.Environ, _ gateway.StartResponse) (gateway.Body, error) {
			_, err := io.ReadAll(env.Input)
			got <- err
			return nil, err
		}), gateway.Timeouts{Progress: soon})
		request := encodeDeclaring(p, vars("POST", "/"), "four", 5)
		if p == gateway.FastCGI {
			request = request[:len(request)-8] // the body's end
		}
		conn := s.dial(t)
		_, err := conn.Write(request)
		require.NoError(t, err)
		select {
		case err := <-got:
			var input *gateway.InputError
			require.ErrorAs(t, err, &input)
		case <-time.After(patience):
			require.FailNow(t, "the body is waited for")
		}
	})
}

func TestWireResponseThatStandsStillIsCut(t *testing.T) {
	onEachWire(t, func(t *testing.T, p gateway.WireProtocol) {
		noLeak(t)
		body := newCounted(func(yield func([]byte, error) bool) {
			for yield(make([]byte, 64<<10), nil) {
			}
		})
		s := serveWire(t, p, answer(func() gateway.Body { return body }), gateway.Timeouts{Progress: soon})
		conn := s.dial(t)
		_, err := conn.Write(encode(p, vars("GET", "/"), ""))
		require.NoError(t, err)
		await(t, body.closedBy, "Close, although nobody reads")
	})
}

func TestWireShutdownWaitsForTheRequest(t *testing.T) {
	onEachWire(t, func(t *testing.T, p gateway.WireProtocol) {
		noLeak(t)
		began, finish := make(chan struct{}), make(chan struct{})
		s := serveWire(t, p, answer(func() gateway.Body {
			close(began)
			<-finish
			return gateway.String("whole")
		}))
		got := make(chan reply, 1)
		go func() {
			r, err := s.try(t, vars("GET", "/"), "")
			assert.NoError(t, err)
			got <- r
		}()
		await(t, began, "the request")
		stopped := background(func() error { return s.srv.Shutdown(context.Background()) })
		select {
		case <-stopped:
			require.FailNow(t, "it did not wait")
		case <-time.After(soon):
		}
		close(finish)
		assert.Equal(t, "whole", (<-got).body)
		require.NoError(t, <-stopped)
		require.NoError(t, <-s.served)
		_, err := net.Dial(s.addr.Network(), s.addr.String())
		require.Error(t, err, "nobody listens any more")
		assert.NoFileExists(t, s.addr.String())
	})
}

func TestWireShutdownThatTakesTooLongCutsTheRest(t *testing.T) {
	onEachWire(t, func(t *testing.T, p gateway.WireProtocol) {
		noLeak(t)
		began := make(chan struct{})
		s := serveWire(t, p, gateway.AppFunc(func(env *gateway.Environ, _ gateway.StartResponse) (gateway.Body, error) {
			close(began)
			<-env.Context().Done()
			return nil, env.Context().Err()
		}))
		conn := s.dial(t)
		_, err := conn.Write(encode(p, vars("GET", "/"), ""))
		require.NoError(t, err)
		await(t, began, "the request")
		hurry, cancel := context.WithTimeout(context.Background(), soon)
		defer cancel()
		err = s.srv.Shutdown(hurry)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, "gateway: the server stopped with requests unanswered: 1: context deadline exceeded; "+
			"allow more time, or let responses without end watch serving.Draining", err.Error())
		assert.Equal(t, err, <-s.served)
	})
}

// TestWireServeEndsAlthoughTheAppDoesNot: an app that heeds nothing holds up no
// program.
func TestWireServeEndsAlthoughTheAppDoesNot(t *testing.T) {
	onEachWire(t, func(t *testing.T, p gateway.WireProtocol) {
		noLeak(t)
		began, finish := make(chan struct{}), make(chan struct{})
		ctx, cancel := context.WithCancel(context.Background())
		s := serveWire(t, p, answer(func() gateway.Body {
			close(began)
			<-finish
			return gateway.Empty()
		}), gateway.Until(ctx, soon))
		conn := s.dial(t)
		_, err := conn.Write(encode(p, vars("GET", "/"), ""))
		require.NoError(t, err)
		await(t, began, "the request")
		cancel()
		require.ErrorIs(t, <-s.served, context.DeadlineExceeded)
		close(finish)
	})
}

func TestWireShutdownClosesQuietConnections(t *testing.T) {
	onEachWire(t, func(t *testing.T, p gateway.WireProtocol) {
		noLeak(t)
		s := serveWire(t, p, dump, gateway.Timeouts{Linger: soon})
		conn := s.dial(t)
		s.do(t, vars("GET", "/"), "") // it is accepted
		require.NoError(t, s.srv.Shutdown(context.Background()))
		_, err := conn.Read(make([]byte, 1))
		require.ErrorIs(t, err, io.EOF)
	})
}

func TestWireShutdownAnswersWhatComesWithinTheLingerTime(t *testing.T) {
	onEachWire(t, func(t *testing.T, p gateway.WireProtocol) {
		noLeak(t)
		s := serveWire(t, p, dump, gateway.Timeouts{Linger: time.Hour})
		late := s.dial(t)
		s.do(t, vars("GET", "/"), "") // it is accepted
		stopped := background(func() error { return s.srv.Shutdown(context.Background()) })
		_, err := late.Write(encode(p, vars("GET", "/"), ""))
		require.NoError(t, err)
		r, err := readReply(p, late)
		require.NoError(t, err)
		assert.Equal(t, "200 OK", r.status)
		require.NoError(t, <-stopped)
	})
}

func TestWireUntilEndsServe(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	done := background(func() error {
		return gateway.ServeSCGI(l, dump, gateway.Until(ctx, 0))
	})
	conn := dial(t, l.Addr().String())
	_, err = conn.Write(encode(gateway.SCGI, vars("GET", "/"), ""))
	require.NoError(t, err)
	r, err := readReply(gateway.SCGI, conn)
	require.NoError(t, err)
	assert.Equal(t, "200 OK", r.status)
	cancel()
	require.NoError(t, <-done)
}

func TestWireServerThatHasStoppedServesNobody(t *testing.T) {
	s := gateway.NewWireServer(gateway.UWSGI, dump)
	require.NoError(t, s.Shutdown(context.Background()))
	l, err := net.Listen("unix", socketPath(t))
	require.NoError(t, err)
	require.NoError(t, s.Serve(l))
	_, err = net.Dial("unix", l.Addr().String())
	require.Error(t, err)
}

func TestWireServeReportsAListenerThatFails(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	err = gateway.ServeUWSGI(l, dump)
	require.ErrorIs(t, err, net.ErrClosed)
}

// TestWireRestartLosesNoRequest: servers come and go on one socket while clients
// send one request after another, each on a connection of its own.
func TestWireRestartLosesNoRequest(t *testing.T) {
	for _, network := range []string{"unix", "tcp"} {
		t.Run(network, func(t *testing.T) {
			onEachWire(t, func(t *testing.T, p gateway.WireProtocol) {
				noLeak(t)
				addr := map[string]string{"unix": socketPath(t), "tcp": "127.0.0.1:0"}[network]
				l, err := net.Listen(network, addr)
				require.NoError(t, err)
				defer l.Close()
				s := &wireSite{protocol: p, addr: l.Addr()}
				var stop atomic.Bool
				var answered atomic.Int64
				var clients sync.WaitGroup
				for range 10 {
					clients.Go(func() {
						for !stop.Load() {
							r, err := s.try(t, vars("POST", "/"), "body")
							if !assert.NoError(t, err) || !assert.Equal(t, "answer", r.body) {
								return
							}
							answered.Add(1)
						}
					})
				}
				for range 6 {
					srv := gateway.NewWireServer(p, answer(func() gateway.Body {
						time.Sleep(time.Millisecond)
						return gateway.String("answer")
					}), gateway.SharedListener())
					done := background(func() error { return srv.Serve(l) })
					for was := answered.Load(); answered.Load() < was+50 && !t.Failed(); {
						time.Sleep(time.Millisecond)
					}
					require.NoError(t, srv.Shutdown(context.Background()))
					require.NoError(t, <-done)
				}
				stop.Store(true)
				rest := gateway.NewWireServer(p, answer(func() gateway.Body { return gateway.String("answer") }), gateway.SharedListener())
				done := background(func() error { return rest.Serve(l) })
				clients.Wait()
				require.NoError(t, rest.Close())
				require.NoError(t, <-done)
			})
		})
	}
}

// TestWireStopAnswersTheQueue: connections that nobody has accepted yet when the
// server stops are answered, not reset.
func TestWireStopAnswersTheQueue(t *testing.T) {
	onEachWire(t, func(t *testing.T, p gateway.WireProtocol) {
		noLeak(t)
		l, err := net.Listen("unix", socketPath(t))
		require.NoError(t, err)
		s := &wireSite{protocol: p, addr: l.Addr()}
		conns := make([]net.Conn, 20)
		for i := range conns {
			conns[i] = s.dial(t)
			_, err := conns[i].Write(encode(p, vars("GET", "/"), ""))
			require.NoError(t, err)
		}
		srv := gateway.NewWireServer(p, dump)
		done := background(func() error { return srv.Serve(l) })
		for accepted := false; !accepted; {
			_, err := conns[0].Read(make([]byte, 1))
			accepted = assert.NoError(t, err)
		}
		require.NoError(t, srv.Shutdown(context.Background()))
		require.NoError(t, <-done)
		for _, conn := range conns[1:] {
			r, err := readReply(p, conn)
			require.NoError(t, err)
			assert.Equal(t, "200 OK", r.status)
		}
	})
}
