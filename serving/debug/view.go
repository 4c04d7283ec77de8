//go:build retort_dev

package debug

import (
	"fmt"
	"html/template"
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
	Chain          []traceback.Link
	Editor         template.URL // opens the first frame of the application
	Runs           []run
	Omitted        int
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

// run are calls that follow each other and are shown together: one of the
// application, or several that are not.
type run struct {
	Own   bool
	Title string // of several
	Calls []callView
}

type callView struct {
	Name, File, FullFile string
	Line                 int
	Kind, Note           string
	Badges               []string
	Open                 bool
	Editor               template.URL
	Lines                []devpage.Line
}

type section struct {
	fault.Section
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

// maxOpen is how many calls are shown with their source at first.
const maxOpen = 12

func newView(rec *record) *view {
	v := &view{
		ID: rec.id, Target: rec.target, At: rec.at.Format(time.TimeOnly), Text: rec.text, PINPath: pinPath,
		Type: rec.traceback.Type, Omitted: rec.traceback.Omitted, Runs: runs(rec.traceback.Frames),
	}
	v.Message, v.Long = shorten(rec.traceback.Message)
	v.Lengthy = len(v.Message) > 160
	if len(rec.traceback.Chain) > 1 {
		v.Chain = rec.traceback.Chain[1:]
	}
	for _, s := range rec.sections {
		if !s.Private {
			v.Public = append(v.Public, section{s, true})
		}
	}
	for _, f := range rec.traceback.Frames {
		if f.Own() && f.File != "" {
			v.Editor = devpage.EditorURL(f.File, f.Line, 0)
			break
		}
	}
	return v
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

// runs puts the calls together that are not of the application.
func runs(frames []traceback.Frame) []run {
	var all []run
	open := 0
	for _, f := range frames {
		c := newCall(f)
		if own := f.Own(); own {
			open++
			c.Open = open <= maxOpen
			all = append(all, run{Own: true, Calls: []callView{c}})
			continue
		}
		if len(all) == 0 || all[len(all)-1].Own {
			all = append(all, run{})
		}
		last := &all[len(all)-1]
		last.Calls = append(last.Calls, c)
		last.Title = fmt.Sprintf("%d calls in %s", len(last.Calls), whose(last.Calls))
	}
	return all
}

// whose names the kinds of calls.
func whose(calls []callView) string {
	names := map[string]string{"library": "libraries", "standard": "the standard library", "framework": "retort"}
	var kinds []string
	seen := make(map[string]bool)
	for _, c := range calls {
		if name := names[c.Kind]; name != "" && !seen[name] {
			seen[name] = true
			kinds = append(kinds, name)
		}
	}
	return strings.Join(kinds, " and ")
}

func newCall(f traceback.Frame) callView {
	c := callView{
		Name: f.Name(), File: shortFile(f), FullFile: f.File, Line: f.Line, Kind: f.Kind.String(), Note: f.Note,
		Lines: devpage.Lines(f.Excerpt, 0),
	}
	if f.File != "" {
		c.Editor = devpage.EditorURL(f.File, f.Line, 0)
	}
	if f.Kind == traceback.Template {
		c.Badges, c.Note = append(c.Badges, "template"), ""
	}
	if f.Inlined {
		c.Badges = append(c.Badges, "inlined")
	}
	if f.Newer {
		c.Badges = append(c.Badges, "changed since the build")
	}
	switch {
	case f.Cycle == 1:
		c.Note = join(c.Note, fmt.Sprintf("This call comes %d more times.", f.Repeated))
	case f.Cycle > 1:
		c.Note = join(c.Note, fmt.Sprintf("The %d calls up to this one come %d more times.", f.Cycle, f.Repeated))
	}
	return c
}

func join(note, more string) string { return strings.TrimSpace(note + " " + more) }

func newPrivate(rec *record) private {
	var p private
	for _, s := range rec.sections {
		if s.Private {
			p.Sections = append(p.Sections, section{s, opensAtOnce(s)})
		}
	}
	if g := rec.goroutines; g != nil {
		p.Goroutines = newGoroutines(g)
	}
	return p
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
		if gv.At == "" && len(gv.Calls) > 0 {
			gv.At = gv.Calls[0].Name
		}
		v.Groups = append(v.Groups, gv)
	}
	return v
}
