//go:build retort_dev

package debug

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"github.com/retort-go/retort/datastructures"
	"github.com/retort-go/retort/internal/terminal"
	"github.com/retort-go/retort/internal/traceback"
)

// answer answers a request that has failed, in the form that its client likes
// best. Only the page may be opened further.
func (d *debugger) answer(w http.ResponseWriter, r *http.Request, rec *record) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Add("Vary", "Accept")
	switch wanted(r) {
	case typeJSON:
		h.Set("Content-Type", typeJSON)
		w.WriteHeader(http.StatusInternalServerError)
		_ = json.NewEncoder(w).Encode(rec.json()) // fails when the client is gone
	case typeText:
		h.Set("Content-Type", typeText+"; charset=utf-8")
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = io.WriteString(w, terminal.Text(rec.text)) // a terminal may show it
	default:
		o := pageOptions{status: http.StatusInternalServerError, opened: d.lock.opened(r)}
		if r.Method == http.MethodGet { // another request is not to be sent twice by itself
			o.script = d.options.Script()
		}
		d.page(w, rec, o)
	}
}

// The types of answers.
const (
	typeHTML = "text/html"
	typeJSON = "application/json"
	typeText = "text/plain"
)

// wanted is the type that a client likes best. One that takes anything and names
// neither HTML nor JSON, as curl and the scripts of a page do, reads text better.
func wanted(r *http.Request) string {
	accept := datastructures.ParseMIMEAccept(strings.Join(r.Header.Values("Accept"), ","))
	offers := []string{typeText, typeJSON, typeHTML}
	switch {
	case accept.Len() == 0:
		return typeHTML
	case named(accept, typeHTML):
		offers = []string{typeHTML, typeJSON, typeText}
	case named(accept, typeJSON):
		offers = []string{typeJSON, typeText, typeHTML}
	}
	if best := accept.BestMatch(offers...); best != "" {
		return best
	}
	return typeText
}

// named reports whether a field has a type in it.
func named(accept datastructures.MIMEAccept, mediaType string) bool {
	for name, quality := range accept.All() {
		if quality > 0 && strings.EqualFold(name, mediaType) {
			return true
		}
	}
	return false
}

// document is a failure as JSON.
type document struct {
	Error     string         `json:"error"`
	Type      string         `json:"type"`
	Request   string         `json:"request"`
	Chain     []documentLink `json:"chain"`
	Frames    []documentCall `json:"frames"`
	Traceback string         `json:"traceback"`
	Page      string         `json:"page"` // the URL of the page
}

type documentLink struct {
	Depth   int    `json:"depth"`
	Type    string `json:"type"`
	Message string `json:"message"`
}

type documentCall struct {
	Function string `json:"function"`
	File     string `json:"file"`
	Line     int    `json:"line"`
	Kind     string `json:"kind"`
}

func (r *record) json() document {
	t := r.traceback
	d := document{
		Error: t.Message, Type: t.Type, Request: r.target, Traceback: r.text, Page: faultPath + r.id,
		Chain: make([]documentLink, 0, len(t.Chain)), Frames: make([]documentCall, 0, len(t.Frames)),
	}
	for _, l := range t.Chain {
		d.Chain = append(d.Chain, documentLink(l))
	}
	for _, f := range t.Frames {
		d.Frames = append(d.Frames, call(f))
	}
	return d
}

func call(f traceback.Frame) documentCall {
	return documentCall{f.Function, f.File, f.Line, f.Kind.String()}
}
