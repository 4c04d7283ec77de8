// Testing is a small poll, and the tests for it: main_test.go is the file to read,
// and to copy. It serves on 127.0.0.1:5000.
//
//	$ go test ./examples/testing
//	$ go run ./examples/testing
//
//	$ curl -i -d answer=tabs http://127.0.0.1:5000/vote
//	HTTP/1.1 303 See Other
//	Location: /
package main

import (
	"fmt"
	"log"
	"slices"
	"sync"

	"github.com/retort-go/retort"
)

// votes is where the votes are kept. The tests give the app one that fails.
type votes interface {
	Add(answer string) error
	Count() (map[string]int, error)
}

var answers = []string{"tabs", "spaces"}

// voted is set for a visitor who has voted.
var voted = retort.NewKey[bool]("voted")

type poll struct{ votes votes }

// newApp makes the app with what it needs from outside, so that every test can
// have one of its own.
func newApp(v votes) *retort.App {
	app := retort.New("testing")
	p := &poll{v}
	app.BeforeRequest(func(c *retort.Context) {
		voted.Set(c, c.Request.Cookies().Get("voted") == "yes")
	})
	app.Get("/")(p.index)
	app.Post("/vote")(p.vote)
	app.Get("/votes.json")(p.json)
	return app
}

func (p *poll) index(c *retort.Context) (string, error) {
	count, err := p.votes.Count()
	if err != nil {
		return "", err
	}
	page := "<!doctype html>\n<title>Poll</title>\n<h1>Tabs or spaces?</h1>\n"
	for _, answer := range answers {
		page += fmt.Sprintf("<p>%s: %d\n", answer, count[answer])
	}
	if voted.Get(c) {
		return page + "<p>Thank you for your vote.\n", nil
	}
	page += fmt.Sprintf("<form method=post action=%q>\n", c.URLFor("vote"))
	for _, answer := range answers {
		page += fmt.Sprintf("<button name=answer value=%s>%[1]s</button>\n", answer)
	}
	return page + "</form>\n", nil
}

func (p *poll) vote(c *retort.Context) (any, error) {
	answer := c.Request.Form().Require("answer") // 400 when it is missing
	switch {
	case !slices.Contains(answers, answer):
		return nil, retort.Error(400, "The answer is tabs or spaces.")
	case voted.Get(c):
		return nil, retort.Error(403, "You have voted.")
	}
	if err := p.votes.Add(answer); err != nil {
		return nil, fmt.Errorf("adding a vote: %w", err)
	}
	res := c.Redirect(c.URLFor("index"))
	res.SetCookie("voted", "yes")
	return res, nil
}

func (p *poll) json() (map[string]int, error) { return p.votes.Count() }

// box keeps votes in memory.
type box struct {
	mu    sync.Mutex
	count map[string]int
}

func (b *box) Add(answer string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.count[answer]++
	return nil
}

func (b *box) Count() (map[string]int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return map[string]int{"tabs": b.count["tabs"], "spaces": b.count["spaces"]}, nil
}

func main() {
	if err := newApp(&box{count: make(map[string]int)}).Run(); err != nil {
		log.Fatal(err)
	}
}
