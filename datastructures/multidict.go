// Package datastructures holds the types that HTTP's fields and forms are
// wrapped in. Common work never needs its import: the values come out of
// retort's Request.
//
// Source: Werkzeug: datastructures.
package datastructures

import (
	"fmt"
	"iter"
	"strconv"
)

// KeyError is what [MultiDict.Require] panics with when the key is missing;
// inside a view that is a 400.
type KeyError struct{ Key string }

// Error names the key.
func (e *KeyError) Error() string { return fmt.Sprintf("the key %q is missing", e.Key) }

// MultiDict is an ordered list of keys and values in which a key may occur
// more than once: a query, a form. The zero value is empty. Reading it from
// several goroutines is safe, also of a nil *MultiDict; writing is not.
//
// Source: Werkzeug: datastructures/structures.py, MultiDict.
type MultiDict struct {
	pairs []pair
}

type pair struct{ key, value string }

// Add appends a value for key.
func (d *MultiDict) Add(key, value string) { d.pairs = append(d.pairs, pair{key, value}) }

// Len is the number of pairs.
func (d *MultiDict) Len() int {
	if d == nil {
		return 0
	}
	return len(d.pairs)
}

// Get gives the first value for key, or "".
func (d *MultiDict) Get(key string) string {
	v, _ := d.Lookup(key)
	return v
}

// Lookup gives the first value for key and whether there is one.
func (d *MultiDict) Lookup(key string) (string, bool) {
	if d == nil {
		return "", false
	}
	for _, p := range d.pairs {
		if p.key == key {
			return p.value, true
		}
	}
	return "", false
}

// GetDefault gives the first value for key, or fallback when there is none.
func (d *MultiDict) GetDefault(key, fallback string) string {
	if v, ok := d.Lookup(key); ok {
		return v
	}
	return fallback
}

// GetList gives all values for key in order, nil when there are none.
func (d *MultiDict) GetList(key string) []string {
	var list []string
	for k, v := range d.All() {
		if k == key {
			list = append(list, v)
		}
	}
	return list
}

// Has reports whether there is a value for key.
func (d *MultiDict) Has(key string) bool {
	_, ok := d.Lookup(key)
	return ok
}

// Require gives the first value for key and panics with a [*KeyError] when
// there is none: in a view, a 400.
func (d *MultiDict) Require(key string) string {
	v, ok := d.Lookup(key)
	if !ok {
		panic(&KeyError{Key: key})
	}
	return v
}

// Int gives the first value for key as an integer; fallback when the key is
// missing or its value is not a decimal integer.
func (d *MultiDict) Int(key string, fallback int) int {
	if n, err := strconv.Atoi(d.Get(key)); err == nil {
		return n
	}
	return fallback
}

// Float gives the first value for key as a float64; fallback when the key is
// missing or its value is not a number.
func (d *MultiDict) Float(key string, fallback float64) float64 {
	if f, err := strconv.ParseFloat(d.Get(key), 64); err == nil {
		return f
	}
	return fallback
}

// Bool gives the first value for key as [strconv.ParseBool] reads it; fallback
// when the key is missing or its value is something else.
func (d *MultiDict) Bool(key string, fallback bool) bool {
	if b, err := strconv.ParseBool(d.Get(key)); err == nil {
		return b
	}
	return fallback
}

// All ranges over all pairs in order.
func (d *MultiDict) All() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		if d == nil {
			return
		}
		for _, p := range d.pairs {
			if !yield(p.key, p.value) {
				return
			}
		}
	}
}

// Keys gives each key once, in the order of first appearance.
func (d *MultiDict) Keys() []string {
	var keys []string
	seen := make(map[string]bool)
	for k := range d.All() {
		if !seen[k] {
			seen[k] = true
			keys = append(keys, k)
		}
	}
	return keys
}
