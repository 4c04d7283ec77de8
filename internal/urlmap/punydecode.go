package urlmap

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// UnicodeHost returns a host name with its punycode labels decoded. A label
// that is not what encoding it again would give stays as it is, so that no two
// hosts look alike.
//
// Werkzeug: urls.py, _decode_idna; RFC 3490 §4.2.
func UnicodeHost(host string) string {
	if !strings.Contains(host, "xn--") {
		return host
	}
	labels := strings.Split(host, ".")
	for i, label := range labels {
		encoded, ok := strings.CutPrefix(label, "xn--")
		if !ok {
			continue
		}
		decoded, ok := decodePunycode(encoded)
		if back, err := asciiHost(decoded); ok && err == nil && back == label {
			labels[i] = decoded
		}
	}
	return strings.Join(labels, ".")
}

// decodePunycode decodes one label without its "xn--", RFC 3492 §6.2. A label
// that is longer than DNS allows, or that holds what a reader cannot see, is
// not decoded. The invariant of the loop: runes holds the characters below n,
// and i is where the next one goes.
func decodePunycode(label string) (string, bool) {
	if len(label) > maxLabel || !isASCII(label) {
		return "", false
	}
	var runes []rune
	if basic := strings.LastIndexByte(label, '-'); basic > 0 {
		runes, label = []rune(label[:basic]), label[basic+1:]
	}
	n, i, bias := punyInitialN, 0, punyInitialBias
	for label != "" {
		delta, used := punyInt(label, bias)
		if used == 0 {
			return "", false
		}
		label = label[used:]
		points := len(runes) + 1
		bias = punyAdapt(delta, points, i == 0 && n == punyInitialN)
		i += delta
		n += i / points
		i %= points
		if n > utf8.MaxRune || !visible(rune(n)) {
			return "", false
		}
		runes = slices.Insert(runes, i, rune(n))
		i++
	}
	return string(runes), len(runes) > 0
}

// punyInt reads a generalized variable-length integer, RFC 3492 §3.3, and says
// how many bytes it has; 0 when s is none or it is larger than any delta.
func punyInt(s string, bias int) (value, used int) {
	weight := 1
	for k := punyBase; used < len(s); k += punyBase {
		d := punyValue(s[used])
		used++
		if d < 0 || d > (1<<31-1-value)/weight {
			return 0, 0
		}
		value += d * weight
		t := min(max(k-bias, punyTMin), punyTMax)
		if d < t {
			return value, used
		}
		if weight *= punyBase - t; weight > 1<<31 {
			return 0, 0
		}
	}
	return 0, 0
}

// punyValue is the number that a digit stands for, -1 for other bytes.
func punyValue(c byte) int {
	switch {
	case 'a' <= c && c <= 'z':
		return int(c - 'a')
	case 'A' <= c && c <= 'Z':
		return int(c - 'A')
	case isDecimal(c):
		return int(c-'0') + 26
	}
	return -1
}

// visible reports whether a reader can tell r from other text. Numbers in
// circles and with dots look like several characters.
func visible(r rune) bool {
	return unicode.IsGraphic(r) && !unicode.IsSpace(r) && !unicode.Is(unicode.No, r)
}
