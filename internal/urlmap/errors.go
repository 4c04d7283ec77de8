package urlmap

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// RuleError is a mistake in a rule.
type RuleError struct {
	Rule   string // the text with the mistake: the rule, its subdomain or its host
	Offset int    // in bytes; negative when the mistake is not in the text
	Msg    string

	err error // the cause, when a converter's factory gave one
}

// Error returns the mistake in one line.
func (e *RuleError) Error() string {
	if e.Offset < 0 {
		return fmt.Sprintf("url rule %q: %s", e.Rule, e.Msg)
	}
	return fmt.Sprintf("url rule %q: offset %d: %s", e.Rule, e.Offset, e.Msg)
}

// Unwrap returns the error of the converter's factory, if that was the cause.
func (e *RuleError) Unwrap() error { return e.err }

// Detail returns the mistake in three lines: what it is, the rule, and a caret
// under the place. A mistake that is not in the text has no caret.
func (e *RuleError) Detail() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n    %s\n", e.Msg, e.Rule)
	if e.Offset >= 0 {
		column := utf8.RuneCountInString(e.Rule[:min(e.Offset, len(e.Rule))])
		fmt.Fprintf(&b, "    %s^\n", strings.Repeat(" ", column))
	}
	return b.String()
}

// DuplicateError refuses a rule that no request could reach, because an older
// one matches the same paths with the same methods.
//
// Werkzeug: DuplicateRuleError (3.2).
type DuplicateError struct {
	Old, New *Rule
	Path     string // a path that both match
}

// Error names both rules, where they come from, and what to do.
func (e *DuplicateError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "url rule %s is never reached: ", describe(e.New))
	if e.Old.Rule == e.New.Rule {
		fmt.Fprintf(&b, "%s is the same rule and came first", describe(e.Old))
	} else {
		fmt.Fprintf(&b, "%s came first and matches the same paths, for example %q", describe(e.Old), e.Path)
	}
	b.WriteString("; give them different methods, or remove one")
	return b.String()
}

// describe returns a rule with its methods and its position, as
//
//	"/a" [GET] (app.go:3)
func describe(r *Rule) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%q", r.Rule)
	if !r.anyMethod() {
		fmt.Fprintf(&b, " [%s]", strings.Join(r.Methods, ", "))
	}
	if r.Where != "" {
		fmt.Fprintf(&b, " (%s)", r.Where)
	}
	return b.String()
}
