package urlmap

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"
)

// ErrNoFit is wrapped by the error of a [Converter]'s Format for a value that
// the rule cannot show: URL building then tries the endpoint's next rule.
//
// Werkzeug: routing/converters.py, ValidationError.
var ErrNoFit = errors.New("value does not fit the rule")

// Converter turns one part of a URL into a value and back. Its methods are
// called by many goroutines at once.
//
// Werkzeug: routing/converters.py, BaseConverter.
type Converter interface {
	// Regexp is the RE2 expression that the text must match as a whole.
	Regexp() string
	// Weight orders rules; lower is tried first (int and float 50, string 100, path 200).
	Weight() int
	// PartIsolating is false when the text may hold slashes.
	PartIsolating() bool
	// Type is the Go type of the values that Parse returns.
	Type() reflect.Type
	// Parse gives the value of text, or an error when text is refused (the request is a 404).
	Parse(text string) (any, error)
	// Format gives the text for value, not yet percent-encoded. An error wrapping
	// ErrNoFit lets URL building try the next rule; any other error ends it.
	Format(value any) (string, error)
}

// Factory makes the converter for one variable of one rule.
type Factory func(Args) (Converter, error)

// A checker is a converter that can refuse a text without making its value.
type checker interface {
	check(text string) bool
}

// mayRefuse reports whether Parse may refuse a text that fits the expression.
func mayRefuse(c Converter) bool {
	switch c := c.(type) {
	case stringConverter, pathConverter, *anyConverter, uuidConverter:
		return false
	case floatConverter:
		return c.min != nil || c.max != nil
	default:
		return true
	}
}

// isBuiltin reports whether the converter is one of the package's own.
func isBuiltin(c Converter) bool {
	switch c.(type) {
	case stringConverter, pathConverter, *anyConverter, intConverter, floatConverter, uuidConverter:
		return true
	default:
		return false
	}
}

// builtins returns the converters that every map knows.
func builtins() map[string]Factory {
	return map[string]Factory{
		"default": newString,
		"string":  newString,
		"any":     newAny,
		"path":    newPath,
		"int":     newInt,
		"float":   newFloat,
		"uuid":    newUUID,
	}
}

// NewConverter makes a converter from two functions. The text of a URL must
// match expr (RE2) as a whole before parse sees it; it may hold slashes when
// expr has one in it. Weight orders rules, 100 is usual. The error tells what is
// wrong with expr.
func NewConverter[T any](expr string, weight int, parse func(string) (T, error), format func(T) (string, error)) (Converter, error) {
	if _, err := regexp.Compile(expr); err != nil {
		return nil, fmt.Errorf("urlmap: converter: %w", err)
	}
	if parse == nil || format == nil {
		return nil, errors.New("urlmap: converter: both parse and format are needed")
	}
	return &custom[T]{expr, weight, parse, format}, nil
}

// custom is the converter that [NewConverter] makes.
type custom[T any] struct {
	expr   string
	weight int
	parse  func(string) (T, error)
	format func(T) (string, error)
}

func (c *custom[T]) Regexp() string      { return c.expr }
func (c *custom[T]) Weight() int         { return c.weight }
func (c *custom[T]) PartIsolating() bool { return !strings.Contains(c.expr, "/") }
func (c *custom[T]) Type() reflect.Type  { return reflect.TypeFor[T]() }

func (c *custom[T]) Parse(text string) (any, error) { return c.parse(text) }

func (c *custom[T]) Format(value any) (string, error) {
	if v, ok := value.(T); ok {
		return c.format(v)
	}
	want, v := reflect.TypeFor[T](), reflect.ValueOf(value)
	if v.IsValid() && v.CanConvert(want) && sameKind(v.Kind(), want.Kind()) {
		return c.format(v.Convert(want).Interface().(T))
	}
	return "", fmt.Errorf("value is a %T, the converter formats a %v", value, want)
}

// sameKind reports whether a conversion between the kinds keeps the meaning: an
// integer becomes another integer, but never a string of one character.
func sameKind(a, b reflect.Kind) bool {
	integer := func(k reflect.Kind) bool { return k >= reflect.Int && k <= reflect.Uintptr }
	return a == b || integer(a) && integer(b)
}

// isName reports whether s can name a converter or a variable.
func isName(s string) bool { return s != "" && nameEnd(s, 0) == len(s) }

// nameEnd returns the offset after the name that starts at s[at:], at if none does.
func nameEnd(s string, at int) int {
	end := at
	for end < len(s) && (isLetter(s[end]) || end > at && isDecimal(s[end])) {
		end++
	}
	return end
}

func isLetter(c byte) bool  { return c == '_' || 'a' <= c|0x20 && c|0x20 <= 'z' }
func isDecimal(c byte) bool { return '0' <= c && c <= '9' }
