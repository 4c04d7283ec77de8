// Package httpfield checks the names and values of HTTP fields, and reads and
// writes what they have in common: lists, parameters, quoted strings, charsets,
// dates and entity tags. It does no input or output, and each of its parsers is
// linear in the length of the field, whatever that holds.
package httpfield

// ValidName reports whether s is a token, as a field name must be.
//
// Source: RFC 9110 §5.1, §5.6.2.
func ValidName(s string) bool {
	for i := 0; i < len(s); i++ {
		if !tokenByte(s[i]) {
			return false
		}
	}
	return s != ""
}

// ValidValue reports whether s can be a field value: no control characters but
// the tab. Bytes above 0x7f are allowed.
//
// Source: RFC 9110 §5.5.
func ValidValue(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

func tokenByte(c byte) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		return true
	}
	switch c {
	case '!', '#', '$', '%', '&', '\'', '*', '+', '-', '.', '^', '_', '`', '|', '~':
		return true
	}
	return false
}
