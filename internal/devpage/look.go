package devpage

import (
	"crypto/rand"
	_ "embed"
	"html/template"
	"net/http"
)

// CSS is the style sheet of all pages for developers.
//
//go:embed look.css
var CSS string

// Script is what all pages for developers do beside showing themselves: a button
// with data-copy="ID" copies the text of that element, one with data-copy-text its
// value; source is coloured. What has the class scripted is hidden without scripts,
// for which the template "first" is a script in the head.
//
//go:embed look.js
var Script string

//go:embed partials.html
var partials string

// Parse parses the template of a page in which the elements of all pages can be
// used: {{template "logo"}} and {{template "excerpt" .}} for a []Line. It panics
// when the text is no template.
func Parse(name, text string) *template.Template {
	return template.Must(template.Must(template.New(name).Parse(partials)).Parse(text))
}

// Nonce makes the nonce of a page.
func Nonce() string { return rand.Text() }

// Protect sets the fields of a page for developers: it is kept nowhere, it is
// framed by none, it loads nothing from elsewhere, and of scripts and styles
// only those of this server or with the nonce. Its forms tell this server where
// they come from, or cross-origin protection would refuse them.
func Protect(h http.Header, nonce string) {
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self' 'nonce-"+nonce+"'; style-src 'nonce-"+nonce+"'; "+
		"img-src data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}
