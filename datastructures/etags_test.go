package datastructures_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/retort-go/retort/datastructures"
)

func TestETags(t *testing.T) {
	e := datastructures.ParseETags(`"a", W/"b" , w/c, d, "e,f"`)
	assert.Equal(t, []string{"a", "d", "e,f"}, e.Strong())
	assert.Equal(t, []string{"b", "c"}, e.Weak())
	assert.True(t, e.Contains("a"))
	assert.False(t, e.Contains("b"), "strong comparison")
	assert.True(t, e.ContainsWeak("b"))
	assert.True(t, e.ContainsRaw(`W/"b"`))
	assert.False(t, e.ContainsRaw(`"b"`))
	assert.True(t, e.IsWeak("c"))
	assert.Equal(t, `"a", "d", "e,f", W/"b", W/"c"`, e.String())

	star := datastructures.ParseETags(`"a", *`)
	assert.True(t, star.Star() && star.Contains("anything") && star.ContainsWeak("x"))
	assert.False(t, star.IsStrong("a"))
	assert.Equal(t, "*", star.String())
	assert.False(t, star.Empty())
	assert.False(t, datastructures.ParseETags(`"*"`).Star(), "in quotes it is a tag")
	assert.True(t, datastructures.ParseETags("").Empty())
	assert.Equal(t, []string{`a"b`}, datastructures.ParseETags(`"a"b"`).Strong())
}

func FuzzETags(f *testing.F) {
	f.Add(`"a", W/"b", c`)
	f.Fuzz(func(t *testing.T, field string) {
		e := datastructures.ParseETags(field)
		for _, etag := range e.Strong() {
			assert.True(t, e.Contains(etag) && e.ContainsWeak(etag))
		}
		for _, etag := range e.Weak() {
			assert.True(t, e.ContainsWeak(etag))
		}
	})
}
