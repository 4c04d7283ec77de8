package urlmap

import "slices"

// takes reports whether the rule has a variable or a default of that name.
func (r *Rule) takes(name string) bool {
	return r.hasVariable(name) || has(r.Defaults, name)
}

// suitable reports whether a rule has the method, gets all its variables from
// values or defaults, and no value contradicts a default.
//
// Werkzeug: routing/rules.py, Rule.suitable_for.
func suitable(r *Rule, values []Value, method string) bool {
	if method != "" && !r.anyMethod() && !slices.Contains(r.Methods, method) {
		return false
	}
	for i := range r.vars {
		if name := r.vars[i].Name; !has(values, name) && !has(r.Defaults, name) {
			return false
		}
	}
	return conflict(r, values) == nil
}

// conflict returns the default of a rule that one of the values contradicts, nil
// without any.
func conflict(r *Rule, values []Value) *Value {
	for i := range r.Defaults {
		d := &r.Defaults[i]
		if given, ok := lastValue(values, d.Name); ok && !sameValue(d.Value, given) {
			return d
		}
	}
	return nil
}

func has(values []Value, name string) bool {
	_, ok := lastValue(values, name)
	return ok
}

// lastValue returns the last value of that name that is present.
func lastValue(values []Value, name string) (any, bool) {
	for i := len(values) - 1; i >= 0; i-- {
		if v := &values[i]; v.Name == name && present(v.Value) {
			return v.Value, true
		}
	}
	return nil, false
}

// buildOrder walks the rules of an endpoint in the order in which building tries
// them: aliases last, then more arguments first, then more defaults first, then
// in the order of registration. It looks for the next rank instead of sorting,
// because an endpoint has few rules and hardly ever more than two ranks.
//
// Werkzeug: routing/rules.py, Rule.build_compare_key.
type buildOrder struct {
	rules []*Rule
	rank  int64 // of the rules being walked; 0 before the first
	at    int   // next index
}

// next returns the next rule, nil after the last.
func (o *buildOrder) next() *Rule {
	for {
		for o.rank != 0 && o.at < len(o.rules) {
			r := o.rules[o.at]
			if o.at++; buildRank(r) == o.rank {
				return r
			}
		}
		below := int64(0)
		for _, r := range o.rules {
			if rank := buildRank(r); rank > below && (o.rank == 0 || rank < o.rank) {
				below = rank
			}
		}
		if below == 0 {
			return nil
		}
		o.rank, o.at = below, 0
	}
}

// buildRank is positive, and greater for rules that are tried earlier.
func buildRank(r *Rule) int64 {
	const field = 1 << 24
	rank := int64(r.argumentCount())*field + int64(len(r.Defaults)) + 1
	if !r.Alias {
		rank += field * field
	}
	return rank
}

// argumentCount returns how many names the rule knows.
func (r *Rule) argumentCount() int {
	n := len(r.vars)
	for i := range r.Defaults {
		if !r.hasVariable(r.Defaults[i].Name) {
			n++
		}
	}
	return n
}

func (r *Rule) hasVariable(name string) bool {
	for i := range r.vars {
		if r.vars[i].Name == name {
			return true
		}
	}
	return false
}
