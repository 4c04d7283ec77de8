// Templates is a small field guide to birds: a layout and pages that fill its
// blocks, a file that pages include, a definition that they import, a filter, and
// values that every page has. It serves on 127.0.0.1:5000.
//
//	$ go run ./examples/templates
//
//	$ curl 'http://127.0.0.1:5000/?q=<b>'
//	…
//	<p>No bird is called “&lt;b&gt;”.</p>
package main

import (
	"log"
	"strings"
	"time"
	"unicode"

	"github.com/retort-go/retort"
)

type bird struct {
	Name, Latin, Text string
	Wingspan          int // in centimetres
	Seen              time.Time
}

// Slug is the name in URLs.
func (b bird) Slug() string { return strings.ReplaceAll(b.Name, " ", "-") }

func birds() []bird {
	on := func(month time.Month, day int) time.Time { return time.Date(2026, month, day, 0, 0, 0, 0, time.UTC) }
	return []bird{
		{"barn swallow", "Hirundo rustica", "Nests under roofs, and is back before the flies are.", 33, on(time.April, 9)},
		{"eurasian wren", "Troglodytes troglodytes", "The smallest bird of the garden with the loudest voice.", 15, on(time.January, 2)},
		{"grey heron", "Ardea cinerea", "Stands in the shallows, and has more patience than you.", 185, on(time.March, 21)},
	}
}

func newApp() *retort.App {
	app := retort.New("templates") // templates/ and static/ beside this file are its own
	// {{title .Name}} and {{.Name | title}} are the same.
	app.TemplateFilter("title", title)
	// Every page can use what a context processor gives.
	app.ContextProcessor(func(c *retort.Context) retort.H {
		return retort.H{"query": c.Request.Args().Get("q")}
	})
	app.Get("/")(index)
	app.Get("/bird/<slug>")(show)
	app.ErrorHandler(404)(func(c *retort.Context, e *retort.HTTPError) any {
		return retort.Reply(c.RenderTemplate("404.html", retort.H{"error": e}), 404)
	})
	return app
}

func index(c *retort.Context) any {
	query := strings.ToLower(c.Request.Args().Get("q"))
	var found []bird
	for _, b := range birds() {
		if strings.Contains(b.Name, query) {
			found = append(found, b)
		}
	}
	return c.RenderTemplate("index.html", retort.H{"birds": found})
}

func show(c *retort.Context, slug string) any {
	for _, b := range birds() {
		if b.Slug() == slug {
			return c.RenderTemplate("bird.html", retort.H{"bird": b})
		}
	}
	return retort.Error(404, "This bird is not in the book.")
}

// title is the filter: the first letter in upper case.
func title(s string) string {
	runes := []rune(s)
	if len(runes) > 0 {
		runes[0] = unicode.ToTitle(runes[0])
	}
	return string(runes)
}

func main() {
	if err := newApp().Run(); err != nil {
		log.Fatal(err)
	}
}
