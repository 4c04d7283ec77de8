package middleware

import "strings"

const acceptEncoding = "Accept-Encoding"

// negotiate chooses among codings, of which the first is preferred, what the
// Accept-Encoding fields of a request like best. chosen is nil for identity.
// refused reports that the client does not want identity.
//
// Without a field anything would do, and identity is sent. A coding that is not
// named has the weight of "*", else it is not wanted. Identity is different: not
// named, and without "*;q=0", it is wanted, but less than any coding.
//
// Source: RFC 9110 §12.5.3.
func negotiate(codings []*coding, fields []string) (chosen *coding, refused bool) {
	if len(fields) == 0 {
		return nil, false
	}
	rest, restNamed := weightOf(fields, "*")
	best := 0
	for _, c := range codings {
		q, named := weightOf(fields, c.name)
		if !named {
			q = rest
		}
		if q > best {
			chosen, best = c, q
		}
	}
	identity, named := weightOf(fields, "identity")
	switch {
	case named && identity > best:
		return nil, false
	case named:
		return chosen, identity == 0
	}
	return chosen, restNamed && rest == 0
}

// weightOf finds the weight of a coding in thousandths, as the first element
// that names it has it. An element that is malformed is passed over.
func weightOf(fields []string, name string) (q int, named bool) {
	for _, field := range fields {
		for element := range strings.SplitSeq(field, ",") {
			token, params, weighted := strings.Cut(element, ";")
			if !namesCoding(strings.Trim(token, " \t"), name) {
				continue
			}
			if !weighted {
				return 1000, true
			}
			if q, ok := parseWeight(params); ok {
				return q, true
			}
		}
	}
	return 0, false
}

// namesCoding knows that x-gzip is gzip (RFC 9110 §8.4.1.3).
func namesCoding(token, name string) bool {
	return equalASCII(token, name) || name == "gzip" && equalASCII(token, "x-gzip")
}

// equalASCII compares without regard to case. Of equal length, no letter beyond
// ASCII is taken for one within it, as ſ is for s.
func equalASCII(token, name string) bool {
	return len(token) == len(name) && strings.EqualFold(token, name)
}

// parseWeight reads "q=0.5", which has three decimals at most, in thousandths.
func parseWeight(s string) (int, bool) {
	s = strings.Trim(s, " \t")
	if len(s) < 3 || s[0]|0x20 != 'q' || s[1] != '=' {
		return 0, false
	}
	whole, decimals, _ := strings.Cut(s[2:], ".")
	if whole != "0" && whole != "1" || len(decimals) > 3 {
		return 0, false
	}
	q, unit := int(whole[0]-'0')*1000, 100
	for _, d := range []byte(decimals) {
		if d < '0' || d > '9' {
			return 0, false
		}
		q += int(d-'0') * unit
		unit /= 10
	}
	return q, q <= 1000
}
