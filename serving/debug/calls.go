//go:build retort_dev

package debug

import (
	"fmt"
	"html/template"
	"strings"

	"github.com/retort-go/retort/internal/devpage"
	"github.com/retort-go/retort/internal/traceback"
)

// run are calls that follow each other and are shown together: one of the
// application, or several that are folded.
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
	Omitted              int // calls after this one that were not kept
}

const (
	// maxOpen is how many calls of the application are shown with their source at
	// first.
	maxOpen = 12
	// maxEnd is how many of the outermost calls of a long stack are shown by
	// themselves.
	maxEnd = 3
)

// runs puts the calls together that are not of the application, and in a stack
// with many calls of the application those between its ends. The omitted calls
// are missing in the middle.
func runs(frames []traceback.Frame, omitted int) []run {
	calls := make([]callView, len(frames))
	var own []int
	for i, f := range frames {
		calls[i] = newCall(f)
		if f.Own() {
			calls[i].Open = len(own) < maxOpen
			own = append(own, i)
		}
	}
	if omitted > 0 {
		calls[max(len(calls)/2-1, 0)].Omitted = omitted
	}
	if len(own) <= maxOpen+maxEnd+1 {
		return grouped(calls)
	}
	first, last := own[maxOpen-1]+1, own[len(own)-maxEnd]
	middle := run{Title: fmt.Sprintf("%d more calls", last-first+omitted), Calls: calls[first:last]}
	return append(append(grouped(calls[:first]), middle), grouped(calls[last:])...)
}

// grouped are runs of calls of the application and of others.
func grouped(calls []callView) []run {
	var all []run
	for _, c := range calls {
		if c.own() {
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

func (c *callView) own() bool {
	return c.Kind == traceback.App.String() || c.Kind == traceback.Template.String()
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
