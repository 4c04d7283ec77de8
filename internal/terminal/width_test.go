package terminal

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestWidth(t *testing.T) {
	for text, want := range map[string]int{
		"":             0,
		"/größe":       6,
		"/gro\u0308ße": 6, // o and two dots
		"/日本語":         7,
		"/한국":          5,
		"/🍕":           3,
		"a\u200bb":     2, // a space of no width
		"…✓":           2,
	} {
		assert.Equal(t, want, Width(text), "%q", text)
	}
}
