package httpfield_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/retort-go/retort/internal/httpfield"
)

func TestPercentByte(t *testing.T) {
	for in, want := range map[string]byte{"%41": 'A', "%fF!": 0xff, "%00": 0, "%2b": '+'} {
		got, ok := httpfield.PercentByte(in)
		assert.True(t, ok, in)
		assert.Equal(t, want, got, in)
	}
	for _, in := range []string{"", "%", "%4", "%g0", "%0g", "41%", "% 1", "%@1", "%`1"} {
		_, ok := httpfield.PercentByte(in)
		assert.False(t, ok, in)
	}
}
