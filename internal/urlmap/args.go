package urlmap

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Args are the arguments written in a rule: <name(args):variable>.
// Values are string, int, float64, bool or nil.
//
// Written are True, False and None as in Python (also true and false), numbers,
// words, and strings in either kind of quotes, without escapes.
type Args struct {
	Positional []any
	Named      []Value

	list []argument // all of them, as written
}

// argument is one argument as written in a rule.
type argument struct {
	name   string // "" for a positional one
	text   string // the value without quotes
	value  any
	offset int // of the argument in the rule
}

// argumentError is what a built-in factory says about one of its arguments; the
// parser adds where in the rule that is.
type argumentError struct {
	index int
	msg   string
}

func (e *argumentError) Error() string { return e.msg }

// add appends an argument.
func (a *Args) add(arg argument) {
	a.list = append(a.list, arg)
	if arg.name == "" {
		a.Positional = append(a.Positional, arg.value)
	} else {
		a.Named = append(a.Named, Value{arg.name, arg.value})
	}
}

// param is a parameter of a built-in converter.
type param struct {
	name string
	kind string                // what set wants, in words
	set  func(value any) error // errWrongKind, or an error that says more
}

var errWrongKind = errors.New("argument of a wrong kind")

// bind gives the arguments to the parameters: positional ones in order, named
// ones by name. None leaves a parameter as it is.
func (a *Args) bind(converter string, params ...param) error {
	given := make([]bool, len(params))
	for i, arg := range a.list {
		at := i
		if arg.name != "" {
			at = paramIndex(params, arg.name)
		}
		switch {
		case at < 0:
			return &argumentError{i, fmt.Sprintf("the converter %q has no argument %q; it knows %s", converter, arg.name, paramNames(params))}
		case at >= len(params) && len(params) == 0:
			return &argumentError{i, fmt.Sprintf("the converter %q takes no arguments", converter)}
		case at >= len(params):
			return &argumentError{i, fmt.Sprintf("the converter %q takes at most %d arguments: %s", converter, len(params), paramNames(params))}
		case given[at]:
			return &argumentError{i, fmt.Sprintf("the argument %q of %q is given twice", params[at].name, converter)}
		}
		given[at] = true
		if err := setParam(params[at], converter, arg); err != nil {
			return &argumentError{i, err.Error()}
		}
	}
	return nil
}

func setParam(p param, converter string, arg argument) error {
	if arg.value == nil {
		return nil
	}
	err := p.set(arg.value)
	if err == errWrongKind {
		return fmt.Errorf("the argument %q of %q is %s, not %q", p.name, converter, p.kind, arg.text)
	}
	return err
}

func paramIndex(params []param, name string) int {
	for i := range params {
		if params[i].name == name {
			return i
		}
	}
	return -1
}

func paramNames(params []param) string {
	if len(params) == 0 {
		return "none"
	}
	names := make([]string, len(params))
	for i := range params {
		names[i] = params[i].name
	}
	return strings.Join(names, ", ")
}

// scan reads the arguments behind the "(" at s[at-1] up to and with the ")". The
// error is a *RuleError without the rule.
func (a *Args) scan(s string, at int) (int, error) {
	open := at - 1
	if at = skipSpace(s, at); at < len(s) && s[at] == ')' {
		return at + 1, nil
	}
	for {
		arg, next, err := scanArgument(s, skipSpace(s, at))
		if err != nil {
			return 0, err
		}
		if arg.name == "" && len(a.Named) > 0 {
			return 0, &RuleError{Offset: arg.offset, Msg: "an argument without a name cannot follow one with a name"}
		}
		a.add(arg)
		next = skipSpace(s, next)
		switch {
		case next == len(s):
			return 0, &RuleError{Offset: open, Msg: `"(" is never closed by ")"`}
		case s[next] == ')':
			return next + 1, nil
		case s[next] != ',':
			return 0, &RuleError{Offset: next, Msg: fmt.Sprintf(`%s cannot follow an argument: it ends with "," or ")"`, runeAt(s, next))}
		}
		at = next + 1
	}
}

// scanArgument reads one argument: value, or name=value.
func scanArgument(s string, at int) (argument, int, error) {
	arg := argument{offset: at}
	if end := nameEnd(s, at); end > at {
		if eq := skipSpace(s, end); eq < len(s) && s[eq] == '=' {
			arg.name, at = s[at:end], skipSpace(s, eq+1)
		}
	}
	if at < len(s) && (s[at] == '"' || s[at] == '\'') {
		n := strings.IndexByte(s[at+1:], s[at])
		if n < 0 {
			return arg, 0, &RuleError{Offset: at, Msg: fmt.Sprintf("the string is never closed by %c", s[at])}
		}
		arg.text = s[at+1 : at+1+n]
		arg.value = arg.text
		return arg, at + n + 2, nil
	}
	end := wordEnd(s, at)
	if end == at {
		return arg, 0, &RuleError{Offset: at, Msg: fmt.Sprintf("an argument is missing before %s", runeAt(s, at))}
	}
	arg.text = s[at:end]
	value, err := wordValue(arg.text)
	if err != nil {
		return arg, 0, &RuleError{Offset: at, Msg: err.Error()}
	}
	arg.value = value
	return arg, end, nil
}

// wordValue returns the value of an unquoted word.
func wordValue(word string) (any, error) {
	switch word {
	case "None":
		return nil, nil
	case "True", "true":
		return true, nil
	case "False", "false":
		return false, nil
	}
	digits := strings.TrimLeft(word, "+-")
	if len(word)-len(digits) > 1 || digits == "" || strings.Trim(digits, "0123456789.") != "" {
		return word, nil
	}
	if strings.Contains(digits, ".") {
		if f, err := strconv.ParseFloat(word, 64); err == nil {
			return f, nil
		}
		return word, nil
	}
	n, err := strconv.Atoi(word)
	if err != nil {
		return nil, fmt.Errorf("the number %s does not fit an int", word)
	}
	return n, nil
}

// wordEnd returns the offset after the unquoted word that starts at s[at:].
func wordEnd(s string, at int) int {
	for at < len(s) {
		r, n := utf8.DecodeRuneInString(s[at:])
		if !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r) && !strings.ContainsRune("_.+-", r) {
			break
		}
		at += n
	}
	return at
}

func skipSpace(s string, at int) int {
	for at < len(s) && (s[at] == ' ' || s[at] == '\t') {
		at++
	}
	return at
}

// runeAt names the character at s[at:] for a message.
func runeAt(s string, at int) string {
	if at >= len(s) {
		return "the end of the rule"
	}
	r, n := utf8.DecodeRuneInString(s[at:])
	if r == utf8.RuneError {
		return strconv.Quote(s[at : at+n])
	}
	return strconv.Quote(string(r))
}
