// Package nearest finds the name that was meant by one that is not there.
package nearest

// enough is the likeness from which on a name is worth suggesting.
const enough = 0.6

// maxCompared bounds the bytes that are compared: names are short, a value
// mistaken for one need not be.
const maxCompared = 200

// Name returns the one of names that is most like name, the first among equals;
// "" when none is near.
func Name(names []string, name string) string {
	if i := Index(names, name); i >= 0 {
		return names[i]
	}
	return ""
}

// Index is [Name] by its index, -1 when none is near.
func Index(names []string, name string) int {
	best, most := -1, 0.0
	for i, candidate := range names {
		if l := Likeness(candidate, name); l >= enough && l > most {
			best, most = i, l
		}
	}
	return best
}

// Likeness returns how much of two texts is the same, from 0 to 1: twice the
// length of what they have in common, by their total length.
//
// Python: difflib.SequenceMatcher.ratio (Ratcliff and Obershelp).
func Likeness(a, b string) float64 {
	if a == b {
		return 1
	}
	if len(a) > maxCompared || len(b) > maxCompared || len(a)+len(b) == 0 {
		return 0
	}
	return 2 * float64(common(a, b)) / float64(len(a)+len(b))
}

// common returns the length of the longest common piece, plus that of what is
// common on its left and on its right.
func common(a, b string) int {
	i, j, n := longestPiece(a, b)
	if n == 0 {
		return 0
	}
	return n + common(a[:i], b[:j]) + common(a[i+n:], b[j+n:])
}

// longestPiece returns where the longest common piece begins in a and in b, and
// its length. lengths[j] is the length of the common piece that ends before a[i]
// and b[j].
func longestPiece(a, b string) (atA, atB, n int) {
	var lengths [maxCompared + 1]int
	for i := range len(a) {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] != b[j] {
				lengths[j+1] = 0
				continue
			}
			lengths[j+1] = lengths[j] + 1
			if l := lengths[j+1]; l > n {
				atA, atB, n = i+1-l, j+1-l, l
			}
		}
	}
	return atA, atB, n
}
