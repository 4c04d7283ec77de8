package htmltemplate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/templateloader"
)

// files makes a tree of templates.
func files(pairs ...string) fs.FS {
	tree := make(fstest.MapFS)
	for i := 0; i < len(pairs); i += 2 {
		tree[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return tree
}

func loader(trees ...fs.FS) *templateloader.Loader {
	l := new(templateloader.Loader)
	for i, tree := range trees {
		l.Sources = append(l.Sources, templateloader.Source{Label: fmt.Sprintf("tree %d", i+1), FS: tree})
	}
	return l
}

func engine(t testing.TB, o Options, pairs ...string) *Engine {
	t.Helper()
	if o.Loader == nil {
		o.Loader = loader(files(pairs...))
	}
	e, err := New(o)
	require.NoError(t, err)
	return e
}

type data = map[string]any

func render(t testing.TB, e *Engine, name string, d any) string {
	t.Helper()
	var b strings.Builder
	require.NoError(t, e.Render(&b, name, d, nil))
	return b.String()
}

func TestPages(t *testing.T) {
	const layout = `<title>{{block "title" .}}T{{end}}</title>{{block "body" .}}default{{end}}`
	tests := []struct {
		name  string
		files []string
		want  string
	}{
		{"a page without a layout", []string{"p.html", `{{.x}}`}, "&lt;b&gt;"},
		{"a layout with blocks", []string{"layout.html", layout, "p.html", `{{extends "layout.html"}}{{define "body"}}[{{.x}}]{{end}}`}, "<title>T</title>[&lt;b&gt;]"},
		{"a page that redefines nothing", []string{"layout.html", layout, "p.html", `{{extends "layout.html"}}`}, "<title>T</title>default"},
		{"block in a page redefines too", []string{"layout.html", layout, "p.html", "{{/* a remark */}}\n{{extends \"layout.html\"}}\n{{block \"title\" .}}P{{end}}\n"}, "<title>P</title>default"},
		{"an empty definition takes the place of a block", []string{"layout.html", layout, "p.html", `{{extends "layout.html"}}{{define "body"}}{{end}}`}, "<title>T</title>"},
		{"three levels", []string{
			"layout.html", layout,
			"shop.html", `{{extends "layout.html"}}{{define "title"}}Shop {{block "section" .}}-{{end}}{{end}}`,
			"p.html", `{{extends "shop.html"}}{{define "section"}}cart{{end}}{{define "body"}}b{{end}}`,
		}, "<title>Shop cart</title>b"},
		{"a block in a block, both redefined", []string{
			"layout.html", `{{block "header" .}}H{{block "title" .}}T{{end}}{{end}}`,
			"p.html", `{{extends "layout.html"}}{{define "header"}}<h1>{{block "title" .}}Log In{{end}}</h1>{{end}}`,
		}, "<h1>Log In</h1>"},
		{"super on each level", []string{
			"layout.html", `{{block "title" .}}A{{end}}`,
			"shop.html", `{{extends "layout.html"}}{{define "title"}}B{{super}}{{end}}`,
			"p.html", `{{extends "shop.html"}}{{define "title"}}C{{super}}{{super}}{{end}}`,
		}, "CBABA"},
		{"super skips a level that says nothing", []string{
			"layout.html", `{{block "title" .}}A{{end}}`,
			"shop.html", `{{extends "layout.html"}}`,
			"p.html", `{{extends "shop.html"}}{{define "title"}}C{{super}}{{end}}`,
		}, "CA"},
		{"super has the data of its block, also where the dot is another", []string{
			"layout.html", `{{block "title" .}}({{.x}}){{end}}`,
			"p.html", `{{extends "layout.html"}}{{define "title"}}{{range .list}}{{super}}{{end}}{{end}}`,
		}, "(&lt;b&gt;)(&lt;b&gt;)"},
		{"super with other data", []string{
			"layout.html", `{{block "title" .}}({{.}}){{end}}`,
			"p.html", `{{extends "layout.html"}}{{define "title"}}{{range .list}}{{super .}}{{end}}{{super (len .list)}}{{end}}`,
		}, "(1)(2)(2)"},
		{"an included file", []string{"nav.html", `<nav>{{.x}}</nav>`, "p.html", `{{template "nav.html" .}}{{template "nav.html" .}}`}, "<nav>&lt;b&gt;</nav><nav>&lt;b&gt;</nav>"},
		{"an included file in a folder", []string{"a/nav.html", `n`, "a/p.html", `{{template "a/nav.html"}}`, "p.html", `{{template "a/p.html"}}`}, "n"},
		{"the definitions of an included file are its own", []string{
			"nav.html", `{{define "item"}}nav{{end}}{{template "item"}}`,
			"p.html", `{{define "item"}}page{{end}}{{template "item"}}{{template "nav.html"}}`,
		}, "pagenav"},
		{"an included file has a layout of its own", []string{
			"box.html", `[{{block "body" .}}{{end}}]`,
			"in.html", `{{extends "box.html"}}{{define "body"}}in{{end}}`,
			"p.html", `{{extends "box.html"}}{{define "body"}}out{{template "in.html" .}}{{end}}`,
		}, "[out[in]]"},
		{"imported definitions", []string{
			"forms.html", `not shown{{define "field"}}<input name="{{.}}">{{template "hint"}}{{end}}{{define "hint"}}?{{end}}`,
			"p.html", `{{import "forms.html"}}{{template "field" "a b"}}`,
		}, `<input name="a b">?`},
		{"definitions imported by a page are known in its blocks", []string{
			"layout.html", `{{block "body" .}}{{end}}`,
			"forms.html", `{{define "field"}}F{{end}}`,
			"p.html", "{{extends \"layout.html\"}}\n{{import \"forms.html\"}}\n{{define \"body\"}}{{template \"field\"}}{{end}}",
		}, "F"},
		{"the last of two imports wins", []string{
			"a.html", `{{define "f"}}a{{end}}`, "b.html", `{{define "f"}}b{{end}}`,
			"p.html", `{{import "a.html"}}{{import "b.html"}}{{template "f"}}`,
		}, "b"},
		{"a definition of one's own comes before an import", []string{
			"a.html", `{{define "f"}}a{{end}}`,
			"p.html", `{{import "a.html"}}{{define "f"}}own{{end}}{{template "f"}}`,
		}, "own"},
		{"a template that calls itself", []string{
			"p.html", `{{define "tree"}}<li>{{.n}}{{with .sub}}{{template "tree" .}}{{end}}</li>{{end}}{{template "tree" .tree}}`,
		}, "<li>1<li>2</li></li>"},
		{"a file that includes itself", []string{"p.html", `x{{with .sub}}{{template "p.html" .}}{{end}}{{with .tree}}{{template "p.html" .}}{{end}}`}, "xxx"},
		{"keys that are the same by chance", []string{
			"p.html#a", `file`,
			"p.html", `{{define "a"}}block{{end}}{{template "a"}}{{template "p.html#a"}}`,
		}, "blockfile"},
		{"escaping by what is being written", []string{
			"p.html", `<a href="/?q={{.x}}" onclick="f({{.x}})">{{.x}}</a><script>var x = {{.x}}</script>`,
		}, `<a href="/?q=%3cb%3e" onclick="f(&#34;\u003cb\u003e&#34;)">&lt;b&gt;</a><script>var x = "\u003cb\u003e"</script>`},
		{"what is not there is nothing", []string{"p.html", `[{{.nope}}]`}, "[]"},
		{"an empty file", []string{"p.html", ``}, ""},
	}
	d := data{"x": "<b>", "list": []int{1, 2}, "tree": data{"n": 1, "sub": data{"n": 2}}}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := engine(t, Options{}, tt.files...)
			assert.Equal(t, tt.want, render(t, e, "p.html", d))
			assert.Equal(t, tt.want, render(t, e, "p.html", d), "once more")
		})
	}
}

func TestText(t *testing.T) {
	e := engine(t, Options{}, "layout.txt", `Dear {{block "name" .}}friend{{end}},`,
		"mail.txt", `{{extends "layout.txt"}}{{define "name"}}{{.x}}[{{.nope}}]{{$y := .nope}}{{with $y}}{{end}}{{end}}`,
		"p.html", `{{template "mail.txt" .}}`)
	assert.Equal(t, "Dear <b>[],", render(t, e, "mail.txt", data{"x": "<b>"}))
	assert.Equal(t, "Dear &lt;b&gt;[],", render(t, e, "p.html", data{"x": "<b>"}), "the page decides")
}

func TestEscapedNames(t *testing.T) {
	for name, want := range map[string]string{
		"a.html": "&lt;", "a.HTM": "&lt;", "a.xml": "&lt;", "a.xhtml": "&lt;", "a.svg": "&lt;", "a.b.html": "&lt;",
		"a.txt": "<", "a": "<", "html": "<", "a.html.txt": "<", "a.js": "<",
	} {
		assert.Equal(t, want, render(t, engine(t, Options{}, name, `{{.}}`), name, "<"), name)
	}
	e := engine(t, Options{Escape: func(name string) bool { return name == "a" }}, "a", `{{.}}`, "b.html", `{{.}}`)
	assert.Equal(t, "&lt;", render(t, e, "a", "<"))
	assert.Equal(t, "<", render(t, e, "b.html", "<"))
}

func TestRenderString(t *testing.T) {
	e := engine(t, Options{}, "layout.html", `({{block "body" .}}{{end}})`)
	var b strings.Builder
	for range 2 {
		require.NoError(t, e.RenderString(&b, `{{extends "layout.html"}}{{define "body"}}{{.}}{{end}}`, "<", nil))
	}
	assert.Equal(t, "(&lt;)(&lt;)", b.String())
	for i := range 2 * keptStrings {
		require.NoError(t, e.RenderString(io.Discard, fmt.Sprint(i), nil, nil))
	}
	assert.LessOrEqual(t, len(e.strings), keptStrings)
}

func TestFunctions(t *testing.T) {
	e := engine(t, Options{
		Funcs: FuncMap{"shout": strings.ToUpper},
		Bind: func(current func() any) FuncMap {
			return FuncMap{
				"user": func() string { return current().(string) },
				"hi":   func(greeting string, n int) string { return fmt.Sprint(greeting, " ", current(), n) },
			}
		},
	}, "p.html", `{{define "x"}}{{user | shout}}{{end}}{{template "x"}} {{hi "hello" 3}}`)
	for _, user := range []string{"ann", "bob"} {
		var b strings.Builder
		require.NoError(t, e.Render(&b, "p.html", nil, user))
		assert.Equal(t, strings.ToUpper(user)+" hello "+user+"3", b.String())
	}
}

// TestRendersInARender: a function that renders gets a copy of its own.
func TestRendersInARender(t *testing.T) {
	var e *Engine
	e = engine(t, Options{Bind: func(current func() any) FuncMap {
		return FuncMap{
			"n": func() int { return current().(int) },
			"inner": func() (string, error) {
				var b strings.Builder
				if n := current().(int); n > 0 {
					return b.String(), e.Render(&b, "p.html", nil, n-1)
				}
				return "", nil
			},
			"render": func() (string, error) {
				var b strings.Builder
				err := e.Render(&b, "q.html", nil, current().(int)+1)
				return b.String(), err
			},
		}
	}}, "p.html", `{{n}}{{inner}}{{n}}{{render}}{{n}}`, "q.html", `{{n}}`)
	var b strings.Builder
	require.NoError(t, e.Render(&b, "p.html", nil, 3))
	assert.Equal(t, "3343", b.String())
}

func TestManyRendersAtATime(t *testing.T) {
	e := engine(t, Options{Bind: func(current func() any) FuncMap {
		return FuncMap{"id": func() int { return current().(int) }}
	}}, "layout.html", `{{id}}{{block "body" .}}{{end}}{{id}}`, "p.html", `{{extends "layout.html"}}{{define "body"}}-{{range .}}{{id}}{{end}}-{{end}}`)
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 50 {
				id := g*1000 + i
				var b strings.Builder
				if assert.NoError(t, e.Render(&b, "p.html", []int{1, 2}, id)) {
					assert.Equal(t, fmt.Sprintf("%d-%d%d-%d", id, id, id, id), b.String())
				}
			}
		})
	}
	wg.Wait()
}

func TestStrict(t *testing.T) {
	e := engine(t, Options{Strict: true}, "p.html", `{{.nope}}`)
	err := e.Render(io.Discard, "p.html", data{}, nil)
	assert.EqualError(t, err, `template p.html:1:2: executing "p.html" at <.nope>: map has no entry for key "nope"`)
}

func TestFunctionsThatCannotBe(t *testing.T) {
	tests := []struct {
		name string
		f    any
		want string
	}{
		{"a b", strings.ToUpper, `"a b" cannot be the name of a function in templates: names are letters, digits and underscores, a letter first`},
		{"", strings.ToUpper, `"" cannot be the name of a function in templates: names are letters, digits and underscores, a letter first`},
		{"_x", strings.ToUpper, `"_x" cannot be the name of a function in templates: names are letters, digits and underscores, a letter first`},
		{"extends", strings.ToUpper, `"extends" cannot be the name of a function in templates: it has a meaning there already`},
		{"and", strings.ToUpper, `"and" cannot be the name of a function in templates: it has a meaning there already`},
		{"f", 3, `the template function "f" must be a function, not a int (3)`},
		{"f", nil, `the template function "f" must be a function, not a <nil> (<nil>)`},
		{"f", func() {}, `the template function "f" must have one result, or one and an error, and is a func()`},
		{"f", func() (int, int) { return 0, 0 }, `the template function "f" must have one result, or one and an error, and is a func() (int, int)`},
	}
	for _, tt := range tests {
		_, err := New(Options{Funcs: FuncMap{tt.name: tt.f}})
		assert.EqualError(t, err, tt.want)
	}
	_, err := New(Options{Bind: func(func() any) FuncMap { return FuncMap{"nil": strings.ToUpper} }})
	assert.EqualError(t, err, `"nil" cannot be the name of a function in templates: it has a meaning there already`)
}

// TestTheTakenNamesAreThoseOfTheLanguage: none is refused without a reason.
func TestTheTakenNamesAreThoseOfTheLanguage(t *testing.T) {
	e := engine(t, Options{})
	for name := range taken {
		if words[name] == nil {
			err := e.RenderString(io.Discard, "{{"+name+"}}", nil, nil)
			if err != nil {
				assert.NotContains(t, err.Error(), "not defined", name)
			}
		}
	}
}

func TestReload(t *testing.T) {
	dir, later := t.TempDir(), t.TempDir()
	write := func(dir, name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	write(later, "layout.html", `1{{block "body" .}}{{end}}`)
	write(later, "p.html", `{{extends "layout.html"}}{{define "body"}}a{{end}}`)
	o := Options{Loader: loader(templateloader.Dir(dir), templateloader.Dir(later)), Reload: true}
	e := engine(t, o)
	assert.Equal(t, "1a", render(t, e, "p.html", nil))
	write(later, "p.html", `{{extends "layout.html"}}{{define "body"}}b{{end}}`)
	assert.Equal(t, "1b", render(t, e, "p.html", nil), "of the same size, a moment later")
	write(later, "layout.html", `2{{block "body" .}}{{end}}`)
	assert.Equal(t, "2b", render(t, e, "p.html", nil), "the layout")
	write(dir, "layout.html", `3{{block "body" .}}{{end}}`)
	assert.Equal(t, "3b", render(t, e, "p.html", nil), "a file that comes first")
	write(dir, "layout.html", `4{{`)
	require.Error(t, e.Render(io.Discard, "p.html", nil, nil))
	write(dir, "layout.html", `5{{template "new.html"}}`)
	require.Error(t, e.Render(io.Discard, "p.html", nil, nil))
	write(dir, "new.html", `n`)
	assert.Equal(t, "5n", render(t, e, "p.html", nil), "what was missing is there")
	require.NoError(t, os.Remove(filepath.Join(dir, "layout.html")))
	assert.Equal(t, "2b", render(t, e, "p.html", nil), "the file that was hidden")

	var b strings.Builder
	require.NoError(t, e.RenderString(&b, `{{template "new.html"}}`, nil, nil))
	write(dir, "new.html", `m`)
	require.NoError(t, e.RenderString(&b, `{{template "new.html"}}`, nil, nil))
	assert.Equal(t, "nm", b.String(), "in a string")

	fixed := engine(t, Options{Loader: o.Loader})
	assert.Equal(t, "2b", render(t, fixed, "p.html", nil))
	write(later, "layout.html", `6`)
	assert.Equal(t, "2b", render(t, fixed, "p.html", nil), "without Reload a page is compiled once")
}

func TestReloadOfSettledFiles(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "p.html")
	require.NoError(t, os.WriteFile(name, []byte("a"), 0o600))
	old := time.Now().Add(-time.Hour)
	require.NoError(t, os.Chtimes(name, old, old))
	e := engine(t, Options{Loader: loader(templateloader.Dir(dir)), Reload: true})
	assert.Equal(t, "a", render(t, e, "p.html", nil))
	first, _ := e.pages.Load("p.html")
	assert.Equal(t, "a", render(t, e, "p.html", nil))
	second, _ := e.pages.Load("p.html")
	assert.Same(t, first, second, "nothing changed, nothing is compiled")
	require.NoError(t, os.WriteFile(name, []byte("b"), 0o600))
	require.NoError(t, os.Chtimes(name, old.Add(time.Second), old.Add(time.Second)))
	assert.Equal(t, "b", render(t, e, "p.html", nil))
}

func TestReloadWhileRendering(t *testing.T) {
	tree := fstest.MapFS{"p.html": {Data: []byte("{{.}}")}}
	e := engine(t, Options{Loader: loader(tree), Reload: true})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 50 {
				assert.Equal(t, "1", render(t, e, "p.html", 1))
			}
		})
	}
	wg.Wait()
}

// writer fails after some bytes.
type writer struct {
	left int
	err  error
}

func (w *writer) Write(p []byte) (int, error) {
	if w.left -= len(p); w.left < 0 {
		return 0, w.err
	}
	return len(p), nil
}

func TestTheErrorOfTheWriterStaysAsItIs(t *testing.T) {
	e := engine(t, Options{}, "p.html", `{{range .}}{{.}}{{end}}`, "p.txt", `{{range .}}{{.}}{{end}}`)
	for _, name := range []string{"p.html", "p.txt"} {
		err := e.Render(&writer{3, context.Canceled}, name, []int{1, 2, 3, 4, 5}, nil)
		assert.True(t, err == context.Canceled, "%v", err)
	}
}

func TestErrorsOfFunctions(t *testing.T) {
	sad := errors.New("sad")
	e := engine(t, Options{Funcs: FuncMap{
		"fail":  func() (int, error) { return 0, sad },
		"panic": func() int { panic(sad) },
	}}, "fail.html", `{{fail}}`, "panic.txt", "\n {{panic}}")
	err := e.Render(io.Discard, "fail.html", nil, nil)
	assert.ErrorIs(t, err, sad)
	assert.EqualError(t, err, `template fail.html:1:2: executing "fail.html" at <fail>: error calling fail: sad`)
	err = e.Render(io.Discard, "panic.txt", nil, nil)
	assert.ErrorIs(t, err, sad)
	assert.EqualError(t, err, `template panic.txt:2:3: executing "panic.txt" at <panic>: error calling panic: sad`)
	var exec *ExecError
	require.ErrorAs(t, err, &exec)
	assert.Equal(t, "panic.txt", exec.File)
	assert.Equal(t, 2, exec.Line)
	assert.Equal(t, 3, exec.Column)
}
