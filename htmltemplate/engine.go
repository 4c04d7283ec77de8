// Package htmltemplate renders pages of html/template that are put together from
// files: a page can extend a layout, and that another one; it redefines their
// blocks, includes other files and uses what they define.
//
//	{{/* layout.html */}}
//	<title>{{block "title" .}}Shop{{end}}</title>{{block "body" .}}{{end}}
//
//	{{/* cart.html */}}
//	{{extends "layout.html"}}
//	{{import "forms.html"}}
//	{{define "title"}}Cart - {{super}}{{end}}
//	{{define "body"}}{{template "field" .name}} {{template "footer.html" .}}{{end}}
//
// To the actions of html/template it adds four words, which are done with when a
// page is compiled:
//
//   - {{extends "layout.html"}} at the top of a file makes it a page of that
//     layout: the layout is shown, with the blocks that the file defines in the
//     place of its own. A file that extends has nothing else to show.
//   - {{super}} in a block shows the block that it takes the place of, with the
//     same data, {{super .user}} with other data.
//   - {{import "forms.html"}} at the top level of a file makes what another file
//     defines known in it.
//   - {{template "footer.html" .}} includes a file when no block, definition or
//     import has that name.
//
// Every page is a set of templates of its own, and so is every file in it that is
// included: two pages, or a page and a file that it includes, can define the same
// name without disturbing each other.
//
// Pages named *.html, *.htm, *.xml, *.xhtml and *.svg are escaped by
// html/template, which knows what it is writing (an element, an attribute, a
// URL, a script, a style); so are templates from a string. All others are
// text/template's, where a nil writes nothing.
//
// Functions are given once, for all pages, or are made anew for what each render
// is for, such as a request; see [Options].
package htmltemplate

import (
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/retort-go/retort/templateloader"
)

// FuncMap holds functions by the names under which templates call them, as those
// of text/template and html/template do.
type FuncMap = map[string]any

// Options say how an [Engine] works. The zero value of each field is a sensible
// choice.
type Options struct {
	// Loader finds the files. Without one, only strings can be rendered.
	Loader *templateloader.Loader
	// Funcs are functions for all templates.
	Funcs FuncMap
	// Bind gives functions that depend on what a render is for: current gives
	// the value that was handed to the [Engine.Render] under way, for which
	// alone the functions are called at that moment. Bind is called once for
	// each copy of a page, and must give the same names and types each time.
	Bind func(current func() any) FuncMap
	// Reload looks at each render whether a file of the page has changed, and
	// compiles it anew if so. Without it every page is compiled once.
	Reload bool
	// Escape decides by the name of a page whether html/template escapes it;
	// nil decides as the package comment says.
	Escape func(name string) bool
	// Inspect is shown every source before it is compiled when it is not nil; an
	// error, mostly a *[SyntaxError], is that of the page.
	Inspect func(name, source string) error
	// Strict makes it an error to use a name that the data has not.
	Strict bool
	// MaxDepth is how often templates that call themselves may be inside of
	// each other. 0 means 1000.
	MaxDepth int
}

// Engine renders templates. It is safe for concurrent use.
type Engine struct {
	options Options
	names   FuncMap // all functions, by their names: what the parser asks for

	pages   sync.Map // of *page, by name
	mu      sync.Mutex
	making  map[string]*making // by name, what is being compiled
	strings map[string]*page   // by source
}

// making is a page that is being compiled, for all who want it.
type making struct {
	done chan struct{}
	page *page
	err  error
}

// keptStrings is how many templates from strings are kept compiled. When there
// are more, all are forgotten: sources that change all the time are of no use
// again.
const keptStrings = 128

// New makes an engine. The error says which function cannot be one.
func New(o Options) (*Engine, error) {
	if o.Loader == nil {
		o.Loader = new(templateloader.Loader)
	}
	if o.Escape == nil {
		o.Escape = escapes
	}
	if o.MaxDepth == 0 {
		o.MaxDepth = 1000
	}
	e := &Engine{options: o, making: make(map[string]*making), strings: make(map[string]*page)}
	e.names = maps.Clone(e.options.Funcs)
	if e.names == nil {
		e.names = make(FuncMap)
	}
	if o.Bind != nil {
		maps.Copy(e.names, o.Bind(func() any { return nil }))
	}
	for _, name := range slices.Sorted(maps.Keys(e.names)) {
		if err := CheckFunc(name, e.names[name]); err != nil {
			return nil, err
		}
	}
	maps.Copy(e.names, words)
	return e, nil
}

// escapes decides by the extension.
//
// Source: Flask: sansio/app.py, select_jinja_autoescape.
func escapes(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".html", ".htm", ".xml", ".xhtml", ".svg":
		return true
	}
	return false
}

// Render writes the template called name. data is what the template sees as its
// dot; current is what the functions of [Options.Bind] are called for.
//
// The error is one of templateloader's when a file is missing or cannot be read,
// a [*SyntaxError], a [*ExecError], or that of w as it was. Something may have
// been written by then: who does not want half a page gives a buffer.
func (e *Engine) Render(w io.Writer, name string, data, current any) error {
	p, err := e.page(name)
	if err != nil {
		return err
	}
	return p.render(w, data, current)
}

// RenderString is [Engine.Render] for a template that is given as it is written.
// It is escaped, and may extend and include files.
func (e *Engine) RenderString(w io.Writer, source string, data, current any) error {
	p, err := e.stringPage(source)
	if err != nil {
		return err
	}
	return p.render(w, data, current)
}

// Check compiles a template without rendering it, and gives the error that
// Render would give for that.
func (e *Engine) Check(name string) error {
	_, err := e.page(name)
	return err
}

// page gives the compiled page.
func (e *Engine) page(name string) (*page, error) {
	if p, ok := e.pages.Load(name); ok {
		if p := p.(*page); !e.options.Reload || p.fresh() {
			return p, nil
		}
	}
	e.mu.Lock()
	m := e.making[name]
	if m != nil {
		e.mu.Unlock()
		<-m.done
		return m.page, m.err
	}
	m = &making{done: make(chan struct{}), err: fmt.Errorf("the template %q could not be compiled", name)}
	e.making[name] = m
	e.mu.Unlock()
	defer func() { // also when compiling panics
		e.mu.Lock()
		delete(e.making, name)
		e.mu.Unlock()
		close(m.done)
	}()
	m.page, m.err = e.compile(name)
	if m.err == nil {
		e.pages.Store(name, m.page)
	}
	return m.page, m.err
}

// stringPage gives the compiled page of a source.
func (e *Engine) stringPage(source string) (*page, error) {
	e.mu.Lock()
	p := e.strings[source]
	e.mu.Unlock()
	if p != nil && (!e.options.Reload || p.fresh()) {
		return p, nil
	}
	p, err := e.compileString(source)
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.strings) >= keptStrings {
		clear(e.strings)
	}
	e.strings[source] = p
	return p, nil
}
