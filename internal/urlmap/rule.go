package urlmap

import "slices"

// Rule is one URL rule of a [Map]. A rule does not change once it is added, so
// it may be read from any goroutine.
type Rule struct {
	Spec // Methods are upper-case, sorted, and hold HEAD where they hold GET

	vars         []Variable // the domain's first, then the path's, in rule order
	domain, path []token    // path starts with "/", slashes merged where the rule merges them
	parts        []*part    // the domain's part, then the path's between its slashes

	strict, merge bool    // StrictSlashes and MergeSlashes, the map's where the spec had none
	checked       bool    // checks or custom: a hit is no hit yet
	methods       Methods // the bits of Spec.Methods
	checks        []check // of the variables whose converters may refuse a text that fits the rule
	custom        bool    // some variable has a converter of the user's own
	redirect      bool    // hits are answered by a redirect that the builder computes
	mayRedirect   bool    // see [Match.MayRedirect]; set by Freeze
}

// Variable is one variable of a rule, <converter(args):name>.
type Variable struct {
	Name          string
	Converter     Converter
	ConverterName string // as written; "default" when the rule names none
	InDomain      bool   // in the subdomain or host, not in the path
}

// A token is a piece of a rule: literal text, or one of the rule's variables.
type token struct {
	text     string
	variable int // index into Rule.vars, or negative for literal text
}

// check is a variable whose converter has the last word on its text.
type check struct {
	checker
	variable int
}

// Variables returns the variables of the rule, the domain's first, then the
// path's, each in the order of the rule. The slice must not be changed.
func (r *Rule) Variables() []Variable { return r.vars }

// String returns the rule as written.
func (r *Rule) String() string { return r.Rule }

// anyMethod reports whether the rule takes every method, also unknown ones.
func (r *Rule) anyMethod() bool { return r.Methods == nil }

// arguments returns the sorted names that the rule knows: variables and defaults.
func (r *Rule) arguments() []string {
	names := make([]string, 0, len(r.vars)+len(r.Defaults))
	for i := range r.vars {
		names = append(names, r.vars[i].Name)
	}
	for i := range r.Defaults {
		names = append(names, r.Defaults[i].Name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}
