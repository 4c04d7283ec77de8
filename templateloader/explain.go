package templateloader

import (
	"fmt"
	"io/fs"
	"strings"
)

// Explanation says where a template was looked for. All sources are asked, also
// those after the one that has it.
//
// Source: Flask: debughelpers.py, explain_template_loading_attempts.
type Explanation struct {
	Name     string
	Err      error // why it is no name, else nil
	Attempts []Attempt
}

// Attempt is the search in one source.
type Attempt struct {
	// Label and Place say which source it is; Place may be "".
	Label, Place string
	// Found reports whether the source has the template.
	Found bool
	// Outcome says in words what came of it: "found".
	Outcome string
}

// Explain looks for a template without reading it.
func (l *Loader) Explain(name string) *Explanation {
	e := &Explanation{Name: name, Err: CheckName(name)}
	if e.Err != nil {
		return e
	}
	taken := ""
	for _, s := range l.Sources {
		a := s.attempt(name)
		switch {
		case a.Found && taken == "":
			taken = a.Label
		case a.Found:
			a.Outcome = "found too, but that of " + taken + " comes first"
		}
		e.Attempts = append(e.Attempts, a)
	}
	return e
}

func (s Source) attempt(name string) Attempt {
	a := Attempt{Label: s.Label, Place: s.place()}
	info, err := fs.Stat(s.FS, name)
	switch {
	case err == nil && info.IsDir():
		a.Outcome = "a folder, not a file"
	case err == nil && !info.Mode().IsRegular():
		a.Outcome = "not a regular file"
	case err == nil:
		a.Found, a.Outcome = true, "found"
	case !isMissing(err):
		a.Outcome = err.Error()
	case !s.exists():
		a.Outcome = "there is no such folder"
	default:
		a.Outcome = "not there"
	}
	return a
}

// Found reports whether a source has the template.
func (e *Explanation) Found() bool {
	for _, a := range e.Attempts {
		if a.Found {
			return true
		}
	}
	return false
}

// String is the explanation, one source a line.
func (e *Explanation) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "looking for the template %q:", e.Name)
	if e.Err != nil {
		fmt.Fprintf(&b, " %v", e.Err)
		return b.String()
	}
	for i, a := range e.Attempts {
		fmt.Fprintf(&b, "\n%5d. %s: %s", i+1, describe(a.Label, a.Place), a.Outcome)
	}
	if len(e.Attempts) == 0 {
		b.WriteString(" there is no folder of templates to look into")
	} else if !e.Found() {
		b.WriteString("\n       it is nowhere")
	}
	return b.String()
}

func (s Source) describe() string { return describe(s.Label, s.place()) }

func describe(label, place string) string {
	if place == "" {
		return label
	}
	return label + " (" + place + ")"
}

// place says where the source is, as far as it says so itself.
func (s Source) place() string {
	if named, ok := s.FS.(fmt.Stringer); ok {
		return named.String()
	}
	return ""
}

// exists reports whether the source is a folder at all.
func (s Source) exists() bool {
	info, err := fs.Stat(s.FS, ".")
	return err == nil && info.IsDir()
}
