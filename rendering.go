package retort

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"

	"github.com/retort-go/retort/templateloader"
)

// RenderTemplate gives the page that a template makes, as a text/html response.
// data are what the template knows by name; of several values for a name the last
// one counts, and what the ContextProcessor functions add comes before all of
// them. The template is rendered as a whole before anything is sent: if it fails
// the Response has its error ([Response.Err]), and returning it from the view is
// returning the error.
//
//	return c.RenderTemplate("notes.html", retort.H{"notes": notes})
//
// Templates are looked for in the folder of the app ([TemplateFolder]), then in
// those of the blueprints. They are those of html/template, with layouts: see
// package htmltemplate. They know
//
//	{{url_for "user" "id" 7 "_anchor" "top"}}  Context.URLFor; also _external, _scheme, _method
//	{{range get_flashed_messages}}…{{end}}     Context.FlashedMessages
//	{{request.Path}} {{session.Get "user"}}    Context.Request, Context.Session
//	{{g.Get "db"}} {{config.String "NAME"}}    Context.G, App.Config
//
// the filters
//
//	{{.v | tojson}}       JSON for a script or an attribute, {{.v | tojson 2}} indented
//	{{.v | safe}}         HTML that is not escaped
//	{{.v | default "-"}}  "-" when there is no value
//	{{.v | upper}} {{.v | lower}} {{.list | join ", "}}
//
// and what [App.TemplateFilter], [App.TemplateTest] and [App.TemplateGlobal] add.
//
// Source: Flask: templating.py, render_template.
func (c *Context) RenderTemplate(name string, data ...H) *Response {
	return c.rendered(page{name: name}, data)
}

// RenderTemplateString is [Context.RenderTemplate] for a template that is given
// as its source. It is escaped, and may extend and include files. Compiled
// sources are kept, so source should not be put together from what changes; that
// is what data is for.
//
// Source: Flask: templating.py, render_template_string.
func (c *Context) RenderTemplateString(source string, data ...H) *Response {
	return c.rendered(page{source: source, isString: true}, data)
}

// SelectTemplate is [Context.RenderTemplate] for the first of names that exists.
//
// Source: Flask: templating.py, render_template with a list.
func (c *Context) SelectTemplate(names []string, data ...H) *Response {
	name, err := c.App.selectTemplate(names)
	if err != nil {
		return failedResponse(c.templateError(err))
	}
	return c.RenderTemplate(name, data...)
}

// StreamTemplate is [Context.RenderTemplate] for a page that is sent while it is
// rendered: for long ones. An error that comes up after its beginning has left
// breaks the response off. The ContextProcessor functions run at once, what the
// template calls only when it does: too late for Vary: Cookie and for taking
// messages out of the session, so a view whose template shows the session or the
// flashed messages asks for them first, and hands them over as data.
//
// Source: Flask: templating.py, stream_template.
func (c *Context) StreamTemplate(name string, data ...H) *Response {
	return c.streamed(page{name: name}, data)
}

// StreamTemplateString is [Context.StreamTemplate] for a template that is given
// as its source.
//
// Source: Flask: templating.py, stream_template_string.
func (c *Context) StreamTemplateString(source string, data ...H) *Response {
	return c.streamed(page{source: source, isString: true}, data)
}

// RenderTemplate gives the text that a template makes outside of a request, for
// a mail or a file. request is nil then, url_for needs SERVER_NAME, and there is
// no session.
func (a *App) RenderTemplate(name string, data ...H) (string, error) {
	return (&Context{App: a}).renderText(page{name: name}, data)
}

// page is what is to be rendered.
type page struct {
	name     string
	source   string
	isString bool
}

func (c *Context) rendered(t page, data []H) *Response {
	text, err := c.renderText(t, data)
	if err != nil {
		return failedResponse(err)
	}
	return HTML(text)
}

// maxKeptBuffer is the size up to which a buffer is used again.
const maxKeptBuffer = 1 << 20

func (c *Context) renderText(t page, data []H) (string, error) {
	b, _ := c.App.templating.buffers.Get().(*bytes.Buffer)
	if b == nil {
		b = new(bytes.Buffer)
	}
	w := pageWriter{buf: b, ctx: context.Background()}
	if c.Request != nil {
		w.ctx = c.request.http.Context()
	}
	err := c.renderTo(&w, t, c.templateData(data))
	text := b.String()
	if b.Reset(); b.Cap() <= maxKeptBuffer {
		c.App.templating.buffers.Put(b)
	}
	if errors.Is(err, context.Canceled) && w.ctx.Err() != nil {
		return "", http.ErrAbortHandler // the client is gone
	}
	return text, err
}

// pageWriter takes a page and stops when nobody waits for it any more.
type pageWriter struct {
	buf   *bytes.Buffer
	ctx   context.Context
	asked int // how long the page was then
}

func (w *pageWriter) Write(p []byte) (int, error) {
	if w.buf.Len()-w.asked > 16<<10 {
		w.asked = w.buf.Len()
		if err := w.ctx.Err(); err != nil {
			return 0, err
		}
	}
	return w.buf.Write(p)
}

// renderTo renders a template and says so.
func (c *Context) renderTo(w io.Writer, t page, data H) error {
	engine, err := c.App.templateEngine()
	if err != nil {
		return err
	}
	signals := &c.App.Signals
	if signals.BeforeRenderTemplate.HasReceivers() {
		signals.BeforeRenderTemplate.Send(c.App, BeforeRenderTemplate{c, t.name, data})
	}
	if t.isString {
		err = engine.RenderString(w, c, t.source, data)
	} else {
		err = engine.Render(w, c, t.name, data)
	}
	if err != nil {
		return c.templateError(err)
	}
	if signals.TemplateRendered.HasReceivers() {
		signals.TemplateRendered.Send(c.App, TemplateRendered{c, t.name, data})
	}
	return nil
}

// templateData is data with what the context processors add. A map of the
// caller's is not changed, by receivers of signals neither.
func (c *Context) templateData(data []H) H {
	s := &c.App.Signals
	shared := !s.BeforeRenderTemplate.HasReceivers() && !s.TemplateRendered.HasReceivers()
	merged := H(nil)
	for _, scope := range c.scopes() {
		for _, process := range scope.processors {
			if merged == nil {
				merged = make(H)
			}
			maps.Copy(merged, process(c))
		}
	}
	if merged == nil && shared && len(data) <= 1 {
		if len(data) == 1 {
			return data[0]
		}
		return nil
	}
	if merged == nil {
		merged = make(H)
	}
	for _, d := range data {
		maps.Copy(merged, d)
	}
	return merged
}

// templateError adds to the error of a template that is not there where the view
// belongs.
//
// Source: Flask: debughelpers.py, explain_template_loading_attempts.
func (c *Context) templateError(err error) error {
	var missing *templateloader.NotFoundError
	if !errors.As(err, &missing) || c.route == nil || c.route.registration == nil {
		return err
	}
	reg := c.route.registration
	if reg.bp.options.templates == "" {
		return fmt.Errorf("%w; the view is one of the blueprint %q, which has no folder of templates: give it the option TemplateFolder", err, reg.name)
	}
	return fmt.Errorf("%w; the view is one of the blueprint %q", err, reg.name)
}

// selectTemplate gives the first name that exists.
func (a *App) selectTemplate(names []string) (string, error) {
	engine, err := a.templateEngine()
	if err != nil {
		return "", err
	}
	var errs []error
	for _, name := range names {
		err := engine.Check(name)
		var missing *templateloader.NotFoundError
		if !errors.As(err, &missing) || missing.Name != name {
			return name, err
		}
		errs = append(errs, err)
	}
	if len(errs) == 0 {
		return "", errors.New("retort: SelectTemplate was given no names of templates")
	}
	return "", errors.Join(errs...)
}

// streamSize is the size of the chunks of a page that is streamed.
const streamSize = 4 << 10

func (c *Context) streamed(t page, data []H) *Response {
	if !t.isString {
		engine, err := c.App.templateEngine()
		if err == nil {
			err = engine.Check(t.name)
		}
		if err != nil {
			return failedResponse(c.templateError(err))
		}
	}
	d := c.templateData(data)
	return newResponse(http.StatusOK, htmlType, chunksContent(func(yield func([]byte, error) bool) {
		w := bufio.NewWriterSize(yieldWriter{yield}, streamSize)
		err := c.renderTo(w, t, d)
		if err == nil {
			err = w.Flush()
		}
		if err != nil && err != errNoMore {
			yield(nil, err)
		}
	}))
}

// errNoMore ends the rendering of a page whose reader wants no more.
var errNoMore = errors.New("no more is wanted")

// yieldWriter hands on what is written to it.
type yieldWriter struct{ yield func([]byte, error) bool }

func (w yieldWriter) Write(p []byte) (int, error) {
	if !w.yield(bytes.Clone(p), nil) { // p is bufio's, which goes on with it
		return 0, errNoMore
	}
	return len(p), nil
}
