package datastructures

import (
	"iter"
	"slices"
	"strings"

	"github.com/retort-go/retort/internal/httpfield"
)

// HeaderSet is an ordered set of words in which case does not count: the fields
// Vary, Allow and Content-Language. The zero value is empty. It is not safe to
// change it from several goroutines.
//
// Source: Werkzeug: datastructures/structures.py, HeaderSet.
type HeaderSet struct {
	words []string
	observer
}

// NewHeaderSet gives a set of the words.
func NewHeaderSet(words ...string) *HeaderSet {
	s := new(HeaderSet)
	s.Add(words...)
	return s
}

// ParseHeaderSet reads a field; several fields are joined with ",". Words that
// the field repeats stay, so that an unchanged set gives the same field back.
func ParseHeaderSet(field string) *HeaderSet {
	return &HeaderSet{words: httpfield.ParseList(field)}
}

// Index is the place of word, -1 when it is not in the set.
func (s *HeaderSet) Index(word string) int {
	return slices.IndexFunc(s.words, func(w string) bool { return strings.EqualFold(w, word) })
}

// Has reports whether word is in the set.
func (s *HeaderSet) Has(word string) bool { return s.Index(word) >= 0 }

// Len is the number of words.
func (s *HeaderSet) Len() int { return len(s.words) }

// All ranges over the words in order.
func (s *HeaderSet) All() iter.Seq[string] { return slices.Values(s.words) }

// Add adds the words that are not in the set yet.
func (s *HeaderSet) Add(words ...string) {
	before := len(s.words)
	seen := make(map[string]bool, before+len(words))
	for _, word := range s.words {
		seen[strings.ToLower(word)] = true
	}
	for _, word := range words {
		if key := strings.ToLower(word); !seen[key] {
			seen[key] = true
			s.words = append(s.words, word)
		}
	}
	if len(s.words) > before {
		s.changed()
	}
}

// Remove removes word, and reports whether it was in the set.
func (s *HeaderSet) Remove(word string) bool {
	before := len(s.words)
	s.words = slices.DeleteFunc(s.words, func(w string) bool { return strings.EqualFold(w, word) })
	if len(s.words) == before {
		return false
	}
	s.changed()
	return true
}

// Clear removes all words.
func (s *HeaderSet) Clear() {
	if len(s.words) > 0 {
		s.words = nil
		s.changed()
	}
}

// String gives the field.
func (s *HeaderSet) String() string { return httpfield.FormatList(s.words) }
