package liveevents

import (
	"encoding/json"
	"io"
	"net/http"
	"time"
)

// serveEvents sends the state, and then what changes, until the client goes or
// the server stops. The connection ends with the stream: its client comes back
// on a new one, which may be for the next program.
func (h *Hub) serveEvents(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	w.Header().Set("Connection", "close")
	if r.Method == http.MethodHead {
		return
	}
	var stopping <-chan struct{}
	if h.Stopping != nil {
		stopping = h.Stopping(r.Context())
	}
	p, state := h.join()
	defer h.leave(p)
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	text := "retry: 200\n" + event("build", state)
	for send(w, text) {
		select {
		case news, ok := <-p.files:
			if !ok {
				return
			}
			data, _ := json.Marshal(news) // two strings
			text = event("refresh", string(data))
		case <-beat.C:
			text = ":\n\n"
		case <-stopping:
			return
		case <-r.Context().Done():
			return
		}
	}
}

// event is an event; its data is one line.
func event(name, data string) string { return "event: " + name + "\ndata: " + data + "\n\n" }

// send reports whether the client got the text.
func send(w http.ResponseWriter, text string) bool {
	_, err := io.WriteString(w, text)
	return err == nil && http.NewResponseController(w).Flush() == nil
}

// join adds a page. It hears of every change after the state.
func (h *Hub) join() (*page, string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.pages == nil {
		h.pages = make(map[*page]struct{})
	}
	p := &page{files: make(chan refreshed, 16)}
	h.pages[p] = struct{}{}
	return p, h.state()
}

func (h *Hub) leave(p *page) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.pages, p)
}
