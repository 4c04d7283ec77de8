package urlmap

import (
	"regexp"
	"strings"
)

// edge is a frozen [transition]: a part with variables, and where it leads.
type edge struct {
	kind edgeKind
	part *part
	to   *node

	prefix, suffix string // the texts in front of the first variable and behind the last one

	shape  shape          // of edgeSingle: the variable
	shapes []shape        // of edgeSeveral: the pieces in order
	re     *regexp.Regexp // of edgeCustom
}

type edgeKind uint8

const (
	edgeSegment edgeKind = iota // <string>: any segment that is not empty
	edgeSingle                  // one variable
	edgeSeveral                 // several variables
	edgeCustom                  // some variable with a converter of the user's own
)

func newEdge(t transition, to *node) edge {
	e := edge{part: t.part, to: to, shapes: make([]shape, len(t.part.pieces))}
	for i, p := range t.part.pieces {
		if p.variable == nil {
			e.shapes[i] = newLiteral(p.text)
			continue
		}
		var ok bool
		if e.shapes[i], ok = shapeOf(p.variable.Converter); !ok {
			e.kind, e.shapes, e.re = edgeCustom, nil, t.part.regexp()
			return e
		}
	}
	if e.part.variables() > 1 {
		e.setSeveral()
		return e
	}
	e.setSingle()
	return e
}

// setSingle cuts the pieces around the only variable into prefix and suffix.
func (e *edge) setSingle() {
	var text strings.Builder
	for i, p := range e.part.pieces {
		if p.variable == nil {
			text.WriteString(p.text)
			continue
		}
		e.prefix, e.shape = text.String(), e.shapes[i]
		text.Reset()
	}
	e.suffix, e.shapes = text.String(), nil
	e.kind = edgeSingle
	if e.prefix == "" && e.suffix == "" && e.shape.plain() && !e.part.final {
		e.kind = edgeSegment
	}
}

// setSeveral notes the texts at both ends: most targets are refused by them.
func (e *edge) setSeveral() {
	e.kind, e.shapes = edgeSeveral, joinLiterals(e.shapes)
	if first := e.shapes[0]; first.kind == shapeLiteral {
		e.prefix = first.literal
	}
	if last := e.shapes[len(e.shapes)-1]; last.kind == shapeLiteral {
		e.suffix = last.literal
	}
}

// joinLiterals makes one literal of several in a row.
func joinLiterals(shapes []shape) []shape {
	joined := shapes[:0]
	for _, s := range shapes {
		if n := len(joined); n > 0 && s.kind == shapeLiteral && joined[n-1].kind == shapeLiteral {
			joined[n-1] = newLiteral(joined[n-1].literal + s.literal)
			continue
		}
		joined = append(joined, s)
	}
	return joined
}

// target returns the text that the edge is asked about, which begins at path[at:],
// and where the next state is reached; ok is false for a suffixed part whose text
// ends with a slash.
func (e *edge) target(path string, at int) (text string, next int, ok bool) {
	if !e.part.final {
		next = segmentEnd(path, at)
		return path[at:next], next, true
	}
	next = len(path)
	if e.part.suffixed && next > at && path[next-1] == '/' {
		next--
	}
	text = path[at:next]
	return text, next, !e.part.suffixed || !strings.HasSuffix(text, "/")
}

// accepts reports whether the part matches the text.
func (e *edge) accepts(text string) bool {
	if len(text) < len(e.prefix)+len(e.suffix) || !strings.HasPrefix(text, e.prefix) || !strings.HasSuffix(text, e.suffix) {
		return false
	}
	switch e.kind {
	case edgeSegment:
		return text != ""
	case edgeSingle:
		return e.shape.accepts(text[len(e.prefix) : len(text)-len(e.suffix)])
	case edgeSeveral:
		return feasible(e.shapes, text)
	default:
		return e.re.MatchString(text)
	}
}

// values calls yield with the place of each variable in a text that the part matches.
func (e *edge) values(text string, yield func(i, lo, hi int)) {
	switch e.kind {
	case edgeSegment, edgeSingle:
		yield(0, len(e.prefix), len(text)-len(e.suffix))
	case edgeSeveral:
		divide(e.shapes, text, yield)
	default:
		groups := e.re.FindStringSubmatchIndex(text)
		for i := range e.part.variables() {
			g := e.re.SubexpIndex(groupName(i))
			yield(i, groups[2*g], groups[2*g+1])
		}
	}
}
