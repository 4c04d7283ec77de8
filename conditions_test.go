package retort_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/retort-go/retort"
)

// saying is a view that answers with text.
func saying(text string) func() string { return func() string { return text } }

func TestConditions(t *testing.T) {
	for _, tt := range []struct {
		name      string
		condition retort.RouteOption
		target    string
		opts      []retort.TestOption
		met       bool
	}{
		{"a header with its value", retort.MatchHeaders("X-Api", "2"), "/", []retort.TestOption{retort.WithHeader("X-Api", "2")}, true},
		{"a header with another value", retort.MatchHeaders("X-Api", "2"), "/", []retort.TestOption{retort.WithHeader("X-Api", "1")}, false},
		{"no such header", retort.MatchHeaders("X-Api", "2"), "/", nil, false},
		{"one of several values", retort.MatchHeaders("X-Api", "2"), "/", []retort.TestOption{retort.WithHeader("X-Api", "1", "2")}, true},
		{"a header with any value", retort.MatchHeaders("X-Api", ""), "/", []retort.TestOption{retort.WithHeader("X-Api", "9")}, true},
		{"a header that is not there at all", retort.MatchHeaders("X-Api", ""), "/", nil, false},
		{"the name of a header in another case", retort.MatchHeaders("x-api", "2"), "/", []retort.TestOption{retort.WithHeader("X-Api", "2")}, true},
		{"two headers", retort.MatchHeaders("A", "1", "B", "2"), "/", []retort.TestOption{retort.WithHeader("A", "1"), retort.WithHeader("B", "2")}, true},
		{"one of two headers", retort.MatchHeaders("A", "1", "B", "2"), "/", []retort.TestOption{retort.WithHeader("A", "1")}, false},
		{"a query value", retort.MatchQueries("v", "2"), "/?v=2", nil, true},
		{"another query value", retort.MatchQueries("v", "2"), "/?v=22", nil, false},
		{"no query", retort.MatchQueries("v", "2"), "/", nil, false},
		{"any query value", retort.MatchQueries("v", ""), "/?a=1&v=x", nil, true},
		{"a query value of a form", retort.MatchQueries("v", "{n:[0-9]+}"), "/?v=12", nil, true},
		{"a query value of another form", retort.MatchQueries("v", "{n:[0-9]+}"), "/?v=x", nil, false},
		{"a scheme", retort.MatchSchemes("https"), "https://localhost/", nil, true},
		{"another scheme", retort.MatchSchemes("https"), "http://localhost/", nil, false},
		{"one of several schemes", retort.MatchSchemes("HTTPS", "http"), "http://localhost/", nil, true},
		{"a function that says yes", retort.MatcherFunc(func(r *http.Request) bool { return r.URL.Path == "/" }), "/", nil, true},
		{"a function that says no", retort.MatcherFunc(func(r *http.Request) bool { return r.URL.Path == "/x" }), "/", nil, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			app := quiet()
			app.Get("/", tt.condition)(noArguments)
			assert.Equal(t, map[bool]int{true: 200, false: 404}[tt.met], app.TestClient().Get(tt.target, tt.opts...).Status)
		})
	}
}

func TestRulesThatDifferOnlyInTheirConditions(t *testing.T) {
	app := quiet()
	app.Get("/data", retort.MatchHeaders("Accept", "application/json"), retort.Endpoint("json"))(saying("json"))
	app.Get("/data", retort.MatchHeaders("Accept", "text/csv"), retort.MatchSchemes("https"), retort.Endpoint("csv"))(saying("csv"))
	app.Get("/data", retort.Endpoint("html"))(saying("html"))
	client := app.TestClient()
	assert.Equal(t, "json", client.Get("/data", retort.WithHeader("Accept", "application/json")).Text)
	assert.Equal(t, "csv", client.Get("/data", retort.WithHeader("Accept", "text/csv"), retort.WithScheme("https")).Text)
	assert.Equal(t, "html", client.Get("/data", retort.WithHeader("Accept", "text/csv")).Text, "all conditions of a rule must hold")
	assert.Equal(t, "html", client.Get("/data").Text)
}

func TestAConditionThatRefusesLetsTheSearchGoOn(t *testing.T) {
	app := quiet()
	app.Get("/user/me", retort.MatchHeaders("X-Own", "1"), retort.Endpoint("own"))(saying("own"))
	app.Get("/user/<int:id>", retort.MatchHeaders("X-Own", "1"), retort.Endpoint("number"))(func(int) string { return "number" })
	app.Get("/user/<name>", retort.Endpoint("name"))(func(name string) string { return "name " + name })
	app.Get("/only", retort.MatchHeaders("X-Own", "1"), retort.Endpoint("only"))(saying("only"))
	app.Post("/only", retort.Endpoint("write"))(saying("write"))
	app.Get("/dir/", retort.MatchHeaders("X-Own", "1"), retort.Endpoint("dir"))(saying("dir"))
	client := app.TestClient()
	own := retort.WithHeader("X-Own", "1")

	assert.Equal(t, "own", client.Get("/user/me", own).Text)
	assert.Equal(t, "name me", client.Get("/user/me").Text, "to a rule of less weight")
	assert.Equal(t, "number", client.Get("/user/7", own).Text)
	assert.Equal(t, "name 7", client.Get("/user/7").Text)

	assert.Equal(t, "only", client.Get("/only", own).Text)
	res := client.Get("/only")
	assert.Equal(t, 405, res.Status, "to the rules for other methods")
	assert.Equal(t, "OPTIONS, POST", res.Header.Get("Allow"), "GET is not allowed for this request")

	assert.Equal(t, 308, client.Get("/dir", own).Status)
	assert.Equal(t, 404, client.Get("/dir").Status, "a slash is not missing from a rule that is not there")
	assert.Equal(t, 404, client.Get("/dir/").Status)
}

func TestAConditionIsAskedAfterPathAndMethod(t *testing.T) {
	var asked []string
	app := quiet()
	app.Get("/a", retort.MatcherFunc(func(r *http.Request) bool { asked = append(asked, r.Method+" "+r.URL.Path); return true }))(noArguments)
	app.Get("/b", retort.Endpoint("b"))(noArguments)
	client := app.TestClient()
	client.Get("/b")
	client.Post("/a")
	client.Get("/c")
	assert.Empty(t, asked)
	client.Get("/a")
	assert.Equal(t, []string{"GET /a"}, asked)
}

func TestAConditionThatPanics(t *testing.T) {
	errBroken := errors.New("broken")
	app := quiet()
	log := logOf(app)
	app.Get("/", retort.MatcherFunc(func(*http.Request) bool { panic(errBroken) }))(noArguments)
	assert.NotPanics(t, func() { assert.Equal(t, 500, app.TestClient().Get("/").Status) })
	assert.Equal(t, []string{"broken"}, log.errors(t))
}

func TestConditionsThatMakeNoSense(t *testing.T) {
	odd := []string{"A", "1", "B"}
	for _, tt := range []struct {
		name string
		do   func()
		want string
	}{
		{"a header without a value", func() { retort.MatchHeaders(odd...) },
			`retort: MatchHeaders takes names and values in pairs, but the last name, "B", has no value; an empty one takes any`},
		{"no headers", func() { retort.MatchHeaders() },
			`retort: MatchHeaders takes names and values in pairs, and got none`},
		{"a query without a value", func() { retort.MatchQueries(odd...) },
			`retort: MatchQueries takes names and values in pairs, but the last name, "B", has no value; an empty one takes any`},
		{"no queries", func() { retort.MatchQueries() },
			`retort: MatchQueries takes names and values in pairs, and got none`},
		{"a query whose form is no expression", func() { retort.MatchQueries("v", "{n:[}") },
			"retort: MatchQueries: error parsing regexp: missing closing ]: `[$`"},
		{"a query whose braces do not close", func() { retort.MatchQueries("v", "{n") },
			`retort: MatchQueries: unbalanced braces in "v={n"`},
		{"no schemes", func() { retort.MatchSchemes() },
			`retort: MatchSchemes takes the schemes that the rule answers: MatchSchemes("https")`},
		{"no function", func() { retort.MatcherFunc(nil) },
			`retort: MatcherFunc takes a func(*http.Request) bool, not nil`},
	} {
		t.Run(tt.name, func(t *testing.T) { assert.Equal(t, tt.want, panicOf(t, tt.do)) })
	}
}
