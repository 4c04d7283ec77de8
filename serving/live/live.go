//go:build retort_dev

package live

import (
	"crypto/rand"
	"net/http"
	"os"
	"strings"

	"github.com/retort-go/retort/internal/devguard"
	"github.com/retort-go/retort/internal/draining"
	"github.com/retort-go/retort/internal/liveevents"
)

// EnvLive is the variable that switches live refresh off when it is 0, false, no
// or off.
const EnvLive = "RETORT_LIVE"

// Options configures [New]. The zero value is usable.
type Options struct {
	// Hosts are the names by which a browser may reach this machine beside
	// localhost and its addresses; in lower case, without ports.
	Hosts []string
	// Log takes a line for each request to the URLs of live refresh that is
	// refused, because it does not come from this machine. Default: none.
	Log func(line string)
	// Off switches live refresh off.
	Off bool
}

// Live is live refresh for one program. It is safe for concurrent use.
type Live struct{ hub *liveevents.Hub } // hub is nil when it is off

// New makes live refresh. Options.Off or RETORT_LIVE=0 in the environment make
// one that does nothing.
func New(o Options) *Live {
	switch strings.ToLower(os.Getenv(EnvLive)) {
	case "0", "false", "no", "off":
		o.Off = true
	}
	if o.Off {
		return &Live{}
	}
	return &Live{&liveevents.Hub{ID: rand.Text(), Guard: devguard.Guard{Hosts: o.Hosts}, Log: o.Log, Stopping: draining.From}}
}

// Script is the URL of the script for a page that is made now and takes care of
// itself, "" when live refresh is off.
func (l *Live) Script() string {
	if l.hub == nil {
		return ""
	}
	return l.hub.ScriptURL()
}

// Refresh tells the pages that a file has changed that the program reads anew by
// itself: a template or a static file.
func (l *Live) Refresh(path string) {
	if l.hub != nil {
		l.hub.Refresh(path)
	}
}

// Handler adds the script to the pages of next, and answers the requests of the
// script: /__retort__/live.js and /__retort__/events, the latter until the
// server stops. Both are 404 for all but this machine.
func (l *Live) Handler(next http.Handler) http.Handler {
	if l.hub == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case l.hub.Serve(w, r):
		case !navigates(r) || l.hub.Guard.Refuses(r) != "":
			next.ServeHTTP(w, r)
		default:
			l.serve(next, w, r)
		}
	})
}

// navigates reports whether a browser asks for a whole page.
func navigates(r *http.Request) bool {
	if r.Method != http.MethodGet || r.Header["Range"] != nil {
		return false
	}
	dest := r.Header.Get("Sec-Fetch-Dest")
	return dest == "document" || dest == "iframe"
}

// serve serves a request for a page. What is held back of the page of a handler
// that panics is not sent.
func (l *Live) serve(next http.Handler, w http.ResponseWriter, r *http.Request) {
	lw := &writer{ResponseWriter: w, request: r, state: l.hub.State()}
	r, lw.revalidates = revalidation(r, lw.state)
	next.ServeHTTP(lw, r)
	lw.finish()
}
