package urlmap

import "fmt"

// Match is the result of a look-up. It is a plain value: nothing in it is
// shared or used again, so it may be kept.
type Match struct {
	Outcome Outcome
	// Rule is the rule that matched, for Found and for redirects that come from
	// a rule (alias, redirect_to). It is nil for slash and merge redirects.
	Rule *Rule
	// Index is the rule's own, so that callers need not ask the rule.
	Index  int
	Values Values
	// Allow is the union of the methods of the rules that only the method kept
	// from matching; for MethodNotAllowed.
	Allow Methods

	slash bool // redirect to Values.path with a slash added
	merge bool // redirect to Values.path, whose slashes are merged
}

// Value returns the value of the rule's i-th variable, made by its converter.
// The error is the converter's; for a match that was Found there is none unless
// a converter of the user's own changed its mind.
func (mt *Match) Value(i int) (any, error) {
	if more := mt.Values.more; more != nil && more.parsed != nil {
		return more.parsed[i], nil
	}
	v := &mt.Rule.vars[i]
	value, err := v.Converter.Parse(mt.Values.Text(i))
	if err != nil {
		return nil, fmt.Errorf("url rule %q: variable %q: %w", mt.Rule.Rule, v.Name, err)
	}
	return value, nil
}

// RedirectPath returns the decoded path to go to for a redirect that adds the
// missing last slash, or merges slashes. It is "" for every other outcome, also
// for the redirects of alias and redirect_to, whose target the builder computes.
func (mt *Match) RedirectPath() string {
	switch {
	case mt.slash:
		return mt.Values.path + "/"
	case mt.merge:
		return mt.Values.path
	default:
		return ""
	}
}

// MayRedirect reports whether another rule of the endpoint has defaults and the
// same arguments, so that it may be the canonical one for the values of this
// match. The builder decides that by comparing values. Werkzeug asks before
// redirect_to and after alias.
func (mt *Match) MayRedirect() bool { return mt.Rule != nil && mt.Rule.mayRedirect }

// MayRedirect is [Match.MayRedirect] for all matches of the rule. It is known
// after [Map.Freeze].
func (r *Rule) MayRedirect() bool { return r.mayRedirect }

// inlineValues is the number of values that a [Values] holds without a heap object.
const inlineValues = 4

// Values are the texts that the variables of a rule took from the path and the
// domain. Up to four texts of a path are offsets into it; more, and texts of a
// domain, live in a heap object.
//
// It has fields instead of an array, and each offset pair in one word, so that
// it is passed to functions in registers.
type Values struct {
	path       string
	a, b, c, d span
	more       *overflow
}

// A span is a part of the path: where it begins in the upper half, where it
// ends in the lower one.
type span uint64

func newSpan(lo, hi int) span { return span(lo)<<32 | span(hi) }

func (s span) of(text string) string { return text[s>>32 : s&(1<<32-1)] }

// overflow holds the values that do not fit into spans.
type overflow struct {
	texts  []string
	parsed []any // not nil: the values, when the search had to make them
	few    [8]string
}

// newOverflow returns room for n texts, mostly as one object.
func newOverflow(n int) *overflow {
	o := new(overflow)
	if n <= len(o.few) {
		o.texts = o.few[:n]
	} else {
		o.texts = make([]string, n)
	}
	return o
}

// Text returns the text of the rule's i-th variable, percent-decoded as in the path.
func (v *Values) Text(i int) string {
	if v.more != nil {
		return v.more.texts[i]
	}
	return v.at(i).of(v.path)
}

func (v *Values) at(i int) span {
	switch i {
	case 0:
		return v.a
	case 1:
		return v.b
	case 2:
		return v.c
	default:
		return v.d
	}
}

func (v *Values) set(i int, s span) {
	switch i {
	case 0:
		v.a = s
	case 1:
		v.b = s
	case 2:
		v.c = s
	default:
		v.d = s
	}
}
