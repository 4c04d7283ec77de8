package terminal

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// AppendPrintable appends s with every byte escaped, as \x1b, that does not
// belong to a printable character: control characters, those that turn text
// around, and what is no UTF-8.
func AppendPrintable(b []byte, s string) []byte {
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		b = AppendRune(b, s[i:i+n], r)
		i += n
	}
	return b
}

// Text is a text of several lines with everything in it escaped that
// [AppendPrintable] escapes, but for tabs and the ends of lines.
func Text(s string) string {
	b := make([]byte, 0, len(s))
	for {
		i := strings.IndexAny(s, "\n\t")
		if i < 0 {
			return string(AppendPrintable(b, s))
		}
		b = append(AppendPrintable(b, s[:i]), s[i])
		s = s[i+1:]
	}
}

// AppendRune appends raw, the bytes of the rune r, or those bytes escaped when r
// is invalid or not printable.
func AppendRune(b []byte, raw string, r rune) []byte {
	if unicode.IsPrint(r) && !(r == utf8.RuneError && len(raw) == 1) {
		return append(b, raw...)
	}
	const digits = "0123456789abcdef"
	for _, c := range []byte(raw) {
		b = append(b, '\\', 'x', digits[c>>4], digits[c&15])
	}
	return b
}
