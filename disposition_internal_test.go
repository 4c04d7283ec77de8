package retort

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"

	"github.com/retort-go/retort/internal/httpfield"
)

func TestDisposition(t *testing.T) {
	for name, want := range map[string]string{
		"a.txt":       "inline; filename=a.txt",
		"a b.txt":     `inline; filename="a b.txt"`,
		`a"b\c.txt`:   `inline; filename="a\"b\\c.txt"`,
		"a;b,c.txt":   `inline; filename="a;b,c.txt"`,
		"Vögel.txt":   "inline; filename=Vogel.txt; filename*=UTF-8''V%C3%B6gel.txt",
		"e\u0301.txt": "inline; filename=e.txt; filename*=UTF-8''e%CC%81.txt",
		"файл.html":   "inline; filename=.html; filename*=UTF-8''%D1%84%D0%B0%D0%B9%D0%BB.html",
		"日本語.csv":     "inline; filename=.csv; filename*=UTF-8''%E6%97%A5%E6%9C%AC%E8%AA%9E.csv",
		"ａｂ１．txt":     "inline; filename=ab1.txt; filename*=UTF-8''%EF%BD%81%EF%BD%82%EF%BC%91%EF%BC%8Etxt",
		"🐍":           `inline; filename=""; filename*=UTF-8''%F0%9F%90%8D`,
		"a\r\nb\x00":  `inline; filename=ab; filename*=UTF-8''a%0D%0Ab%00`,
	} {
		assert.Equal(t, want, disposition(name, false), "%q", name)
	}
	assert.Equal(t, "attachment; filename=a.txt", disposition("a.txt", true))
}

// FuzzDisposition: whatever the name, the field is valid and gives the name back.
func FuzzDisposition(f *testing.F) {
	for _, name := range []string{"a.txt", "a\r\nb: c", `q"u\o;te`, "naïve ☃", "\x00\x7f", "%22", "\xff", "\"°\""} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		field := disposition(name, true)
		if !httpfield.ValidValue(field) {
			t.Fatalf("%q is no field value", field)
		}
		kind, params := httpfield.ParseOptions(field)
		assert.Equal(t, "attachment", kind)
		got, _ := params.Lookup("filename")
		if !utf8.ValidString(name) || httpfield.Quote(name) != name && asciiName(name) == name {
			return // cannot be told; quoted ASCII is read in browsers' ways
		}
		if strings.HasPrefix(name, `"`) && strings.HasSuffix(name, `"`) {
			return // the reader takes quotation marks off the decoded value, as Werkzeug's does
		}
		assert.Equal(t, name, got.Value)
	})
}
