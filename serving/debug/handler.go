//go:build retort_dev

package debug

import (
	"errors"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"strings"
	"time"

	"github.com/retort-go/retort/internal/devguard"
	"github.com/retort-go/retort/internal/fault"
	"github.com/retort-go/retort/internal/terminal"
)

// The debugger's own URLs. What else lies below ownPath belongs to others.
const (
	ownPath   = "/__retort__/"
	pinPath   = ownPath + "pin"
	faultPath = ownPath + "fault/"
)

// Handler calls next and shows what it panics with: as a page to a browser, as
// JSON or plain text to a client that prefers those, with the status 500. What
// has not been logged yet is logged.
//
// The page is for requests that come from this machine, not through a proxy, and
// with a Host that is this machine's or one of Options.Hosts. To others the answer
// is a 500 that says nothing, and a line in the log says why. When the response
// had begun already, the connection is cut, as net/http does it. A panic with
// http.ErrAbortHandler goes on.
//
// Whoever may see the page sees the message, the stack and the source of the
// program. The rest needs the PIN: after ten wrong ones none is accepted until
// the server is stopped and started again. Secrets are hidden in all of it.
func Handler(next http.Handler, o Options) http.Handler {
	o = o.withDefaults()
	return &debugger{next: next, options: o, guard: o.guard(), lock: newLock(o), origins: http.NewCrossOriginProtection(), pages: newPages()}
}

type debugger struct {
	next    http.Handler
	options Options
	guard   *devguard.Guard
	lock    *lock
	origins *http.CrossOriginProtection
	pages   *template.Template
	faults  shelf
}

// ServeHTTP implements [http.Handler].
func (d *debugger) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == pinPath || strings.HasPrefix(r.URL.Path, faultPath) {
		d.serveOwn(w, r)
		return
	}
	rw := &responseWriter{ResponseWriter: w}
	why := d.guard.Refuses(r) // now: the application can change the header of the request
	defer d.recover(rw, r, w.Header().Clone(), why)
	d.next.ServeHTTP(rw, r.WithContext(fault.Listen(r.Context())))
}

// recover is deferred around the application. header is what the response had
// before it, refused why its client sees no page.
func (d *debugger) recover(w *responseWriter, r *http.Request, header http.Header, refused string) {
	v := recover()
	if v == nil {
		return
	}
	if err, ok := v.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(http.ErrAbortHandler)
	}
	f := fault.Recovered(v, r)
	if !f.Logged {
		d.log(r, "exception", f.Text())
	}
	if w.started {
		d.log(r, "the debugger shows nothing: the response had begun already")
		panic(http.ErrAbortHandler)
	}
	clear(w.Header())
	maps.Copy(w.Header(), header)
	if refused != "" {
		d.log(r, "the debugger shows nothing: "+refused)
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	d.answer(w, r, d.faults.add(newRecord(f, r, time.Now())))
}

// log logs a text with the request that it is about, in one call.
func (d *debugger) log(r *http.Request, what string, more ...string) {
	path := terminal.AppendPrintable(nil, r.URL.Path) // in one line
	text := fmt.Sprintf("%s on %s [%s]", what, path, r.Method)
	d.options.Log(terminal.Text(strings.TrimRight(strings.Join(append([]string{text}, more...), "\n"), "\n")))
}

// serveOwn answers the debugger's own URLs.
func (d *debugger) serveOwn(w http.ResponseWriter, r *http.Request) {
	if why := d.guard.Refuses(r); why != "" {
		d.log(r, "the debugger is not there: "+why)
		http.NotFound(w, r)
		return
	}
	if d.origins.Check(r) != nil || foreign(r) {
		d.log(r, "the debugger does not answer: a page of another site asks")
		http.Error(w, "This is not for pages of other sites.", http.StatusForbidden)
		return
	}
	if id, ok := strings.CutPrefix(r.URL.Path, faultPath); ok {
		d.serveFault(w, r, id)
		return
	}
	d.servePIN(w, r)
}

// foreign reports whether a browser says that a page of somebody else sent the
// request. Unlike cross-origin protection this concerns GET too: nobody else has
// a reason to load what is here.
func foreign(r *http.Request) bool {
	site := r.Header.Get("Sec-Fetch-Site")
	return site == "cross-site" || site == "same-site"
}
