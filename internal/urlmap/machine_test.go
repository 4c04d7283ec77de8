package urlmap

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// maker makes random maps and paths that are likely to meet.
type maker struct{ *rand.Rand }

func (r maker) pick(of ...string) string { return of[r.IntN(len(of))] }
func (r maker) chance(percent int) bool  { return r.IntN(100) < percent }

func (r maker) variable(n int) string {
	converter := r.pick("", "", "string:", "int:", "int(signed=True):", "int(min=2):", "int(fixed_digits=2):", "float:",
		"float(signed=True):", "any(a,ab,abc):", "any('b/c',b,''):", "path:", "uuid:", "string(minlength=2):",
		"string(maxlength=2):", "string(minlength=0):", "string(length=2):", "word:", "rest:")
	return fmt.Sprintf("<%sv%d>", converter, n)
}

func (r maker) rule() string {
	var b strings.Builder
	n := 0
	for range r.IntN(4) + 1 {
		b.WriteString("/")
		if r.chance(8) {
			b.WriteString("/")
		}
		for range r.IntN(3) {
			if b.WriteString(r.pick("", "a", "b", "é", "-", "1.", "ab", "longer-than-a-word")); r.chance(55) {
				b.WriteString(r.variable(n))
				n++
			}
		}
	}
	if r.chance(30) {
		b.WriteString("/")
	}
	return b.String()
}

func (r maker) path() string {
	var b strings.Builder
	for range r.IntN(5) + 1 {
		b.WriteString(r.pick("/", "/", "/", "/", "//", "///"))
		for range r.IntN(4) {
			b.WriteString(r.pick("a", "b", "ab", "é", "-", "1", "12", "1.5", ".", "-3", "\n", "\xff", "x", "99999999999999999999",
				"longer-than-a-word", "longer-than-a-", "01234567-89AB-cdef-0123-456789abcdef"))
		}
	}
	if r.chance(5) {
		return strings.TrimPrefix(b.String(), "/")
	}
	return b.String()
}

// pathFor returns a path that some rule of the map matches, or nearly.
func (r maker) pathFor(m *Map) string {
	if len(m.rules) == 0 || r.chance(20) {
		return r.path()
	}
	rule := m.rules[r.IntN(len(m.rules))]
	var b strings.Builder
	for _, t := range rule.path {
		switch {
		case t.variable < 0:
			b.WriteString(t.text)
		case r.chance(30):
			b.WriteString(r.pick("a", "ab", "é-", "1", "12", "1.5", "-3", "a/b", "abx", "01234567-89AB-cdef-0123-456789abcdef"))
		default:
			b.WriteString(sample(rule.vars[t.variable].Converter))
		}
	}
	path := b.String()
	at := r.IntN(len(path) + 1)
	switch r.IntN(8) {
	case 0:
		return path[:at] + "/" + path[at:]
	case 1:
		return path[:at] + r.pick("a", "1", "-", "\n") + path[at:]
	case 2:
		return path[:at]
	case 3:
		return path + "/"
	case 4:
		return strings.TrimSuffix(path, "/")
	}
	return path
}

func (r maker) spec(i int) Spec {
	s := Spec{Rule: r.rule(), Endpoint: fmt.Sprintf("e%d", r.IntN(4)), Index: i, WebSocket: r.chance(10), Conditional: r.chance(10)}
	strict, merge := r.chance(60), r.chance(70)
	s.StrictSlashes, s.MergeSlashes = &strict, &merge
	switch r.IntN(5) {
	case 0:
		s.Methods = []string{"GET"}
	case 1:
		s.Methods = []string{r.pick("GET", "POST", "OPTIONS", "PURGE")}
	case 2:
		s.Methods = []string{}
	}
	if s.WebSocket {
		s.Methods = nil
	}
	if r.chance(10) {
		s.Defaults = []Value{{"v0", 1}}
	}
	s.Alias, s.BuildOnly = r.chance(5), r.chance(5)
	s.Subdomain = r.pick("", "", "a", "<string(length=2):sub>", "<int:n>.a", "x<y>.<z>")
	return s
}

// newTestMap returns an empty map with two converters of its own: word, and rest
// which may hold slashes and refuses what ends with "x".
func newTestMap(t testing.TB, o Options) *Map {
	t.Helper()
	m := New(o)
	word, err := NewConverter(`(a|b)+`, 100, func(s string) (string, error) { return s, nil }, func(s string) (string, error) { return s, nil })
	require.NoError(t, err)
	rest, err := NewConverter(`[ab/]+x?`, 150, func(s string) (string, error) {
		if strings.HasSuffix(s, "x") {
			return "", errRefused
		}
		return s, nil
	}, func(s string) (string, error) { return s, nil })
	require.NoError(t, err)
	require.NoError(t, m.AddConverter("word", func(Args) (Converter, error) { return word, nil }))
	require.NoError(t, m.AddConverter("rest", func(Args) (Converter, error) { return rest, nil }))
	return m
}

func (r maker) newMap(t testing.TB) *Map {
	o := Options{StrictSlashes: true, MergeSlashes: r.chance(70), RedirectDefaults: r.chance(50), SubdomainMatching: r.chance(30)}
	m := newTestMap(t, o)
	for i := range r.IntN(12) + 1 {
		var duplicate *DuplicateError
		if _, err := m.Add(r.spec(i)); err != nil {
			require.ErrorAs(t, err, &duplicate)
		}
	}
	m.Freeze()
	return m
}

func (r maker) query() Query {
	return Query{
		Path: r.path(), Method: r.pick("GET", "POST", "HEAD", "PURGE", "get", "--"), WebSocket: r.chance(8),
		Domain: r.pick("", "", "", "a", "bc", "7.a", "xq.r"),
		Accept: func(rule *Rule) bool { return rule.Index%2 == 0 },
	}
}

// requireSame compares Match with the textbook.
func requireSame(t testing.TB, m *Map, q Query) Outcome {
	t.Helper()
	e, mt := m.Explain(q), m.Match(q)
	context := func() string {
		var rules []string
		for _, r := range m.rules {
			rules = append(rules, fmt.Sprintf("%q strict=%v merge=%v %v ws=%v if=%v sub=%q", r.Rule, r.strict, r.merge, r.Methods, r.WebSocket, r.Conditional, r.Subdomain))
		}
		return fmt.Sprintf("query %q\nmap %+v\n%s\n%s", q.Path, m.options, strings.Join(rules, "\n"), e)
	}
	require.Equal(t, e.Outcome, mt.Outcome, "%s", lazy(context))
	require.Same(t, e.Rule, mt.Rule, "%s", lazy(context))
	require.Equal(t, e.Path, mt.RedirectPath(), "%s", lazy(context))
	require.Equal(t, e.Allow, nilIfEmpty(m.MethodNames(mt.Allow)), "%s", lazy(context))
	if mt.Rule != nil {
		values := make([]Value, len(mt.Rule.vars))
		for i := range values {
			require.Equal(t, e.texts[i], mt.Values.Text(i), "%s", lazy(context))
			v, err := mt.Value(i)
			require.NoError(t, err)
			values[i] = Value{mt.Rule.vars[i].Name, v}
		}
		require.Equal(t, e.Values, withDefaults(values, mt.Rule.Defaults), "%s", lazy(context))
	}
	return mt.Outcome
}

// lazy is a message that costs nothing unless it is shown.
type lazy func() string

func (l lazy) String() string { return l() }

func nilIfEmpty(s []string) []string {
	if len(s) == 0 {
		return nil
	}
	return s
}

func TestMachineAgreesWithTheTextbookOnRandomMaps(t *testing.T) {
	seen := map[Outcome]int{}
	maps := 1500
	if testing.Short() {
		maps = 100
	}
	for seed := range uint64(maps) {
		r := maker{rand.New(rand.NewPCG(seed, 7))}
		m := r.newMap(t)
		for range 60 {
			q := r.query()
			q.Path = r.pathFor(m)
			seen[requireSame(t, m, q)]++
		}
	}
	for o := NotFound; o <= WebSocketMismatch; o++ {
		require.NotZero(t, seen[o], "the maps are such that some look-up is %v", o)
	}
	t.Logf("%d maps: %v", maps, seen)
}

// FuzzMatchAgreesWithTheTextbook: for any rules that are accepted and any path,
// Match and Explain give the same outcome, rule, values, redirect and methods.
func FuzzMatchAgreesWithTheTextbook(f *testing.F) {
	f.Add("/a/<b>\n/<path:p>/", "/a/x", uint64(1))
	f.Add("/<a>-<int:b>.x\n/<any(a,ab):c>b", "/x-y-7.x", uint64(2))
	f.Fuzz(func(t *testing.T, rules, path string, seed uint64) {
		if strings.ContainsRune(rules, '�') {
			return // RE2 takes a bad byte of the path for U+FFFD; the machine does not
		}
		r := maker{rand.New(rand.NewPCG(seed, 1))}
		m := newTestMap(t, Options{StrictSlashes: true, MergeSlashes: seed&1 == 0})
		for i, rule := range slices.Collect(strings.SplitSeq(rules, "\n")) {
			s := r.spec(i)
			s.Rule = rule
			_, _ = m.Add(s) // a refused rule is not there for either
		}
		m.Freeze()
		q := r.query()
		q.Path = path
		requireSame(t, m, q)
	})
}

func TestFrozenMapIsAskedByManyAtOnce(t *testing.T) {
	m := mapWith(t, "/a/b", "/<a>-<int:b>.x", "/<path:p>/edit", "/<a>/<b>/<c>/<d>/<e>")
	paths := []string{"/a/b", "/x-y-7.x", "/a/b/c/edit", "/1/2/3/4/5", "/none/", "//a//b"}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for _, path := range paths {
				q := Query{Path: path, Method: "GET"}
				e, mt := m.Explain(q), m.Match(q)
				assert.Equal(t, e.Outcome, mt.Outcome)
				assert.Same(t, e.Rule, mt.Rule)
				assert.Len(t, m.Ordered(), 4)
			}
		})
	}
	wg.Wait()
}
