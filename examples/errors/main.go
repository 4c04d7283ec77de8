// Errors is a shop where much goes wrong: every way in which a view can fail, and
// who answers then. People get pages, programs below /api get JSON. It serves on
// 127.0.0.1:5000.
//
//	$ go run ./examples/errors
//
//	$ curl -i http://127.0.0.1:5000/api/item/tea
//	HTTP/1.1 409 Conflict
//	{"error":"tea is sold out until May"}
package main

import (
	"errors"
	"fmt"
	"html"
	"log"

	"github.com/retort-go/retort"
)

// soldOut is an error of the shop itself. It knows nothing of HTTP.
type soldOut struct{ item, until string }

func (e *soldOut) Error() string { return e.item + " is sold out until " + e.until }

var errTill = errors.New("the till is on fire")

// buy is what the shop does, for pages and programs alike.
func buy(item string) (string, error) {
	switch item {
	case "coffee":
		return "Here is your coffee.", nil
	case "tea":
		return "", fmt.Errorf("buying: %w", &soldOut{item, "May"}) // still found, however deep
	case "wine":
		retort.Abort(403, "Wine is for those over eighteen.") // ends the view at once
	case "till":
		return "", errTill // nobody takes this one: it becomes a 500
	}
	return "", retort.Error(404, "We have no "+item+".")
}

func newApp() *retort.App {
	app := retort.New("errors")
	app.Get("/")(index)
	app.Get("/item/<item>")(item)

	// By code: a 404, of the shop or of a URL that is not there. The status is
	// what the handler returns.
	app.ErrorHandler(404)(func(c *retort.Context, e *retort.HTTPError) (string, int) {
		return page(c, "Not here", e.Description+" Perhaps it is among our other things."), 404
	})
	// By type: the handler gets the error itself.
	retort.OnError(app, func(c *retort.Context, e *soldOut) any {
		return retort.Reply(page(c, "Sold out", "Come back in "+e.until+" for "+e.item+"."), 409)
	})
	// Every other error with a status code, such as a 405 with its field Allow.
	retort.OnError(app, func(c *retort.Context, e *retort.HTTPError) any {
		return retort.Reply(page(c, e.Name(), e.Description), e.Code, e.Header)
	})
	// What nobody expected. The log has the error; the visitor is not told.
	app.ErrorHandler(500)(func(c *retort.Context) (string, int) {
		return page(c, "Oh no", "Something broke. It was not you, and we know of it."), 500
	})

	app.RegisterBlueprint(newAPI())
	return app
}

func item(c *retort.Context, item string) (string, error) {
	text, err := buy(item)
	return page(c, "Thank you", text), err // an error comes before the page
}

// newAPI is the shop for programs. Its handlers come before those of the app;
// HandleRoutingErrors has them answer for every URL below /api.
func newAPI() *retort.Blueprint {
	api := retort.NewBlueprint("api", retort.URLPrefix("/api"), retort.HandleRoutingErrors())
	api.Get("/item/<item>")(func(item string) (retort.H, error) {
		text, err := buy(item)
		return retort.H{"text": text}, err
	})
	// Handlers by code come first, also those of the app: the 404 needs one here.
	api.ErrorHandler(404)(func() (retort.H, int) { return failure("not found"), 404 })
	retort.OnError(api, func(_ *retort.Context, e *soldOut) any {
		return retort.Reply(failure(e.Error()), 409)
	})
	retort.OnError(api, func(_ *retort.Context, e *retort.HTTPError) any {
		return retort.Reply(failure(e.Name()), e.Code, e.Header)
	})
	api.ErrorHandler(500)(func() (retort.H, int) { return failure("internal error"), 500 })
	return api
}

func failure(text string) retort.H { return retort.H{"error": text} }

func index(c *retort.Context) string {
	text := page(c, "The shop", "Not everything can be had.") + "<ul>\n"
	for _, item := range []string{"coffee", "tea", "wine", "milk", "till"} {
		text += fmt.Sprintf("<li><a href=%q>%s</a>\n", c.URLFor("item", "item", item), item)
	}
	return text + "</ul>\n"
}

// page is a page in the looks of the shop.
func page(c *retort.Context, title, text string) string {
	const layout = `<!doctype html>
<meta name=viewport content="width=device-width">
<title>%[1]s</title>
<link rel=stylesheet href=%[3]q>
<h1>%[1]s</h1>
<p>%[2]s
<p><a href=%[4]q>To the shop</a>
`
	style, home := c.URLFor("static", "filename", "style.css"), c.URLFor("index")
	return fmt.Sprintf(layout, html.EscapeString(title), html.EscapeString(text), style, home)
}

func main() {
	if err := newApp().Run(); err != nil {
		log.Fatal(err)
	}
}
