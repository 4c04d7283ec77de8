package urlmap

// Spec describes one URL rule, as given by whoever registers it.
type Spec struct {
	Rule     string
	Endpoint string
	Methods  []string // nil: any method. GET brings HEAD.
	Defaults []Value  // in the order written

	StrictSlashes *bool // nil: the map's
	MergeSlashes  *bool // nil: the map's

	Subdomain string // with SubdomainMatching; "" means the map's DefaultSubdomain
	Host      string // with HostMatching

	// NoSubdomain puts the rule on the bare server name of a map that has a
	// DefaultSubdomain (Werkzeug: subdomain="").
	NoSubdomain bool

	RedirectTo     string                               // a target with <name> placeholders
	RedirectToFunc func(values []Value) (string, error) // computes the target
	Alias          bool
	BuildOnly      bool
	WebSocket      bool

	// Conditional rules are hits only when Query.Accept agrees (headers,
	// queries, schemes ...). They never count as duplicates of each other.
	Conditional bool

	// Check, if it is set, is asked before the rule is added; its error refuses
	// the rule.
	Check func(*Rule) error

	Where string // source position of the registration, "file.go:12"; shown in errors
	Index int    // the caller's own number for this rule; Rule.Index gives it back
}

// Value is one named value: a default, a view argument or a URLFor value.
type Value struct {
	Name  string
	Value any
}
