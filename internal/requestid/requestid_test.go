package requestid

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestAnIDIsMadeOnceAndNeverTwice(t *testing.T) {
	a, b := new(ID), new(ID)
	assert.Regexp(t, "^[A-Z2-7]{26}$", a.String())
	assert.Equal(t, a.String(), a.String())
	assert.NotEqual(t, a.String(), b.String())
	assert.Equal(t, "given", Of("given").String())
}

func TestAnIDTravelsInAContext(t *testing.T) {
	assert.Nil(t, FromContext(t.Context()))
	id := Of("x")
	assert.Same(t, id, FromContext(NewContext(t.Context(), id)))
}
