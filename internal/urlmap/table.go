package urlmap

import "math/bits"

// table is a hash table of texts that are known when it is made.
type table[V any] struct {
	slots []slot[V] // a power of two, at least half of them free
	shift uint8     // of a hash, to make an index into slots
}

type slot[V any] struct {
	text  string
	used  bool
	value V
}

func newTable[V any](n int) table[V] {
	size := bits.Len(uint(max(1, 2*n-1)))
	return table[V]{slots: make([]slot[V], 1<<size), shift: uint8(64 - size)}
}

// add adds a text that is not there yet.
func (t *table[V]) add(text string, value V) {
	i := int(hash(text) >> t.shift)
	for t.slots[i].used {
		i = (i + 1) % len(t.slots)
	}
	t.slots[i] = slot[V]{text, true, value}
}

// find returns the value of a text, nil if it is not there.
func (t *table[V]) find(text string) *V {
	for i := int(hash(text) >> (t.shift & 63)); ; i = (i + 1) & (len(t.slots) - 1) {
		s := &t.slots[i]
		if !s.used {
			return nil
		}
		if s.text == text {
			return &s.value
		}
	}
}

// hash mixes the words of a text. It need not resist an attacker: what is in a
// table is the developer's, and a look-up ends at the first free slot.
func hash(text string) uint64 {
	const odd = 0x9e3779b97f4a7c15
	h := uint64(len(text)) * odd
	at := 0
	for ; len(text)-at > wordSize; at += wordSize {
		h = mix(h ^ word(text[at:]))
	}
	return mix(h^loadWord(text, at)) * odd
}

// mix folds the 128-bit product of w and an odd number.
func mix(w uint64) uint64 {
	hi, lo := bits.Mul64(w, 0xd6e8feb86659fd93)
	return hi ^ lo
}
