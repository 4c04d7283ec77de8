package datastructures_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/retort-go/retort/datastructures"
)

func TestCombinedMultiDict(t *testing.T) {
	args := datastructures.NewMultiDict([2]string{"a", "1"}, [2]string{"n", "7"})
	form := datastructures.NewMultiDict([2]string{"a", "2"}, [2]string{"b", "true"}, [2]string{"f", "1.5"})
	c := datastructures.NewCombinedMultiDict(args, nil, form)

	assert.Equal(t, "1", c.Get("a"), "the first dict that has it")
	assert.Equal(t, []string{"1", "2"}, c.GetList("a"))
	assert.Equal(t, []string{"a", "n", "b", "f"}, c.Keys())
	assert.Equal(t, map[string]string{"a": "1", "n": "7", "b": "true", "f": "1.5"}, c.ToMap())
	assert.Equal(t, 5, c.Len())
	assert.Equal(t, 7, c.Int("n", 0))
	assert.Equal(t, 9, c.Int("b", 9))
	assert.Equal(t, 1.5, c.Float("f", 0))
	assert.True(t, c.Bool("b", false))
	assert.Equal(t, "x", c.GetDefault("zz", "x"))
	assert.Equal(t, "2", form.Require("a"))
	assert.Equal(t, "1", c.Require("a"))
	assert.PanicsWithError(t, `the key "zz" is missing`, func() { c.Require("zz") })

	form.Add("late", "1")
	assert.True(t, c.Has("late"), "later changes show")

	var none *datastructures.CombinedMultiDict
	assert.Zero(t, none.Len())
	assert.Equal(t, 3, none.Int("a", 3))
}
