package devpage

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// palette are the colours of a scheme by name.
func palette(t *testing.T, css string) map[string]string {
	t.Helper()
	colors := make(map[string]string)
	for _, m := range regexp.MustCompile(`--([\w-]+): (#[0-9a-f]{6});`).FindAllStringSubmatch(css, -1) {
		colors[m[1]] = m[2]
	}
	return colors
}

// luminance is the relative luminance of a colour.
//
// Source: WCAG 2.2, definition of relative luminance.
func luminance(t *testing.T, color string) float64 {
	t.Helper()
	n, err := strconv.ParseUint(strings.TrimPrefix(color, "#"), 16, 32)
	require.NoError(t, err, color)
	sum := 0.0
	for i, weight := range []float64{0.0722, 0.7152, 0.2126} {
		c := float64(n>>(8*i)&0xff) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// TestColorsCanBeRead: text has a contrast of 4.5 to what it stands on, and what
// must be seen to be used one of 3.
//
// Source: WCAG 2.2 §1.4.3 and §1.4.11.
func TestColorsCanBeRead(t *testing.T) {
	light, dark, found := strings.Cut(CSS, "@media screen and (prefers-color-scheme: dark)")
	require.True(t, found)
	dark, _, found = strings.Cut(dark, "}")
	require.True(t, found)
	for scheme, colors := range map[string]map[string]string{"light": palette(t, light), "dark": palette(t, dark)} {
		require.Len(t, colors, 19, scheme)
		for _, tt := range []struct {
			least      float64
			text, back string
		}{
			{4.5, "ink dim accent link", "page top card code"},
			{4.5, "ink dim accent green magenta", "accent-soft"},
			{4.5, "red green yellow blue magenta cyan", "code card"},
			{3, "edge", "page top card"},
			{3, "accent-edge", "code accent-soft top"},
			{3, "ok", "top"},
		} {
			for text := range strings.FieldsSeq(tt.text) {
				for back := range strings.FieldsSeq(tt.back) {
					ratio := contrast(t, colors[text], colors[back])
					assert.GreaterOrEqual(t, ratio, tt.least, fmt.Sprintf("%s on %s, %s", text, back, scheme))
				}
			}
		}
	}
	assert.InDelta(t, 21, contrast(t, "#000000", "#ffffff"), 0.001)
	assert.InDelta(t, 4.54, contrast(t, "#767676", "#ffffff"), 0.01)
}
