package tests

import (
	"html/template"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
)

// pages is the tree of files of an app with these templates, names and sources
// in pairs.
func pages(pairs ...string) retort.Option {
	tree := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		tree["templates/"+pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return retort.Files(tree)
}

// withPages makes a blueprint with these templates.
func withPages(name string, pairs ...string) *retort.Blueprint {
	return retort.NewBlueprint(name, pages(pairs...).(retort.BlueprintOption), retort.TemplateFolder("templates"))
}

// shows makes an app that renders a source at /.
func shows(source string, data ...retort.H) *retort.App {
	app := silentApp(pages())
	app.Get("/")(func(c *retort.Context) any { return c.RenderTemplateString(source, data...) })
	return app
}

func TestATemplateIsGivenWhatViewsAndProcessorsSay(t *testing.T) {
	app := silentApp(pages("context_template.html", "<p>{{.value}}|{{.injected_value}}"))
	app.ContextProcessor(func(*retort.Context) retort.H { return retort.H{"injected_value": 42} })
	app.Get("/")(func(c *retort.Context) any { return c.RenderTemplate("context_template.html", retort.H{"value": 23}) })
	assert.Equal(t, "<p>23|42", app.TestClient().Get("/").Text)
}

func TestATemplateKnowsTheRequest(t *testing.T) {
	app := sessionApp(nil, pages())
	app.Get("/")(func(c *retort.Context) any {
		c.G().Set("foo", 23)
		c.Session().Set("test", "aha")
		return c.RenderTemplateString(`{{request.Args.Get "foo"}} {{g.Get "foo"}} {{config.Bool "DEBUG"}} {{session.Get "test"}}`)
	})
	assert.Equal(t, "42 23 false aha", app.TestClient().Get("/?foo=42").Text)
}

func TestATemplateOutsideARequest(t *testing.T) {
	app := silentApp(pages("mail.txt", `Hello {{config.String "WORLD_NAME"}} {{.foo}} {{.html}}`))
	app.Config.Set("WORLD_NAME", "Special World")
	app.ContextProcessor(func(*retort.Context) retort.H { return retort.H{"foo": 42} })
	text, err := app.RenderTemplate("mail.txt", retort.H{"html": "<b>"})
	require.NoError(t, err)
	assert.Equal(t, "Hello Special World 42 <b>", text)
}

func TestWhatIsEscaped(t *testing.T) {
	text := "<p>Hello World!"
	data := retort.H{"text": text, "html": template.HTML(text)}
	app := silentApp(pages("page.html", "{{.text}} {{.html}} {{.text | safe}}", "mail.txt", "{{.text}} {{.html}}", "drawing.svg", "{{.text}}", "page.xhtml", "{{.text}}"))
	app.Get("/<name>")(func(c *retort.Context, name string) any { return c.RenderTemplate(name, data) })
	expectTexts(t, app, map[string]string{
		"/page.html": "&lt;p&gt;Hello World! <p>Hello World! <p>Hello World!", "/mail.txt": "<p>Hello World! <p>Hello World!",
		"/drawing.svg": "&lt;p&gt;Hello World!", "/page.xhtml": "&lt;p&gt;Hello World!",
	})
	assert.Equal(t, "&lt;test&gt;", shows("{{.foo}}", retort.H{"foo": "<test>"}).TestClient().Get("/").Text, "a source without a name is a page")
}

func TestFiltersTestsAndGlobalsOfAnApp(t *testing.T) {
	reverse := func(s string) string {
		r := []rune(s)
		slices.Reverse(r)
		return string(r)
	}
	register := map[string]func(app *retort.App){
		"by the app": func(app *retort.App) {
			app.TemplateFilter("super_reverse", reverse)
			app.TemplateTest("boolean", func(v any) bool { _, ok := v.(bool); return ok })
			app.TemplateGlobal("get_stuff", func() int { return 42 })
		},
		"by a blueprint, after the routes": func(app *retort.App) {
			bp := retort.NewBlueprint("bp")
			bp.AppTemplateFilter("super_reverse", reverse)
			bp.AppTemplateTest("boolean", func(v any) bool { _, ok := v.(bool); return ok })
			bp.AppTemplateGlobal("get_stuff", func() int { return 42 })
			app.RegisterBlueprint(bp)
		},
	}
	for name, f := range register {
		t.Run(name, func(t *testing.T) {
			app := shows(`{{.value | super_reverse}} {{if .no | is "boolean"}}Success!{{end}}{{if .value | is "boolean"}}never{{end}} {{get_stuff}}`, retort.H{"value": "abcd", "no": false})
			f(app)
			assert.Equal(t, "dcba Success! 42", app.TestClient().Get("/").Text)
		})
	}
}

func TestProcessorsOfABlueprint(t *testing.T) {
	app := silentApp(pages())
	show := func(c *retort.Context) any {
		return c.RenderTemplateString("{{with .notanswer}}{{.}} is not the answer. {{end}}{{with .answer}}{{.}} is the answer.{{end}}")
	}
	bp := retort.NewBlueprint("answer_bp")
	bp.AppContextProcessor(func(*retort.Context) retort.H { return retort.H{"notanswer": 43} })
	bp.ContextProcessor(func(*retort.Context) retort.H { return retort.H{"answer": 42} })
	bp.Get("/bp")(show)
	app.Get("/")(show)
	app.RegisterBlueprint(bp)
	expectTexts(t, app, map[string]string{"/": "43 is not the answer. ", "/bp": "43 is not the answer. 42 is the answer."})
}

func TestTheInnermostProcessorHasTheLastWord(t *testing.T) {
	app, parent, child := silentApp(pages()), retort.NewBlueprint("parent"), retort.NewBlueprint("child")
	key := func(v string) func(*retort.Context) retort.H {
		return func(*retort.Context) retort.H { return retort.H{"key": v} }
	}
	app.ContextProcessor(key("app"))
	parent.ContextProcessor(key("parent"))
	child.ContextProcessor(key("child"))
	child.Get("/b")(func(c *retort.Context) any { return c.RenderTemplateString("{{.key}}") })
	parent.RegisterBlueprint(child)
	app.RegisterBlueprint(parent)
	assert.Equal(t, "child", app.TestClient().Get("/b").Text)
}

func TestTheAppsTemplatesComeBeforeThoseOfBlueprints(t *testing.T) {
	app := silentApp(pages("shared.html", "of the app"))
	admin := withPages("admin", "shared.html", "of admin", "admin/index.html", "Hello from the Admin")
	frontend := withPages("frontend", "frontend/index.html", "Hello from the Frontend", "admin/index.html", "too late")
	app.RegisterBlueprint(admin)
	app.RegisterBlueprint(frontend)
	app.Get("/<path:name>")(func(c *retort.Context, name string) any { return c.RenderTemplate(name) })
	expectTexts(t, app, map[string]string{"/shared.html": "of the app", "/admin/index.html": "Hello from the Admin", "/frontend/index.html": "Hello from the Frontend"})
	assert.Equal(t, 500, app.TestClient().Get("/missing.html").Status)
}

func TestTheFirstTemplateThatExists(t *testing.T) {
	app := silentApp(pages("simple_template.html", "<h1>{{.whiskey}}</h1>", "context_template.html", "other"))
	app.Get("/")(func(c *retort.Context) any {
		return c.SelectTemplate([]string{"no_template.xml", "simple_template.html", "context_template.html"}, retort.H{"whiskey": "Jameson"})
	})
	assert.Equal(t, "<h1>Jameson</h1>", app.TestClient().Get("/").Text)
}

func TestWhenTemplatesAreReadAgain(t *testing.T) {
	for _, c := range []struct {
		config map[string]any
		again  bool
	}{
		{nil, false}, {map[string]any{"TEMPLATES_AUTO_RELOAD": false}, false}, {map[string]any{"TEMPLATES_AUTO_RELOAD": true}, true}, {map[string]any{"DEBUG": true}, true},
		{map[string]any{"DEBUG": true, "TEMPLATES_AUTO_RELOAD": false}, false},
	} {
		root := t.TempDir()
		file := filepath.Join(root, "templates", "page.html")
		require.NoError(t, os.Mkdir(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte("before"), 0o644))
		app := silentApp(retort.RootPath(root))
		app.Config.Update(c.config)
		app.Get("/")(func(c *retort.Context) any { return c.RenderTemplate("page.html") })
		client := app.TestClient()
		require.Equal(t, "before", client.Get("/").Text)
		require.NoError(t, os.WriteFile(file, []byte("after!"), 0o644))
		require.NoError(t, os.Chtimes(file, time.Time{}, time.Now().Add(time.Hour)))
		assert.Equal(t, c.again, client.Get("/").Text == "after!", c.config)
	}
}

func TestAMissingTemplateIsExplained(t *testing.T) {
	var log strings.Builder
	app := silentApp(pages())
	app.Logger = slogTo(&log)
	app.Config.Update(map[string]any{"EXPLAIN_TEMPLATE_LOADING": true, "TESTING": true})
	admin, frontend := withPages("admin", "a.html", ""), withPages("frontend", "f.html", "")
	frontend.Get("/missing")(func(c *retort.Context) any { return c.RenderTemplate("missing_template.html") })
	app.RegisterBlueprint(admin)
	app.RegisterBlueprint(frontend)
	assert.Contains(t, panicText(t, func() { app.TestClient().Get("/missing") }), "missing_template.html")
	for _, text := range []string{"missing_template.html", "admin", "frontend", "app"} {
		assert.Contains(t, log.String(), text)
	}
}

func TestJSONInAPage(t *testing.T) {
	app := shows("<script>const data = {{.data | tojson}};</script>", retort.H{"data": retort.H{"name": "</script>", "time": time.Date(2021, 2, 1, 7, 15, 0, 0, time.UTC)}})
	app.JSON = retort.DefaultJSON{HTTPDates: true}
	assert.Equal(t, `<script>const data = {"name": "\u003c/script\u003e", "time": "Mon, 01 Feb 2021 07:15:00 GMT"};</script>`, app.TestClient().Get("/").Text)
}

func TestSignalsOfTemplates(t *testing.T) {
	app := silentApp(pages("simple_template.html", "<h1>{{.whiskey}}</h1>"))
	app.Get("/")(func(c *retort.Context) any { return c.RenderTemplate("simple_template.html", retort.H{"whiskey": 42}) })
	before, rendered := app.Signals.BeforeRenderTemplate.Capture(t), app.Signals.TemplateRendered.Capture(t)
	t.Cleanup(app.Signals.BeforeRenderTemplate.Connect(func(_ any, v retort.BeforeRenderTemplate) { v.Data["whiskey"] = 43 }))
	assert.Equal(t, "<h1>43</h1>", app.TestClient().Get("/").Text)
	require.Equal(t, 1, before.Len())
	require.Equal(t, 1, rendered.Len())
	assert.Equal(t, "simple_template.html", rendered.Values()[0].Template)
	assert.Equal(t, 43, rendered.Values()[0].Data["whiskey"])
}

func TestAnUnhandledErrorIsSignalled(t *testing.T) {
	app := failingApp(map[string]error{"error": errPlain, "handled": parentError{}})
	retort.OnError(app, func(*retort.Context, parentError) any { return "" })
	told := app.Signals.GotRequestException.Capture(t)
	torn := app.Signals.AppContextTearingDown.Capture(t)
	assert.Equal(t, 500, app.TestClient().Get("/error").Status)
	app.TestClient().Get("/handled")
	require.Equal(t, 1, told.Len())
	assert.Same(t, errPlain, told.Values()[0].Err)
	require.Equal(t, 2, torn.Len())
	assert.Same(t, errPlain, torn.Values()[0].Err)
	assert.NoError(t, torn.Values()[1].Err)
}

func TestEverySignalOfTheEndIsSentWhateverFails(t *testing.T) {
	app, n := silentApp(), &noting{}
	app.TeardownRequest(func(*retort.Context, error) { n.note("request teardown"); panic("request teardown") })
	app.TeardownAppContext(func(*retort.Context, error) { n.note("app teardown"); panic("app teardown") })
	t.Cleanup(app.Signals.RequestTearingDown.Connect(func(any, retort.RequestTearingDown) { n.note("request signal"); panic("request signal") }))
	t.Cleanup(app.Signals.AppContextTearingDown.Connect(func(any, retort.AppContextTearingDown) { n.note("app signal"); panic("app signal") }))
	app.Get("/")(func() string { return "" })
	assert.Equal(t, 200, app.TestClient().Get("/").Status)
	assert.Equal(t, []string{"request teardown", "request signal", "app teardown", "app signal"}, n.calls)
}

func TestTheOrderOfSignalsAndFunctions(t *testing.T) {
	app, n := silentApp(), &noting{}
	t.Cleanup(app.Signals.AppContextPushed.Connect(func(any, retort.AppContextPushed) { n.note("push") }))
	t.Cleanup(app.Signals.RequestStarted.Connect(func(any, retort.RequestStarted) { n.note("before-signal") }))
	t.Cleanup(app.Signals.RequestFinished.Connect(func(_ any, v retort.RequestFinished) {
		data, _ := v.Response.Data()
		n.note("after-signal ", string(data))
	}))
	t.Cleanup(app.Signals.AppContextPopped.Connect(func(any, retort.AppContextPopped) { n.note("pop") }))
	app.BeforeRequest(func(*retort.Context) { n.note("before-handler") })
	app.AfterRequest(func(_ *retort.Context, res *retort.Response) { n.note("after-handler"); res.SetData([]byte("stuff")) })
	app.Get("/")(func() string { n.note("handler"); return "ignored anyway" })
	assert.Equal(t, "stuff", app.TestClient().Get("/").Text)
	assert.Equal(t, []string{"push", "before-signal", "before-handler", "handler", "after-handler", "after-signal stuff", "pop"}, n.calls)
}
