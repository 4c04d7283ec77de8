//go:build retort_dev

package debug

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
	"strconv"

	"github.com/retort-go/retort/internal/devpage"
)

//go:embed page.html
var pageHTML string

//go:embed page.css
var pageCSS string

//go:embed page.js
var pageJS string

// pageOptions say how a failure is shown.
type pageOptions struct {
	status  int
	opened  bool
	message string // about the PIN
	script  string // the URL of live refresh's script
}

// newPages parses the templates "page" and "private", the piece of it that the
// PIN opens.
func newPages() *template.Template { return devpage.Parse("page", pageHTML) }

// page shows a failure as a page.
func (d *debugger) page(w http.ResponseWriter, rec *record, o pageOptions) {
	v := newView(rec)
	v.Nonce, v.Live = devpage.Nonce(), o.script
	v.Styles, v.Scripts = template.CSS(devpage.CSS+pageCSS), template.JS(devpage.Script+pageJS)
	v.Opened, v.PIN, v.Exhausted = o.opened, o.message, d.lock.exhausted()
	if v.Exhausted {
		v.PIN = verdict{Exhausted: true}.message()
	}
	if v.Opened {
		v.Private = newPrivate(rec)
	}
	devpage.Protect(w.Header(), v.Nonce)
	d.write(w, o.status, "page", v)
}

// private shows what the PIN opens, for the page to take in.
func (d *debugger) private(w http.ResponseWriter, rec *record) {
	devpage.Protect(w.Header(), devpage.Nonce())
	d.write(w, http.StatusOK, "private", newPrivate(rec))
}

func (d *debugger) write(w http.ResponseWriter, status int, name string, data any) {
	var b bytes.Buffer
	if err := d.pages.ExecuteTemplate(&b, name, data); err != nil {
		panic(err) // not reached: the templates fit their data, whatever it holds
	}
	h := w.Header()
	h.Set("Content-Type", typeHTML+"; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(b.Len()))
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // fails when the client is gone
}
