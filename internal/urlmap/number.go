package urlmap

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"strconv"
	"strings"
)

var errRefused = errors.New("the converter refuses it")

// intConverter is the converter of int: decimal digits, after a minus sign if signed.
//
// Differs from Werkzeug: digits are ASCII, and a number that does not fit a Go
// int is refused, because no view could take it.
type intConverter struct {
	digits   int // the exact length of the text; 0: any
	min, max *int
	signed   bool
}

func newInt(a Args) (Converter, error) {
	if len(a.list) == 0 {
		return intConverter{}, nil
	}
	var c intConverter
	err := a.bind("int", digitsParam(&c.digits), intParam("min", &c.min), intParam("max", &c.max), signedParam(&c.signed))
	return c, err
}

func digitsParam(digits *int) param {
	return param{"fixed_digits", "a whole number", func(value any) error {
		n, ok := value.(int)
		if !ok || n < 0 {
			return errWrongKind
		}
		*digits = n
		return nil
	}}
}

func intParam(name string, bound **int) param {
	return param{name, "a whole number", func(value any) error {
		n, ok := value.(int)
		if !ok {
			return errWrongKind
		}
		*bound = &n
		return nil
	}}
}

func signedParam(signed *bool) param {
	return param{"signed", "True or False", func(value any) error {
		v, ok := value.(bool)
		if !ok {
			return errWrongKind
		}
		*signed = v
		return nil
	}}
}

func (c intConverter) Regexp() string {
	if c.signed {
		return `-?\d+`
	}
	return `\d+`
}

func (c intConverter) Weight() int         { return 50 }
func (c intConverter) PartIsolating() bool { return true }
func (c intConverter) Type() reflect.Type  { return reflect.TypeFor[int]() }

// shortDigits is a length at which every decimal number fits an int64.
const shortDigits = 18

// check refuses numbers out of bounds and numbers that do not fit an int.
func (c intConverter) check(text string) bool {
	if c.digits == 0 && c.min == nil && c.max == nil && len(text) <= shortDigits && strconv.IntSize == 64 {
		return true
	}
	_, ok := c.value(text)
	return ok
}

func (c intConverter) value(text string) (int, bool) {
	n, err := strconv.Atoi(text)
	switch {
	case err != nil:
		return 0, false
	case c.digits > 0 && len(text) != c.digits:
		return 0, false
	case c.min != nil && n < *c.min, c.max != nil && n > *c.max:
		return 0, false
	}
	return n, true
}

func (c intConverter) Parse(text string) (any, error) {
	if n, ok := c.value(text); ok {
		return n, nil
	}
	return nil, fmt.Errorf("int %q: %w", text, c.refusal(text))
}

// refusal says why value refused the text.
func (c intConverter) refusal(text string) error {
	n, err := strconv.Atoi(text)
	switch {
	case errors.Is(err, strconv.ErrRange):
		return errors.New("larger than an int")
	case err != nil:
		return errors.New("not a whole number")
	case c.digits > 0 && len(text) != c.digits:
		return fmt.Errorf("not %d characters long", c.digits)
	case c.min != nil && n < *c.min:
		return fmt.Errorf("less than %d", *c.min)
	case c.max != nil && n > *c.max:
		return fmt.Errorf("more than %d", *c.max)
	}
	return errRefused
}

func (c intConverter) Format(value any) (string, error) {
	s, err := formatInteger(value)
	if err != nil {
		return "", err
	}
	return zeroFill(s, c.digits), nil
}

// formatInteger writes a value of any integer type, a bool as 0 or 1, a float
// without its fraction, or a string of digits, as Python's int() takes them.
func formatInteger(value any) (string, error) {
	v := reflect.ValueOf(value)
	switch {
	case v.IsValid() && v.CanInt():
		return strconv.FormatInt(v.Int(), 10), nil
	case v.IsValid() && v.CanUint():
		return strconv.FormatUint(v.Uint(), 10), nil
	case v.IsValid() && v.CanFloat() && !math.IsNaN(v.Float()) && !math.IsInf(v.Float(), 0):
		return strconv.FormatFloat(math.Trunc(v.Float())+0, 'f', 0, 64), nil
	case v.Kind() == reflect.Bool && v.Bool():
		return "1", nil
	case v.Kind() == reflect.Bool:
		return "0", nil
	case v.Kind() == reflect.String:
		if n, ok := new(big.Int).SetString(strings.TrimSpace(v.String()), 10); ok {
			return n.String(), nil
		}
	}
	return "", fmt.Errorf("%#v is not a whole number", value)
}

// zeroFill pads a number with zeros behind its sign, up to a length.
func zeroFill(s string, length int) string {
	missing := length - len(s)
	if missing <= 0 {
		return s
	}
	sign := ""
	if s[0] == '-' {
		sign, s = "-", s[1:]
	}
	return sign + strings.Repeat("0", missing) + s
}

// floatConverter is the converter of float: digits, a point, digits, after a minus sign if signed.
type floatConverter struct {
	min, max *float64
	signed   bool
}

func newFloat(a Args) (Converter, error) {
	if len(a.list) == 0 {
		return floatConverter{}, nil
	}
	var c floatConverter
	err := a.bind("float", floatParam("min", &c.min), floatParam("max", &c.max), signedParam(&c.signed))
	return c, err
}

func floatParam(name string, bound **float64) param {
	return param{name, "a number", func(value any) error {
		var f float64
		switch v := value.(type) {
		case float64:
			f = v
		case int:
			f = float64(v)
		default:
			return errWrongKind
		}
		*bound = &f
		return nil
	}}
}

func (c floatConverter) Regexp() string {
	if c.signed {
		return `-?\d+\.\d+`
	}
	return `\d+\.\d+`
}

func (c floatConverter) Weight() int         { return 50 }
func (c floatConverter) PartIsolating() bool { return true }
func (c floatConverter) Type() reflect.Type  { return reflect.TypeFor[float64]() }

func (c floatConverter) check(text string) bool {
	if c.min == nil && c.max == nil {
		return true
	}
	_, err := c.Parse(text)
	return err == nil
}

func (c floatConverter) Parse(text string) (any, error) {
	f, err := strconv.ParseFloat(text, 64)
	switch {
	case err != nil && !errors.Is(err, strconv.ErrRange): // out of range is an infinity, as in Python
		return nil, fmt.Errorf("float %q: not a number", text)
	case c.min != nil && f < *c.min:
		return nil, fmt.Errorf("float %q: less than %v", text, *c.min)
	case c.max != nil && f > *c.max:
		return nil, fmt.Errorf("float %q: more than %v", text, *c.max)
	}
	return f, nil
}

// Format writes all digits that tell the value from its neighbours, at least one
// behind the point, and never an exponent.
func (c floatConverter) Format(value any) (string, error) {
	v := reflect.ValueOf(value)
	switch {
	case v.IsValid() && v.CanFloat():
		return formatFloat(v.Float())
	case v.IsValid() && v.CanInt():
		return formatFloat(float64(v.Int()))
	case v.IsValid() && v.CanUint():
		return formatFloat(float64(v.Uint()))
	case v.Kind() == reflect.Bool && v.Bool():
		return "1.0", nil
	case v.Kind() == reflect.Bool:
		return "0.0", nil
	case v.Kind() == reflect.String:
		if f, err := strconv.ParseFloat(strings.TrimSpace(v.String()), 64); err == nil {
			return formatFloat(f)
		}
	}
	return "", fmt.Errorf("%#v is not a number", value)
}

func formatFloat(f float64) (string, error) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return "", fmt.Errorf("%v has no digits", f)
	}
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s, nil
}
