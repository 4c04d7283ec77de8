package urlmap

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// answer puts the result of a look-up into one line.
func answer(m *Map, q Query) string {
	mt := m.Match(q)
	switch {
	case mt.Outcome == MethodNotAllowed:
		return "405 " + m.AllowHeader(mt.Allow)
	case mt.RedirectPath() != "":
		return "redirect " + mt.RedirectPath()
	case mt.Rule == nil:
		return mt.Outcome.String()
	}
	var b strings.Builder
	if mt.Outcome == Redirected {
		b.WriteString("redirected by ")
	}
	b.WriteString(mt.Rule.Rule)
	for i := range mt.Rule.vars {
		v, err := mt.Value(i)
		if err != nil {
			return err.Error()
		}
		fmt.Fprintf(&b, " %s=%v", mt.Rule.vars[i].Name, v)
	}
	return b.String()
}

// specs reads rules written as "GET,POST /rule options", one a line; the methods
// may be missing. Options are lax, nomerge, ws, alias and cond.
func specs(text string) []Spec {
	var all []Spec
	for line := range strings.Lines(text) {
		s := Spec{Endpoint: "e"}
		no := false
		for _, word := range strings.Fields(line) {
			switch {
			case word[0] == '/':
				s.Rule = word
			case word == "lax":
				s.StrictSlashes = &no
			case word == "nomerge":
				s.MergeSlashes = &no
			case word == "ws":
				s.WebSocket = true
			case word == "alias":
				s.Alias = true
			case word == "cond":
				s.Conditional = true
			default:
				s.Methods = strings.Split(word, ",")
			}
		}
		all = append(all, s)
	}
	return all
}

func mapOfSpecs(t testing.TB, o Options, all []Spec) *Map {
	t.Helper()
	m := New(o)
	for _, s := range all {
		_, err := m.Add(s)
		require.NoError(t, err)
	}
	m.Freeze()
	return m
}

func TestMatch(t *testing.T) {
	for _, tt := range []struct{ name, rules, request, want string }{
		{"root", "/", "GET /", "/"},
		{"static before dynamic", "/<a>\n/me", "GET /me", "/me"},
		{"back from a dead end", "/a/<x>/c\n/<path:p>", "GET /a/b/d", "/<path:p> p=a/b/d"},
		{"back from a static dead end", "/ab/x\n/<a>/y", "GET /ab/y", "/<a>/y a=ab"},
		{"a prefix of a segment is no segment", "/ab/c\n/<a>/c", "GET /a/c", "/<a>/c a=a"},
		{"strings are greedy", "/<a>-<b>", "GET /x-y-z", "/<a>-<b> a=x-y b=z"},
		{"paths are lazy", "/<path:a>/<path:b>", "GET /x/y/z", "/<path:a>/<path:b> a=x b=y/z"},
		{"more text wins", "/<a>.json\n/<a>", "GET /x.json", "/<a>.json a=x"},
		{"a path in the middle", "/x/<path:p>/edit\n/x/<path:p>", "GET /x/a/b/edit", "/x/<path:p>/edit p=a/b"},
		{"five variables", "/<a>/<b>/<c>/<d>/<e>", "GET /1/2/3/4/5", "/<a>/<b>/<c>/<d>/<e> a=1 b=2 c=3 d=4 e=5"},
		{"eleven variables in a part keep their order", "/<a>-<b>-<c>-<d>-<e>-<f>-<g>-<h>-<i>-<j>-<k>", "GET /1-2-3-4-5-6-7-8-9-10-11",
			"/<a>-<b>-<c>-<d>-<e>-<f>-<g>-<h>-<i>-<j>-<k> a=1 b=2 c=3 d=4 e=5 f=6 g=7 h=8 i=9 j=10 k=11"},

		{"the slash at the end is added", "/a/", "GET /a", "redirect /a/"},
		{"also before a dynamic exact match", "/foo/\n/<name>", "GET /foo", "redirect /foo/"},
		{"but not for another method", "GET /foo/", "POST /foo", "not found"},
		{"a slash too many is never taken away", "/foo", "GET /foo/", "not found"},
		{"unless the rule does not mind", "/foo lax", "GET /foo/", "/foo"},
		{"a missing one it does not mind either", "/foo/ lax", "GET /foo", "/foo/"},
		{"slash on a path", "/x/<path:p>/", "GET /x/a", "redirect /x/a/"},
		{"a suffixed value has no slash at its end", "/x/<path:p>/", "GET /x/a//", "redirect /x/a/"},
		{"method by method", "GET /foo\nPOST /foo/", "POST /foo", "redirect /foo/"},
		{"the empty path", "/", "GET ", "redirect /"},
		{"a path without a slash in front", "/a", "GET a", "/a"},

		{"slashes are merged", "/a/b", "GET /a//b", "redirect /a/b"},
		{"slashes in front vanish", "/a", "GET ///a", "/a"},
		{"both at once", "/a/b", "GET //a///b", "redirect /a/b"},
		{"merged, and a slash added", "/a/b/", "GET /a//b", "redirect /a/b/"},
		{"not for a rule that wants them", "/a/b nomerge", "GET /a//b", "not found"},
		{"in a value they stay", "/x/<path:p>", "GET /x/a//b", "/x/<path:p> p=a//b"},
		{"a rule may have them", "/a//b nomerge", "GET /a//b", "/a//b"},
		{"but not in front", "//a nomerge", "GET //a", "not found"},

		{"the method is another", "GET /a", "PUT /a", "405 GET, HEAD"},
		{"Allow is the union over all states", "GET /foo\nPOST /<x>", "PUT /foo", "405 GET, HEAD, POST"},
		{"another method goes on to another rule", "GET /foo\nPOST /<x>", "POST /foo", "/<x> x=foo"},
		{"HEAD comes with GET", "GET /a", "HEAD /a", "/a"},
		{"lower case is fine", "GET /a", "get /a", "/a"},
		{"the slash check adds nothing to Allow", "GET /a/\nPUT /<x>", "POST /a", "405 PUT"},
		{"both passes add to Allow", "GET /a/<path:p>\nPUT /a/b", "POST /a//b", "405 GET, HEAD, PUT"},

		{"a refusal is final", "/<int(max=5):a>\n/<b>", "GET /9", "not found"},
		{"after others it is a 405", "POST /9\nGET /<int(max=5):a>", "GET /9", "405 POST"},
		{"a text that does not fit goes on", "/<int:a>\n/<b>", "GET /x", "/<b> b=x"},
		{"a redirect does not ask converters", "/<int(max=5):a>/", "GET /9", "redirect /9/"},
		{"an integer that is too large", "/<int:a>\n/<b>", "GET /99999999999999999999", "not found"},
		{"digits of other scripts", "/<int:a>\n/<b>", "GET /٣", "/<b> b=٣"},

		{"websocket", "/a ws\n/a", "WS /a", "/a"},
		{"only for WebSocket requests", "/a ws", "GET /a", "websocket mismatch"},
		{"only for other requests", "/a", "WS /a", "websocket mismatch"},
		{"a method mismatch counts more", "/a ws\nPOST /a", "GET /a", "405 POST"},

		{"alias", "/a/<x>\n/b/<x> alias", "GET /b/1", "redirected by /b/<x> x=1"},
		{"conditions hold", "/a cond\n/<x>", "GET /a", "/a"},
		{"conditions do not hold", "/a cond\n/<x>", "NO /a", "/<x> x=a"},
		{"nor for the slash", "/a/ cond\n/<x>", "NO /a", "/<x> x=a"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := mapOfSpecs(t, DefaultOptions(), specs(tt.rules))
			method, path, _ := strings.Cut(tt.request, " ")
			q := Query{Method: method, Path: path, WebSocket: method == "WS", Accept: func(*Rule) bool { return method != "NO" }}
			if q.WebSocket {
				q.Method = "GET"
			}
			assert.Equal(t, tt.want, answer(m, q))
			requireSame(t, m, q)
		})
	}
}

func TestMatchOfDomains(t *testing.T) {
	m := New(Options{StrictSlashes: true, SubdomainMatching: true, DefaultSubdomain: "www"})
	for _, s := range []Spec{
		{Rule: "/", Endpoint: "default"},
		{Rule: "/", Endpoint: "bare", NoSubdomain: true},
		{Rule: "/<page>", Endpoint: "user", Subdomain: "<user>.u"},
		{Rule: "/<page>/", Endpoint: "year", Subdomain: "<int:year>"},
		{Rule: "/x", Endpoint: "any", Subdomain: "<any>"},
	} {
		_, err := m.Add(s)
		require.NoError(t, err)
	}
	m.Freeze()
	for _, tt := range []struct{ domain, path, want string }{
		{"www", "/", "default"},
		{"", "/", "bare"},
		{"joe.u", "/x", "user user=joe page=x"},
		{"a.b.u", "/x", "user user=a.b page=x"},
		{"joe.u", "/", "any?"},
		{"1999", "/x", "redirect /x/"},
		{"1999", "/x/", "year year=1999 page=x"},
		{"zzz", "/x", "any any=zzz"},
		{"zzz", "/y", "any?"},
	} {
		t.Run(tt.domain+tt.path, func(t *testing.T) {
			q := Query{Domain: tt.domain, Path: tt.path, Method: "GET"}
			requireSame(t, m, q)
			mt := m.Match(q)
			if mt.Rule == nil {
				assert.Contains(t, []string{"any?", "redirect /x/"}, tt.want)
				assert.Equal(t, tt.want == "any?", mt.Outcome == NotFound)
				return
			}
			got := mt.Rule.Endpoint
			for i, v := range mt.Rule.Variables() {
				got += " " + v.Name + "=" + mt.Values.Text(i)
			}
			assert.Equal(t, tt.want, got)
		})
	}
}

func TestMatchOfHosts(t *testing.T) {
	m := New(Options{HostMatching: true})
	_, err := m.Add(Spec{Rule: "/", Host: "<name>.example.org:8080"})
	require.NoError(t, err)
	m.Freeze()
	assert.Equal(t, "/ name=a.b", answer(m, Query{Domain: "a.b.example.org:8080", Path: "/", Method: "GET"}))
	assert.Equal(t, "not found", answer(m, Query{Domain: "example.org:8080", Path: "/", Method: "GET"}))
}

func TestMatchOnAnEmptyMap(t *testing.T) {
	m := New(DefaultOptions())
	m.Freeze()
	for _, path := range []string{"", "/", "//", "/a//b/"} {
		assert.Equal(t, "not found", answer(m, Query{Path: path, Method: "GET"}))
	}
}

func TestMatchBeforeFreezePanics(t *testing.T) {
	assert.PanicsWithValue(t, "urlmap: Match before Freeze", func() { New(Options{}).Match(Query{}) })
}

func TestFrozenMapTakesNoRules(t *testing.T) {
	m := New(Options{})
	m.Freeze()
	m.Freeze()
	_, err := m.Add(Spec{Rule: "/"})
	assert.ErrorIs(t, err, ErrFrozen)
}

func TestMayRedirectMarksTheRulesWithACanonicalSibling(t *testing.T) {
	page := []Value{{"page", 1}}
	m := New(DefaultOptions())
	for _, s := range []Spec{
		{Rule: "/all/", Endpoint: "all", Defaults: page},
		{Rule: "/all/<int:page>", Endpoint: "all"},
		{Rule: "/all/<int:page>/<x>", Endpoint: "all"},
		{Rule: "/one/", Endpoint: "one", Defaults: page},
		{Rule: "/two/<int:page>", Endpoint: "two"},
		{Rule: "/two/", Endpoint: "two", Defaults: page, BuildOnly: true},
		{Rule: "/x/", Endpoint: "x", Defaults: page},
		{Rule: "/y/", Endpoint: "x", Defaults: page},
	} {
		_, err := m.Add(s)
		require.NoError(t, err)
	}
	m.Freeze()
	var marked []string
	for _, r := range m.Rules() {
		if r.MayRedirect() {
			marked = append(marked, r.Rule)
		}
	}
	assert.Equal(t, []string{"/all/<int:page>", "/x/", "/y/"}, marked)
	mt := m.Match(Query{Path: "/all/1", Method: "GET"})
	assert.True(t, mt.MayRedirect())
	assert.Equal(t, Found, mt.Outcome)
	mt = m.Match(Query{Path: "/nothing", Method: "GET"})
	assert.False(t, mt.MayRedirect())
}

func TestRulesOfAnEndpointKeepTheirOrder(t *testing.T) {
	m := mapOfSpecs(t, DefaultOptions(), specs("/b/<x>\n/a\n/c"))
	assert.Equal(t, m.Rules(), m.EndpointRules("e"))
	assert.Empty(t, m.EndpointRules("other"))
	assert.Zero(t, testing.AllocsPerRun(10, func() { m.EndpointRules("e") }))
}

func TestValuesStayWhenTheMatchIsUsedAgain(t *testing.T) {
	m := mapWith(t, "/<a>/<b>/<c>/<d>/<e>")
	var mt Match
	m.Lookup(&Query{Path: "/1/2/3/4/5", Method: "GET"}, &mt)
	kept := mt
	m.Lookup(&Query{Path: "/6/7/8/9/0", Method: "GET"}, &mt)
	assert.Equal(t, "1", kept.Values.Text(0))
	assert.Equal(t, "5", kept.Values.Text(4))
	assert.Equal(t, "0", mt.Values.Text(4))
	m.Lookup(&Query{Path: "/6", Method: "GET"}, &mt)
	assert.Equal(t, Match{}, mt)
}

func TestBadPathsAreAnsweredAsOthers(t *testing.T) {
	m := mapOfSpecs(t, DefaultOptions(), specs("/a/<path:p>/\n/<x>-<path:y>\n/<any(a,b):c>/<d>\n/<string(minlength=2):e>\n/<int:f>\n/<uuid:g>.<float:h>"))
	for name, path := range map[string]string{
		"NUL":                  "/\x00",
		"control bytes":        "/\x01-\x7f\r\n",
		"invalid UTF-8":        "/\xff\xfe-\xc3",
		"half a character":     "/a/\xc3",
		"64 KB":                "/" + strings.Repeat("x", 1<<16),
		"64 KB of dashes":      "/" + strings.Repeat("-", 1<<16),
		"thousands of slashes": strings.Repeat("/", 5000),
		"and between":          strings.Repeat("/a/", 5000),
		"no slash at all":      "a",
	} {
		t.Run(name, func(t *testing.T) {
			requireSame(t, m, Query{Path: path, Method: "GET"})
		})
	}
}
