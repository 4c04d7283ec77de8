package urlmap

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// partOf returns the frozen last part of a rule.
func partOf(t testing.TB, rule string) edge {
	t.Helper()
	r, err := addRule(rule)
	require.NoError(t, err)
	return newEdge(transition{part: r.parts[len(r.parts)-1]}, nil)
}

// divided returns the texts of the variables, nil if the part does not match.
func divided(e *edge, text string) []string {
	if !e.accepts(text) {
		return nil
	}
	var values []string
	e.values(text, func(_, lo, hi int) { values = append(values, text[lo:hi]) })
	return values
}

func TestSeveralVariablesTakeWhatBacktrackingWouldGiveThem(t *testing.T) {
	for _, tt := range []struct {
		rule, text string
		want       []string
	}{
		{"/<a>-<b>", "x-y-z", []string{"x-y", "z"}},
		{"/<path:a>-<path:b>", "x-y-z", []string{"x", "y-z"}},
		{"/<path:a>-<path:b>", "x/-y", []string{"x/", "y"}},
		{"/<path:a>-<b>", "x-y/z", nil},
		{"/<path:a>-<b>", "x/y-z", []string{"x/y", "z"}},
		{"/<a><b>", "é", nil},
		{"/<a><b>", "éa", []string{"é", "a"}},
		{"/<a><b>", "\xff\xfe", []string{"\xff", "\xfe"}},
		{"/<int:a><int:b>", "123", []string{"12", "3"}},
		{"/<int:a><string(length=2):b>", "1234", []string{"12", "34"}},
		{"/<int(signed=True):a><int(signed=True):b>", "-1-2", []string{"-1", "-2"}},
		{"/<int(signed=True):a>-<int:b>", "1--2", nil},
		{"/<float:a><int:b>", "1.23", []string{"1.2", "3"}},
		{"/<float:a><float:b>", "1.22.3", []string{"1.2", "2.3"}},
		{"/<float:a><b>", "1.x", nil},
		{"/<any(a,ab,abc):a><b>", "abcd", []string{"a", "bcd"}},
		{"/<any(a,ab,abc):a><int:b>", "abc1", []string{"abc", "1"}},
		{"/<any('',a):a>-<b>", "-x", []string{"", "x"}},
		{"/<uuid:a><b>", "01234567-89ab-cdef-0123-456789abcdefg", []string{"01234567-89ab-cdef-0123-456789abcdef", "g"}},
		{"/<string(minlength=0):a><string(maxlength=2):b>", "xyz", []string{"xy", "z"}},
		{"/<string(minlength=2, maxlength=3):a><b>", "éèêë", []string{"éèê", "ë"}},
	} {
		t.Run(tt.rule+" "+tt.text, func(t *testing.T) {
			e := partOf(t, tt.rule)
			require.Equal(t, edgeSeveral, e.kind)
			assert.Equal(t, tt.want, divided(&e, tt.text))
		})
	}
}

func TestSeveralVariablesAgreeWithRegularExpressions(t *testing.T) {
	matched := 0
	for seed := range uint64(3000) {
		r := maker{rand.New(rand.NewPCG(seed, 3))}
		var rule strings.Builder
		rule.WriteString("/")
		for n := range 2 + r.IntN(3) {
			rule.WriteString(r.pick("", "", "-", "a", "1", "é"))
			rule.WriteString(strings.NewReplacer("word", "int", "rest", "path").Replace(r.variable(n)))
		}
		e, text := partOf(t, rule.String()), strings.TrimPrefix(r.pathFor(mapWith(t, rule.String())), "/")
		want, _ := e.part.groups(text)
		require.Equal(t, want, divided(&e, text), "%q and %q", rule.String(), text)
		if want != nil {
			matched++
		}
	}
	assert.Greater(t, matched, 500)
}

func TestScratchOfLongTextsIsNotKept(t *testing.T) {
	d := new(division)
	d.measure(strings.Repeat("-", 2*maxScratch))
	d.release()
	assert.NotSame(t, d, divisions.Get())
}
