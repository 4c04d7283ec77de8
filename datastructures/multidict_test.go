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
