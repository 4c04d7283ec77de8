//go:build retort_dev

package debug

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"time"

	"github.com/retort-go/retort/internal/devpage"
	"github.com/retort-go/retort/internal/fault"
	"github.com/retort-go/retort/internal/traceback"
)

// view is what the template of the page shows.
type view struct {
	Nonce   string
	Styles  template.CSS
	Scripts template.JS
	Live    string // the URL of a script

	ID, Target, At string
	Type, Message  string
	Lengthy        bool   // the message is no headline
	Long           string // the whole message, when Message is its beginning
	Chain          []link
	Where          *callView // the first call of the application
	Runs           []run
	Public         []section
	Text           string

	Opened    bool // the PIN was entered, or is not needed
	Exhausted bool
	PIN       string // what became of the PIN
	PINPath   string
	Private   private
}

// private is what the PIN opens.
type private struct {
	Sections   []section
	Goroutines *goroutines
}

// section is a table. Hint stands beside its title.
type section struct {
	fault.Section
	Hint string
	Open bool
}

type goroutines struct {
	Title  string
	Groups []goroutineGroup
}

type goroutineGroup struct {
	Count     int
	State     string
	At        string // the first call that is worth naming
	CreatedBy string
	Calls     []callView
}

func newView(rec *record) *view {
	t := rec.traceback
	kind, message := headline(t.Type, devpage.Visible(t.Message))
	v := &view{
		ID: rec.id, Target: devpage.Visible(rec.target), At: rec.at.Format(time.TimeOnly), Text: devpage.Visible(rec.target + "\n\n" + rec.text), PINPath: pinPath,
		Type: kind, Chain: chainOf(t.Chain), Runs: runs(t.Frames, t.Omitted),
	}
	v.Message, v.Long = shorten(message)
	v.Lengthy = len(v.Message) > 160
	for _, routing := range []bool{false, true} { // how the view was found explains fewer failures than what was asked
		for _, s := range rec.sections {
			if !s.Private && routing == (s.ID == fault.Routing) {
				v.Public = append(v.Public, newSection(s))
			}
		}
	}
	for _, f := range t.Frames {
		if f.Own() && f.File != "" {
			c := newCall(f)
			v.Where = &c
			break
		}
	}
	return v
}

// headline is what a failure is headed with. A value that was no error and that
// somebody has panicked with has no type of its own.
func headline(kind, message string) (string, string) {
	if text, ok := strings.CutPrefix(message, "panic: "); ok && (kind == "*retort.PanicError" || kind == "*fault.panicked") {
		kind, message = "panic", text
	}
	if strings.TrimSpace(message) == "" {
		message = "(there is no message)"
	}
	return kind, message
}

// shorten gives the beginning of a message that is too long for a heading, and
// the whole of it.
func shorten(message string) (short, long string) {
	const maxRunes, maxLines = 400, 8
	lines := strings.SplitAfterN(message, "\n", maxLines+1)
	short = strings.Join(lines[:min(len(lines), maxLines)], "")
	if runes := []rune(short); len(runes) > maxRunes {
		short = string(runes[:maxRunes])
	}
	if len(short) == len(message) {
		return message, ""
	}
	return strings.TrimRight(short, "\n") + " …", message
}

func newPrivate(rec *record) private {
	var p private
	for _, s := range rec.sections {
		if s.Private {
			p.Sections = append(p.Sections, newSection(s))
		}
	}
	if g := rec.goroutines; g != nil {
		p.Goroutines = newGoroutines(g)
	}
	return p
}

func newSection(s fault.Section) section {
	v := section{Section: s, Hint: "none", Open: opensAtOnce(s)}
	if n := len(s.Rows); n > 0 {
		v.Hint = strconv.Itoa(n)
	}
	if last := len(s.Rows) - 1; s.ID == fault.Routing && last >= 0 && len(s.Rows[last]) == len(s.Columns) && last > 0 {
		row := s.Rows[last]
		v.Hint = row[1]
		v.Open = !strings.HasPrefix(row[len(row)-1], "found")
	}
	v.Note, v.Rows = devpage.Visible(s.Note), make([][]string, len(s.Rows))
	for i, row := range s.Rows {
		for _, cell := range row {
			v.Rows[i] = append(v.Rows[i], devpage.Visible(cell))
		}
	}
	return v
}

// opensAtOnce reports whether a section is short and about the request.
func opensAtOnce(s fault.Section) bool {
	switch s.ID {
	case fault.Config, fault.Environment, fault.Build, fault.Cookies:
		return false
	}
	return len(s.Rows) > 0 && len(s.Rows) <= 30
}

func newGoroutines(g *traceback.Goroutines) *goroutines {
	v := &goroutines{Title: fmt.Sprintf("%d goroutines", g.Total)}
	if g.Total == 1 {
		v.Title = "1 goroutine"
	}
	if g.Omitted > 0 {
		v.Title += fmt.Sprintf(", %d of them left out", g.Omitted)
	}
	for _, group := range g.Groups {
		gv := goroutineGroup{Count: len(group.IDs), State: group.State, CreatedBy: group.CreatedBy}
		for _, f := range group.Frames {
			c := newCall(f)
			if gv.At == "" && (f.Own() || f.Kind == traceback.Library) {
				gv.At = c.Name
			}
			gv.Calls = append(gv.Calls, c)
		}
		switch {
		case len(gv.Calls) > 0 && strings.HasSuffix(gv.Calls[0].Name, ".AllGoroutines"):
			gv.At = "this request"
		case gv.At == "" && len(gv.Calls) > 0:
			gv.At = gv.Calls[0].Name
		}
		v.Groups = append(v.Groups, gv)
	}
	return v
}
