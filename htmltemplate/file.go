package htmltemplate

import (
	"fmt"
	"strings"
	texttemplate "text/template"
	"text/template/parse"

	"github.com/retort-go/retort/templateloader"
)

// file is one source, parsed.
type file struct {
	name    string
	stamp   templateloader.Stamp
	loaded  bool // it is a file, not a string
	main    *parse.Tree
	defines map[string]*parse.Tree
	extends *mention   // nil: nothing
	imports []*mention // in the order written
}

// mention is a name of another file, where it is written.
type mention struct {
	name string
	node parse.Node
}

// parseFile parses a source and takes extends and import out of it.
func (e *Engine) parseFile(name, text string) (*file, error) {
	if inspect := e.options.Inspect; inspect != nil {
		if err := inspect(name, text); err != nil {
			return nil, err
		}
	}
	t, err := texttemplate.New(name).Funcs(e.names).Parse(text)
	if err != nil {
		failed := syntaxError(name, err)
		e.explainUndefined(failed)
		return nil, failed
	}
	f := &file{name: name, main: t.Tree, defines: make(map[string]*parse.Tree)}
	for _, d := range t.Templates() {
		if d.Tree != t.Tree {
			f.defines[d.Name()] = d.Tree
		}
	}
	if f.main == nil {
		f.main = &parse.Tree{Name: name, ParseName: name, Root: &parse.ListNode{NodeType: parse.NodeList}}
	}
	return f, f.takeHeader()
}

// takeHeader takes extends and import out of the top level of the file.
func (f *file) takeHeader() error {
	var left []parse.Node
	content := parse.Node(nil) // the first that would be shown
	for _, n := range f.main.Root.Nodes {
		switch word, args := asWord(n); word {
		case "extends":
			if content != nil || f.extends != nil {
				return f.errorAt(n, "extends must be the first thing in a file, and there once")
			}
			m, err := f.mention(n, word, args)
			if err != nil {
				return err
			}
			f.extends = m
			continue
		case "import":
			m, err := f.mention(n, word, args)
			if err != nil {
				return err
			}
			f.imports = append(f.imports, m)
			continue
		}
		if content == nil && f.shows(n) {
			content = n
		}
		left = append(left, n)
	}
	f.main.Root.Nodes = left
	if f.extends != nil && content != nil {
		return f.errorAt(content, "a file that extends another shows nothing by itself: put this into a block of %q, or a definition", f.extends.name)
	}
	return nil
}

// shows reports whether a node at the top level writes something, other than a
// block that the file defines there.
func (f *file) shows(n parse.Node) bool {
	switch n := n.(type) {
	case *parse.TextNode:
		return strings.TrimSpace(string(n.Text)) != ""
	case *parse.TemplateNode:
		return f.defines[n.Name] == nil
	case *parse.CommentNode:
		return false
	}
	return true
}

// mention reads the name after extends or import.
func (f *file) mention(n parse.Node, word string, args []parse.Node) (*mention, error) {
	if len(args) == 1 {
		if s, ok := args[0].(*parse.StringNode); ok {
			return &mention{s.Text, n}, nil
		}
	}
	return nil, f.errorAt(n, "%s takes the name of one file, in quotes: {{%s \"layout.html\"}}", word, word)
}

// asWord gives the word of this package that an action is, and its arguments;
// "" for all else.
func asWord(n parse.Node) (word string, args []parse.Node) {
	a, ok := n.(*parse.ActionNode)
	if !ok || len(a.Pipe.Decl) > 0 || len(a.Pipe.Cmds) != 1 {
		return "", nil
	}
	args = a.Pipe.Cmds[0].Args
	if id, ok := args[0].(*parse.IdentifierNode); ok && words[id.Ident] != nil {
		return id.Ident, args[1:]
	}
	return "", nil
}

// errorAt is a SyntaxError at a node of the file.
func (f *file) errorAt(n parse.Node, format string, args ...any) *SyntaxError {
	line, column := f.position(n)
	return &SyntaxError{File: f.name, Line: line, Column: column, Message: fmt.Sprintf(format, args...)}
}

// position is where a node is.
func (f *file) position(n parse.Node) (line, column int) {
	at, _ := f.main.ErrorContext(n)
	_, line, column, _ = locate("template: " + at + ": ")
	return line, column
}
