package urlmap

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func explained(t testing.TB, rules, request string) *Explanation {
	t.Helper()
	m := mapOfSpecs(t, DefaultOptions(), specs(rules))
	method, path, _ := strings.Cut(request, " ")
	return m.Explain(Query{Method: method, Path: path, Accept: func(*Rule) bool { return false }})
}

func TestExplanationIsReadable(t *testing.T) {
	for _, tt := range []struct{ name, rules, request, want string }{
		{"a hit", "/u/me\n/u/<int:id>\n/u/<name>.json\n/u/<name>", "GET /u/abc", `GET /u/abc
  ✓ "u"               is the next segment
  ✗   <string>.json   refused "abc"   weight: text 5, converters 100
  ✗   <int>           refused "abc"   weight: converters 50
  ✓   <string>        took "abc"      weight: converters 100
  ✓     /u/<name>     matches: endpoint e
  ✓ name              = "abc"
found: endpoint e
`},
		{"another method", "GET /a\nPOST /<x>", "PUT /a", `PUT /a
  ✓ "a"        is the next segment
  ✗   /a       method PUT is not in GET, HEAD
  ✓ <string>   took "a"   weight: converters 100
  ✗   /<x>     method PUT is not in POST
405: the path is there, with GET, HEAD, POST
`},
		{"slashes merged, and one added", "/a/b/", "GET //a//b", `GET /a//b
  ✓ "a"         is the next segment
  ✗   ·         no rule goes on with ""
GET /a/b
  ✓ "a"         is the next segment
  ✓   "b"       is the next segment
  ✓     /a/b/   matches with one slash more: the search ends here
redirected: slashes merged, the last slash was missing, to /a/b/
`},
		{"a refusal is final", "/<int(max=5):a>\n/<b>", "GET /9", `GET /9
  ✓ <int>               took "9"   weight: converters 50
  ✓   /<int(max=5):a>   matches: endpoint e
  ✗ a                   refused: int "9": more than 5; no other rule is asked
404: no rule matches
`},
		{"dead ends", "/a/b\n/<path:p>/", "GET /a", `GET /a
  ✓ "a"            is the next segment
  ✗   ·            the path ends here, no rule does
  ✓ <path>         took "a"   weight: converters 200
  ✓   /<path:p>/   matches with one slash more: the search ends here
redirected: the last slash was missing, to /a/
`},
		{"conditions, other kinds and slashes that do not count", "/a cond\n/a ws\n/a lax POST", "GET /a/", `GET /a/
  ✓ "a"    is the next segment
  ✗   /a   method GET is not in POST
  ✗   ·    no rule goes on with ""
405: the path is there, with POST
`},
		{"rules for others", "/a cond\n/a ws", "GET /a", `GET /a
  ✓ "a"    is the next segment
  ✗   /a   its conditions do not hold
  ✗   /a   is for WebSocket requests
400: the path is there, for the other kind of request
`},
		{"a redirect of the rule", "/a alias", "GET /a", `GET /a
  ✓ "a"    is the next segment
  ✓   /a   matches: endpoint e
redirected by the rule /a
`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, explained(t, tt.rules, tt.request).String())
		})
	}
}

func TestExplanationHoldsTheAnswer(t *testing.T) {
	m := New(Options{SubdomainMatching: true})
	_, err := m.Add(Spec{Rule: "/<int:n>", Subdomain: "<s>", Endpoint: "e", Defaults: []Value{{"page", 1}, {"n", 5}}})
	require.NoError(t, err)
	e := m.Explain(Query{Domain: "x", Path: "//7", Method: "get"})
	assert.Equal(t, Found, e.Outcome)
	assert.Equal(t, "/<int:n>", e.Rule.Rule)
	assert.Equal(t, []Value{{"s", "x"}, {"n", 5}, {"page", 1}}, e.Values, "defaults win")
	assert.Equal(t, "/7", e.Query.Path)
	assert.Equal(t, "GET", e.Query.Method)
	assert.Equal(t, Step{Kind: StepDynamic, Part: "<string>", Weight: "converters 100", Taken: true, Reason: `took "x"`}, e.Steps[1])
}

func ExampleMap_Explain() {
	m := New(DefaultOptions())
	for _, s := range []Spec{
		{Rule: "/", Endpoint: "index"},
		{Rule: "/wiki/<page>", Endpoint: "page"},
		{Rule: "/wiki/<path:img>.png", Endpoint: "image"},
	} {
		if _, err := m.Add(s); err != nil {
			panic(err)
		}
	}
	m.Freeze()
	fmt.Print(m.Explain(Query{Method: "GET", Path: "/wiki/img/a.png"}))
	// Output:
	// GET /wiki/img/a.png
	//   ✓ "wiki"                     is the next segment
	//   ✓   <path>.png               took "img/a"   weight: text 4, converters 200
	//   ✓     /wiki/<path:img>.png   matches: endpoint image
	//   ✓ img                        = "img/a"
	// found: endpoint image
}
