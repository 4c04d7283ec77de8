package devpage

import (
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
)

func TestColorsOfATerminal(t *testing.T) {
	for _, tt := range []struct {
		name, line string
		want       []span
	}{
		{"none", "plain", []span{{Text: "plain"}}},
		{"empty", "", nil},
		{"a colour and its end", "a\x1b[33mb\x1b[0mc", []span{{Text: "a"}, {Class: "ansi-yellow", Text: "b"}, {Text: "c"}}},
		{"bold and coloured", "\x1b[1;35mb\x1b[m", []span{{Class: "ansi-magenta bold", Text: "b"}}},
		{"bright, then the default", "\x1b[91ma\x1b[39mb\x1b[90mc", []span{{Class: "ansi-red", Text: "a"}, {Text: "b"}, {Class: "ansi-gray", Text: "c"}}},
		{"dim until it is not", "\x1b[2ma\x1b[22mb", []span{{Class: "dim", Text: "a"}, {Text: "b"}}},
		{"a colour of many is left out", "\x1b[38;5;31ma\x1b[38;2;31;32;33mb\x1b[48;5;1;1mc", []span{{Text: "a"}, {Text: "b"}, {Class: "bold", Text: "c"}}},
		{"moving and titles are left out", "a\x1b[2Kb\x1b]0;title\ac\x1b]8;;x\x1b\\d\x1b7e", []span{{Text: "a"}, {Text: "b"}, {Text: "c"}, {Text: "d"}, {Text: "e"}}},
		{"unfinished ones too", "a\x1b[3", []span{{Text: "a"}}},
		{"at the end", "a\x1b", []span{{Text: "a"}}},
		{"other control characters", "a\bb\x00\tc\u202ed\u009be", []span{{Text: "ab\tcde"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var a ansi
			assert.Equal(t, tt.want, a.spans(tt.line))
		})
	}
}

func TestColorsGoOnInTheNextLine(t *testing.T) {
	var a ansi
	a.spans("\x1b[31mone")
	assert.Equal(t, []span{{Class: "ansi-red", Text: "two"}}, a.spans("two"))
	assert.Equal(t, "one\n two\n", withoutColors("\x1b[31mone\r\n two\x1b[0m"))
}

// FuzzColors: nothing that a terminal would obey is left, what has no escape
// sequence is there whole, and classes are those of the style sheet.
func FuzzColors(f *testing.F) {
	f.Add("a\x1b[1;31mb\x1b[0m")
	f.Add("\x1b]0;x\x1b[\x1b")
	f.Add("\x1b[38;2;1;2mx")
	f.Fuzz(func(t *testing.T, line string) {
		var a ansi
		var text strings.Builder
		for _, s := range a.spans(line) {
			text.WriteString(s.Text)
			for class := range strings.FieldsSeq(s.Class) {
				assert.Regexp(t, `^(bold|dim|ansi-(black|red|green|yellow|blue|magenta|cyan|white|gray))$`, class)
			}
		}
		for _, r := range text.String() {
			assert.False(t, r != '\t' && unicode.IsControl(r), "%q", r)
		}
		if !strings.Contains(line, "\x1b") {
			assert.Equal(t, strings.Map(printable, line), text.String())
		}
	})
}
