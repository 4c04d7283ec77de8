package datastructures

import (
	"slices"
	"strings"

	"github.com/retort-go/retort/internal/httpfield"
)

// ETags is a set of entity tags: the fields If-Match and If-None-Match. The
// zero value is empty. It never changes; reading it from several goroutines is
// safe.
//
// Source: Werkzeug: datastructures/etag.py; RFC 9110 §8.8.3, §13.1.
type ETags struct {
	strong, weak []string
	star         bool
}

// ParseETags reads an If-Match or If-None-Match field. Tags without quotes are
// taken as they are; "*" among them stands for all of them.
func ParseETags(field string) ETags {
	var e ETags
	ends := closingQuotes(field)
	for rest := field; rest != ""; {
		var tag etagText
		tag, rest = cutETag(rest, ends-(len(field)-len(rest)))
		switch {
		case tag.raw && tag.text == "*":
			return ETags{star: true}
		case tag.weak:
			e.weak = append(e.weak, tag.text)
		default:
			e.strong = append(e.strong, tag.text)
		}
	}
	return e
}

// etagText is one tag as it was found.
type etagText struct {
	text      string
	weak, raw bool // raw: it had no quotes
}

// cutETag takes the first tag and the comma after it from s. No closing quote is
// at or after ends, so that nothing is searched there again.
func cutETag(s string, ends int) (tag etagText, rest string) {
	body := s
	if len(s) >= 2 && (s[0] == 'W' || s[0] == 'w') && s[1] == '/' {
		tag.weak, body = true, s[2:]
	}
	ends -= len(s) - len(body)
	if strings.HasPrefix(body, `"`) {
		for i := 1; i < min(ends, len(body)); i++ {
			if body[i] != '"' {
				continue
			}
			if n, ok := separatorLen(body[i+1:]); ok {
				tag.text = body[1:i]
				return tag, body[i+1+n:]
			}
		}
	}
	tag.raw = true
	tag.text, rest, _ = strings.Cut(body, ",")
	return trimmed(tag), strings.TrimLeft(rest, fieldBlanks)
}

func trimmed(tag etagText) etagText {
	tag.text = strings.TrimRight(tag.text, fieldBlanks)
	return tag
}

// fieldBlanks are the bytes that may surround a tag.
const fieldBlanks = " \t\r\n\v\f"

// separatorLen is the length of the comma with blanks around it that s begins
// with; ok is false when s begins with something else, and is not empty.
func separatorLen(s string) (n int, ok bool) {
	rest := strings.TrimLeft(s, fieldBlanks)
	switch {
	case s == "" || rest == "":
		return len(s), true
	case rest[0] != ',':
		return 0, false
	}
	return len(s) - len(strings.TrimLeft(rest[1:], fieldBlanks)), true
}

// closingQuotes is the place after the last quote that a comma or the end
// follows.
func closingQuotes(field string) int {
	for i := len(field) - 1; i >= 0; i-- {
		if field[i] == '"' {
			if _, ok := separatorLen(field[i+1:]); ok {
				return i + 1
			}
		}
	}
	return 0
}

// Star reports whether the field was "*", which stands for every tag.
func (e ETags) Star() bool { return e.star }

// Empty reports whether there is no tag and no star.
func (e ETags) Empty() bool { return !e.star && len(e.strong)+len(e.weak) == 0 }

// Strong gives the strong tags, without quotes, in the order of the field.
func (e ETags) Strong() []string { return slices.Clone(e.strong) }

// Weak gives the weak tags, without quotes, in the order of the field.
func (e ETags) Weak() []string { return slices.Clone(e.weak) }

// IsStrong reports whether etag is there as a strong tag. A star has none.
func (e ETags) IsStrong(etag string) bool { return slices.Contains(e.strong, etag) }

// IsWeak reports whether etag is there as a weak tag.
func (e ETags) IsWeak(etag string) bool { return slices.Contains(e.weak, etag) }

// Contains reports whether etag is in the set by strong comparison: as a strong
// tag, or because of a star.
func (e ETags) Contains(etag string) bool { return e.star || e.IsStrong(etag) }

// ContainsWeak reports whether etag is in the set by weak comparison.
func (e ETags) ContainsWeak(etag string) bool { return e.Contains(etag) || e.IsWeak(etag) }

// ContainsRaw is Contains for a tag with its quotes, and ContainsWeak for one
// that is weak.
func (e ETags) ContainsRaw(quoted string) bool {
	etag, weak := httpfield.UnquoteETag(quoted)
	if weak {
		return e.ContainsWeak(etag)
	}
	return e.Contains(etag)
}

// String gives the field: strong tags before weak ones.
func (e ETags) String() string {
	if e.star {
		return "*"
	}
	var tags []string
	for _, etag := range e.strong {
		tags = append(tags, `"`+etag+`"`)
	}
	for _, etag := range e.weak {
		tags = append(tags, `W/"`+etag+`"`)
	}
	return strings.Join(tags, ", ")
}
