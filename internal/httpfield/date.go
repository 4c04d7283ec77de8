package httpfield

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
)

// dateLayout is the one form in which dates are written, RFC 9110 §5.6.7.
const dateLayout = "Mon, 02 Jan 2006 15:04:05 GMT"

// FormatDate writes a date as HTTP wants it: in UTC, with whole seconds.
func FormatDate(t time.Time) string { return t.UTC().Format(dateLayout) }

// ParseDate reads a date in any of the forms of RFC 9110, and what mail
// programs and old clients make of them: without a day of the week, with a
// numeric zone or one of the names of RFC 822, with the parts in another order.
// A date without a zone is in UTC. The result is in UTC; ok is false when the
// value is no date or names a day or time that does not exist.
//
// Source: Werkzeug: http.py, parse_date; Python: email.utils.
func ParseDate(value string) (t time.Time, ok bool) {
	if len(value) == len(dateLayout) {
		if t, err := time.Parse(dateLayout, value); err == nil && t.Year() >= 100 {
			return t, true
		}
	}
	words, ok := dateWords(value)
	if !ok {
		return time.Time{}, false
	}
	d := dateParts{day: words[0], month: words[1], year: words[2], clock: words[3], zone: words[4]}
	if !d.sort() {
		return time.Time{}, false
	}
	return d.time()
}

// dateWords splits a date into day, month, year, clock and zone, though not in
// this order yet; the zone may be empty.
func dateWords(value string) ([]string, bool) {
	words := strings.Fields(value)
	if len(words) == 0 {
		return nil, false
	}
	words = withoutWeekday(words)
	if len(words) == 3 { // Sunday, 06-Nov-94 08:49:37 GMT
		if parts := strings.Split(words[0], "-"); len(parts) == 3 {
			words = append(parts, words[1:]...)
		}
	}
	if len(words) == 4 { // the zone may stick to the clock: 08:49:37+0200
		clock := words[3]
		i := strings.IndexByte(clock, '+')
		if i < 0 {
			i = strings.IndexByte(clock, '-')
		}
		if i < 1 {
			i = len(clock)
		}
		words = append(words[:3:3], clock[:i], clock[i:])
	}
	if len(words) < 5 {
		return nil, false
	}
	return words[:5], true
}

func withoutWeekday(words []string) []string {
	first := words[0]
	if strings.HasSuffix(first, ",") || slices.Contains(weekdays(), strings.ToLower(first)) {
		return words[1:]
	}
	if i := strings.LastIndexByte(first, ','); i >= 0 {
		words = slices.Clone(words)
		words[0] = first[i+1:]
	}
	return words
}

func weekdays() []string { return []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} }

// dateParts are the words of a date by what they mean.
type dateParts struct{ day, month, year, clock, zone string }

// sort puts words that stand in another place into theirs.
func (d *dateParts) sort() bool {
	if d.day == "" || d.month == "" || d.year == "" {
		return false
	}
	if monthNumber(d.month) == 0 {
		d.day, d.month = d.month, d.day
	}
	d.day = strings.TrimSuffix(d.day, ",")
	if strings.IndexByte(d.year, ':') > 0 {
		d.year, d.clock = d.clock, d.year
	}
	d.year = strings.TrimSuffix(d.year, ",")
	if d.year == "" {
		return false
	}
	if c := d.year[0]; c < '0' || c > '9' {
		d.year, d.zone = d.zone, d.year
	}
	d.clock = strings.TrimSuffix(d.clock, ",")
	return monthNumber(d.month) != 0
}

// time puts the parts together; time.Date would turn the 30th of February into
// a day of March, so that the day is compared with what came out.
func (d *dateParts) time() (time.Time, bool) {
	hour, minute, second, ok := parseClock(d.clock)
	year, err1 := strconv.Atoi(d.year)
	day, err2 := strconv.Atoi(d.day)
	if !ok || err1 != nil || err2 != nil || day < 1 || day > 31 {
		return time.Time{}, false
	}
	switch {
	case year > 68 && year < 100:
		year += 1900
	case year < 100:
		year += 2000
	}
	offset := parseZone(d.zone)
	if year < 1 || year > 9999 || offset <= -24*time.Hour || offset >= 24*time.Hour {
		return time.Time{}, false
	}
	t := time.Date(year, monthNumber(d.month), day, hour, minute, second, 0, time.UTC)
	return t.Add(-offset), t.Day() == day
}

// parseClock reads 08:49:37 or 08:49, or the same with dots.
func parseClock(s string) (hour, minute, second int, ok bool) {
	parts := strings.Split(s, ":")
	if len(parts) == 1 {
		parts = strings.Split(s, ".")
	}
	if len(parts) == 2 {
		parts = append(parts, "0")
	}
	if len(parts) != 3 {
		return 0, 0, 0, false
	}
	var n [3]int
	for i, limit := range [3]int{24, 60, 60} {
		v, err := strconv.Atoi(parts[i])
		if err != nil || v < 0 || v >= limit {
			return 0, 0, 0, false
		}
		n[i] = v
	}
	return n[0], n[1], n[2], true
}

// monthNumber reads the name of a month, in full or its first three letters; 0
// for anything else.
func monthNumber(name string) time.Month {
	for m := time.January; m <= time.December; m++ {
		full := m.String()
		if strings.EqualFold(name, full) || strings.EqualFold(name, full[:3]) {
			return m
		}
	}
	return 0
}

// parseZone gives how far the zone is ahead of UTC; a name that nobody knows is
// UTC.
//
// Source: RFC 822 §5.1.
func parseZone(zone string) time.Duration {
	hhmm := 0
	switch strings.ToUpper(zone) {
	case "EDT":
		hhmm = -400
	case "EST", "CDT":
		hhmm = -500
	case "CST", "MDT":
		hhmm = -600
	case "MST", "PDT":
		hhmm = -700
	case "PST":
		hhmm = -800
	case "AST":
		hhmm = -400
	case "ADT":
		hhmm = -300
	default:
		n, err := strconv.Atoi(zone)
		switch {
		case errors.Is(err, strconv.ErrSyntax):
			return 0
		case err != nil, n <= -10000, n >= 10000:
			return 24 * time.Hour // no zone is that far
		}
		hhmm = n
	}
	return time.Duration(hhmm/100)*time.Hour + time.Duration(hhmm%100)*time.Minute
}

// maxAge is the longest age in seconds, a thousand million days; what claims to
// be older is no age.
//
// Source: Python: datetime.timedelta.
const maxAge = 1e9*24*60*60 - 1

// ParseAge reads a number of seconds that is not negative, as the Age field
// holds it.
//
// Source: Werkzeug: http.py, parse_age.
func ParseAge(value string) (seconds int64, ok bool) {
	seconds, err := ParseInt(value)
	return seconds, err == nil && seconds >= 0 && seconds <= maxAge
}
