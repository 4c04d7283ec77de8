package cookie

import (
	"strings"

	"github.com/retort-go/retort/datastructures"
)

// Parse reads the Cookie field; the values of several such fields are joined
// with ";". Order and repeated names are kept. A name without "=" has an empty
// value. A pair without a name is left out, whatever its value: "=__Host-x=bad"
// is no way to a cookie __Host-x (CVE-2023-23934). Names are never unquoted, so
// none can pose as one with a __Secure- prefix. Bytes that are no UTF-8 become
// U+FFFD.
//
// Source: Werkzeug: sansio/http.py, parse_cookie. Differs from Werkzeug: a field
// that is no UTF-8 is no error, because any page of a site can set such a cookie
// and would lock its user out.
func Parse(field string) *datastructures.MultiDict {
	d := new(datastructures.MultiDict)
	for rest := field; rest != ""; {
		var name, value string
		name, value, rest = cutPair(rest)
		if name = strings.TrimSpace(name); name != "" {
			d.Add(toText(name), Unquote(value))
		}
	}
	return d
}

// cutPair splits the first pair from s. A value that is a quoted string may hold
// semicolons; one that only begins like one ends at the first of them.
func cutPair(s string) (name, value, rest string) {
	i := strings.IndexAny(s, "=;")
	switch {
	case i < 0:
		return s, "", ""
	case s[i] == ';':
		return s[:i], "", s[i+1:]
	}
	name, rest = s[:i], strings.TrimLeft(s[i+1:], blanks)
	if n := quotedLen(rest); n > 0 {
		after := strings.TrimLeft(rest[n:], blanks)
		if after == "" || after[0] == ';' {
			return name, rest[:n], strings.TrimPrefix(after, ";")
		}
	}
	value, rest, _ = strings.Cut(rest, ";")
	return name, strings.TrimSpace(value), rest
}

// blanks are what may surround names and values.
const blanks = " \t\r\n\v\f"

// quotedLen is the length of the quoted string that s begins with, 0 without one.
func quotedLen(s string) int {
	if !strings.HasPrefix(s, `"`) {
		return 0
	}
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '"':
			return i + 1
		case '\\':
			i++
		}
	}
	return 0
}

func toText(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }
