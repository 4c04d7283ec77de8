package datastructures_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/retort-go/retort/datastructures"
)

func sample() *datastructures.MultiDict {
	d := new(datastructures.MultiDict)
	d.Add("a", "1")
	d.Add("b", "x")
	d.Add("a", "2.5")
	d.Add("t", "true")
	return d
}

func TestMultiDictKeepsOrderAndRepeats(t *testing.T) {
	d := sample()
	assert.Equal(t, 4, d.Len())
	assert.Equal(t, "1", d.Get("a"))
	assert.Equal(t, []string{"1", "2.5"}, d.GetList("a"))
	assert.Equal(t, []string{"a", "b", "t"}, d.Keys())
	assert.Nil(t, d.GetList("zz"))
	assert.True(t, d.Has("b"))
	assert.False(t, d.Has("zz"))
}

func TestMultiDictTypedGettersFallBack(t *testing.T) {
	d := sample()
	assert.Equal(t, 1, d.Int("a", 7))
	assert.Equal(t, 7, d.Int("b", 7), "not a number")
	assert.Equal(t, 7, d.Int("zz", 7), "missing")
	assert.Equal(t, 1.0, d.Float("a", 7))
	assert.Equal(t, 7.0, d.Float("b", 7))
	assert.True(t, d.Bool("t", false))
	assert.True(t, d.Bool("b", true))
	assert.Equal(t, "d", d.GetDefault("zz", "d"))
	assert.Equal(t, "x", d.GetDefault("b", "d"))
}

func TestMultiDictRequire(t *testing.T) {
	assert.Equal(t, "x", sample().Require("b"))
	assert.PanicsWithError(t, `the key "zz" is missing`, func() { sample().Require("zz") })
}

func TestNilMultiDictIsEmpty(t *testing.T) {
	var d *datastructures.MultiDict
	assert.Zero(t, d.Len())
	assert.Equal(t, "", d.Get("a"))
	assert.Empty(t, d.Keys())
}

func TestMultiDictChanges(t *testing.T) {
	pairs := func(d *datastructures.MultiDict) (list [][2]string) {
		for k, v := range d.All() {
			list = append(list, [2]string{k, v})
		}
		return list
	}
	d := datastructures.NewMultiDict([2]string{"a", "1"}, [2]string{"b", "x"}, [2]string{"a", "2"})
	kept := d.Clone()

	d.Set("a", "3")
	assert.Equal(t, [][2]string{{"a", "3"}, {"b", "x"}}, pairs(d), "the new value is in the place of the first")
	d.SetList("b", []string{"y", "z"})
	d.SetList("c", []string{"w"})
	assert.Equal(t, [][2]string{{"a", "3"}, {"b", "y"}, {"b", "z"}, {"c", "w"}}, pairs(d))
	d.SetList("c", nil)
	assert.False(t, d.Has("c"))
	d.Update(kept.All())
	assert.Equal(t, []string{"3", "1", "2"}, d.GetList("a"), "update extends")
	assert.Equal(t, "3", d.SetDefault("a", "no"))
	assert.Equal(t, "new", d.SetDefault("d", "new"))
	assert.Equal(t, map[string]string{"a": "3", "b": "y", "d": "new"}, d.ToMap())
	assert.Equal(t, map[string][]string{"a": {"3", "1", "2"}, "b": {"y", "z", "x"}, "d": {"new"}}, d.Lists())

	first, ok := d.Pop("b")
	assert.True(t, ok)
	assert.Equal(t, "y", first)
	_, ok = d.Pop("b")
	assert.False(t, ok)
	assert.Equal(t, []string{"3", "1", "2"}, d.PopList("a"))
	assert.Nil(t, d.PopList("a"))
	d.Clear()
	assert.Zero(t, d.Len())
	assert.Equal(t, 3, kept.Len(), "the clone is its own")
}

func TestReadingAMultiDictDoesNotAllocate(t *testing.T) {
	d := sample()
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		d.Get("t")
		d.Int("a", 0)
		d.Has("zz")
	}))
}
