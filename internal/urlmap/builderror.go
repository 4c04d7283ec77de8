package urlmap

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// A BuildError says why [Adapter.Build] has no URL. Its text names the endpoint
// and the one thing to mend.
//
// Werkzeug: routing/exceptions.py, BuildError. Differs from Werkzeug: a value
// that a converter refuses is a BuildError too, and an endpoint is suggested
// only when its name is near.
type BuildError struct {
	Endpoint  string
	Values    []Value
	Method    string   // asked for, "" when none was
	Suggested *Rule    // the rule that comes nearest; nil when none comes near
	Missing   []string // variables of Suggested without a value, sorted
	Methods   []string // the methods that would do, sorted, when none of the rules has Method
	Err       error    // what was wrong with a value, or with the place of the URL
}

// buildError returns the error of a Build; err is why the last rule failed, if
// one was tried.
func (a *Adapter) buildError(endpoint string, values []Value, method string, err error) *BuildError {
	// Not slices.Clone, which would let the values of every Build escape.
	e := &BuildError{Endpoint: endpoint, Values: append([]Value(nil), values...), Method: method, Err: err}
	rules := a.Map.EndpointRules(endpoint)
	switch {
	case len(rules) == 0:
		e.Suggested = nearestRule(a.Map.Rules(), endpoint)
	case err == nil:
		e.nearest(rules)
	}
	return e
}

// nearest fills in what keeps the values from fitting the best of the rules.
func (e *BuildError) nearest(rules []*Rule) {
	fewest := -1
	for _, r := range rules {
		if e.Method != "" && !r.anyMethod() && !slices.Contains(r.Methods, e.Method) {
			e.Methods = append(e.Methods, r.Methods...)
			continue
		}
		missing := e.missing(r)
		if fewest < 0 || len(missing) < fewest {
			fewest, e.Suggested, e.Missing = len(missing), r, missing
		}
	}
	if e.Suggested != nil {
		e.Methods = nil
		return
	}
	e.Suggested = rules[0]
	slices.Sort(e.Methods)
	e.Methods = slices.Compact(e.Methods)
}

// missing returns the sorted variables of a rule that have no value.
func (e *BuildError) missing(r *Rule) []string {
	var names []string
	for i := range r.vars {
		if name := r.vars[i].Name; !has(e.Values, name) && !has(r.Defaults, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Error returns one line: the endpoint, the values and the method that were
// given, and what would help.
func (e *BuildError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "no URL for endpoint %q", e.Endpoint)
	if len(e.Values) > 0 {
		fmt.Fprintf(&b, " with %s", quotedNames(valueNames(e.Values), "and"))
	}
	if e.Method != "" {
		fmt.Fprintf(&b, " for %s", e.Method)
	}
	return b.String() + ": " + e.reason()
}

func (e *BuildError) reason() string {
	switch {
	case e.Err != nil:
		return e.Err.Error()
	case e.Suggested == nil:
		return "there is no such endpoint"
	case e.Suggested.Endpoint != e.Endpoint:
		return fmt.Sprintf("there is no such endpoint; did you mean %q?", e.Suggested.Endpoint)
	case len(e.Methods) > 0:
		return fmt.Sprintf("its rules answer %s", strings.Join(e.Methods, ", "))
	case len(e.Missing) > 0:
		return fmt.Sprintf("the rule %s needs %s too", e.Suggested.Rule, quotedNames(e.Missing, "and"))
	}
	d := conflict(e.Suggested, e.Values)
	if d == nil {
		return fmt.Sprintf("the rule %s does not fit", e.Suggested.Rule)
	}
	given, _ := lastValue(e.Values, d.Name)
	return fmt.Sprintf("%s, the rule %s has the default %v for it", describeValue(d.Name, given), e.Suggested.Rule, d.Value)
}

// Unwrap returns e.Err.
func (e *BuildError) Unwrap() error { return e.Err }

func valueNames(values []Value) []string {
	var names []string
	for _, v := range values {
		if !slices.Contains(names, v.Name) {
			names = append(names, v.Name)
		}
	}
	return names
}

// quotedNames returns `"a"`, `"a" and "b"`, `"a", "b" and "c"`.
func quotedNames(names []string, word string) string {
	var b strings.Builder
	for i, name := range names {
		switch {
		case i == 0:
		case i == len(names)-1:
			b.WriteString(" " + word + " ")
		default:
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%q", name)
	}
	return b.String()
}

// A valueError is a value that a rule cannot show.
type valueError struct {
	rule     *Rule
	variable *Variable // without a Converter: a parameter of the query
	value    any
	err      error
}

func (e *valueError) Error() string {
	what := describeValue(e.variable.Name, e.value)
	if e.variable.Converter == nil {
		return fmt.Sprintf("%s: %s", what, e.err)
	}
	if wanted := wants(e.variable.Converter); wanted != "" && !isWanted(e.value, e.variable.Converter) {
		return fmt.Sprintf("%s, the rule %s wants %s", what, e.rule.Rule, wanted)
	}
	return fmt.Sprintf("%s, which the rule %s does not take: %s", what, e.rule.Rule, e.err)
}

func (e *valueError) Unwrap() error { return e.err }

// wants names the values that a converter takes, "" when its type says little.
func wants(c Converter) string {
	t := c.Type()
	switch {
	case t == reflect.TypeFor[UUID]():
		return "a UUID"
	case t.PkgPath() == "" && t.Kind() == reflect.Int:
		return "an integer"
	case t.PkgPath() == "" && t.Kind() == reflect.Float64:
		return "a number"
	case t.PkgPath() == "":
		return ""
	}
	return "a " + t.String()
}

// isWanted reports whether a value has the type that a converter takes, so that
// the type is not what is wrong.
func isWanted(value any, c Converter) bool {
	return reflect.TypeOf(forConverter(value, c.Type())) == c.Type()
}

// describeValue returns `the value of "id" is the string "x"`, or the type of a
// value that is not plain.
func describeValue(name string, value any) string {
	switch b := basicValue(reflect.ValueOf(value)).(type) {
	case nil:
		return fmt.Sprintf("the value of %q is a %T", name, value)
	case string:
		return fmt.Sprintf("the value of %q is the string %q", name, clip(b))
	default:
		return fmt.Sprintf("the value of %q is %v", name, b)
	}
}

// clip shortens a long text for a message.
func clip(s string) string {
	const most = 60
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
