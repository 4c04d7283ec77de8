package nearest

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestLikeness(t *testing.T) { // figures of difflib.SequenceMatcher(None, a, b).ratio()
	tests := []struct {
		a, b string
		want float64
	}{
		{"world", "helloworld", 0.6666666666666666},
		{"page", "pag", 0.8571428571428571},
		{"user.show", "user.edit", 0.5555555555555556},
		{"abcd", "bcde", 0.75},
		{"tide", "diet", 0.25},
		{"", "a", 0},
		{"a", "a", 1},
		{strings.Repeat("a", 500), "a", 0},
	}
	for _, tt := range tests {
		assert.InDelta(t, tt.want, Likeness(tt.a, tt.b), 1e-12, "%.20q %q", tt.a, tt.b)
	}
}

func TestName(t *testing.T) {
	names := []string{"index.html", "login.html", "logon.html"}
	assert.Equal(t, "index.html", Name(names, "indx.html"))
	assert.Equal(t, "login.html", Name(names, "logun.html"), "the first among equals")
	assert.Empty(t, Name(names, "q"))
	assert.Empty(t, Name(nil, "index.html"))
}
