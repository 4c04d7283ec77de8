package main

import (
	"strings"

	"github.com/retort-go/retort"
)

// views are what answers requests, and what that needs.
type views struct{ notes *notebook }

// index shows the notes.
func (v *views) index(c *retort.Context) any {
	return c.RenderTemplate("index.html", retort.H{"notes": v.notes.all()})
}

// add makes a note of what was typed. The redirect lets the page be loaded again
// without another note; the message is shown on the page it leads to.
func (v *views) add(c *retort.Context) any {
	text := strings.TrimSpace(c.Request.Form().Get("text"))
	if text == "" {
		c.Flash("Write something first.", "error")
	} else {
		v.notes.add(text)
		c.Flash("Noted.")
	}
	return c.Redirect(c.URLFor("index"))
}

// remove removes a note. Its id comes from the URL, as a number.
func (v *views) remove(c *retort.Context, id int) any {
	if !v.notes.remove(id) {
		return retort.Error(404, "There is no such note.")
	}
	c.Flash("Removed.")
	return c.Redirect(c.URLFor("index"))
}

// notFound is the page for what is not there.
func notFound(c *retort.Context, e *retort.HTTPError) any {
	return retort.Reply(c.RenderTemplate("404.html", retort.H{"error": e}), 404)
}
