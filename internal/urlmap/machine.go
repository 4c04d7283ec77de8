package urlmap

// machine is the frozen form of a tree of states, made for fast look-ups. Its
// answers are those of the textbook search (see [Map.Explain]); how it finds them
// is told in the package documentation.
type machine struct {
	domains map[string]*site
	dynamic []domainEdge // domains with variables, in the order of their weights
	sole    *site        // the only site of a map without domains; else nil
}

// site is all of the rules of one domain.
type site struct {
	start   *node // the state behind the empty part in front of the first slash
	statics statics
}

// domainEdge is a domain with variables.
type domainEdge struct {
	edge
	site *site
}

// node is a frozen [state].
type node struct {
	first end   // a copy of ends[0], near at hand
	ends  []end // the rules that end here

	// The ways on, in the order in which they are tried.
	words   *trie         // static ones, nil if there are none
	wide    *table[*node] // the same by segments, for many of them
	segment *node         // behind the first part with variables, if it takes any segment
	edges   []edge        // behind the other ones

	slash []end // the rules that would match with one slash more
	late  []end // those of ends that do not mind a slash more
}

// returns reports whether the node is more than a place to pass on static ways: a
// search that failed behind it may still succeed at it, or it has a table.
func (n *node) returns() bool {
	return n.segment != nil || n.edges != nil || n.late != nil || n.wide != nil
}

// An end is a rule where it ends, with what the search wants to know of it.
type end struct {
	rule        *Rule
	mask        Methods // of the requests it takes, in the half for its kind of request
	methods     Methods // those that it names; all if it takes any
	vars        int
	index       int
	conditional bool
	checked     bool // a hit is no hit yet: a converter has the last word
	redirect    bool
}

func newMachine(m *Map) *machine {
	c := &machine{domains: make(map[string]*site)}
	for text, s := range m.root.static {
		c.domains[text] = newSite(s.static[""])
	}
	for _, t := range m.root.dynamic {
		c.dynamic = append(c.dynamic, domainEdge{newEdge(t, nil), newSite(t.to.static[""])})
	}
	if !m.matchesDomains() {
		if c.sole = c.domains[""]; c.sole == nil {
			c.sole = newSite(new(state))
		}
	}
	return c
}

func newSite(s *state) *site {
	return &site{start: newEntry(s), statics: newStatics(s)}
}

// wideState is the number of static ways on from which a table is faster than a
// trie, which has more places in memory to look at.
const wideState = 64

// newEntry freezes a state that a search enters by other than static ways.
func newEntry(s *state) *node {
	n := newNode(s)
	n.setStatics(s)
	return n
}

// newNode freezes a state and those behind it, but for the static ways on.
func newNode(s *state) *node {
	n := &node{ends: newEnds(s.rules, func(*Rule) bool { return true })}
	if len(n.ends) > 0 {
		n.first = n.ends[0]
	}
	n.late = newEnds(s.rules, func(r *Rule) bool { return !r.strict })
	if sibling := s.static[""]; sibling != nil {
		n.slash = newEnds(sibling.rules, func(*Rule) bool { return true })
	}
	for _, t := range s.dynamic {
		n.edges = append(n.edges, newEdge(t, newEntry(t.to)))
	}
	if len(n.edges) > 0 && n.edges[0].kind == edgeSegment {
		n.segment, n.edges = n.edges[0].to, n.edges[1:]
	}
	if len(n.edges) == 0 {
		n.edges = nil
	}
	return n
}

// setStatics freezes the static ways on.
func (n *node) setStatics(s *state) {
	if len(s.static) < wideState {
		n.words = newTrie(s)
		return
	}
	t := newTable[*node](len(s.static))
	for text, next := range s.static {
		t.add(text, newEntry(next))
	}
	n.wide = &t
}

func newEnds(rules []*Rule, want func(*Rule) bool) []end {
	var ends []end
	for _, r := range rules {
		if want(r) {
			ends = append(ends, newEnd(r))
		}
	}
	return ends
}

func newEnd(r *Rule) end {
	e := end{
		rule: r, methods: r.methods, vars: len(r.vars), index: r.Index,
		conditional: r.Conditional, checked: r.checked, redirect: r.redirect,
	}
	if r.anyMethod() {
		e.methods = allMethods
	}
	e.mask = e.methods
	if r.WebSocket {
		e.mask <<= webSocketShift
	}
	return e
}
