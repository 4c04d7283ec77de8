// Routing shows the rules: every converter and one of the app's own, the
// redirects that a rule can ask for, and URLs built from endpoints. The index
// page links to all of it. It serves on 127.0.0.1:5000 and says so.
//
//	$ go run ./examples/routing
//
//	$ curl http://127.0.0.1:5000/day/2024-02-29
//	2024-02-29 is a Thursday.
package main

import (
	"fmt"
	"html"
	"log"
	"strings"
	"time"

	"github.com/retort-go/retort"
)

func newApp() *retort.App {
	app := retort.New("routing")
	app.AddConverter("date", retort.NewConverter(`\d{4}-\d{2}-\d{2}`, parseDate, formatDate))
	app.Get("/")(index)

	// One rule for each converter. The type of the variable is that of the
	// view's parameter, which is checked here, at registration.
	app.Get("/user/<name>")(user)
	app.Get("/language/<string(length=2):code>")(language)
	app.Get("/post/<int:id>")(post)
	app.Get("/celsius/<float(signed=True):degrees>")(celsius)
	app.Get("/files/<path:name>")(file)
	app.Get("/<any(about, help):page>")(page)
	app.Get("/order/<uuid:id>")(order)
	app.Get("/day/<date:day>")(day)

	// A rule that ends in a slash is a folder: /projects is redirected to it.
	app.Get("/projects/")(projects)
	// Two rules, one endpoint: /archive/page/1 is redirected to /archive/.
	app.Get("/archive/", retort.Default("page", 1))(app.Get("/archive/page/<int:page>")(archive))
	// An alias is redirected to the proper rule of its endpoint.
	app.AddURLRule("/article/<int:id>", "post", nil, retort.Alias())
	// This rule has no view, only a target.
	app.AddURLRule("/p/<int:id>", "short", nil, retort.RedirectTo("post/<id>"))

	app.ErrorHandler(404)(notFound)
	return app
}

func parseDate(text string) (time.Time, error) { return time.Parse(time.DateOnly, text) }
func formatDate(day time.Time) (string, error) { return day.Format(time.DateOnly), nil }

// index links to every endpoint. URLFor knows the rules, so that a changed rule
// changes the links.
func index(c *retort.Context) string {
	links := []string{
		c.URLFor("user", "name", "Zoë & co"),
		c.URLFor("language", "code", "de"),
		c.URLFor("post", "id", 7, "tab", "comments", retort.Anchor("last")),
		c.URLFor("celsius", "degrees", -2.5),
		c.URLFor("file", "name", "docs/a b.txt"),
		c.URLFor("page", "page", "help"),
		c.URLFor("order", "id", "c0ffee00-0000-4000-8000-000000000001"),
		c.URLFor("day", "day", time.Date(2024, time.February, 29, 0, 0, 0, 0, time.UTC)),
		c.URLFor("projects"),
		c.URLFor("archive", "page", 1),
		c.URLFor("archive", "page", 2),
	}
	var b strings.Builder
	b.WriteString("<!doctype html>\n<title>Routing</title>\n<ul>\n")
	for _, link := range links {
		link = html.EscapeString(link)
		fmt.Fprintf(&b, "<li><a href=\"%s\">%s</a>\n", link, link)
	}
	b.WriteString("</ul>\n")
	return b.String()
}

// The strings of views are HTML, so what comes from the URL is escaped.
func user(name string) string        { return "This is " + html.EscapeString(name) + ".\n" }
func language(code string) string    { return "The language is " + html.EscapeString(code) + ".\n" }
func file(name string) string        { return "The file is " + html.EscapeString(name) + ".\n" }
func page(name string) string        { return "The page is " + html.EscapeString(name) + ".\n" }
func order(id string) string         { return "The order is " + html.EscapeString(id) + ".\n" }
func post(id int) string             { return fmt.Sprintf("This is post %d.\n", id) }
func celsius(degrees float64) string { return fmt.Sprintf("That is %.1f °F.\n", degrees*9/5+32) }
func projects() string               { return "These are the projects.\n" }
func archive(page int) string        { return fmt.Sprintf("This is page %d of the archive.\n", page) }

func day(day time.Time) string {
	return fmt.Sprintf("%s is a %s.\n", day.Format(time.DateOnly), day.Weekday())
}

// notFound takes the place of the 404 page. Its status is what it returns, not
// what it was registered for.
func notFound(c *retort.Context) (string, int) {
	return "There is no " + html.EscapeString(c.Request.Path()) + " here.\n", 404
}

func main() {
	if err := newApp().Run(); err != nil {
		log.Fatal(err)
	}
}
