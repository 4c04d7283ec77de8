package retort

import (
	"go/scanner"
	"go/token"
	"os"
	"slices"
)

// warnOfPermutedNames reports, in debug mode, the views whose parameters have
// the names of their rule's variables in another order: arguments go by
// position, so such a view gets them mixed up. It needs the source, and a function
// whose place is known, which a method value's is not; that of a class-based
// view's method is.
func (a *App) warnOfPermutedNames() {
	for _, rt := range a.routes {
		for _, v := range rt.called() {
			a.warnOfPermuted(rt, v)
		}
	}
}

// called are the views that requests for the route call: its view, or those for
// its methods.
func (rt *route) called() []*view {
	switch {
	case rt.view == nil:
		return nil
	case rt.view.methods == nil:
		return []*view{rt.view}
	}
	var called []*view
	for _, method := range rt.rule.Methods {
		if v := rt.view.methods[method]; v != nil {
			called = append(called, v)
		}
	}
	return called
}

func (a *App) warnOfPermuted(rt *route, v *view) {
	if len(v.params) < 2 {
		return
	}
	var given []string
	for _, arg := range ruleArguments(rt.rule, rt.taken) {
		given = append(given, arg.name)
	}
	for _, names := range parameterNames(v.at) {
		names = names[min(len(names), len(v.leading())):]
		if permuted(names, given) {
			a.Logger.Warn("the parameters of a view have the names of its rule's variables in another order; arguments go by position",
				"view", v.String(), "rule", rt.rule.String(), "registered", rt.at.String(), "gets", given, "takes", names)
		}
	}
}

// permuted reports whether a and b hold the same names in different orders.
func permuted(a, b []string) bool {
	return !slices.Equal(a, b) && slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// parameterNames reads the names of the parameters of the functions that begin
// on a line of a source file.
func parameterNames(at position) (lists [][]string) {
	src, err := os.ReadFile(at.file)
	if err != nil {
		return nil
	}
	var s scanner.Scanner
	files := token.NewFileSet()
	file := files.AddFile(at.file, -1, len(src))
	s.Init(file, src, func(token.Position, string) {}, 0)
	for {
		pos, tok, _ := s.Scan()
		switch {
		case tok == token.EOF || file.Line(pos) > at.line:
			return lists
		case tok == token.FUNC && file.Line(pos) == at.line:
			lists = append(lists, scanParameters(&s))
		}
	}
}

// scanParameters reads what follows "func": the parameters, after the receiver
// and the name if there are any.
func scanParameters(s *scanner.Scanner) []string {
	_, tok, _ := s.Scan()
	named := tok == token.IDENT
	if named {
		_, tok, _ = s.Scan()
	}
	names := scanList(s, tok)
	if _, tok, _ = s.Scan(); named || tok != token.IDENT {
		return names
	}
	if _, tok, _ = s.Scan(); tok == token.LPAREN { // what was read is the receiver of a method
		return scanList(s, tok)
	}
	return names
}

// scanList reads a list in parentheses and gives the names in it: an identifier
// after "(" or "," that a type or a comma follows.
func scanList(s *scanner.Scanner, tok token.Token) []string {
	if tok != token.LPAREN {
		return nil
	}
	var names []string
	for depth, start := 1, true; depth > 0; {
		_, tok, lit := s.Scan()
		switch tok {
		case token.EOF:
			return nil
		case token.LPAREN, token.LBRACK:
			depth++
		case token.RPAREN, token.RBRACK:
			depth--
		}
		if start && depth == 1 && tok == token.IDENT {
			names = append(names, lit)
		}
		start = tok == token.COMMA && depth == 1
	}
	return names
}
