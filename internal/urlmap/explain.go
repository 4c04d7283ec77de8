package urlmap

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Explanation tells how a look-up went: every way that was tried, and why it was
// taken or refused.
//
// It is found by following the states one by one and asking regular expressions,
// as Werkzeug does, not by the machine behind [Map.Match]. So it is also the
// reference that the machine is tested against.
type Explanation struct {
	Query   Query
	Steps   []Step
	Outcome Outcome
	Rule    *Rule    // the rule that matched; nil if none did
	Values  []Value  // its variables, then its defaults
	Allow   []string // sorted; for MethodNotAllowed
	Path    string   // where a slash or merge redirect leads

	texts []string // of the variables of Rule
}

// Step is one step of a look-up.
type Step struct {
	Depth  int    // how many ways were taken to come here, the domain's and that to the first slash among them
	Kind   string // what was looked at: one of the Step constants
	Part   string // the part of a rule, for StepStatic and StepDynamic; the variable, for StepValue
	Rule   string // the rule as written, for StepRule, StepSlash, StepLate, StepValue
	Weight string // what put the part in its place, for StepDynamic
	Taken  bool   // whether the search went on with it
	Reason string // what came of it
}

// The kinds of a [Step].
const (
	StepSearch  = "search"  // a search for the path begins
	StepStatic  = "static"  // a literal part that is the next segment, or none
	StepDynamic = "dynamic" // a part with variables
	StepRule    = "rule"    // a rule that ends where the path ends
	StepSlash   = "slash"   // a rule that would match with one slash more
	StepLate    = "late"    // a rule that does not mind the slash at the end of the path
	StepEnd     = "end"     // nothing goes on from here
	StepValue   = "value"   // a variable is converted
	StepOutcome = "outcome" // the look-up ends
)

// Explain looks up a query and tells every step. It answers what [Map.Match]
// answers, in its own time; it may be called before [Map.Freeze], but then only by the
// goroutine that fills the map.
//
// Werkzeug: routing/matcher.py, StateMachineMatcher.match.
func (m *Map) Explain(q Query) *Explanation {
	if m.machine == nil {
		m.root.sort()
	}
	q.Path = normalPath(q.Path)
	if !m.options.CaseSensitiveMethods {
		q.Method = strings.ToUpper(q.Method)
	}
	if !m.matchesDomains() {
		q.Domain = ""
	}
	t := &textbook{query: q, options: &m.options}
	t.lookUp(m.root)
	t.Query = q
	return &t.Explanation
}

// textbook is one look-up by the book.
type textbook struct {
	Explanation
	query   Query
	options *Options

	allow     []string // methods of rules that only the method kept from matching
	otherKind bool     // a rule for the other kind of request was there
	slash     bool     // the search was cut off: the path lacks its last slash
}

func (t *textbook) tell(s Step) { t.Steps = append(t.Steps, s) }

func (t *textbook) lookUp(root *state) {
	rule, texts := t.search(root, t.query.Path)
	if t.slash || rule != nil {
		t.finish(rule, texts, t.query.Path, "")
		return
	}
	merged := mergeSlashes(t.query.Path)
	if t.options.MergeSlashes && merged != t.query.Path {
		rule, _ = t.search(root, merged)
		if rule != nil && !rule.merge {
			t.tell(Step{Kind: StepRule, Rule: rule.Rule, Reason: "does not want slashes merged"})
			rule = nil
		}
		if t.slash || rule != nil {
			t.finish(nil, nil, merged, "redirected: slashes merged, ")
			return
		}
	}
	t.finish(nil, nil, "", "")
}

// search tries to match a path that begins with one slash.
func (t *textbook) search(root *state, path string) (*Rule, []string) {
	t.tell(Step{Kind: StepSearch, Taken: true, Reason: fmt.Sprintf("%s %s", t.query.Method, path)})
	parts := append([]string{t.query.Domain}, strings.Split(path, "/")...)
	return t.visit(root, parts, nil, 0)
}

// visit follows the rest of the path from a state. It returns the rule that was
// found, or nil; t.slash says that the search is over.
func (t *textbook) visit(s *state, parts, values []string, depth int) (*Rule, []string) {
	if len(parts) == 0 {
		return t.arrive(s, depth), values
	}
	to := s.static[parts[0]]
	if to != nil {
		t.tell(Step{Depth: depth, Kind: StepStatic, Part: fmt.Sprintf("%q", parts[0]), Taken: true, Reason: "is the next segment"})
		if rule, texts := t.visit(to, parts[1:], values, depth+1); rule != nil || t.slash {
			return rule, texts
		}
	}
	for _, d := range s.dynamic {
		if rule, texts := t.follow(d, parts, values, depth); rule != nil || t.slash {
			return rule, texts
		}
	}
	if len(parts) == 1 && parts[0] == "" {
		if rule := t.usable(s.rules, StepLate, depth, func(r *Rule) bool { return !r.strict }); rule != nil {
			return rule, values
		}
	}
	if to == nil && len(s.dynamic) == 0 {
		reason := fmt.Sprintf("no rule goes on with %q", parts[0])
		if depth == 0 && len(s.static) == 0 {
			reason = "there are no rules yet"
		}
		t.tell(Step{Depth: depth, Kind: StepEnd, Reason: reason})
	}
	return nil, nil
}

// follow tries one dynamic part.
func (t *textbook) follow(d transition, parts, values []string, depth int) (*Rule, []string) {
	target, rest := parts[0], parts[1:]
	if d.part.final {
		target, rest = strings.Join(parts, "/"), nil
	}
	step := Step{Depth: depth, Kind: StepDynamic, Part: d.part.String(), Weight: d.part.weight.String()}
	groups, slash := d.part.groups(target)
	if groups == nil {
		step.Reason = fmt.Sprintf("refused %q", target)
		t.tell(step)
		return nil, nil
	}
	step.Taken, step.Reason = true, "took "+quoteAll(groups)
	t.tell(step)
	if slash {
		rest = []string{""}
	}
	return t.visit(d.to, rest, append(slices.Clip(values), groups...), depth+1)
}

// groups returns the texts of the variables in a target that the part matches,
// nil if it does not, and whether a suffixed part left a slash behind them.
//
// Werkzeug's expression for a suffixed part ends with (?<!/)(/?): one slash may
// follow, and what is before it does not end with one.
func (p *part) groups(target string) (values []string, slash bool) {
	if p.suffixed {
		target, slash = strings.CutSuffix(target, "/")
		if strings.HasSuffix(target, "/") {
			return nil, false
		}
	}
	re := p.regexp()
	found := re.FindStringSubmatch(target)
	if found == nil {
		return nil, false
	}
	for i := range p.variables() {
		values = append(values, found[re.SubexpIndex(groupName(i))])
	}
	return values, slash
}

// arrive looks for a rule where the path ends.
func (t *textbook) arrive(s *state, depth int) *Rule {
	if rule := t.usable(s.rules, StepRule, depth, nil); rule != nil {
		return rule
	}
	sibling := s.static[""]
	if sibling == nil {
		if len(s.rules) == 0 {
			t.tell(Step{Depth: depth, Kind: StepEnd, Reason: "the path ends here, no rule does"})
		}
		return nil
	}
	for _, r := range sibling.rules {
		step := Step{Depth: depth, Kind: StepSlash, Rule: r.Rule, Taken: true}
		switch {
		case r.WebSocket != t.query.WebSocket || !t.hasMethod(r) || !t.accepts(r):
			continue
		case r.strict:
			step.Reason = "matches with one slash more: the search ends here"
			t.tell(step)
			t.slash = true
			return nil
		default:
			step.Reason = "does not mind that the last slash is missing"
			t.tell(step)
			return r
		}
	}
	return nil
}

// usable returns the first of the rules that takes the request, of those that
// the filter lets through.
func (t *textbook) usable(rules []*Rule, kind string, depth int, filter func(*Rule) bool) *Rule {
	for _, r := range rules {
		if filter != nil && !filter(r) {
			continue
		}
		step := Step{Depth: depth, Kind: kind, Rule: r.Rule}
		switch {
		case !t.hasMethod(r):
			t.allow = append(t.allow, r.Methods...)
			step.Reason = fmt.Sprintf("method %s is not in %s", t.query.Method, strings.Join(r.Methods, ", "))
		case r.WebSocket != t.query.WebSocket:
			t.otherKind = true
			step.Reason = otherKind(r)
		case !t.accepts(r):
			step.Reason = "its conditions do not hold"
		default:
			step.Taken, step.Reason = true, "matches: endpoint "+r.Endpoint
			t.tell(step)
			return r
		}
		t.tell(step)
	}
	return nil
}

func (t *textbook) hasMethod(r *Rule) bool {
	return r.anyMethod() || slices.Contains(r.Methods, t.query.Method)
}

func (t *textbook) accepts(r *Rule) bool {
	return !r.Conditional || t.query.Accept == nil || t.query.Accept(r)
}

func otherKind(r *Rule) string {
	if r.WebSocket {
		return "is for WebSocket requests"
	}
	return "is not for WebSocket requests"
}

// finish says how the look-up ended: with a rule, with a redirect to path (one
// slash longer if the search was cut off), or with nothing.
func (t *textbook) finish(rule *Rule, texts []string, path, merged string) {
	switch {
	case t.slash:
		t.redirect(path+"/", cmp.Or(merged, "redirected: ")+"the last slash was missing, to ")
	case rule != nil:
		t.convert(rule, texts)
	case path != "":
		t.redirect(path, merged+"to ")
	default:
		t.miss()
	}
}

func (t *textbook) redirect(path, reason string) {
	t.Outcome, t.Path = Redirected, path
	t.tell(Step{Kind: StepOutcome, Taken: true, Reason: reason + path})
}

// convert makes the values of a rule that matched. A refusal is final: no other
// rule gets the request.
func (t *textbook) convert(rule *Rule, texts []string) {
	values := make([]Value, 0, len(texts)+len(rule.Defaults))
	for i, text := range texts {
		v := &rule.vars[i]
		value, err := v.Converter.Parse(text)
		if err != nil {
			t.tell(Step{Kind: StepValue, Rule: rule.Rule, Part: v.Name, Reason: fmt.Sprintf("refused: %v; no other rule is asked", err)})
			t.miss()
			return
		}
		t.tell(Step{Kind: StepValue, Rule: rule.Rule, Part: v.Name, Taken: true, Reason: "= " + quoteValue(value)})
		values = append(values, Value{v.Name, value})
	}
	t.Rule, t.Values, t.Outcome = rule, withDefaults(values, rule.Defaults), Found
	t.texts = texts
	reason := "found: endpoint " + rule.Endpoint
	if rule.redirect {
		t.Outcome, reason = Redirected, "redirected by the rule "+rule.Rule
	}
	t.tell(Step{Kind: StepOutcome, Rule: rule.Rule, Taken: true, Reason: reason})
}

// withDefaults adds a rule's defaults, which win over variables of the same name.
func withDefaults(values, defaults []Value) []Value {
	for _, d := range defaults {
		i := slices.IndexFunc(values, func(v Value) bool { return v.Name == d.Name })
		if i >= 0 {
			values[i] = d
		} else {
			values = append(values, d)
		}
	}
	return values
}

func (t *textbook) miss() {
	step := Step{Kind: StepOutcome, Reason: "404: no rule matches"}
	switch {
	case len(t.allow) > 0:
		slices.Sort(t.allow)
		t.Outcome, t.Allow = MethodNotAllowed, slices.Compact(t.allow)
		step.Reason = "405: the path is there, with " + strings.Join(t.Allow, ", ")
	case t.otherKind:
		t.Outcome = WebSocketMismatch
		step.Reason = "400: the path is there, for the other kind of request"
	}
	t.tell(step)
}

// quoteValue shows a value as people write it.
func quoteValue(value any) string {
	if _, ok := value.(fmt.Stringer); ok {
		return fmt.Sprint(value)
	}
	return fmt.Sprintf("%#v", value)
}

func quoteAll(texts []string) string {
	quoted := make([]string, len(texts))
	for i, text := range texts {
		quoted[i] = fmt.Sprintf("%q", text)
	}
	return strings.Join(quoted, ", ")
}

// mergeSlashes makes one slash of several in a row.
func mergeSlashes(path string) string {
	if !strings.Contains(path, "//") {
		return path
	}
	b := make([]byte, 0, len(path))
	for i := range len(path) {
		if path[i] != '/' || i == 0 || path[i-1] != '/' {
			b = append(b, path[i])
		}
	}
	return string(b)
}
