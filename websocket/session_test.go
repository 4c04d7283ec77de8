package websocket_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	coder "github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/serving"
	"github.com/retort-go/retort/websocket"
)

var errOops = errors.New("oops")

func fails(*retort.Context, *websocket.Conn) error { return errOops }

func panics(*retort.Context, *websocket.Conn) error { panic(errOops) }

func TestTheResultClosesTheConnection(t *testing.T) {
	returns := func(err error) func(*retort.Context, *websocket.Conn) error {
		return func(*retort.Context, *websocket.Conn) error { return err }
	}
	failed := websocket.CloseError{Code: 1011, Reason: "the server has failed"}
	for _, tt := range []struct {
		name string
		view func(*retort.Context, *websocket.Conn) error
		want websocket.CloseError
		torn error // what the teardown functions get
	}{
		{"nil", returns(nil), websocket.CloseError{Code: 1000}, nil},
		{"a code", returns(websocket.CloseError{Code: 4001, Reason: "bye"}), websocket.CloseError{Code: 4001, Reason: "bye"}, nil},
		{"a reason that is too long", returns(websocket.CloseError{Code: 4001, Reason: strings.Repeat("x", 122) + "ä"}), websocket.CloseError{Code: 4001, Reason: strings.Repeat("x", 122)}, nil},
		{"a client error", returns(retort.Error(403, "not you")), websocket.CloseError{Code: 1008, Reason: "not you"}, nil},
		{"a client error without a text", returns(retort.Error(404)), websocket.CloseError{Code: 1008, Reason: "Not Found"}, nil},
		{"a server error", returns(retort.Error(503)), failed, retort.Error(503)},
		{"an error", fails, failed, errOops},
		{"a panic", panics, failed, errOops},
	} {
		t.Run(tt.name, func(t *testing.T) {
			app, log := newApp()
			torn := make(chan error, 1)
			app.TeardownRequest(func(_ *retort.Context, err error) { torn <- err })
			websocket.Route(app, "/ws")(tt.view)
			assert.Equal(t, tt.want, ended(t, dial(t, listen(t, app), "/ws")))
			assert.Equal(t, tt.torn, <-torn)
			assert.Equal(t, tt.torn != nil, strings.Contains(log.String(), "level=ERROR"), log.String())
		})
	}
}

func TestAFaultIsLoggedOnce(t *testing.T) {
	app, log := newApp()
	torn := make(chan error, 1)
	app.TeardownRequest(func(_ *retort.Context, err error) { torn <- err })
	websocket.Route(app, "/fails")(fails)
	websocket.Route(app, "/panics")(panics)
	addr := listen(t, app)
	ended(t, dial(t, addr, "/fails"))
	<-torn
	assert.Regexp(t, `^level=ERROR msg="exception on /fails \[GET\]" error=oops type=\*errors.errorString endpoint=fails traceback="github.com/retort-go/retort/websocket_test.fails\\n    session_test.go:\d+  \(the view; [^"]*\)"\n$`, log.String())
	ended(t, dial(t, addr, "/panics"))
	<-torn
	last := log.String()[strings.Index(log.String(), "\n")+1:]
	assert.Regexp(t, `^level=ERROR msg="exception on /panics \[GET\]" error=oops type=\*errors.errorString endpoint=panics traceback="github.com/retort-go/retort/websocket_test.panics\\n    session_test.go:\d+"\n$`, last, "the place of the panic, and nothing of what is around the view")
}

func TestAClientThatLeavesIsNoFault(t *testing.T) {
	for _, tt := range []struct {
		name  string
		leave func(*coder.Conn)
	}{
		{"with a goodbye", func(conn *coder.Conn) { conn.Close(4999, "I am tired") }},
		{"without one", func(conn *coder.Conn) { conn.CloseNow() }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			app, log := newApp()
			torn := make(chan error, 1)
			app.TeardownRequest(func(_ *retort.Context, err error) { torn <- err })
			websocket.Route(app, "/")(echo)
			conn := dial(t, listen(t, app), "/")
			says(t, conn, "x", "x")
			tt.leave(conn)
			assert.NoError(t, <-torn)
			assert.Regexp(t, `^level=DEBUG msg="a WebSocket connection has ended" endpoint=echo error=".*"\n$`, log.String())
		})
	}
}

func TestAClientThatBreaksTheProtocolIsNoFault(t *testing.T) {
	app, log := newApp()
	torn := make(chan error, 1)
	app.TeardownRequest(func(_ *retort.Context, err error) { torn <- err })
	websocket.Route(app, "/")(echo)
	addr := listen(t, app)
	for _, frame := range []string{"\x81\x01x" /* not masked */, "\xff\x80\x00\x00\x00\x00" /* reserved bits */, "\x80\x80\x00\x00\x00\x00" /* a continuation of nothing */} {
		_, conn, r := raw(t, addr, handshake("/"))
		io.WriteString(conn, frame)
		go func() {
			_, _ = r.ReadByte() // of the server's goodbye
			conn.Close()        // without one
		}()
		assert.NoError(t, <-torn, "%q", frame)
	}
	assert.NotContains(t, log.String(), "level=ERROR")
}

func TestTheLimitOfAMessage(t *testing.T) {
	for _, tt := range []struct {
		name string
		opts []retort.RouteOption
		fits int
	}{
		{"the default", nil, 32 << 10},
		{"an option", []retort.RouteOption{websocket.ReadLimit(10)}, 10},
	} {
		t.Run(tt.name, func(t *testing.T) {
			app, log := newApp()
			websocket.Route(app, "/", tt.opts...)(func(c *retort.Context, conn *websocket.Conn) error {
				for {
					_, message, err := conn.Read(c.Context())
					if err != nil {
						return err
					}
					if err := conn.Write(c.Context(), websocket.MessageText, []byte{byte('0' + len(message)%10)}); err != nil {
						return err
					}
				}
			})
			conn := dial(t, listen(t, app), "/")
			says(t, conn, strings.Repeat("x", tt.fits), string(rune('0'+tt.fits%10)))
			require.NoError(t, conn.Write(timeout(t), coder.MessageText, []byte(strings.Repeat("x", tt.fits+1))))
			assert.Equal(t, websocket.StatusMessageTooBig, ended(t, conn).Code)
			assert.NotContains(t, log.String(), "level=ERROR")
		})
	}
	app, _ := newApp()
	websocket.Route(app, "/", websocket.ReadLimit(-1))(func(c *retort.Context, conn *websocket.Conn) error {
		_, message, err := conn.Read(c.Context())
		if err != nil || len(message) != 1<<20 {
			return err
		}
		return websocket.CloseError{Code: 4000}
	})
	conn := dial(t, listen(t, app), "/")
	require.NoError(t, conn.Write(timeout(t), coder.MessageBinary, make([]byte, 1<<20)))
	assert.Equal(t, websocket.StatusCode(4000), ended(t, conn).Code)
}

// waits does not read: it waits for the end of its context.
func waits(c *retort.Context, conn *websocket.Conn) error {
	<-c.Context().Done()
	return c.Context().Err()
}

func TestAServerThatStopsSaysGoodbye(t *testing.T) {
	for _, tt := range []struct {
		name string
		view func(*retort.Context, *websocket.Conn) error
	}{
		{"to a view that reads", echo},
		{"to a view that waits for its context", waits},
	} {
		t.Run(tt.name, func(t *testing.T) {
			app, log := newApp()
			app.BeforeRequest(func(c *retort.Context) { c.Context() }) // asked for before the connection is taken
			torn := make(chan error, 1)
			app.TeardownRequest(func(_ *retort.Context, err error) { torn <- err })
			websocket.Route(app, "/")(tt.view)
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			server := serving.NewServer(app, serving.Options{Log: io.Discard})
			served := make(chan error, 1)
			go func() { served <- server.Serve(listener) }()
			conn := dial(t, listener.Addr().String(), "/")
			drained := make(chan error, 1)
			began := time.Now()
			go func() { drained <- server.Drain(timeout(t)) }()
			assert.Equal(t, websocket.CloseError{Code: 1001, Reason: "the server is stopping"}, ended(t, conn))
			assert.NoError(t, <-torn)
			assert.NoError(t, <-drained)
			assert.NoError(t, <-served)
			assert.Less(t, time.Since(began), 4*time.Second, "nobody waited for a timeout")
			assert.NotContains(t, log.String(), "level=ERROR")
		})
	}
}

func TestTheEndOfTheServersContextSaysGoodbyeToo(t *testing.T) {
	app, _ := newApp()
	torn := make(chan error, 1)
	app.TeardownRequest(func(_ *retort.Context, err error) { torn <- err })
	websocket.Route(app, "/")(echo)
	base, cancel := context.WithCancel(context.Background())
	s := httptest.NewUnstartedServer(app)
	s.Config.BaseContext = func(net.Listener) context.Context { return base }
	s.Start()
	defer s.Close()
	conn := dial(t, s.Listener.Addr().String(), "/")
	says(t, conn, "x", "x")
	cancel()
	assert.Equal(t, websocket.CloseError{Code: 1001, Reason: "the server is stopping"}, ended(t, conn))
	assert.NoError(t, <-torn)
}

func TestASilentClientIsFoundOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		app, _ := newApp()
		torn := make(chan error, 1)
		app.TeardownRequest(func(_ *retort.Context, err error) { torn <- err })
		websocket.Route(app, "/", websocket.PingInterval(time.Minute))(echo)
		conn, r := inMemory(t, app).shake(t)
		began := time.Now()
		ping := make([]byte, 3)
		_, err := io.ReadFull(r, ping)
		require.NoError(t, err)
		assert.Equal(t, "\x89\x011", string(ping), "it is asked, and does not answer")
		go io.Copy(io.Discard, conn)
		assert.NoError(t, <-torn)
		assert.Equal(t, 2*time.Minute, time.Since(began))
	})
}

func TestAClientThatTakesNothingIsFoundOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		app, _ := newApp()
		torn := make(chan error, 1)
		app.TeardownRequest(func(_ *retort.Context, err error) { torn <- err })
		websocket.Route(app, "/", websocket.PingInterval(time.Minute))(func(c *retort.Context, conn *websocket.Conn) error {
			for {
				if err := conn.Write(c.Context(), websocket.MessageBinary, make([]byte, 1<<20)); err != nil {
					return err
				}
			}
		})
		inMemory(t, app).shake(t)
		began := time.Now()
		assert.NoError(t, <-torn)
		assert.LessOrEqual(t, time.Since(began), 3*time.Minute)
	})
}

func TestAnsweringIsEnoughToStay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		app, _ := newApp()
		websocket.Route(app, "/", websocket.PingInterval(time.Minute))(echo)
		conn := inMemory(t, app).dial(t)
		go func() {
			time.Sleep(time.Hour)
			conn.Write(context.Background(), coder.MessageText, []byte("still here"))
		}()
		_, got, err := conn.Read(context.Background()) // reading answers the pings
		require.NoError(t, err)
		assert.Equal(t, "still here", string(got))
	})
}

func TestAViewThatIsBusyIsNotASilentClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		app, _ := newApp()
		websocket.Route(app, "/", websocket.PingInterval(time.Minute))(func(c *retort.Context, conn *websocket.Conn) error {
			time.Sleep(time.Hour) // does not read, so that pongs lie about
			return conn.Write(c.Context(), websocket.MessageText, []byte("done"))
		})
		_, got, err := inMemory(t, app).dial(t).Read(context.Background())
		require.NoError(t, err)
		assert.Equal(t, "done", string(got))
	})
}

func TestAConnectionCanBeHandedToFromContext(t *testing.T) {
	app, _ := newApp()
	websocket.Route(app, "/<name>")(func(c *retort.Context, conn *websocket.Conn, name string) error {
		found := retort.FromContext(c.Context())
		if found != c || serving.Draining(c.Context()) != nil || c.Context().Value(http.ServerContextKey) == nil {
			return errOops
		}
		return websocket.CloseError{Code: 4000, Reason: found.ViewArgs()["name"].(string)}
	})
	assert.Equal(t, "ada", ended(t, dial(t, listen(t, app), "/ada")).Reason)
}

func TestTheServersDeadlinesAreNotThoseOfTheConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		app, _ := newApp()
		websocket.Route(app, "/")(echo)
		conn := inMemory(t, app, serving.Options{ProgressTimeout: time.Second, IdleTimeout: time.Second, ReadHeaderTimeout: time.Second}).dial(t)
		says(t, conn, "before", "before")
		time.Sleep(20 * time.Second) // before it is asked whether it is there
		says(t, conn, "after", "after")
	})
}

func TestMiddlewareThatKeepsTheContextAliveDoesNotHideTheStop(t *testing.T) {
	app, _ := newApp()
	app.Use(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r.WithContext(context.WithoutCancel(r.Context())))
		})
	})
	websocket.Route(app, "/")(echo)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := serving.NewServer(app, serving.Options{Log: io.Discard})
	go server.Serve(listener)
	conn := dial(t, listener.Addr().String(), "/")
	drained := make(chan error, 1)
	go func() { drained <- server.Drain(timeout(t)) }()
	assert.Equal(t, websocket.StatusGoingAway, ended(t, conn).Code)
	assert.NoError(t, <-drained)
}
