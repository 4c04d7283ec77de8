package urlmap

import (
	"errors"
	"strings"
	"unicode/utf8"
)

// The parameters of punycode for domain names, RFC 3492 §5.
const (
	punyBase        = 36
	punyTMin        = 1
	punyTMax        = 26
	punySkew        = 38
	punyDamp        = 700
	punyInitialBias = 72
	punyInitialN    = 128
)

// maxLabel is the length in bytes of the longest label of a domain name, RFC 1035 §2.3.4.
const maxLabel = 63

var (
	errEmptyLabel = errors.New("it has an empty label")
	errLongLabel  = errors.New("it has a label of more than 63 bytes")
	errNotText    = errors.New("it is not valid UTF-8")
)

// asciiHost returns host, without a port, in the form that DNS takes: lower
// case, labels with other than ASCII characters as punycode. The fullwidth
// dots of IDNA count as dots.
//
// Differs from Werkzeug: of nameprep (RFC 3491) only the lower-casing is done,
// because the full tables are not in the standard library.
func asciiHost(host string) (string, error) {
	if !utf8.ValidString(host) {
		return "", errNotText
	}
	if isASCII(host) {
		return strings.ToLower(host), checkLabels(host)
	}
	labels := strings.Split(strings.Map(plainDot, strings.ToLower(host)), ".")
	for i, label := range labels {
		switch {
		case utf8.RuneCountInString(label) > maxLabel:
			return "", errLongLabel
		case !isASCII(label):
			labels[i] = "xn--" + punycode(label)
		}
	}
	host = strings.Join(labels, ".")
	return host, checkLabels(host)
}

// checkLabels refuses empty and overlong labels; one dot may end the name.
func checkLabels(host string) error {
	host = strings.TrimSuffix(host, ".")
	for label := range strings.SplitSeq(host, ".") {
		switch {
		case label == "" && host != "":
			return errEmptyLabel
		case len(label) > maxLabel:
			return errLongLabel
		}
	}
	return nil
}

// plainDot maps what separates labels to the ASCII dot, RFC 3490 §3.1.
func plainDot(r rune) rune {
	switch r {
	case '\u3002', '\uff0e', '\uff61':
		return '.'
	}
	return r
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// punycode encodes one label, RFC 3492 §6.3. The invariant of the loop: handled
// code points are all those below n, and delta counts the positions skipped
// since the last one that was written.
func punycode(label string) string {
	runes := []rune(label)
	out := make([]byte, 0, len(label)+8)
	for _, r := range runes {
		if r < punyInitialN {
			out = append(out, byte(r))
		}
	}
	basic := len(out)
	if basic > 0 {
		out = append(out, '-')
	}
	n, delta, bias := rune(punyInitialN), 0, punyInitialBias
	for handled := basic; handled < len(runes); n++ {
		next := smallestFrom(runes, n)
		delta += int(next-n) * (handled + 1)
		n = next
		for _, r := range runes {
			if r < n {
				delta++
			}
			if r == n {
				out = appendPunyInt(out, delta, bias)
				bias = punyAdapt(delta, handled+1, handled == basic)
				delta = 0
				handled++
			}
		}
		delta++
	}
	return string(out)
}

// smallestFrom returns the smallest rune that is at least n; there is one.
func smallestFrom(runes []rune, n rune) rune {
	smallest := rune(utf8.MaxRune)
	for _, r := range runes {
		if r >= n && r < smallest {
			smallest = r
		}
	}
	return smallest
}

// appendPunyInt appends a generalized variable-length integer, RFC 3492 §3.3.
func appendPunyInt(dst []byte, q, bias int) []byte {
	for k := punyBase; ; k += punyBase {
		t := min(max(k-bias, punyTMin), punyTMax)
		if q < t {
			return append(dst, punyDigit(q))
		}
		dst = append(dst, punyDigit(t+(q-t)%(punyBase-t)))
		q = (q - t) / (punyBase - t)
	}
}

func punyDigit(d int) byte {
	if d < 26 {
		return byte('a' + d)
	}
	return byte('0' + d - 26)
}

// punyAdapt gives the next bias, RFC 3492 §6.1.
func punyAdapt(delta, points int, first bool) int {
	if first {
		delta /= punyDamp
	} else {
		delta /= 2
	}
	delta += delta / points
	k := 0
	for ; delta > (punyBase-punyTMin)*punyTMax/2; k += punyBase {
		delta /= punyBase - punyTMin
	}
	return k + (punyBase-punyTMin+1)*delta/(delta+punySkew)
}
