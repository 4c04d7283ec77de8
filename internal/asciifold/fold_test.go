package asciifold

import (
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
)

func TestFold(t *testing.T) {
	tests := []struct{ in, want string }{
		{"plain.txt\x00", "plain.txt\x00"},
		{"é Ä ñ ő ệ", "e A n o e"},
		{"e\u0301", "e"},
		{"ﬁ ½ ① ⑩ ™ ㎏", "fi 12 1 10 TM kg"},
		{"Ｆｕｌｌ（width）！", "Full(width)!"},
		{"a\u00a0b\u2003c", "a b c"},
		{"𝐁𝒐𝓵𝕕", "Bold"},
		{"ßøłđ☃漢", ""},
		{"\xff", ""},
	}
	for _, tt := range tests {
		assert.Equal(t, tt.want, Fold(tt.in), "%q", tt.in)
	}
}

func TestTableIsInOrder(t *testing.T) {
	var last rune = utf8.RuneSelf
	for _, r := range table {
		assert.GreaterOrEqual(t, r.first, last, "%x", r.first)
		assert.NotEqual(t, r.each == "", r.long == "", "%x", r.first)
		last = r.first + rune(r.length())
	}
}

func FuzzFold(f *testing.F) {
	f.Add("é①\xff")
	f.Fuzz(func(t *testing.T, s string) {
		folded := Fold(s)
		for i := range len(folded) {
			assert.Less(t, folded[i], byte(utf8.RuneSelf))
		}
		assert.Equal(t, folded, Fold(folded))
	})
}
