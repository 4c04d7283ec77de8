package urlmap

import "slices"

// state is a node of the tree in which a look-up searches: the rules that end
// there, and the ways on. Equal beginnings of rules share their states.
//
// Werkzeug: routing/matcher.py, State and StateMachineMatcher.
type state struct {
	rules   []*Rule // in the order of their registration
	static  map[string]*state
	texts   []string // the keys of static, in the order of registration
	dynamic []transition
	index   map[string]*state // the targets of dynamic, by part.key
}

// transition is a way that a dynamic part opens.
type transition struct {
	part *part
	to   *state
}

// insert adds a rule to the tree, or refuses it as a duplicate and changes nothing.
func (m *Map) insert(r *Rule) error {
	if end := m.root.find(r.parts); end != nil {
		if old := end.conflict(r); old != nil {
			return newDuplicateError(m, old, r)
		}
	}
	s := m.root
	for _, p := range r.parts {
		s = s.grow(p)
	}
	s.rules = append(s.rules, r)
	return nil
}

// next returns the state behind an equal part, nil if there is none.
func (s *state) next(p *part) *state {
	if p.static() {
		return s.static[p.text]
	}
	return s.index[p.key()]
}

// find returns the state in which rules of these parts end, nil if there is none.
func (s *state) find(parts []*part) *state {
	for _, p := range parts {
		if s = s.next(p); s == nil {
			return nil
		}
	}
	return s
}

// grow returns the state behind a part, making it if need be.
func (s *state) grow(p *part) *state {
	if to := s.next(p); to != nil {
		return to
	}
	to := new(state)
	if p.static() {
		if s.static == nil {
			s.static = make(map[string]*state)
		}
		s.static[p.text] = to
		s.texts = append(s.texts, p.text)
		return to
	}
	if s.index == nil {
		s.index = make(map[string]*state)
	}
	s.index[p.key()] = to
	s.dynamic = append(s.dynamic, transition{p, to})
	return to
}

// conflict returns the rule of this state that leaves no request for r.
//
// Werkzeug: Map.add (3.2).
func (s *state) conflict(r *Rule) *Rule {
	for _, old := range s.rules {
		if old.WebSocket == r.WebSocket && !old.Conditional && !r.Conditional && sameMethods(old, r) {
			return old
		}
	}
	return nil
}

// sameMethods reports whether two rules share a method that counts: HEAD and
// OPTIONS come with others of their own accord.
func sameMethods(a, b *Rule) bool {
	return a.anyMethod() || b.anyMethod() || a.methods == b.methods ||
		a.methods&b.methods&^(methodHead|methodOptions) != 0
}

// sort brings the dynamic parts of every state into the order of their weights;
// equal weights stay in the order of registration.
func (s *state) sort() {
	slices.SortStableFunc(s.dynamic, func(a, b transition) int { return a.part.weight.compare(b.part.weight) })
	for _, to := range s.static {
		to.sort()
	}
	for _, t := range s.dynamic {
		t.to.sort()
	}
}

// appendRules appends the rules of the state and of those behind it.
func (s *state) appendRules(rules []*Rule) []*Rule {
	rules = append(rules, s.rules...)
	for _, text := range s.texts {
		rules = s.static[text].appendRules(rules)
	}
	for _, t := range s.dynamic {
		rules = t.to.appendRules(rules)
	}
	return rules
}
