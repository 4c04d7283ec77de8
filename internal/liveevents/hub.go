package liveevents

import (
	"context"
	_ "embed"
	"net/http"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/retort-go/retort/internal/accesslog"
	"github.com/retort-go/retort/internal/devguard"
)

// The URLs of live refresh.
const (
	ScriptPath = "/__retort__/live.js"
	EventsPath = "/__retort__/events"
)

//go:embed live.js
var script string

// heartbeat is how often a stream says that it is alive, and so finds out
// whether its client is.
const heartbeat = 15 * time.Second

// Hub tells pages that they are out of date. ID must be set. It is safe for
// concurrent use.
type Hub struct {
	// ID is another for each program and each problem. It may hold letters,
	// digits, "-", "_" and ".".
	ID string
	// Guard says who may listen. Default: this machine.
	Guard devguard.Guard
	// Log takes a line for each request that Guard refuses. Default: none.
	Log func(line string)
	// Stopping gives a channel that is closed when the streams are to end.
	// Default: none, they end with their requests.
	Stopping func(ctx context.Context) <-chan struct{}

	mu        sync.Mutex
	refreshes int
	pages     map[*page]struct{}
}

// page is a page that listens.
type page struct {
	files chan refreshed // closed for one that is too slow
}

// refreshed is a file that has changed, and the state since then.
type refreshed struct {
	State string `json:"state"`
	File  string `json:"file"` // its base name
}

// State is what a page that is made now knows as its own.
func (h *Hub) State() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.state()
}

func (h *Hub) state() string { return h.ID + "." + strconv.Itoa(h.refreshes) }

// ScriptURL is what a page that is made now loads the script from.
func (h *Hub) ScriptURL() string { return ScriptPath + "?b=" + h.State() }

// Refresh tells all pages that a file has changed. A style sheet is put in the
// place of its old version; for other files the page is loaded again.
func (h *Hub) Refresh(path string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.refreshes++
	news := refreshed{h.state(), filepath.Base(path)}
	for p := range h.pages {
		select {
		case p.files <- news:
		default: // it sees when it comes back that its state is an old one
			close(p.files)
			delete(h.pages, p)
		}
	}
}

// Serve answers a request for the script or the events and reports whether it
// was one. Who is refused gets 404. The access log has no line for it: these are
// not requests of the application.
func (h *Hub) Serve(w http.ResponseWriter, r *http.Request) bool {
	answer := h.serveScript
	switch r.URL.Path {
	case EventsPath:
		answer = h.serveEvents
	case ScriptPath:
	default:
		return false
	}
	accesslog.Claim(w)
	if why := h.refuses(r); why != "" {
		if h.Log != nil {
			h.Log("Live refresh: " + r.RemoteAddr + " got 404 for " + r.URL.Path + ": " + why)
		}
		http.NotFound(w, r)
		return true
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "Method Not Allowed", http.StatusMethodNotAllowed)
		return true
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cross-Origin-Resource-Policy", "same-origin")
	answer(w, r)
	return true
}

// refuses says why a request is not answered. Pages of other sites, those on
// other ports of this machine among them, have no business here.
func (h *Hub) refuses(r *http.Request) string {
	if why := h.Guard.Refuses(r); why != "" {
		return why
	}
	switch site := r.Header.Get("Sec-Fetch-Site"); site {
	case "", "same-origin", "none":
		return ""
	}
	return "a page of another site asks for it"
}

func (h *Hub) serveScript(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(script)))
	if r.Method == http.MethodGet {
		_, _ = w.Write([]byte(script)) // fails when the client is gone
	}
}
