package datastructures

import (
	"math"
	"strconv"
	"strings"

	"github.com/retort-go/retort/internal/httpfield"
)

// Unknown stands for a number that a Content-Range field leaves open with "*".
const Unknown = -1

// ContentRange is a Content-Range field: a body is the bytes from Start up to,
// but without, Stop of Length bytes.
//
// Source: Werkzeug: datastructures/range.py, ContentRange; RFC 9110 §14.4.
type ContentRange struct {
	Units       string // "bytes" usually
	Start, Stop int64  // both Unknown where no range could be satisfied
	Length      int64  // Unknown when nobody knows
}

// UnsatisfiedRange is the Content-Range of an answer 416 about a body of that
// length.
func UnsatisfiedRange(length int64) ContentRange {
	return ContentRange{Units: "bytes", Start: Unknown, Stop: Unknown, Length: length}
}

// ParseContentRange reads a Content-Range field; false for one that is
// malformed or says what cannot be.
func ParseContentRange(field string) (ContentRange, bool) {
	units, text, _ := strings.Cut(strings.TrimSpace(field), " ")
	span, length, ok := strings.Cut(text, "/")
	r := ContentRange{Units: units, Start: Unknown, Stop: Unknown, Length: Unknown}
	if !ok {
		return ContentRange{}, false
	}
	if length != "*" {
		n, err := httpfield.ParseInt(length)
		if err != nil || n < 0 {
			return ContentRange{}, false
		}
		r.Length = n
	}
	if span == "*" {
		return r, true
	}
	first, last, _ := strings.Cut(span, "-")
	start, err1 := httpfield.ParseInt(first)
	stop, err2 := httpfield.ParseInt(last)
	if err1 != nil || err2 != nil {
		return ContentRange{}, false
	}
	if stop < math.MaxInt64 {
		stop++
	}
	r.Start, r.Stop = start, stop
	return r, r.Valid()
}

// Valid reports whether the numbers agree: both ends known or neither, at least
// one byte, and the first one inside the length if that is known. The last may
// lie beyond it, as in Werkzeug.
func (r ContentRange) Valid() bool {
	switch {
	case r.Start == Unknown || r.Stop == Unknown:
		return r.Start == r.Stop && r.Length >= Unknown
	case r.Start < 0 || r.Start >= r.Stop:
		return false
	}
	return r.Length == Unknown || r.Start < r.Length
}

// String gives the field, "" without units.
func (r ContentRange) String() string {
	if r.Units == "" {
		return ""
	}
	span, length := "*", "*"
	if r.Start != Unknown {
		span = strconv.FormatInt(r.Start, 10) + "-" + strconv.FormatInt(r.Stop-1, 10)
	}
	if r.Length != Unknown {
		length = strconv.FormatInt(r.Length, 10)
	}
	return r.Units + " " + span + "/" + length
}
