package urlmap

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestSegmentEndFindsTheFirstSlash(t *testing.T) {
	for _, s := range []string{"", "/", "abc", "abcdefgh", "abcdefghi/j", "a/b/c/d/e/f/g/h/i", strings.Repeat("x", 40) + "/", "\xaf\x2e\x30/", "é/é/éééééé/", "/\x00////////"} {
		for at := range len(s) + 1 {
			want := len(s)
			if i := strings.IndexByte(s[at:], '/'); i >= 0 {
				want = at + i
			}
			assert.Equal(t, want, segmentEnd(s, at), "%q from %d", s, at)
		}
	}
}

func TestLoadWordPadsWithNUL(t *testing.T) {
	for n := range 20 {
		s := "abcdefghijklmnopqrst"[:n]
		for at := range n + 1 {
			var want uint64
			for i, c := range []byte(s[at:min(n, at+8)]) {
				want |= uint64(c) << (8 * i)
			}
			assert.Equal(t, want, loadWord(s, at), "%q from %d", s, at)
		}
	}
}

func TestTableFindsWhatWasAddedAndNothingElse(t *testing.T) {
	for _, n := range []int{0, 1, 2, 3, 100} {
		table := newTable[int](n)
		for i := range n {
			table.add(fmt.Sprintf("/text %d", i), i)
		}
		for i := range n {
			v := table.find(fmt.Sprintf("/text %d", i))
			if assert.NotNil(t, v) {
				assert.Equal(t, i, *v)
			}
		}
		assert.Nil(t, table.find("/text 100"))
		assert.Nil(t, table.find(""))
	}
}

func TestWideStatesUseATableAndAnswerTheSame(t *testing.T) {
	var rules []string
	for i := range 3 * wideState {
		rules = append(rules, fmt.Sprintf("/a/s%d", i), fmt.Sprintf("/a/s%d/<x>", i), fmt.Sprintf("/k%d/<x>", i))
	}
	m := mapWith(t, append(rules, "/a/<x>", "/a/s1/y/", "/<x>/")...)
	assert.NotNil(t, m.machine.sole.start.wide)
	for _, path := range []string{"/a/s0", "/a/s0/", "/a/s7/x", "/a/s1/y", "/a/s1//y/", "/a/none", "/k5/x", "/k5", "/k", "/a", "/"} {
		requireSame(t, m, Query{Path: path, Method: "GET"})
	}
}
