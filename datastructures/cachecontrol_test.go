package datastructures_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/retort-go/retort/datastructures"
)

// seconds gives what a directive says; -1 where it says nothing.
func seconds(n int, ok bool) int {
	if !ok {
		return -1
	}
	return n
}

func TestRequestCacheControl(t *testing.T) {
	c := datastructures.ParseRequestCacheControl(`no-cache, max-age=0, max-stale, min-fresh="5", stale-if-error=x, no-store, only-if-cached, no-transform`)
	assert.True(t, c.Provided())
	assert.Equal(t, 0, seconds(c.MaxAge()))
	assert.Equal(t, math.MaxInt, seconds(c.MaxStale()), "of any age")
	assert.Equal(t, 5, seconds(c.MinFresh()))
	assert.Equal(t, -1, seconds(c.StaleIfError()), "no number")
	assert.True(t, c.NoCache() && c.NoStore() && c.OnlyIfCached() && c.NoTransform())
	assert.Equal(t, 7, seconds(datastructures.ParseRequestCacheControl("max-stale=7").MaxStale()))

	none := datastructures.ParseRequestCacheControl("")
	assert.False(t, none.Provided() || none.NoCache())
	assert.Equal(t, "", none.String())
}

func TestResponseCacheControl(t *testing.T) {
	var c datastructures.ResponseCacheControl
	field := ""
	c.OnUpdate(func() { field = c.String() })
	c.SetPublic(true)
	c.SetMaxAge(60)
	c.SetSMaxAge(0)
	c.SetImmutable(true)
	c.Set("private", "Set-Cookie, X")
	assert.Equal(t, `public, max-age=60, s-maxage=0, immutable, private="Set-Cookie, X"`, field, "the field follows each change")
	assert.True(t, c.Public() && c.Immutable())
	assert.Equal(t, 0, seconds(c.SMaxAge()))
	fields, ok := c.Private()
	assert.True(t, ok)
	assert.Equal(t, "Set-Cookie, X", fields)

	c.SetPublic(false)
	c.SetPrivate(true)
	c.SetImmutable(false)
	c.Delete("s-maxage")
	c.SetMaxAge(5)
	assert.Equal(t, "max-age=5, private", field)
	_, ok = c.NoCache()
	assert.False(t, ok)

	c = *datastructures.ParseResponseCacheControl("no-cache, must-revalidate, proxy-revalidate, must-understand, stale-while-revalidate=3")
	_, ok = c.NoCache()
	assert.True(t, ok && c.MustRevalidate() && c.ProxyRevalidate() && c.MustUnderstand())
	assert.Equal(t, 3, seconds(c.StaleWhileRevalidate()))
}
