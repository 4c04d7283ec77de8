// Package asciifold gives text in the ASCII characters that are nearest to it,
// for file names.
package asciifold

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// run is what is left of consecutive characters, from first on, when only the
// ASCII part of their compatibility decomposition is kept.
type run struct {
	first rune
	each  string // one byte for each character, a tab where nothing is left
	long  string // instead of each: the texts, separated by bars
}

// length is the number of characters of the run.
func (r run) length() int {
	if r.long == "" {
		return len(r.each)
	}
	return strings.Count(r.long, "|") + 1
}

// text is what is left of character number i of the run.
func (r run) text(i int) string {
	if r.long != "" {
		return strings.Split(r.long, "|")[i]
	}
	return strings.Trim(r.each[i:i+1], "\t")
}

// Fold gives s with other than ASCII characters in their ASCII form: "e" for
// "é", "fi" for its ligature, "12" for "½", nothing for
// those that have none. ASCII characters stay, also controls.
//
// Source: Unicode Character Database 14, normalization form KD; Werkzeug:
// utils.py, secure_filename.
func Fold(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		if r < utf8.RuneSelf {
			b.WriteRune(r)
			continue
		}
		i, ok := slices.BinarySearchFunc(table[:], r, func(t run, r rune) int { return int(t.first - r) })
		if !ok {
			i--
		}
		if i >= 0 && int(r-table[i].first) < table[i].length() {
			b.WriteString(table[i].text(int(r - table[i].first)))
		}
	}
	return b.String()
}
