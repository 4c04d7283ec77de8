package devbuild

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/retort-go/retort/internal/mask"
)

// Failure is a program that could not be built.
type Failure struct {
	// Output is what the go command wrote, without secrets.
	Output string
	// Errors are the errors in it that name a place, in its order.
	Errors []CompileError
	// More says that the compiler has stopped, and that there are more errors.
	More bool
	// Err is how the go command ended.
	Err error
}

// Error is the first error, and how many more there are.
func (f *Failure) Error() string {
	switch n := len(f.Errors); {
	case n == 0:
		return f.firstLine()
	case f.More:
		return fmt.Sprintf("%s (and at least %d more)", f.Errors[0], n)
	case n == 1:
		return f.Errors[0].String()
	}
	return fmt.Sprintf("%s (and %d more)", f.Errors[0], len(f.Errors)-1)
}

// firstLine is the first line of the output that says something, without the name
// of the package before it.
func (f *Failure) firstLine() string {
	for line := range strings.Lines(f.Output) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "# ") {
			return line
		}
	}
	return f.Err.Error()
}

// Unwrap gives Err.
func (f *Failure) Unwrap() error { return f.Err }

// CompileError is one error of the compiler.
type CompileError struct {
	File    string // absolute
	Line    int
	Column  int    // 0: unknown
	Message string // without secrets; lines after the first are indented
	Excerpt []SourceLine
}

// String is "main.go:12:3: undefined: x", with the base name of the file.
func (e CompileError) String() string {
	place := filepath.Base(e.File) + ":" + strconv.Itoa(e.Line)
	if e.Column > 0 {
		place += ":" + strconv.Itoa(e.Column)
	}
	first, _, _ := strings.Cut(e.Message, "\n")
	return place + ": " + first
}

// SourceLine is a line of a source file.
type SourceLine struct {
	Number int
	Text   string
	Marked bool // the line that is meant
}

// place matches "./main.go:12:3: message" and "go.mod:5: message".
var place = regexp.MustCompile(`^(\S[^:]*\.[A-Za-z]+):(\d+)(?::(\d+))?: (.*)$`)

// tooMany is what the compiler says, at a place, when it stops.
const tooMany = "too many errors"

func newFailure(dir, output string, err error) *Failure {
	f := &Failure{Output: output, Err: err}
	for line := range strings.Lines(output) {
		line = strings.TrimRight(line, "\r\n")
		m := place.FindStringSubmatch(line)
		if m != nil && m[4] == tooMany {
			f.More = true
			continue
		}
		if m != nil {
			f.add(dir, m)
			continue
		}
		if n := len(f.Errors); n > 0 && strings.HasPrefix(line, "\t") {
			f.Errors[n-1].Message += "\n" + line
		}
	}
	f.hideSecrets()
	return f
}

// hideSecrets hides what the compiler quotes of the source that stands beside the
// name of a secret there, and what the environment keeps secret.
func (f *Failure) hideSecrets() {
	var s mask.Secrets
	s.AddEnviron(os.Environ())
	for _, e := range f.Errors {
		for _, line := range e.Excerpt {
			s.AddLiterals(line.Text)
		}
	}
	f.Output = s.Source(f.Output)
	for i := range f.Errors {
		f.Errors[i].Message = s.Source(f.Errors[i].Message)
	}
}

func (f *Failure) add(dir string, m []string) {
	e := CompileError{File: m[1], Message: m[4]}
	if !filepath.IsAbs(e.File) {
		e.File = filepath.Join(dir, filepath.FromSlash(e.File))
	}
	e.Line, _ = strconv.Atoi(m[2])
	e.Column, _ = strconv.Atoi(m[3])
	e.Excerpt = Excerpt(e.File, e.Line, 3)
	f.Errors = append(f.Errors, e)
}

// maxSource is the size up to which a file is read for an excerpt.
const maxSource = 4 << 20

// Excerpt gives a line of a file with as many lines around it, nothing when it
// cannot be read.
func Excerpt(file string, line, around int) []SourceLine {
	info, err := os.Stat(file)
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxSource {
		return nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil
	}
	var all []SourceLine
	number := 0
	for s := range strings.Lines(string(text)) {
		number++
		if number >= line-around && number <= line+around {
			all = append(all, SourceLine{number, strings.TrimRight(s, "\r\n"), number == line})
		}
	}
	return all
}
