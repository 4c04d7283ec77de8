package devpage

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
)

func TestNothingInATextIsHidden(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"plain", "a\tb\nc", "a\tb\nc"},
		{"the line breaks of Windows", "a\r\nb\rc", "a\nb\\x0dc"},
		{"colours of a terminal", "\x1b[31mred\x07", `\x1b[31mred\x07`},
		{"text that is turned around", "access \u202e\u2066// admin\u2069", `access \u202e\u2066// admin\u2069`},
		{"what takes no room", "pass\u200bword\ufeff", `pass\u200bword\ufeff`},
		{"what is no UTF-8", "a\xffb", `a\xffb`},
		{"scripts and emoji", "注文 עברית می\u200cخواهم 👩‍🔬 a\u00a0b", "注文 עברית می\u200cخواهم 👩‍🔬 a\u00a0b"},
		{"what stands for what was no UTF-8 once", "a\ufffdb", "a\ufffdb"},
	} {

		assert.Equal(t, tt.want, Visible(tt.text), tt.name)
	}
}

// FuzzVisible: what comes out is UTF-8, has nothing hidden, and stays as it is.
func FuzzVisible(f *testing.F) {
	f.Add("a\x00\u202e\r\n\xff")
	f.Fuzz(func(t *testing.T, text string) {
		got := Visible(text)
		if !utf8.ValidString(got) || strings.IndexFunc(got, isHidden) >= 0 || Visible(got) != got {
			t.Errorf("Visible(%q) is %q", text, got)
		}
	})
}
