package datastructures

import (
	"slices"
	"strings"
)

// LanguageAccept is an Accept-Language field. Case does not count in language
// tags, and "en_GB" is "en-GB".
//
// Source: Werkzeug: datastructures/accept.py, LanguageAccept; RFC 9110 §12.5.4.
type LanguageAccept struct{ Accept }

// ParseLanguageAccept reads an Accept-Language field.
func ParseLanguageAccept(field string) LanguageAccept {
	return LanguageAccept{newAccept(field, acceptRules{parts: languageParts})}
}

// BestMatch gives that of the offers which the client wants most, "" for none.
// Without a tag that fits as a whole, the language alone decides: an offer "en"
// serves a client that asks for "en-US", and then an offer "en-US" one that asks
// for "en".
func (a LanguageAccept) BestMatch(offers ...string) string {
	if best := a.Accept.BestMatch(offers...); best != "" {
		return best
	}
	if best := a.primary().BestMatch(offers...); best != "" {
		return best
	}
	languages := make([]string, len(offers))
	for i, offer := range offers {
		languages[i] = primaryTag(offer)
	}
	language := a.Accept.BestMatch(languages...)
	if language == "" {
		return ""
	}
	return offers[slices.Index(languages, language)]
}

// primary is what the client accepts, without scripts and regions.
func (a LanguageAccept) primary() *Accept {
	p := &Accept{provided: a.provided}
	for _, item := range a.items {
		tag := primaryTag(item.Value)
		p.items = append(p.items, acceptEntry{AcceptItem{tag, item.Quality}, p.parts(tag)})
	}
	p.sort()
	return p
}

func primaryTag(tag string) string {
	if i := strings.IndexAny(tag, "-_"); i >= 0 {
		return tag[:i]
	}
	return tag
}

func languageParts(tag string) []string {
	return []string{strings.ReplaceAll(strings.ToLower(tag), "_", "-")}
}
