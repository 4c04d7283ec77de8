package datastructures

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/retort-go/retort/internal/httpfield"
)

// AcceptItem is one value that a client accepts, and how much it wants it:
// from 0, not at all, to 1.
type AcceptItem struct {
	Value   string
	Quality float64
}

// Accept is what a client says it accepts, the more specific and the more
// wanted first; items equal in both keep the order of the field. The zero value
// accepts nothing and is not provided. An Accept never changes; reading it from
// several goroutines is safe.
//
// As it is, it fits Accept-Encoding; [MIMEAccept], [LanguageAccept] and
// [CharsetAccept] compare their values in their own ways.
//
// Source: Werkzeug: datastructures/accept.py, Accept; RFC 9110 §12.4.
type Accept struct {
	items    []acceptEntry
	provided bool
	rules    acceptRules
}

// acceptEntry is an item together with the parts in which it is compared.
type acceptEntry struct {
	AcceptItem
	parts []string
}

// acceptRules say how the values of one field compare; a nil function stands
// for the plain way.
type acceptRules struct {
	parts   func(value string) []string // in lower case
	matches func(offer []string, item *acceptEntry) bool
	check   func(offer string) // panics when the offer is a mistake
}

// ParseAccept reads an Accept-Encoding field; several fields are joined with
// ",". An item whose quality is no number from 0 to 1 is left out.
func ParseAccept(field string) Accept { return newAccept(field, acceptRules{}) }

func newAccept(field string, rules acceptRules) Accept {
	a := Accept{provided: field != "", rules: rules}
	for _, text := range httpfield.ParseList(field) {
		if item, ok := parseAcceptItem(text); ok {
			a.items = append(a.items, acceptEntry{item, a.parts(item.Value)})
		}
	}
	a.sort()
	return a
}

func parseAcceptItem(text string) (AcceptItem, bool) {
	value, options := httpfield.ParseOptions(text)
	quality := 1.0
	if q, ok := options.Lookup("q"); ok {
		if quality, ok = parseQuality(q.Value); !ok {
			return AcceptItem{}, false
		}
		options = options.Delete("q")
	}
	return AcceptItem{httpfield.FormatOptions(value, options), quality}, true
}

// parseQuality reads digits, with a point and more digits or without.
func parseQuality(s string) (float64, bool) {
	s = strings.TrimSpace(s)
	whole, fraction, point := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	if !isDigits(whole) || point && !isDigits(fraction) {
		return 0, false
	}
	q, err := strconv.ParseFloat(s, 64)
	return q, err == nil && q >= 0 && q <= 1
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

func (a *Accept) sort() {
	slices.SortStableFunc(a.items, func(x, y acceptEntry) int {
		return cmp.Or(compareSpecificity(y.parts, x.parts), cmp.Compare(y.Quality, x.Quality))
	})
}

// compareSpecificity is positive when a is more specific than b: when it has
// the name where b has the first "*", or goes on where b ends.
func compareSpecificity(a, b []string) int {
	for i := range min(len(a), len(b)) {
		switch {
		case a[i] != "*" && b[i] == "*":
			return 1
		case a[i] == "*" && b[i] != "*":
			return -1
		}
	}
	return len(a) - len(b)
}

// parts splits a value into what is compared.
func (a *Accept) parts(value string) []string {
	if a.rules.parts != nil {
		return a.rules.parts(value)
	}
	return []string{strings.ToLower(value)}
}

func (a *Accept) matches(offer []string, item *acceptEntry) bool {
	if a.rules.matches != nil {
		return a.rules.matches(offer, item)
	}
	return item.parts[0] == "*" || slices.Equal(offer, item.parts)
}

// Provided reports whether the client sent the field at all.
func (a Accept) Provided() bool { return a.provided }

// Len is the number of items.
func (a Accept) Len() int { return len(a.items) }

// All ranges over the values and their qualities, the best first.
func (a Accept) All() iter.Seq2[string, float64] {
	return func(yield func(string, float64) bool) {
		for _, item := range a.items {
			if !yield(item.Value, item.Quality) {
				return
			}
		}
	}
}

// Best gives the value of the first item, "" when there is none.
func (a Accept) Best() string {
	if len(a.items) == 0 {
		return ""
	}
	return a.items[0].Value
}

// Has reports whether an item matches value, with whatever quality.
func (a Accept) Has(value string) bool {
	_, ok := a.match(value)
	return ok
}

// Quality gives the quality of the most specific item that matches value, 0
// when none does.
func (a Accept) Quality(value string) float64 {
	item, ok := a.match(value)
	if !ok {
		return 0
	}
	return item.Quality
}

// match gives the first item that matches value.
func (a *Accept) match(value string) (*acceptEntry, bool) {
	if a.rules.check != nil {
		a.rules.check(value)
	}
	offer := a.parts(value)
	for i := range a.items {
		if a.matches(offer, &a.items[i]) {
			return &a.items[i], true
		}
	}
	return nil, false
}

// BestMatch gives that of the offers which the client wants most: the highest
// quality, then the more specific item, then the earlier offer. It is "" when
// the client wants none of them, also when it sent no field; cmp.Or puts a
// default in its place.
func (a Accept) BestMatch(offers ...string) string {
	best, won := "", new(acceptEntry)
	for _, offer := range offers {
		item, ok := a.match(offer)
		if !ok || item.Quality <= 0 || item.Quality < won.Quality {
			continue
		}
		if item.Quality > won.Quality || compareSpecificity(item.parts, won.parts) > 0 {
			best, won = offer, item
		}
	}
	return best
}

// String gives the field.
func (a Accept) String() string {
	var b strings.Builder
	for i, item := range a.items {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(item.String())
	}
	return b.String()
}

// String gives the item as it stands in a field; a quality of 1 is left out.
func (i AcceptItem) String() string {
	if i.Quality == 1 {
		return i.Value
	}
	q := strconv.FormatFloat(i.Quality, 'g', -1, 64)
	if !strings.ContainsAny(q, ".e") {
		q += ".0"
	}
	return fmt.Sprintf("%s;q=%s", i.Value, q)
}
