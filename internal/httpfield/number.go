package httpfield

import (
	"errors"
	"math"
	"strconv"
	"strings"
)

// errNotDigits says that a number has other characters than digits.
var errNotDigits = errors.New("not a decimal number")

// ParseInt reads a decimal number as fields hold it: ASCII digits, a minus sign
// before them at most, blanks around them. A number beyond 64 bits is read as
// the largest or smallest of 64 bits, which no length of a body comes near.
//
// Source: Werkzeug: _internal.py, _plain_int.
func ParseInt(s string) (int64, error) {
	s = strings.TrimSpace(s)
	digits := strings.TrimPrefix(s, "-")
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '9' {
			return 0, errNotDigits
		}
	}
	if digits == "" {
		return 0, errNotDigits
	}
	n, err := strconv.ParseInt(s, 10, 64)
	switch {
	case err == nil:
		return n, nil
	case s[0] == '-':
		return math.MinInt64, nil
	}
	return math.MaxInt64, nil
}
