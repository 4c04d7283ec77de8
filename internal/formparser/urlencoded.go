// Package formparser reads the bodies of HTML forms and the query of a URL. It
// reads from what it is given and writes nothing but the temporary file of large
// uploads; it knows no requests.
package formparser

import (
	"strings"
	"unicode/utf8"

	"github.com/retort-go/retort/datastructures"
	"github.com/retort-go/retort/internal/httpfield"
)

// ParseURLEncoded reads key=value pairs joined by "&", as a query and an
// application/x-www-form-urlencoded body hold them. "+" is a space; a key
// without "=" has an empty value; empty pairs are skipped. Nothing is an error:
// a "%" that starts no escape stays as it is, and a byte that is not UTF-8
// stays percent-encoded, so every string in the result is valid UTF-8 when s is.
//
// Source: Werkzeug: formparser.py and the parse_qsl of Python's urllib.
func ParseURLEncoded(s string) *datastructures.MultiDict {
	d := new(datastructures.MultiDict)
	for s != "" {
		var part string
		part, s, _ = strings.Cut(s, "&")
		if part == "" {
			continue
		}
		key, value, _ := strings.Cut(part, "=")
		d.Add(unquote(key), unquote(value))
	}
	return d
}

func unquote(s string) string {
	if !strings.ContainsAny(s, "%+") {
		return s
	}
	buf := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		if escaped, ok := httpfield.PercentByte(s[i:]); ok {
			c = escaped
			i += 2
		} else if c == '+' {
			c = ' '
		}
		buf = append(buf, c)
	}
	if utf8.Valid(buf) {
		return string(buf)
	}
	return keepInvalidEncoded(buf)
}

// keepInvalidEncoded writes the bytes that are no UTF-8 as %XX.
func keepInvalidEncoded(buf []byte) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for len(buf) > 0 {
		r, n := utf8.DecodeRune(buf)
		if r == utf8.RuneError && n == 1 {
			b.Write([]byte{'%', hex[buf[0]>>4], hex[buf[0]&15]})
		} else {
			b.Write(buf[:n])
		}
		buf = buf[n:]
	}
	return b.String()
}
