package htmltemplate

import (
	"fmt"
	"slices"
	"strings"
	texttemplate "text/template"
	"text/template/parse"
)

// resolver looks at the nodes of one piece: names become keys, super becomes an
// action of text/template.
type resolver struct {
	c *compiler
	p *piece
}

func (c *compiler) resolve(p *piece) error {
	return (&resolver{c, p}).list(p.tree.Root, true)
}

// list resolves nodes in order. always says that they are shown whatever the
// data is.
func (r *resolver) list(l *parse.ListNode, always bool) error {
	if l == nil {
		return nil
	}
	for i, n := range l.Nodes {
		var err error
		switch n := n.(type) {
		case *parse.ActionNode:
			l.Nodes[i], err = r.action(n, always)
		case *parse.TemplateNode:
			err = r.template(n, always)
		case *parse.IfNode:
			err = r.branch(&n.BranchNode)
		case *parse.RangeNode:
			err = r.branch(&n.BranchNode)
		case *parse.WithNode:
			err = r.branch(&n.BranchNode)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *resolver) branch(n *parse.BranchNode) error {
	if err := r.list(n.List, false); err != nil {
		return err
	}
	return r.list(n.ElseList, false)
}

func (r *resolver) template(n *parse.TemplateNode, always bool) error {
	to, err := r.c.target(r.p, n)
	if err != nil {
		return err
	}
	r.p.calls = append(r.p.calls, call{to.key, always})
	n.Name = to.key
	return nil
}

func (r *resolver) file() *file { return r.p.of.files[r.p.level] }

func (r *resolver) action(n *parse.ActionNode, always bool) (parse.Node, error) {
	switch word, args := asWord(n); word {
	case "extends", "import":
		return nil, r.file().errorAt(n, "%s must stand at the top level of a file, outside of blocks and conditions", word)
	case "super":
		return r.super(n, args, always)
	}
	if !r.c.escaped && len(n.Pipe.Decl) == 0 {
		n.Pipe.Cmds = append(n.Pipe.Cmds, snippet(r.file().name, 1, "{{0 | "+textFunc+"}}").(*parse.ActionNode).Pipe.Cmds[1])
	}
	return n, nil
}

// super is an action that shows the block of the next layout.
func (r *resolver) super(n *parse.ActionNode, args []parse.Node, always bool) (parse.Node, error) {
	f := r.file()
	if r.p.block == "" {
		return nil, f.errorAt(n, "super stands for the block that this one takes the place of; there is none here, outside of all blocks")
	}
	if len(args) > 1 {
		return nil, f.errorAt(n, "super takes the data that the block is to be shown with, and nothing else")
	}
	level := r.p.of.level(r.p.block, r.p.level+1)
	if level < 0 {
		return nil, f.errorAt(n, "super: no layout of this page has a block %q", r.p.block)
	}
	to := r.c.blockPiece(r.p.of, level, r.p.block)
	r.p.calls = append(r.p.calls, call{to.key, always})
	shown := snippet(f.name, n.Line, `{{template "super" $}}`).(*parse.TemplateNode)
	shown.Name = to.key
	if len(args) == 1 {
		shown.Pipe = n.Pipe
		shown.Pipe.Cmds[0].Args = args
	}
	return shown, nil
}

// snippet gives the only node of a source, as if it stood in a line of a file.
func snippet(file string, line int, source string) parse.Node {
	funcs := FuncMap{enterFunc: misplaced, leaveFunc: misplaced, textFunc: misplaced}
	t := texttemplate.Must(texttemplate.New(file).Funcs(funcs).Parse(strings.Repeat("\n", max(0, line-1)) + source))
	nodes := t.Root.Nodes
	return nodes[len(nodes)-1]
}

// refuseEndless looks for pieces that show themselves whatever the data is.
func (c *compiler) refuseEndless() error {
	done := make(map[string]bool)
	var way []string
	var visit func(key string) error
	visit = func(key string) error {
		if i := slices.Index(way, key); i >= 0 {
			return c.endless(append(way[i:], key))
		}
		if done[key] {
			return nil
		}
		way = append(way, key)
		for _, call := range c.trees[key].calls {
			if call.always {
				if err := visit(call.to); err != nil {
					return err
				}
			}
		}
		way = way[:len(way)-1]
		done[key] = true
		return nil
	}
	for key := range c.sorted() {
		if err := visit(key); err != nil {
			return err
		}
	}
	return nil
}

func (c *compiler) endless(cycle []string) error {
	p := c.trees[cycle[0]]
	f := p.of.files[p.level]
	return &SyntaxError{File: f.name, Message: fmt.Sprintf("this never ends: %s", strings.Join(cycle, " shows "))}
}

// guardRecursion has the pieces that can come to show themselves count how deep
// they are.
func (c *compiler) guardRecursion() {
	for key, p := range c.sorted() {
		if c.reaches(key, key, make(map[string]bool)) {
			enter := snippet(p.tree.ParseName, 1, "{{$_ := "+enterFunc+"}}")
			leave := snippet(p.tree.ParseName, 1, "{{$_ := "+leaveFunc+"}}")
			p.tree.Root.Nodes = append(append([]parse.Node{enter}, p.tree.Root.Nodes...), leave)
		}
	}
}

// reaches reports whether a piece can come to show the other.
func (c *compiler) reaches(from, to string, seen map[string]bool) bool {
	for _, call := range c.trees[from].calls {
		if call.to == to {
			return true
		}
		if !seen[call.to] {
			seen[call.to] = true
			if c.reaches(call.to, to, seen) {
				return true
			}
		}
	}
	return false
}
