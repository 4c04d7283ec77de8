// Package templates holds the pages that retort itself shows: the error page
// and the page of a redirect. They are plain HTML without styles or scripts, so
// that they read well in a terminal too.
package templates

import (
	"embed"
	"html/template"
	"strings"
	"sync"
)

//go:embed *.html
var files embed.FS

var pages = sync.OnceValue(func() *template.Template {
	return template.Must(template.ParseFS(files, "*.html"))
})

// ErrorPage is the page of an HTTP error.
type ErrorPage struct {
	Code        int
	Name        string // the reason phrase, "Not Found"
	Description string // plain text; each line break becomes <br>
	Explanation string // how the URL map was searched, shown in debug mode; may be empty
}

// Lines are the lines of the description.
func (p ErrorPage) Lines() []string { return strings.Split(p.Description, "\n") }

// String is the HTML of the page.
func (p ErrorPage) String() string { return render("error.html", p) }

// RedirectPage is what a client shows that does not follow a redirect.
type RedirectPage struct{ Location string }

// String is the HTML of the page.
func (p RedirectPage) String() string { return render("redirect.html", p) }

func render(name string, data any) string {
	var b strings.Builder
	if err := pages().ExecuteTemplate(&b, name, data); err != nil {
		return "<!doctype html>\n<title>Error</title>\n" // not reached: the pages take only strings
	}
	return b.String()
}
