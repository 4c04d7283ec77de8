package gatewaytest

import "fmt"

// Outcome is what became of a check.
type Outcome uint8

const (
	// Holds: the check has passed.
	Holds Outcome = iota
	// ByTypes: there is nothing to run, Go's types rule a violation out.
	ByTypes
	// Excepted: the check failed, as an [Exception] says that it would.
	Excepted
	// LeftOut: something that may be done is not done.
	LeftOut
	// Broken: the check failed.
	Broken
	// Stale: the check passed although an [Exception] says that it could not;
	// the exception has to go. Also: there is no such check.
	Stale
)

// String gives the outcome in words.
func (o Outcome) String() string {
	return [...]string{"holds", "held by types", "excepted", "left out", "broken", "stale exception"}[o]
}

// Exception is a check that cannot pass, with the reason: usually what a
// transport has no way to show.
type Exception struct {
	Check  string // "S17/reason", or "S17" for all checks of the requirement
	Reason string // a sentence, printed with every run
}

// Result is the outcome of one check, or of a requirement that has none.
type Result struct {
	Requirement Requirement
	Check       string // "S34/log"; the requirement's ID if nothing was run
	Outcome     Outcome
	Err         error  // what was seen and what would be right; nil if the check passed
	Reason      string // of the exception, or what the types rule out
}

// Failed reports whether the subject or its list of exceptions needs mending.
func (r Result) Failed() bool { return r.Outcome == Broken || r.Outcome == Stale }

// String is a line or a few: the check, its strength, its outcome, and for one
// that did not pass the requirement and what was seen instead.
func (r Result) String() string {
	if r.Requirement.ID == "" {
		return fmt.Sprintf("%s: %s: there is no such check", r.Check, r.Outcome)
	}
	head := fmt.Sprintf("%s %s: %s", r.Check, r.Requirement.Strength, r.Outcome)
	switch r.Outcome {
	case ByTypes:
		return head + ": " + r.Reason
	case LeftOut:
		return fmt.Sprintf("%s: %v", head, r.Err)
	case Excepted:
		return fmt.Sprintf("%s: %s (%v)", head, r.Reason, r.Err)
	case Stale:
		return fmt.Sprintf("%s: it passed, although an exception says: %s; remove the exception", head, r.Reason)
	case Broken:
		return fmt.Sprintf("%s: %s\n\t%v\n\t(%s)", head, r.Requirement.Text, r.Err, r.Requirement.Source)
	}
	return head
}
