package urlmap

import (
	"math/bits"
	"slices"
	"strings"
)

// trie holds the static ways on from a state, by bytes and across slashes. For
// the rules /user, /user/emails and /users/<id> the start's trie is
//
//	"user" ─┬─ the state behind /user
//	        ├─ "/emails" ── the state behind /user/emails
//	        └─ "s" ── the state behind /users: it has a variable
//
// A state to which a search may come back, because it has other ways on, has a
// trie of its own; the others are passed in this one. A state counts only where
// its segment ends: at a slash or at the end of the path.
type trie struct {
	// The first eight bytes of the label as a word, and a mask of the bytes that
	// count: one comparison for most labels.
	word, mask uint64
	rest       string // the bytes of the label behind the eighth
	size       int    // the length of the whole label

	node  *node // where the label leads, if a state ends with it
	kids  []trie
	index uint64      // the first bytes of up to eight kids
	table *[256]uint8 // from a first byte to a kid, when there are more
}

// text is one static text of a trie, and where it leads.
type text struct {
	text string
	to   *node
}

// newTrie makes the trie of the static ways on from a state, nil if it has none.
func newTrie(s *state) *trie {
	texts := appendTexts(nil, "", s)
	if len(texts) == 0 {
		return nil
	}
	slices.SortFunc(texts, func(a, b text) int { return strings.Compare(a.text, b.text) })
	t := new(trie)
	t.fill(texts, 0)
	return t
}

// appendTexts appends the static texts behind a state, through the states that a
// search passes without coming back.
func appendTexts(texts []text, prefix string, s *state) []text {
	for segment, next := range s.static {
		n := newNode(next)
		texts = append(texts, text{prefix + segment, n})
		if n.returns() || len(next.static) >= wideState {
			n.setStatics(next)
		} else {
			texts = appendTexts(texts, prefix+segment+"/", next)
		}
	}
	return texts
}

// fill makes t the trie of sorted texts whose first skip bytes led to it.
func (t *trie) fill(texts []text, skip int) {
	first, last := texts[0].text, texts[len(texts)-1].text
	end := skip
	for end < len(first) && first[end] == last[end] {
		end++
	}
	t.setLabel(first[skip:end])
	if len(first) == end {
		t.node = texts[0].to
		texts = texts[1:]
	}
	groups := groupByByte(texts, end)
	t.kids = make([]trie, len(groups))
	for i, group := range groups {
		t.kids[i].fill(group, end)
	}
	t.setIndex(groups, end)
}

// groupByByte cuts sorted texts into runs with the same byte at an offset.
func groupByByte(texts []text, at int) [][]text {
	var groups [][]text
	for len(texts) > 0 {
		n := 1
		for n < len(texts) && texts[n].text[at] == texts[0].text[at] {
			n++
		}
		groups = append(groups, texts[:n])
		texts = texts[n:]
	}
	return groups
}

func (t *trie) setLabel(label string) {
	t.size = len(label)
	for i := range min(t.size, wordSize) {
		t.word |= uint64(label[i]) << (8 * i)
		t.mask |= 0xff << (8 * i)
	}
	if t.size > wordSize {
		t.rest = label[wordSize:]
	}
}

func (t *trie) setIndex(groups [][]text, at int) {
	if len(groups) > wordSize {
		t.table = new([256]uint8)
	}
	for i, group := range groups {
		if c := group[0].text[at]; t.table != nil {
			t.table[c] = uint8(i)
		} else {
			t.index |= uint64(c) << (8 * i)
		}
	}
}

// kid returns the kid whose label may begin with c, nil if none does. The label
// has the last word: an empty place of the index looks like a NUL.
func (t *trie) kid(c byte) *trie {
	var i int
	if t.table != nil {
		i = int(t.table[c])
	} else {
		i = bits.TrailingZeros64(zeroBytes(t.index^lowBits*uint64(c))) / 8
	}
	if i >= len(t.kids) {
		return nil
	}
	return &t.kids[i]
}
