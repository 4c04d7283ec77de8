// Sse is a board that updates itself: every open page shows what is posted,
// the moment it is, and a page that lost the connection gets what it missed. It
// serves on 127.0.0.1:5000.
//
//	$ go run ./examples/sse
//
//	$ curl -N http://127.0.0.1:5000/events
//	:
//
//	id: 1
//	data: {"text":"hello"}
//
//	$ curl --json '{"text": "hello"}' http://127.0.0.1:5000/notes
//	{"id":1}
package main

import (
	_ "embed"
	"log"
	"strconv"

	"github.com/retort-go/retort"
)

//go:embed board.html
var page string

// note is what is posted.
type note struct {
	id   int
	Text string `json:"text"`
}

func newApp() *retort.App {
	app := retort.New("board")
	b := newBoard()
	app.Get("/")(func() string { return page })
	app.Post("/notes")(func(c *retort.Context) (any, error) {
		var n note
		if err := c.Request.JSON(&n); err != nil {
			return nil, err
		}
		return retort.H{"id": b.post(n.Text)}, nil
	})
	app.Get("/events")(func(c *retort.Context) *retort.Response {
		return c.SSE(func(s *retort.EventStream) error { return follow(s, b) })
	})
	return app
}

// follow sends every note after the one that the client saw last, all of them
// when that is none of ours: the ID comes from the client.
func follow(s *retort.EventStream, b *board) error {
	seen, _ := strconv.Atoi(s.LastEventID())
	for {
		notes, more := b.after(seen)
		for _, n := range notes {
			if err := s.Send(retort.Event{ID: strconv.Itoa(n.id), Data: n}); err != nil {
				return err
			}
			seen = n.id
		}
		select {
		case <-more:
		case <-s.Context().Done():
			return nil
		}
	}
}

func main() {
	if err := newApp().Run(); err != nil {
		log.Fatal(err)
	}
}
