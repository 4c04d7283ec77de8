package retort_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
)

// site has a few rules to build URLs for.
func site(opts ...retort.Option) *retort.App {
	app := quiet(opts...)
	app.AddURLRule("/", "index", noArguments)
	app.AddURLRule("/user/<name>", "user", func(string) string { return "" })
	app.AddURLRule("/post/<int:id>", "post", oneNumber)
	app.AddURLRule("/code/<int(fixed_digits=3):n>", "code", oneNumber)
	app.AddURLRule("/x/<float:x>", "float", func(float64) string { return "" })
	app.AddURLRule("/files/<path:name>", "file", func(string) string { return "" })
	app.AddURLRule("/<any(about, help):page>", "page", func(string) string { return "" })
	app.AddURLRule("/order/<uuid:id>", "order", func(string) string { return "" })
	app.AddURLRule("/all/", "all", oneNumber, retort.Default("page", 1))
	app.AddURLRule("/all/<int:page>", "all", oneNumber)
	app.AddURLRule("/things", "things", noArguments)
	app.AddURLRule("/things/new", "things", noArguments, retort.Methods("POST"))
	app.AddURLRule("/elsewhere/<x>", "elsewhere", nil, retort.BuildOnly())
	return app
}

func TestURLFor(t *testing.T) {
	type userID int
	type name string
	c := site().TestRequestContext("http://a.test:8080/user/ada?q=1")
	for _, tt := range []struct {
		name     string
		endpoint string
		args     []any
		want     string
	}{
		{"no variables", "index", nil, "/"},
		{"a string", "user", []any{"name", "ada"}, "/user/ada"},
		{"a number for a string", "user", []any{"name", 7}, "/user/7"},
		{"a named string", "user", []any{"name", name("x")}, "/user/x"},
		{"what a path cannot hold", "user", []any{"name", "a b?#%ü[]"}, "/user/a%20b%3F%23%25%C3%BC%5B%5D"},
		{"what it can", "user", []any{"name", "!$&'()*+,/:;=@-._~"}, "/user/!$&'()*+,/:;=@-._~"},
		{"a number", "post", []any{"id", 7}, "/post/7"},
		{"a named number", "post", []any{"id", userID(7)}, "/post/7"},
		{"a number as text", "post", []any{"id", "7"}, "/post/7"},
		{"a number of digits", "code", []any{"n", 7}, "/code/007"},
		{"more digits than there are, as in Werkzeug", "code", []any{"n", 1000}, "/code/1000"},
		{"an empty string, as in Werkzeug", "user", []any{"name", ""}, "/user/"},
		{"a float", "float", []any{"x", 2.0}, "/x/2.0"},
		{"a path", "file", []any{"name", "a/b c"}, "/files/a/b%20c"},
		{"one of several", "page", []any{"page", "help"}, "/help"},
		{"a uuid", "order", []any{"id", "C0FFEE00-0000-4000-8000-000000000001"}, "/order/C0FFEE00-0000-4000-8000-000000000001"},
		{"a default", "all", []any{"page", 1}, "/all/"},
		{"not the default", "all", []any{"page", 2}, "/all/2"},
		{"a rule for building only", "elsewhere", []any{"x", "y"}, "/elsewhere/y"},
		{"a query in the order written", "index", []any{"b", 1, "a", "x y"}, "/?b=1&a=x+y"},
		{"what a query cannot hold", "index", []any{"q", "a b+&=/é~*"}, "/?q=a+b%2B%26%3D/%C3%A9~*"},
		{"an empty value", "index", []any{"z", ""}, "/?z="},
		{"nil", "index", []any{"z", nil, "a", 1}, "/?a=1"},
		{"a slice", "index", []any{"z", []string{"1", "2"}, "y", []int{3}}, "/?z=1&z=2&y=3"},
		{"values beside variables", "user", []any{"tab", "posts", "name", "ada"}, "/user/ada?tab=posts"},
		{"an anchor", "index", []any{retort.Anchor("a b#c"), "q", 1}, "/?q=1#a%20b#c"},
		{"external", "index", []any{retort.External()}, "http://a.test:8080/"},
		{"not external", "index", []any{retort.External(false)}, "/"},
		{"a scheme", "post", []any{"id", 1, retort.Scheme("https")}, "https://a.test:8080/post/1"},
		{"the method of the request", "things", nil, "/things"},
		{"a method", "things", []any{retort.Method("post")}, "/things/new"},
		{"everything", "user", []any{"name", "ada", "a", 1, retort.Anchor("x"), retort.Scheme("https"), "b", 2}, "https://a.test:8080/user/ada?a=1&b=2#x"},
	} {
		t.Run(tt.name, func(t *testing.T) { assert.Equal(t, tt.want, c.URLFor(tt.endpoint, tt.args...)) })
	}
}

func TestURLForThatCannotBeBuilt(t *testing.T) {
	c := site().TestRequestContext("/")
	for _, tt := range []struct {
		name     string
		endpoint string
		args     []any
		want     string
	}{
		{"no such endpoint", "usr", []any{"name", "x"}, `no URL for endpoint "usr" with "name": there is no such endpoint; did you mean "user"?`},
		{"nothing like it", "zzzzzz", nil, `no URL for endpoint "zzzzzz": there is no such endpoint`},
		{"a missing value", "user", nil, `no URL for endpoint "user": the rule /user/<name> needs "name" too`},
		{"a value that is nil", "user", []any{"name", nil}, `no URL for endpoint "user" with "name": the rule /user/<name> needs "name" too`},
		{"neither the default nor a variable", "all", []any{"page", "x"}, `no URL for endpoint "all" with "page": the value of "page" is the string "x", the rule /all/<int:page> wants an integer`},
		{"a method that no rule has", "user", []any{"name", "x", retort.Method("DELETE")}, `no URL for endpoint "user" with "name" for DELETE: its rules answer GET, HEAD, OPTIONS`},
		{"a number that is none", "post", []any{"id", "seven"}, `no URL for endpoint "post" with "id": the value of "id" is the string "seven", the rule /post/<int:id> wants an integer`},
		{"none of several", "page", []any{"page", "contact"}, `no URL for endpoint "page" with "page": the value of "page" is the string "contact", which the rule /<any(about, help):page> does not take: "contact" is not one of about, help`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err, ok := panicOf(t, func() { c.URLFor(tt.endpoint, tt.args...) }).(*retort.BuildError)
			require.True(t, ok)
			assert.EqualError(t, err, tt.want)
		})
	}
}

func TestURLForWithArgumentsThatMakeNoPairs(t *testing.T) {
	c := site().TestRequestContext("/")
	for _, tt := range []struct {
		args []any
		want string
	}{
		{[]any{"id"}, `retort: URLFor takes names and values in pairs, but the last name, "id", has no value`},
		{[]any{"id", 1, "tab"}, `retort: URLFor takes names and values in pairs, but the last name, "tab", has no value`},
		{[]any{"id", retort.External()}, `retort: URLFor takes names and values in pairs, but after the name "id" comes an option instead of its value`},
		{[]any{7, "id"}, `retort: URLFor takes names and values in pairs: argument 2 should be a name, and is the int 7`},
		{[]any{"id", 1, retort.H{"a": 1}}, `retort: URLFor takes names and values in pairs: argument 4 should be a name, and is the retort.H map[a:1]`},
	} {
		assert.PanicsWithValue(t, tt.want, func() { c.URLFor("post", tt.args...) })
	}
}

func TestURLForWithASchemeIsExternal(t *testing.T) {
	c := site().TestRequestContext("/")
	assert.EqualError(t, panicOf(t, func() { c.URLFor("index", retort.Scheme("https"), retort.External(false)) }).(error),
		"retort: URLFor with a Scheme gives an external URL; leave External(false) out")
}

func TestURLForThatFailsInAViewIsA500(t *testing.T) {
	app := answering(func(c *retort.Context) any { return c.Redirect(c.URLFor("nowhere")) })
	log := logOf(app)
	assert.Equal(t, 500, app.TestClient().Get("/").Status)
	require.Len(t, log.errors(t), 1)
}

func TestURLForOutsideARequest(t *testing.T) {
	app := site()
	assert.EqualError(t, panicOf(t, func() { app.URLFor("index") }).(error),
		`retort: URLFor outside a request needs to know the host: set app.Config.Set("SERVER_NAME", "example.com"), and APPLICATION_ROOT and PREFERRED_URL_SCHEME if they are not "/" and "http"`)

	app.Config.Set("SERVER_NAME", "srv.test:80")
	assert.Equal(t, "http://srv.test:80/post/7", app.URLFor("post", "id", 7))
	assert.Equal(t, "/post/7", app.URLFor("post", "id", 7, retort.External(false)))
	app.Config.Update(map[string]any{"APPLICATION_ROOT": "/app", "PREFERRED_URL_SCHEME": "https"})
	assert.Equal(t, "https://srv.test:80/app/post/7#x", app.URLFor("post", "id", 7, retort.Anchor("x")))
}

func TestURLForUsesTheServerName(t *testing.T) {
	app := site()
	app.Config.Set("SERVER_NAME", "srv.test")
	c := app.TestRequestContext("http://other.test/")
	assert.Equal(t, "/", c.URLFor("index"))
	assert.Equal(t, "http://srv.test/", c.URLFor("index", retort.External()))
}

func TestURLForLeavesTheDefaultPortOut(t *testing.T) {
	app := site()
	assert.Equal(t, "http://a.test/", app.TestRequestContext("http://a.test:80/").URLFor("index", retort.External()))
	assert.Equal(t, "https://a.test/", app.TestRequestContext("https://a.test:443/").URLFor("index", retort.External()))
}

func TestURLForBelowAScriptRoot(t *testing.T) {
	c := site().TestRequestContext("/post/1", retort.WithBaseURL("https://a.test/app"))
	assert.Equal(t, "/app/post/2", c.URLFor("post", "id", 2))
	assert.Equal(t, "https://a.test/app/post/2", c.URLFor("post", "id", 2, retort.External()))
}

func TestURLForASubdomain(t *testing.T) {
	app := site(retort.SubdomainMatching())
	app.Config.Set("SERVER_NAME", "srv.test")
	app.AddURLRule("/", "api", noArguments, retort.Subdomain("api"))
	app.AddURLRule("/", "tenant", func(string) string { return "" }, retort.Subdomain("<name>.shop"))
	c := app.TestRequestContext("http://api.srv.test/")
	assert.Equal(t, "api", c.Endpoint())
	assert.Equal(t, "/", c.URLFor("api"))
	assert.Equal(t, "http://srv.test/", c.URLFor("index"))
	assert.Equal(t, "http://ada.shop.srv.test/", c.URLFor("tenant", "name", "ada"))
}

// Without SubdomainMatching a subdomain is another site: nothing is matched
// against it, and its URLs are absolute.
func TestURLForASubdomainOfAnotherSite(t *testing.T) {
	app := site()
	app.Config.Set("SERVER_NAME", "srv.test")
	app.AddURLRule("/", "api", noArguments, retort.Subdomain("api"))
	app.AddURLRule("/only", "tenant", func(string) string { return "" }, retort.Subdomain("<name>.shop"))
	c := app.TestRequestContext("http://api.srv.test/")
	assert.Equal(t, "index", c.Endpoint())
	assert.Equal(t, "/", c.URLFor("index"))
	assert.Equal(t, "http://api.srv.test/", c.URLFor("api"))
	assert.Equal(t, "http://ada.shop.srv.test/only", app.URLFor("tenant", "name", "ada"))
	assert.Equal(t, 404, app.TestClient().Get("http://ada.shop.srv.test/only").Status)
}

func TestURLForWithoutAScheme(t *testing.T) {
	app := site()
	app.Config.Set("SERVER_NAME", "srv.test")
	c := app.TestRequestContext("https://srv.test/")
	assert.Equal(t, "//srv.test/", c.URLFor("index", retort.Scheme("")))
	assert.Equal(t, "https://srv.test/", c.URLFor("index", retort.External()), "the next URL has its scheme")
	assert.Equal(t, "//srv.test/", app.URLFor("index", retort.Scheme("")))
	assert.EqualError(t, panicOf(t, func() { c.URLFor("index", retort.Scheme(""), retort.External(false)) }).(error),
		"retort: URLFor with a Scheme gives an external URL; leave External(false) out")
}

func TestURLForWithAnEmptyAnchor(t *testing.T) {
	assert.Equal(t, "/#", site().TestRequestContext("/").URLFor("index", retort.Anchor("")))
}

// Outside a request there is no blueprint that a dot could stand for.
func TestURLForOfARelativeEndpointOutsideARequest(t *testing.T) {
	app := site()
	app.Config.Set("SERVER_NAME", "srv.test")
	assert.IsType(t, (*retort.BuildError)(nil), panicOf(t, func() { app.URLFor(".index") }))
	assert.Equal(t, "/", app.TestRequestContext("/").URLFor(".index"))
}

func TestURLForAHost(t *testing.T) {
	app := quiet(retort.HostMatching())
	app.AddURLRule("/", "a", noArguments, retort.Host("a.test"))
	app.AddURLRule("/", "b", func(string) string { return "" }, retort.Host("<x>.b.test"))
	c := app.TestRequestContext("http://a.test/")
	assert.Equal(t, "a", c.Endpoint())
	assert.Equal(t, "/", c.URLFor("a"))
	assert.Equal(t, "http://y.b.test/", c.URLFor("b", "x", "y"))
}

func TestURLDefaults(t *testing.T) {
	app := site()
	var where []string
	app.URLDefaults(func(c *retort.Context, endpoint string, values retort.H) {
		where = append(where, fmt.Sprint(endpoint, c != nil))
		if _, given := values["name"]; !given {
			values["name"] = "ada"
		}
	})
	app.URLDefaults(func(_ *retort.Context, _ string, values retort.H) {
		values["z"], values["b"] = 1, 2
		delete(values, "secret")
	})
	app.Config.Set("SERVER_NAME", "srv.test")
	c := app.TestRequestContext("/")
	assert.Equal(t, "/user/ada?a=0&b=2&z=1", c.URLFor("user", "a", 0, "secret", "x"))
	assert.Equal(t, "/user/grace?b=2&z=1", c.URLFor("user", "name", "grace"))
	assert.Equal(t, "http://srv.test/user/ada?b=2&z=1", app.URLFor("user"))
	assert.Equal(t, []string{"usertrue", "usertrue", "userfalse"}, where)
}

func TestURLBuildErrorHandlers(t *testing.T) {
	app := site()
	other := errors.New("another error")
	app.URLBuildErrorHandler(func(_ *retort.BuildError, endpoint string, values retort.H) (string, error) {
		if endpoint == "external" {
			return fmt.Sprint("https://example.com/", values["id"]), nil
		}
		return "", nil
	})
	app.URLBuildErrorHandler(func(err *retort.BuildError, endpoint string, _ retort.H) (string, error) {
		if endpoint == "fails" {
			return "", other
		}
		return "", nil
	})
	c := app.TestRequestContext("/")
	assert.Equal(t, "https://example.com/7", c.URLFor("external", "id", 7))
	assert.Equal(t, other, panicOf(t, func() { c.URLFor("fails") }))
	assert.IsType(t, (*retort.BuildError)(nil), panicOf(t, func() { c.URLFor("nowhere") }))
}

// What URLFor builds, the rules match.
func TestURLForAndBack(t *testing.T) {
	app := site()
	c := app.TestRequestContext("/")
	for _, tt := range []struct {
		endpoint, name string
		value          any
	}{
		{"user", "name", "Zoë & co?#%;"}, {"user", "name", "\x01\n~"}, {"post", "id", 0}, {"code", "n", 42},
		{"float", "x", 1.25}, {"float", "x", 1e20}, {"file", "name", "a//b/../c"}, {"page", "page", "about"}, {"all", "page", 1}, {"all", "page", 9},
	} {
		target := c.URLFor(tt.endpoint, tt.name, tt.value)
		back := app.TestRequestContext(target)
		assert.Equal(t, tt.endpoint, back.Endpoint(), target)
		assert.Equal(t, tt.value, back.ViewArgs()[tt.name], target)
	}
}
