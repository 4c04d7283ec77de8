package urlmap

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxLength bounds the lengths that a string converter may ask for: header lines
// are shorter than that, and RE2 wants every repetition written out.
const maxLength = 1 << 16

// stringConverter is the converter of string, and of a variable without a converter: one
// character or more, none of them a slash. Lengths count code points.
type stringConverter struct {
	min, max int // max < 0: no limit
}

func newString(a Args) (Converter, error) {
	c := stringConverter{min: 1, max: -1}
	if len(a.list) == 0 {
		return c, nil
	}
	length := -1
	err := a.bind("string", lengthParam("minlength", &c.min), lengthParam("maxlength", &c.max), lengthParam("length", &length))
	if err != nil {
		return nil, err
	}
	if length >= 0 {
		c.min, c.max = length, length
	}
	if c.max >= 0 && c.min > c.max {
		return nil, fmt.Errorf("no string has a minlength of %d and a maxlength of %d", c.min, c.max)
	}
	return c, nil
}

func lengthParam(name string, length *int) param {
	return param{name, "a whole number", func(value any) error {
		n, ok := value.(int)
		if !ok || n < 0 {
			return errWrongKind
		}
		if n > maxLength {
			return fmt.Errorf("the argument %q is %d; no URL is that long, the limit is %d", name, n, maxLength)
		}
		*length = n
		return nil
	}}
}

func (c stringConverter) Regexp() string {
	if c.max == c.min && c.max <= maxRepeat {
		return fmt.Sprintf("[^/]{%d}", c.max)
	}
	if c.max < 0 && c.min <= maxRepeat {
		return fmt.Sprintf("[^/]{%d,}", c.min)
	}
	if c.max >= 0 && c.max <= maxRepeat {
		return fmt.Sprintf("[^/]{%d,%d}", c.min, c.max)
	}
	return c.longRegexp()
}

// maxRepeat is the largest repetition that RE2 takes.
const maxRepeat = 1000

// longRegexp writes lengths beyond maxRepeat as several repetitions.
func (c stringConverter) longRegexp() string {
	full := func(n int, format string) string {
		expr := strings.Repeat(fmt.Sprintf(format, maxRepeat), n/maxRepeat)
		return expr + fmt.Sprintf(format, n%maxRepeat)
	}
	if c.max < 0 {
		return full(c.min, "[^/]{%d}") + "[^/]*"
	}
	return full(c.min, "[^/]{%d}") + full(c.max-c.min, "[^/]{0,%d}")
}

func (c stringConverter) Weight() int         { return 100 }
func (c stringConverter) PartIsolating() bool { return true }
func (c stringConverter) Type() reflect.Type  { return reflect.TypeFor[string]() }

func (c stringConverter) Parse(text string) (any, error)   { return text, nil }
func (c stringConverter) Format(value any) (string, error) { return formatText(value) }

// pathConverter is the converter of path: any text that does not start with a slash.
type pathConverter struct{}

func newPath(a Args) (Converter, error) { return pathConverter{}, a.bind("path") }

func (pathConverter) Regexp() string      { return "[^/].*?" }
func (pathConverter) Weight() int         { return 200 }
func (pathConverter) PartIsolating() bool { return false }
func (pathConverter) Type() reflect.Type  { return reflect.TypeFor[string]() }

func (pathConverter) Parse(text string) (any, error)   { return text, nil }
func (pathConverter) Format(value any) (string, error) { return formatText(value) }

// anyConverter is the converter of any: one of some texts, tried in the order given.
type anyConverter struct {
	items []string
}

func newAny(a Args) (Converter, error) {
	if len(a.list) == 0 {
		return nil, errors.New(`the converter "any" needs at least one text`)
	}
	c := &anyConverter{items: make([]string, len(a.list))}
	for i, arg := range a.list {
		if arg.name != "" {
			return nil, &argumentError{i, `the converter "any" has no named arguments`}
		}
		c.items[i] = arg.text
	}
	return c, nil
}

func (c *anyConverter) Regexp() string {
	quoted := make([]string, len(c.items))
	for i, item := range c.items {
		quoted[i] = regexp.QuoteMeta(item)
	}
	return "(?:" + strings.Join(quoted, "|") + ")"
}

func (c *anyConverter) Weight() int         { return 100 }
func (c *anyConverter) PartIsolating() bool { return true }
func (c *anyConverter) Type() reflect.Type  { return reflect.TypeFor[string]() }

func (c *anyConverter) Parse(text string) (any, error) { return text, nil }

func (c *anyConverter) Format(value any) (string, error) {
	s, err := formatText(value)
	if err == nil && !slices.Contains(c.items, s) {
		sorted := slices.Sorted(slices.Values(c.items))
		err = fmt.Errorf("%q is not one of %s", s, strings.Join(slices.Compact(sorted), ", "))
	}
	return s, err
}

// formatText returns the text of a value of any simple type.
func formatText(value any) (string, error) {
	switch v := value.(type) {
	case string:
		return v, nil
	case fmt.Stringer:
		return v.String(), nil
	case encoding.TextMarshaler:
		b, err := v.MarshalText()
		return string(b), err
	}
	v := reflect.ValueOf(value)
	switch {
	case !v.IsValid():
		return "", errors.New("value is nil")
	case v.Kind() == reflect.String:
		return v.String(), nil
	case v.CanInt():
		return strconv.FormatInt(v.Int(), 10), nil
	case v.CanUint():
		return strconv.FormatUint(v.Uint(), 10), nil
	case v.CanFloat():
		return formatFloat(v.Float())
	case v.Kind() == reflect.Bool:
		return strconv.FormatBool(v.Bool()), nil
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8 && utf8.Valid(v.Bytes()):
		return string(v.Bytes()), nil
	}
	return "", fmt.Errorf("value is a %T, which has no text", value)
}
