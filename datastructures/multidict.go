// Package datastructures holds the types that HTTP's fields and forms are
// wrapped in. Common work never needs its import: the values come out of
// retort's Request and Response.
//
// Parsers take the value of a field; where a field occurs several times, its
// values joined with ",". They are linear in its length. What cannot be read is
// left out or makes an empty value, as each says: a client's field is never a
// panic.
//
// Source: Werkzeug: datastructures.
package datastructures

import (
	"fmt"
	"iter"
	"slices"
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

// NewMultiDict gives a dict of those pairs.
func NewMultiDict(pairs ...[2]string) *MultiDict {
	d := new(MultiDict)
	for _, p := range pairs {
		d.Add(p[0], p[1])
	}
	return d
}

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
func (d *MultiDict) Keys() []string { return distinctKeys(d.All()) }

func distinctKeys(pairs iter.Seq2[string, string]) []string {
	var keys []string
	seen := make(map[string]bool)
	for k := range pairs {
		if !seen[k] {
			seen[k] = true
			keys = append(keys, k)
		}
	}
	return keys
}

// Lists gives each key with all its values in order.
//
// Source: Werkzeug: MultiDict.to_dict(flat=False).
func (d *MultiDict) Lists() map[string][]string {
	m := make(map[string][]string)
	for k, v := range d.All() {
		m[k] = append(m[k], v)
	}
	return m
}

// ToMap gives each key with its first value.
//
// Source: Werkzeug: MultiDict.to_dict.
func (d *MultiDict) ToMap() map[string]string { return firstValues(d.All()) }

func firstValues(pairs iter.Seq2[string, string]) map[string]string {
	m := make(map[string]string)
	for k, v := range pairs {
		if _, ok := m[k]; !ok {
			m[k] = v
		}
	}
	return m
}

// Clone gives a copy that can be changed on its own; an empty one of nil.
func (d *MultiDict) Clone() *MultiDict {
	c := new(MultiDict)
	c.Update(d.All())
	return c
}

// Set gives key one value, in the place of its first one, and no other.
func (d *MultiDict) Set(key, value string) { d.SetList(key, []string{value}) }

// SetList gives key these values and no others. They stand where its first one
// was, or at the end; without values the key is gone.
func (d *MultiDict) SetList(key string, values []string) {
	kept := make([]pair, 0, len(d.pairs)+len(values))
	placed := false
	place := func() {
		for _, v := range values {
			kept = append(kept, pair{key, v})
		}
		placed = true
	}
	for _, p := range d.pairs {
		if p.key != key {
			kept = append(kept, p)
		} else if !placed {
			place()
		}
	}
	if !placed {
		place()
	}
	d.pairs = kept
}

// SetDefault gives the first value for key; when there is none, value becomes it.
func (d *MultiDict) SetDefault(key, value string) string {
	if v, ok := d.Lookup(key); ok {
		return v
	}
	d.Add(key, value)
	return value
}

// Update appends pairs; values that are there stay.
//
//	form.Update(args.All())
//
// Source: Werkzeug: MultiDict.update.
func (d *MultiDict) Update(pairs iter.Seq2[string, string]) {
	for k, v := range pairs {
		d.Add(k, v)
	}
}

// Pop removes all values for key and gives the first one.
func (d *MultiDict) Pop(key string) (string, bool) {
	list := d.PopList(key)
	if len(list) == 0 {
		return "", false
	}
	return list[0], true
}

// PopList removes all values for key and gives them, nil when there are none.
func (d *MultiDict) PopList(key string) []string {
	list := d.GetList(key)
	if list != nil {
		d.Delete(key)
	}
	return list
}

// Delete removes all values for key.
func (d *MultiDict) Delete(key string) {
	d.pairs = slices.DeleteFunc(d.pairs, func(p pair) bool { return p.key == key })
}

// Clear removes everything.
func (d *MultiDict) Clear() { d.pairs = nil }
