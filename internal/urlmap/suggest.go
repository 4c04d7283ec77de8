package urlmap

import "github.com/retort-go/retort/internal/nearest"

// nearestRule returns the rule whose endpoint is most like a name, the first
// among equals; nil when none is near.
//
// Werkzeug: routing/exceptions.py, BuildError.closest_rule.
func nearestRule(rules []*Rule, name string) *Rule {
	endpoints := make([]string, len(rules))
	for i, r := range rules {
		endpoints[i] = r.Endpoint
	}
	if i := nearest.Index(endpoints, name); i >= 0 {
		return rules[i]
	}
	return nil
}
