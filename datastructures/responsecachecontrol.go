package datastructures

import (
	"strconv"

	"github.com/retort-go/retort/internal/httpfield"
)

// ResponseCacheControl is the Cache-Control field of a response. The zero value
// is empty. It is not safe to change it from several goroutines.
type ResponseCacheControl struct {
	CacheControl
	observer
}

// ParseResponseCacheControl reads the field of a response.
func ParseResponseCacheControl(field string) *ResponseCacheControl {
	return &ResponseCacheControl{CacheControl: parseCacheControl(field)}
}

// NoCache gives the fields that no-cache is about, "" when it is about all, and
// whether the directive is there.
func (c *ResponseCacheControl) NoCache() (fields string, ok bool) { return c.Lookup("no-cache") }

// Private gives the fields that private is about, "" when it is about all, and
// whether the directive is there.
func (c *ResponseCacheControl) Private() (fields string, ok bool) { return c.Lookup("private") }

// Public reports whether any cache may store the response.
func (c *ResponseCacheControl) Public() bool { return c.Has("public") }

// MustRevalidate reports whether a stale response has to be validated.
func (c *ResponseCacheControl) MustRevalidate() bool { return c.Has("must-revalidate") }

// ProxyRevalidate is MustRevalidate for shared caches.
func (c *ResponseCacheControl) ProxyRevalidate() bool { return c.Has("proxy-revalidate") }

// MustUnderstand reports whether only a cache that knows the status may store.
func (c *ResponseCacheControl) MustUnderstand() bool { return c.Has("must-understand") }

// Immutable reports whether the response stays as it is while it is fresh.
func (c *ResponseCacheControl) Immutable() bool { return c.Has("immutable") }

// SMaxAge gives s-maxage in seconds; false when it is missing or no number.
func (c *ResponseCacheControl) SMaxAge() (seconds int, ok bool) { return c.seconds("s-maxage") }

// StaleWhileRevalidate gives stale-while-revalidate in seconds; false when it is
// missing or no number.
func (c *ResponseCacheControl) StaleWhileRevalidate() (seconds int, ok bool) {
	return c.seconds("stale-while-revalidate")
}

// Set gives a directive a value; with "" it stands without one. Directives that
// are plain words go the same way: Set("public", "").
func (c *ResponseCacheControl) Set(directive, value string) {
	c.directives = c.directives.Set(httpfield.Param{Name: directive, Value: value, Bare: value == ""})
	c.provided = true
	c.changed()
}

// SetSeconds gives a directive a number of seconds.
func (c *ResponseCacheControl) SetSeconds(directive string, seconds int) {
	c.Set(directive, strconv.Itoa(seconds))
}

// Delete takes a directive away.
func (c *ResponseCacheControl) Delete(directive string) {
	if c.Has(directive) {
		c.directives = c.directives.Delete(directive)
		c.changed()
	}
}

// SetMaxAge sets max-age.
func (c *ResponseCacheControl) SetMaxAge(seconds int) { c.SetSeconds("max-age", seconds) }

// SetSMaxAge sets s-maxage.
func (c *ResponseCacheControl) SetSMaxAge(seconds int) { c.SetSeconds("s-maxage", seconds) }

// SetPublic sets public or takes it away.
func (c *ResponseCacheControl) SetPublic(on bool) { c.setWord("public", on) }

// SetPrivate sets private, about all fields, or takes it away.
func (c *ResponseCacheControl) SetPrivate(on bool) { c.setWord("private", on) }

// SetNoCache sets no-cache, about all fields, or takes it away.
func (c *ResponseCacheControl) SetNoCache(on bool) { c.setWord("no-cache", on) }

// SetNoStore sets no-store or takes it away.
func (c *ResponseCacheControl) SetNoStore(on bool) { c.setWord("no-store", on) }

// SetNoTransform sets no-transform or takes it away.
func (c *ResponseCacheControl) SetNoTransform(on bool) { c.setWord("no-transform", on) }

// SetMustRevalidate sets must-revalidate or takes it away.
func (c *ResponseCacheControl) SetMustRevalidate(on bool) { c.setWord("must-revalidate", on) }

// SetImmutable sets immutable or takes it away.
func (c *ResponseCacheControl) SetImmutable(on bool) { c.setWord("immutable", on) }

func (c *ResponseCacheControl) setWord(directive string, on bool) {
	if on {
		c.Set(directive, "")
	} else {
		c.Delete(directive)
	}
}
