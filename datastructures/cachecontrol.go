package datastructures

import (
	"iter"
	"math"
	"strconv"
	"strings"

	"github.com/retort-go/retort/internal/httpfield"
)

// CacheControl is what Cache-Control of a request and of a response have in
// common: directives, some with a value. Names are compared as they were sent.
//
// Source: Werkzeug: datastructures/cache_control.py; RFC 9111 §5.2.
type CacheControl struct {
	directives httpfield.Params
	provided   bool
}

func parseCacheControl(field string) CacheControl {
	return CacheControl{httpfield.ParseDict(field), field != ""}
}

// Provided reports whether there was a field at all.
func (c *CacheControl) Provided() bool { return c.provided }

// Lookup gives the value of a directive, "" for one without, and whether the
// directive is there.
func (c *CacheControl) Lookup(directive string) (value string, ok bool) {
	d, ok := c.directives.Lookup(directive)
	return d.Value, ok
}

// Has reports whether the directive is there.
func (c *CacheControl) Has(directive string) bool {
	_, ok := c.directives.Lookup(directive)
	return ok
}

// IsBare reports whether the directive is there without a value.
func (c *CacheControl) IsBare(directive string) bool {
	d, _ := c.directives.Lookup(directive)
	return d.Bare
}

// All ranges over the directives and their values in order.
func (c *CacheControl) All() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for _, d := range c.directives {
			if !yield(d.Name, d.Value) {
				return
			}
		}
	}
}

// String gives the field.
func (c *CacheControl) String() string { return httpfield.FormatDict(c.directives) }

// MaxAge gives max-age in seconds; false when it is missing or no number.
func (c *CacheControl) MaxAge() (seconds int, ok bool) { return c.seconds("max-age") }

// StaleIfError gives stale-if-error in seconds; false when it is missing or no
// number.
func (c *CacheControl) StaleIfError() (seconds int, ok bool) { return c.seconds("stale-if-error") }

// NoStore reports whether nothing of the exchange may be stored.
func (c *CacheControl) NoStore() bool { return c.Has("no-store") }

// NoTransform reports whether the body has to arrive as it was sent.
func (c *CacheControl) NoTransform() bool { return c.Has("no-transform") }

func (c *CacheControl) seconds(directive string) (int, bool) {
	d, ok := c.directives.Lookup(directive)
	if !ok || d.Bare {
		return 0, false
	}
	n, err := strconv.Atoi(strings.TrimSpace(d.Value))
	return n, err == nil
}

// RequestCacheControl is the Cache-Control field of a request. The zero value is
// empty; it never changes.
type RequestCacheControl struct{ CacheControl }

// ParseRequestCacheControl reads the field of a request.
func ParseRequestCacheControl(field string) *RequestCacheControl {
	return &RequestCacheControl{parseCacheControl(field)}
}

// NoCache reports whether a stored response has to be validated first.
func (c *RequestCacheControl) NoCache() bool { return c.Has("no-cache") }

// OnlyIfCached reports whether only a stored response is wanted.
func (c *RequestCacheControl) OnlyIfCached() bool { return c.Has("only-if-cached") }

// MinFresh gives min-fresh in seconds; false when it is missing or no number.
func (c *RequestCacheControl) MinFresh() (seconds int, ok bool) { return c.seconds("min-fresh") }

// MaxStale gives max-stale in seconds; without a value, which takes a stale
// response of any age, that is [math.MaxInt].
func (c *RequestCacheControl) MaxStale() (seconds int, ok bool) {
	if d, ok := c.directives.Lookup("max-stale"); ok && d.Bare {
		return math.MaxInt, true
	}
	return c.seconds("max-stale")
}
