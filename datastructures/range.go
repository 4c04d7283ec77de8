package datastructures

import (
	"math"
	"strconv"
	"strings"

	"github.com/retort-go/retort/internal/httpfield"
)

// OpenEnd is the Stop of a range without an end.
const OpenEnd = -1

// RangeSpec is one range: from Start up to, but without, Stop. With an
// [OpenEnd] it goes on to the end of the body, and a negative Start counts back
// from there.
type RangeSpec struct{ Start, Stop int64 }

// Range is a Range field.
//
// Source: Werkzeug: datastructures/range.py, Range; RFC 9110 §14.2.
type Range struct {
	Units  string // lower case; "bytes" usually
	Ranges []RangeSpec
}

// ParseRange reads a Range field. It is false for one that is empty or
// malformed, or whose ranges overlap or do not ascend: nobody has a use for
// those, and a server would read the same bytes again and again (CVE-2011-3192).
func ParseRange(field string) (Range, bool) {
	units, list, ok := strings.Cut(field, "=")
	if !ok {
		return Range{}, false
	}
	r := Range{Units: strings.ToLower(strings.TrimSpace(units))}
	var last int64 // where the range before ended, OpenEnd when nothing can follow
	for item := range strings.SplitSeq(list, ",") {
		spec, ok := parseRangeSpec(strings.TrimSpace(item))
		if !ok || last == OpenEnd || spec.Start >= 0 && spec.Start < last {
			return Range{}, false
		}
		last = spec.Stop
		r.Ranges = append(r.Ranges, spec)
	}
	return r, true
}

func parseRangeSpec(item string) (RangeSpec, bool) {
	if strings.HasPrefix(item, "-") {
		start, err := httpfield.ParseInt(item)
		return RangeSpec{start, OpenEnd}, err == nil
	}
	first, last, ok := strings.Cut(item, "-")
	start, err := httpfield.ParseInt(first)
	if !ok || err != nil {
		return RangeSpec{}, false
	}
	if last = strings.TrimSpace(last); last == "" {
		return RangeSpec{start, OpenEnd}, true
	}
	stop, err := httpfield.ParseInt(last)
	if stop < math.MaxInt64 {
		stop++
	}
	return RangeSpec{start, stop}, err == nil && start < stop
}

// ForLength gives the first byte and the one after the last of a range of bytes
// in a body of that length. It is false for other units, for several ranges, and
// for one that has no byte of the body.
//
// Differs from RFC 9110 §14.1.2 as Werkzeug does: more bytes from the end than
// there are do not stand for all of them.
func (r Range) ForLength(length int64) (start, stop int64, ok bool) {
	if r.Units != "bytes" || len(r.Ranges) != 1 || length < 0 {
		return 0, 0, false
	}
	start, stop = r.Ranges[0].Start, r.Ranges[0].Stop
	if stop == OpenEnd {
		stop = length
		if start < 0 {
			start += length
		}
	}
	if start < 0 || start >= stop || start >= length {
		return 0, 0, false
	}
	return start, min(stop, length), true
}

// ContentRange gives the Content-Range of the answer with the one range that the
// field asks for; false as for [Range.ForLength].
func (r Range) ContentRange(length int64) (ContentRange, bool) {
	start, stop, ok := r.ForLength(length)
	if !ok {
		return ContentRange{}, false
	}
	return ContentRange{Units: r.Units, Start: start, Stop: stop, Length: length}, true
}

// String gives the field.
func (r Range) String() string {
	specs := make([]string, len(r.Ranges))
	for i, spec := range r.Ranges {
		specs[i] = spec.String()
	}
	return r.Units + "=" + strings.Join(specs, ",")
}

// String gives the range as it stands in the field, with its last byte instead
// of the one after that.
func (s RangeSpec) String() string {
	start := strconv.FormatInt(s.Start, 10)
	switch {
	case s.Stop != OpenEnd:
		return start + "-" + strconv.FormatInt(s.Stop-1, 10)
	case s.Start < 0:
		return start
	}
	return start + "-"
}
