package datastructures

import (
	"time"

	"github.com/retort-go/retort/internal/httpfield"
)

// IfRange is an If-Range field: a strong entity tag, a date, or neither. The
// zero value has neither.
//
// Source: Werkzeug: datastructures/range.py, IfRange; RFC 9110 §13.1.5.
type IfRange struct {
	etag    string
	hasETag bool
	date    time.Time
}

// ParseIfRange reads an If-Range field. A weak tag is as good as none, because
// bytes of a body that is only alike do not fit.
func ParseIfRange(field string) IfRange {
	if field == "" {
		return IfRange{}
	}
	if date, ok := httpfield.ParseDate(field); ok {
		return IfRange{date: date}
	}
	etag, weak := httpfield.UnquoteETag(field)
	if weak {
		return IfRange{}
	}
	return IfRange{etag: etag, hasETag: true}
}

// ETag gives the entity tag without its quotes.
func (r IfRange) ETag() (etag string, ok bool) { return r.etag, r.hasETag }

// Date gives the date.
func (r IfRange) Date() (date time.Time, ok bool) { return r.date, !r.date.IsZero() }

// String gives the field, "" when there is neither tag nor date.
func (r IfRange) String() string {
	switch {
	case !r.date.IsZero():
		return httpfield.FormatDate(r.date)
	case r.hasETag:
		return `"` + r.etag + `"`
	}
	return ""
}
