// Package dotenv reads files of environment variables. It does no input or
// output.
package dotenv

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Variable is one variable of a file.
type Variable struct {
	Name, Value string
	Line        int
}

// Error is a fault at a place in a file; Line and Column begin at 1, the column
// counts bytes.
type Error struct {
	Line, Column int
	Err          error
}

// Error is the fault without its place.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap gives the fault.
func (e *Error) Unwrap() error { return e.Err }

// maxExpanded bounds what the expansions of a file may add up to: a few lines
// that name each other twice are as long as one likes.
const maxExpanded = 1 << 20

// maxReference bounds the length of ${NAME:-text}.
const maxReference = 4 << 10

// Parse reads the variables of a file in order; of two with one name the later
// one counts, in the place of the first. A line is
//
//	NAME=value          # to the end of the line, or to a # after a blank
//	export NAME=value   # for the shell
//	NAME='value'        # as it is; \' and \\ are ' and \
//	NAME="value"        # with \n \r \t \" \\ \$ and the others of C
//
// Quoted values may go over several lines. In values without quotes and in double
// quotes ${NAME} stands for a variable: that of the environment, else one from
// further up, else nothing; ${NAME:-text} for text when it is unset or empty. A
// $ before anything else is a $. environ looks a variable up in the environment.
//
// Source: python-dotenv: parser.py, variables.py. Differs from python-dotenv: a
// line that is malformed is an [*Error] and not passed over, \$ is a $, and there
// is no name without a value; single quotes keep ${NAME}, as a shell does.
func Parse(text string, environ func(name string) (value string, ok bool)) ([]Variable, error) {
	p := parser{text: strings.TrimPrefix(text, "\uFEFF"), environ: environ, index: make(map[string]int)}
	p.start = len(text) - len(p.text)
	p.text = text
	p.at = p.start
	if !utf8.ValidString(text) {
		p.at = len(text) - len(afterValid(text))
		return nil, p.fault(p.at, errors.New("the text is not UTF-8"))
	}
	for p.skipBlankLines(); p.at < len(p.text); p.skipBlankLines() {
		if err := p.variable(); err != nil {
			return nil, err
		}
	}
	return p.variables, nil
}

// afterValid is what follows the longest valid beginning of s.
func afterValid(s string) string {
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		if r == utf8.RuneError && size == 1 {
			break
		}
		s = s[size:]
	}
	return s
}

type parser struct {
	text      string
	at        int // the next byte
	start     int // behind the byte order mark
	environ   func(string) (string, bool)
	variables []Variable
	index     map[string]int
	counted   int // lines before the byte at countedTo
	countedTo int
	expanded  int // bytes
}

// fault is an error for the byte at offset.
func (p *parser) fault(offset int, err error) error {
	before := p.text[:offset]
	column := offset - max(strings.LastIndexByte(before, '\n'), p.start-1)
	return &Error{strings.Count(before, "\n") + 1, column, err}
}

// line is the line of the next byte. It only goes forward.
func (p *parser) line() int {
	p.counted += strings.Count(p.text[p.countedTo:p.at], "\n")
	p.countedTo = p.at
	return p.counted + 1
}

// skip passes bytes of set over.
func (p *parser) skip(set string) {
	for p.at < len(p.text) && strings.IndexByte(set, p.text[p.at]) >= 0 {
		p.at++
	}
}

const blanks = " \t\f\v"

// skipBlankLines goes on to the next line that is neither empty nor a comment.
func (p *parser) skipBlankLines() {
	for p.skip(blanks + "\r\n"); p.at < len(p.text) && p.text[p.at] == '#'; p.skip(blanks + "\r\n") {
		p.skipLine()
	}
}

func (p *parser) skipLine() {
	if n := strings.IndexAny(p.text[p.at:], "\r\n"); n >= 0 {
		p.at += n
	} else {
		p.at = len(p.text)
	}
}

// peek is the next byte, a line feed at the end.
func (p *parser) peek() byte {
	if p.at < len(p.text) {
		return p.text[p.at]
	}
	return '\n'
}

func (p *parser) variable() error {
	line, start := p.line(), p.at
	name := p.name()
	if name == "export" && strings.IndexByte(blanks, p.peek()) >= 0 {
		if p.skip(blanks); p.peek() != '=' {
			start = p.at
			name = p.name()
		}
	}
	if name == "" {
		return p.fault(start, errors.New("a line is NAME=value, and a name is made of letters, digits and underscores"))
	}
	if p.skip(blanks); p.peek() != '=' {
		return p.fault(p.at, fmt.Errorf("the name %s is not followed by =; a line is NAME=value", name))
	}
	p.at++
	p.skip(blanks)
	begin := p.at
	value, err := p.value()
	if err != nil {
		return err
	}
	if strings.Contains(value, "\x00") {
		return p.fault(begin, fmt.Errorf("the value of %s holds a zero byte, which an environment cannot", name))
	}
	p.add(Variable{name, value, line})
	return nil
}

// add keeps a variable, in the place of an earlier one of its name.
func (p *parser) add(v Variable) {
	if i, ok := p.index[v.Name]; ok {
		p.variables[i] = v
		return
	}
	p.index[v.Name] = len(p.variables)
	p.variables = append(p.variables, v)
}

// name reads a name, "" when there is none.
func (p *parser) name() string {
	start := p.at
	for p.at < len(p.text) && isNameByte(p.text[p.at], p.at > start) {
		p.at++
	}
	return p.text[start:p.at]
}

func isNameByte(c byte, digits bool) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || digits && ('0' <= c && c <= '9' || c == '.' || c == '-')
}

func (p *parser) value() (string, error) {
	if c := p.peek(); c == '\'' || c == '"' {
		return p.quoted(c)
	}
	start := p.at
	p.skipLine()
	text := p.text[start:p.at]
	for i := range text {
		if text[i] == '#' && (i == 0 || strings.IndexByte(blanks, text[i-1]) >= 0) {
			text = text[:i]
			break
		}
	}
	return p.expand(strings.TrimRight(text, blanks), start)
}
