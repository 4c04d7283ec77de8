package httpfield

import "strings"

// ParseList splits a field at the commas outside quoted strings. Items that are
// quoted strings as a whole lose their quotes; empty items are left out. A
// quoted string without an end makes the whole list empty, because nobody can
// say where its items were meant to end.
//
//	ParseList(`token, "quoted, value"`) // "token", "quoted, value"
//
// Source: Werkzeug: http.py, parse_list_header; RFC 9110 §5.6.1.
func ParseList(value string) []string {
	var items []string
	start, quoted := 0, false
	for i := 0; i < len(value); i++ {
		switch c := value[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case c == ',' && !quoted:
			items = appendItem(items, value[start:i])
			start = i + 1
		}
	}
	if quoted {
		return nil
	}
	return appendItem(items, value[start:])
}

func appendItem(items []string, item string) []string {
	if item = strings.TrimSpace(item); item != "" {
		items = append(items, Unquote(item))
	}
	return items
}

// FormatList joins items with commas, quoting those that are no tokens. It is
// the reverse of [ParseList].
//
// Source: Werkzeug: http.py, dump_header.
func FormatList(items []string) string {
	var b strings.Builder
	for i, item := range items {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(Quote(item))
	}
	return b.String()
}
