package retort

import (
	"errors"
	"fmt"
	"strings"

	"github.com/retort-go/retort/internal/urlmap"
)

// Converter turns a part of a URL into a value for the view and back:
// [NewConverter] makes one, [App.AddConverter] gives it a name in rules.
type Converter struct {
	weight  int
	make    func(weight int) (urlmap.Converter, error)
	makeFor func(ConverterArgs) (*Converter, error)
}

// ConverterArgs are the arguments written in a rule, <name(args):variable>:
// positional ones and named ones in order, each a string, int, float64, bool or
// nil.
type ConverterArgs = urlmap.Args

// NewConverter makes a converter whose values are Ts: what the view's parameter
// is. The text must match regexp (RE2) as a whole; parse gives its value, or an
// error for a text that is none, which makes the request a 404. format gives
// the text for URLFor, not yet percent-encoded. A regexp with a slash in it
// takes text across slashes, up to the end of the rule. All functions must be
// safe for use by several goroutines.
//
// Source: Werkzeug: routing/converters.py, BaseConverter.
func NewConverter[T any](regexp string, parse func(text string) (T, error), format func(value T) (string, error)) *Converter {
	return &Converter{weight: 100, make: func(weight int) (urlmap.Converter, error) {
		return urlmap.NewConverter(regexp, weight, parse, format)
	}}
}

// NewConverterFunc makes a converter that takes arguments in the rule: f gets
// them, once for each variable, and gives the converter for it. An error panics
// at the registration of the rule.
func NewConverterFunc(f func(args ConverterArgs) (*Converter, error)) *Converter {
	return &Converter{makeFor: f}
}

// WithWeight sets how early rules with this converter are tried, and gives the
// converter: 100 by default, 50 for numbers, 200 for path; lower is earlier. The
// function of [NewConverterFunc] sets it on the converters that it gives.
func (c *Converter) WithWeight(weight int) *Converter {
	c.weight = weight
	return c
}

// AddConverter makes c the converter name of the rules registered afterwards. It
// panics when c is not usable: its regexp is none, or a function is missing.
//
// Source: Flask: app.url_map.converters.
func (a *App) AddConverter(name string, c *Converter) {
	a.lock.check("AddConverter")
	a.hasConverter = true
	if c == nil {
		panic(fmt.Sprintf("retort: the converter %q is nil; make one with retort.NewConverter", name))
	}
	err := c.check()
	if err == nil {
		err = a.urls.AddConverter(name, func(args urlmap.Args) (urlmap.Converter, error) { return c.build(name, args) })
	}
	if err != nil {
		panic(fmt.Sprintf("retort: %s: AddConverter(%q): %v", callerOutside(), name, strings.TrimPrefix(err.Error(), "urlmap: ")))
	}
}

// check says what is wrong with a converter before a rule uses it.
func (c *Converter) check() error {
	switch {
	case c.makeFor != nil:
		return nil
	case c.make == nil:
		return errors.New("a Converter is made by NewConverter or NewConverterFunc")
	}
	_, err := c.make(c.weight)
	return err
}

// build gives the converter for one variable.
func (c *Converter) build(name string, args urlmap.Args) (urlmap.Converter, error) {
	if c.makeFor == nil {
		if len(args.Positional)+len(args.Named) > 0 {
			return nil, fmt.Errorf("the converter %q takes no arguments", name)
		}
		return c.make(c.weight)
	}
	inner, err := c.makeFor(args)
	if err != nil {
		return nil, err
	}
	if inner == nil || inner.make == nil {
		return nil, fmt.Errorf("the function of the converter %q must give a converter made by NewConverter", name)
	}
	return inner.make(inner.weight)
}
