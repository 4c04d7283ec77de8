package htmltemplate

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/template/parse"

	"github.com/retort-go/retort/internal/nearest"
	"github.com/retort-go/retort/templateloader"
)

// stringName is the name of a template that is no file.
const stringName = "<string>"

// compiler puts one page together.
type compiler struct {
	e        *Engine
	escaped  bool
	files    map[string]*file
	families map[string]*family // by the name of their head
	trees    map[string]*piece  // by key
	queue    []*piece           // whose nodes are still to be looked at
	parents  map[string]parent  // by the name of a file: how it came in
}

// family is a file with the layouts that it extends, the outermost last. They
// share their blocks.
type family struct {
	files []*file
}

// piece is a tree of the finished page.
type piece struct {
	key   string
	tree  *parse.Tree
	of    *family
	level int    // the index of its file in the family
	block string // "": the main tree
	calls []call
}

// call is a piece that is shown in another one.
type call struct {
	to     string // the key
	always bool   // whatever the data is
}

// parent is what brought a file into the page.
type parent struct {
	file string
	how  string // "extends"
	line int
}

// compile makes a page of a file.
func (e *Engine) compile(name string) (*page, error) {
	c := e.newCompiler(e.options.Escape(name))
	return c.page(name)
}

// compileString makes a page of a source.
func (e *Engine) compileString(source string) (*page, error) {
	c := e.newCompiler(true)
	f, err := e.parseFile(stringName, source)
	if err != nil {
		return nil, err
	}
	c.files[stringName] = f
	return c.page(stringName)
}

func (e *Engine) newCompiler(escaped bool) *compiler {
	return &compiler{
		e: e, escaped: escaped,
		files:    make(map[string]*file),
		families: make(map[string]*family),
		trees:    make(map[string]*piece),
		parents:  make(map[string]parent),
	}
}

// page compiles everything that can be reached from a file.
func (c *compiler) page(name string) (*page, error) {
	of, err := c.family(name)
	if err != nil {
		return nil, c.chained(err)
	}
	c.mainPiece(of)
	for len(c.queue) > 0 {
		p := c.queue[0]
		c.queue = c.queue[1:]
		if err := c.resolve(p); err != nil {
			return nil, c.chained(err)
		}
	}
	if err := c.refuseEndless(); err != nil {
		return nil, c.chained(err)
	}
	c.guardRecursion()
	return c.finish(name)
}

// chained adds to a SyntaxError how the page came to its file.
func (c *compiler) chained(err error) error {
	if e := (*SyntaxError)(nil); errors.As(err, &e) {
		e.Chain = chain(c.parents, e.File)
	}
	return err
}

// chain says how a page came to a file, from the page on.
func chain(parents map[string]parent, file string) []string {
	var steps []string
	for range parents { // no more steps than files
		p, ok := parents[file]
		if !ok {
			break
		}
		steps = append(steps, fmt.Sprintf("%s %s %s (line %d)", p.file, p.how, file, p.line))
		file = p.file
	}
	slices.Reverse(steps)
	return steps
}

// load gives a file, parsed.
func (c *compiler) load(name string) (*file, error) {
	if f := c.files[name]; f != nil {
		return f, nil
	}
	source, err := c.e.options.Loader.Load(name)
	if err != nil {
		return nil, err
	}
	f, err := c.e.parseFile(name, source.Text)
	if err != nil {
		return nil, err
	}
	f.stamp, f.loaded = source.Stamp, true
	c.files[name] = f
	return f, nil
}

// loadFor gives a file that another one mentions.
func (c *compiler) loadFor(from *file, m *mention, how string) (*file, error) {
	if _, known := c.files[m.name]; !known && c.parents[m.name].file == "" {
		line, _ := from.position(m.node)
		c.parents[m.name] = parent{from.name, how, line}
	}
	f, err := c.load(m.name)
	if isAbsent(err) {
		delete(c.parents, m.name)
		e := from.errorAt(m.node, "%s %q: %v", how, m.name, err)
		e.err = err
		return nil, e
	}
	return f, err
}

// isAbsent reports whether err says that there is no such template.
func isAbsent(err error) bool {
	var missing *templateloader.NotFoundError
	var name *templateloader.NameError
	return errors.As(err, &missing) || errors.As(err, &name)
}

// family gives the file called name with its layouts.
func (c *compiler) family(name string) (*family, error) {
	if of := c.families[name]; of != nil {
		return of, nil
	}
	f, err := c.load(name)
	if err != nil {
		return nil, err
	}
	of := &family{files: []*file{f}}
	for f.extends != nil {
		names := of.names()
		if i := slices.Index(names, f.extends.name); i >= 0 {
			cycle := append(names[i:], f.extends.name)
			return nil, f.errorAt(f.extends.node, "a layout cannot extend itself: %s", strings.Join(cycle, " extends "))
		}
		if f, err = c.loadFor(f, f.extends, "extends"); err != nil {
			return nil, err
		}
		of.files = append(of.files, f)
	}
	c.families[name] = of
	return of, nil
}

func (of *family) names() []string {
	names := make([]string, len(of.files))
	for i, f := range of.files {
		names[i] = f.name
	}
	return names
}

// head is the name of the page or included file.
func (of *family) head() string { return of.files[0].name }

// level is the first file from a level on that defines a block, -1 for none.
func (of *family) level(block string, from int) int {
	for i := from; i < len(of.files); i++ {
		if of.files[i].defines[block] != nil {
			return i
		}
	}
	return -1
}

// mainPiece gives what a family shows: the main tree of its outermost layout.
func (c *compiler) mainPiece(of *family) *piece {
	root := len(of.files) - 1
	return c.piece(of.head(), of, root, "", of.files[root].main)
}

// blockPiece gives a block of a family as one of its files defines it.
func (c *compiler) blockPiece(of *family, level int, block string) *piece {
	key := of.head() + "#" + block
	if of.level(block, 0) != level {
		key += "@" + of.files[level].name
	}
	return c.piece(key, of, level, block, of.files[level].defines[block])
}

// piece gives the piece with a key, a new one when there is none. Two pieces
// whose keys are the same by chance get different ones.
func (c *compiler) piece(key string, of *family, level int, block string, tree *parse.Tree) *piece {
	for {
		p := c.trees[key]
		if p == nil {
			break
		}
		if p.of == of && p.level == level && p.block == block {
			return p
		}
		key += "'"
	}
	p := &piece{key: key, tree: tree.Copy(), of: of, level: level, block: block}
	c.trees[key] = p
	c.queue = append(c.queue, p)
	return p
}

// target finds what {{template "name"}} in a piece shows: a block of its family,
// a definition that its file imports, a file.
func (c *compiler) target(p *piece, n *parse.TemplateNode) (*piece, error) {
	if level := p.of.level(n.Name, 0); level >= 0 {
		return c.blockPiece(p.of, level, n.Name), nil
	}
	f := p.of.files[p.level]
	for _, m := range slices.Backward(f.imports) {
		of, err := c.imported(f, m)
		if err != nil {
			return nil, err
		}
		if level := of.level(n.Name, 0); level >= 0 {
			return c.blockPiece(of, level, n.Name), nil
		}
	}
	_, err := c.loadFor(f, &mention{n.Name, n}, "includes")
	if absent := (*SyntaxError)(nil); errors.As(err, &absent) && absent.err != nil {
		return nil, c.unknown(p, n, absent.err)
	}
	if err != nil {
		return nil, err
	}
	of, err := c.family(n.Name)
	if err != nil {
		return nil, err
	}
	return c.mainPiece(of), nil
}

func (c *compiler) imported(f *file, m *mention) (*family, error) {
	if _, err := c.loadFor(f, m, "imports"); err != nil {
		return nil, err
	}
	return c.family(m.name)
}

// unknown says that a name stands for nothing.
func (c *compiler) unknown(p *piece, n *parse.TemplateNode, err error) error {
	f := p.of.files[p.level]
	var defined []string
	for _, of := range c.families {
		for _, f := range of.files {
			for name := range f.defines {
				defined = append(defined, name)
			}
		}
	}
	slices.Sort(defined)
	hint := ""
	if near := nearest.Name(defined, n.Name); near != "" {
		hint = fmt.Sprintf(", perhaps %q is meant", near)
	}
	e := f.errorAt(n, "nothing called %q is defined or imported here%s, and %v", n.Name, hint, err)
	e.err = err
	return e
}
