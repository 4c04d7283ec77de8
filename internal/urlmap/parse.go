package urlmap

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/retort-go/retort/internal/nearest"
)

// scanner reads the text of a rule, its domain or its path, into tokens:
//
//	rule     = *( "/" / literal / variable )
//	literal  = 1*( any character but "<" and "/" )
//	variable = "<" [ name [ "(" arguments ")" ] ":" ] name ">"
//	name     = ( ALPHA / "_" ) *( ALPHA / DIGIT / "_" )
//
// Werkzeug: routing/rules.py, Rule._parse_rule.
type scanner struct {
	text       string
	at         int
	inDomain   bool
	merge      bool // several slashes in a row are one
	converters map[string]Factory

	tokens []token
	vars   []Variable // shared by the scanners of one rule
}

// parse fills in the variables and tokens of a rule.
func (m *Map) parse(r *Rule) error {
	domain := scanner{text: m.domainRule(&r.Spec), inDomain: true, converters: m.converters}
	if err := domain.scan(); err != nil {
		return err
	}
	path := scanner{text: r.Rule, merge: r.merge, converters: m.converters, vars: domain.vars}
	if !strings.HasPrefix(r.Rule, "/") {
		return path.fail(0, "a rule starts with a slash")
	}
	if err := path.scan(); err != nil {
		return err
	}
	r.domain, r.path, r.vars = domain.tokens, path.tokens, path.vars
	return nil
}

func (s *scanner) fail(at int, format string, args ...any) error {
	return &RuleError{Rule: s.text, Offset: at, Msg: fmt.Sprintf(format, args...)}
}

// scan reads the whole text.
func (s *scanner) scan() error {
	if !utf8.ValidString(s.text) {
		return s.fail(strings.IndexRune(s.text, utf8.RuneError), "the rule is not UTF-8 here; write the decoded text, not bytes or percent-encoding")
	}
	for s.at < len(s.text) {
		end := len(s.text)
		if i := strings.IndexByte(s.text[s.at:], '<'); i >= 0 {
			end = s.at + i
		}
		if err := s.literal(end); err != nil {
			return err
		}
		if end < len(s.text) {
			if err := s.variable(); err != nil {
				return err
			}
		}
	}
	return nil
}

// literal takes the text up to end as it is, slashes merged.
func (s *scanner) literal(end int) error {
	text := s.text[s.at:end]
	if i := strings.IndexByte(text, '/'); i >= 0 && s.inDomain {
		return s.fail(s.at+i, "a subdomain or host has no slash")
	}
	for s.merge && strings.Contains(text, "//") {
		text = strings.ReplaceAll(text, "//", "/")
	}
	if text != "" {
		s.tokens = append(s.tokens, token{text: text, variable: -1})
	}
	s.at = end
	return nil
}

// variable reads from "<" to ">".
func (s *scanner) variable() error {
	open := s.at
	name, err := s.name(open + 1)
	if err != nil {
		return err
	}
	v := Variable{Name: name, ConverterName: "default", InDomain: s.inDomain}
	at, args := open+1, Args{}
	if c := s.peek(); c == ':' || c == '(' {
		v.ConverterName = name
		if args, err = s.arguments(); err != nil {
			return err
		}
		if s.peek() != ':' {
			return s.fail(s.at, `":" and the name of the variable follow a converter, not %s`, runeAt(s.text, s.at))
		}
		if v.Name, err = s.name(s.at + 1); err != nil {
			return err
		}
	}
	if s.peek() != '>' {
		return s.unclosed(open, v.Name)
	}
	s.at++
	if v.Converter, err = s.converter(v.ConverterName, at, args); err != nil {
		return err
	}
	return s.add(v, open)
}

// peek returns the byte at the current place, 0 at the end.
func (s *scanner) peek() byte {
	if s.at < len(s.text) {
		return s.text[s.at]
	}
	return 0
}

// name reads the name that must start at the offset.
func (s *scanner) name(at int) (string, error) {
	end := nameEnd(s.text, at)
	switch {
	case end > at:
		s.at = end
		return s.text[at:end], nil
	case at == len(s.text):
		return "", s.fail(strings.LastIndexByte(s.text, '<'), `"<" is never closed by ">"`)
	case s.text[at] == '>':
		return "", s.fail(at, "the name of the variable is missing")
	default:
		return "", s.fail(at, `a name starts with a letter or "_", not with %s`, runeAt(s.text, at))
	}
}

// unclosed says why the variable does not end at the current place.
func (s *scanner) unclosed(open int, name string) error {
	if s.at == len(s.text) || s.text[s.at] == '/' || s.text[s.at] == '<' {
		return s.fail(open, `"<" is never closed by ">"`)
	}
	return s.fail(s.at, `%s cannot follow the name %q: a name has ASCII letters, digits and "_", and ends with ">"`, runeAt(s.text, s.at), name)
}

// arguments reads the optional "(" arguments ")".
func (s *scanner) arguments() (Args, error) {
	var args Args
	if s.peek() != '(' {
		return args, nil
	}
	end, err := args.scan(s.text, s.at+1)
	if err != nil {
		var mistake *RuleError
		if errors.As(err, &mistake) {
			mistake.Rule = s.text
		}
		return args, err
	}
	s.at = end
	return args, nil
}

// converter makes the converter that is named at the offset.
func (s *scanner) converter(name string, at int, args Args) (Converter, error) {
	factory, ok := s.converters[name]
	if !ok {
		return nil, s.fail(at, "%s", unknownConverter(name, s.converters))
	}
	c, err := factory(args)
	var wrong *argumentError
	switch {
	case errors.As(err, &wrong):
		return nil, s.fail(args.list[wrong.index].offset, "%s", wrong.msg)
	case err != nil:
		return nil, &RuleError{Rule: s.text, Offset: at, Msg: err.Error(), err: err}
	case c == nil:
		return nil, s.fail(at, "the factory of the converter %q made none", name)
	case s.inDomain && !c.PartIsolating():
		return nil, s.fail(at, "the converter %q may hold slashes, a subdomain or host has none", name)
	case isBuiltin(c):
		return c, nil
	}
	if _, err := regexp.Compile(c.Regexp()); err != nil {
		return nil, &RuleError{Rule: s.text, Offset: at, Msg: fmt.Sprintf("the converter %q: %v", name, err), err: err}
	}
	return c, nil
}

// add appends a variable, whose "<" is at the offset.
func (s *scanner) add(v Variable, open int) error {
	for i := range s.vars {
		if s.vars[i].Name == v.Name {
			return s.fail(open, "the variable %q is there twice", v.Name)
		}
	}
	s.tokens = append(s.tokens, token{variable: len(s.vars)})
	s.vars = append(s.vars, v)
	return nil
}

// unknownConverter is the message for a converter that nobody added.
func unknownConverter(name string, known map[string]Factory) string {
	names := slices.Sorted(maps.Keys(known))
	if near := nearest.Name(names, name); near != "" {
		return fmt.Sprintf("there is no converter %q; did you mean %q? Known are %s", name, near, strings.Join(names, ", "))
	}
	return fmt.Sprintf("there is no converter %q; known are %s", name, strings.Join(names, ", "))
}
