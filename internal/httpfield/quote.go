package httpfield

import "strings"

// Quote gives value as it stands in a field: as it is when it is a token, else
// in double quotes, with a backslash before quotes and backslashes. The empty
// value is `""`.
//
// Source: Werkzeug: http.py, quote_header_value; RFC 9110 §5.6.4.
func Quote(value string) string {
	if ValidName(value) {
		return value
	}
	return QuoteString(value)
}

// QuoteString is [Quote] for parameters that have to be quoted strings also
// when their value is a token, such as the realm of a Digest challenge.
func QuoteString(value string) string {
	if !strings.ContainsAny(value, `\"`) {
		return `"` + value + `"`
	}
	var b strings.Builder
	b.Grow(len(value) + 4)
	b.WriteByte('"')
	for i := range len(value) {
		if value[i] == '"' || value[i] == '\\' {
			b.WriteByte('\\')
		}
		b.WriteByte(value[i])
	}
	b.WriteByte('"')
	return b.String()
}

// Unquote removes the double quotes around value, if it has them at both ends,
// and the backslashes that escape a character.
//
// Source: Werkzeug: http.py, unquote_header_value.
func Unquote(value string) string {
	if !isQuoted(value) {
		return value
	}
	return unescape(value[1 : len(value)-1])
}

func isQuoted(s string) bool {
	return len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"'
}

// unescape removes the backslash before a character; one that is last stays.
func unescape(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
