package urlmap

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type (
	testID    int32
	testName  string
	testUUID  [16]byte
	testColor int
	testPoint struct{ X, Y int }
)

func (c testColor) String() string { return [...]string{"red", "green"}[c] }

func (p testPoint) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "%d,%d", p.X, p.Y), nil }
func (p testPoint) String() string               { return "not this one" }

// buildMap has the rules that the tests of building share.
func buildMap(t testing.TB, o Options) *Map {
	return frozenMap(t, o,
		Spec{Rule: "/", Endpoint: "index"},
		Spec{Rule: "/u/<int:id>", Endpoint: "user"},
		Spec{Rule: "/f/<float:x>", Endpoint: "float"},
		Spec{Rule: "/s/<name>", Endpoint: "string"},
		Spec{Rule: "/o/<uuid:id>", Endpoint: "object"},
		Spec{Rule: "/any/<any(red, green):c>", Endpoint: "any"},
		Spec{Rule: "/<path:p>", Endpoint: "path"},
		Spec{Rule: "/page/", Endpoint: "page", Defaults: []Value{{"page", 1}}},
		Spec{Rule: "/page/<int:page>", Endpoint: "page"},
		Spec{Rule: "/fixed/", Endpoint: "fixed", Defaults: []Value{{"lang", "en"}}},
		Spec{Rule: "/m", Endpoint: "m", Methods: []string{"GET"}},
		Spec{Rule: "/m-post", Endpoint: "m", Methods: []string{"POST"}},
		Spec{Rule: "/m-put/<int:id>", Endpoint: "m", Methods: []string{"PUT"}},
		Spec{Rule: "/ws", Endpoint: "ws", WebSocket: true},
		Spec{Rule: "/two/<a>/<int:b>", Endpoint: "two"},
	)
}

func TestBuildValues(t *testing.T) {
	id := testUUID{0x2b, 0x5b, 9: 0xff}
	seven := 7
	when := time.Date(2026, 11, 20, 23, 49, 55, 0, time.UTC)
	tests := []struct {
		name, endpoint string
		values         []Value
		want           string
	}{
		{"an int", "user", []Value{{"id", 7}}, "/u/7"},
		{"a named int", "user", []Value{{"id", testID(7)}}, "/u/7"},
		{"a pointer to an int", "user", []Value{{"id", &seven}}, "/u/7"},
		{"an int with a String method", "user", []Value{{"id", testColor(1)}}, "/u/1"},
		{"the largest uint64", "user", []Value{{"id", uint64(math.MaxUint64)}}, "/u/18446744073709551615"},
		{"a big integer", "user", []Value{{"id", new(big.Int).Exp(big.NewInt(10), big.NewInt(20), nil)}}, "/u/100000000000000000000"},
		{"digits", "user", []Value{{"id", " 007 "}}, "/u/7"},
		{"a float loses its fraction", "user", []Value{{"id", 1.9}}, "/u/1"},
		{"a bool", "user", []Value{{"id", true}}, "/u/1"},
		{"a whole float", "float", []Value{{"x", 1.0}}, "/f/1.0"},
		{"a float with all its digits", "float", []Value{{"x", 0.30000000000000004}}, "/f/0.30000000000000004"},
		{"a small float", "float", []Value{{"x", 1e-7}}, "/f/0.0000001"},
		{"a large float", "float", []Value{{"x", 1e21}}, "/f/1000000000000000000000.0"},
		{"a float32", "float", []Value{{"x", float32(0.1)}}, "/f/0.1"},
		{"an int for a float", "float", []Value{{"x", 3}}, "/f/3.0"},
		{"a string", "string", []Value{{"name", "é/ü ?"}}, "/s/%C3%A9/%C3%BC%20%3F"},
		{"a named string", "string", []Value{{"name", testName("x")}}, "/s/x"},
		{"a bool for a string", "string", []Value{{"name", true}}, "/s/true"},
		{"MarshalText before String", "string", []Value{{"name", testPoint{1, 2}}}, "/s/1,2"},
		{"a String method before the kind", "string", []Value{{"name", testColor(1)}}, "/s/green"},
		{"a time", "string", []Value{{"name", when}}, "/s/2026-11-20T23:49:55Z"},
		{"a UUID of any type", "object", []Value{{"id", id}}, "/o/2b5b0000-0000-0000-00ff-000000000000"},
		{"a UUID for a string", "string", []Value{{"name", id}}, "/s/2b5b0000-0000-0000-00ff-000000000000"},
		{"an item of any", "any", []Value{{"c", testColor(0)}}, "/any/red"},
		{"a path", "path", []Value{{"p", "a/b c"}}, "/a/b%20c"},
		{"of two values the last counts", "user", []Value{{"id", 1}, {"id", 2}}, "/u/2"},
		{"unknown values make the query, in order", "index", []Value{{"z", 1}, {"a", "x y&"}, {"é", 1.5}}, "/?z=1&a=x+y%26&%C3%A9=1.5"},
		{"nil and nil pointers are not given", "index", []Value{{"a", nil}, {"b", (*int)(nil)}, {"c", ""}}, "/?c="},
		{"a slice repeats its name", "index", []Value{{"v", []int{1, 2}}, {"w", []string{"a"}}, {"x", []any{1, nil, "b"}}, {"y", []string{}}}, "/?v=1&v=2&w=a&x=1&x=b"},
		{"bytes are one text", "index", []Value{{"v", []byte("ab")}}, "/?v=ab"},
		{"an array of numbers repeats its name", "index", []Value{{"v", [2]int{1, 2}}}, "/?v=1&v=2"},
		{"a default is not in the query", "page", []Value{{"page", 1}, {"q", "z"}}, "/page/?q=z"},
		{"a default of another integer type", "page", []Value{{"page", uint8(1)}}, "/page/"},
		{"a default as a float", "page", []Value{{"page", 1.0}}, "/page/"},
		{"another value than the default", "page", []Value{{"page", 2}}, "/page/2"},
		{"a string is no number", "page", []Value{{"page", "1"}}, "/page/1"},
	}
	m := buildMap(t, DefaultOptions())
	a := Adapter{Map: m, ServerName: "example.org", Scheme: "http", Method: "GET"}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := a.Build(tt.endpoint, tt.values, BuildOptions{AppendUnknown: true})
			require.NoError(t, err)
			assert.Equal(t, tt.want, got)
		})
	}
}

func TestBuildPlaces(t *testing.T) {
	tests := []struct {
		name, endpoint string
		adapter        Adapter
		options        BuildOptions
		want           string
	}{
		{"within the host", "m", Adapter{}, BuildOptions{}, "/m"},
		{"external", "m", Adapter{}, BuildOptions{External: true}, "http://example.org/m"},
		{"external by https", "m", Adapter{}, BuildOptions{External: true, Scheme: "https"}, "https://example.org/m"},
		{"a scheme alone changes nothing", "m", Adapter{}, BuildOptions{Scheme: "https"}, "/m"},
		{"the script name is quoted", "m", Adapter{ScriptName: "/a b/"}, BuildOptions{}, "/a%20b/m"},
		{"a script name that looks like a host", "m", Adapter{ScriptName: "//evil.test"}, BuildOptions{}, "/evil.test/m"},
		{"WebSocket rules are absolute", "ws", Adapter{}, BuildOptions{}, "ws://example.org/ws"},
		{"WebSocket rules of a secure host", "ws", Adapter{Scheme: "https"}, BuildOptions{}, "wss://example.org/ws"},
		{"http rules during a handshake", "m", Adapter{Scheme: "wss"}, BuildOptions{External: true}, "https://example.org/m"},
		{"the method of the request is preferred", "m", Adapter{Method: "POST"}, BuildOptions{}, "/m-post"},
		{"a method that was asked for", "m", Adapter{}, BuildOptions{Method: "POST"}, "/m-post"},
		{"a request method that no rule has", "m", Adapter{Method: "DELETE"}, BuildOptions{}, "/m"},
	}
	m := buildMap(t, DefaultOptions())
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := tt.adapter
			a.Map, a.ServerName = m, "example.org"
			if a.Scheme == "" {
				a.Scheme = "http"
			}
			if a.Method == "" {
				a.Method = "GET"
			}
			got, err := a.Build(tt.endpoint, nil, tt.options)
			require.NoError(t, err)
			assert.Equal(t, tt.want, got)
		})
	}
	t.Run("without a scheme the URL takes that of the page", func(t *testing.T) {
		a := Adapter{Map: m, ServerName: "example.org"}
		got, err := a.Build("m", nil, BuildOptions{External: true})
		require.NoError(t, err)
		assert.Equal(t, "//example.org/m", got)
	})
}

func TestBuildDomains(t *testing.T) {
	subdomains := frozenMap(t, Options{SubdomainMatching: true},
		Spec{Rule: "/", Endpoint: "index"},
		Spec{Rule: "/", Endpoint: "user", Subdomain: "<user>"},
		Spec{Rule: "/x", Endpoint: "version", Subdomain: "v<int:n>"})
	hosts := frozenMap(t, Options{HostMatching: true},
		Spec{Rule: "/", Endpoint: "index", Host: "a.test:8080"},
		Spec{Rule: "/", Endpoint: "any", Host: "<host>"},
		Spec{Rule: "/1", Endpoint: "p", Host: "a.test"},
		Spec{Rule: "/2", Endpoint: "p", Host: "b.test"},
		Spec{Rule: "/none", Endpoint: "none"})
	tests := []struct {
		name, endpoint string
		adapter        Adapter
		value          any
		want           string
	}{
		{"the same subdomain", "index", Adapter{Map: subdomains, ServerName: "example.org"}, nil, "/"},
		{"another subdomain", "index", Adapter{Map: subdomains, ServerName: "example.org", Subdomain: "bob"}, nil, "http://example.org/"},
		{"a subdomain by value", "user", Adapter{Map: subdomains, ServerName: "example.org"}, "bob", "http://bob.example.org/"},
		{"a subdomain in another script", "user", Adapter{Map: subdomains, ServerName: "example.org"}, "é", "http://%C3%A9.example.org/"},
		{"a subdomain that would end the host", "user", Adapter{Map: subdomains, ServerName: "example.org"}, "evil.test/", "http://evil.test%2F.example.org/"},
		{"a subdomain that would be a user name", "user", Adapter{Map: subdomains, ServerName: "example.org"}, `x:y@evil.test:80\`, "http://x%3Ay%40evil.test%3A80%5C.example.org/"},
		{"without a host", "user", Adapter{Map: subdomains}, "bob", "/"},
		{"an integer in the subdomain", "version", Adapter{Map: subdomains, ServerName: "example.org", Subdomain: "v2"}, 2, "/x"},
		{"the same host", "index", Adapter{Map: hosts, ServerName: "a.test:8080"}, nil, "/"},
		{"another host", "index", Adapter{Map: hosts, ServerName: "a.test"}, nil, "http://a.test:8080/"},
		{"a host by value", "any", Adapter{Map: hosts, ServerName: "a.test"}, "b.test:81", "http://b.test:81/"},
		{"a host by value that is more than a host", "any", Adapter{Map: hosts, ServerName: "a.test"}, "b.test/x:81", "http://b.test%2Fx:81/"},
		{"of two hosts the adapter's", "p", Adapter{Map: hosts, ServerName: "b.test"}, nil, "/2"},
		{"of two hosts the first", "p", Adapter{Map: hosts, ServerName: "c.test"}, nil, "http://a.test/1"},
		{"a rule without a host", "none", Adapter{Map: hosts, ServerName: "a.test"}, nil, "/none"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := tt.adapter
			a.Scheme, a.Method = "http", "GET"
			got, err := a.Build(tt.endpoint, []Value{{"user", tt.value}, {"n", tt.value}, {"host", tt.value}}, BuildOptions{})
			require.NoError(t, err)
			assert.Equal(t, tt.want, got)
		})
	}
}

func TestBuildNeverStartsWithAHost(t *testing.T) {
	m := buildMap(t, Options{})
	for _, script := range []string{"", "/", "//", "///x", `/\`, `\`} {
		for _, value := range []string{"/evil.test", "//evil.test", `/\evil.test`, `\\evil.test`, `\/evil.test`, "\t/evil.test"} {
			a := Adapter{Map: m, ScriptName: script, ServerName: "example.org", Scheme: "http", Method: "GET"}
			got, err := a.Build("path", []Value{{"p", value}}, BuildOptions{})
			require.NoError(t, err)
			assert.Regexp(t, `^/[^/\\]`, got)
		}
	}
}

func TestBuildOrder(t *testing.T) {
	m := frozenMap(t, DefaultOptions(),
		Spec{Rule: "/over", Endpoint: "e"},
		Spec{Rule: "/over/<a>", Endpoint: "e"},
		Spec{Rule: "/alias/<a>/<b>/<c>", Endpoint: "e", Alias: true},
		Spec{Rule: "/over/<a>/<b>", Endpoint: "e"},
		Spec{Rule: "/same/<a>/<b>", Endpoint: "e"},
		Spec{Rule: "/def/<a>", Endpoint: "e", Defaults: []Value{{"b", "1"}}},
	)
	var got []string
	order := buildOrder{rules: m.EndpointRules("e")}
	for r := order.next(); r != nil; r = order.next() {
		got = append(got, r.Rule)
	}
	assert.Equal(t, []string{"/def/<a>", "/over/<a>/<b>", "/same/<a>/<b>", "/over/<a>", "/over", "/alias/<a>/<b>/<c>"}, got)
}

func TestBuildSortsParameters(t *testing.T) {
	m := frozenMap(t, Options{SortParameters: true}, Spec{Rule: "/", Endpoint: "index"})
	a := Adapter{Map: m, Scheme: "http"}
	values := []Value{{"z", 1}, {"a", 2}, {"z", 0}, {"m", 3}}
	got, err := a.Build("index", values, BuildOptions{AppendUnknown: true})
	require.NoError(t, err)
	assert.Equal(t, "/?a=2&m=3&z=1&z=0", got)
	assert.Equal(t, "z", values[0].Name, "the caller's values keep their order")
	got, err = a.Build("index", values, BuildOptions{})
	require.NoError(t, err)
	assert.Equal(t, "/", got)
}

func TestBuildTriesTheNextRule(t *testing.T) {
	m := New(Options{})
	require.NoError(t, m.AddConverter("even", func(Args) (Converter, error) { return evenConverter{}, nil }))
	for _, rule := range []string{"/even/<even:n>", "/odd/<int:n>"} {
		_, err := m.Add(Spec{Rule: rule, Endpoint: "e"})
		require.NoError(t, err)
	}
	_, err := m.Add(Spec{Rule: "/only/<even:n>", Endpoint: "only"})
	require.NoError(t, err)
	m.Freeze()
	a := Adapter{Map: m, Method: "GET"}
	got, err := a.Build("e", []Value{{"n", 2}}, BuildOptions{})
	require.NoError(t, err)
	assert.Equal(t, "/even/2", got)
	got, err = a.Build("e", []Value{{"n", 3}}, BuildOptions{})
	require.NoError(t, err)
	assert.Equal(t, "/odd/3", got)
	_, err = a.Build("only", []Value{{"n", 3}}, BuildOptions{})
	require.ErrorIs(t, err, ErrNoFit)
	assert.EqualError(t, err, `no URL for endpoint "only" with "n": the value of "n" is 3, which the rule /only/<even:n> does not take: 3 is odd: value does not fit the rule`)
}

// evenConverter is int for even numbers.
type evenConverter struct{ intConverter }

func (c evenConverter) Format(value any) (string, error) {
	text, err := c.intConverter.Format(value)
	if err == nil && strings.ContainsAny(text[len(text)-1:], "13579") {
		return "", fmt.Errorf("%s is odd: %w", text, ErrNoFit)
	}
	return text, err
}

func TestBuildErrors(t *testing.T) {
	tests := []struct {
		name, endpoint string
		values         []Value
		options        BuildOptions
		want           string
	}{
		{"a name that is near", "pag", nil, BuildOptions{}, `no URL for endpoint "pag": there is no such endpoint; did you mean "page"?`},
		{"a name that is far", "zzz", []Value{{"b", 1}, {"a", 1}}, BuildOptions{}, `no URL for endpoint "zzz" with "b" and "a": there is no such endpoint`},
		{"no value", "user", nil, BuildOptions{}, `no URL for endpoint "user": the rule /u/<int:id> needs "id" too`},
		{"a nil value", "user", []Value{{"id", nil}}, BuildOptions{}, `no URL for endpoint "user" with "id": the rule /u/<int:id> needs "id" too`},
		{"two missing values", "two", []Value{{"q", 1}}, BuildOptions{}, `no URL for endpoint "two" with "q": the rule /two/<a>/<int:b> needs "a" and "b" too`},
		{"a method that no rule has", "m", nil, BuildOptions{Method: "DELETE"}, `no URL for endpoint "m" for DELETE: its rules answer GET, HEAD, POST, PUT`},
		{"a method whose rule needs a value", "m", nil, BuildOptions{Method: "PUT"}, `no URL for endpoint "m" for PUT: the rule /m-put/<int:id> needs "id" too`},
		{"a value other than the default", "fixed", []Value{{"lang", "de"}}, BuildOptions{}, `no URL for endpoint "fixed" with "lang": the value of "lang" is the string "de", the rule /fixed/ has the default en for it`},
		{"text for an integer", "user", []Value{{"id", "x"}}, BuildOptions{}, `no URL for endpoint "user" with "id": the value of "id" is the string "x", the rule /u/<int:id> wants an integer`},
		{"a struct for an integer", "user", []Value{{"id", struct{ A int }{1}}}, BuildOptions{}, `no URL for endpoint "user" with "id": the value of "id" is a struct { A int }, the rule /u/<int:id> wants an integer`},
		{"text for a float", "float", []Value{{"x", "x"}}, BuildOptions{}, `no URL for endpoint "float" with "x": the value of "x" is the string "x", the rule /f/<float:x> wants a number`},
		{"a float that has no digits", "float", []Value{{"x", math.Inf(1)}}, BuildOptions{}, `no URL for endpoint "float" with "x": the value of "x" is +Inf, which the rule /f/<float:x> does not take: +Inf has no digits`},
		{"none of any", "any", []Value{{"c", "blue"}}, BuildOptions{}, `no URL for endpoint "any" with "c": the value of "c" is the string "blue", which the rule /any/<any(red, green):c> does not take: "blue" is not one of green, red`},
		{"a map for a string", "string", []Value{{"name", map[string]int{}}}, BuildOptions{}, `no URL for endpoint "string" with "name": the value of "name" is a map[string]int, which the rule /s/<name> does not take: value is a map[string]int, which has no text`},
		{"a map in the query", "index", []Value{{"q", map[string]int{}}}, BuildOptions{AppendUnknown: true}, `no URL for endpoint "index" with "q": the value of "q" is a map[string]int: value is a map[string]int, which has no text`},
		{"no host for a WebSocket", "ws", nil, BuildOptions{}, `no URL for endpoint "ws": an absolute URL needs a host: configure SERVER_NAME, or build it during a request`},
		{"no host for an external URL", "index", nil, BuildOptions{External: true}, `no URL for endpoint "index": an absolute URL needs a host: configure SERVER_NAME, or build it during a request`},
	}
	a := Adapter{Map: buildMap(t, DefaultOptions()), Scheme: "http", Method: "GET"}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := a.Build(tt.endpoint, tt.values, tt.options)
			assert.Empty(t, got)
			var failed *BuildError
			require.ErrorAs(t, err, &failed)
			assert.Equal(t, tt.endpoint, failed.Endpoint)
			assert.EqualError(t, err, tt.want)
		})
	}
}

func TestBuildIsSafeForConcurrentUse(t *testing.T) {
	a := Adapter{Map: buildMap(t, DefaultOptions()), ServerName: "example.org", Scheme: "http", Method: "GET"}
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for j := range 100 {
				got, err := a.Build("user", []Value{{"id", i*100 + j}}, BuildOptions{External: true})
				assert.NoError(t, err)
				assert.Equal(t, fmt.Sprintf("http://example.org/u/%d", i*100+j), got)
			}
		})
	}
	group.Wait()
}

func TestBuildWithAConverterThatParsesToNil(t *testing.T) {
	m := New(DefaultOptions())
	require.NoError(t, m.AddConverter("opt", func(Args) (Converter, error) { return nilConverter{}, nil }))
	_, err := m.Add(Spec{Rule: "/x/<opt:v>", Endpoint: "x", RedirectTo: "/y/<v>"})
	require.NoError(t, err)
	m.Freeze()
	a := Adapter{Map: m, ServerName: "example.org", Scheme: "http", Method: "GET"}
	_, _, err = a.Match("/x/abc")
	assert.EqualError(t, err, `redirect_to of url rule "/x/<opt:v>": the value of "v" is a <nil>, which the rule /x/<opt:v> does not take: value is nil`)
}

// nilConverter gives nil for every text.
type nilConverter struct{ stringConverter }

func (nilConverter) Parse(string) (any, error) { return nil, nil }
func (nilConverter) Regexp() string            { return "[^/]+" }

func TestBuildErrorKeepsItsValues(t *testing.T) {
	a := Adapter{Map: buildMap(t, DefaultOptions())}
	values := []Value{{"x", 1}}
	_, err := a.Build("nope", values, BuildOptions{})
	values[0].Name = "changed"
	var failed *BuildError
	require.True(t, errors.As(err, &failed))
	assert.Equal(t, []Value{{"x", 1}}, failed.Values)
}

func TestBuildAllocations(t *testing.T) {
	a := Adapter{Map: buildMap(t, DefaultOptions()), ServerName: "example.org", Scheme: "http", Method: "GET"}
	o := BuildOptions{AppendUnknown: true}
	allocs := testing.AllocsPerRun(100, func() {
		if got, err := a.Build("user", []Value{{"id", 123456}}, o); got != "/u/123456" || err != nil {
			t.Error(got, err)
		}
	})
	assert.LessOrEqual(t, allocs, 2.0)
}

func BenchmarkBuild(b *testing.B) {
	a := Adapter{Map: buildMap(b, DefaultOptions()), ServerName: "example.org", Scheme: "http", Method: "GET"}
	o := BuildOptions{AppendUnknown: true}
	external := o
	external.External = true
	tests := []struct {
		name, endpoint string
		values         []Value
		options        BuildOptions
	}{
		{"static", "index", nil, o},
		{"int", "user", []Value{{"id", 123456}}, o},
		{"string", "string", []Value{{"name", "somebody"}}, o},
		{"query", "user", []Value{{"id", 123456}, {"q", "a b"}, {"page", 2}}, o},
		{"external", "user", []Value{{"id", 123456}}, external},
		{"defaults", "page", []Value{{"page", 2}}, o},
	}
	for _, tt := range tests {
		b.Run(tt.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := a.Build(tt.endpoint, tt.values, tt.options); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// A URL that is built leads back to its rule and to its values, unless a value is
// one that no path can carry.
func FuzzBuildThenMatch(f *testing.F) {
	m := frozenMap(f, DefaultOptions(),
		Spec{Rule: "/int/<int(signed=True):n>", Endpoint: "int"},
		Spec{Rule: "/float/<float(signed=True):x>", Endpoint: "float"},
		Spec{Rule: "/uuid/<uuid:u>", Endpoint: "uuid"},
		Spec{Rule: "/any/<any(a, \"b c\", é):c>/", Endpoint: "any"},
		Spec{Rule: "/string/<s>", Endpoint: "string"},
		Spec{Rule: "/path/<path:s>/end", Endpoint: "path"},
		Spec{Rule: "/two/<s>-<int:n>.json", Endpoint: "two"},
		Spec{Rule: "/query", Endpoint: "query"},
	)
	f.Add(0, 1.5, "x", []byte("0123456789abcdef"))
	f.Add(-7, 1e-300, "a b/ü?#%\\", []byte("x"))
	f.Add(math.MinInt, 1e300, "\x00\xff\n", []byte{})
	f.Fuzz(func(t *testing.T, n int, x float64, s string, raw []byte) {
		var u UUID
		copy(u[:], raw)
		a := Adapter{Map: m, ServerName: "example.org", Scheme: "http", Method: "GET"}
		segment := s != "" && !strings.Contains(s, "/")
		inner := s != "" && s[0] != '/' && s[len(s)-1] != '/' && !strings.Contains(s[1:], "\n") && !strings.Contains(s, "//")
		back := func(endpoint string, possible bool, values ...Value) {
			t.Helper()
			built, err := a.Build(endpoint, values, BuildOptions{})
			if !possible {
				return
			}
			require.NoError(t, err)
			require.Regexp(t, `^/[^/\\]`, built)
			path, err := url.PathUnescape(built)
			require.NoError(t, err)
			mt, _, err := a.Match(path)
			require.NoError(t, err)
			require.Equal(t, Found, mt.Outcome, path)
			require.Equal(t, endpoint, mt.Rule.Endpoint)
			got, err := mt.values()
			require.NoError(t, err)
			require.Equal(t, values, got)
		}
		back("int", true, Value{"n", n})
		back("float", !math.IsNaN(x) && !math.IsInf(x, 0), Value{"x", x})
		back("uuid", true, Value{"u", u})
		back("any", true, Value{"c", []string{"a", "b c", "é"}[uint(n)%3]})
		back("string", segment, Value{"s", s})
		back("path", inner, Value{"s", s})
		back("two", segment && n >= 0, Value{"s", s}, Value{"n", n})
		built, err := a.Build("query", []Value{{"s", s}, {"n", n}}, BuildOptions{AppendUnknown: true})
		require.NoError(t, err)
		_, rawQuery, _ := strings.Cut(built, "?")
		query, err := url.ParseQuery(rawQuery)
		require.NoError(t, err)
		require.Equal(t, url.Values{"s": {s}, "n": {fmt.Sprint(n)}}, query)
	})
}
