package main

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	coder "github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
)

// enter opens a window of a room.
func enter(t *testing.T, ctx context.Context, address string) *coder.Conn {
	conn, _, err := coder.Dial(ctx, address, nil)
	require.NoError(t, err)
	t.Cleanup(func() { conn.CloseNow() })
	return conn
}

func TestEverybodyInTheRoomHearsIt(t *testing.T) {
	server := httptest.NewServer(newApp())
	defer server.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	base := "ws" + strings.TrimPrefix(server.URL, "http")
	ada, ben := enter(t, ctx, base+"/room/lobby/socket"), enter(t, ctx, base+"/room/lobby/socket")
	other := enter(t, ctx, base+"/room/other/socket")
	hears := func(conn *coder.Conn, want string) {
		_, got, err := conn.Read(ctx)
		require.NoError(t, err)
		assert.Equal(t, want, string(got))
	}
	say := func(conn *coder.Conn, text string) {
		require.NoError(t, conn.Write(ctx, coder.MessageText, []byte(text)))
	}
	say(ben, "ben is here") // so that both have entered
	hears(ben, "ben is here")
	say(ada, "<b>hello</b>")
	say(other, "only here")
	for _, conn := range []*coder.Conn{ada, ben} {
		for {
			_, got, err := conn.Read(ctx)
			require.NoError(t, err)
			if string(got) == "ben is here" { // ada may or may not have come before it
				continue
			}
			assert.Equal(t, "<b>hello</b>", string(got), "the page shows it as text")
			break
		}
	}
	hears(other, "only here")
}

func TestALongMessageEndsTheConnection(t *testing.T) {
	server := httptest.NewServer(newApp())
	defer server.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn := enter(t, ctx, "ws"+strings.TrimPrefix(server.URL, "http")+"/room/lobby/socket")
	require.NoError(t, conn.Write(ctx, coder.MessageText, []byte(strings.Repeat("x", 1001))))
	_, _, err := conn.Read(ctx)
	assert.Equal(t, coder.StatusMessageTooBig, coder.CloseStatus(err))
}

func TestThePageEscapesTheName(t *testing.T) {
	res := newApp().TestClient().Get("/room/" + `<script>alert("x")<%2Fscript>`)
	assert.Equal(t, 404, res.Status, "a slash ends the name")
	res = newApp().TestClient().Get("/room/" + `"><img src=x onerror=alert(1)>`)
	assert.Equal(t, 200, res.Status)
	assert.Equal(t, "text/html; charset=utf-8", res.Header.Get("Content-Type"))
	assert.Contains(t, res.Text, `<h1>&#34;&gt;&lt;img src=x onerror=alert(1)&gt;</h1>`)
	assert.NotContains(t, res.Text, "<img")
	assert.Contains(t, res.Text, `new WebSocket("ws://localhost/room/`)
}

func TestTheSocketIsForHandshakesOnly(t *testing.T) {
	client := newApp().TestClient()
	assert.Equal(t, 400, client.Get("/room/lobby/socket").Status)
	assert.Equal(t, 200, client.Get("/", retort.FollowRedirects()).Status)
}
