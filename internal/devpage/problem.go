package devpage

import (
	"context"
	"net/http"

	"github.com/retort-go/retort/datastructures"
	"github.com/retort-go/retort/internal/devguard"
	"github.com/retort-go/retort/internal/liveevents"
	"github.com/retort-go/retort/internal/reloader"
)

// ProblemOptions configures [Problem]. The zero value is usable.
type ProblemOptions struct {
	// Guard says who sees more than that there is a problem. Default: this machine.
	Guard *devguard.Guard
	// Log takes a line for each request to the URLs of live refresh that is
	// refused. Default: none.
	Log func(line string)
	// Dir is the folder of the program: paths below it are shown from there, and
	// calls in the module that it belongs to are those of the application.
	// Default: the working directory.
	Dir string
}

// Problem answers every request with 503 and what keeps the program from
// running: a page, or plain text or JSON for clients that ask for that or for no
// HTML. Secrets in the output of the program are hidden. Who the guard refuses reads one sentence. The page loads itself again
// when the program is back; for this the URLs of live refresh are answered too.
//
// Differs from Flask: its server ends when the program cannot be loaded.
func Problem(p *reloader.Problem, o ProblemOptions) http.Handler {
	if o.Guard == nil {
		o.Guard = new(devguard.Guard)
	}
	return &problemHandler{
		guard: o.Guard,
		view:  newProblemView(p, o.Dir),
		hub: &liveevents.Hub{
			ID: p.ID, Guard: *o.Guard, Log: o.Log,
			Stopping: func(context.Context) <-chan struct{} { return p.Stopping },
		},
	}
}

type problemHandler struct {
	guard *devguard.Guard
	view  *problemView
	hub   *liveevents.Hub
}

// The types in which a problem is answered. Of several that a client likes
// equally well it gets the first.
const (
	typeText = "text/plain"
	typeHTML = "text/html"
	typeJSON = "application/json"
)

func (h *problemHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if h.hub.Serve(w, r) {
		return
	}
	accept := datastructures.ParseMIMEAccept(r.Header.Get("Accept"))
	typ := accept.BestMatch(typeText, typeHTML, typeJSON)
	if typ == "" {
		typ = typeText
	}
	nonce := Nonce()
	Protect(w.Header(), nonce)
	w.Header().Set("Content-Type", typ+"; charset=utf-8")
	if typ == typeJSON {
		w.Header().Set("Content-Type", typ)
	}
	w.Header().Set("Retry-After", "1")
	w.Header().Set("Vary", "Accept")
	var body []byte
	if h.guard.Refuses(r) == "" {
		body = h.view.render(typ, r, nonce, h.hub.ScriptURL())
	} else {
		body = renderBusy(typ)
	}
	w.WriteHeader(http.StatusServiceUnavailable)
	_, _ = w.Write(body) // fails when the client is gone
}
