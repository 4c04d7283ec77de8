package terminal

import (
	"io"
	"os"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWhatIsColoured(t *testing.T) {
	null, err := os.Open(os.DevNull) // a character device, as a terminal is
	require.NoError(t, err)
	defer func() { _ = null.Close() }()
	t.Setenv("WT_SESSION", "1")
	for _, tt := range []struct {
		name, noColor, term string
		w                   io.Writer
		is, colors          bool
	}{
		{"a terminal", "", "xterm", null, true, true},
		{"a terminal of somebody without colours", "1", "xterm", null, true, false},
		{"a terminal that cannot", "", "dumb", null, false, false},
		{"a buffer", "", "xterm", io.Discard, false, false},
		{"nothing", "", "xterm", nil, false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("NO_COLOR", tt.noColor)
			t.Setenv("TERM", tt.term)
			assert.Equal(t, tt.is, Is(tt.w))
			assert.Equal(t, tt.colors, Colors(tt.w))
		})
	}
}

func TestAFileIsNoTerminal(t *testing.T) {
	t.Setenv("TERM", "xterm")
	f, err := os.Create(t.TempDir() + "/log")
	require.NoError(t, err)
	defer func() { _ = f.Close() }()
	assert.False(t, Is(f))
}

func TestWrap(t *testing.T) {
	assert.Equal(t, "\x1b[32mok\x1b[0m", Green.Wrap("ok", true))
	assert.Equal(t, "ok", Green.Wrap("ok", false))
	assert.Equal(t, "ok", Plain.Wrap("ok", true))
}

func TestAppendPrintable(t *testing.T) {
	for in, want := range map[string]string{
		`as "it" \ is, ✓`: `as "it" \ is, ✓`,
		"\x1b[31m\r\n\t":  `\x1b[31m\x0d\x0a\x09`,
		"\xff\u0085":      `\xff\xc2\x85`,
		"\u202eback":      `\xe2\x80\xaeback`,
	} {
		assert.Equal(t, want, string(AppendPrintable(nil, in)))
	}
}

// FuzzAppendPrintable holds that whatever comes in, what comes out is printable.
func FuzzAppendPrintable(f *testing.F) {
	for _, s := range []string{"", "a\nb", "\x1b]0;x\a", "\xff\xe2\x80", "\u202e"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := string(AppendPrintable(nil, s))
		assert.True(t, utf8.ValidString(got))
		for _, r := range got {
			assert.True(t, unicode.IsPrint(r), "%q", got)
		}
	})
}

func TestTextKeepsItsLines(t *testing.T) {
	assert.Equal(t, "a\tb\n\\x1b[2J é\\x0d\n\n", Text("a\tb\n\x1b[2J é\r\n\n"))
	assert.Empty(t, Text(""))
}
