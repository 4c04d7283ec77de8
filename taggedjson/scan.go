package taggedjson

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// stringValue is string as a value.
func (d *decoder) stringValue() (any, error) {
	s, err := d.string()
	if err != nil {
		return nil, err
	}
	return s, nil
}

// string reads a string. One without escapes shares the memory of the text.
func (d *decoder) string() (string, error) {
	d.pos++
	start := d.pos
	for d.pos < len(d.src) {
		switch c := d.src[d.pos]; {
		case c == '"':
			d.pos++
			return d.src[start : d.pos-1], nil
		case c == '\\':
			return d.escaped([]byte(d.src[start:d.pos]))
		case c < ' ':
			return "", d.wants("no control character")
		}
		d.pos++
	}
	return "", d.wants(`"\""`)
}

// escaped reads the rest of a string from its first escape on.
func (d *decoder) escaped(b []byte) (string, error) {
	for d.pos < len(d.src) {
		c := d.src[d.pos]
		d.pos++
		switch {
		case c == '"':
			return string(b), nil
		case c < ' ':
			d.pos--
			return "", d.wants("no control character")
		case c != '\\':
			b = append(b, c)
			continue
		}
		r, err := d.escape()
		if err != nil {
			return "", err
		}
		b = utf8.AppendRune(b, r)
	}
	return "", d.wants(`"\""`)
}

// escape reads what follows a backslash. Half a surrogate pair becomes U+FFFD.
func (d *decoder) escape() (rune, error) {
	if d.pos == len(d.src) {
		return 0, d.wants("an escape")
	}
	c := d.src[d.pos]
	d.pos++
	switch c {
	case '"', '\\', '/':
		return rune(c), nil
	case 'b':
		return '\b', nil
	case 'f':
		return '\f', nil
	case 'n':
		return '\n', nil
	case 'r':
		return '\r', nil
	case 't':
		return '\t', nil
	case 'u':
		return d.unicode()
	}
	d.pos--
	return 0, d.wants("an escape")
}

// unicode reads the digits of a \uXXXX, and the second one of a pair.
func (d *decoder) unicode() (rune, error) {
	r, ok := d.unit()
	if !ok {
		return 0, d.wants("four hexadecimal digits")
	}
	if !utf16.IsSurrogate(r) {
		return r, nil
	}
	before := d.pos
	if strings.HasPrefix(d.src[d.pos:], `\u`) {
		d.pos += 2
		if low, ok := d.unit(); ok {
			if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
				return pair, nil
			}
		}
		d.pos = before
	}
	return utf8.RuneError, nil
}

// unit reads four hexadecimal digits.
func (d *decoder) unit() (r rune, ok bool) {
	if d.pos+4 > len(d.src) {
		return 0, false
	}
	for _, c := range []byte(d.src[d.pos : d.pos+4]) {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	d.pos += 4
	return r, true
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isNumberStart(c byte) bool { return c == '-' || isDigit(c) }

// maxDigits is how long a number may be, as in Python.
const maxDigits = 4300

var errTooManyDigits = fmt.Errorf("a number of more than %d digits", maxDigits)

// numberValue reads a number: as int64, as json.Number if that is too small, as
// float64 if there is a point or an exponent.
func (d *decoder) numberValue() (any, error) {
	if strings.HasPrefix(d.src[d.pos:], "-I") {
		return d.word()
	}
	start := d.pos
	if err := d.number(); err != nil {
		return nil, err
	}
	text := d.src[start:d.pos]
	if len(text) > maxDigits {
		return nil, errTooManyDigits
	}
	if strings.ContainsAny(text, ".eE") {
		f, _ := strconv.ParseFloat(text, 64) // infinite when it is too large, as in Python
		return f, nil
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, nil
	}
	return json.Number(text), nil
}

// number skips a number.
func (d *decoder) number() error {
	if d.src[d.pos] == '-' {
		d.pos++
	}
	if d.pos < len(d.src) && d.src[d.pos] == '0' {
		d.pos++
	} else if !d.digits() {
		return d.wants("a digit")
	}
	if d.pos < len(d.src) && d.src[d.pos] == '.' {
		if d.pos++; !d.digits() {
			return d.wants("a digit")
		}
	}
	if d.pos < len(d.src) && d.src[d.pos]|0x20 == 'e' {
		d.pos++
		if d.pos < len(d.src) && (d.src[d.pos] == '+' || d.src[d.pos] == '-') {
			d.pos++
		}
		if !d.digits() {
			return d.wants("a digit")
		}
	}
	return nil
}

// digits skips digits and reports whether there are any.
func (d *decoder) digits() bool {
	start := d.pos
	for d.pos < len(d.src) && isDigit(d.src[d.pos]) {
		d.pos++
	}
	return d.pos > start
}
