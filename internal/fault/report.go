package fault

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/retort-go/retort/internal/mask"
	"github.com/retort-go/retort/internal/traceback"
)

// Report is what a [Fault] is made of.
type Report struct {
	// Err is what the request failed with, Stack where: see [traceback.Of].
	Err   error
	Stack []uintptr
	// Frames are put before those of the stack: a template, the view.
	Frames []traceback.Frame
	// Request is the request; its body is not read.
	Request *http.Request
	// Secrets are those of the app; the report adds those of the request.
	Secrets mask.Secrets
	// SessionCookie is the name of the cookie that is always a secret.
	SessionCookie string
	// Sections are what the app knows; those that the request alone tells are
	// added.
	Sections []Section
	// Logged says that the failure stands in the log.
	Logged bool
}

// Fault gives the fault, with all texts masked.
func (r *Report) Fault() *Fault {
	s := &r.Secrets
	s.AddEnviron(os.Environ()) // first: a client must not use up what can be looked for
	s.AddRequest(r.Request, r.SessionCookie)
	t := traceback.Of(r.Err, r.Stack)
	t.Frames = append(slices.Clone(r.Frames), t.Frames...)
	t.ReadSource()
	for line := range t.Lines() {
		s.AddLiterals(line)
	}
	t.Mask(s.Text, s.Source)
	goroutines := traceback.AllGoroutines()
	goroutines.Mask(s.Values, s.Source)
	return &Fault{
		Err:        r.Err,
		Traceback:  t,
		Sections:   masked(s, arranged(append(slices.Clone(r.Sections), requestSections(r.Request)...))),
		Goroutines: goroutines,
		Logged:     r.Logged,
		Mask:       s.Text,
	}
}

// Recovered gives the fault for a value that a deferred function has recovered,
// which must call this itself: the stack is that of the panic. When no App has
// made the fault it tells what the request tells.
func Recovered(v any, r *http.Request) *Fault {
	err, ok := v.(error)
	var f *Fault
	switch {
	case !ok:
		err = &panicked{v}
	case errors.As(err, &f):
		return f
	}
	report := Report{Err: err, Stack: traceback.Callers(1), Request: r}
	return report.Fault()
}

// panicked is a panic with a value that is no error.
type panicked struct{ value any }

// Error prints the value.
func (p *panicked) Error() string { return fmt.Sprintf("panic: %v", p.value) }

// order is how sections follow each other.
var order = []string{Routing, Request, Query, Headers, Cookies, Form, Files, Session, Config, Environment, Build}

// arranged puts sections into their order; of two with one ID the first is taken.
func arranged(sections []Section) []Section {
	slices.SortStableFunc(sections, func(a, b Section) int {
		return cmp.Compare(slices.Index(order, a.ID), slices.Index(order, b.ID))
	})
	return slices.CompactFunc(sections, func(a, b Section) bool { return a.ID == b.ID })
}

// masked hides secrets in the cells: in the second of a row by the name in the
// first, in all of them by value.
func masked(s *mask.Secrets, sections []Section) []Section {
	for i := range sections {
		sections[i].Note = s.Text(sections[i].Note)
		rows := make([][]string, len(sections[i].Rows))
		for j, row := range sections[i].Rows {
			rows[j] = make([]string, len(row))
			for k, cell := range row {
				rows[j][k] = shortened(s.Text(cell[:min(len(cell), maxRead)]))
			}
		}
		sections[i].Rows = rows
	}
	return sections
}

// The limits of a section.
const (
	maxCell = 4 << 10  // bytes
	maxRead = 64 << 10 // bytes that are looked at before a cell is masked
	maxRows = 200
)

func shortened(cell string) string {
	if len(cell) > maxCell {
		return strings.ToValidUTF8(cell[:maxCell], "") + "… (shortened)"
	}
	return cell
}

// pairs are the columns of most sections.
var pairs = []string{"Name", "Value"}

// Pairs makes a private section of names and values, sorted by name. A value whose
// name speaks of a secret is hidden.
func Pairs(id, title string, values map[string][]string) Section {
	s := Section{ID: id, Title: title, Private: true, Columns: pairs}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		for _, v := range values[name] {
			if len(s.Rows) == maxRows {
				s.Note = "There are more than are shown here."
				return s
			}
			s.Rows = append(s.Rows, []string{name, hideNamed(name, v)})
		}
	}
	return s
}

// hideNamed is a value, hidden if its name speaks of a secret.
func hideNamed(name, value string) string {
	if value != "" && mask.Name(name) {
		return mask.Hidden
	}
	return value
}

// requestSections are what a request tells without an app.
func requestSections(r *http.Request) []Section {
	line := Section{ID: Request, Title: "Request", Columns: pairs, Rows: [][]string{
		{"Method", r.Method}, {"Path", r.URL.Path}, {"Protocol", r.Proto},
	}}
	header := r.Header.Clone()
	if header == nil {
		header = make(http.Header)
	}
	header["Host"] = []string{r.Host}
	delete(header, "Cookie")
	headers := Pairs(Headers, "Header fields", header)
	headers.Rows = append(headers.Rows, []string{"(client)", r.RemoteAddr})
	cookies := Section{ID: Cookies, Title: "Cookies", Private: true, Columns: pairs}
	for _, c := range r.Cookies() {
		cookies.Rows = append(cookies.Rows, []string{c.Name, hideCookie(c)})
	}
	form := Pairs(Form, "Form", r.PostForm)
	if r.PostForm == nil {
		form.Note = "The body was not read as a form."
	}
	return []Section{line, Pairs(Query, "Query arguments", r.URL.Query()), headers, cookies, form, environment(), build()}
}

// hideCookie hides what is no plain setting.
func hideCookie(c *http.Cookie) string {
	var s mask.Secrets
	s.AddRequest(&http.Request{Header: http.Header{"Cookie": {c.Name + "=" + c.Value}}}, "")
	return s.Text(hideNamed(c.Name, c.Value))
}

// environment is that of the process.
func environment() Section {
	values := make(map[string][]string)
	for _, pair := range os.Environ() {
		name, value, _ := strings.Cut(pair, "=")
		values[name] = []string{value}
	}
	s := Pairs(Environment, "Environment", values)
	for i, row := range s.Rows {
		if row[0] == "PWD" || row[0] == "OLDPWD" { // folders, no passwords
			s.Rows[i] = []string{row[0], os.Getenv(row[0])}
		}
	}
	return s
}

// build is how the program was built.
func build() Section {
	s := Section{ID: Build, Title: "Program", Private: true, Columns: pairs}
	add := func(name, value string) {
		if value != "" {
			s.Rows = append(s.Rows, []string{name, value})
		}
	}
	add("Go", runtime.Version()+" "+runtime.GOOS+"/"+runtime.GOARCH)
	if path, err := os.Executable(); err == nil {
		add("Executable", path)
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return s
	}
	add("Main package", info.Path)
	add("Module", strings.TrimSpace(info.Main.Path+" "+info.Main.Version))
	for _, setting := range info.Settings {
		switch setting.Key {
		case "vcs.revision", "vcs.time", "vcs.modified", "-tags", "-race", "-ldflags", "-gcflags":
			add(setting.Key, setting.Value)
		}
	}
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		add("Dependency", strings.TrimSpace(m.Path+" "+m.Version))
	}
	return s
}
