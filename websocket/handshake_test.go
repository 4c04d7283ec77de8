package websocket_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/websocket"
)

func TestHandshakes(t *testing.T) {
	app, _ := newApp()
	websocket.Route(app, "/")(echo)
	addr := listen(t, app)
	for _, tt := range []struct {
		name   string
		change []string
		want   int
	}{
		{"a correct one", nil, 101},
		{"without an Origin, as from a program", []string{"Origin:"}, 101},
		{"from a page of the host", []string{"Origin: http://app.test"}, 101},
		{"from a page of another host", []string{"Origin: http://evil.test"}, 403},
		{"from a page without an origin", []string{"Origin: null"}, 403},
		{"another version", []string{"Sec-WebSocket-Version: 8"}, 426},
		{"no version", []string{"Sec-WebSocket-Version:"}, 426},
		{"no key", []string{"Sec-WebSocket-Key:"}, 400},
		{"a short key", []string{"Sec-WebSocket-Key: MDEy"}, 400},
		{"a key that is not base64", []string{"Sec-WebSocket-Key: !"}, 400},
		{"HEAD", []string{"method: HEAD"}, 400},
		{"POST", []string{"method: POST"}, 405},
		{"no upgrade", []string{"Upgrade:"}, 400},
		{"an upgrade to something else", []string{"Upgrade: h2c"}, 400},
	} {
		t.Run(tt.name, func(t *testing.T) {
			res, _, _ := raw(t, addr, handshake("/", tt.change...))
			assert.Equal(t, tt.want, res.StatusCode)
			if tt.want == 101 {
				assert.Equal(t, "BACScCJPNqyz+UBoqMH89VmURoA=", res.Header.Get("Sec-WebSocket-Accept"))
			}
			if tt.want == 426 {
				assert.Equal(t, "13", res.Header.Get("Sec-WebSocket-Version"))
			}
		})
	}
}

func TestOrigins(t *testing.T) {
	for _, tt := range []struct {
		name, host, origin string
		allowed            []string
		want               int
	}{
		{"the same host and port", "app.test:5000", "http://app.test:5000", nil, 101},
		{"another port", "app.test:5000", "http://app.test", nil, 403},
		{"another case", "App.Test", "http://aPP.tEST", nil, 101},
		{"a default port", "app.test:80", "http://app.test", nil, 101},
		{"behind a proxy with TLS", "app.test", "https://app.test:443", nil, 101},
		{"the default port of another scheme", "app.test:443", "http://app.test", nil, 403},
		{"a subdomain", "app.test", "http://www.app.test", nil, 403},
		{"a host that ends in the host", "app.test", "http://evilapp.test", nil, 403},
		{"a host that begins with the host", "app.test", "http://app.test.evil.test", nil, 403},
		{"the host as a user", "app.test", "http://app.test@evil.test", nil, 403},
		{"an allowed host", "app.test", "https://good.test", []string{"good.test"}, 101},
		{"an allowed host in another case", "app.test", "https://good.test", []string{"GOOD.test"}, 101},
		{"an allowed host with another port", "app.test", "https://good.test:8", []string{"good.test"}, 403},
		{"an allowed subdomain", "app.test", "https://a.good.test", []string{"*.good.test"}, 101},
		{"its parent", "app.test", "https://good.test", []string{"*.good.test"}, 403},
		{"an allowed scheme", "app.test", "https://good.test", []string{"https://good.test"}, 101},
		{"another scheme", "app.test", "http://good.test", []string{"https://good.test"}, 403},
		{"everybody", "app.test", "http://evil.test", []string{"*"}, 101},
		{"everybody, nobody too", "app.test", "null", []string{"*"}, 101},
		{"the own host beside allowed ones", "app.test", "http://app.test", []string{"good.test"}, 101},
		{"a malformed origin", "app.test", "http://%zz", []string{"good.test"}, 403},
	} {
		t.Run(tt.name, func(t *testing.T) {
			app, _ := newApp()
			websocket.Route(app, "/", websocket.Origins(tt.allowed...))(echo)
			res, _, _ := raw(t, listen(t, app), handshake("/", "Host: "+tt.host, "Origin: "+tt.origin))
			assert.Equal(t, tt.want, res.StatusCode)
		})
	}
	app, _ := newApp()
	websocket.Route(app, "/", websocket.Origins("*"))(echo)
	two := strings.Replace(handshake("/"), "\r\n\r\n", "\r\nOrigin: http://app.test\r\nOrigin: http://evil.test\r\n\r\n", 1)
	res, _, _ := raw(t, listen(t, app), two)
	assert.Equal(t, 403, res.StatusCode, "nobody can tell which of two origins it is")
}

func TestHooksRunAroundTheHandshake(t *testing.T) {
	app, _ := newApp()
	var order []string
	note := func(s string) { order = append(order, s) }
	app.BeforeRequest(func(c *retort.Context) { note("before " + c.Endpoint()) })
	app.AfterRequest(func(c *retort.Context, res *retort.Response) {
		note("after " + http.StatusText(res.Status))
		res.Header.Set("X-After", "yes")
	})
	done := make(chan struct{})
	app.TeardownRequest(func(*retort.Context, error) { note("teardown"); close(done) })
	websocket.Route(app, "/")(retort.Decorate(echo, func(c *retort.Context, next retort.Next) any {
		note("decorator")
		return next()
	}))
	conn, res, err := tryDial(t, listen(t, app), "/")
	require.NoError(t, err)
	assert.Equal(t, "yes", res.Header.Get("X-After"))
	says(t, conn, "x", "x")
	conn.CloseNow()
	<-done
	assert.Equal(t, []string{"before echo", "decorator", "after Switching Protocols", "teardown"}, order)
}

func TestTheSessionIsSavedWithTheHandshake(t *testing.T) {
	app, _ := newApp()
	app.Config.Set("SECRET_KEY", "dev")
	app.BeforeRequest(func(c *retort.Context) { c.Session().Set("user", "ada") })
	said := make(chan any, 2)
	websocket.Route(app, "/")(func(c *retort.Context, _ *websocket.Conn) error {
		said <- c.Session().Get("user")
		defer func() { said <- recover() }()
		c.Session().Set("user", "eve")
		return nil
	})
	_, res, err := tryDial(t, listen(t, app), "/")
	require.NoError(t, err)
	assert.Contains(t, res.Header.Get("Set-Cookie"), "session=")
	assert.Equal(t, "ada", <-said)
	assert.Contains(t, <-said, "retort: Session.Set: too late: the header of the response has left")
}

func TestAHandshakeCanBeRefused(t *testing.T) {
	called := func(*retort.Context, *websocket.Conn) error { panic("the view must not be called") }
	for _, tt := range []struct {
		name  string
		setup func(app *retort.App)
		want  int
		body  string
	}{
		{"by a before_request function", func(app *retort.App) {
			app.BeforeRequest(func(*retort.Context) error { return retort.Error(401) })
			websocket.Route(app, "/")(called)
		}, 401, ""},
		{"by a decorator", func(app *retort.App) {
			websocket.Route(app, "/")(retort.Decorate(called, func(*retort.Context, retort.Next) any { return retort.Reply("no", 403) }))
		}, 403, "no"},
		{"by the second of two decorators", func(app *retort.App) {
			pass := func(_ *retort.Context, next retort.Next) any { return next() }
			stop := func(*retort.Context, retort.Next) any { retort.Abort(403); return nil }
			websocket.Route(app, "/")(retort.Decorate(retort.Decorate(called, stop), pass))
		}, 403, ""},
		{"by the origin, with the app's error page", func(app *retort.App) {
			app.ErrorHandler(403)(func(*retort.HTTPError) (string, int) { return "own page", 403 })
			app.BeforeRequest(func(c *retort.Context) { c.Request.HTTP().Header.Set("Origin", "http://evil.test") })
			websocket.Route(app, "/")(called)
		}, 403, "own page"},
		{"by an after_request function", func(app *retort.App) {
			app.AfterRequest(func(_ *retort.Context, res *retort.Response) { *res = *retort.Reply("instead", 418) })
			websocket.Route(app, "/")(called)
		}, 418, "instead"},
		{"by an after_request function that changes the status", func(app *retort.App) {
			app.AfterRequest(func(_ *retort.Context, res *retort.Response) { res.Status = 503 })
			websocket.Route(app, "/")(called)
		}, 503, ""},
		{"by an after_request function that fails", func(app *retort.App) {
			failed := false
			app.AfterRequest(func(*retort.Context, *retort.Response) {
				if !failed {
					failed = true
					panic(errors.New("oops"))
				}
			})
			websocket.Route(app, "/")(called)
		}, 500, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			app, _ := newApp()
			tt.setup(app)
			res, _, _ := raw(t, listen(t, app), handshake("/", "Connection: Upgrade, close"))
			assert.Equal(t, tt.want, res.StatusCode)
			if tt.body != "" {
				body, _ := io.ReadAll(res.Body)
				assert.Equal(t, tt.body, string(body))
			}
		})
	}
}

func TestAPlainHandlerCanSpeakTheProtocolItself(t *testing.T) {
	app, _ := newApp()
	app.Route("/", retort.WebSocket())(func(w http.ResponseWriter, r *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if assert.NoError(t, err) {
			io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\n\r\n")
			conn.Close()
		}
	})
	res, _, _ := raw(t, listen(t, app), handshake("/"))
	assert.Equal(t, 101, res.StatusCode)
	assert.Equal(t, 400, app.TestClient().Get("/").Status)
}
