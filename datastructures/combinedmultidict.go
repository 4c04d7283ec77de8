package datastructures

import (
	"iter"
	"slices"
)

// CombinedMultiDict shows several [MultiDict]s as one, which it never changes:
// the first one that has a key gives its value. The zero value and a nil
// *CombinedMultiDict are empty.
//
// Source: Werkzeug: datastructures/structures.py, CombinedMultiDict.
type CombinedMultiDict struct{ dicts []*MultiDict }

// NewCombinedMultiDict combines dicts; later changes of them show.
func NewCombinedMultiDict(dicts ...*MultiDict) *CombinedMultiDict {
	return &CombinedMultiDict{slices.Clone(dicts)}
}

// Lookup gives the first value for key and whether there is one.
func (c *CombinedMultiDict) Lookup(key string) (string, bool) {
	for k, v := range c.All() {
		if k == key {
			return v, true
		}
	}
	return "", false
}

// Get gives the first value for key, or "".
func (c *CombinedMultiDict) Get(key string) string {
	v, _ := c.Lookup(key)
	return v
}

// GetDefault gives the first value for key, or fallback when there is none.
func (c *CombinedMultiDict) GetDefault(key, fallback string) string {
	return c.holding(key).GetDefault(key, fallback)
}

// Has reports whether there is a value for key.
func (c *CombinedMultiDict) Has(key string) bool {
	_, ok := c.Lookup(key)
	return ok
}

// Require is [MultiDict.Require].
func (c *CombinedMultiDict) Require(key string) string { return c.holding(key).Require(key) }

// Int is [MultiDict.Int].
func (c *CombinedMultiDict) Int(key string, fallback int) int {
	return c.holding(key).Int(key, fallback)
}

// Float is [MultiDict.Float].
func (c *CombinedMultiDict) Float(key string, fallback float64) float64 {
	return c.holding(key).Float(key, fallback)
}

// Bool is [MultiDict.Bool].
func (c *CombinedMultiDict) Bool(key string, fallback bool) bool {
	return c.holding(key).Bool(key, fallback)
}

// GetList gives all values for key: those of the first dict, then those of the
// others.
func (c *CombinedMultiDict) GetList(key string) []string {
	var list []string
	for k, v := range c.All() {
		if k == key {
			list = append(list, v)
		}
	}
	return list
}

// All ranges over all pairs, dict by dict.
func (c *CombinedMultiDict) All() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		if c == nil {
			return
		}
		for _, d := range c.dicts {
			for k, v := range d.All() {
				if !yield(k, v) {
					return
				}
			}
		}
	}
}

// Len is the number of pairs.
func (c *CombinedMultiDict) Len() int {
	n := 0
	for range c.All() {
		n++
	}
	return n
}

// Keys gives each key once, in the order of first appearance.
func (c *CombinedMultiDict) Keys() []string { return distinctKeys(c.All()) }

// ToMap gives each key with its first value.
func (c *CombinedMultiDict) ToMap() map[string]string { return firstValues(c.All()) }

// holding gives the first dict that has key; nil, which is empty, for none.
func (c *CombinedMultiDict) holding(key string) *MultiDict {
	if c == nil {
		return nil
	}
	for _, d := range c.dicts {
		if d.Has(key) {
			return d
		}
	}
	return nil
}
