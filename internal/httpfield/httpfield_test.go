package httpfield

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestValidName(t *testing.T) {
	for _, s := range []string{"X-A", "content-type", "a1!#$%&'*+-.^_`|~"} {
		assert.True(t, ValidName(s), "%q", s)
	}
	for _, s := range []string{"", "a b", "a:", "é", "a\n", "a\x00", "(a)", "\"a\""} {
		assert.False(t, ValidName(s), "%q", s)
	}
}

func TestValidValue(t *testing.T) {
	for _, s := range []string{"", "a b", "a\tb", "é", "\xff"} {
		assert.True(t, ValidValue(s), "%q", s)
	}
	for _, s := range []string{"a\r\nb", "a\n", "\x00", "\x7f", "\x1b"} {
		assert.False(t, ValidValue(s), "%q", s)
	}
}
