package retort_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/retort-go/retort"
)

type level int8

func TestGet(t *testing.T) {
	d := quiet().TestRequestContext("/?n=+5+&n=6&big=300&neg=-1&f=1e3&inf=inf&nan=nan&t=true&on=on&s=+x+&d=1m30s&at=2024-02-29T00:00:00Z&e=&w=x").Request.Args()
	assert.Equal(t, 5, retort.Get(d, "n", 1), "the first, without blanks")
	assert.Equal(t, 1, retort.Get(d, "none", 1))
	assert.Equal(t, 1, retort.Get(d, "w", 1))
	assert.Equal(t, 1, retort.Get(d, "e", 1))
	assert.Equal(t, level(7), retort.Get(d, "big", level(7)), "it does not fit")
	assert.Equal(t, uint(7), retort.Get(d, "neg", uint(7)))
	assert.Equal(t, level(-1), retort.Get(d, "neg", level(7)))
	assert.InDelta(t, 1000, retort.Get(d, "f", 0.5), 0)
	assert.InDelta(t, 0.5, retort.Get(d, "inf", 0.5), 0)
	assert.InDelta(t, 0.5, retort.Get(d, "nan", 0.5), 0)
	assert.True(t, retort.Get(d, "t", false))
	assert.True(t, retort.Get(d, "on", false))
	assert.Equal(t, " x ", retort.Get(d, "s", ""), "a text keeps its blanks")
	assert.Equal(t, 90*time.Second, retort.Get(d, "d", time.Second))
	assert.Equal(t, 2024, retort.Get(d, "at", time.Time{}).Year())
	assert.Equal(t, []int{5, 6}, retort.GetList[int](d, "n"))
	assert.Nil(t, retort.GetList[int](d, "w"))
	assert.PanicsWithValue(t, "retort: Get reads strings, bools, numbers, durations and types with an UnmarshalText method, not a []int", func() { retort.Get(d, "n", []int{}) })
}

// FuzzGet: no text makes a number that is not one.
func FuzzGet(f *testing.F) {
	for _, s := range []string{"5", "-0", "1e400", "0x1p-2", "1_0", "NaN", "٣", " 7\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d := values{s}
		x := retort.Get(d, "", 0.25)
		assert.False(t, math.IsNaN(x) || math.IsInf(x, 0))
		assert.Len(t, retort.GetList[string](d, ""), 1)
	})
}

// values is a Dict of one value.
type values [1]string

func (v values) Lookup(string) (string, bool) { return v[0], true }
func (v values) GetList(string) []string      { return v[:] }
