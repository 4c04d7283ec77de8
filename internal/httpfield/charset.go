package httpfield

import (
	"strings"
	"unicode/utf8"
)

// cutCharset splits charset'language'text; ok is false for text without them.
//
// Source: RFC 8187 §3.2. Differs from it as Werkzeug does: charset and language
// may be missing, text is any token.
func cutCharset(s string) (charset, text string, ok bool) {
	charset, rest, ok := strings.Cut(s, "'")
	if !ok || tokenLen(charset) < len(charset) {
		return "", s, false
	}
	language, text, ok := strings.Cut(rest, "'")
	if !ok || tokenLen(language) < len(language) {
		return "", s, false
	}
	n := tokenLen(text)
	if n == 0 {
		return "", s, false
	}
	return strings.ToLower(charset), text[:n], true
}

func knownCharset(charset string) bool {
	switch charset {
	case "ascii", "us-ascii", "utf-8", "iso-8859-1":
		return true
	}
	return false
}

// decodePercent decodes the %XX in s, whose bytes are in charset; with an
// unknown charset s stays as it is. What surrounds an escape is UTF-8 already.
func decodePercent(s, charset string) string {
	if !knownCharset(charset) || strings.IndexByte(s, '%') < 0 {
		return s
	}
	buf := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		if escaped, ok := PercentByte(s[i:]); ok {
			c = escaped
			i += 2
		}
		buf = append(buf, c)
	}
	return DecodeText(buf, charset)
}

// DecodeText gives the bytes of a text in one of the charsets "ascii",
// "us-ascii", "iso-8859-1" and, with any other name, UTF-8. A byte that is none
// in the charset becomes U+FFFD; of UTF-8, what remains of a sequence becomes
// one U+FFFD.
//
// Source: Unicode §3.9, U+FFFD Substitution of Maximal Subparts.
func DecodeText(text []byte, charset string) string {
	switch charset {
	case "ascii", "us-ascii":
		return decodeBytes(text, utf8.RuneError)
	case "iso-8859-1":
		return decodeBytes(text, 0)
	}
	if utf8.Valid(text) {
		return string(text)
	}
	var b strings.Builder
	b.Grow(len(text) + 8)
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		if r == utf8.RuneError && n == 1 {
			n = maximalSubpart(text)
		}
		b.WriteRune(r)
		text = text[n:]
	}
	return b.String()
}

// decodeBytes takes each byte for a character; those beyond ASCII become
// replacement, or with 0 the character of their number.
func decodeBytes(text []byte, replacement rune) string {
	var b strings.Builder
	b.Grow(len(text))
	for _, c := range text {
		switch {
		case c < utf8.RuneSelf || replacement == 0:
			b.WriteRune(rune(c))
		default:
			b.WriteRune(replacement)
		}
	}
	return b.String()
}

// maximalSubpart is the number of bytes at the beginning of text, which is no
// valid sequence, that could be the beginning of one; 1 at least.
func maximalSubpart(text []byte) int {
	n := min(len(text), utf8.UTFMax)
	for i := 2; i < n; i++ {
		if utf8.FullRune(text[:i]) {
			return i - 1
		}
	}
	if n > 1 && utf8.FullRune(text[:n]) {
		return n - 1
	}
	return n
}

// PercentByte gives the byte that a percent sign and two hexadecimal digits at
// the beginning of s stand for. ok is false when s begins otherwise.
//
// Source: RFC 3986 §2.1.
func PercentByte(s string) (c byte, ok bool) {
	if len(s) < 3 || s[0] != '%' {
		return 0, false
	}
	high, low := hexDigit(s[1]), hexDigit(s[2])
	return high<<4 | low&15, high < 16 && low < 16
}

// hexDigit is the value of a hexadecimal digit, 255 for another character.
func hexDigit(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10
	}
	return 255
}
