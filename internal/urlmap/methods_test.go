package urlmap

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMethodsOfARuleAreNormalised(t *testing.T) {
	m := New(DefaultOptions())
	r, err := m.Add(Spec{Rule: "/", Methods: []string{"post", "GET", "Purge", "POST"}})
	require.NoError(t, err)
	assert.Equal(t, []string{"GET", "HEAD", "POST", "PURGE"}, r.Methods)
	assert.Equal(t, r.Methods, m.MethodNames(r.methods))
	assert.Equal(t, "GET, HEAD, POST, PURGE", m.AllowHeader(r.methods))
}

func TestWordsThatAreNoMethods(t *testing.T) {
	for _, name := range []string{"", "GE T", "É", "GET,POST", "\x00"} {
		_, err := New(Options{}).Add(Spec{Rule: "/", Methods: []string{name}})
		assert.EqualError(t, err, fmt.Sprintf(`url rule "/": %q is not a request method`, name))
	}
}

func TestAMapHasRoomForThirtyOneMethods(t *testing.T) {
	m := New(Options{})
	for i := range maxMethods - len(commonMethods) {
		_, err := m.Add(Spec{Rule: "/", Methods: []string{fmt.Sprintf("M%d", i)}})
		require.NoError(t, err)
	}
	_, err := m.Add(Spec{Rule: "/", Methods: []string{"MORE"}})
	assert.EqualError(t, err, `url rule "/": "MORE" would be method number 32 of the map; it has room for 31`)
	m.Freeze()
	assert.Len(t, m.AllowedMethods("", "/"), maxMethods-len(commonMethods))
	mt := m.Match(Query{Path: "/", Method: "M23"})
	assert.Equal(t, Found, mt.Outcome)
	mt = m.Match(Query{Path: "/", Method: "MORE"})
	assert.Equal(t, MethodNotAllowed, mt.Outcome)
}

func TestUnknownMethodsMatchRulesThatTakeAny(t *testing.T) {
	m := New(DefaultOptions())
	_, err := m.Add(Spec{Rule: "/any", Endpoint: "any"})
	require.NoError(t, err)
	_, err = m.Add(Spec{Rule: "/none", Endpoint: "none", Methods: []string{}})
	require.NoError(t, err)
	m.Freeze()
	assert.Equal(t, Found, m.Match(Query{Path: "/any", Method: "BREW"}).Outcome)
	assert.Equal(t, NotFound, m.Match(Query{Path: "/none", Method: "GET"}).Outcome, "no method, none to allow")
}

func TestAllowedMethods(t *testing.T) {
	m := New(DefaultOptions())
	for _, s := range []Spec{
		{Rule: "/a", Methods: []string{"GET"}},
		{Rule: "/<x>", Methods: []string{"POST"}},
		{Rule: "/a/", Methods: []string{"PUT"}},
		{Rule: "/any"},
		{Rule: "/tree/", Methods: []string{"GET"}},
	} {
		_, err := m.Add(s)
		require.NoError(t, err)
	}
	m.Freeze()
	for path, want := range map[string][]string{
		"/a":       {"GET", "HEAD", "POST"},
		"/b":       {"POST"},
		"/any":     {}, // any method matches
		"/tree":    {"POST"},
		"/b/c":     {},
		"/tree//x": {},
	} {
		assert.Equal(t, want, m.AllowedMethods("", path), path)
	}
}

func TestAllowHeaderIsCached(t *testing.T) {
	m := New(Options{})
	set := methodGet | methodPost | methodDelete
	assert.Equal(t, "DELETE, GET, POST", m.AllowHeader(set))
	assert.Zero(t, testing.AllocsPerRun(100, func() { m.AllowHeader(set) }))
	for i := range Methods(2 * cachedHeaders) {
		m.AllowHeader(i & (1<<len(commonMethods) - 1))
	}
	assert.LessOrEqual(t, len(*m.methods.header.Load()), cachedHeaders)
	assert.Empty(t, m.AllowHeader(0))
}

func TestAllowHeaderMayBeAskedByManyAtOnce(t *testing.T) {
	m := New(Options{})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range Methods(128) {
				assert.Len(t, m.MethodNames(i), len(m.MethodNames(i)))
				m.AllowHeader(i)
			}
		})
	}
	wg.Wait()
	assert.Equal(t, "GET, HEAD", m.AllowHeader(methodGet|methodHead))
}
