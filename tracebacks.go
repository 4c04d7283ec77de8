package retort

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"

	"github.com/retort-go/retort/htmltemplate"
	"github.com/retort-go/retort/internal/traceback"
)

// traceback tells what failed and where: places, then the stack. In debug mode it
// has the source.
func (a *App) traceback(err error, places []traceback.Frame) *traceback.Traceback {
	t := traceback.Of(bareError(err), stackOf(err))
	t.Frames = append(places, t.Frames...)
	if a.settings().debug {
		t.ReadSource()
	}
	return t
}

// bareError is an error without what was noted about it.
func bareError(err error) error {
	switch e := err.(type) {
	case *thrown:
		return e.err
	case *reported:
		return e.err
	}
	return err
}

// stackOf is where an error was thrown, nil when it was returned.
func stackOf(err error) []uintptr {
	var t *thrown
	if errors.As(err, &t) {
		return t.stack
	}
	return nil
}

// place is where an error of the request came up, as far as no stack tells: in the
// template that failed, else, of an error that was returned, the view.
func (c *Context) place(err error) []traceback.Frame {
	frames := c.App.templateFrames(err)
	if len(frames) > 0 || stackOf(err) != nil || c.route == nil {
		return frames
	}
	return c.route.frames()
}

// templateFrames are the places in templates that the chain of err names, with
// their source.
func (a *App) templateFrames(err error) []traceback.Frame {
	var exec *htmltemplate.ExecError
	var syntax *htmltemplate.SyntaxError
	switch {
	case errors.As(err, &exec):
		return []traceback.Frame{a.templateFrame(exec.File, exec.Line)}
	case errors.As(err, &syntax):
		return []traceback.Frame{a.templateFrame(syntax.File, syntax.Line)}
	}
	return nil
}

func (a *App) templateFrame(name string, line int) traceback.Frame {
	f := traceback.Frame{Function: name, File: name, Line: line, Kind: traceback.Template, Note: "a template"}
	loader := a.templateLoader()
	file, err := loader.Load(name)
	if err != nil {
		return f // a source that was given as text
	}
	f.Excerpt = traceback.Excerpt(file.Text, line)
	for _, source := range loader.Sources {
		if _, err := fs.Stat(source.FS, name); err != nil {
			continue
		}
		if dir, ok := source.FS.(fmt.Stringer); ok {
			f.File = filepath.Join(dir.String(), filepath.FromSlash(name))
		}
		break
	}
	return f
}

// frames is the place of the view, if it is known.
func (rt *route) frames() []traceback.Frame {
	v := rt.view
	if v == nil || v.at.file == "" {
		return nil
	}
	name := v.name
	if f := v.source(); f.Kind() == reflect.Func && v.class == nil {
		name = strings.TrimSuffix(runtime.FuncForPC(f.Pointer()).Name(), "-fm")
	}
	return []traceback.Frame{{
		Function: name, File: v.at.file, Line: v.at.line,
		Declared: true,
		Note:     "the view; an error that is returned does not say where it came up",
	}}
}

// stackLines is a stack in a log record: one text in JSON, several lines on a
// terminal.
type stackLines []string

// LogLines implements [logtext.Lines].
func (s stackLines) LogLines() []string {
	return append([]string{"the innermost call first"}, s...)
}

// LogValue implements [slog.LogValuer].
func (s stackLines) LogValue() slog.Value { return slog.StringValue(strings.Join(s, "\n")) }

// trace is the stack in one line, from the panic outwards to retort.
func (t *thrown) trace() string {
	var calls []string
	for _, f := range traceback.Of(t.err, t.stack).Frames {
		if f.Kind == traceback.Framework && len(calls) > 0 {
			break
		}
		if f.Own() || f.Kind == traceback.Library {
			calls = append(calls, f.Name()+" "+position{f.File, f.Line}.String())
		}
	}
	return strings.Join(calls, " < ")
}
