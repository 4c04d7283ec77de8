package urlmap

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDuplicatesAreRefusedWithBothPlaces(t *testing.T) {
	get, post := []string{"GET"}, []string{"POST"}
	for _, tt := range []struct {
		name     string
		old, new Spec
		want     string
	}{
		{
			"the same rule",
			Spec{Rule: "/a", Where: "a.go:1"}, Spec{Rule: "/a", Where: "b.go:2"},
			`url rule "/a" (b.go:2) is never reached: "/a" (a.go:1) is the same rule and came first; give them different methods, or remove one`,
		},
		{
			"other names of the variables",
			Spec{Rule: "/<a>/<int:n>", Methods: get, Where: "a.go:1"}, Spec{Rule: "/<string:b>/<int(min=3):m>", Methods: get, Where: "b.go:2"},
			`url rule "/<string:b>/<int(min=3):m>" [GET, HEAD] (b.go:2) is never reached: "/<a>/<int:n>" [GET, HEAD] (a.go:1) came first and matches the same paths, for example "/a/3"; give them different methods, or remove one`,
		},
		{
			"slashes that are merged",
			Spec{Rule: "/a/b"}, Spec{Rule: "/a//b"},
			`url rule "/a//b" is never reached: "/a/b" came first and matches the same paths, for example "/a/b"; give them different methods, or remove one`,
		},
		{
			"one rule takes any method",
			Spec{Rule: "/a", Methods: post}, Spec{Rule: "/a"},
			`url rule "/a" is never reached: "/a" [POST] is the same rule and came first; give them different methods, or remove one`,
		},
		{
			"one method in common",
			Spec{Rule: "/a", Methods: []string{"PUT", "POST"}}, Spec{Rule: "/a", Methods: []string{"POST", "GET"}},
			`url rule "/a" [GET, HEAD, POST] is never reached: "/a" [POST, PUT] is the same rule and came first; give them different methods, or remove one`,
		},
		{
			"equal sets of methods that do not count",
			Spec{Rule: "/a", Methods: []string{"OPTIONS"}}, Spec{Rule: "/a", Methods: []string{"OPTIONS"}},
			`url rule "/a" [OPTIONS] is never reached: "/a" [OPTIONS] is the same rule and came first; give them different methods, or remove one`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := New(DefaultOptions())
			old, err := m.Add(tt.old)
			require.NoError(t, err)
			_, err = m.Add(tt.new)
			var duplicate *DuplicateError
			require.ErrorAs(t, err, &duplicate)
			assert.EqualError(t, err, tt.want)
			assert.Same(t, old, duplicate.Old)
			requireWitness(t, duplicate)
		})
	}
}

// requireWitness checks that the path of a duplicate is matched by either rule alone.
func requireWitness(t *testing.T, e *DuplicateError) {
	t.Helper()
	for _, r := range []*Rule{e.Old, e.New} {
		m := New(DefaultOptions())
		_, err := m.Add(r.Spec)
		require.NoError(t, err)
		m.Freeze()
		mt := m.Match(Query{Path: e.Path, Method: append(r.Methods, "GET")[0]})
		assert.Equal(t, Found, mt.Outcome, "%s and %s", r, e.Path)
	}
}

func TestWitnessFitsEveryConverter(t *testing.T) {
	asked := 0
	for _, converter := range []string{
		"string", "string(length=3)", "string(minlength=0)", "string(minlength=0, maxlength=0)", "any(foo, bar)", "path", "uuid",
		"int", "int(min=5)", "int(max=-5, signed=True)", "int(fixed_digits=4, min=7)",
		"float", "float(min=2)", "float(max=0.25)", "hue",
	} {
		t.Run(converter, func(t *testing.T) {
			m := New(DefaultOptions())
			hue := newHue(t, `(v[0-9]{2,}|x)?[^/a-z]+(ab|c)*[\d]`, &asked)
			require.NoError(t, m.AddConverter("hue", func(Args) (Converter, error) { return hue, nil }))
			r, err := m.Add(Spec{Rule: fmt.Sprintf("/x<%s:v>", converter)})
			require.NoError(t, err)
			m.Freeze()
			mt := m.Match(Query{Path: r.witness(), Method: "GET"})
			assert.Equal(t, Found, mt.Outcome, r.witness())
		})
	}
}

func TestRulesThatAreNoDuplicates(t *testing.T) {
	for _, tt := range []struct {
		name     string
		old, new Spec
	}{
		{"other methods", Spec{Rule: "/a", Methods: []string{"GET", "OPTIONS"}}, Spec{Rule: "/a", Methods: []string{"HEAD", "OPTIONS", "POST"}}},
		{"a slash at the end", Spec{Rule: "/a"}, Spec{Rule: "/a/"}},
		{"another converter", Spec{Rule: "/<a>"}, Spec{Rule: "/<int:a>"}},
		{"another length", Spec{Rule: "/<a>"}, Spec{Rule: "/<string(length=2):a>"}},
		{"signed and not", Spec{Rule: "/<int:a>"}, Spec{Rule: "/<int(signed=True):a>"}},
		{"a WebSocket rule", Spec{Rule: "/a"}, Spec{Rule: "/a", WebSocket: true}},
		{"conditions on the old", Spec{Rule: "/a", Conditional: true}, Spec{Rule: "/a"}},
		{"conditions on the new", Spec{Rule: "/a"}, Spec{Rule: "/a", Conditional: true}},
		{"only for building", Spec{Rule: "/a"}, Spec{Rule: "/a", BuildOnly: true}},
		{"a path with and without a slash behind", Spec{Rule: "/<path:a>"}, Spec{Rule: "/<path:a>/"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := New(DefaultOptions())
			_, err := m.Add(tt.old)
			require.NoError(t, err)
			_, err = m.Add(tt.new)
			assert.NoError(t, err)
		})
	}
}

func TestRefusedRuleLeavesTheMapAsItWas(t *testing.T) {
	m := New(DefaultOptions())
	_, err := m.Add(Spec{Rule: "/<a>/b", Endpoint: "e", Methods: []string{"GET"}})
	require.NoError(t, err)
	for _, s := range []Spec{
		{Rule: "/<b>/b", Endpoint: "e", Methods: []string{"GET", "PURGE"}},
		{Rule: "/<b", Endpoint: "e", Methods: []string{"LINK"}},
		{Rule: "/c", Endpoint: "e", Methods: []string{"LINK", ""}},
	} {
		_, err := m.Add(s)
		require.Error(t, err)
	}
	m.Freeze()
	assert.Len(t, m.Rules(), 1)
	assert.Len(t, m.EndpointRules("e"), 1)
	assert.Zero(t, m.methods.size())
	mt := m.Match(Query{Path: "/c", Method: "LINK"})
	assert.Equal(t, NotFound, mt.Outcome)
}

func TestRulesAreTriedInTheOrderOfTheirWeights(t *testing.T) {
	for _, tt := range []struct {
		name  string
		rules []string // in the wanted order
	}{
		{"static first", []string{"/a", "/<int:a>", "/<a>", "/<path:a>"}},
		{"more literal text first", []string{"/longer<a>", "/x<a>", "/<a><b>", "/<a>"}},
		{"text counts by number, then by length from the left", []string{"/a<x>b", "/abc<x>", "/a<x>", "/<x>"}},
		{"code points, not bytes", []string{"/abc<x>", "/éé<x>", "/z<x>"}},
		{"lighter converters first", []string{"/<int:a>-<b>", "/<a>-<int:b>", "/<a>-<b>", "/<a>-<path:b>"}},
		{"text in a final part counts by pieces", []string{"/<path:p>/a/b", "/<path:p>/ab", "/<path:p>"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for rotate := range tt.rules {
				m := mapWith(t, append(append([]string{}, tt.rules[rotate:]...), tt.rules[:rotate]...)...)
				var got []string
				for _, r := range m.Ordered() {
					got = append(got, r.Rule)
				}
				assert.Equal(t, tt.rules, got)
			}
		})
	}
}

func TestEqualWeightsStayInTheOrderOfRegistration(t *testing.T) {
	for _, rules := range [][]string{{"/<any(a, b):x>", "/<any(b, a):x>"}, {"/<any(b, a):x>", "/<any(a, b):x>"}} {
		m := mapWith(t, rules...)
		mt := m.Match(Query{Path: "/a", Method: "GET"})
		require.NotNil(t, mt.Rule)
		assert.Equal(t, rules[0], mt.Rule.Rule)
	}
}
