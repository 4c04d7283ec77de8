package retort_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/templateloader"
)

// templates is an option for files called templates/NAME.
func templates(pairs ...string) retort.Option {
	tree := make(fstest.MapFS)
	for i := 0; i < len(pairs); i += 2 {
		tree["templates/"+pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return retort.Files(tree)
}

// rendering makes an app that renders source at /, with data.
func rendering(source string, data ...retort.H) *retort.App {
	app := quiet(templates())
	app.Config.Set("TESTING", true)
	app.Get("/")(func(c *retort.Context) any { return c.RenderTemplateString(source, data...) })
	return app
}

func get(app *retort.App, target string) string { return app.TestClient().Get(target).Text }

func TestContextProcessors(t *testing.T) {
	app := quiet(templates("context.html", `<p>{{.value}}|{{.injected}}|{{.who}}`))
	app.ContextProcessor(func(*retort.Context) retort.H {
		return retort.H{"injected": 42, "value": "processor", "who": "app"}
	})
	view := func(c *retort.Context) any { return c.RenderTemplate("context.html", retort.H{"value": 23}) }
	app.Get("/")(view)
	outer, inner := retort.NewBlueprint("outer"), retort.NewBlueprint("inner")
	who := func(name string) func(*retort.Context) retort.H {
		return func(*retort.Context) retort.H { return retort.H{"who": name} }
	}
	outer.ContextProcessor(who("outer"))
	inner.ContextProcessor(who("inner"))
	inner.Get("/inner")(view)
	outer.Get("/outer")(view)
	outer.RegisterBlueprint(inner)
	app.RegisterBlueprint(outer)
	assert.Equal(t, "<p>23|42|app", get(app, "/"), "data comes before processors")
	assert.Equal(t, "<p>23|42|outer", get(app, "/outer"))
	assert.Equal(t, "<p>23|42|inner", get(app, "/inner"), "the innermost blueprint has the last word")
}

func TestDataDoesNotHideWhatTemplatesKnow(t *testing.T) {
	assert.Equal(t, "42 true", get(rendering(`{{.config}} {{config.Bool "TESTING"}}`, retort.H{"config": 42}), "/"))
}

func TestSeveralMapsOfData(t *testing.T) {
	shared := retort.H{"a": 1, "b": 1}
	assert.Equal(t, "12", get(rendering(`{{.a}}{{.b}}`, shared, retort.H{"b": 2}), "/"))
	assert.Equal(t, retort.H{"a": 1, "b": 1}, shared)
}

func TestWhatTemplatesKnow(t *testing.T) {
	app := rendering(`{{request.Args.Get "foo"}} {{request.Path}} {{request.Header.Get "X"}} {{g.Get "foo"}} {{config.Bool "DEBUG"}} {{session.Get "test"}}`)
	app.Config.Set("SECRET_KEY", "dev")
	app.BeforeRequest(func(c *retort.Context) {
		c.G().Set("foo", 23)
		c.Session().Set("test", "aha")
	})
	assert.Equal(t, "42 /  23 false aha", get(app, "/?foo=42"))
}

func TestURLForInTemplates(t *testing.T) {
	app := rendering(`<a href="{{url_for "user" "id" 7 "tab" "a&b" "_anchor" "top"}}">{{url_for "user" "id" 7 "_external" true "_scheme" "https"}} {{url_for "user" "id" 7 "_method" "GET"}}`)
	app.Get("/user/<int:id>", retort.Endpoint("user"))(func(id int) string { return "" })
	assert.Equal(t, `<a href="/user/7?tab=a%26b#top">https://localhost/user/7 /user/7`, get(app, "/"))

	app = rendering(`{{url_for "nope"}}`)
	app.Config.Set("TESTING", false)
	app.Logger = slog.New(slog.DiscardHandler)
	var failed *retort.BuildError
	app.ErrorHandler(500)(func(err *retort.HTTPError) string {
		assert.ErrorAs(t, err, &failed)
		return "handled"
	})
	assert.Equal(t, "handled", get(app, "/"))
}

func TestTheSessionIsTouchedOnlyByTemplatesThatUseIt(t *testing.T) {
	for source, want := range map[string]string{`{{request.Path}}`: "", `{{session.Get "x"}}`: "Cookie", `{{range get_flashed_messages}}{{.}}{{end}}`: "Cookie"} {
		app := rendering(source)
		app.Config.Set("SECRET_KEY", "dev")
		assert.Equal(t, want, app.TestClient().Get("/").Header.Get("Vary"), source)
	}
}

func TestFlashedMessagesInTemplates(t *testing.T) {
	app := rendering(`{{range get_flashed_messages}}[{{.Category}}:{{.Message}}:{{.}}]{{end}}{{range get_flashed_messages "warn"}}{{.}}{{end}}`)
	app.Config.Set("SECRET_KEY", "dev")
	app.BeforeRequest(func(c *retort.Context) {
		c.Flash("<m>", "warn")
		c.Flash(template.HTML("<b>ok</b>"))
	})
	assert.Equal(t, `[warn:&lt;m&gt;:&lt;m&gt;][message:<b>ok</b>:&lt;b&gt;ok&lt;/b&gt;]&lt;m&gt;`, get(app, "/"))
}

func TestEscaping(t *testing.T) {
	data := retort.H{"text": "<p>", "html": template.HTML("<p>")}
	app := quiet(templates(
		"page.html", `{{.text}}|{{.html}}|{{.text | safe}}`,
		"mail.txt", `{{.text}}|{{.html}}|{{.text | safe}}|{{html .text}}|{{.nope}}`,
	))
	app.Get("/<path:name>")(func(c *retort.Context, name string) any { return c.RenderTemplate(name, data) })
	page := app.TestClient().Get("/page.html")
	assert.Equal(t, "&lt;p&gt;|<p>|<p>", page.Text)
	assert.Equal(t, "text/html; charset=utf-8", page.Header.Get("Content-Type"))
	mail := app.TestClient().Get("/mail.txt")
	assert.Equal(t, "<p>|<p>|<p>|&lt;p&gt;|", mail.Text)
	assert.Equal(t, "text/html; charset=utf-8", mail.Header.Get("Content-Type"), "as any string")
	assert.Equal(t, "&lt;test&gt;", get(rendering(`{{.foo}}`, retort.H{"foo": "<test>"}), "/"), "strings are escaped")
}

func TestFilters(t *testing.T) {
	app := rendering(`{{"abcd" | reverse}} {{"a long title" | truncate 6 "…"}} {{"x" | wrap}} {{"x" | wrap "(" ")"}} {{7 | plus 1}} {{"path: " | here}} {{"a" | here2 3}} {{"b" | reverse}}`)
	app.TemplateFilter("reverse", func(s string) string {
		b := []byte(s)
		for i, j := 0, len(b)-1; i < j; i, j = i+1, j-1 {
			b[i], b[j] = b[j], b[i]
		}
		return string(b)
	})
	app.TemplateFilter("truncate", func(s string, n int, end string) string { return s[:n] + end })
	app.TemplateFilter("wrap", func(s string, with ...string) string {
		if len(with) == 0 {
			return "-" + s + "-"
		}
		return with[0] + s + with[1]
	})
	bp := retort.NewBlueprint("bp")
	bp.AppTemplateFilter("plus", func(a, b int) (int, error) { return a + b, nil })
	bp.AppTemplateFilter("here", func(c *retort.Context, s string) string { return s + c.Request.Path() })
	bp.AppTemplateFilter("here2", func(c *retort.Context, s string, n int) string {
		return strings.Repeat(s, n) + c.Request.Method()
	})
	app.RegisterBlueprint(bp)
	assert.Equal(t, "dcba a long… -x- (x) 8 path: / aaaGET b", get(app, "/"))
}

func TestTheFiltersThatAreThere(t *testing.T) {
	data := retort.H{"x": "'<>&\"", "y": map[string]any{"k": []any{1, nil, "a,b:\"\\"}}, "l": []string{"a", "<"}, "n": nil, "e": ""}
	tests := []struct{ source, want string }{
		{`<script>var a = {{.y | tojson}};</script>`, `<script>var a = {"k": [1, null, "a,b:\"\\"]};</script>`},
		{`<script>var a = {{.x | tojson}};</script>`, `<script>var a = "\u0027\u003c\u003e\u0026\"";</script>`},
		{`{{.x | tojson}}`, `&#34;\u0027\u003c\u003e\u0026\&#34;&#34;`},
		{`<a data-x='{{.y | tojson}}'>`, `<a data-x='{&#34;k&#34;: [1, null, &#34;a,b:\&#34;\\&#34;]}'>`},
		{"<script>{{.y | tojson 2}}</script>", "<script>{\n  \"k\": [\n    1,\n    null,\n    \"a,b:\\\"\\\\\"\n  ]\n}</script>"},
		{`{{.nope | default "-"}}{{.n | default "-"}}{{.e | default "-"}}{{.l | default "-"}}`, `--[a &lt;]`},
		{`{{"aB" | upper}}{{"aB" | lower}}{{.nope | upper}}`, `ABab`},
		{`{{.l | join ", "}}{{.nope | join ", "}}`, `a, &lt;`},
		{`{{.nope | safe}}{{.x | safe}}`, `'<>&"`},
	}
	for _, tt := range tests {
		assert.Equal(t, tt.want, get(rendering(tt.source, data), "/"), tt.source)
	}
}

func TestTemplateTests(t *testing.T) {
	app := rendering(`{{if .n | is "even"}}even{{end}}{{if is "even" 3}}no{{else}}odd{{end}} {{9 | is "divisible by" 3}} {{.n | is "of" "int" "int64"}} {{.nope | is "none"}}`, retort.H{"n": 4})
	app.TemplateTest("even", func(n int64) bool { return n%2 == 0 })
	app.TemplateTest("divisible by", func(n, by int) bool { return n%by == 0 })
	bp := retort.NewBlueprint("bp")
	bp.AppTemplateTest("of", func(v any, types ...string) (bool, error) {
		return slices.Contains(types, fmt.Sprintf("%T", v)), nil
	})
	bp.AppTemplateTest("none", func(v any) bool { return v == nil })
	app.RegisterBlueprint(bp)
	assert.Equal(t, "evenodd true true true", get(app, "/"))
}

func TestWrongUseOfTests(t *testing.T) {
	for source, want := range map[string]string{
		`{{.n | is "evn"}}`:         `error calling is: there is no test "evn", perhaps "even" is meant`,
		`{{.n | is "zzz"}}`:         `error calling is: there is no test "zzz"; there are even, sad`,
		`{{is "even"}}`:             `error calling is: the test "even" is called without a value: {{if .value | is "even"}}`,
		`{{.n | is "even" 1}}`:      `error calling is: the test "even": it takes 1 values, not 2: it is a func(int8) bool`,
		`{{"x" | is "even"}}`:       `error calling is: the test "even": it takes a int8 and was given the string x`,
		`{{1000 | is "even"}}`:      `error calling is: the test "even": it takes a int8 and was given the int 1000`,
		`{{.nope | is "even"}}`:     `error calling is: the test "even": it takes a int8 and was given the <nil> <nil>`,
		`{{.n | is "sad"}}`:         `error calling is: the test "sad": sad`,
		`{{1 | join ", "}}`:         `error calling join: join takes a list, not the int 1`,
		`{{tojson}}`:                `error calling tojson: a filter is called without a value`,
		`{{.f | tojson}}`:           `error calling tojson: a func() cannot be written as JSON: json: unsupported type: func()`,
		`{{"a" | tojson "b"}}`:      `error calling tojson: it takes a int and was given the string b`,
		`{{url_for "a" "b"}}`:       `error calling url_for: retort: URLFor takes names and values in pairs, but the last name, "b", has no value`,
		`{{url_for "a" "_anchor"}}`: `error calling url_for: retort: URLFor takes names and values in pairs, but the last name, "_anchor", has no value`,
	} {
		app := quiet(templates())
		app.TemplateTest("even", func(n int8) bool { return n%2 == 0 })
		app.TemplateTest("sad", func(int) (bool, error) { return false, errors.New("sad") })
		err := renderError(app, source, retort.H{"n": 4, "f": func() {}})
		require.Error(t, err, source)
		_, message, _ := strings.Cut(err.Error(), ">: ")
		assert.Equal(t, want, message, source)
	}
	err := renderError(quiet(templates()), `{{1 | is "zzz"}}`, nil)
	assert.ErrorContains(t, err, `there is no test "zzz"; tests are registered with App.TemplateTest`)
}

// renderError is the error of a source that is rendered in a request.
func renderError(app *retort.App, source string, data retort.H) (err error) {
	app.Get("/rendered")(func(c *retort.Context) string {
		err = c.RenderTemplateString(source, data).Err()
		return ""
	})
	get(app, "/rendered")
	return err
}

func TestGlobals(t *testing.T) {
	app := rendering(`{{answer}} {{pi}} {{hello "you"}} {{whose}} {{url_for "x"}}`)
	app.TemplateGlobal("answer", func() int { return 42 })
	app.TemplateGlobal("pi", 3.14)
	app.TemplateGlobal("hello", func(s string) (string, error) { return "hello " + s, nil })
	app.TemplateGlobal("url_for", func(endpoint string, args ...any) string { return "/mine/" + endpoint })
	bp := retort.NewBlueprint("bp")
	bp.AppTemplateGlobal("whose", func(c *retort.Context) string { return c.Request.Path() })
	app.RegisterBlueprint(bp)
	assert.Equal(t, "42 3.14 hello you / /mine/x", get(app, "/"))
}

func TestRegistrationsThatTemplatesCannotUse(t *testing.T) {
	here := "templating_test.go:"
	tests := []struct {
		register func(app *retort.App)
		want     string
	}{
		{func(app *retort.App) { app.TemplateFilter("a-b", strings.ToUpper) }, `TemplateFilter: "a-b" cannot be the name of a function in templates: names are letters, digits and underscores, a letter first`},
		{func(app *retort.App) { app.TemplateFilter("and", strings.ToUpper) }, `TemplateFilter: "and" cannot be the name of a function in templates: it has a meaning there already`},
		{func(app *retort.App) { app.TemplateFilter("f", func() string { return "" }) }, `TemplateFilter: the function "f" must take the value as a parameter, and is a func() string`},
		{func(app *retort.App) { app.TemplateFilter("f", func(*retort.Context) string { return "" }) }, `TemplateFilter: the function "f" must take the value as a parameter, and is a func(*retort.Context) string`},
		{func(app *retort.App) { app.TemplateFilter("f", "x") }, `TemplateFilter: the template function "f" must be a function, not a string (x)`},
		{func(app *retort.App) { app.TemplateTest("t", strings.ToUpper) }, `TemplateTest("t"): the template test "t" must give a bool, and is a func(string) string`},
		{func(app *retort.App) { app.TemplateGlobal("f", func() {}) }, `TemplateGlobal: the template function "f" must have one result, or one and an error, and is a func()`},
		{func(app *retort.App) { app.TemplateFilter("f", strings.ToUpper); app.TemplateGlobal("f", 1) }, `TemplateGlobal: "f" is a filter already; in html/template both are functions, so one needs another name`},
		{func(app *retort.App) { app.TemplateFilter("config", strings.ToUpper) }, `TemplateFilter: "config" is a global already; in html/template both are functions, so one needs another name`},
		{func(app *retort.App) { app.TemplateFilter("is", strings.ToUpper) }, `TemplateFilter: "is" is a global already; in html/template both are functions, so one needs another name`},
		{func(app *retort.App) { app.TemplateGlobal("is", 1) }, `TemplateGlobal: "is" is what asks for a test: {{.v | is "name"}}; give the global another name`},
		{func(app *retort.App) { app.TemplateGlobal("f", 1); app.TemplateFilter("f", strings.ToUpper) }, `TemplateFilter: "f" is a global already; in html/template both are functions, so one needs another name`},
	}
	for _, tt := range tests {
		message := panicText(func() { tt.register(quiet()) })
		_, message, found := strings.Cut(message, here)
		require.True(t, found, tt.want)
		_, message, _ = strings.Cut(message, ": ")
		assert.Equal(t, tt.want, message)
	}
	app := rendering("x")
	get(app, "/")
	for _, register := range []func(){
		func() { app.TemplateFilter("f", strings.ToUpper) }, func() { app.TemplateTest("f", strings.ToUpper) },
		func() { app.TemplateGlobal("f", strings.ToUpper) }, func() { app.ContextProcessor(nil) },
	} {
		assert.Contains(t, panicText(register), "can no longer be called on the app")
	}
	assert.Equal(t, "retort: TemplateEngine takes a function that makes an engine, not nil", panicText(func() { retort.TemplateEngine(nil) }))
}

func panicText(f func()) (text string) {
	defer func() { text = fmt.Sprint(recover()) }()
	f()
	return ""
}

// upper is an engine of another kind: it writes names and data in capitals.
type upper struct{ env retort.TemplateEnvironment }

func (u upper) Check(name string) error {
	_, err := u.env.Loader.Load(name)
	return err
}

func (u upper) Render(w io.Writer, c *retort.Context, name string, data retort.H) error {
	f, err := u.env.Loader.Load(name)
	if err != nil {
		return err
	}
	return u.RenderString(w, c, f.Text, data)
}

func (u upper) RenderString(w io.Writer, c *retort.Context, source string, data retort.H) error {
	_, err := fmt.Fprint(w, strings.ToUpper(source), data, u.env.AutoReload, len(u.env.Filters), len(u.env.Tests), len(u.env.Globals), c.App == u.env.App)
	return err
}

func TestAnotherEngine(t *testing.T) {
	made := 0
	app := quiet(templates("a.html", "text "), retort.TemplateEngine(func(env retort.TemplateEnvironment) (retort.Templates, error) {
		made++
		return upper{env}, nil
	}))
	app.TemplateFilter("f", strings.ToUpper)
	app.TemplateTest("f", func(any) bool { return true })
	app.TemplateGlobal("g", 1)
	app.Config.Set("TEMPLATES_AUTO_RELOAD", true)
	app.Get("/")(func(c *retort.Context) any { return c.RenderTemplate("a.html", retort.H{"x": 1}) })
	for range 2 {
		assert.Equal(t, "TEXT map[x:1] true 1 1 1 true", get(app, "/"))
	}
	assert.Equal(t, 1, made)

	app = quiet(retort.TemplateEngine(func(retort.TemplateEnvironment) (retort.Templates, error) { return nil, errors.New("sad") }))
	_, err := app.RenderTemplate("a.html")
	assert.EqualError(t, err, "retort: the engine of the templates cannot be made: sad")
}

func TestSelectTemplate(t *testing.T) {
	app := quiet(templates("simple.html", "<h1>{{.whiskey}}</h1>", "broken.html", "{{", "child.html", `{{extends "nope.html"}}`))
	app.ContextProcessor(func(*retort.Context) retort.H { return retort.H{"whiskey": "Jameson"} })
	var res *retort.Response
	var names []string
	app.Get("/")(func(c *retort.Context) any { res = c.SelectTemplate(names); return res })
	names = []string{"no_template.xml", "simple.html", "broken.html"}
	assert.Equal(t, "<h1>Jameson</h1>", get(app, "/"))
	for _, tt := range []struct {
		names []string
		want  string
	}{
		{[]string{"a", "b"}, "there is no template \"a\"; it was looked for in the app \"test\", folder \"templates\" of its Files\nthere is no template \"b\"; it was looked for in the app \"test\", folder \"templates\" of its Files"},
		{nil, "retort: SelectTemplate was given no names of templates"},
		{[]string{"broken.html", "simple.html"}, "template broken.html:1: unclosed action"},
		{[]string{"child.html", "simple.html"}, `template child.html:1:2: extends "nope.html": there is no template "nope.html"; it was looked for in the app "test", folder "templates" of its Files`},
	} {
		names = tt.names
		assert.Equal(t, 500, app.TestClient().Get("/").Status)
		assert.EqualError(t, res.Err(), tt.want)
	}
}

func TestAFailingTemplateIsNeverHalfAPage(t *testing.T) {
	for _, source := range []string{"half a page {{index .nope 1}}", "{{if}}", `{{template "nope.html"}}`, `half {{fail}}`} {
		app := quiet(templates())
		app.TemplateGlobal("fail", func() string { panic("at once") })
		app.Get("/")(func(c *retort.Context) any { return c.RenderTemplateString(source) })
		res := app.TestClient().Get("/")
		assert.Equal(t, 500, res.Status, source)
		assert.NotContains(t, res.Text, "half", source)
	}
	app := quiet(templates())
	app.TemplateGlobal("deny", func() string { retort.Abort(403, "not for you"); return "" })
	app.Get("/")(func(c *retort.Context) any { return c.RenderTemplateString("half {{deny}}") })
	assert.Equal(t, 403, app.TestClient().Get("/").Status, "an Abort in a template is that of the view")
}

func TestJinjaIsNotSentAsText(t *testing.T) {
	for source, want := range map[string]string{
		"<p>\n{% extends 'base.html' %}": `template <string>:2: "{% extends …" is Jinja's language; in html/template it is {{extends "layout.html"}}, {{define "block"}}…{{end}}, {{if .x}}…{{end}}, {{range .list}}…{{end}}, {{.x | filter}}. To show it as text write {{"{%"}}`,
		`{{ title }}`:                    `template <string>:1: there is no function "title"; if it is a name in the data, it is written with a dot: {{.title}}`,
		`{{ url_fr "x" }}`:               `template <string>:1: there is no function "url_fr", perhaps "url_for" is meant; a name in the data is written with a dot: {{.url_fr}}`,
	} {
		assert.EqualError(t, renderError(quiet(templates()), source, nil), want)
	}
	assert.Equal(t, "{% extends {%5", get(rendering(`{{"{%"}} extends {%5`), "/"))
}

func TestStreamedTemplates(t *testing.T) {
	app := quiet(templates("long.html", `{{range .rows}}<p>{{.}}{{end}}`, "late.html", `{{range .rows}}<p>{{.}}{{end}}{{index .nope 1}}`, "broken.html", "{{"))
	rows := make([]int, 5000)
	app.ContextProcessor(func(*retort.Context) retort.H { return retort.H{"rows": rows} })
	app.Get("/<name>")(func(c *retort.Context, name string) any {
		res := c.StreamTemplate(name)
		assert.Equal(t, res.Err() == nil, res.IsStreamed())
		return res
	})
	app.Get("/")(func(c *retort.Context) any { return c.StreamTemplateString(`{{.config}}`, retort.H{"config": 42}) })
	assert.Equal(t, "42", get(app, "/"))
	assert.Equal(t, strings.Repeat("<p>0", 5000), get(app, "/long.html"))
	assert.Equal(t, 500, app.TestClient().Get("/broken.html").Status, "what can be known before is")
	assert.Equal(t, 500, app.TestClient().Get("/nope.html").Status)
	rows = nil
	assert.Equal(t, 500, app.TestClient().Get("/late.html").Status, "nothing had left yet")

	rows = make([]int, 5000)
	server := httptest.NewServer(app)
	defer server.Close()
	res, err := http.Get(server.URL + "/late.html")
	require.NoError(t, err)
	defer res.Body.Close()
	assert.Equal(t, 200, res.StatusCode)
	_, err = io.ReadAll(res.Body)
	assert.Error(t, err, "half a page does not look whole")
}

func TestAClientThatIsGoneEndsTheRendering(t *testing.T) {
	app := quiet(templates())
	ctx, cancel := context.WithCancel(t.Context())
	rows := 0
	app.TemplateGlobal("row", func() string {
		if rows++; rows == 10 {
			cancel()
		}
		return strings.Repeat("x", 1000)
	})
	app.Get("/")(func(c *retort.Context) any { return c.RenderTemplateString(`{{range 100000}}{{row}}{{end}}`) })
	assert.PanicsWithValue(t, http.ErrAbortHandler, func() {
		app.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, "GET", "/", nil))
	})
	assert.Less(t, rows, 100)
}

func TestRenderingOutsideARequest(t *testing.T) {
	app := quiet(templates("mail.txt", `{{.greeting}} {{config.String "WORLD"}} {{with request}}no{{else}}-{{end}} {{url_for "index"}}`))
	app.Config.Set("WORLD", "<World>")
	app.Config.Set("SERVER_NAME", "example.com")
	app.Get("/", retort.Endpoint("index"))(func() string { return "" })
	_, err := app.RenderTemplate("mail.txt")
	require.NoError(t, err, "also during the setup")
	app.ContextProcessor(func(c *retort.Context) retort.H {
		assert.Nil(t, c.Request)
		return retort.H{"greeting": "Hello"}
	})
	text, err := app.RenderTemplate("mail.txt")
	require.NoError(t, err)
	assert.Equal(t, "Hello <World> - http://example.com/", text)
	_, err = app.RenderTemplate("nope.txt")
	assert.ErrorIs(t, err, fs.ErrNotExist)
}

func TestTemplateFolders(t *testing.T) {
	dir := writeTree(t, map[string]string{
		"templates/index.html": "app", "templates/shared.html": "app",
		"blog/templates/shared.html": "blog", "blog/templates/blog.html": "blog", "blog/templates/both.html": "blog",
		"shop/views/both.html": "shop", "shop/views/shop.html": "shop",
	})
	app := quiet(retort.RootPath(dir))
	blog := retort.NewBlueprint("blog", retort.RootPath(filepath.Join(dir, "blog")), retort.TemplateFolder("templates"))
	shop := retort.NewBlueprint("shop", retort.RootPath(filepath.Join(dir, "shop")), retort.TemplateFolder("views"))
	plain := retort.NewBlueprint("plain", retort.RootPath(dir))
	var missing error
	for _, bp := range []*retort.Blueprint{blog, shop, plain} {
		bp.Get("/" + bp.Name() + "/<name>")(func(c *retort.Context, name string) any {
			res := c.RenderTemplate(name)
			missing = res.Err()
			return res
		})
		app.RegisterBlueprint(bp)
	}
	app.RegisterBlueprint(blog, retort.Name("again"), retort.URLPrefix("/again"))
	for target, want := range map[string]string{
		"/blog/index.html": "app", "/blog/shared.html": "app", "/blog/both.html": "blog",
		"/shop/both.html": "blog", "/shop/shop.html": "shop", "/plain/blog.html": "blog",
	} {
		assert.Equal(t, want, get(app, target), target)
	}
	at := func(name ...string) string { return filepath.Join(append([]string{dir}, name...)...) }
	assert.Equal(t, `looking for the template "both.html":
    1. the app "test" (`+at("templates")+`): not there
    2. the blueprint "blog" (`+at("blog", "templates")+`): found
    3. the blueprint "shop" (`+at("shop", "views")+`): found too, but that of the blueprint "blog" comes first`, app.ExplainTemplate("both.html"))
	assert.Equal(t, `looking for the template "nope.html":
    1. the app "test" (`+at("templates")+`): not there
    2. the blueprint "blog" (`+at("blog", "templates")+`): not there
    3. the blueprint "shop" (`+at("shop", "views")+`): not there
       it is nowhere
the root path of the app is `+dir+`: the option RootPath`, app.ExplainTemplate("nope.html"))

	get(app, "/shop/bolg.html")
	places := `; it was looked for in the app "test" (` + at("templates") + `), the blueprint "blog" (` + at("blog", "templates") + `), the blueprint "shop" (` + at("shop", "views") + `)`
	assert.EqualError(t, missing, `there is no template "bolg.html", perhaps "blog.html" is meant`+places+`; the view is one of the blueprint "shop"`)
	get(app, "/plain/zzz.html")
	assert.EqualError(t, missing, `there is no template "zzz.html"`+places+`; the view is one of the blueprint "plain", which has no folder of templates: give it the option TemplateFolder`)
	var notFound *templateloader.NotFoundError
	assert.ErrorAs(t, missing, &notFound)
	for _, name := range []string{"..", "a%5cb", "a%00"} {
		assert.Equal(t, 500, app.TestClient().Get("/shop/"+name).Status, name)
	}
}

func TestExplainTemplateLoading(t *testing.T) {
	var log bytes.Buffer
	app := quiet(templates("layout.html", "", "page.html", `{{extends "layout.html"}}`))
	app.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key != slog.MessageKey {
			return slog.Attr{}
		}
		return a
	}}))
	app.Config.Set("EXPLAIN_TEMPLATE_LOADING", true)
	app.Get("/")(func(c *retort.Context) any { return c.RenderTemplate("page.html") })
	get(app, "/")
	get(app, "/")
	assert.Equal(t, `msg="looking for the template \"page.html\":\n    1. the app \"test\", folder \"templates\" of its Files: found"
msg="looking for the template \"layout.html\":\n    1. the app \"test\", folder \"templates\" of its Files: found"
`, log.String(), "once for each file that is loaded")
}

func TestAutoReload(t *testing.T) {
	yes, no := true, false
	for _, tt := range []struct {
		debug  bool
		reload *bool
		want   string
	}{
		{false, nil, "old"}, {true, nil, "new"}, {false, &yes, "new"}, {true, &no, "old"}, {true, &yes, "new"}, {false, &no, "old"},
	} {
		dir := writeTree(t, map[string]string{"templates/a.html": "old"})
		app := quiet(retort.RootPath(dir))
		app.Config.Set("DEBUG", tt.debug)
		if tt.reload != nil {
			app.Config.Set("TEMPLATES_AUTO_RELOAD", *tt.reload)
		}
		app.Get("/")(func(c *retort.Context) any { return c.RenderTemplate("a.html") })
		require.Equal(t, "old", get(app, "/"))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "templates", "a.html"), []byte("new"), 0o600))
		assert.Equal(t, tt.want, get(app, "/"), "%+v", tt)
	}
}

func TestTemplateSignals(t *testing.T) {
	app := quiet(templates("a.html", `{{.whiskey}} {{.n}}`))
	shared := retort.H{"n": 42}
	app.Get("/")(func(c *retort.Context) any { return c.RenderTemplate("a.html", shared) })
	var sent []string
	app.Signals.BeforeRenderTemplate.Connect(func(_ any, s retort.BeforeRenderTemplate) {
		sent = append(sent, "before "+s.Template)
		s.Data["whiskey"] = "Jameson"
	})
	app.Signals.TemplateRendered.Connect(func(_ any, s retort.TemplateRendered) {
		sent = append(sent, fmt.Sprint("after ", s.Template, " ", s.Data["n"], " ", s.Context.Request.Path()))
	})
	assert.Equal(t, "Jameson 42", get(app, "/"))
	assert.Equal(t, []string{"before a.html", "after a.html 42 /"}, sent)
	assert.NotContains(t, shared, "whiskey", "the map of the view is not changed")
}

func TestManyRequestsRender(t *testing.T) {
	app := quiet(templates("layout.html", `{{request.Path}}{{block "body" .}}{{end}}`, "a.html", `{{extends "layout.html"}}{{define "body"}}{{request.Path}}{{g.Get "n"}}{{end}}`))
	app.Get("/<n>")(func(c *retort.Context, n string) any {
		c.G().Set("n", n)
		return c.RenderTemplate("a.html")
	})
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 20 {
				n := fmt.Sprint(i*100 + j)
				assert.Equal(t, "/"+n+"/"+n+n, get(app, "/"+n))
			}
		})
	}
	wg.Wait()
}

func BenchmarkRenderTemplate(b *testing.B) {
	app := quiet(templates("layout.html", `<title>{{block "title" .}}{{end}}</title>{{block "body" .}}{{end}}`,
		"a.html", `{{extends "layout.html"}}{{define "title"}}{{.name}}{{end}}{{define "body"}}<a href="{{url_for "index"}}">{{.name}}</a>{{end}}`))
	app.Get("/", retort.Endpoint("index"))(func(c *retort.Context) any { return c.RenderTemplate("a.html", retort.H{"name": "<Ann>"}) })
	w, r := httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil)
	b.ReportAllocs()
	for b.Loop() {
		w.Body.Reset()
		app.ServeHTTP(w, r)
	}
}
