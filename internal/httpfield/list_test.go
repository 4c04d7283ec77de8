package httpfield

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestParseList(t *testing.T) {
	tests := []struct {
		name, in string
		want     []string
	}{
		{"nothing", "", nil},
		{"tokens", "a, b ,c", []string{"a", "b", "c"}},
		{"empty items are left out", ",a,, ,b,", []string{"a", "b"}},
		{"an empty quoted string is an item", `a, ""`, []string{"a", ""}},
		{"commas in quotes", `"a, b", c`, []string{"a, b", "c"}},
		{"escapes in quotes", `"a\", \\b", c`, []string{`a", \b`, "c"}},
		{"quotes inside an item stay", `a="b,c", d`, []string{`a="b,c"`, "d"}},
		{"a quoted string without an end empties the list", `a, "b`, nil},
		{"an escaped quote does not end it", `a, "b\"`, nil},
	}
	for _, tt := range tests {
		assert.Equal(t, tt.want, ParseList(tt.in), tt.name)
	}
}

func TestQuote(t *testing.T) {
	for in, want := range map[string]string{"": `""`, "token": "token", "a b": `"a b"`, `a"\`: `"a\"\\"`, "é": `"é"`} {
		assert.Equal(t, want, Quote(in), "%q", in)
		assert.Equal(t, in, Unquote(want), "%q", want)
	}
	assert.Equal(t, `"token"`, QuoteString("token"))
	assert.Equal(t, `"`, Unquote(`"`), "one quote is not two")
	assert.Equal(t, `a\`, Unquote(`"a\"`), "a backslash at the end has nothing to escape")
}

func TestParseDict(t *testing.T) {
	params := ParseDict(`a=1, B="x, y", c, a=2, =no, d*=UTF-8''%e2%82%ac, e*=other''%41, f=`)
	assert.Equal(t, Params{
		{Name: "a", Value: "2"}, {Name: "B", Value: "x, y"}, {Name: "c", Bare: true},
		{Name: "d", Value: "€"}, {Name: "e", Value: "%41"}, {Name: "f"},
	}, params)
	assert.Equal(t, `a=2, B="x, y", c, d="€", e=%41, f=""`, FormatDict(params))
	assert.Equal(t, `a=2`, FormatDict(params[:1].Delete("x")))
	assert.Equal(t, "2", params.Get("a"))
	assert.Empty(t, params[:1].Delete("a"))
}

func FuzzParseList(f *testing.F) {
	f.Add(`a, "b, c"`, "d")
	f.Add(`"\`, `\"`)
	f.Fuzz(func(t *testing.T, a, b string) {
		assert.Equal(t, []string{a, b}, ParseList(FormatList([]string{a, b})), "what was written is read")
		_ = ParseList(a)
		for _, p := range ParseDict(a) {
			assert.NotEmpty(t, p.Name+p.Value)
		}
	})
}
