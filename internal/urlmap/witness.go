package urlmap

import (
	"regexp/syntax"
	"strconv"
	"strings"
)

// newDuplicateError says that r could never be reached because of old.
func newDuplicateError(m *Map, old, r *Rule) *DuplicateError {
	return &DuplicateError{Old: old, New: r, Path: r.witness()}
}

// witness returns a path that the rule matches: a sample for each variable. It
// is for people; a custom converter's expression may be too clever for it.
func (r *Rule) witness() string {
	var b strings.Builder
	for _, t := range r.path {
		if t.variable < 0 {
			b.WriteString(t.text)
			continue
		}
		b.WriteString(sample(r.vars[t.variable].Converter))
	}
	return b.String()
}

// sample returns a text that the converter takes, if one is easily found.
func sample(c Converter) string {
	switch c := c.(type) {
	case stringConverter:
		if c.min == 0 && c.max != 0 {
			return "a"
		}
		return strings.Repeat("a", c.min)
	case intConverter:
		return c.sample()
	case floatConverter:
		return c.sample()
	case uuidConverter:
		return UUID{}.String()
	}
	expr, err := syntax.Parse(c.Regexp(), syntax.Perl)
	if err != nil {
		return ""
	}
	var b strings.Builder
	sampleExpr(&b, expr.Simplify())
	return b.String()
}

// sampleExpr writes a text that the simplified expression matches.
func sampleExpr(b *strings.Builder, e *syntax.Regexp) {
	switch e.Op {
	case syntax.OpLiteral:
		b.WriteString(string(e.Rune))
	case syntax.OpCharClass:
		b.WriteRune(sampleRune(e.Rune))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		b.WriteByte('a')
	case syntax.OpConcat:
		for _, sub := range e.Sub {
			sampleExpr(b, sub)
		}
	case syntax.OpCapture, syntax.OpPlus, syntax.OpAlternate:
		sampleExpr(b, e.Sub[0])
	}
}

// sampleRune picks a readable character from the ranges of a class.
func sampleRune(ranges []rune) rune {
	for _, want := range "a1" {
		for i := 0; i+1 < len(ranges); i += 2 {
			if ranges[i] <= want && want <= ranges[i+1] {
				return want
			}
		}
	}
	return ranges[0]
}

// sample returns a number within the bounds, if one of a few guesses is.
func (c intConverter) sample() string {
	guesses := []int{1, 0}
	if c.min != nil {
		guesses = append(guesses, *c.min)
	}
	if c.max != nil {
		guesses = append(guesses, *c.max)
	}
	for _, n := range guesses {
		if text := zeroFill(strconv.Itoa(n), c.digits); (n >= 0 || c.signed) && c.check(text) {
			return text
		}
	}
	return "1"
}

// sample returns a number within the bounds, if one of a few guesses is.
func (c floatConverter) sample() string {
	guesses := []float64{1}
	if c.min != nil {
		guesses = append(guesses, *c.min)
	}
	if c.max != nil {
		guesses = append(guesses, *c.max)
	}
	for _, f := range guesses {
		if text, err := formatFloat(f); err == nil && (f >= 0 || c.signed) && c.check(text) {
			return text
		}
	}
	return "1.0"
}
