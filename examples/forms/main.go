// Forms is a guest book. What is posted is checked; a form with mistakes comes
// back with what was typed and what is wrong with it, a good one is answered with
// a redirect and a message on the next page, so that reloading it posts nothing
// again. It serves on 127.0.0.1:5000.
//
//	$ go run ./examples/forms
//
//	$ curl -i -d name=Ada -d text=hello http://127.0.0.1:5000/
//	HTTP/1.1 303 See Other
//	Location: /#entry-1
package main

import (
	"fmt"
	"log"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/datastructures"
	"github.com/retort-go/retort/security"
)

// entry is what a guest writes.
type entry struct {
	Number     int
	Name, Text string
}

const longest = 280 // characters of a text

// newEntry reads an entry from a form. The mistakes are by the name of the field,
// and there are none in a good one.
func newEntry(form *datastructures.MultiDict) (entry, map[string]string) {
	e := entry{Name: strings.TrimSpace(form.Get("name")), Text: strings.TrimSpace(form.Get("text"))}
	mistakes := make(map[string]string)
	if e.Name == "" {
		mistakes["name"] = "Who are you?"
	}
	switch n := utf8.RuneCountInString(e.Text); {
	case n == 0:
		mistakes["text"] = "You have written nothing yet."
	case n > longest:
		mistakes["text"] = fmt.Sprintf("That is %d characters too long.", n-longest)
	}
	return e, mistakes
}

// book is the guest book.
type book struct {
	mu      sync.Mutex
	entries []entry
}

// add gives the entry its number.
func (b *book) add(e entry) entry {
	b.mu.Lock()
	defer b.mu.Unlock()
	e.Number = len(b.entries) + 1
	b.entries = append(b.entries, e)
	return e
}

func (b *book) all() []entry {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.entries[:len(b.entries):len(b.entries)]
}

func newApp() *retort.App {
	app := retort.New("forms")
	// Messages wait for the next page in the session, whose cookie is signed. The
	// key also has posts from pages of other sites refused.
	app.Config.Set("SECRET_KEY", security.Token(32))
	b := new(book)
	app.Get("/")(b.show)
	app.Post("/")(b.sign)
	return app
}

func (b *book) show(c *retort.Context) any { return b.page(c, entry{}, nil) }

func (b *book) sign(c *retort.Context) any {
	e, mistakes := newEntry(c.Request.Form())
	if len(mistakes) > 0 {
		return retort.Reply(b.page(c, e, mistakes), 422)
	}
	e = b.add(e)
	c.Flash("Thank you, " + e.Name + ".")
	return c.Redirect(c.URLFor("show", retort.Anchor(fmt.Sprintf("entry-%d", e.Number))))
}

// page is the book with a form that holds what was typed.
func (b *book) page(c *retort.Context, typed entry, mistakes map[string]string) *retort.Response {
	return c.RenderTemplate("book.html", retort.H{"entries": b.all(), "typed": typed, "mistakes": mistakes, "longest": longest})
}

func main() {
	if err := newApp().Run(); err != nil {
		log.Fatal(err)
	}
}
