package urlmap

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// frozenMap returns a frozen map of the rules.
func frozenMap(t testing.TB, o Options, specs ...Spec) *Map {
	t.Helper()
	m := New(o)
	for _, s := range specs {
		_, err := m.Add(s)
		require.NoError(t, err)
	}
	m.Freeze()
	return m
}

func TestBind(t *testing.T) {
	subdomains := Options{SubdomainMatching: true, DefaultSubdomain: "www"}
	tests := []struct {
		name                          string
		options                       Options
		binding                       Binding
		server, scheme, subdomain, on string // on: Query.Domain
	}{
		{"the host is the server name", Options{}, Binding{Host: "Example.org", Scheme: "http"}, "example.org", "http", "", ""},
		{"the configured name wins", Options{}, Binding{Host: "other.test", ServerName: "example.org", Scheme: "http"}, "example.org", "http", "", ""},
		{"the default port of http goes", Options{}, Binding{Host: "a.test:80", Scheme: "http"}, "a.test", "http", "", ""},
		{"the default port of https goes", Options{}, Binding{Host: "a.test:443", Scheme: "https"}, "a.test", "https", "", ""},
		{"another port stays", Options{}, Binding{Host: "a.test:443", Scheme: "http"}, "a.test:443", "http", "", ""},
		{"a handshake has the scheme ws", Options{}, Binding{Host: "a.test:80", Scheme: "http", WebSocket: true}, "a.test", "ws", "", ""},
		{"a secure handshake has the scheme wss", Options{}, Binding{Host: "a.test", Scheme: "https", WebSocket: true}, "a.test", "wss", "", ""},
		{"an address in brackets", Options{}, Binding{Host: "[::1]:80", Scheme: "http"}, "[::1]", "http", "", ""},
		{"a configured name that is not ASCII", Options{}, Binding{Host: "x.test", ServerName: "bücher.test:81", Scheme: "http"}, "xn--bcher-kva.test:81", "http", "", ""},
		{"no host at all", Options{}, Binding{Scheme: "http"}, "", "http", "", ""},
		{"the subdomain in front of the server name", subdomains, Binding{Host: "API.example.org", ServerName: "example.org", Scheme: "http"}, "example.org", "http", "api", "api"},
		{"the server name itself has no subdomain", subdomains, Binding{Host: "example.org:80", ServerName: "example.org", Scheme: "http"}, "example.org", "http", "", ""},
		{"a host outside of the server name", subdomains, Binding{Host: "127.0.0.1", ServerName: "example.org", Scheme: "http"}, "example.org", "http", "www", "www"},
		{"no configured name, no subdomain", subdomains, Binding{Host: "api.example.org", Scheme: "http"}, "api.example.org", "http", "", ""},
		{"host matching takes the host", Options{HostMatching: true}, Binding{Host: "A.test:8080", ServerName: "example.org", Scheme: "http"}, "a.test:8080", "http", "", "a.test:8080"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := frozenMap(t, tt.options)
			a, err := m.Bind(tt.binding)
			require.NoError(t, err)
			assert.Equal(t, tt.server, a.ServerName)
			assert.Equal(t, tt.scheme, a.Scheme)
			assert.Equal(t, tt.subdomain, a.Subdomain)
			assert.Equal(t, tt.on, a.Query("/").Domain)
			assert.Equal(t, tt.on, m.Domain(tt.binding.Host, tt.binding.ServerName, tt.binding.Scheme))
		})
	}
}

func TestBindRefusesHosts(t *testing.T) {
	tests := []struct{ name, host, server, want string }{
		{"a byte that no host has", "a b", "", `host "a b" is not valid: byte 1 is " "; a name has letters, digits, dots and hyphens`},
		{"also below a configured name", "a b", "example.org", `host "a b" is not valid: byte 1 is " "; a name has letters, digits, dots and hyphens`},
		{"an empty label", "a..b", "", `host "a..b" is not valid: it has an empty label`},
		{"a long label", strings.Repeat("a", 64), "", `host "` + strings.Repeat("a", 64) + `" is not valid: it has a label of more than 63 bytes`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := frozenMap(t, Options{}).Bind(Binding{Host: tt.host, ServerName: tt.server, Scheme: "http"})
			var bad *HostError
			require.ErrorAs(t, err, &bad)
			assert.EqualError(t, err, tt.want)
		})
	}
}

func TestDomainDoesNotAllocate(t *testing.T) {
	hosts := frozenMap(t, Options{HostMatching: true})
	subdomains := frozenMap(t, Options{SubdomainMatching: true})
	plain := frozenMap(t, Options{})
	allocs := testing.AllocsPerRun(100, func() {
		if hosts.Domain("a.test:80", "", "http") != "a.test" ||
			subdomains.Domain("api.example.org", "example.org", "http") != "api" ||
			plain.Domain("a.test", "", "http") != "" {
			t.Error("wrong domain")
		}
	})
	assert.Zero(t, allocs)
}

func TestMatchRedirects(t *testing.T) {
	one := []Value{{"page", 1}}
	m := frozenMap(t, DefaultOptions(),
		Spec{Rule: "/branch/", Endpoint: "branch"},
		Spec{Rule: "/leaf", Endpoint: "leaf"},
		Spec{Rule: "/all/", Endpoint: "all", Defaults: one},
		Spec{Rule: "/all/page/<int:page>", Endpoint: "all"},
		Spec{Rule: "/old/<int:id>", Endpoint: "item", Alias: true},
		Spec{Rule: "/item/<int:id>", Endpoint: "item"},
		Spec{Rule: "/lonely", Endpoint: "lonely", Alias: true},
		Spec{Rule: "/p/<path:rest>/", Endpoint: "p"},
		Spec{Rule: "/b/<x>/", Endpoint: "b"},
	)
	tests := []struct{ name, path, query, script, want string }{
		{"the missing last slash", "/branch", "", "", "http://example.org/branch/"},
		{"the query stays as it came", "/branch", "a=1&b=%20x", "", "http://example.org/branch/?a=1&b=%20x"},
		{"bytes that no query has are encoded", "/branch", "a=é\r\n#\\ b", "", "http://example.org/branch/?a=%C3%A9%0D%0A%23%5C%20b"},
		{"slashes are merged", "/branch//", "", "", "http://example.org/branch/"},
		{"the script name is in front", "/branch", "", "/app", "http://example.org/app/branch/"},
		{"the script name is quoted", "/branch", "", "/a b%/", "http://example.org/a%20b%25/branch/"},
		{"a script name with slashes at the front", "/branch", "", "//evil.test", "http://example.org/evil.test/branch/"},
		{"a script name with a backslash", "/branch", "", `/\evil.test`, "http://example.org/%5Cevil.test/branch/"},
		{"the values are another rule's defaults", "/all/page/1", "q=1", "", "http://example.org/all/?q=1"},
		{"an alias", "/old/7", "q=1", "", "http://example.org/item/7?q=1"},
		{"a path that starts with two slashes", "//branch", "", "", "http://example.org/branch/"},
		{"a host behind slashes", "//p/evil.test", "", "", "http://example.org/p/evil.test/"},
		{"a backslash", `/p/\evil.test`, "", "", "http://example.org/p/%5Cevil.test/"},
		{"control bytes", "/b/a\r\nSet-Cookie: x", "", "", "http://example.org/b/a%0D%0ASet-Cookie:%20x/"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := Adapter{Map: m, ServerName: "example.org", Scheme: "http", Method: "GET", QueryString: tt.query, ScriptName: tt.script}
			mt, url, err := a.Match(tt.path)
			require.NoError(t, err)
			assert.Equal(t, Redirected, mt.Outcome)
			assert.Equal(t, tt.want, url)
		})
	}
	t.Run("no redirect when nothing is to be done", func(t *testing.T) {
		a := Adapter{Map: m, ServerName: "example.org", Scheme: "http", Method: "GET"}
		for _, path := range []string{"/leaf", "/all/", "/all/page/2", "/item/7"} {
			mt, url, err := a.Match(path)
			require.NoError(t, err)
			assert.Equal(t, Found, mt.Outcome, path)
			assert.Empty(t, url)
		}
	})
	t.Run("an alias without a canonical rule is a mistake", func(t *testing.T) {
		a := Adapter{Map: m, ServerName: "example.org", Scheme: "http", Method: "GET"}
		_, _, err := a.Match("/lonely")
		assert.EqualError(t, err, `url rule "/lonely" is an alias, but no other rule of its endpoint "lonely" takes its values and GET; add one without alias`)
	})
	t.Run("an alias on the same host as the request still leads to the canonical rule", func(t *testing.T) {
		m := frozenMap(t, Options{HostMatching: true, RedirectDefaults: true},
			Spec{Rule: "/old", Endpoint: "x", Host: "a.test", Alias: true},
			Spec{Rule: "/new", Endpoint: "x", Host: "b.test"})
		a := Adapter{Map: m, ServerName: "a.test", Scheme: "https", Method: "GET"}
		_, url, err := a.Match("/old")
		require.NoError(t, err)
		assert.Equal(t, "https://b.test/new", url)
	})
	t.Run("without a host the redirect is a path", func(t *testing.T) {
		a := Adapter{Map: m, Scheme: "http", Method: "GET"}
		_, url, err := a.Match("//branch")
		require.NoError(t, err)
		assert.Equal(t, "/branch/", url)
	})
}

func TestRedirectTo(t *testing.T) {
	tests := []struct{ name, rule, to, path, script, want string }{
		{"a relative target", "/foo/<int:id>", "bar/<id>", "/foo/5", "", "http://example.org/bar/5"},
		{"below the script name", "/foo/<int:id>", "bar/<id>", "/foo/5", "/app", "http://example.org/app/bar/5"},
		{"an absolute path", "/foo/<int:id>", "/new/<id>", "/foo/5", "/app", "http://example.org/new/5"},
		{"dots", "/foo/<x>", "../a/./b/../<x>", "/foo/k", "", "http://example.org/a/k"},
		{"query and fragment", "/foo/<x>", "z?x=<x>#f", "/foo/v w", "", "http://example.org/z?x=v%20w#f"},
		{"a value with a question mark", "/foo/<x>", "/z/<x>", "/foo/a?b#c", "", "http://example.org/z/a%3Fb%23c"},
		{"another host, written by the author", "/foo/<x>", "https://other.test/<x>", "/foo/y", "", "https://other.test/y"},
		{"another host without a scheme", "/foo/<x>", "//other.test/<x>", "/foo/y", "", "http://other.test/y"},
		{"another scheme", "/foo/<x>", "mailto:<x>@example.org", "/foo/me", "", "mailto:me@example.org"},
		{"a value that is a URL", "/foo/<path:x>", "<x>", "/foo/http://evil.test/", "", "http://example.org/http://evil.test/"},
		{"a value with slashes after a slash", "/foo/<path:x>", "/<x>", "/foo/./evil.test", "", "http://example.org/evil.test"},
		{"a value that is a network path", "/foo<path:x>", "<x>", "/foo.//evil.test/x", "", "http://example.org/evil.test/x"},
		{"a backslash value", "/foo/<x>", "/<x>", `/foo/\evil.test`, "", "http://example.org/%5Cevil.test"},
		{"a backslash target", "/foo/<x>", `\\<x>`, "/foo/evil.test", "", "http://example.org/%5C%5Cevil.test"},
		{"a control byte", "/foo/<x>", "/<x>", "/foo/a\r\nb", "", "http://example.org/a%0D%0Ab"},
		{"an empty host", "/foo/<path:x>", "http:///<x>", "/foo/evil.test", "", "http://example.org/evil.test"},
		{"a host without a path and a value in the query", "/foo/<x>", "http://other.test?q=<x>", "/foo/@evil.test", "", "http://other.test?q=@evil.test"},
		{"dots cannot leave the root", "/foo/<path:x>", "/a/<x>", "/foo/../../..//evil.test", "", "http://example.org/evil.test"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := frozenMap(t, Options{StrictSlashes: true}, Spec{Rule: tt.rule, Endpoint: "old", RedirectTo: tt.to})
			a := Adapter{Map: m, ServerName: "example.org", Scheme: "http", Method: "GET", ScriptName: tt.script, QueryString: "dropped=1"}
			mt, url, err := a.Match(tt.path)
			require.NoError(t, err)
			require.Equal(t, Redirected, mt.Outcome)
			assert.Equal(t, tt.want, url)
			a.ServerName = ""
			_, url, err = a.Match(tt.path)
			require.NoError(t, err)
			assert.NotRegexp(t, `^/[/\\]`, url)
		})
	}
}

func TestRedirectToMistakes(t *testing.T) {
	tests := []struct{ name, to, want string }{
		{"a variable in the host", "http://<x>.example.org/",
			`redirect_to of url rule "/foo/<path:x>": the host of "http://<x>.example.org/" has a variable, so that a client could choose it; write the host out, or use RedirectToFunc`},
		{"a variable that goes on with the host", "http://example.org<x>",
			`redirect_to of url rule "/foo/<path:x>": the host of "http://example.org<x>" has a variable, so that a client could choose it; write the host out, or use RedirectToFunc`},
		{"a variable that is the host", "//<x>",
			`redirect_to of url rule "/foo/<path:x>": the host of "//<x>" has a variable, so that a client could choose it; write the host out, or use RedirectToFunc`},
		{"an unknown variable", "/<y>", `redirect_to of url rule "/foo/<path:x>": "/<y>" has a place for "y", which is no variable of the rule`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := frozenMap(t, Options{}, Spec{Rule: "/foo/<path:x>", Endpoint: "old", RedirectTo: tt.to})
			a := Adapter{Map: m, ServerName: "example.org", Scheme: "http", Method: "GET"}
			_, url, err := a.Match("/foo/evil.test")
			assert.EqualError(t, err, tt.want)
			assert.Empty(t, url)
		})
	}
}

func TestRedirectToFunc(t *testing.T) {
	tests := []struct {
		name, path string
		f          func(x string) string
		want, err  string
	}{
		{"a path", "/foo/a", func(x string) string { return "/new/" + x }, "http://example.org/new/a", ""},
		{"another host", "/foo/docs/en", func(x string) string { return "https://docs.test/" + x }, "https://docs.test/docs/en", ""},
		{"a label of the host", "/foo/bob", func(x string) string { return "https://" + x + ".example.org/" }, "https://bob.example.org/", ""},
		{"slashes at the front", "/foo/./evil.test", func(x string) string { return "/" + x[1:] }, "http://example.org/evil.test", ""},
		{"a backslash at the front", `/foo/\evil.test`, func(x string) string { return "/" + x }, "http://example.org/%5Cevil.test", ""},
		{"a tab between slashes", "/foo/\t/evil.test", func(x string) string { return "/" + x }, "http://example.org/%09/evil.test", ""},
		{"a URL without slashes", "/foo/http:evil.test", func(x string) string { return x }, "http://example.org/evil.test", ""},
		{"a value that is a URL", "/foo/http://evil.test/", func(x string) string { return x }, "",
			`redirect_to of url rule "/foo/<path:x>": the function returned "http://evil.test/", whose host came with a value of the URL; check the value first`},
		{"a value that ends the host", "/foo/evil.test/", func(x string) string { return "http://" + x + ".example.org/" }, "",
			`redirect_to of url rule "/foo/<path:x>": the function returned "http://evil.test/.example.org/", whose host came with a value of the URL; check the value first`},
		{"a value with a user name", "/foo/a@evil.test", func(x string) string { return "http://" + x }, "",
			`redirect_to of url rule "/foo/<path:x>": the function returned "http://a@evil.test", whose host came with a value of the URL; check the value first`},
		{"a value with a user name and a short host", "/foo/a@evil", func(x string) string { return "http://" + x + ":80/" }, "",
			`redirect_to of url rule "/foo/<path:x>": the function returned "http://a@evil:80/", whose host came with a value of the URL; check the value first`},
		{"a value that is a script", "/foo/javascript:alert(1)", func(x string) string { return x }, "",
			`redirect_to of url rule "/foo/<path:x>": the function returned "javascript:alert(1)", whose scheme came with a value of the URL; check the value first`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := func(values []Value) (string, error) { return tt.f(values[0].Value.(string)), nil }
			m := frozenMap(t, Options{}, Spec{Rule: "/foo/<path:x>", Endpoint: "old", RedirectToFunc: f})
			a := Adapter{Map: m, ServerName: "example.org", Scheme: "http", Method: "GET"}
			mt, url, err := a.Match(tt.path)
			require.Equal(t, Redirected, mt.Outcome)
			assert.Equal(t, tt.want, url)
			if tt.err != "" {
				assert.EqualError(t, err, tt.err)
			} else {
				assert.NoError(t, err)
			}
		})
	}
}

// However a path, a script name and a query look, a redirect of any kind stays on
// the host of the server, and without a known host it is a path.
func FuzzRedirectStaysOnHost(f *testing.F) {
	m := frozenMap(f, DefaultOptions(),
		Spec{Rule: "/b/<x>/", Endpoint: "b"},
		Spec{Rule: "/p/<path:x>/", Endpoint: "p"},
		Spec{Rule: "/r/<path:x>", Endpoint: "r", RedirectTo: "<x>"},
		Spec{Rule: "/s/<path:x>", Endpoint: "s", RedirectTo: "/<x>"},
		Spec{Rule: "/d/<path:x>", Endpoint: "d", RedirectTo: "../<x>/../<x>"},
		Spec{Rule: "/a/<path:x>", Endpoint: "z", Alias: true},
		Spec{Rule: "/<path:x>/z", Endpoint: "z"},
		Spec{Rule: "/e/", Endpoint: "e", Defaults: []Value{{"x", "evil.test"}}},
		Spec{Rule: "/e/<path:x>", Endpoint: "e"},
	)
	for _, path := range []string{"/b/x", "//p//evil.test", `/r/\\evil.test`, "/s/./evil.test", "/r/http://evil.test", "/d/..//evil.test", "/a//evil.test", "/e/evil.test", "/a/\\evil"} {
		f.Add(path, "/", "q=1")
		f.Add(path, "//evil.test", "//")
	}
	f.Fuzz(func(t *testing.T, path, script, query string) {
		a := Adapter{Map: m, ServerName: "example.org", Scheme: "http", Method: "GET", ScriptName: script, QueryString: query}
		mt, url, err := a.Match(path)
		require.NoError(t, err)
		if mt.Outcome != Redirected {
			return
		}
		rest, ok := strings.CutPrefix(url, "http://example.org/")
		require.True(t, ok, url)
		for _, c := range []byte(rest) {
			if c <= ' ' || c >= 0x7f || c == '\\' {
				t.Fatalf("%q holds %q", url, c)
			}
		}
		a.ServerName = ""
		_, url, err = a.Match(path)
		require.NoError(t, err)
		assert.Regexp(t, `^/([^/\\]|$)`, url)
	})
}
