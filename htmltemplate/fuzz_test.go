package htmltemplate

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/retort-go/retort/templateloader"
)

// FuzzSource: whatever two files and a string hold, compiling ends, and so does
// rendering what does not count; errors are those that are announced.
func FuzzSource(f *testing.F) {
	f.Add(`{{extends "b.html"}}{{define "x"}}{{super}}{{end}}`, `{{block "x" .}}{{.a}}{{end}}`, `{{template "a.html" .}}`)
	f.Add(`{{import "b.html"}}{{template "x" .}}`, `{{define "x"}}{{with .}}{{template "x" .a}}{{end}}{{end}}`, `<a href="{{.a}}"{{template "b.html"}}>`)
	f.Add(`{{template "b.html"}}`, `{{template "a.html"}}`, `{{if .}}{{template "a.html"}}{{end}}`)
	f.Add(`{{extends "a.html"}}`, `{{extends .}}`, `{{super 1}}`)
	f.Add(`{{define "a.html"}}{{end}}`, `{{$x := super}}`, `{{_enter}}`)
	f.Fuzz(func(t *testing.T, a, b, source string) {
		if strings.Contains(a+b+source, "range") {
			return // counting to a billion ends, but not today
		}
		e := engine(t, Options{MaxDepth: 5}, "a.html", a, "b.html", b, "c.txt", source)
		for _, name := range []string{"a.html", "b.html", "c.txt"} {
			checkError(t, e.Render(new(strings.Builder), name, data{"a": data{"a": "<"}}, nil))
		}
		checkError(t, e.RenderString(new(strings.Builder), source, nil, nil))
	})
}

func checkError(t *testing.T, err error) {
	var syntax *SyntaxError
	var exec *ExecError
	var missing *templateloader.NotFoundError
	assert.True(t, err == nil || errors.As(err, &syntax) || errors.As(err, &exec) || errors.As(err, &missing), "%T %v", err, err)
}
