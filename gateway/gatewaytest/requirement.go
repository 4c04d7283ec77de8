package gatewaytest

// Strength is how much a requirement asks for, in the words of RFC 2119.
type Strength string

// The strengths of a [Requirement]. A server need not do what is May, but what it
// does of it has to be right.
const (
	Must      Strength = "must"
	MustNot   Strength = "must not"
	Should    Strength = "should"
	ShouldNot Strength = "should not"
	May       Strength = "may"
)

// Requirement is one rule of the contract.
type Requirement struct {
	ID       string   // the side, S for servers, A for apps, M for middleware, and a number: "S27"
	Strength Strength // how much it asks for
	Text     string   // what is asked for
	Source   string   // where that is written: "PEP 3333, Buffering and Streaming"
	Types    string   // what of it Go's types make impossible to break; "" for nothing
	Checks   []string // the checks that are run for it: "S34", or "S34/log" where there are several
}

// Requirements gives the whole contract: servers, apps, middleware, each in the
// order of the numbers. The slice is the caller's.
func Requirements() []Requirement {
	var all []Requirement
	all = append(all, withChecks(serverRequirements(), serverChecks())...)
	all = append(all, withChecks(appRequirements(), appChecks())...)
	return append(all, withChecks(middlewareRequirements(), middlewareChecks())...)
}

// withChecks notes at each requirement what is run for it.
func withChecks[S any](rules []Requirement, checks []check[S]) []Requirement {
	for i := range rules {
		for _, c := range checks {
			if c.requirement() == rules[i].ID {
				rules[i].Checks = append(rules[i].Checks, c.id)
			}
		}
	}
	return rules
}
