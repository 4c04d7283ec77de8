package datastructures_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/datastructures"
)

func TestRangeForLength(t *testing.T) {
	tests := []struct {
		field       string
		length      int64
		start, stop int64
		ok          bool
	}{
		{"bytes=0-4", 10, 0, 5, true},
		{"bytes=5-", 10, 5, 10, true},
		{"bytes=-3", 10, 7, 10, true},
		{"bytes=5-99", 10, 5, 10, true},
		{"bytes=0-99999999999999999999999", 10, 0, 10, true},
		{"bytes=10-", 10, 0, 0, false},
		{"bytes=-11", 10, 0, 0, false},
		{"bytes=0-", 0, 0, 0, false},
		{"bytes=0-1,3-4", 10, 0, 0, false},
		{"items=0-1", 10, 0, 0, false},
		{"bytes=0-1", -1, 0, 0, false},
	}
	for _, tt := range tests {
		r, ok := datastructures.ParseRange(tt.field)
		require.True(t, ok, tt.field)
		start, stop, ok := r.ForLength(tt.length)
		assert.Equal(t, tt.ok, ok, tt.field)
		assert.Equal(t, []int64{tt.start, tt.stop}, []int64{start, stop}, tt.field)
	}
}

func TestParseRangeRefuses(t *testing.T) {
	for _, field := range []string{
		"", "bytes", "bytes=", "bytes=x", "bytes=1", "bytes=--1", "bytes=+1-2", "bytes=1_0-20", "bytes=5-4", "bytes=0-1,", "bytes=1-2,x",
		"bytes=0-3,2-5", "bytes=0-,1-2", "bytes=-1,-2", "bytes=5-6,0-1", "bytes=99999999999999999999-99999999999999999999",
	} {
		_, ok := datastructures.ParseRange(field)
		assert.False(t, ok, field)
	}
}

func TestContentRange(t *testing.T) {
	r, ok := datastructures.ParseContentRange("bytes 0-98/100")
	require.True(t, ok)
	assert.Equal(t, datastructures.ContentRange{Units: "bytes", Start: 0, Stop: 99, Length: 100}, r)
	assert.Equal(t, "bytes 0-98/100", r.String())
	assert.Equal(t, "bytes */22", datastructures.UnsatisfiedRange(22).String())
	assert.Equal(t, "", datastructures.ContentRange{}.String())
	for _, field := range []string{"", "bytes", "bytes 1-2", "bytes 2-1/5", "bytes 5-6/5", "bytes x-1/5", "bytes 1/5", "bytes */-1", "bytes -1-2/5"} {
		_, ok := datastructures.ParseContentRange(field)
		assert.False(t, ok, field)
	}
}

func TestIfRange(t *testing.T) {
	etag, ok := datastructures.ParseIfRange(`"a"`).ETag()
	assert.True(t, ok)
	assert.Equal(t, "a", etag)
	assert.Equal(t, `"a"`, datastructures.ParseIfRange(`"a"`).String())
	_, ok = datastructures.ParseIfRange(`W/"a"`).ETag()
	assert.False(t, ok, "a weak tag is as good as none")

	r := datastructures.ParseIfRange("Tuesday, 14-Nov-23 22:13:20 GMT")
	date, ok := r.Date()
	assert.True(t, ok)
	assert.Equal(t, time.Unix(1700000000, 0).UTC(), date)
	assert.Equal(t, "Tue, 14 Nov 2023 22:13:20 GMT", r.String())
	assert.Equal(t, "", datastructures.IfRange{}.String())
}

func FuzzRange(f *testing.F) {
	f.Add("bytes=0-1,3-", "bytes 0-1/2", int64(10))
	f.Add("bytes=-5", "bytes */*", int64(math.MaxInt64))
	f.Fuzz(func(t *testing.T, field, content string, length int64) {
		if r, ok := datastructures.ParseRange(field); ok {
			if start, stop, ok := r.ForLength(length); ok {
				assert.True(t, 0 <= start && start < stop && stop <= length)
				c, ok := r.ContentRange(length)
				assert.True(t, ok && c.Valid())
				again, ok := datastructures.ParseContentRange(c.String())
				assert.True(t, ok)
				assert.Equal(t, c, again, "what was written is read")
			}
			var last int64
			for _, spec := range r.Ranges {
				assert.True(t, spec.Start < 0 || spec.Start >= last, "they ascend")
				last = spec.Stop
			}
		}
		if c, ok := datastructures.ParseContentRange(content); ok {
			assert.True(t, c.Valid())
		}
	})
}
