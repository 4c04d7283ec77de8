package htmltemplate

import (
	"errors"
	"io"
	"io/fs"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/templateloader"
)

func TestMistakes(t *testing.T) {
	const layout = `{{block "title" .}}T{{end}}`
	tests := []struct {
		name  string
		files []string
		want  string
	}{
		{"a syntax error", []string{"p.html", "a\n{{if}}"}, `template p.html:2: missing value for if`},
		{"in a layout", []string{"layout.html", "\n{{end}}", "p.html", `{{extends "layout.html"}}`}, `template layout.html:2: unexpected {{end}} (p.html extends layout.html (line 1))`},
		{"data without its dot", []string{"p.html", "{{title}}"}, `template p.html:1: there is no function "title"; if it is a name in the data, it is written with a dot: {{.title}}`},
		{"a function that is not there", []string{"p.html", "{{supper}}"}, `template p.html:1: there is no function "supper", perhaps "super" is meant; a name in the data is written with a dot: {{.supper}}`},
		{"a layout that is not there", []string{"p.html", "\n{{extends \"base.html\"}}"}, `template p.html:2:2: extends "base.html": there is no template "base.html"; it was looked for in tree 1`},
		{"an import that is not there", []string{"form.html", "", "p.html", `{{import "forms.html"}}{{template "x"}}`}, `template p.html:1:2: imports "forms.html": there is no template "forms.html", perhaps "form.html" is meant; it was looked for in tree 1`},
		{"a template that is not there", []string{"p.html", `{{define "filed"}}{{end}}{{template "field"}}`}, `template p.html:1:36: nothing called "field" is defined or imported here, perhaps "filed" is meant, and there is no template "field"; it was looked for in tree 1`},
		{"a name that leads out", []string{"p.html", `{{template "../x"}}`}, `template p.html:1:11: nothing called "../x" is defined or imported here, and "../x" is no name for a template: it leads upwards with ".."; what is outside of the folders of the templates cannot be reached`},
		{"extends after text", []string{"layout.html", layout, "p.html", `x{{extends "layout.html"}}`}, `template p.html:1:3: extends must be the first thing in a file, and there once`},
		{"extends twice", []string{"layout.html", layout, "p.html", "{{extends \"layout.html\"}}\n{{extends \"layout.html\"}}"}, `template p.html:2:2: extends must be the first thing in a file, and there once`},
		{"extends in a block", []string{"layout.html", layout, "p.html", `{{define "a"}}{{extends "layout.html"}}{{end}}{{template "a"}}`}, `template p.html:1:16: extends must stand at the top level of a file, outside of blocks and conditions`},
		{"extends under a condition", []string{"layout.html", layout, "p.html", `{{if .}}{{extends "layout.html"}}{{end}}`}, `template p.html:1:10: extends must stand at the top level of a file, outside of blocks and conditions`},
		{"extends without a name", []string{"p.html", `{{extends}}`}, `template p.html:1:2: extends takes the name of one file, in quotes: {{extends "layout.html"}}`},
		{"extends of a variable", []string{"p.html", `{{extends .layout}}`}, `template p.html:1:2: extends takes the name of one file, in quotes: {{extends "layout.html"}}`},
		{"text beside the blocks", []string{"layout.html", layout, "p.html", "{{extends \"layout.html\"}}\nhello\n{{define \"title\"}}{{end}}"}, `template p.html:1:25: a file that extends another shows nothing by itself: put this into a block of "layout.html", or a definition`},
		{"a variable beside the blocks", []string{"layout.html", layout, "p.html", "{{extends \"layout.html\"}}\n{{$x := 1}}"}, `template p.html:2:2: a file that extends another shows nothing by itself: put this into a block of "layout.html", or a definition`},
		{"super outside of a block", []string{"p.html", `{{super}}`}, `template p.html:1:2: super stands for the block that this one takes the place of; there is none here, outside of all blocks`},
		{"super without a block above", []string{"p.html", `{{block "a" .}}{{super}}{{end}}`}, `template p.html:1:17: super: no layout of this page has a block "a"`},
		{"super with too much", []string{"layout.html", layout, "p.html", `{{extends "layout.html"}}{{define "title"}}{{super 1 2}}{{end}}`}, `template p.html:1:45: super takes the data that the block is to be shown with, and nothing else`},
		{"a page that extends itself", []string{"p.html", `{{extends "p.html"}}`}, `template p.html:1:2: a layout cannot extend itself: p.html extends p.html`},
		{"layouts that extend each other", []string{"p.html", `{{extends "a.html"}}`, "a.html", `{{extends "b.html"}}`, "b.html", "\n{{extends \"a.html\"}}"}, `template b.html:2:2: a layout cannot extend itself: a.html extends b.html extends a.html (p.html extends a.html (line 1); a.html extends b.html (line 1))`},
		{"a file that includes itself", []string{"p.html", `{{template "p.html"}}`}, `template p.html: this never ends: p.html shows p.html`},
		{"files that include each other", []string{"p.html", `{{template "a.html"}}`, "a.html", `{{template "b.html"}}`, "b.html", `{{template "a.html"}}`}, `template a.html: this never ends: a.html shows b.html shows a.html (p.html includes a.html (line 1))`},
		{"a block that shows itself", []string{"p.html", `{{block "a" .}}{{template "a"}}{{end}}`}, `template p.html: this never ends: p.html#a shows p.html#a`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := engine(t, Options{}, tt.files...)
			err := e.Render(io.Discard, "p.html", data{}, nil)
			require.EqualError(t, err, tt.want)
			var syntax *SyntaxError
			assert.ErrorAs(t, err, &syntax)
			assert.EqualError(t, e.Check("p.html"), tt.want, "without rendering")
		})
	}
}

func TestWhatHTMLTemplateRefuses(t *testing.T) {
	e := engine(t, Options{}, "layout.html", `<a href='{{block "url" .}}/{{end}}'>`,
		"p.html", "{{extends \"layout.html\"}}{{define \"url\"}}\n{{if .}}'{{end}}{{end}}",
		"open.html", `{{template "half.html"}}`, "half.html", "<a href='")
	var syntax *SyntaxError
	err := e.Check("p.html")
	require.ErrorAs(t, err, &syntax)
	assert.Equal(t, "p.html", syntax.File)
	assert.Equal(t, 2, syntax.Line)
	assert.Contains(t, syntax.Message, "{{if}} branches end in different contexts")
	require.ErrorAs(t, e.Check("open.html"), &syntax)
	assert.EqualError(t, syntax, "template open.html: the page ends inside of a tag, an attribute, a script or a style: something is not closed")
}

func TestInspect(t *testing.T) {
	bad := &SyntaxError{File: "layout.html", Line: 3, Message: "bad"}
	e := engine(t, Options{Inspect: func(name, source string) error {
		if source == "x" {
			return bad
		}
		return nil
	}}, "layout.html", "x", "p.html", `{{extends "layout.html"}}`)
	assert.EqualError(t, e.Check("p.html"), "template layout.html:3: bad (p.html extends layout.html (line 1))")
}

func TestMissingFilesAreKnownAsSuch(t *testing.T) {
	e := engine(t, Options{}, "p.html", `{{template "nope.html"}}`)
	var missing *templateloader.NotFoundError
	err := e.Render(io.Discard, "index.html", nil, nil)
	require.ErrorAs(t, err, &missing)
	assert.Equal(t, "index.html", missing.Name)
	assert.ErrorIs(t, err, fs.ErrNotExist)
	err = e.Render(io.Discard, "p.html", nil, nil)
	require.ErrorAs(t, err, &missing)
	assert.Equal(t, "nope.html", missing.Name)
	var name *templateloader.NameError
	assert.ErrorAs(t, e.Render(io.Discard, "../p.html", nil, nil), &name)
}

func TestErrorsWhileRendering(t *testing.T) {
	e := engine(t, Options{MaxDepth: 10},
		"layout.html", `{{block "body" .}}{{end}}`,
		"p.html", "{{extends \"layout.html\"}}\n{{define \"body\"}}\n{{template \"nav.html\" .}}{{end}}",
		"nav.html", "\n<p>{{index .user.name 1}}",
		"deep.html", `{{define "a"}}{{if .}}{{template "b" .}}{{end}}{{end}}{{define "b"}}{{template "a" .}}{{end}}{{template "a" .}}`)
	err := e.Render(io.Discard, "p.html", data{"user": data{}}, nil)
	assert.EqualError(t, err, `template nav.html:2:5: executing "nav.html" at <index .user.name 1>: error calling index: index of untyped nil (p.html includes nav.html (line 3))`)
	var exec *ExecError
	require.ErrorAs(t, err, &exec)
	assert.NotNil(t, errors.Unwrap(exec))

	err = e.Render(io.Discard, "deep.html", true, nil)
	assert.EqualError(t, err, `template deep.html:1:8: executing "deep.html#a" at <_enter>: error calling _enter: templates that show themselves are more than 10 deep in each other`)
	require.NoError(t, e.Render(io.Discard, "deep.html", false, nil), "the next render starts anew")
}
