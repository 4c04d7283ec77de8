package cookie

import (
	"strings"

	"github.com/retort-go/retort/internal/httpfield"
)

// Quote gives a value as it stands in a field. One that holds anything but
// letters, digits and !#$%&'()*+-./:<=>?@[]^_`{|}~ is put in double quotes, with
// \" and \\ for those two, and a backslash and three octal digits for control
// characters, ",", ";" and the bytes beyond ASCII.
//
// Source: Werkzeug: http.py, dump_cookie.
func Quote(value string) string {
	plain := true
	for i := range len(value) {
		plain = plain && isPlain(value[i])
	}
	if plain {
		return value
	}
	buf := make([]byte, 0, len(value)+16)
	buf = append(buf, '"')
	for _, c := range []byte(value) {
		switch {
		case c == '"' || c == '\\':
			buf = append(buf, '\\', c)
		case c < ' ' || c == ',' || c == ';' || c >= 0x7f:
			buf = append(buf, '\\', '0'+c>>6, '0'+c>>3&7, '0'+c&7)
		default:
			buf = append(buf, c)
		}
	}
	return string(append(buf, '"'))
}

func isPlain(c byte) bool {
	return c > ' ' && c < 0x7f && c != '"' && c != ',' && c != ';' && c != '\\'
}

// Unquote is the reverse of [Quote]; bytes that are no UTF-8 become U+FFFD. A
// backslash before anything but three octal digits stands for that character.
//
// Source: Werkzeug: sansio/http.py, parse_cookie.
func Unquote(value string) string {
	if len(value) >= 2 && value[0] == '"' && value[len(value)-1] == '"' {
		value = unescape(value[1 : len(value)-1])
	}
	return httpfield.DecodeText([]byte(value), "utf-8")
}

func unescape(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	buf := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '\\' && i+1 < len(s) {
			if i+3 < len(s) && isOctal(s[i+1:i+4]) {
				c = (s[i+1]-'0')<<6 | (s[i+2]-'0')<<3 | (s[i+3] - '0')
				i += 3
			} else {
				i++
				c = s[i]
			}
		}
		buf = append(buf, c)
	}
	return string(buf)
}

// isOctal reports whether s is three octal digits that make a byte.
func isOctal(s string) bool {
	return '0' <= s[0] && s[0] <= '3' && '0' <= s[1] && s[1] <= '7' && '0' <= s[2] && s[2] <= '7'
}
