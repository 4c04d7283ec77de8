package retort_test

import (
	"fmt"
	"net/http"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
)

// here is the line it is called on, as messages write it: "views_test.go:12".
func here() string {
	_, file, line, _ := runtime.Caller(1)
	return fmt.Sprintf("%s:%d", filepath.Base(file), line)
}

// below is the line under the one it is called on.
func below() string {
	_, file, line, _ := runtime.Caller(1)
	return fmt.Sprintf("%s:%d", filepath.Base(file), line+1)
}

// placeOf is the line on which the function f is declared.
func placeOf(f any) string {
	pc := reflect.ValueOf(f).Pointer()
	file, line := runtime.FuncForPC(pc).FileLine(pc)
	return fmt.Sprintf("%s:%d", filepath.Base(file), line)
}

// refusal is a registration that must panic. In want, HERE stands for the line
// of the registration, and for that of a view written on it.
type refusal struct {
	name, at string
	do       func(app *retort.App)
	want     string
}

func testRefusals(t *testing.T, cases []refusal) {
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			got := panicOf(t, func() { tt.do(quiet()) })
			assert.Equal(t, strings.ReplaceAll(tt.want, "HERE", tt.at), got)
		})
	}
}

type userID int

func noArguments() string               { return "" }
func oneNumber(id int) string           { return "" }
func aNumberTwice(a, b int) string      { return "" }
func withContext(c *retort.Context) any { return nil }
func named(c *retort.Context, id userID) string {
	return fmt.Sprint(int(id))
}

func TestAViewThatDoesNotFitItsRule(t *testing.T) {
	testRefusals(t, []refusal{
		{"too few parameters", here(), func(app *retort.App) { app.Get("/user/<int:id>")(noArguments) },
			`retort: the rule "/user/<int:id>" (HERE) and its view noArguments (` + placeOf(noArguments) + `) do not fit: the rule gives id (int), but the view takes none; the view is of type func() string; make it func(id int), or change the rule`},
		{"too few parameters besides the context", here(), func(app *retort.App) { app.Get("/user/<name>")(withContext) },
			`retort: the rule "/user/<name>" (HERE) and its view withContext (` + placeOf(withContext) + `) do not fit: the rule gives name (string), but the view takes none; the view is of type func(*retort.Context) any; make it func(c *retort.Context, name string), or change the rule`},
		{"too many parameters", here(), func(app *retort.App) { app.Get("/user")(oneNumber) },
			`retort: the rule "/user" (HERE) and its view oneNumber (` + placeOf(oneNumber) + `) do not fit: the rule gives no arguments, but the view takes int; the view is of type func(int) string; make it func(), or change the rule`},
		{"too many parameters of a rule with some", here(), func(app *retort.App) { app.Get("/user/<int:id>")(aNumberTwice) },
			`retort: the rule "/user/<int:id>" (HERE) and its view aNumberTwice (` + placeOf(aNumberTwice) + `) do not fit: the rule gives id (int), but the view takes int, int; the view is of type func(int, int) string; make it func(id int), or change the rule`},
		{"a parameter of another type", here(), func(app *retort.App) { app.Get("/user/<name>")(oneNumber) },
			`retort: the rule "/user/<name>" (HERE) and its view oneNumber (` + placeOf(oneNumber) + `) do not fit: the rule gives name as type string, but parameter 1 of the view is of type int; the view is of type func(int) string; make it func(name string), or change the rule`},
		{"a parameter of another type after the context", here(), func(app *retort.App) { app.Get("/user/<float:x>")(named) },
			`retort: the rule "/user/<float:x>" (HERE) and its view named (` + placeOf(named) + `) do not fit: the rule gives x as type float64, but parameter 1 of the view is of type retort_test.userID; the view is of type func(*retort.Context, retort_test.userID) string; make it func(c *retort.Context, x float64), or change the rule`},
		{"several variables in a function literal", here(), func(app *retort.App) { app.Post("/<a>/<uuid:b>/<path:c>")(func(a int) string { return "" }) },
			`retort: the rule "/<a>/<uuid:b>/<path:c>" (HERE) and its view func(int) string (HERE) do not fit: the rule gives a (string), b (uuid), c (string), but the view takes int; the view is of type func(int) string; make it func(a string, b string, c string), or change the rule`},
		{"a default that does not fit", here(), func(app *retort.App) { app.Get("/", retort.Default("id", "one"))(oneNumber) },
			`retort: the rule "/" (HERE) and its view oneNumber (` + placeOf(oneNumber) + `) do not fit: the rule gives id as type string, but parameter 1 of the view is of type int; the view is of type func(int) string; make it func(id string), or change the rule`},
		{"a default that is too large", here(), func(app *retort.App) { app.Get("/", retort.Default("n", 300))(func(n uint8) string { return "" }) },
			`retort: the rule "/" (HERE) and its view func(uint8) string (HERE) do not fit: the default n=300 does not fit into type uint8, that of parameter 1 of the view; the view is of type func(uint8) string; make it func(n int), or change the rule`},
		{"a default of a variable that does not fit", here(), func(app *retort.App) { app.Get("/<int:n>", retort.Default("n", -1))(func(n uint) string { return "" }) },
			`retort: the rule "/<int:n>" (HERE) and its view func(uint) string (HERE) do not fit: the default n=-1 does not fit into type uint, that of parameter 1 of the view; the view is of type func(uint) string; make it func(n int), or change the rule`},
	})
}

func TestAViewThatIsNone(t *testing.T) {
	var nilView func() string
	var nilContextView func(*retort.Context) (any, error)
	pass := func(_ *retort.Context, next retort.Next) any { return next() }
	testRefusals(t, []refusal{
		{"nil", here(), func(app *retort.App) { app.Get("/")(nil) },
			`retort: HERE: rule "/": the view is nil`},
		{"a nil function", here(), func(app *retort.App) { app.Get("/")(nilView) },
			`retort: HERE: rule "/": the view is a nil func() string`},
		{"a nil function that takes a context", here(), func(app *retort.App) { app.AddURLRule("/", "x", nilContextView) },
			`retort: HERE: rule "/": the view is a nil func(*retort.Context) (any, error)`},
		{"not a function", here(), func(app *retort.App) { app.Get("/")(42) },
			`retort: HERE: rule "/": a view is a function, an http.Handler or a gateway.App, not of type int`},
		{"a nil function below a decorator", here(), func(app *retort.App) { app.Get("/")(retort.Decorate(nilView, pass)) },
			`retort: HERE: rule "/": the view is a nil func() string`},
		{"a variadic function", here(), func(app *retort.App) { app.Get("/<a>")(func(a ...string) string { return "" }) },
			`retort: HERE: rule "/<a>": the view func(...string) string (HERE) has a variadic parameter; a view takes a *retort.Context and the arguments of its rule, one by one`},
		{"a context that is not first", here(), func(app *retort.App) { app.Get("/<a>")(func(a string, c *retort.Context) string { return "" }) },
			`retort: HERE: rule "/<a>": the view func(string, *retort.Context) string (HERE) takes its *retort.Context as parameter 2; it must be the first`},
		{"two contexts", here(), func(app *retort.App) { app.Get("/")(func(c, d *retort.Context) string { return "" }) },
			`retort: HERE: rule "/": the view func(*retort.Context, *retort.Context) string (HERE) takes its *retort.Context as parameter 2; it must be the first`},
	})
}

func TestAViewWithTheWrongResults(t *testing.T) {
	const after = "; after the body come an int (the status), an http.Header and an error, in this order, each of them optional"
	const body = ", which cannot be answered; return a string for text, a map or struct for JSON, or retort.Reply(body, status) to set a status"
	testRefusals(t, []refusal{
		{"no result", here(), func(app *retort.App) { app.Get("/")(func() {}) },
			`retort: HERE: rule "/": the view func() (HERE) returns nothing; return a string, a *retort.Response, any, or an error (nil answers 204)`},
		{"an int as the body", here(), func(app *retort.App) { app.Get("/")(func() int { return 204 }) },
			`retort: HERE: rule "/": the view func() int (HERE) returns type int as its body` + body},
		{"a bool as the body", here(), func(app *retort.App) { app.Get("/")(func() (bool, error) { return true, nil }) },
			`retort: HERE: rule "/": the view func() (bool, error) (HERE) returns type bool as its body` + body},
		{"a channel as the body", here(), func(app *retort.App) { app.Get("/")(func() chan string { return nil }) },
			`retort: HERE: rule "/": the view func() chan string (HERE) returns type chan string as its body` + body},
		{"a sequence of numbers as the body", here(), func(app *retort.App) { app.Get("/")(func() func(func(int) bool) { return nil }) },
			`retort: HERE: rule "/": the view func() func(func(int) bool) (HERE) returns type func(func(int) bool) as its body` + body},
		{"a second body", here(), func(app *retort.App) { app.Get("/")(func() (string, string) { return "", "" }) },
			`retort: HERE: rule "/": the view func() (string, string) (HERE) returns string` + after},
		{"a header before the status", here(), func(app *retort.App) { app.Get("/")(func() (string, http.Header, int) { return "", nil, 0 }) },
			`retort: HERE: rule "/": the view func() (string, http.Header, int) (HERE) returns int` + after},
		//lint:ignore ST1008 this is what is refused
		{"an error before the end", here(), func(app *retort.App) { app.Get("/")(func() (string, error, int) { return "", nil, 0 }) },
			`retort: HERE: rule "/": the view func() (string, error, int) (HERE) returns error` + after},
		{"a status of another type", here(), func(app *retort.App) { app.Get("/")(func() (string, int64) { return "", 0 }) },
			`retort: HERE: rule "/": the view func() (string, int64) (HERE) returns int64` + after},
	})
}

func TestARuleThatCannotBeRegistered(t *testing.T) {
	text := func() string { return "" }
	testRefusals(t, []refusal{
		{"no slash", here(), func(app *retort.App) { app.Get("user")(text) },
			"retort: HERE: a rule starts with a slash\n    user\n    ^\n"},
		{"a variable without a name", here(), func(app *retort.App) { app.Get("/user/<int:>")(text) },
			"retort: HERE: the name of the variable is missing\n    /user/<int:>\n               ^\n"},
		{"an open variable", here(), func(app *retort.App) { app.Get("/é/<id/x")(text) },
			"retort: HERE: \"<\" is never closed by \">\"\n    /é/<id/x\n       ^\n"},
		{"the same variable twice", here(), func(app *retort.App) { app.Get("/<a>/<a>")(text) },
			"retort: HERE: the variable \"a\" is there twice\n    /<a>/<a>\n         ^\n"},
		{"an unknown converter", here(), func(app *retort.App) { app.Get("/<itn:id>")(text) },
			"retort: HERE: there is no converter \"itn\"; did you mean \"int\"? Known are any, default, float, int, path, string, uuid\n    /<itn:id>\n      ^\n"},
		{"a method where it is set already", here(), func(app *retort.App) { app.Get("/", retort.Methods("POST"))(text) },
			`retort: HERE: Get("/") sets the method already; use Route to set Methods`},
		{"several methods in one string", "", func(app *retort.App) { app.Route("/", retort.Methods("GET, POST"))(text) },
			`retort: Methods(["GET, POST"]): "GET, POST" is no method; each method is an argument of its own: Methods("GET", "POST")`},
		{"an empty method", "", func(app *retort.App) { app.Route("/", retort.Methods("GET", ""))(text) },
			`retort: Methods(["GET" ""]): "" is no method; each method is an argument of its own: Methods("GET", "POST")`},
	})
}

func TestTheSameRuleTwice(t *testing.T) {
	app := quiet()
	first := below()
	app.Get("/user/<a>", retort.Endpoint("a"))(func(a string) string { return "" })
	second := below()
	got := panicOf(t, func() { app.Get("/user/<a>", retort.Endpoint("b"))(func(a string) string { return "" }) })
	assert.Equal(t, `retort: url rule "/user/<a>" [GET, HEAD, OPTIONS] (`+second+`) is never reached: "/user/<a>" [GET, HEAD, OPTIONS] (`+first+
		`) is the same rule and came first; give them different methods, or remove one`, got)

	third := below()
	got = panicOf(t, func() { app.Get("/user/<string:b>", retort.Endpoint("c"))(func(b string) string { return "" }) })
	assert.Equal(t, `retort: url rule "/user/<string:b>" [GET, HEAD, OPTIONS] (`+third+`) is never reached: "/user/<a>" [GET, HEAD, OPTIONS] (`+first+
		`) came first and matches the same paths, for example "/user/a"; give them different methods, or remove one`, got)
}

func TestTheSameEndpointWithAnotherView(t *testing.T) {
	app := quiet()
	first := below()
	app.Get("/a")(noArguments)
	second := below()
	got := panicOf(t, func() { app.Get("/b", retort.Endpoint("noArguments"))(withContext) })
	assert.Equal(t, `retort: `+second+`: the endpoint "noArguments" has a view already: noArguments (`+placeOf(noArguments)+`), registered at `+first+
		`; the new one is withContext (`+placeOf(withContext)+`); give one of them an Endpoint of its own, or URLFor could not tell them apart`, got)

	app.Get("/c")(noArguments)
	assert.Equal(t, 200, app.TestClient().Get("/c").Status, "the same view may have several rules")
}

// A refused registration must leave nothing behind.
func TestARefusedRuleIsNotThere(t *testing.T) {
	app := quiet()
	require.Panics(t, func() { app.Get("/user/<int:id>", retort.Endpoint("user"))(noArguments) })
	app.Get("/user/<int:id>", retort.Endpoint("user"))(oneNumber)
	assert.Equal(t, 200, app.TestClient().Get("/user/1").Status)
}

func TestRegisteringTooLate(t *testing.T) {
	const late = ` can no longer be called on the app "test": it has handled its first request, and a change now would reach some requests and not others; move the call to where the app is set up, before Run, the first request and the first TestClient call`
	app := quiet()
	decorator := app.Get("/")
	app.TestClient().Get("/")
	for what, do := range map[string]func(){
		"registering a route":  func() { decorator(noArguments) },
		"Use":                  func() { app.Use(func(h http.Handler) http.Handler { return h }) },
		"ErrorHandler":         func() { app.ErrorHandler(404) },
		"OnError":              func() { retort.OnError(app, func(*retort.Context, error) any { return "" }) },
		"BeforeRequest":        func() { app.BeforeRequest(func(*retort.Context) {}) },
		"AfterRequest":         func() { app.AfterRequest(func(*retort.Context, *retort.Response) {}) },
		"TeardownRequest":      func() { app.TeardownRequest(func(*retort.Context, error) {}) },
		"TeardownAppContext":   func() { app.TeardownAppContext(func(*retort.Context, error) {}) },
		"URLValuePreprocessor": func() { app.URLValuePreprocessor(func(*retort.Context, string, retort.H) {}) },
		"URLDefaults":          func() { app.URLDefaults(func(*retort.Context, string, retort.H) {}) },
		"URLBuildErrorHandler": func() { app.URLBuildErrorHandler(nil) },
		"AddConverter":         func() { app.AddConverter("x", nil) },
		"Config.Set":           func() { app.Config.Set("X", 1) },
	} {
		assert.PanicsWithValue(t, "retort: "+what+late, do)
	}
}

func TestSetupThatMakesNoSense(t *testing.T) {
	for _, tt := range []struct {
		want string
		do   func(app *retort.App)
	}{
		{`retort: ErrorHandler(200): an error code is 400 to 599; a handler for a type of error is registered with retort.OnError`,
			func(app *retort.App) { app.ErrorHandler(200) }},
		{`retort: HostMatching and SubdomainMatching exclude each other: a rule is chosen by the whole host or by the subdomain`,
			func(*retort.App) { retort.New("x", retort.HostMatching(), retort.SubdomainMatching()) }},
		{`retort: Use takes a func(http.Handler) http.Handler, not nil`,
			func(app *retort.App) { app.Use(nil) }},
		{`retort: BeforeRequest takes a func(*retort.Context), func(*retort.Context) error or func(*retort.Context) any, not a func() string`,
			func(app *retort.App) { app.BeforeRequest(noArguments) }},
		{`retort: Decorate needs a function that wraps the view`,
			func(*retort.App) { retort.Decorate(noArguments, nil) }},
		{`retort: 200 is not an error code; Error and Abort take 400 to 599, any other status is returned beside the body or set with Reply(body, 200)`,
			func(*retort.App) { _ = retort.Error(200) }},
		{`retort: 600 is not an error code; Error and Abort take 400 to 599, any other status is returned beside the body or set with Reply(body, 600)`,
			func(*retort.App) { retort.Abort(600) }},
		{`retort: 200 is no redirect; Redirect takes 301, 302, 303, 307 or 308`,
			func(*retort.App) { retort.Redirect("/", 200) }},
		{`retort: the converter "x" is nil; make one with retort.NewConverter`,
			func(app *retort.App) { app.AddConverter("x", nil) }},
		{`retort: config key DEBUG is a bool, not a string (yes)`,
			func(app *retort.App) { app.Config.Set("DEBUG", "yes") }},
		{`retort: config key MAX_CONTENT_LENGTH is a number of bytes (int or int64), not a string (1M)`,
			func(app *retort.App) { app.Config.Set("MAX_CONTENT_LENGTH", "1M") }},
	} {
		assert.PanicsWithValue(t, tt.want, func() { tt.do(quiet()) })
	}
}

func TestErrorHandlersThatDoNotFit(t *testing.T) {
	for _, tt := range []struct {
		handler any
		want    string
	}{
		{42, `retort: the handler for 404 is a int, not a function; it is a func(*retort.Context, *retort.HTTPError) any, say`},
		{nil, `retort: the handler for 404 is a <nil>, not a function; it is a func(*retort.Context, *retort.HTTPError) any, say`},
		{func(int) string { return "" }, `retort: the handler for 404 is a func(int) string: it takes an optional *retort.Context and the error as an error or *retort.HTTPError; it is a func(*retort.Context, *retort.HTTPError) any, say`},
		{func(error, *retort.Context) string { return "" }, `retort: the handler for 404 is a func(error, *retort.Context) string: it takes an optional *retort.Context and the error as an error or *retort.HTTPError; it is a func(*retort.Context, *retort.HTTPError) any, say`},
		{func(error) {}, `retort: the handler for 404 does not return what a view returns: the view error handler returns nothing; return a string, a *retort.Response, any, or an error (nil answers 204); it is a func(*retort.Context, *retort.HTTPError) any, say`},
	} {
		assert.PanicsWithValue(t, tt.want, func() { quiet().ErrorHandler(404)(tt.handler) })
	}
}

func TestViewsTakeWhatTheRuleGives(t *testing.T) {
	type name string
	type id [16]byte
	app := quiet()
	app.Get("/int/<int:n>")(func(n int) string { return fmt.Sprint(n) })
	app.Get("/small/<int(signed=True):n>")(func(n int8) string { return fmt.Sprint(n) })
	app.Get("/unsigned/<int(signed=True):n>")(func(n uint16) string { return fmt.Sprint(n) })
	app.Get("/named/<int:n>")(func(c *retort.Context, n userID) string { return fmt.Sprintf("%T %d", n, n) })
	app.Get("/float/<float:x>")(func(x float32) string { return fmt.Sprint(x) })
	app.Get("/name/<n>")(func(n name) string { return fmt.Sprintf("%T %s", n, n) })
	app.Get("/uuid/text/<uuid:u>")(func(u string) string { return u })
	app.Get("/uuid/bytes/<uuid:u>")(func(u [16]byte) string { return fmt.Sprintf("%x", u) })
	app.Get("/uuid/named/<uuid:u>")(func(u id) string { return fmt.Sprintf("%x", u) })
	app.Get("/any/<int:a>/<b>")(func(a, b any) string { return fmt.Sprintf("%T %v %T %v", a, a, b, b) })
	app.Get("/defaults/<a>", retort.Default("n", 3), retort.Default("none", nil), retort.Default("f", 1.5))(
		func(a string, n uint8, none any, f float64) string { return fmt.Sprint(a, n, none, f) })
	app.Get("/five/<a>/<b>/<c>/<d>/<e>")(func(a, b, c, d, e string) string { return a + b + c + d + e })
	client := app.TestClient()
	for _, tt := range []struct {
		target, want string
	}{
		{"/int/007", "7"},
		{"/int/9223372036854775807", "9223372036854775807"},
		{"/small/-128", "-128"},
		{"/small/128", ""},
		{"/unsigned/65535", "65535"},
		{"/unsigned/65536", ""},
		{"/unsigned/-1", ""},
		{"/named/7", "retort_test.userID 7"},
		{"/float/1.5", "1.5"},
		{"/name/x%20y", "retort_test.name x y"},
		{"/uuid/text/C0FFEE00-0000-4000-8000-000000000001", "c0ffee00-0000-4000-8000-000000000001"},
		{"/uuid/bytes/c0ffee00-0000-4000-8000-000000000001", "c0ffee00000040008000000000000001"},
		{"/uuid/named/c0ffee00-0000-4000-8000-000000000001", "c0ffee00000040008000000000000001"},
		{"/any/1/x", "int 1 string x"},
		{"/defaults/x", "x3 <nil> 1.5"},
		{"/five/1/2/3/4/5", "12345"},
	} {
		res := client.Get(tt.target)
		if tt.want == "" {
			assert.Equal(t, 404, res.Status, "%s: a number that does not fit is a URL that does not exist", tt.target)
			continue
		}
		assert.Equal(t, tt.want, res.Text, tt.target)
	}
}

// Every signature that is called without reflection answers as one that is
// called with it.
func TestCommonSignatures(t *testing.T) {
	app := quiet()
	none := func(view any) { app.Get("/0/" + fmt.Sprintf("%T", view))(view) }
	text := func(view any) { app.Get("/s/" + fmt.Sprintf("%T", view) + "/<a>")(view) }
	number := func(view any) { app.Get("/n/" + fmt.Sprintf("%T", view) + "/<int:n>")(view) }
	none(func() string { return "ok" })
	none(func() any { return "ok" })
	none(func() error { return retort.Error(418) })
	none(func() (any, error) { return "ok", nil })
	none(func(c *retort.Context) string { return "ok" })
	none(func(c *retort.Context) any { return "ok" })
	none(func(c *retort.Context) *retort.Response { return retort.Text("ok") })
	none(func(c *retort.Context) error { return retort.Error(418) })
	none(func(c *retort.Context) (any, error) { return "ok", nil })
	text(func(a string) string { return a })
	text(func(a string) any { return a })
	text(func(a string) error { return retort.Error(418, a) })
	text(func(a string) (any, error) { return a, nil })
	text(func(c *retort.Context, a string) string { return a })
	text(func(c *retort.Context, a string) any { return a })
	text(func(c *retort.Context, a string) (any, error) { return a, nil })
	number(func(n int) string { return fmt.Sprint(n) })
	number(func(n int) any { return fmt.Sprint(n) })
	number(func(n int) (any, error) { return fmt.Sprint(n), nil })
	number(func(c *retort.Context, n int) any { return fmt.Sprint(n) })
	number(func(c *retort.Context, n int) (any, error) { return fmt.Sprint(n), nil })
	app.Get("/2/<a>/<b>")(func(a, b string) string { return a + b })
	app.Get("/2e/<a>/<b>")(func(a, b string) error { return retort.Error(418, a, b) })
	app.Get("/3/<a>/<b>/<c>")(func(a, b, c string) string { return a + b + c })
	app.Get("/3e/<a>/<b>/<c>")(func(a, b, c string) error { return retort.Error(418, a, b, c) })
	app.Get("/4e/<a>/<b>/<c>/<d>")(func(a, b, c, d string) error { return retort.Error(418, a, b, c, d) })

	client := app.TestClient()
	for _, tt := range []struct{ target, want string }{
		{"/0/func() string", "ok"}, {"/0/func() interface {}", "ok"}, {"/0/func() error", "brew"}, {"/0/func() (interface {}, error)", "ok"},
		{"/0/func(*retort.Context) string", "ok"}, {"/0/func(*retort.Context) interface {}", "ok"}, {"/0/func(*retort.Context) *retort.Response", "ok"},
		{"/0/func(*retort.Context) error", "brew"}, {"/0/func(*retort.Context) (interface {}, error)", "ok"},
		{"/s/func(string) string/x", "x"}, {"/s/func(string) interface {}/x", "x"}, {"/s/func(string) error/x", "<p>x</p>"}, {"/s/func(string) (interface {}, error)/x", "x"},
		{"/s/func(*retort.Context, string) string/x", "x"}, {"/s/func(*retort.Context, string) interface {}/x", "x"}, {"/s/func(*retort.Context, string) (interface {}, error)/x", "x"},
		{"/n/func(int) string/7", "7"}, {"/n/func(int) interface {}/7", "7"}, {"/n/func(int) (interface {}, error)/7", "7"},
		{"/n/func(*retort.Context, int) interface {}/7", "7"}, {"/n/func(*retort.Context, int) (interface {}, error)/7", "7"},
		{"/2/1/2", "12"}, {"/2e/1/2", "<p>1 2</p>"}, {"/3/1/2/3", "123"}, {"/3e/1/2/3", "<p>1 2 3</p>"}, {"/4e/1/2/3/4", "<p>1 2 3 4</p>"},
	} {
		assert.Contains(t, client.Get(tt.target).Text, tt.want, tt.target)
	}
}

type notebook struct{}

func (*notebook) list() string { return "list" }
func (notebook) show() string  { return "show" }

func TestEndpointNames(t *testing.T) {
	app := quiet()
	seen := func(c *retort.Context) string { return c.Endpoint() }
	app.AfterRequest(func(c *retort.Context, res *retort.Response) { res.Header.Set("Endpoint", c.Endpoint()) })
	app.Get("/func")(noArguments)
	app.Get("/method")((&notebook{}).list)
	app.Get("/value-method")(notebook{}.show)
	app.Get("/literal")(seen)
	app.Post("/literal")(func() string { return "" })
	app.Route("/both", retort.Methods("POST", "GET"))(func() string { return "" })
	app.Get("/named", retort.Endpoint("other"))(seen)
	app.AddURLRule("/plain", "plain", seen)
	app.AddURLRule("/unnamed", "", noArguments)
	app.Get("/decorated")(retort.Decorate(withContext, func(_ *retort.Context, next retort.Next) any { return "" }))
	app.Get("/handler")(http.NotFoundHandler())
	client := app.TestClient()
	for target, want := range map[string]string{
		"/func": "noArguments", "/method": "list", "/value-method": "show", "/literal": "/literal", "/both": "/both",
		"/named": "other", "/plain": "plain", "/unnamed": "noArguments", "/decorated": "withContext", "/handler": "NotFound",
	} {
		assert.Equal(t, want, client.Get(target).Header.Get("Endpoint"), target)
	}
	assert.Equal(t, "POST /literal", client.Post("/literal").Header.Get("Endpoint"))
}
