package formparser

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
)

func pairs(s string) [][2]string {
	var list [][2]string
	for k, v := range ParseURLEncoded(s).All() {
		list = append(list, [2]string{k, v})
	}
	return list
}

func TestParseURLEncoded(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		want     [][2]string
	}{
		{"nothing", "", nil},
		{"order and repeats are kept", "b=1&a=2&b=3", [][2]string{{"b", "1"}, {"a", "2"}, {"b", "3"}}},
		{"a key alone has an empty value", "a&b=", [][2]string{{"a", ""}, {"b", ""}}},
		{"empty pairs are skipped", "&&a=1&", [][2]string{{"a", "1"}}},
		{"a pair without a key is a pair", "=x", [][2]string{{"", "x"}}},
		{"plus and percent", "q=a+b%2B%26&%C3%A9=%3D", [][2]string{{"q", "a b+&"}, {"é", "="}}},
		{"a percent sign without digits stays", "a=100%&b=%zz&c=%4", [][2]string{{"a", "100%"}, {"b", "%zz"}, {"c", "%4"}}},
		{"bytes that are no UTF-8 stay encoded", "a=%ff%C3%A9%e2%82", [][2]string{{"a", "%FFé%E2%82"}}},
		{"a semicolon separates nothing", "a=1;b=2", [][2]string{{"a", "1;b=2"}}},
		{"the first equals sign counts", "a=b=c", [][2]string{{"a", "b=c"}}},
	} {
		t.Run(tt.name, func(t *testing.T) { assert.Equal(t, tt.want, pairs(tt.in)) })
	}
}

// FuzzParseURLEncoded: no panic, valid UTF-8 stays valid, and there are never
// more pairs than ampersands allow.
func FuzzParseURLEncoded(f *testing.F) {
	f.Add("a=1&b=%ff&+=%")
	f.Fuzz(func(t *testing.T, s string) {
		d := ParseURLEncoded(s)
		assert.LessOrEqual(t, d.Len(), strings.Count(s, "&")+1)
		for k, v := range d.All() {
			if utf8.ValidString(s) {
				assert.True(t, utf8.ValidString(k) && utf8.ValidString(v), "%q %q", k, v)
			}
		}
	})
}
