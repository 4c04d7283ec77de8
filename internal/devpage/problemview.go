package devpage

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/retort-go/retort/internal/devbuild"
	"github.com/retort-go/retort/internal/reloader"
)

// problemView is a problem as it is shown.
type problemView struct {
	Kind   string // "Compile error"
	Title  string
	Exit   string
	Hint   string // what the exit may mean; may be empty
	Places []placeView
	Output output
	raw    string // the output without colours
	kind   reloader.Kind
}

// Built reports whether the program could be built.
func (v *problemView) Built() bool { return v.kind != reloader.BuildFailed }

// placeView is a place in the source, and what is wrong there.
type placeView struct {
	Message string
	Detail  string // further lines of the message
	Folder  string // of the file, with a slash at the end; may be empty
	Name    string // "main.go:12:3"
	Copy    string // "store/main.go:12:3"
	URL     template.URL
	Lines   []Line
	file    string
	line    int
	column  int
}

// maxPlaces is how many errors are shown. The compiler gives ten of each package.
const maxPlaces = 50

func newProblemView(p *reloader.Problem, dir string) *problemView {
	if dir == "" {
		dir, _ = os.Getwd() // without it paths are shown whole
	}
	root := moduleRoot(dir)
	v := &problemView{Title: p.Title(), Exit: p.Exit, kind: p.Kind}
	hide := func(text string) string { return text }
	if v.Built() {
		hide = secretsOf(p, root).Text // a program writes what it works with; a compiler does not
	}
	text := hide(p.Output)
	v.raw, v.Output = withoutColors(text), readOutput(text, root)
	v.Kind = map[reloader.Kind]string{
		reloader.BuildFailed: "Compile error", reloader.BootFailed: "Failed to start", reloader.Crashed: "Crash",
	}[p.Kind]
	if p.Kind == reloader.BuildFailed {
		for _, e := range p.Errors[:min(len(p.Errors), maxPlaces)] {
			v.Places = append(v.Places, newPlaceView(e, dir))
		}
		if v.Places == nil {
			v.Kind = "Build failed"
		}
		return v
	}
	if strings.Contains(p.Exit, "killed") {
		v.Hint = "Something has killed it. If it was the system, it had used up the memory."
	}
	if e := readEnding(v.raw, root); e.Message != "" {
		for i := range e.Excerpt {
			e.Excerpt[i].Text = hide(e.Excerpt[i].Text)
		}
		v.Places = []placeView{newPlaceView(devbuild.CompileError{File: e.File, Line: e.Line, Message: e.Message, Excerpt: e.Excerpt}, dir)}
	}
	return v
}

// withoutSecrets hides the strings that stand beside the name of a secret in a
// source, such as a SECRET_KEY.
func withoutSecrets(excerpt []devbuild.SourceLine) []devbuild.SourceLine {
	s, hidden := secrets(), slices.Clone(excerpt)
	for i := range hidden {
		hidden[i].Text = s.Source(hidden[i].Text)
	}
	return hidden
}

func newPlaceView(e devbuild.CompileError, dir string) placeView {
	message, detail, _ := strings.Cut(Visible(dedent(e.Message)), "\n")
	if n := len(e.Excerpt); n > 0 && e.Line > e.Excerpt[n-1].Number { // at the end of the file
		e.Excerpt = slices.Clone(e.Excerpt)
		e.Excerpt[n-1].Marked = true
	}
	v := placeView{
		Message: message, Detail: detail, Lines: Lines(withoutSecrets(e.Excerpt), e.Column), URL: EditorURL(e.File, e.Line, e.Column),
		file: e.File, line: e.Line, column: e.Column,
	}
	if e.File == "" {
		return v
	}
	shown := e.File
	if rel, err := filepath.Rel(dir, e.File); err == nil && !strings.HasPrefix(rel, ".."+string(filepath.Separator)+"..") {
		shown = rel
	}
	folder, name := filepath.Split(shown)
	v.Folder, v.Name = folder, name+":"+strconv.Itoa(e.Line)
	if e.Column > 0 {
		v.Name += ":" + strconv.Itoa(e.Column)
	}
	v.Copy = v.Folder + v.Name
	return v
}

// message is all of the message.
func (p *placeView) message() string {
	if p.Detail == "" {
		return p.Message
	}
	return p.Message + "\n" + p.Detail
}

// dedent takes the tabs away that the compiler begins further lines with.
func dedent(message string) string { return strings.ReplaceAll(message, "\n\t", "\n") }

// moduleRoot is the folder of the module that a folder belongs to, or the folder
// itself.
func moduleRoot(dir string) string {
	for at := dir; ; at = filepath.Dir(at) {
		if _, err := os.Stat(filepath.Join(at, "go.mod")); err == nil {
			return at
		}
		if filepath.Dir(at) == at {
			return dir
		}
	}
}

// render gives the problem in a type.
func (v *problemView) render(typ string, r *http.Request, nonce, script string) []byte {
	switch typ {
	case typeHTML:
		return v.page(r, nonce, script)
	case typeJSON:
		return v.json()
	}
	return []byte(v.Text())
}

//go:embed problem.html
var problemHTML string

var problemPage = sync.OnceValue(func() *template.Template { return Parse("problem", problemHTML) })

// problemData is what the template is given.
type problemData struct {
	*problemView
	Nonce  string
	CSS    template.CSS
	Script template.JS
	Live   string // the URL of the script of live refresh
	Method string // of a request that is not to be repeated; "" otherwise
	Action string // the path of that request
}

func (v *problemView) page(r *http.Request, nonce, script string) []byte {
	data := problemData{problemView: v, Nonce: nonce, CSS: template.CSS(CSS), Script: template.JS(Script), Live: script}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		data.Method, data.Action, data.Live = r.Method, r.URL.Path, ""
	}
	var b bytes.Buffer
	if err := problemPage().Execute(&b, data); err != nil {
		return []byte(v.Title + "\n" + err.Error() + "\n") // not reached: the data are strings
	}
	return b.Bytes()
}

// Text is the problem as plain text, without colours.
func (v *problemView) Text() string {
	var b strings.Builder
	b.WriteString(v.Title)
	if v.Exit != "" {
		b.WriteString(" (" + v.Exit + ")")
	}
	b.WriteString("\n")
	for _, p := range v.Places {
		b.WriteString("\n")
		if p.Copy != "" {
			b.WriteString(p.Copy + ": ")
		}
		b.WriteString(p.Message + "\n")
		for line := range strings.Lines(p.Detail) {
			b.WriteString("\t" + strings.TrimSuffix(line, "\n") + "\n")
		}
		for _, l := range p.Lines {
			mark := ' '
			if l.Marked {
				mark = '>'
			}
			fmt.Fprintf(&b, "%c%5d | %s\n", mark, l.Number, l.Before+l.Mark+l.After)
		}
	}
	if v.kind != reloader.BuildFailed || len(v.Places) == 0 {
		b.WriteString("\n" + v.raw)
	}
	return b.String()
}

func (v *problemView) json() []byte {
	type place struct {
		File    string `json:"file,omitempty"`
		Line    int    `json:"line,omitempty"`
		Column  int    `json:"column,omitempty"`
		Message string `json:"message"`
	}
	errs := make([]place, len(v.Places))
	for i, p := range v.Places {
		errs[i] = place{p.file, p.line, p.column, p.message()}
	}
	data, _ := json.Marshal(map[string]any{ // strings and numbers
		"kind": v.kind, "error": v.Title, "exit": v.Exit, "errors": errs, "output": v.raw,
	})
	return append(data, '\n')
}

// busy is all that others are told.
const busy = "The program is being worked on and cannot answer now; try again in a moment."

// renderBusy gives that in a type. A browser tries again by itself.
func renderBusy(typ string) []byte {
	switch typ {
	case typeHTML:
		return []byte("<!doctype html>\n<html lang=en>\n<meta name=viewport content=\"width=device-width\">\n<meta name=color-scheme content=\"light dark\">\n" +
			"<meta http-equiv=refresh content=2>\n<title>Be right back</title>\n<p>" + busy + "\n")
	case typeJSON:
		return []byte(`{"error":"` + busy + `"}` + "\n")
	}
	return []byte(busy + "\n")
}
