//go:build retort_dev

package retort

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/retort-go/retort/internal/fault"
	"github.com/retort-go/retort/internal/urlmap"
)

// developing says that this is a build for developers, with the tag retort_dev.
const developing = true

// faultOf is what a debugger that waits for the failure of a request is to see as
// a panic, nil when none waits or the error is not to leave the app. Through a
// gateway it is an error, of which gateway.ToHandler makes the panic.
func (a *App) faultOf(c *Context, err error) any {
	r := c.request.http
	if !a.settings().propagate || !fault.Listening(r.Context()) {
		return nil
	}
	return a.newFault(c, err)
}

func (a *App) newFault(c *Context, err error) *fault.Fault {
	report := fault.Report{
		Err:           bareError(err),
		Stack:         stackOf(err),
		Frames:        c.place(err),
		Request:       c.request.http,
		Secrets:       *a.secrets(c),
		SessionCookie: a.Config.String("SESSION_COOKIE_NAME"),
		Sections:      c.sections(),
		Logged:        true,
	}
	return report.Fault()
}

// reportMiddleware is deferred around the middleware: a panic there is logged and
// becomes the fault that a debugger waits for.
func (a *App) reportMiddleware(f *frozen, r *http.Request) {
	if !f.settings.propagate || !fault.Listening(r.Context()) {
		return
	}
	v := recover()
	if v == nil {
		return
	}
	err := thrownError(v)
	var reported *fault.Fault
	if errors.Is(err, http.ErrAbortHandler) || errors.As(err, &reported) {
		panic(v)
	}
	c := &Context{App: a}
	c.request = Request{http: r, c: c}
	c.Request = &c.request
	a.logException(c, err)
	panic(a.newFault(c, err))
}

// sections are what the app knows of the request. Nothing is read or loaded for
// them.
func (c *Context) sections() []fault.Section {
	all := []fault.Section{c.routingSection(), c.requestSection(), c.sessionSection(), c.App.configSection()}
	if form, files, ok := c.formSections(); ok {
		all = append(all, form, files)
	}
	return all
}

var pairColumns = []string{"Name", "Value"}

// routingSection tells how the rule was looked for.
func (c *Context) routingSection() fault.Section {
	r := c.request.http
	q := urlmap.Query{Method: r.Method, Path: c.request.Path()}
	c.App.askMore(c.App.frozen.Load(), r, &q)
	e := c.App.urls.Explain(q)
	s := fault.Section{ID: fault.Routing, Title: "Routing", Columns: []string{"Step", "Part", "Weight", "What came of it"}}
	for _, step := range e.Steps {
		what := step.Reason
		if !step.Taken {
			what = strings.TrimSpace("✗ " + what)
		}
		s.Rows = append(s.Rows, []string{step.Kind, strings.Repeat("  ", step.Depth) + cmp.Or(step.Part, step.Rule), step.Weight, what})
	}
	if c.route != nil && c.route.mount != nil {
		s.Note = fmt.Sprintf("No rule of the app matched; the handler mounted at %q took the request.", c.route.mount.prefix+"/")
	}
	return s
}

// requestSection tells the line of the request and what it led to. It is shown
// before the PIN, so the query is not in it.
func (c *Context) requestSection() fault.Section {
	s := fault.Section{ID: fault.Request, Title: "Request", Columns: pairColumns}
	add := func(name, value string) {
		if value != "" {
			s.Rows = append(s.Rows, []string{name, value})
		}
	}
	r := c.request.http
	add("Method", r.Method)
	add("Path", c.request.Path())
	add("Protocol", r.Proto)
	rt := c.route
	if rt == nil {
		return s
	}
	add("Endpoint", rt.endpoint)
	if rt.rule != nil {
		add("Rule", rt.rule.String())
	}
	add("Registered at", rt.at.in(c.App.dir))
	if rt.view != nil {
		add("View", rt.view.String())
	}
	secrets, args := c.App.secrets(c), c.ViewArgs()
	for _, name := range slices.Sorted(maps.Keys(args)) {
		add("Argument "+name, secrets.Value(name, args[name]))
	}
	return s
}

// sessionSection is the session if it was loaded.
func (c *Context) sessionSection() fault.Section {
	s := fault.Section{ID: fault.Session, Title: "Session", Private: true, Columns: pairColumns}
	var opened *openedSession
	if x := c.extra.Load(); x != nil {
		opened = x.session.Load()
	}
	switch {
	case opened == nil:
		s.Note = "The session was not loaded."
	case opened.err != nil:
		s.Note = "The session could not be loaded: " + opened.err.Error()
	case opened.session == nil || opened.session.null:
		s.Note = "There is no session."
	default:
		secrets := c.App.secrets(c)
		for _, name := range opened.session.Keys() {
			s.Rows = append(s.Rows, []string{name, secrets.Value(name, opened.session.values[name])})
		}
		if s.Note = "Not changed by this request."; opened.session.modified {
			s.Note = "Changed by this request."
		}
	}
	return s
}

// formSections are the form and its files if it was read.
func (c *Context) formSections() (form, files fault.Section, ok bool) {
	x := c.extra.Load()
	if x == nil || x.form.Load() == nil || x.form.Load().values == nil {
		return form, files, false
	}
	f := x.form.Load()
	form = fault.Pairs(fault.Form, "Form", f.values.Lists())
	files = fault.Section{ID: fault.Files, Title: "Files", Private: true, Columns: []string{"Field", "File name", "Type", "Bytes"}}
	if f.files == nil {
		return form, files, true
	}
	for name, file := range f.files.All() {
		files.Rows = append(files.Rows, []string{name, file.Filename, file.ContentType(), strconv.FormatInt(file.Size(), 10)})
	}
	return form, files, true
}

// configSection is the configuration, which hides its secrets itself.
func (a *App) configSection() fault.Section {
	s := fault.Section{ID: fault.Config, Title: "Configuration", Private: true, Columns: []string{"Key", "Value", "Set at"}}
	for _, e := range a.Config.Describe() {
		s.Rows = append(s.Rows, []string{e.Key, e.Value, e.Origin.String()})
	}
	return s
}
