package urlmap

import (
	"strings"
	"sync"
	"unicode/utf8"
)

// A part with several variables may match in many ways: <a>-<b> takes x-y-z with
// a=x or a=x-y. A backtracking expression tries them one by one, which for five
// variables and a long hostile segment takes hours. Here the positions from which
// the rest of the pieces can match are marked first, from the last piece to the
// first; then, forwards, each piece takes the end that it likes best among those
// that are marked. That is the match that backtracking would find first, in time
// proportional to pieces times length.
//
// For <a>-<b> and x-y-z:
//
//	position        0 1 2 3 4 5
//	text            x - y - z
//	nothing left              ✓
//	<b>             ✓ ✓ ✓ ✓ ✓
//	-                 ✓   ✓
//	<a>             ✓ ✓ ✓            a likes the longest end best: 3, then b = z
//
// Positions count code points, as lengths do.
type division struct {
	text  string
	at    []int32 // the byte offset of each position
	marks [][]bool
	near  []int32 // of one row: the first mark at or behind each position

	// For each position, the first one at or behind it that is ...
	slash   []int32 // ... a slash or the end
	newline []int32 // ... a newline or the end
	digits  []int32 // ... no digit
}

// divisions keeps the scratch of parts with several variables. Nothing of it
// outlives the call that took it.
var divisions = sync.Pool{New: func() any { return new(division) }}

// maxScratch is the length of the longest text whose scratch is kept.
const maxScratch = 1 << 14

// feasible reports whether the pieces match the text.
func feasible(pieces []shape, text string) bool {
	d := newDivision(pieces, text)
	defer d.release()
	return d.marks[0][0]
}

// divide calls yield with the place of each variable in a text that the pieces match.
func divide(pieces []shape, text string, yield func(i, lo, hi int)) {
	d := newDivision(pieces, text)
	defer d.release()
	from, variable := 0, 0
	for k := range pieces {
		to := d.best(&pieces[k], from, d.marks[k+1])
		if pieces[k].kind != shapeLiteral {
			yield(variable, int(d.at[from]), int(d.at[to]))
			variable++
		}
		from = to
	}
}

// newDivision marks the feasible positions of every piece.
func newDivision(pieces []shape, text string) *division {
	d := divisions.Get().(*division)
	d.measure(text)
	for len(d.marks) <= len(pieces) {
		d.marks = append(d.marks, nil)
	}
	n := len(d.at)
	for k := range d.marks[:len(pieces)+1] {
		d.marks[k] = resize(d.marks[k], n)
		clear(d.marks[k])
	}
	d.marks[len(pieces)][n-1] = true
	for k := len(pieces) - 1; k >= 0; k-- {
		d.mark(&pieces[k], d.marks[k], d.marks[k+1])
	}
	return d
}

func (d *division) release() {
	d.text = ""
	if len(d.at) <= maxScratch {
		divisions.Put(d)
	}
}

// measure finds the positions of the text and what is where.
func (d *division) measure(text string) {
	d.text, d.at = text, d.at[:0]
	for i := 0; i < len(text); {
		d.at = append(d.at, int32(i))
		if text[i] < utf8.RuneSelf {
			i++
			continue
		}
		_, size := utf8.DecodeRuneInString(text[i:])
		i += size
	}
	d.at = append(d.at, int32(len(text)))
	n := len(d.at)
	d.near, d.slash = resize(d.near, n), resize(d.slash, n)
	d.newline, d.digits = resize(d.newline, n), resize(d.digits, n)
	last := int32(n - 1)
	d.slash[last], d.newline[last], d.digits[last] = last, last, last
	for i := last - 1; i >= 0; i-- {
		d.slash[i], d.newline[i], d.digits[i] = d.slash[i+1], d.newline[i+1], i
		switch c := text[d.at[i]]; {
		case c == '/':
			d.slash[i] = i
		case c == '\n':
			d.newline[i] = i
		case isDecimal(c):
			d.digits[i] = d.digits[i+1]
		}
	}
}

func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

// mark marks in row the positions from which the piece reaches a mark of next.
func (d *division) mark(piece *shape, row, next []bool) {
	if piece.kind == shapeLiteral || piece.kind == shapeChoice {
		for i := range row {
			_, row[i] = d.chosen(piece, i, next)
		}
		return
	}
	none := int32(len(next))
	for i := len(next) - 1; i >= 0; i-- {
		if next[i] {
			none = int32(i)
		}
		d.near[i] = none
	}
	for i := range row {
		lo, hi := d.ends(piece, i)
		row[i] = lo <= hi && int(d.near[lo]) <= hi
	}
}

// best returns the end that the piece likes best of those that are marked: the
// first for a path, the longest for the others, or the first that is listed.
func (d *division) best(piece *shape, from int, next []bool) int {
	switch piece.kind {
	case shapeLiteral, shapeChoice:
		to, _ := d.chosen(piece, from, next)
		return to
	case shapePath:
		lo, _ := d.ends(piece, from)
		for !next[lo] {
			lo++
		}
		return lo
	default:
		_, hi := d.ends(piece, from)
		for !next[hi] {
			hi--
		}
		return hi
	}
}

// chosen returns the end of the first text of the piece that is there and leads to a mark.
func (d *division) chosen(piece *shape, from int, next []bool) (int, bool) {
	rest := d.text[d.at[from]:]
	if piece.kind == shapeLiteral {
		to := from + piece.min
		return to, strings.HasPrefix(rest, piece.literal) && next[to]
	}
	for _, item := range piece.items {
		if strings.HasPrefix(rest, item) {
			if to := from + utf8.RuneCountInString(item); next[to] {
				return to, true
			}
		}
	}
	return 0, false
}

// ends returns the range of the ends that the piece can have; hi < lo if none.
func (d *division) ends(piece *shape, from int) (lo, hi int) {
	last := len(d.at) - 1
	switch piece.kind {
	case shapeText:
		lo, hi = from+piece.min, int(d.slash[from])
		if piece.max >= 0 {
			hi = min(hi, from+piece.max)
		}
	case shapePath:
		if from == last || int(d.slash[from]) == from {
			return 1, 0
		}
		lo, hi = from+1, int(d.newline[from+1])
	case shapeUUID:
		if !isUUID(d.text[d.at[from]:]) {
			return 1, 0
		}
		lo, hi = from+uuidLength, from+uuidLength
	default:
		lo, hi = d.number(piece, from)
	}
	return lo, hi
}

// number is ends for digits and decimals.
func (d *division) number(piece *shape, from int) (lo, hi int) {
	last := len(d.at) - 1
	if piece.signed && from < last && d.text[d.at[from]] == '-' {
		from++
	}
	end := int(d.digits[from])
	if piece.kind == shapeDigits {
		return from + 1, end
	}
	if end == from || end == last || d.text[d.at[end]] != '.' {
		return 1, 0
	}
	return end + 2, int(d.digits[end+1])
}
