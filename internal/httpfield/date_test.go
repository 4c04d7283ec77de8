package httpfield

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestParseDate(t *testing.T) {
	want := time.Date(1994, 11, 6, 8, 49, 37, 0, time.UTC)
	for _, field := range []string{
		"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
		" sun, 06 nov 1994 08:49:37 gmt ", "6 November 1994 08:49:37", "06 Nov 1994 08:49:37 -0000",
		"Sun, 06 Nov 1994 10:49:37 +0200", "Sun, 06 Nov 1994 03:49:37 EST", "06 Nov 1994 08.49.37 GMT",
		"06 Nov 1994 10:49:37+0200", "Nov 06, 1994 08:49:37 GMT", "06 Nov 08:49:37 1994 GMT",
	} {
		date, ok := ParseDate(field)
		assert.True(t, ok, field)
		assert.Equal(t, want, date, field)
	}
	for _, field := range []string{
		"", " ", "garbage", "784111777", "Thu, 32 Jan 2020 00:00:00 GMT", "Wed, 29 Feb 2023 00:00:00 GMT",
		"Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:60:37 GMT", "Sun, 06 Nov 1994 08:49:60 GMT",
		"Sun, 06 Nov 99999 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 +9999", "Sun, 06 Nov 1994 08:49:37 -99999999999",
		"Sun, 06 Nov 1994 08:49:37.5 GMT", "Sun, -6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994", "0 0 0 0 0", ", , , , ,",
	} {
		_, ok := ParseDate(field)
		assert.False(t, ok, field)
	}
}

func TestYearsOfTwoDigits(t *testing.T) {
	for field, year := range map[string]int{"69": 1969, "99": 1999, "00": 2000, "68": 2068} {
		date, ok := ParseDate("1 Jan " + field + " 00:00 GMT")
		assert.True(t, ok, field)
		assert.Equal(t, year, date.Year(), field)
	}
}

func TestParseAge(t *testing.T) {
	seconds, ok := ParseAge(" 60 ")
	assert.True(t, ok)
	assert.Equal(t, int64(60), seconds)
	for _, field := range []string{"", "-1", "+1", "1.5", "1_0", "١", "86400000000000", "99999999999999999999"} {
		_, ok = ParseAge(field)
		assert.False(t, ok, field)
	}
}

func FuzzParseDate(f *testing.F) {
	f.Add("Sun, 06 Nov 1994 08:49:37 GMT", int64(0))
	f.Add("Nov 6, 94 8.49 +0200", int64(253402300799))
	f.Fuzz(func(t *testing.T, field string, seconds int64) {
		if date, ok := ParseDate(field); ok {
			assert.Equal(t, time.UTC, date.Location())
			assert.Less(t, date.Year(), 10001)
		}
		date := time.Unix(seconds, 0).UTC()
		if year := date.Year(); year < 100 || year > 9999 {
			return
		}
		again, ok := ParseDate(FormatDate(date))
		assert.True(t, ok)
		assert.Equal(t, date, again, "what was written is read")
	})
}
