package websocket_test

import (
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"

	coder "github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/middleware"
	"github.com/retort-go/retort/websocket"
)

func TestAViewTalks(t *testing.T) {
	app, log := newApp()
	websocket.Route(app, "/echo")(echo)
	conn := dial(t, listen(t, app), "/echo")
	says(t, conn, "one", "one")
	says(t, conn, "<b>zwei</b> ✓", "<b>zwei</b> ✓")
	require.NoError(t, conn.Close(coder.StatusNormalClosure, ""))
	assert.NotContains(t, log.String(), "level=ERROR")
}

func TestAViewGetsTheArgumentsOfItsRule(t *testing.T) {
	app, _ := newApp()
	type roomName string
	websocket.Route(app, "/<room>/<int:n>", retort.Default("greeting", "hello"))(
		func(c *retort.Context, conn *websocket.Conn, room roomName, n uint8, greeting string) error {
			return websocket.CloseError{Code: 4000 + websocket.StatusCode(n), Reason: greeting + " " + string(room) + " at " + c.Endpoint()}
		})
	addr := listen(t, app)
	assert.Equal(t, websocket.CloseError{Code: 4007, Reason: "hello ada at /<room>/<int:n>"}, ended(t, dial(t, addr, "/ada/7")))
	_, res, err := tryDial(t, addr, "/ada/x")
	require.Error(t, err)
	assert.Equal(t, 404, res.StatusCode)
	_, res, err = tryDial(t, addr, "/ada/256")
	require.Error(t, err)
	assert.Equal(t, 404, res.StatusCode, "a number that does not fit is a URL that does not exist")
}

func TestARuleIsForHandshakesOnly(t *testing.T) {
	app, _ := newApp()
	websocket.Route(app, "/echo")(echo)
	websocket.Route(app, "/both", retort.Endpoint("socket"))(echo)
	app.Get("/both")(func() string { return "page" })
	app.Get("/page")(func() string { return "page" })
	client := app.TestClient()
	assert.Equal(t, 400, client.Get("/echo").Status)
	assert.Equal(t, 405, client.Post("/echo").Status)
	assert.Equal(t, "page", client.Get("/both").Text)
	addr := listen(t, app)
	says(t, dial(t, addr, "/both"), "x", "x")
	_, res, err := tryDial(t, addr, "/page")
	require.Error(t, err)
	assert.Equal(t, 400, res.StatusCode)
}

func TestTheURLOfARuleIsWhole(t *testing.T) {
	app, _ := newApp()
	websocket.Route(app, "/echo/<name>")(func(c *retort.Context, conn *websocket.Conn, name string) error { return nil })
	app.Get("/")(func(c *retort.Context) string { return c.URLFor("/echo/<name>", "name", "a b") })
	assert.Equal(t, "ws://localhost/echo/a%20b", app.TestClient().Get("/").Text)
}

func TestAnEndpointIsTheNameOfTheView(t *testing.T) {
	app, _ := newApp()
	websocket.Route(app, "/echo")(echo)
	app.Get("/")(func(c *retort.Context) string { return c.URLFor("echo") })
	assert.Equal(t, "ws://localhost/echo", app.TestClient().Get("/").Text)
}

func TestSubprotocols(t *testing.T) {
	app, _ := newApp()
	websocket.Route(app, "/", websocket.Subprotocols("v2", "v1"))(func(c *retort.Context, conn *websocket.Conn) error {
		return websocket.CloseError{Code: 4000, Reason: conn.Subprotocol()}
	})
	addr := listen(t, app)
	for _, tt := range []struct {
		offered []string
		want    string
	}{{[]string{"v1", "v2"}, "v2"}, {[]string{"v1"}, "v1"}, {[]string{"v3"}, ""}, {nil, ""}} {
		conn, _, err := coder.Dial(timeout(t), "ws://"+addr+"/", &coder.DialOptions{Subprotocols: tt.offered})
		require.NoError(t, err)
		assert.Equal(t, tt.want, conn.Subprotocol())
		assert.Equal(t, tt.want, ended(t, conn).Reason)
	}
}

func TestMiddlewareLetsTheConnectionPass(t *testing.T) {
	app, _ := newApp()
	app.Use(middleware.Compress(middleware.CompressOptions{}))
	websocket.Route(app, "/echo")(echo)
	says(t, dial(t, listen(t, app), "/echo", "Accept-Encoding", "gzip"), "x", "x")
}

func TestWithoutAConnectionToTakeThereIsNoWebSocket(t *testing.T) {
	app, _ := newApp()
	websocket.Route(app, "/echo")(echo)
	res := app.TestClient().Get("/echo", retort.WithHeader("Connection", "Upgrade"), retort.WithHeader("Upgrade", "websocket"),
		retort.WithHeader("Sec-WebSocket-Version", "13"), retort.WithHeader("Sec-WebSocket-Key", "MDEyMzQ1Njc4OWFiY2RlZg=="))
	assert.Equal(t, 501, res.Status)
}

func view(*retort.Context, *websocket.Conn, int) error { return nil }

func TestRegistrationTeaches(t *testing.T) {
	for _, tt := range []struct {
		name, rule string
		view       any
		opts       []retort.RouteOption
		want       string
	}{
		{"nil", "/", nil, nil, `retort: route_test.go:LINE: rule "/": the view is nil`},
		{"no function", "/", 7, nil, `retort: route_test.go:LINE: rule "/": the view int does not take a connection; a WebSocket view is a func(c *retort.Context, conn *websocket.Conn) error, with the arguments of its rule after conn, not a int`},
		{"a plain view", "/", func(*retort.Context) error { return nil }, nil,
			`retort: route_test.go:LINE: rule "/": the view func(*retort.Context) error (route_test.go:LINE) does not take a connection; a WebSocket view is a func(c *retort.Context, conn *websocket.Conn) error, with the arguments of its rule after conn, not a func(*retort.Context) error`},
		{"no result", "/", func(*retort.Context, *websocket.Conn) {}, nil,
			`retort: route_test.go:LINE: rule "/": the view func(*retort.Context, *websocket.Conn) (route_test.go:LINE) does not take a connection; a WebSocket view is a func(c *retort.Context, conn *websocket.Conn) error, with the arguments of its rule after conn, not a func(*retort.Context, *websocket.Conn)`},
		{"arguments that the rule does not give", "/<name>", view, nil,
			`retort: the rule "/<name>" (route_test.go:LINE) and its view view (route_test.go:LINE) do not fit: the rule gives name as type string, but parameter 1 of the view is of type int; the view is of type func(*retort.Context, *websocket.Conn, int) error; make it func(c *retort.Context, conn *websocket.Conn, name string), or change the rule`},
		{"a method", "/<int:n>", view, []retort.RouteOption{retort.Methods("POST")},
			"retort: route_test.go:LINE: a WebSocket rule answers GET, HEAD and OPTIONS only, not POST\n    /<int:n>\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			app, _ := newApp()
			assert.Equal(t, tt.want, withoutLines(caught(func() { websocket.Route(app, tt.rule, tt.opts...)(tt.view) })))
		})
	}
}

func TestTwoViewsOfOneTypeAreTwo(t *testing.T) {
	app, _ := newApp()
	one := func(*retort.Context, *websocket.Conn) error { return nil }
	two := func(*retort.Context, *websocket.Conn) error { return errors.New("two") }
	websocket.Route(app, "/a", retort.Endpoint("x"))(one)
	websocket.Route(app, "/b", retort.Endpoint("x"))(one)
	assert.Contains(t, caught(func() { websocket.Route(app, "/c", retort.Endpoint("x"))(two) }), `the endpoint "x" has a view already`)
}

func TestOriginsTeaches(t *testing.T) {
	assert.PanicsWithValue(t, `websocket: Origins: "[" is no pattern for a host; write a host, *.example.com or https://example.com`, func() { websocket.Origins("a", "[") })
	assert.PanicsWithValue(t, `websocket: Origins: "" is no pattern for a host; write a host, *.example.com or https://example.com`, func() { websocket.Origins("") })
}

// caught gives the text that f panics with.
func caught(f func()) (text string) {
	defer func() { text, _ = recover().(string) }()
	f()
	return ""
}

// withoutLines writes LINE for the numbers of lines.
func withoutLines(s string) string {
	parts := strings.Split(s, "route_test.go:")
	for i := 1; i < len(parts); i++ {
		parts[i] = "LINE" + strings.TrimLeft(parts[i], "0123456789")
	}
	return strings.Join(parts, "route_test.go:")
}

func TestTheAppIsNotLinkedWithTheProtocol(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "github.com/retort-go/retort").Output()
	require.NoError(t, err)
	assert.Contains(t, string(out), "github.com/retort-go/retort\n")
	assert.NotContains(t, string(out), "coder/websocket")
}

func TestAReaderSeesAWholeMessage(t *testing.T) {
	app, _ := newApp()
	websocket.Route(app, "/")(func(c *retort.Context, conn *websocket.Conn) error {
		_, r, err := conn.Reader(c.Context())
		if err != nil {
			return err
		}
		all, err := io.ReadAll(r)
		if err != nil {
			return err
		}
		return websocket.CloseError{Code: 4000, Reason: strings.ToUpper(string(all))}
	})
	conn := dial(t, listen(t, app), "/")
	w, err := conn.Writer(timeout(t), coder.MessageText)
	require.NoError(t, err)
	io.WriteString(w, "in ")
	io.WriteString(w, "parts")
	require.NoError(t, w.Close())
	assert.Equal(t, "IN PARTS", ended(t, conn).Reason)
}
