package datastructures_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/retort-go/retort/datastructures"
)

func TestHeaderSet(t *testing.T) {
	s := datastructures.ParseHeaderSet(`Cookie, "a b"`)
	changes := 0
	s.OnUpdate(func() { changes++ })

	s.Add("cookie", "Accept")
	s.Add("ACCEPT")
	assert.Equal(t, 1, changes, "nothing new is no change")
	assert.Equal(t, `Cookie, "a b", Accept`, s.String())
	assert.Equal(t, 2, s.Index("accept"))
	assert.Equal(t, -1, s.Index("x"))

	assert.True(t, s.Remove("COOKIE"))
	assert.False(t, s.Remove("cookie"))
	assert.Equal(t, []string{"a b", "Accept"}, slices.Collect(s.All()))
	s.Clear()
	assert.Zero(t, s.Len())
	s.Clear()
	assert.Equal(t, 3, changes)
}

func TestHeaderSetKeepsAnUnchangedField(t *testing.T) {
	s := datastructures.ParseHeaderSet("a, b, A")
	assert.Equal(t, "a, b, A", s.String())
	assert.True(t, s.Remove("a"))
	assert.Equal(t, "b", s.String())
}
