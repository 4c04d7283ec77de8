package datastructures

import "strings"

// CharsetAccept is an Accept-Charset field, which browsers no longer send. The
// common names of a charset, such as "latin1" and "ISO-8859-1", are the same.
//
// Source: Werkzeug: datastructures/accept.py, CharsetAccept; RFC 9110 §12.5.2.
type CharsetAccept struct{ Accept }

// ParseCharsetAccept reads an Accept-Charset field.
func ParseCharsetAccept(field string) CharsetAccept {
	return CharsetAccept{newAccept(field, acceptRules{parts: charsetParts})}
}

func charsetParts(name string) []string { return []string{charsetName(name)} }

// charsetName gives one of the names that a charset goes by.
func charsetName(name string) string {
	name = strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(name))
	switch name {
	case "utf", "u8", "cp65001":
		return "utf8"
	case "ascii", "646":
		return "usascii"
	case "latin1", "l1", "latin", "8859", "cp819":
		return "iso88591"
	}
	if number, ok := strings.CutPrefix(name, "windows"); ok {
		return "cp" + number
	}
	return name
}
