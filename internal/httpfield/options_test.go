package httpfield

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestParseOptions(t *testing.T) {
	tests := []struct {
		name, in, value string
		want            Params
	}{
		{"a value alone", " text/html ", "text/html", nil},
		{"names become lower case", "a; CHARSET=UTF-8", "a", Params{{Name: "charset", Value: "UTF-8"}}},
		{"without a value there are no parameters", "; a=b", "", nil},
		{"quoted, with a semicolon", `a; b="c;d"; e=f`, "a", Params{{Name: "b", Value: "c;d"}, {Name: "e", Value: "f"}}},
		{"escapes and what browsers write for a quote", `a; b="\"\\%22"`, "a", Params{{Name: "b", Value: `"\"`}}},
		{"what is no parameter is skipped", `a; b; c =d; =e; f=; "g"=h; i=j`, "a", Params{{Name: "i", Value: "j"}}},
		{"a quoted string without an end is skipped", `a; b="c; d=e`, "a", Params{{Name: "d", Value: "e"}}},
		{"the last of a name counts", "a; b=1; c=2; b=3", "a", Params{{Name: "b", Value: "3"}, {Name: "c", Value: "2"}}},
		{"UTF-8", "a; f*=UTF-8''%e2%82%ac", "a", Params{{Name: "f", Value: "€"}}},
		{"ISO-8859-1", "a; f*=iso-8859-1'en'%A3", "a", Params{{Name: "f", Value: "£"}}},
		{"ASCII", "a; f*=us-ascii''%41%A3", "a", Params{{Name: "f", Value: "A\uFFFD"}}},
		{"another charset stays encoded", "a; f*=koi8-r''%41", "a", Params{{Name: "f", Value: "%41"}}},
		{"continued", "a; f*0=b; f*1=c; f*2=d", "a", Params{{Name: "f", Value: "bcd"}}},
		{"continued, with one charset for all", "a; f*0*=UTF-8''%41; f*1*=%42; f*2=%43", "a", Params{{Name: "f", Value: "AB%43"}}},
		{"a continuation after a whole value", "a; f=x; f*1=y; f=z; f*1=w", "a", Params{{Name: "f", Value: "zw"}}},
	}
	for _, tt := range tests {
		value, options := ParseOptions(tt.in)
		assert.Equal(t, tt.value, value, tt.name)
		assert.Equal(t, tt.want, options, tt.name)
	}
}

func TestFormatFileName(t *testing.T) {
	assert.Equal(t, `attachment; filename="a b.txt"`, FormatOptions("attachment", FormatFileName("a b.txt", "a b.txt")))
	assert.Equal(t, `inline; filename=e.txt; filename*=UTF-8''%C3%A9%0A%25%27%2A.txt`, FormatOptions("inline", FormatFileName("é\n%'*.txt", "e.txt")))
}

func TestDecodeText(t *testing.T) {
	tests := []struct{ name, in, charset, want string }{
		{"a sequence that breaks off is one replacement", "\xe2\x98a\xf0\x9f\x98", "utf-8", "\uFFFDa\uFFFD"},
		{"bytes that begin nothing are one each", "\xff\x80\xc0\xaf", "utf-8", strings.Repeat("\uFFFD", 4)},
		{"a surrogate is three", "\xed\xa0\x80", "utf-8", strings.Repeat("\uFFFD", 3)},
		{"an unknown charset is UTF-8", "é", "koi8-r", "é"},
		{"latin 1 has every byte", "\xe9\x80", "iso-8859-1", "é\u0080"},
	}
	for _, tt := range tests {
		assert.Equal(t, tt.want, DecodeText([]byte(tt.in), tt.charset), tt.name)
	}
}

// TestHostileFieldsAreLinear would not end with a parser that searches the same
// bytes again.
func TestHostileFieldsAreLinear(t *testing.T) {
	const n = 1 << 18
	for _, flood := range []string{`a="`, `;a="`, `;a="\"`, `"`, `\"`, ",", ", ", `;a*1=b`, `;a*=utf-8''%41`, ";a=b", `a=",`, "%41", " ", "W/\""} {
		field := "a;" + strings.Repeat(flood, n/len(flood))
		value, _ := ParseOptions(field)
		assert.NotNil(t, value)
		for _, item := range ParseList(field) {
			assert.NotEmpty(t, item)
			break
		}
		_ = ParseDict(field)
		_, ok := ParseDate(field)
		assert.False(t, ok)
	}
}

func FuzzParseOptions(f *testing.F) {
	f.Add(`form-data; name="a"; filename*=UTF-8''%e2%82%ac`)
	f.Add(`a; b*0*=utf-8''%41; b*1="c`)
	f.Fuzz(func(t *testing.T, field string) {
		value, options := ParseOptions(field)
		assert.NotContains(t, value, ";")
		for i, p := range options {
			assert.Equal(t, strings.ToLower(p.Name), p.Name)
			assert.Equal(t, i, options.index(p.Name), "each name occurs once")
		}
		if !strings.ContainsAny(field, `\%`) {
			_, options = ParseOptions("a; b=" + Quote(field))
			assert.Equal(t, field, options.Get("b"), "what was written is read")
		}
	})
}
