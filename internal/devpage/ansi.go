package devpage

import (
	"strconv"
	"strings"
)

// ansi renders the colours of a terminal. Its value is how the next text looks.
type ansi struct {
	color string // "red", "bright-red"; "" is the default
	bold  bool
	dim   bool
}

// spans are the pieces of a line. Control characters are left out, but for tabs.
func (a *ansi) spans(line string) []span {
	var spans []span
	add := func(text string) {
		if text = strings.Map(printable, text); text != "" {
			spans = append(spans, span{Class: a.class(), Text: text})
		}
	}
	for {
		i := strings.IndexByte(line, '\x1b')
		if i < 0 {
			add(line)
			return spans
		}
		add(line[:i])
		size, codes, isColor := escape(line[i:])
		if isColor {
			a.apply(codes)
		}
		line = line[i+size:]
	}
}

// printable leaves out, by -1, what moves a cursor or turns text around.
func printable(r rune) rune {
	switch {
	case r == '\t':
		return r
	case r < ' ', r >= 0x7f && r < 0xa0, r == '\u200e', r == '\u200f', r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
		return -1
	}
	return r
}

// escape is the size of the escape sequence that s begins with, and of one that
// sets colours the codes.
func escape(s string) (size int, codes string, isColor bool) {
	if len(s) < 2 {
		return len(s), "", false
	}
	switch s[1] {
	case '[':
		for i := 2; i < len(s); i++ {
			if s[i] >= 0x40 && s[i] <= 0x7e {
				return i + 1, s[2:i], s[i] == 'm'
			}
			if s[i] < 0x20 || s[i] > 0x3f { // not of a sequence
				return i, "", false
			}
		}
		return len(s), "", false
	case ']': // to BEL, or to ESC \
		for i := 2; i < len(s); i++ {
			if s[i] == '\a' {
				return i + 1, "", false
			}
			if s[i] == '\x1b' {
				return min(i+2, len(s)), "", false
			}
		}
		return len(s), "", false
	}
	return 2, "", false
}

// The colours in the order of their codes.
var colorNames = [...]string{"black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"}

// apply applies the codes of a sequence that sets colours.
func (a *ansi) apply(codes string) {
	all := strings.FieldsFunc(codes, func(r rune) bool { return r == ';' || r == ':' })
	if len(all) == 0 {
		all = []string{"0"}
	}
	for i := 0; i < len(all); i++ {
		n, err := strconv.Atoi(all[i])
		if err != nil {
			return
		}
		switch {
		case n == 38 || n == 48: // a colour of many; it is left as it is
			if i+1 < len(all) && all[i+1] == "2" {
				i += 4
			} else {
				i += 2
			}
		default:
			a.set(n)
		}
	}
}

func (a *ansi) set(n int) {
	switch {
	case n == 0:
		*a = ansi{}
	case n == 1:
		a.bold = true
	case n == 2:
		a.dim = true
	case n == 22:
		a.bold, a.dim = false, false
	case n == 39:
		a.color = ""
	case n >= 30 && n <= 37:
		a.color = colorNames[n-30]
	case n == 90:
		a.color = "gray"
	case n >= 91 && n <= 97:
		a.color = colorNames[n-90]
	}
}

func (a *ansi) class() string {
	var names []string
	if a.color != "" {
		names = append(names, "ansi-"+a.color)
	}
	if a.bold {
		names = append(names, "bold")
	}
	if a.dim {
		names = append(names, "dim")
	}
	return strings.Join(names, " ")
}

// withoutColors is a text as a file would have it.
func withoutColors(text string) string {
	var b strings.Builder
	var a ansi
	for line := range strings.Lines(text) {
		for _, s := range a.spans(strings.TrimRight(line, "\r\n")) {
			b.WriteString(s.Text)
		}
		b.WriteByte('\n')
	}
	return b.String()
}
