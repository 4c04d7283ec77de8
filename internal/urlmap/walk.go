package urlmap

import "strings"

// maxPath is the length of the longest path that is looked up; spans are 32 bits wide.
const maxPath = 1 << 30

// walk is one look-up on its way through the machine. It lives on the stack, as
// long as it holds no pointers to what must stay there too.
type walk struct {
	path   string
	domain string
	bit    Methods // the method of the request, in the half for its kind
	accept func(*Rule) bool
	locals int // variables of the domain, which come before those of the path

	end       *end   // found, but not converted yet
	values    Values // of the path, but for the path itself
	more      *overflow
	allow     Methods
	slash     bool // the search was cut off: the path lacks its last slash
	otherKind bool // a rule was there, but for the other kind of request
}

// Match looks up a query. It panics before [Map.Freeze].
//
// Hits with up to four variables and misses do not allocate. A path with
// repeated slashes that nothing matches is copied once, without them.
func (m *Map) Match(q Query) (mt Match) {
	m.Lookup(&q, &mt)
	return mt
}

// Lookup is [Map.Match] for callers to whom copying a Match, some nanoseconds,
// matters. It overwrites all of mt.
func (m *Map) Lookup(q *Query, mt *Match) {
	*mt = Match{}
	c := m.machine
	if c == nil {
		panic("urlmap: Match before Freeze")
	}
	var w walk // its fields are set one by one: a literal would be built elsewhere and copied
	w.path, w.domain = normalPath(q.Path), q.Domain
	w.bit, w.accept = m.methods.bit(q.Method), q.Accept
	if q.WebSocket {
		w.bit <<= webSocketShift
	}
	if len(w.path) > maxPath {
		return
	}
	switch {
	case w.search(c):
		w.convert(mt)
	case m.options.MergeSlashes && strings.Contains(w.path, "//"):
		w.path = mergeSlashes(w.path)
		if w.search(c) && (w.slash || w.end.rule.merge) {
			w.redirect(mt, true)
		} else {
			w.miss(mt)
		}
	default:
		w.miss(mt)
	}
}

// search looks for the path. It reports whether it found a rule, or was cut off
// because of a missing slash.
func (w *walk) search(c *machine) bool {
	if c.sole != nil {
		return w.enter(c.sole)
	}
	if s := c.domains[w.domain]; s != nil && w.enter(s) {
		return true
	}
	for i := range c.dynamic {
		d := &c.dynamic[i]
		if !d.accepts(w.domain) {
			continue
		}
		w.locals = d.part.variables()
		if w.enter(d.site) {
			w.takeDomain(&d.edge)
			return true
		}
	}
	w.locals = 0
	return false
}

// takeDomain takes the values of a domain's variables.
func (w *walk) takeDomain(e *edge) {
	if w.end == nil {
		return
	}
	e.values(w.domain, func(i, lo, hi int) { w.more.texts[i] = w.domain[lo:hi] })
}

// enter searches the rules of one domain.
func (w *walk) enter(s *site) bool {
	if e := s.statics.find(w.path, w.bit); e != nil {
		w.hit(e)
		return true
	}
	return w.visit(s.start, 0, w.locals)
}

// visit searches behind a node that was reached at path[at:], which is empty or
// begins with a slash, with count values taken on the way.
func (w *walk) visit(n *node, at, count int) bool {
	if at == len(w.path) {
		return w.arrive(n)
	}
	at++
	if n.words != nil && w.descend(n.words, at, count) || n.wide != nil && w.lookAside(n.wide, at, count) {
		return true
	}
	if n.segment != nil {
		if end := segmentEnd(w.path, at); end > at && w.visit(n.segment, end, count+1) {
			w.store(count, at, end)
			return true
		}
	}
	for i := range n.edges {
		if w.follow(&n.edges[i], at, count) {
			return true
		}
	}
	return n.late != nil && at == len(w.path) && w.take(n.late)
}

// descend takes the static ways behind path[at-1], the slash behind a node.
func (w *walk) descend(t *trie, at, count int) bool {
	path := w.path
	for {
		var have uint64
		if len(path)-at >= wordSize {
			have = word(path[at:])
		} else {
			have = lastWord(path, at)
		}
		if (have^t.word)&t.mask != 0 || len(path)-at < t.size {
			return false
		}
		at += t.size
		if t.rest != "" && path[at-len(t.rest):at] != t.rest {
			return false
		}
		if at == len(path) {
			return t.node != nil && w.arrive(t.node)
		}
		if t.node != nil && path[at] == '/' && t.node.returns() {
			return w.visit(t.node, at, count)
		}
		if t = t.kid(path[at]); t == nil {
			return false
		}
	}
}

// lookAside takes a static way from a node with many of them.
func (w *walk) lookAside(t *table[*node], at, count int) bool {
	end := segmentEnd(w.path, at)
	n := t.find(w.path[at:end])
	return n != nil && w.visit(*n, end, count)
}

// follow takes an edge behind path[at-1].
func (w *walk) follow(e *edge, at, count int) bool {
	text, next, ok := e.target(w.path, at)
	if !ok || !e.accepts(text) || !w.visit(e.to, next, count+e.part.variables()) {
		return false
	}
	if w.end != nil {
		e.values(text, func(i, lo, hi int) { w.store(count+i, at+lo, at+hi) })
	}
	return true
}

// arrive looks for a rule where the path ends.
func (w *walk) arrive(n *node) bool {
	if n.first.mask&w.bit != 0 && !n.first.conditional { // mostly so
		w.hit(&n.first)
		return true
	}
	return w.take(n.ends) || n.slash != nil && w.takeSlash(n.slash)
}

// take finds the first rule that takes the request, and notes what keeps others from it.
func (w *walk) take(ends []end) bool {
	for i := range ends {
		e := &ends[i]
		switch {
		case e.mask&w.bit == 0:
			w.refuse(e)
		case !e.conditional || w.accepts(e.rule):
			w.hit(e)
			return true
		}
	}
	return false
}

// refuse notes why a rule does not take the request.
func (w *walk) refuse(e *end) {
	if e.methods&(w.bit|w.bit>>webSocketShift) != 0 {
		w.otherKind = true
	} else {
		w.allow |= e.methods
	}
}

// takeSlash finds the first rule that would take the request if the path had a
// slash more. If it insists on it, the whole search is over.
func (w *walk) takeSlash(ends []end) bool {
	for i := range ends {
		e := &ends[i]
		if e.mask&w.bit == 0 || e.conditional && !w.accepts(e.rule) {
			continue
		}
		if w.slash = e.rule.strict; !w.slash {
			w.hit(e)
		}
		return true
	}
	return false
}

func (w *walk) accepts(r *Rule) bool { return w.accept == nil || w.accept(r) }

// hit ends the search with a rule.
func (w *walk) hit(e *end) {
	w.end = e
	if e.vars > inlineValues || w.locals > 0 || e.checked && e.rule.custom {
		w.more = newOverflow(e.vars)
	}
}

// store takes the place of a value when the search comes back from a hit. When
// it comes back from a missing slash there is no rule and the value is not used.
func (w *walk) store(i, lo, hi int) {
	if w.more != nil {
		w.more.texts[i] = w.path[lo:hi]
	} else if i < inlineValues {
		w.values.set(i, newSpan(lo, hi))
	}
}

// convert lets the converters of the rule look at their values, if a rule was
// found. A refusal is final: no other rule is asked.
func (w *walk) convert(mt *Match) {
	e := w.end
	if e == nil {
		w.redirect(mt, false)
		return
	}
	if e.checked && !w.checks() {
		w.miss(mt)
		return
	}
	mt.Values = w.values
	mt.Values.path, mt.Values.more = w.path, w.more
	mt.Rule, mt.Index, mt.Outcome = e.rule, e.index, Found
	if e.redirect {
		mt.Outcome = Redirected
	}
}

// checks asks the converters that may refuse a text.
func (w *walk) checks() bool {
	r := w.end.rule
	if r.custom {
		return w.parse()
	}
	for i := range r.checks {
		if c := &r.checks[i]; !c.check(w.text(c.variable)) {
			return false
		}
	}
	return true
}

// text returns the text of the i-th variable.
func (w *walk) text(i int) string {
	if w.more != nil {
		return w.more.texts[i]
	}
	return w.values.at(i).of(w.path)
}

// redirect answers with the path as it should have been.
func (w *walk) redirect(mt *Match, merge bool) {
	*mt = Match{Outcome: Redirected, Values: Values{path: w.path}, slash: w.slash, merge: merge}
}

// parse makes all values of a rule with converters of the user's own, so that
// none of them is asked twice.
func (w *walk) parse() bool {
	more := w.more
	more.parsed = make([]any, len(more.texts))
	for i, text := range more.texts {
		value, err := w.end.rule.vars[i].Converter.Parse(text)
		if err != nil {
			return false
		}
		more.parsed[i] = value
	}
	return true
}

// miss says what the rules were that did not take the request.
func (w *walk) miss(mt *Match) {
	switch {
	case w.allow != 0:
		*mt = Match{Outcome: MethodNotAllowed, Allow: w.allow}
	case w.otherKind:
		*mt = Match{Outcome: WebSocketMismatch}
	default:
		*mt = Match{}
	}
}
