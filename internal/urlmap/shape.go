package urlmap

import (
	"strings"
	"unicode/utf8"
)

// shape is what the machine knows of a converter's expression, so that it needs
// no regular expressions. Custom converters have none.
type shape struct {
	kind     shapeKind
	signed   bool     // shapeDigits, shapeDecimal
	min, max int      // code points: shapeText, max < 0 for no limit; shapeLiteral
	items    []string // shapeChoice
	literal  string   // shapeLiteral
}

type shapeKind uint8

const (
	shapeLiteral shapeKind = iota // exactly the literal
	shapeText                     // no slash in it
	shapePath                     // no slash first, no newline behind the first character
	shapeDigits
	shapeDecimal // digits, a point, digits
	shapeUUID
	shapeChoice // one of some texts, the first that fits
)

func newLiteral(text string) shape {
	n := utf8.RuneCountInString(text)
	return shape{kind: shapeLiteral, literal: text, min: n, max: n}
}

// shapeOf returns the shape of a built-in converter.
func shapeOf(c Converter) (shape, bool) {
	switch c := c.(type) {
	case stringConverter:
		return shape{kind: shapeText, min: c.min, max: c.max}, true
	case pathConverter:
		return shape{kind: shapePath}, true
	case *anyConverter:
		return shape{kind: shapeChoice, items: c.items}, true
	case intConverter:
		return shape{kind: shapeDigits, signed: c.signed}, true
	case floatConverter:
		return shape{kind: shapeDecimal, signed: c.signed}, true
	case uuidConverter:
		return shape{kind: shapeUUID}, true
	}
	return shape{}, false
}

// plain reports whether the shape takes every segment that is not empty.
func (s *shape) plain() bool { return s.kind == shapeText && s.min == 1 && s.max < 0 }

// accepts reports whether the shape takes the whole text.
func (s *shape) accepts(text string) bool {
	switch s.kind {
	case shapeLiteral:
		return text == s.literal
	case shapeText:
		return s.acceptsLength(text) && strings.IndexByte(text, '/') < 0
	case shapePath:
		return text != "" && text[0] != '/' && strings.IndexByte(text[1:], '\n') < 0
	case shapeDigits:
		text = s.unsigned(text)
		return text != "" && digitsEnd(text, 0) == len(text)
	case shapeDecimal:
		text = s.unsigned(text)
		point := digitsEnd(text, 0)
		return point > 0 && point+1 < len(text) && text[point] == '.' && digitsEnd(text, point+1) == len(text)
	case shapeUUID:
		return len(text) == uuidLength && isUUID(text)
	default:
		return s.chooses(text)
	}
}

func (s *shape) acceptsLength(text string) bool {
	if s.max < 0 && s.min <= 1 {
		return len(text) >= s.min
	}
	n := utf8.RuneCountInString(text)
	return n >= s.min && (s.max < 0 || n <= s.max)
}

func (s *shape) chooses(text string) bool {
	for _, item := range s.items {
		if item == text {
			return true
		}
	}
	return false
}

// unsigned cuts the minus sign that a signed shape may have.
func (s *shape) unsigned(text string) string {
	if s.signed && text != "" && text[0] == '-' {
		return text[1:]
	}
	return text
}

// digitsEnd returns the offset behind the digits of text[at:].
func digitsEnd(text string, at int) int {
	for at < len(text) && isDecimal(text[at]) {
		at++
	}
	return at
}
