package urlmap

import "math/bits"

// Paths are compared eight bytes at a time, as words whose lowest byte is the
// first one: calls to compare or search a few bytes would cost more than the
// work itself.
const (
	wordSize = 8
	lowBits  = 0x0101010101010101
	highBits = lowBits << 7
	slashes  = lowBits * '/'
)

// word returns the first eight bytes of s, which has as many.
func word(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// loadWord returns the eight bytes from s[at:], NUL behind the end.
func loadWord(s string, at int) uint64 {
	if len(s)-at >= wordSize {
		return word(s[at:])
	}
	return lastWord(s, at)
}

// lastWord is loadWord within the last eight bytes.
func lastWord(s string, at int) uint64 {
	if len(s) >= wordSize {
		return word(s[len(s)-wordSize:]) >> (8 * uint(wordSize-(len(s)-at)))
	}
	var w uint64
	for i := len(s) - 1; i >= at; i-- {
		w = w<<8 | uint64(s[i])
	}
	return w
}

// zeroBytes marks the zero bytes of w: the lowest bit that is set is the high bit
// of the first of them. Bits above that one mean nothing.
func zeroBytes(w uint64) uint64 { return (w - lowBits) &^ w & highBits }

// segmentEnd returns the offset of the first slash in s[at:], or the length of s.
func segmentEnd(s string, at int) int {
	for ; len(s)-at >= wordSize; at += wordSize {
		if found := zeroBytes(word(s[at:]) ^ slashes); found != 0 {
			return at + bits.TrailingZeros64(found)/8
		}
	}
	for at < len(s) && s[at] != '/' {
		at++
	}
	return at
}
