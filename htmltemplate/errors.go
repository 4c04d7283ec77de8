package htmltemplate

import (
	"errors"
	"fmt"
	htmltemplate "html/template"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	texttemplate "text/template"

	"github.com/retort-go/retort/internal/nearest"
)

// SyntaxError says what in a template is not right before anything is rendered:
// its text, its place among the others, what it writes where.
type SyntaxError struct {
	// File and Line are where; Line and Column are 0 when they are not known.
	File         string
	Line, Column int
	// Message says what is wrong.
	Message string
	// Chain says how the page came to that file: "cart.html extends layout.html
	// (line 1)". It is empty for the page's own file.
	Chain []string
	err   error
}

// Unwrap is the error of templateloader when a file that is mentioned is not
// there, else nil.
func (e *SyntaxError) Unwrap() error { return e.err }

// Error gives place, message and chain.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("template %s: %s%s", place(e.File, e.Line, e.Column), e.Message, chainText(e.Chain))
}

// ExecError says what went wrong while a template was rendered. It wraps the
// error that a function or method of the data gave or panicked with.
type ExecError struct {
	// File, Line and Column are where; Line and Column are 0 when they are not
	// known.
	File         string
	Line, Column int
	// Message says what was being done and what went wrong.
	Message string
	// Chain says how the page came to that file.
	Chain []string
	err   error
}

// Error gives place, message and chain.
func (e *ExecError) Error() string {
	return fmt.Sprintf("template %s: %s%s", place(e.File, e.Line, e.Column), e.Message, chainText(e.Chain))
}

// Unwrap is the error of text/template, which wraps that of the function.
func (e *ExecError) Unwrap() error { return e.err }

func place(file string, line, column int) string {
	switch {
	case line == 0:
		return file
	case column == 0:
		return fmt.Sprintf("%s:%d", file, line)
	}
	return fmt.Sprintf("%s:%d:%d", file, line, column)
}

func chainText(chain []string) string {
	if len(chain) == 0 {
		return ""
	}
	return " (" + strings.Join(chain, "; ") + ")"
}

// located is the beginning of the messages of text/template: file, line, perhaps
// a column. A colon may be part of the name of a file.
var located = regexp.MustCompile(`(?s)^(?:html/)?template: ?(.*?):(\d+)(?::(\d+))?: (.*)$`)

// locate takes the place off a message.
func locate(message string) (file string, line, column int, rest string) {
	m := located.FindStringSubmatch(message)
	if m == nil {
		return "", 0, 0, message
	}
	line, _ = strconv.Atoi(m[2]) // digits; one too large stays 0
	column, _ = strconv.Atoi(m[3])
	return m[1], line, column, m[4]
}

// syntaxError makes an error of the parser or the escaper a SyntaxError.
func syntaxError(name string, err error) *SyntaxError {
	e := &SyntaxError{}
	e.File, e.Line, e.Column, e.Message = locate(err.Error())
	if e.Line == 0 {
		e.File = name
		e.Message = strings.TrimPrefix(strings.TrimPrefix(e.Message, "html/"), "template: ")
	}
	return e
}

// undefined is the message of the parser for a function that is not there.
var undefined = regexp.MustCompile(`^function "(.*)" not defined$`)

// explainUndefined has the message say what may have been meant: data without
// its dot, which is how other languages write it, or a function with nearly that
// name.
func (e *Engine) explainUndefined(err *SyntaxError) {
	m := undefined.FindStringSubmatch(err.Message)
	if m == nil {
		return
	}
	err.Message = fmt.Sprintf("there is no function %q; if it is a name in the data, it is written with a dot: {{.%s}}", m[1], m[1])
	names := slices.Sorted(maps.Keys(e.names))
	if near := nearest.Name(names, m[1]); near != "" {
		err.Message = fmt.Sprintf("there is no function %q, perhaps %q is meant; a name in the data is written with a dot: {{.%s}}", m[1], near, m[1])
	}
}

// execError makes an error of Execute one of this package's. That of the writer
// stays as it is.
func (p *page) execError(err error) error {
	var exec texttemplate.ExecError
	var escaping *htmltemplate.Error
	switch {
	case errors.As(err, &exec):
		e := &ExecError{err: err}
		e.File, e.Line, e.Column, e.Message = locate(err.Error())
		if e.Line == 0 {
			e.File = p.name
		}
		e.Chain = p.chain(e.File)
		return e
	case errors.As(err, &escaping):
		e := syntaxError(p.name, err)
		e.Message = escaping.Description
		switch {
		case e.File == checkName:
			return &SyntaxError{File: p.name, Message: "the page ends inside of a tag, an attribute, a script or a style: something is not closed"}
		case e.Line == 0 && escaping.Name != "":
			e.File, _, _ = strings.Cut(escaping.Name, "#")
		}
		e.Chain = p.chain(e.File)
		return e
	}
	return err
}
