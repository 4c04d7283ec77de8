// Websocket is a chat: whoever has the page of a room open sees what is written
// there. Names and messages come from strangers, so the page escapes the room's
// name, and the script adds messages as text, never as HTML.
//
//	$ go run ./examples/websocket
//
// Open http://127.0.0.1:5000/room/lobby in two windows. Without a browser:
//
//	$ curl http://127.0.0.1:5000/room/lobby
//	<!doctype html>
//	…
//
// What is not a WebSocket handshake has no business at the socket's own URL:
//
//	$ curl -o /dev/null -w '%{http_code}\n' http://127.0.0.1:5000/room/lobby/socket
//	400
package main

import (
	"bytes"
	"html/template"
	"log"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/websocket"
)

func newApp() *retort.App {
	app := retort.New("chat")
	rooms := newRooms()

	app.Get("/")(func(c *retort.Context) any { return c.Redirect(c.URLFor("room", "name", "lobby")) })

	app.Get("/room/<name>", retort.Endpoint("room"))(func(c *retort.Context, name string) (template.HTML, error) {
		var b bytes.Buffer
		err := page.Execute(&b, map[string]string{"Name": name, "Socket": c.URLFor("socket", "name", name)})
		return template.HTML(b.String()), err
	})

	// Only pages of this host may connect: a page of another one would speak in
	// the name of whoever looks at it.
	websocket.Route(app, "/room/<name>/socket", retort.Endpoint("socket"), websocket.ReadLimit(1000))(
		func(c *retort.Context, conn *websocket.Conn, name string) error {
			room := rooms.enter(name, conn)
			defer rooms.leave(name, conn)
			for {
				_, message, err := conn.Read(c.Context())
				if err != nil {
					return err // the window was closed, or the server stops
				}
				room.say(c.Context(), message)
			}
		})
	return app
}

// page escapes what is put into it, each value as its place demands.
var page = template.Must(template.New("room").Parse(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>{{.Name}}</title>
<h1>{{.Name}}</h1>
<form><input autofocus autocomplete="off" maxlength="200"><button>Say it</button></form>
<ul></ul>
<script>
const socket = new WebSocket({{.Socket}});
const input = document.querySelector("input");
function show(text) {
	const item = document.createElement("li");
	item.textContent = text; // not innerHTML: others wrote it
	document.querySelector("ul").append(item);
}
socket.onmessage = event => show(event.data);
socket.onclose = event => show("The connection has ended: " + event.code + " " + event.reason);
document.querySelector("form").onsubmit = event => {
	event.preventDefault();
	socket.send(input.value);
	input.value = "";
};
</script>
</html>
`))

func main() {
	if err := newApp().Run(); err != nil {
		log.Fatal(err)
	}
}
