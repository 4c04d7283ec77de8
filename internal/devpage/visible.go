package devpage

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Visible is a text in which nothing is hidden from its reader: control
// characters, but for tabs and line breaks, those that turn text around or take
// no room, and what is no UTF-8 are written as Go writes them in a string, \x1b
// or \u202e. The joiners stay that scripts and emoji need.
//
// Source: Unicode Technical Standard #55, Source code handling, §5.2.
func Visible(text string) string {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	if utf8.ValidString(text) && strings.IndexFunc(text, isHidden) < 0 {
		return text
	}
	var b strings.Builder
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		switch {
		case r == utf8.RuneError && size == 1, r < utf8.RuneSelf && isHidden(r):
			fmt.Fprintf(&b, `\x%02x`, text[0])
		case isHidden(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteString(text[:size])
		}
		text = text[size:]
	}
	return b.String()
}

func isHidden(r rune) bool {
	switch {
	case r == '\t', r == '\n', r == '\u200c', r == '\u200d': // joiners
		return false
	case r < ' ', r >= 0x7f && r < 0xa0, r >= '\u200b' && r <= '\u200f', r >= '\u2028' && r <= '\u202e', r >= '\u2060' && r <= '\u206f', r == '\ufeff':
		return true
	}
	return false
}
