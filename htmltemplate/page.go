package htmltemplate

import (
	"fmt"
	htmltemplate "html/template"
	"io"
	"iter"
	"maps"
	"runtime"
	"slices"
	"sync"
	texttemplate "text/template"
	"text/template/parse"

	"github.com/retort-go/retort/templateloader"
)

// The functions of finished pages that no template can name.
const (
	enterFunc = "_enter"
	leaveFunc = "_leave"
	textFunc  = "_text"
	// checkName is a template that shows the page under no circumstances: to
	// execute it has html/template look at all of it.
	checkName = "\x00"
)

// page is a compiled template.
//
// The functions of a set of html/template are fixed once it is parsed. So a page
// has as many copies of its set as are used at the same time, each with a place
// for what its functions are called for.
type page struct {
	e       *Engine
	name    string
	escaped bool
	trees   map[string]*parse.Tree
	stamps  map[string]templateloader.Stamp // of its files
	parents map[string]parent

	mu   sync.Mutex
	free []*instance
}

// instance is one copy of a page. One render has it at a time.
type instance struct {
	main interface {
		Execute(w io.Writer, data any) error
	}
	current any // what the render under way is for
	depth   int // of templates in themselves
}

// sorted ranges over the pieces by key.
func (c *compiler) sorted() iter.Seq2[string, *piece] {
	return func(yield func(string, *piece) bool) {
		for _, key := range slices.Sorted(maps.Keys(c.trees)) {
			if !yield(key, c.trees[key]) {
				return
			}
		}
	}
}

// finish makes the page and has html/template look at it.
func (c *compiler) finish(name string) (*page, error) {
	p := &page{
		e: c.e, name: name, escaped: c.escaped,
		trees:   make(map[string]*parse.Tree, len(c.trees)),
		stamps:  make(map[string]templateloader.Stamp, len(c.files)),
		parents: c.parents,
	}
	for key, piece := range c.trees {
		p.trees[key] = piece.tree
	}
	for name, f := range c.files {
		if f.loaded {
			p.stamps[name] = f.stamp
		}
	}
	first, err := p.newInstance()
	if err != nil {
		return nil, err
	}
	p.free = append(p.free, first)
	return p, nil
}

// fresh reports whether no file of the page has changed.
func (p *page) fresh() bool {
	for name, stamp := range p.stamps {
		if now, err := p.e.options.Loader.Stamp(name); err != nil || now != stamp {
			return false
		}
	}
	return true
}

// chain says how the page came to a file.
func (p *page) chain(file string) []string { return chain(p.parents, file) }

// newInstance makes a copy of the page.
func (p *page) newInstance() (*instance, error) {
	in := new(instance)
	funcs := maps.Clone(p.e.options.Funcs)
	if funcs == nil {
		funcs = make(FuncMap)
	}
	if bind := p.e.options.Bind; bind != nil {
		maps.Copy(funcs, bind(func() any { return in.current }))
	}
	maps.Copy(funcs, words)
	maps.Copy(funcs, in.guards(p.e.options.MaxDepth))
	missing := "missingkey=default"
	if p.e.options.Strict {
		missing = "missingkey=error"
	}
	if !p.escaped {
		return in, p.addText(in, texttemplate.New(p.name).Funcs(funcs).Option(missing))
	}
	return in, p.addHTML(in, htmltemplate.New(p.name).Funcs(funcs).Option(missing))
}

func (p *page) addText(in *instance, set *texttemplate.Template) error {
	for key, tree := range p.trees {
		if _, err := set.AddParseTree(key, tree.Copy()); err != nil {
			return err
		}
	}
	in.main = set.Lookup(p.name)
	return nil
}

func (p *page) addHTML(in *instance, set *htmltemplate.Template) error {
	for key, tree := range p.trees {
		if _, err := set.AddParseTree(key, tree.Copy()); err != nil {
			return err
		}
	}
	in.main = set.Lookup(p.name)
	check, err := set.New(checkName).Parse(fmt.Sprintf("{{if false}}{{template %q .}}{{end}}", p.name))
	if err != nil {
		return err
	}
	if err := check.Execute(io.Discard, nil); err != nil {
		return p.execError(err)
	}
	return nil
}

// guards are the functions that pages call without their templates knowing.
func (in *instance) guards(most int) FuncMap {
	return FuncMap{
		enterFunc: func() (string, error) {
			if in.depth++; in.depth > most {
				return "", fmt.Errorf("templates that show themselves are more than %d deep in each other", most)
			}
			return "", nil
		},
		leaveFunc: func() string { in.depth--; return "" },
		textFunc: func(v any) any {
			if v == nil {
				return ""
			}
			return v
		},
	}
}

// render executes a copy of the page.
func (p *page) render(w io.Writer, data, current any) error {
	in, err := p.take()
	if err != nil {
		return err
	}
	in.current = current
	defer p.give(in)
	if err := in.main.Execute(w, data); err != nil {
		return p.execError(err)
	}
	return nil
}

// take gives a copy that nobody else has.
func (p *page) take() (*instance, error) {
	p.mu.Lock()
	if n := len(p.free); n > 0 {
		in := p.free[n-1]
		p.free = p.free[:n-1]
		p.mu.Unlock()
		return in, nil
	}
	p.mu.Unlock()
	return p.newInstance()
}

// give takes a copy back. What was beyond the usual number is dropped.
func (p *page) give(in *instance) {
	in.current, in.depth = nil, 0
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.free) < 2*runtime.GOMAXPROCS(0) {
		p.free = append(p.free, in)
	}
}
