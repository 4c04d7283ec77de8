package urlmap

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Options are the settings of a whole [Map]. The zero value is Werkzeug's
// Map() with every switch off; [DefaultOptions] gives Werkzeug's defaults.
type Options struct {
	DefaultSubdomain  string
	HostMatching      bool // match Spec.Host against the Host of the request
	SubdomainMatching bool // match Spec.Subdomain against the subdomain of the request
	StrictSlashes     bool
	MergeSlashes      bool
	RedirectDefaults  bool
	SortParameters    bool // sort the query of built URLs by name

	// BuildSubdomains has the rules with a Spec.Subdomain build URLs where
	// SubdomainMatching is off; they match nothing. Else the subdomain is ignored.
	BuildSubdomains bool

	// CaseSensitiveMethods has "get" be another method than "GET", as HTTP has it
	// (RFC 9110 §9.1). Werkzeug takes the one for the other.
	CaseSensitiveMethods bool
}

// DefaultOptions returns strict slashes, merged slashes and defaults redirects,
// as Werkzeug's Map has them.
func DefaultOptions() Options {
	return Options{StrictSlashes: true, MergeSlashes: true, RedirectDefaults: true}
}

// ErrFrozen is the error of [Map.Add] and [Map.AddConverter] after [Map.Freeze].
var ErrFrozen = errors.New("urlmap: the map is frozen: rules and converters are added before the first match")

// Map is a set of URL rules. It is filled by one goroutine; after [Map.Freeze]
// nothing in it changes any more, and every method may be called from any
// number of goroutines.
//
// Werkzeug: routing/map.py, Map.
type Map struct {
	options    Options
	converters map[string]Factory
	methods    methodTable
	rules      []*Rule
	endpoints  map[string][]*Rule
	root       *state
	machine    *machine // nil until Freeze
}

// New returns an empty map that knows the built-in converters default, string,
// any, path, int, float and uuid.
func New(o Options) *Map {
	return &Map{
		options:    o,
		converters: builtins(),
		endpoints:  make(map[string][]*Rule),
		root:       new(state),
		methods:    methodTable{caseSensitive: o.CaseSensitiveMethods},
	}
}

// Sibling returns an empty map that knows the converters of m.
func (m *Map) Sibling(o Options) *Map {
	n := New(o)
	n.converters = maps.Clone(m.converters)
	return n
}

// Options returns the options that the map was made with.
func (m *Map) Options() Options { return m.options }

// AddConverter makes a converter known to the rules that are added later, in
// place of one of the same name.
func (m *Map) AddConverter(name string, f Factory) error {
	switch {
	case m.machine != nil:
		return ErrFrozen
	case !isName(name):
		return fmt.Errorf("urlmap: converter name %q: a name has ASCII letters, digits and \"_\" and does not start with a digit", name)
	case f == nil:
		return fmt.Errorf("urlmap: converter %q has no factory", name)
	}
	m.converters[name] = f
	return nil
}

// Add adds a rule. The error is a [*RuleError] for a rule that cannot be
// understood, that of Spec.Check, a [*DuplicateError] for one that could never be
// reached, or [ErrFrozen]; a refused rule leaves the map as it was.
//
// Werkzeug: routing/map.py, Map.add.
func (m *Map) Add(s Spec) (*Rule, error) {
	if m.machine != nil {
		return nil, ErrFrozen
	}
	known := m.methods.size()
	r, err := m.compile(s)
	if err == nil && s.Check != nil {
		err = s.Check(r)
	}
	if err == nil && !r.BuildOnly {
		err = m.insert(r)
	}
	if err != nil {
		m.methods.truncate(known)
		return nil, err
	}
	m.rules = append(m.rules, r)
	m.endpoints[r.Endpoint] = append(m.endpoints[r.Endpoint], r)
	return r, nil
}

// compile makes the rule that a spec describes, without adding it.
func (m *Map) compile(s Spec) (*Rule, error) {
	r := &Rule{Spec: s, strict: m.options.StrictSlashes, merge: m.options.MergeSlashes}
	r.BuildOnly = s.BuildOnly || m.onlyBuilds(&s)
	if s.StrictSlashes != nil {
		r.strict = *s.StrictSlashes
	}
	if s.MergeSlashes != nil {
		r.merge = *s.MergeSlashes
	}
	r.Defaults = slices.Clone(s.Defaults)
	r.redirect = s.RedirectTo != "" || s.RedirectToFunc != nil || s.Alias && m.options.RedirectDefaults
	if err := m.compileMethods(r); err != nil {
		return nil, err
	}
	if err := m.parse(r); err != nil {
		return nil, err
	}
	return r, r.compileParts()
}

// compileMethods normalises the methods of a rule and numbers them.
func (m *Map) compileMethods(r *Rule) error {
	if r.Spec.Methods == nil {
		return nil
	}
	names := make([]string, 0, len(r.Spec.Methods)+1)
	for _, name := range r.Spec.Methods {
		name = strings.ToUpper(name)
		if !isMethod(name) {
			return &RuleError{Rule: r.Rule, Offset: -1, Msg: fmt.Sprintf("%q is not a request method", name)}
		}
		if names = append(names, name); name == "GET" {
			names = append(names, "HEAD")
		}
	}
	slices.Sort(names)
	r.Spec.Methods = slices.Compact(names)
	for _, name := range r.Spec.Methods {
		bit, ok := m.methods.add(name)
		if !ok {
			return &RuleError{Rule: r.Rule, Offset: -1, Msg: fmt.Sprintf("%q would be method number %d of the map; it has room for %d", name, maxMethods+1, maxMethods)}
		}
		r.methods |= bit
	}
	return checkWebSocketMethods(r)
}

// checkWebSocketMethods refuses methods that no handshake can have.
func checkWebSocketMethods(r *Rule) error {
	if !r.WebSocket {
		return nil
	}
	for _, name := range r.Spec.Methods {
		if name != "GET" && name != "HEAD" && name != "OPTIONS" {
			return &RuleError{Rule: r.Rule, Offset: -1, Msg: fmt.Sprintf("a WebSocket rule answers GET, HEAD and OPTIONS only, not %s", name)}
		}
	}
	return nil
}

// matchesDomains reports whether rules have a subdomain or a host that counts.
func (m *Map) matchesDomains() bool { return m.options.HostMatching || m.options.SubdomainMatching }

// onlyBuilds reports whether the rule has a subdomain that no request is matched
// against.
func (m *Map) onlyBuilds(s *Spec) bool {
	return m.options.BuildSubdomains && !m.matchesDomains() && s.Subdomain != ""
}

// domainRule returns the text that the rule's domain must match.
func (m *Map) domainRule(s *Spec) string {
	switch {
	case m.options.HostMatching:
		return s.Host
	case m.onlyBuilds(s):
		return s.Subdomain
	case !m.options.SubdomainMatching || s.NoSubdomain:
		return ""
	case s.Subdomain == "":
		return m.options.DefaultSubdomain
	default:
		return s.Subdomain
	}
}

// Freeze ends the registration and builds the matcher. Later calls do nothing.
func (m *Map) Freeze() {
	if m.machine != nil {
		return
	}
	m.root.sort()
	m.markDefaults()
	m.machine = newMachine(m)
}

// markDefaults finds the rules whose hits a sibling with defaults may redirect.
//
// Werkzeug: routing/map.py, MapAdapter.get_default_redirect.
func (m *Map) markDefaults() {
	if !m.options.RedirectDefaults {
		return
	}
	type group struct{ endpoint, arguments string }
	key := func(r *Rule) group { return group{r.Endpoint, strings.Join(r.arguments(), ",")} }
	providers := make(map[group][]*Rule)
	for _, r := range m.rules {
		if len(r.Defaults) > 0 && !r.BuildOnly {
			providers[key(r)] = append(providers[key(r)], r)
		}
	}
	if len(providers) == 0 {
		return
	}
	for _, r := range m.rules {
		p := providers[key(r)]
		r.mayRedirect = len(p) > 1 || len(p) == 1 && p[0] != r
	}
}

// Rules returns the rules in the order of their registration. The slice must not be changed.
func (m *Map) Rules() []*Rule { return m.rules }

// EndpointRules returns the rules of an endpoint in the order of their
// registration. The slice must not be changed.
func (m *Map) EndpointRules(endpoint string) []*Rule { return m.endpoints[endpoint] }

// Ordered returns the rules in the order in which a search comes to them: the
// rules of a state, then those behind its static continuations, then those
// behind its variables, by weight. Build-only rules are not among them.
// Before [Map.Freeze] only the goroutine that fills the map may ask.
func (m *Map) Ordered() []*Rule {
	if m.machine == nil {
		m.root.sort()
	}
	return m.root.appendRules(make([]*Rule, 0, len(m.rules)))
}

// AllowedMethods returns the sorted methods with which some rule matches the
// path; none when a rule takes any method, when the path redirects, and when
// nothing matches at all.
//
// Werkzeug: routing/map.py, MapAdapter.allowed_methods.
func (m *Map) AllowedMethods(domain, path string) []string {
	mt := m.Match(Query{Domain: domain, Path: path, Method: "--"})
	return m.MethodNames(mt.Allow)
}
