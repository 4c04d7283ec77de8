package datastructures

import (
	"fmt"
	"slices"
	"strings"
)

// MIMEAccept is an Accept field: media types, of which "type/*" and "*/*" match
// many. Parameters other than q have to be the same, in any order.
//
// An offer that is no media type is a mistake of the program and panics.
//
// Source: Werkzeug: datastructures/accept.py, MIMEAccept; RFC 9110 §12.5.1.
type MIMEAccept struct{ Accept }

// ParseMIMEAccept reads an Accept field.
func ParseMIMEAccept(field string) MIMEAccept {
	return MIMEAccept{newAccept(field, acceptRules{mimeParts, matchMIME, checkMIME})}
}

// AcceptsHTML reports whether the client takes HTML, also as XHTML.
func (a MIMEAccept) AcceptsHTML() bool { return a.Has("text/html") || a.AcceptsXHTML() }

// AcceptsXHTML reports whether the client takes XHTML, also as XML.
func (a MIMEAccept) AcceptsXHTML() bool {
	return a.Has("application/xhtml+xml") || a.Has("application/xml")
}

// AcceptsJSON reports whether the client takes JSON.
func (a MIMEAccept) AcceptsJSON() bool { return a.Has("application/json") }

// mimeParts splits a media type into type, subtype and sorted parameters.
func mimeParts(mime string) []string {
	name, rest, more := strings.Cut(strings.ToLower(mime), ";")
	parts := strings.Split(strings.TrimSpace(name), "/")
	for more {
		var param string
		param, rest, more = strings.Cut(rest, ";")
		parts = append(parts, strings.Split(strings.TrimSpace(param), "/")...)
	}
	if len(parts) > 2 {
		slices.Sort(parts[2:])
	}
	return parts
}

// checkMIME refuses offers that are no media type, or "*/html".
func checkMIME(offer string) {
	if !strings.Contains(offer, "/") || strings.HasPrefix(offer, "*/") && !strings.HasPrefix(offer, "*/*") {
		panic(fmt.Sprintf("%q is no media type; offers look like \"text/html\"", offer))
	}
}

func matchMIME(offer []string, item *acceptEntry) bool {
	want := item.parts
	switch {
	case !strings.Contains(item.Value, "/"), want[0] == "*" && want[1] != "*":
		return false
	case want[0] == "*", offer[0] == "*":
		return true
	case want[0] != offer[0]:
		return false
	case want[1] == "*", offer[1] == "*":
		return true
	}
	return slices.Equal(want, offer)
}
