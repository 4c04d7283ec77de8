package tests

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/internal/urlmap"
)

// rule is one rule of a map.
type rule = urlmap.Spec

func defaults(pairs ...any) (values []urlmap.Value) {
	for i := 0; i < len(pairs); i += 2 {
		values = append(values, urlmap.Value{Name: pairs[i].(string), Value: pairs[i+1]})
	}
	return values
}

// flag is a pointer to b, for the options of a rule that have a default.
func flag(b bool) *bool { return &b }

// standardMap are the options that Werkzeug's maps have by default.
func standardMap() urlmap.Options {
	return urlmap.Options{SubdomainMatching: true, StrictSlashes: true, MergeSlashes: true, RedirectDefaults: true}
}

// mapOf makes a frozen map.
func mapOf(o urlmap.Options, rules []rule) (*urlmap.Map, error) {
	m := urlmap.New(o)
	for i, r := range rules {
		r.Where, r.Index = "test", i
		if _, err := m.Add(r); err != nil {
			return nil, err
		}
	}
	m.Freeze()
	return m, nil
}

// boundTo is the map as seen by a request for http://host/.
func boundTo(t *testing.T, m *urlmap.Map, b urlmap.Binding) urlmap.Adapter {
	t.Helper()
	if b.Host == "" {
		b.Host = "example.org"
	}
	if b.Scheme == "" {
		b.Scheme = "http"
	}
	if b.Method == "" {
		b.Method = "GET"
	}
	a, err := m.Bind(b)
	require.NoError(t, err)
	return a
}

// outcome tells what came of a look-up in one line: "endpoint name=value …" with
// sorted names, "-> URL", or the status code (405 with the methods).
func outcome(a urlmap.Adapter, path string) string {
	mt, url, err := a.Match(path)
	switch {
	case err != nil:
		return "error " + err.Error()
	case mt.Outcome == urlmap.Redirected:
		return "-> " + url
	case mt.Outcome == urlmap.MethodNotAllowed:
		return "405 " + strings.Join(a.Map.MethodNames(mt.Allow), " ")
	case mt.Outcome == urlmap.WebSocketMismatch:
		return "400"
	case mt.Outcome != urlmap.Found:
		return "404"
	}
	var args []string
	for i, v := range mt.Rule.Variables() {
		value, err := mt.Value(i)
		if err != nil {
			return "404"
		}
		args = append(args, fmt.Sprintf("%s=%v", v.Name, value))
	}
	for _, d := range mt.Rule.Defaults {
		args = append(args, fmt.Sprintf("%s=%v", d.Name, d.Value))
	}
	sort.Strings(args)
	return strings.Join(append([]string{mt.Rule.Endpoint}, args...), " ")
}

// lookUp does a look-up that is written "[METHOD ][ws:]PATH".
func lookUp(t *testing.T, m *urlmap.Map, b urlmap.Binding, request string) string {
	t.Helper()
	if method, path, ok := strings.Cut(request, " /"); ok && method == strings.ToUpper(method) {
		b.Method, request = method, "/"+path
	}
	request, b.WebSocket = strings.CutPrefix(request, "ws:")
	return outcome(boundTo(t, m, b), request)
}

func TestWhichRuleTakesAPath(t *testing.T) {
	loose := standardMap()
	loose.StrictSlashes = false
	cases := []struct {
		name  string
		o     urlmap.Options
		bind  urlmap.Binding
		rules []rule
		want  map[string]string
	}{
		{"paths, slashes and handshakes", standardMap(), urlmap.Binding{}, []rule{
			{Rule: "/", Endpoint: "index"}, {Rule: "/foo", Endpoint: "foo"}, {Rule: "/bar/", Endpoint: "bar"},
			{Rule: "/ws", Endpoint: "ws", WebSocket: true}, {Rule: "/", Endpoint: "indexws", WebSocket: true},
		}, map[string]string{
			"/": "index", "/foo": "foo", "/bar/": "bar", "/bar": "-> http://example.org/bar/", "/blub": "404",
			"ws:/": "indexws", "ws:/ws": "ws", "/ws": "400", "ws:/foo": "400",
		}},
		{"below a script name, with a query", standardMap(), urlmap.Binding{ScriptName: "/test", QueryString: "aha=muhaha"},
			[]rule{{Rule: "/bar/", Endpoint: "bar"}}, map[string]string{"/bar": "-> http://example.org/test/bar/?aha=muhaha", "/bar/": "bar"}},
		{"an empty path", standardMap(), urlmap.Binding{ScriptName: "/approot"}, []rule{{Rule: "/", Endpoint: "index"}},
			map[string]string{"": "-> http://example.org/approot/", "/": "index"}},
		{"merged slashes", standardMap(), urlmap.Binding{Host: "localhost"}, []rule{
			{Rule: "/no/tail", Endpoint: "no_tail"}, {Rule: "/yes/tail/", Endpoint: "yes_tail"}, {Rule: "/with/<path:path>", Endpoint: "with_path"},
			{Rule: "/no//merge", Endpoint: "no_merge", MergeSlashes: flag(false)}, {Rule: "/no/merging", Endpoint: "no_merging", MergeSlashes: flag(false)},
			{Rule: "/merge/<some>/path", Endpoint: "merge"},
		}, map[string]string{
			"/no//tail": "-> http://localhost/no/tail", "/yes//tail": "-> http://localhost/yes/tail/", "/yes/tail//": "-> http://localhost/yes/tail/",
			"//yes///tail////": "-> http://localhost/yes/tail/", "/no/tail": "no_tail", "/yes/tail/": "yes_tail",
			"/with/http://example.com/": "with_path path=http://example.com/", "/with/x//y": "with_path path=x//y",
			"/no//merge": "no_merge", "/no/merging": "no_merging", "/no//merging": "404",
			"/merge/%//path": "-> http://localhost/merge/%25/path", "/merge//st/path": "-> http://localhost/merge/st/path",
		}},
		{"a slash at the end and methods", standardMap(), urlmap.Binding{}, []rule{
			{Rule: "/bar/", Endpoint: "get", Methods: []string{"GET"}}, {Rule: "/bar", Endpoint: "post", Methods: []string{"POST"}},
			{Rule: "/foo/", Endpoint: "foo", Methods: []string{"POST"}}, {Rule: "/<path:var>/", Endpoint: "path", Methods: []string{"GET"}},
		}, map[string]string{
			"/bar/": "get", "POST /bar": "post", "/abc/": "path var=abc", "/bar": "-> http://example.org/bar/", "POST /bar/": "405 GET HEAD",
			"POST /foo": "-> http://example.org/foo/", "/abc": "-> http://example.org/abc/",
		}},
		{"without strict slashes the nearest rule is taken", loose, urlmap.Binding{}, []rule{
			{Rule: "/path1", Endpoint: "leaf1"}, {Rule: "/path1/", Endpoint: "branch1"},
			{Rule: "/path2", Endpoint: "leaf2", StrictSlashes: flag(false)}, {Rule: "/path2/", Endpoint: "branch2"},
			{Rule: "/path3", Endpoint: "leaf3"}, {Rule: "/path3/", Endpoint: "branch3", StrictSlashes: flag(false)},
			{Rule: "/path5", Endpoint: "leaf5"}, {Rule: "/path6/", Endpoint: "branch6"}, {Rule: "/any/<path:path>", Endpoint: "any"},
		}, map[string]string{
			"/path1": "leaf1", "/path1/": "branch1", "/path2": "leaf2", "/path2/": "branch2", "/path3": "leaf3", "/path3/": "branch3",
			"/path5/": "leaf5", "/path6": "branch6", "/any/x": "any path=x", "/any/x/": "any path=x/",
		}},
		{"signs", standardMap(), urlmap.Binding{}, []rule{
			{Rule: "/foos/<int(signed=True):page>", Endpoint: "foos"}, {Rule: "/bars/<float(signed=True):page>", Endpoint: "bars"},
			{Rule: "/foo/<int:page>", Endpoint: "foo"}, {Rule: "/bar/<float:page>", Endpoint: "bar"},
		}, map[string]string{
			"/foos/-2": "foos page=-2", "/foos/50": "foos page=50", "/bars/-0.185": "bars page=-0.185", "/bars/2.5": "bars page=2.5",
			"/foo/-2": "404", "/bar/-0.185": "404", "/bar/2": "404", "/foo/2.0": "404",
		}},
		{"a literal before a variable, two variables before one", standardMap(), urlmap.Binding{}, []rule{
			{Rule: "/foo", Endpoint: "foo"}, {Rule: "/<path:bar>", Endpoint: "one"}, {Rule: "/<path:bar>/<path:blub>", Endpoint: "two"},
		}, map[string]string{"/foo": "foo", "/blub": "one bar=blub", "/he/he": "two bar=he blub=he"}},
		{"a wiki", standardMap(), urlmap.Binding{}, []rule{
			{Rule: "/", Defaults: defaults("name", "FrontPage"), Endpoint: "page"}, {Rule: "/Special", Endpoint: "special"},
			{Rule: "/<int:year>", Endpoint: "year"}, {Rule: "/<path:name>:foo", Endpoint: "foopage"}, {Rule: "/<path:name>:<path:name2>", Endpoint: "twopage"},
			{Rule: "/<path:name>", Endpoint: "page"}, {Rule: "/<path:name>/edit", Endpoint: "editpage"},
			{Rule: "/<path:name>/silly/<path:name2>", Endpoint: "sillypage"}, {Rule: "/<path:name>/silly/<path:name2>/edit", Endpoint: "editsillypage"},
			{Rule: "/Talk:<path:name>", Endpoint: "talk"}, {Rule: "/User:<username>", Endpoint: "user"}, {Rule: "/User:<username>/<path:name>", Endpoint: "userpage"},
			{Rule: "/User:<username>/comment/<int:id>-<int:replyId>", Endpoint: "usercomment"}, {Rule: "/Files/<path:file>", Endpoint: "files"},
			{Rule: "/<admin>/<manage>/<things>", Endpoint: "admin"},
		}, map[string]string{
			"/": "page name=FrontPage", "/FrontPage": "-> http://example.org/", "/Special": "special", "/2007": "year year=2007",
			"/Some:foo": "foopage name=Some", "/Some:bar": "twopage name2=bar name=Some", "/Some/Page": "page name=Some/Page",
			"/Some/Page/edit": "editpage name=Some/Page", "/Foo/silly/bar": "sillypage name2=bar name=Foo", "/Foo/silly/bar/edit": "editsillypage name2=bar name=Foo",
			"/Talk:Foo/Bar": "talk name=Foo/Bar", "/User:thomas": "user username=thomas", "/User:thomas/projects/werkzeug": "userpage name=projects/werkzeug username=thomas",
			"/User:thomas/comment/123-456": "usercomment id=123 replyId=456 username=thomas", "/Files/downloads/werkzeug/0.2.zip": "files file=downloads/werkzeug/0.2.zip",
			"/Jerry/eats/cheese": "admin admin=Jerry manage=eats things=cheese",
		}},
		{"numbers, texts and paths together", standardMap(), urlmap.Binding{}, []rule{
			{Rule: "/", Endpoint: "index"}, {Rule: "/<int:blub>", Endpoint: "an_int"}, {Rule: "/<blub>", Endpoint: "a_string"}, {Rule: "/foo/", Endpoint: "nested"},
			{Rule: "/foobar/", Endpoint: "nestedbar"}, {Rule: "/foo/<path:testing>/", Endpoint: "nested_show"}, {Rule: "/foo/<path:testing>/edit", Endpoint: "nested_edit"},
			{Rule: "/users/", Endpoint: "users", Defaults: defaults("page", 1)}, {Rule: "/users/page/<int:page>", Endpoint: "users"},
			{Rule: "/foox", Endpoint: "foox"}, {Rule: "/<path:bar>/<path:blub>", Endpoint: "barx"},
		}, map[string]string{
			"/": "index", "/42": "an_int blub=42", "/blub": "a_string blub=blub", "/foo/": "nested", "/foobar/": "nestedbar", "/foo/1/2/3/": "nested_show testing=1/2/3",
			"/foo/1/2/3/edit": "nested_edit testing=1/2/3", "/users/": "users page=1", "/users/page/2": "users page=2", "/users/page/1": "-> http://example.org/users/",
			"/foox": "foox", "/1/2/3": "barx bar=1 blub=2/3",
		}},
		{"several defaults", standardMap(), urlmap.Binding{}, []rule{
			{Rule: "/aaa/", Defaults: defaults("foo", 1, "bar", false), Endpoint: "x"}, {Rule: "/aaa/<int:foo>", Defaults: defaults("bar", false), Endpoint: "x"},
			{Rule: "/aaa/bar/", Defaults: defaults("foo", 1, "bar", true), Endpoint: "x"}, {Rule: "/aaa/bar/<int:foo>", Defaults: defaults("bar", true), Endpoint: "x"},
		}, map[string]string{
			"/aaa/": "x bar=false foo=1", "/aaa/2": "x bar=false foo=2", "/aaa/bar/": "x bar=true foo=1", "/aaa/bar/2": "x bar=true foo=2",
			"/aaa/1": "-> http://example.org/aaa/", "/aaa/bar/1": "-> http://example.org/aaa/bar/",
		}},
		{"aliases", standardMap(), urlmap.Binding{QueryString: "foo=bar"}, []rule{
			{Rule: "/", Endpoint: "index"}, {Rule: "/index.html", Endpoint: "index", Alias: true}, {Rule: "/users/", Defaults: defaults("page", 1), Endpoint: "users"},
			{Rule: "/users/index.html", Defaults: defaults("page", 1), Alias: true, Endpoint: "users"}, {Rule: "/users/page/<int:page>", Endpoint: "users"},
			{Rule: "/users/page-<int:page>.html", Alias: true, Endpoint: "users"},
		}, map[string]string{
			"/index.html": "-> http://example.org/?foo=bar", "/users/index.html": "-> http://example.org/users/?foo=bar",
			"/users/page-2.html": "-> http://example.org/users/page/2?foo=bar", "/users/page-1.html": "-> http://example.org/users/?foo=bar",
		}},
		{"HEAD comes with GET only", standardMap(), urlmap.Binding{}, []rule{
			{Rule: "/get", Methods: []string{"GET"}, Endpoint: "a"}, {Rule: "/post", Methods: []string{"POST"}, Endpoint: "b"},
			{Rule: "/<foo>", Methods: []string{"PUT"}, Endpoint: "c"},
		}, map[string]string{"HEAD /get": "a", "HEAD /post": "405 POST PUT", "DELETE /get": "405 GET HEAD PUT", "PUT /get": "c foo=get"}},
		{"a longer rule with a path before a shorter one", standardMap(), urlmap.Binding{}, []rule{
			{Rule: "/<path:path>/c", Endpoint: "simple"}, {Rule: "/<path:path>/<a>/<b>", Endpoint: "complex"},
		}, map[string]string{"/a/b/c": "simple path=a/b", "/a/b/d": "complex a=b b=d path=a"}},
		{"several variables in a segment, and a dot that is a dot", standardMap(), urlmap.Binding{}, []rule{
			{Rule: "/v<int:major>.<int:minor>", Endpoint: "version"}, {Rule: "/.<int:value>", Endpoint: "dotted"},
			{Rule: "/<any(a1, a2):a>", Endpoint: "no_dot"}, {Rule: "/<any(a.1, a.2):a>", Endpoint: "yes_dot"}, {Rule: "/hello", Endpoint: "hello"},
		}, map[string]string{
			"/v1.2": "version major=1 minor=2", "/.2": "dotted value=2", "/a": "404", "/x2": "404", "/a1": "no_dot a=a1", "/a.2": "yes_dot a=a.2", "/ax2": "404", "/hello\n": "404",
		}},
		{"UUIDs and numbers", standardMap(), urlmap.Binding{}, []rule{{Rule: "/<int:value>", Endpoint: "int"}, {Rule: "/<uuid:value>", Endpoint: "uuid"}},
			map[string]string{"/2b5b0911-fdcf-4dd2-921b-28ace88db8a0": "uuid value=2b5b0911-fdcf-4dd2-921b-28ace88db8a0", "/25": "int value=25"}},
		{"scripts of the world", standardMap(), urlmap.Binding{Host: "xn--n3h.example.com"}, []rule{
			{Rule: "/войти/", Endpoint: "enter"}, {Rule: "/foo+bar/", Endpoint: "foobar"}, {Rule: "/öäü/", Endpoint: "uml"},
			{Rule: "/c/<category>", Defaults: defaults("page", 1), Endpoint: "category"}, {Rule: "/c/<category>/page/<int:page>", Endpoint: "category"},
		}, map[string]string{
			"/войти": "-> http://xn--n3h.example.com/%D0%B2%D0%BE%D0%B9%D1%82%D0%B8/", "/войти/": "enter", "/foo+bar": "-> http://xn--n3h.example.com/foo+bar/",
			"/foo+bar/": "foobar", "/öäü": "-> http://xn--n3h.example.com/%C3%B6%C3%A4%C3%BC/", "/c/foo bar/page/1": "-> http://xn--n3h.example.com/c/foo%20bar", "/барсук": "404",
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m, err := mapOf(c.o, c.rules)
			require.NoError(t, err)
			for request, want := range c.want {
				assert.Equal(t, want, lookUp(t, m, c.bind, request), request)
			}
		})
	}
}

func TestWhichDomainTakesARequest(t *testing.T) {
	hosts := urlmap.Options{HostMatching: true, StrictSlashes: true, MergeSlashes: true, RedirectDefaults: true}
	none := standardMap()
	none.SubdomainMatching = false
	subdomains := []rule{{Rule: "/", Endpoint: "index"}, {Rule: "/", Subdomain: "static", Endpoint: "static"}, {Rule: "/<word>", Subdomain: "<lang>", Endpoint: "lookup"}}
	ofHosts := []rule{
		{Rule: "/", Host: "app.test", Endpoint: "index"}, {Rule: "/", Host: "<lang>.app.test", Endpoint: "lang"},
		{Rule: "/page/", Host: "app.<domain>", Defaults: defaults("page", 1), Endpoint: "page"}, {Rule: "/page/<int:page>/", Host: "pages.<domain>", Endpoint: "page"},
	}
	cases := []struct {
		name         string
		o            urlmap.Options
		rules        []rule
		server, host string
		path, want   string
	}{
		{"no subdomain", standardMap(), subdomains, "app.test", "app.test", "/", "index"},
		{"a subdomain", standardMap(), subdomains, "app.test", "static.app.test", "/", "static"},
		{"a variable subdomain", standardMap(), subdomains, "app.test", "jp.app.test", "/道具", "lookup lang=jp word=道具"},
		{"in any case", standardMap(), subdomains, "app.test", "STATIC.APP.TEST", "/", "static"},
		{"another domain has no subdomain", standardMap(), subdomains, "app.test", "static.other.test", "/", "index"},
		{"the port of the scheme", standardMap(), subdomains, "app.test:80", "app.test", "/", "index"},
		{"the host of the request before the server's", standardMap(), subdomains, "app.test", "static.app.test:80", "/", "static"},
		{"a redirect to another subdomain", standardMap(), []rule{
			{Rule: "/foo", Defaults: defaults("bar", 42), Subdomain: "test", Endpoint: "x"}, {Rule: "/foo/<int:bar>", Subdomain: "other", Endpoint: "x"},
		}, "localhost", "other.localhost", "/foo/42", "-> http://test.localhost/foo"},
		{"a host", hosts, ofHosts, "", "app.test", "/", "index"},
		{"no such host", hosts, ofHosts, "", "somewhere.test", "/", "404"},
		{"a variable at the beginning of a host", hosts, ofHosts, "", "en.app.test", "/", "lang lang=en"},
		{"a variable at the end of a host", hosts, ofHosts, "", "app.personal.test", "/page/", "page domain=personal.test page=1"},
		{"a slash on a variable host", hosts, ofHosts, "", "app.other.test", "/page", "-> http://app.other.test/page/"},
		{"defaults on another host", hosts, ofHosts, "", "pages.personal.test", "/page/1/", "-> http://app.personal.test/page/"},
		{"without matching", none, []rule{{Rule: "/", Endpoint: "index"}}, "app.test", "static.app.test", "/", "index"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m, err := mapOf(c.o, c.rules)
			require.NoError(t, err)
			assert.Equal(t, c.want, lookUp(t, m, urlmap.Binding{Host: c.host, ServerName: c.server}, c.path))
		})
	}
}

func TestWhichRulesAreOneTooMany(t *testing.T) {
	hosts := urlmap.Options{HostMatching: true}
	none := standardMap()
	none.SubdomainMatching = false
	get, post := []string{"GET"}, []string{"POST"}
	cases := []struct {
		name  string
		o     urlmap.Options
		rules []rule
		twice bool
	}{
		{"WebSocket, subdomain and methods tell rules apart", standardMap(), []rule{
			{Rule: "/", Endpoint: "index"}, {Rule: "/", Endpoint: "websocket", WebSocket: true}, {Rule: "/", Endpoint: "sub", Subdomain: "a"},
			{Rule: "/method", Methods: get}, {Rule: "/method", Methods: post},
		}, false},
		{"hosts tell rules apart", hosts, []rule{{Rule: "/", Endpoint: "index", Host: "a"}, {Rule: "/", Endpoint: "host", Host: "b"}}, false},
		{"subdomains do not without matching", none, []rule{{Rule: "/", Endpoint: "index"}, {Rule: "/", Endpoint: "sub", Subdomain: "a"}}, true},
		{"the same path", standardMap(), []rule{{Rule: "/", Endpoint: "a"}, {Rule: "/", Endpoint: "b"}}, true},
		{"the name of a variable does not matter", standardMap(), []rule{{Rule: "/page/<a>", Endpoint: "a"}, {Rule: "/page/<b>", Endpoint: "b"}}, true},
		{"its converter does", standardMap(), []rule{{Rule: "/<a>", Endpoint: "a"}, {Rule: "/<int:b>", Endpoint: "b"}}, false},
		{"methods in common", standardMap(), []rule{{Rule: "/", Methods: []string{"GET", "POST"}, Endpoint: "a"}, {Rule: "/", Methods: []string{"POST", "PUT"}, Endpoint: "b"}}, true},
		{"OPTIONS in common does not count", standardMap(), []rule{{Rule: "/", Methods: []string{"GET", "OPTIONS"}, Endpoint: "a"}, {Rule: "/", Methods: []string{"POST", "OPTIONS"}, Endpoint: "b"}}, false},
		{"unless it is all there is", standardMap(), []rule{{Rule: "/", Methods: []string{"HEAD", "OPTIONS"}, Endpoint: "a"}, {Rule: "/", Methods: []string{"HEAD", "OPTIONS"}, Endpoint: "b"}}, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := mapOf(c.o, c.rules)
			assert.Equal(t, c.twice, err != nil, err)
		})
	}
}

func TestRulesThatMakeNoSense(t *testing.T) {
	for name, r := range map[string]rule{
		"a variable without a name":        {Rule: "/<int()>", Endpoint: "test"},
		"a WebSocket that is posted":       {Rule: "/ws", WebSocket: true, Methods: []string{"POST"}},
		"a WebSocket with POST among them": {Rule: "/ws", WebSocket: true, Methods: []string{"GET", "HEAD", "OPTIONS", "POST"}},
		"methods in one word":              {Rule: "/", Methods: []string{"GET POST"}},
		"arguments with semicolons":        {Rule: "/<int(min=0;max=500):a>"},
		"no such converter":                {Rule: "/<nope:a>"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := mapOf(standardMap(), []rule{r})
			assert.Error(t, err)
		})
	}
	_, err := mapOf(standardMap(), []rule{{Rule: "/ws", WebSocket: true, Methods: []string{"GET", "HEAD", "OPTIONS"}}})
	assert.NoError(t, err)
}

// urlBuilt builds a URL, values in pairs; "error" when there is none.
func urlBuilt(a urlmap.Adapter, endpoint string, o urlmap.BuildOptions, pairs ...any) string {
	o.AppendUnknown = true
	url, err := a.Build(endpoint, defaults(pairs...), o)
	if err != nil {
		return "error"
	}
	return url
}

func TestWhichURLAnEndpointHas(t *testing.T) {
	m, err := mapOf(standardMap(), []rule{
		{Rule: "/", Endpoint: "index"}, {Rule: "/foo", Endpoint: "foo"}, {Rule: "/bar/<baz>", Endpoint: "bar"}, {Rule: "/bar/<int:bazi>", Endpoint: "bari"},
		{Rule: "/bar/<float:bazf>", Endpoint: "barf"}, {Rule: "/bar/<path:bazp>", Endpoint: "barp"}, {Rule: "/hehe", Endpoint: "blah", Subdomain: "blah"},
		{Rule: "/ws", Endpoint: "ws", WebSocket: true}, {Rule: "/flob/<flub>", Endpoint: "flob"}, {Rule: "/is/<any(patient, provider):value>", Endpoint: "actor"},
		{Rule: "/yes//merge", Endpoint: "yes_merge"}, {Rule: "/no//merge", Endpoint: "no_merge", MergeSlashes: flag(false)},
		{Rule: "/search_get", Endpoint: "search", Methods: []string{"GET"}}, {Rule: "/search_post", Endpoint: "search", Methods: []string{"POST"}},
		{Rule: "/kw/<class>", Endpoint: "keyword"}, {Rule: "/войти/", Endpoint: "enter"},
		{Rule: "/page/", Defaults: defaults("page", 1), Endpoint: "page"}, {Rule: "/page/<int:page>", Endpoint: "page"},
	})
	require.NoError(t, err)
	plain, external := urlmap.BuildOptions{}, urlmap.BuildOptions{External: true}
	here := boundTo(t, m, urlmap.Binding{})
	t.Run("from the same host", func(t *testing.T) {
		for want, got := range map[string]string{
			"/foo": urlBuilt(here, "foo", plain), "http://example.org/foo": urlBuilt(here, "foo", external),
			"/bar/blub": urlBuilt(here, "bar", plain, "baz", "blub"), "/bar/50": urlBuilt(here, "bari", plain, "bazi", 50),
			"/bar/0.815": urlBuilt(here, "barf", plain, "bazf", 0.815), "/bar/0.00001": urlBuilt(here, "barf", plain, "bazf", 0.00001),
			"/bar/la/di": urlBuilt(here, "barp", plain, "bazp", "la/di"), "/bar/42": urlBuilt(here, "bar", plain, "baz", 42), "/bar/x:y": urlBuilt(here, "bar", plain, "baz", "x:y"),
			"http://blah.example.org/hehe": urlBuilt(here, "blah", plain), "ws://example.org/ws": urlBuilt(here, "ws", plain),
			"/flob/x": urlBuilt(here, "flob", plain, "flub", "x", "flop", nil), "/flob/x?v=1&v=2": urlBuilt(here, "flob", plain, "flub", "x", "v", []any{1, nil, 2}),
			"/?v=": urlBuilt(here, "index", plain, "v", ""), "/?v=0": urlBuilt(here, "index", plain, "v", 0), "/?v=1.0": urlBuilt(here, "index", plain, "v", 1.0),
			"/?v=1&v=&v=2": urlBuilt(here, "index", plain, "v", []any{1, "", 2}), "/?v=1%2B2": urlBuilt(here, "index", plain, "v", "1+2"),
			"/": urlBuilt(here, "index", plain, "v", nil), "/is/patient": urlBuilt(here, "actor", plain, "value", "patient"),
			"/yes/merge": urlBuilt(here, "yes_merge", plain), "/no//merge": urlBuilt(here, "no_merge", plain),
			"/search_get": urlBuilt(here, "search", plain), "/search_post": urlBuilt(here, "search", urlmap.BuildOptions{Method: "POST"}),
			"/kw/bar": urlBuilt(here, "keyword", plain, "class", "bar"), "/page/": urlBuilt(here, "page", plain, "page", 1), "/page/2": urlBuilt(here, "page", plain, "page", 2),
			"/%D0%B2%D0%BE%D0%B9%D1%82%D0%B8/": urlBuilt(here, "enter", plain),
		} {
			assert.Equal(t, want, got)
		}
	})
	t.Run("that cannot be built", func(t *testing.T) {
		for name, got := range map[string]string{
			"no such endpoint": urlBuilt(here, "urks", plain), "no value": urlBuilt(here, "bar", plain), "no value but nil": urlBuilt(here, "flob", plain, "flub", nil),
			"a value that is not among them": urlBuilt(here, "actor", plain, "value", "invalid"), "a list for a number": urlBuilt(here, "bari", plain, "bazi", []any{1}),
			"no such method": urlBuilt(here, "search", urlmap.BuildOptions{Method: "PUT"}),
		} {
			assert.Equal(t, "error", got, name)
		}
	})
	t.Run("from elsewhere", func(t *testing.T) {
		sub := boundTo(t, m, urlmap.Binding{Host: "blah.example.org", ServerName: "example.org", ScriptName: "/test"})
		assert.Equal(t, "http://example.org/test/foo", urlBuilt(sub, "foo", plain))
		assert.Equal(t, "/test/hehe", urlBuilt(sub, "blah", plain))
		socket := boundTo(t, m, urlmap.Binding{WebSocket: true})
		assert.Equal(t, "http://example.org/foo", urlBuilt(socket, "foo", external))
		assert.Equal(t, "/foo", urlBuilt(socket, "foo", plain))
		assert.Equal(t, "wss://example.org/ws", urlBuilt(socket, "ws", urlmap.BuildOptions{Scheme: "https"}))
		port := boundTo(t, m, urlmap.Binding{Host: "example.org:5000", ServerName: "example.org:5000"})
		assert.Equal(t, "http://example.org:5000/", urlBuilt(port, "index", external))
		standard := boundTo(t, m, urlmap.Binding{Host: "example.org:443", Scheme: "https"})
		assert.Equal(t, "https://example.org/", urlBuilt(standard, "index", external))
		script := boundTo(t, m, urlmap.Binding{Host: "xn--n3h.example.com"})
		assert.Equal(t, "http://xn--n3h.example.com/%D0%B2%D0%BE%D0%B9%D1%82%D0%B8/", urlBuilt(script, "enter", external))
	})
}

func TestWhichURLAnEndpointOfSeveralHostsHas(t *testing.T) {
	m, err := mapOf(urlmap.Options{HostMatching: true}, []rule{
		{Rule: "/", Endpoint: "index", Host: "alpha.example.com"}, {Rule: "/", Endpoint: "index", Host: "beta.example.com"},
		{Rule: "/", Endpoint: "gamma", Host: "gamma.example.com"}, {Rule: "/page/", Endpoint: "page", Host: "app.<domain>"},
	})
	require.NoError(t, err)
	for _, host := range []string{"alpha.example.com", "AlPhA.ExAmPlE.CoM", "beta.example.com", "BeTa.ExAmPlE.CoM"} {
		a := boundTo(t, m, urlmap.Binding{Host: host})
		assert.Equal(t, "/", urlBuilt(a, "index", urlmap.BuildOptions{}), host)
		assert.Equal(t, "http://gamma.example.com/", urlBuilt(a, "gamma", urlmap.BuildOptions{}), host)
		assert.Equal(t, "http://app.personal.test/page/", urlBuilt(a, "page", urlmap.BuildOptions{}, "domain", "personal.test"), host)
	}
	a := boundTo(t, m, urlmap.Binding{Host: "app.personal.test"})
	assert.Equal(t, "/page/", urlBuilt(a, "page", urlmap.BuildOptions{}, "domain", "personal.test"))
}

func TestAFailedURLSuggestsTheNearestRule(t *testing.T) {
	m, err := mapOf(standardMap(), []rule{
		{Rule: "/foo/", Endpoint: "users.here"}, {Rule: "/wat/", Endpoint: "admin.users"}, {Rule: "/woop", Endpoint: "foo.users"},
		{Rule: "/world/<id>/", Endpoint: "world", Methods: []string{"GET"}},
	})
	require.NoError(t, err)
	a := boundTo(t, m, urlmap.Binding{})
	fail := func(endpoint string, o urlmap.BuildOptions, pairs ...any) *urlmap.BuildError {
		_, err := a.Build(endpoint, defaults(pairs...), o)
		var e *urlmap.BuildError
		require.ErrorAs(t, err, &e)
		return e
	}
	assert.Equal(t, "admin.users", fail("admin.user", urlmap.BuildOptions{}).Suggested.Endpoint)
	assert.Equal(t, "world", fail("worlds", urlmap.BuildOptions{}).Suggested.Endpoint)
	assert.Equal(t, []string{"id"}, fail("world", urlmap.BuildOptions{}).Missing)
	assert.Empty(t, fail("world", urlmap.BuildOptions{}).Methods)
	wrongMethod := fail("world", urlmap.BuildOptions{Method: "POST"}, "id", 2)
	assert.Equal(t, []string{"GET", "HEAD"}, slices.DeleteFunc(slices.Clone(wrongMethod.Methods), func(m string) bool { return m == "OPTIONS" }))
	empty, err := mapOf(standardMap(), nil)
	require.NoError(t, err)
	_, err = new(urlmap.Adapter{Map: empty}).Build("invalid", nil, urlmap.BuildOptions{})
	var e *urlmap.BuildError
	require.ErrorAs(t, err, &e)
	assert.Nil(t, e.Suggested)
}

func TestConvertersOfOnesOwn(t *testing.T) {
	m := urlmap.New(standardMap())
	same := func(s string) (string, error) { return s, nil }
	two := func(regexp string) urlmap.Converter {
		c, err := urlmap.NewConverter(regexp, 100, func(s string) (string, error) { return strings.ReplaceAll(s, "/", "+"), nil }, same)
		require.NoError(t, err)
		return c
	}
	require.NoError(t, m.AddConverter("two", func(urlmap.Args) (urlmap.Converter, error) { return two(`\w\w+/\w\w+`), nil }))
	require.NoError(t, m.AddConverter("regex", func(args urlmap.Args) (urlmap.Converter, error) {
		return urlmap.NewConverter(args.Positional[0].(string), 100, same, same)
	}))
	date := `((\d{8}T\d{6}([.,]\d{1,3})?)|(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}([.,]\d{1,3})?))Z`
	for _, r := range []rule{
		{Rule: "/two/<two:foo>/", Endpoint: "two"},
		{Rule: "/dates/<regex('" + date + "'):start>/<regex('" + date + "'):end>/", Endpoint: "dates"},
		{Rule: `/re/<regex('[^/:]+\.[^/:]+'):value>`, Endpoint: "regex"},
	} {
		r.Where = "test"
		_, err := m.Add(r)
		require.NoError(t, err)
	}
	m.Freeze()
	for path, want := range map[string]string{
		"/two/qwert/yuiop/": "two foo=qwert+yuiop",
		"/dates/2023-02-16T23:36:36.266Z/20230216T234636Z/": "dates end=20230216T234636Z start=2023-02-16T23:36:36.266Z",
		"/re/asdfsa.asdfs": "regex value=asdfsa.asdfs",
		"/re/asdfsa":       "404",
	} {
		assert.Equal(t, want, lookUp(t, m, urlmap.Binding{}, path))
	}
}
