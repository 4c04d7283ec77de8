package retort

import (
	"fmt"
	"io"
	"io/fs"
	"sync"

	"github.com/retort-go/retort/templateloader"
)

// Templates is an engine that renders templates for an app: [HTMLTemplates]
// makes that of html/template, [TemplateEngine] has an app use another one. It is
// used by many goroutines at a time. c is the Context that the templates are
// rendered for; outside a request its Request is nil.
//
// The error for a template that is not there is, or wraps, a
// *templateloader.NotFoundError with its name. An error of w is returned as it
// is.
//
// Source: Flask: templating.py, Environment.
type Templates interface {
	// Check compiles the template called name without rendering it.
	Check(name string) error
	// Render writes the template called name.
	Render(w io.Writer, c *Context, name string, data H) error
	// RenderString writes a template that is given as its source.
	RenderString(w io.Writer, c *Context, source string, data H) error
}

// TemplateEnvironment is what an app hands to its engine of templates.
type TemplateEnvironment struct {
	// App is the app.
	App *App
	// Loader finds the templates: in the app's own folder, then in those of the
	// blueprints in the order of their registration.
	Loader *templateloader.Loader
	// Filters, Tests and Globals are what was registered, by name. The
	// functions of Filters and Tests take the value first. Those of Filters and
	// Globals may have a *Context before everything else, which the engine
	// gives. A Global may be any value.
	Filters, Tests, Globals map[string]any
	// AutoReload asks for a look at the files whenever a template is rendered.
	AutoReload bool
}

// TemplateEngine has the app render its templates with what makeEngine gives, in
// the place of [HTMLTemplates]. It is called once, when the first template is
// rendered after the setup, and each time during the setup; its error is that of
// every template.
//
// Source: Flask: app.py, jinja_environment.
func TemplateEngine(makeEngine func(TemplateEnvironment) (Templates, error)) Option {
	if makeEngine == nil {
		panic("retort: TemplateEngine takes a function that makes an engine, not nil")
	}
	return appOption(func(o *appOptions) { o.templateEngine = makeEngine })
}

// templating is what an app has for its templates.
type templating struct {
	makeEngine              func(TemplateEnvironment) (Templates, error)
	filters, tests, globals map[string]any

	once    sync.Once // once the app is frozen
	engine  Templates
	failed  error
	buffers sync.Pool // of *bytes.Buffer
}

// engine gives the engine. During the setup it is a new one each time, because
// more may be registered.
func (a *App) templateEngine() (Templates, error) {
	t := &a.templating
	if a.frozen.Load() == nil {
		return a.newTemplateEngine()
	}
	t.once.Do(func() { t.engine, t.failed = a.newTemplateEngine() })
	return t.engine, t.failed
}

func (a *App) newTemplateEngine() (Templates, error) {
	loader := a.templateLoader()
	if a.Config.Bool("EXPLAIN_TEMPLATE_LOADING") {
		loader.Trace = func(e *templateloader.Explanation) { a.Logger.Info(a.templateExplanation(e)) }
	}
	engine, err := a.templating.makeEngine(TemplateEnvironment{
		App: a, Loader: loader,
		Filters: a.templating.filters, Tests: a.templating.tests, Globals: a.templating.globals,
		AutoReload: a.Config.boolOr("TEMPLATES_AUTO_RELOAD", a.Config.Bool("DEBUG")),
	})
	if err != nil {
		return nil, fmt.Errorf("retort: the engine of the templates cannot be made: %w", err)
	}
	return engine, nil
}

// templateLoader looks into the folders of the app and its blueprints.
func (a *App) templateLoader() *templateloader.Loader {
	l := new(templateloader.Loader)
	for _, f := range a.templateFolders() {
		l.Sources = append(l.Sources, f.source())
	}
	return l
}

func (f templateFolder) source() templateloader.Source {
	if f.tree == nil {
		return templateloader.Source{Label: f.label, FS: templateloader.Dir(f.dir)}
	}
	label := fmt.Sprintf("%s, folder %q of its Files", f.label, f.dir)
	sub, err := fs.Sub(f.tree, f.dir)
	if err != nil {
		sub = noTree{err}
	}
	return templateloader.Source{Label: label, FS: sub}
}

// noTree is a folder that cannot be.
type noTree struct{ err error }

func (t noTree) Open(string) (fs.File, error) { return nil, t.err }

// ExplainTemplate says where a template is looked for, in order, and where it is
// found. With EXPLAIN_TEMPLATE_LOADING the app logs that for each template that
// it loads.
//
// Source: Flask: debughelpers.py, explain_template_loading_attempts.
func (a *App) ExplainTemplate(name string) string {
	return a.templateExplanation(a.templateLoader().Explain(name))
}

func (a *App) templateExplanation(e *templateloader.Explanation) string {
	if e.Found() || a.root.tree != nil {
		return e.String()
	}
	return fmt.Sprintf("%s\nthe root path of the app is %s: %s", e, a.root.dir, a.root.origin)
}
