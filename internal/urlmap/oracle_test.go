package urlmap

import (
	"encoding/json"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The types below are the recordings of real Werkzeug maps: rule sets with the
// look-ups (routing.json) and the URLs (build.json) that were tried on them.

type oracleSet struct {
	ID         string
	Map        map[string]any
	Rules      []oracleRule
	ServerName *string `json:"server_name"`
	MapError   string  `json:"map_error"`
	Cases      []*oracleCase
}

type oracleRule struct {
	Rule, Endpoint string
	Methods        []string
	Defaults       oracleValues
	StrictSlashes  *bool `json:"strict_slashes"`
	MergeSlashes   *bool `json:"merge_slashes"`
	Subdomain      *string
	Host           string
	BuildOnly      bool   `json:"build_only"`
	RedirectTo     string `json:"redirect_to"`
	Alias          bool
	WebSocket      bool
}

type oracleCase struct {
	ID, Method, Path, Query, Scheme string
	PathInfo                        string  `json:"path_info"`
	ScriptName                      string  `json:"script_name"`
	Host                            *string // absent: bound by hand
	WebSocket                       bool
	Tags                            []string
	Bind                            oracleBind

	Endpoint      string
	Values        oracleValues
	Multidict     bool
	ForceExternal bool    `json:"force_external"`
	AppendUnknown *bool   `json:"append_unknown"`
	URLScheme     *string `json:"url_scheme"`

	Expect        oracleExpect
	ExpectRelease *oracleExpect `json:"expect_release"`
}

type oracleBind struct {
	ServerName string `json:"server_name"`
	ScriptName string `json:"script_name"`
	Scheme     string
	Subdomain  string
	Method     string
}

type oracleExpect struct {
	Endpoint  *string
	Args      oracleValues
	Redirect  string
	Status    int
	Allow     []string
	Reason    string
	Exception string
	URL       *string
	Error     string
}

// oracleValues is a JSON object of tagged values, in the order written.
type oracleValues []Value

func (v *oracleValues) UnmarshalJSON(data []byte) error {
	dec := json.NewDecoder(strings.NewReader(string(data)))
	if _, err := dec.Token(); err != nil {
		return err
	}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return err
		}
		var value oracleValue
		if err := dec.Decode(&value); err != nil {
			return err
		}
		*v = append(*v, Value{name.(string), value.value})
	}
	return nil
}

// oracleValue is {"type": T, "value": V}.
type oracleValue struct{ value any }

func (v *oracleValue) UnmarshalJSON(data []byte) error {
	var raw struct {
		Type  string
		Value json.RawMessage
	}
	if err := json.Unmarshal(data, &raw); err != nil {
		return err
	}
	if raw.Type == "list" || raw.Type == "tuple" {
		var list []oracleValue
		err := json.Unmarshal(raw.Value, &list)
		values := make([]any, len(list))
		for i := range list {
			values[i] = list[i].value
		}
		v.value = values
		return err
	}
	text := strings.Trim(string(raw.Value), `"`)
	var err error
	switch raw.Type {
	case "int":
		if v.value, err = strconv.Atoi(text); err != nil {
			v.value, _ = new(big.Int).SetString(text, 10)
		}
		return nil
	case "float":
		v.value, err = strconv.ParseFloat(text, 64)
	case "bool":
		v.value = strings.EqualFold(text, "true")
	case "null":
		v.value = nil
	case "uuid":
		v.value, err = uuidConverter{}.Parse(text)
	case "str":
		var s string
		err = json.Unmarshal(raw.Value, &s)
		v.value = s
	default:
		err = fmt.Errorf("value of unknown type %q", raw.Type)
	}
	return err
}

// An oracleDeviation is a way in which cases may differ from the recording on purpose.
type oracleDeviation struct {
	reason  string
	applies func(*oracleSet, *oracleCase) bool
}

var (
	// oddNumber is text that Python's int or float reads, and Go's do not.
	oddNumber = regexp.MustCompile(`(?i)^\s*[-+]?(nan|inf|infinity|\d+(_\d+)+|[\d.]*[^\x00-\x7f][^a-z]*)\s*$`)

	// exponent is in a float that a release of Werkzeug writes short.
	exponent = regexp.MustCompile(`\de[-+]\d`)

	// oddArguments are those that Python's regular expression for them misreads:
	// numbers or words without a blank between them, negative numbers, a comma at
	// the end, nothing at all, a word where a number belongs.
	oddArguments = regexp.MustCompile(`<\w+\([^<>]*([^\s=,(]+,[^\s=,)]+\s*[,)]|[=(,\s]-\d|,\s*\)|\(\s*\))[^<>]*:|<(int|float|string)\(([^<>]*=)?\s*["']?[a-zA-Z_]\w*["']?\s*[,)]`)
)

// oracleDeviations lists every deliberate difference from the recordings.
func oracleDeviations() []oracleDeviation {
	return []oracleDeviation{
		{
			"numbers are ASCII digits that fit an int or a float64, and a URL shows all their digits: " +
				"no other scripts, underscores, exponents, infinities or NaN",
			func(s *oracleSet, c *oracleCase) bool {
				short := c.ExpectRelease != nil && exponent.MatchString(*c.ExpectRelease.URL)
				return short || slices.Contains(c.Tags, "unicode-digits") || slices.Contains(c.Tags, "bigint") ||
					slices.ContainsFunc(c.Values, func(v Value) bool {
						text, ok := v.Value.(string)
						return ok && oddNumber.MatchString(text)
					})
			},
		},
		{
			"the arguments of a converter mean what a reader takes them for, with and without blanks, and wrong ones are refused when the rule is added",
			func(s *oracleSet, c *oracleCase) bool {
				return slices.ContainsFunc(s.Rules, func(r oracleRule) bool { return oddArguments.MatchString(r.Rule) })
			},
		},
		{
			"an invalid Host is refused with 400",
			func(s *oracleSet, c *oracleCase) bool { return c.Host != nil && CheckHost(*c.Host) != nil },
		},
		{
			"a URL names a host only when it is known and another one",
			func(s *oracleSet, c *oracleCase) bool {
				url := c.Expect.URL
				return url != nil && (s.Map["subdomain_matching"] == false || strings.Contains(*url, ":///"))
			},
		},
		{
			"a semicolon in a query is encoded, because net/url refuses a query that has one",
			func(s *oracleSet, c *oracleCase) bool {
				if c.Expect.URL == nil {
					return false
				}
				_, query, _ := strings.Cut(*c.Expect.URL, "?")
				return strings.Contains(query, ";")
			},
		},
	}
}

// An oracleReplay counts the cases of one recording.
type oracleReplay struct {
	t           *testing.T
	name        string
	held, total int
	excused     map[string]int
}

func newOracleReplay(t *testing.T, name string) *oracleReplay {
	return &oracleReplay{t: t, name: name, excused: map[string]int{}}
}

// check counts a case; difference is "" when it holds.
func (r *oracleReplay) check(s *oracleSet, c *oracleCase, difference string) {
	r.total++
	if difference == "" {
		r.held++
		return
	}
	for _, d := range oracleDeviations() {
		if d.applies(s, c) {
			r.excused[d.reason]++
			return
		}
	}
	var rules []string
	for _, rule := range s.Rules {
		if len(rules) < 12 {
			rules = append(rules, rule.Rule)
		}
	}
	r.t.Errorf("%s %s %s %q %v: %s\n  map %v, rules %.600q", c.ID, c.Method, c.Endpoint, c.PathInfo, c.Values, difference, s.Map, rules)
}

func (r *oracleReplay) report() {
	fmt.Printf("%s: %d of %d cases hold\n", r.name, r.held, r.total)
	for reason, n := range r.excused {
		r.t.Logf("%d cases differ: %s", n, reason)
	}
	assert.Positive(r.t, r.total)
}

func TestReplayRouting(t *testing.T) {
	var recording struct {
		RuleSets []*oracleSet `json:"rule_sets"`
	}
	readOracle(t, "routing.json", &recording)
	r := newOracleReplay(t, "routing.json")
	for _, s := range recording.RuleSets {
		m, err := s.build()
		if s.MapError != "" {
			r.check(s, &oracleCase{ID: s.ID}, differs("an error ("+s.MapError+")", err == nil, "none"))
			continue
		}
		for _, c := range s.Cases {
			if err != nil {
				r.check(s, c, err.Error())
				continue
			}
			r.check(s, c, s.replayMatch(m, c))
		}
	}
	r.report()
}

func TestReplayAdapterBuild(t *testing.T) {
	var recording struct {
		Sets []*oracleSet `json:"adapter_build"`
	}
	readOracle(t, "build.json", &recording)
	r := newOracleReplay(t, "build.json adapter_build")
	for _, s := range recording.Sets {
		m, err := s.build()
		for _, c := range s.Cases {
			if err != nil {
				r.check(s, c, err.Error())
				continue
			}
			r.check(s, c, c.replayBuild(m))
		}
	}
	r.report()
}

func readOracle(t *testing.T, name string, into any) {
	t.Helper()
	dir := os.Getenv("RETORT_ORACLE_DIR")
	if dir == "" {
		dir = filepath.Join("..", "..", "tests", "testdata", "oracle")
	}
	data, err := os.ReadFile(filepath.Join(dir, name))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, into))
}

// build makes the map of a set.
func (s *oracleSet) build() (*Map, error) {
	m := New(s.options())
	for i, r := range s.Rules {
		if _, err := m.Add(r.spec(s, i)); err != nil {
			return nil, err
		}
	}
	m.Freeze()
	return m, nil
}

func (s *oracleSet) options() Options {
	flag := func(name string, standard bool) bool {
		if v, ok := s.Map[name]; ok {
			return v.(bool)
		}
		return standard
	}
	o := Options{
		HostMatching:      flag("host_matching", false),
		SubdomainMatching: flag("subdomain_matching", true),
		StrictSlashes:     flag("strict_slashes", true),
		MergeSlashes:      flag("merge_slashes", true),
		RedirectDefaults:  flag("redirect_defaults", true),
		SortParameters:    flag("sort_parameters", false),
	}
	if !s.hasEmptySubdomain() {
		o.DefaultSubdomain, _ = s.Map["default_subdomain"].(string)
	}
	return o
}

// hasEmptySubdomain reports whether a rule asks for no subdomain where the map
// has a default. A Spec cannot say that, so such a map is built without a default
// and its other rules name it.
func (s *oracleSet) hasEmptySubdomain() bool {
	return slices.ContainsFunc(s.Rules, func(r oracleRule) bool { return r.Subdomain != nil && *r.Subdomain == "" })
}

func (r *oracleRule) spec(s *oracleSet, i int) Spec {
	spec := Spec{
		Rule: r.Rule, Endpoint: r.Endpoint, Methods: r.Methods, Defaults: r.Defaults,
		StrictSlashes: r.StrictSlashes, MergeSlashes: r.MergeSlashes, Host: r.Host,
		BuildOnly: r.BuildOnly, RedirectTo: r.RedirectTo, Alias: r.Alias, WebSocket: r.WebSocket,
		Where: "recording", Index: i,
	}
	if r.Subdomain != nil {
		spec.Subdomain = *r.Subdomain
	} else if s.hasEmptySubdomain() {
		spec.Subdomain, _ = s.Map["default_subdomain"].(string)
	}
	return spec
}

// adapter binds the map as the case was bound: by its request if it has one.
func (s *oracleSet) adapter(m *Map, c *oracleCase) (Adapter, error) {
	if c.Host == nil {
		a := c.Bind.adapter(m)
		a.Method, a.QueryString, a.WebSocket = c.Method, c.Query, c.WebSocket
		return a, nil
	}
	b := Binding{Host: *c.Host, ScriptName: c.ScriptName, Scheme: c.Scheme, Method: c.Method, QueryString: c.Query, WebSocket: c.WebSocket}
	if b.Scheme == "" {
		b.Scheme = "http"
	}
	if s.ServerName != nil {
		b.ServerName = *s.ServerName
	}
	return m.Bind(b)
}

func (b *oracleBind) adapter(m *Map) Adapter {
	return Adapter{Map: m, ServerName: b.ServerName, ScriptName: b.ScriptName, Scheme: b.Scheme, Subdomain: b.Subdomain, Method: b.Method}
}

// replayMatch returns how a look-up differs from the recording.
func (s *oracleSet) replayMatch(m *Map, c *oracleCase) string {
	a, err := s.adapter(m, c)
	if err != nil {
		return differs("reason "+c.Expect.Reason, c.Expect.Reason != "bad_host", err.Error())
	}
	got := oracleBind{a.ServerName, c.Bind.ScriptName, a.Scheme, a.Subdomain, ""}
	if got != c.Bind {
		return fmt.Sprintf("want bind %v, got %v", c.Bind, got)
	}
	mt, url, err := a.Match(c.PathInfo)
	switch want := c.Expect; {
	case want.Status == 500 && err == nil:
		return "want an error (" + want.Exception + "), got none"
	case want.Status == 500:
		return ""
	case err != nil:
		return err.Error()
	case mt.Outcome == Found:
		return want.differsFrom(&mt)
	case mt.Outcome == Redirected:
		return differs(fmt.Sprintf("%+v", want), want.Redirect != url, url)
	case mt.Outcome == MethodNotAllowed:
		return differs(fmt.Sprintf("%+v", want), want.Status != 405 || !slices.Equal(want.Allow, m.MethodNames(mt.Allow)), fmt.Sprint(m.MethodNames(mt.Allow)))
	case mt.Outcome == WebSocketMismatch:
		return differs(fmt.Sprintf("%+v", want), want.Reason != "websocket_mismatch", mt.Outcome.String())
	default:
		return differs(fmt.Sprintf("%+v", want), want.Status != 404, mt.Outcome.String())
	}
}

// differsFrom compares endpoint and arguments; the order of arguments is free.
func (e *oracleExpect) differsFrom(mt *Match) string {
	values, err := mt.values()
	if err != nil {
		return err.Error()
	}
	if e.Endpoint == nil || *e.Endpoint != mt.Rule.Endpoint {
		return fmt.Sprintf("want %+v, got endpoint %s", *e, mt.Rule.Endpoint)
	}
	got, want := map[string]any{}, map[string]any{}
	for _, v := range values {
		got[v.Name] = v.Value
	}
	for _, v := range e.Args {
		want[v.Name] = v.Value
	}
	return differs(fmt.Sprint(want), !reflect.DeepEqual(want, got), fmt.Sprint(got))
}

// replayBuild returns how a URL differs from the recording. Floats are those of
// the release, "1.0"; the development version drops the zero, but is right where
// the release has an exponent.
func (c *oracleCase) replayBuild(m *Map) string {
	a := c.Bind.adapter(m)
	o := BuildOptions{Method: c.Method, External: c.ForceExternal, AppendUnknown: c.AppendUnknown == nil || *c.AppendUnknown}
	if c.URLScheme != nil {
		a.Scheme = *c.URLScheme
	}
	values := slices.Clone(c.Values)
	for i, v := range values {
		if list, ok := v.Value.([]any); ok && c.Multidict && len(list) == 1 {
			values[i].Value = list[0]
		}
	}
	url, err := a.Build(c.Endpoint, values, o)
	want := c.Expect
	if c.ExpectRelease != nil && (want.URL == nil || url != *want.URL) {
		want = *c.ExpectRelease
	}
	switch {
	case err != nil:
		return differs(fmt.Sprintf("%+v", want), want.Error == "", err.Error())
	case want.URL == nil:
		return fmt.Sprintf("want %s, got %s", want.Error, url)
	default:
		return differs(*want.URL, url != *want.URL, url)
	}
}

func differs(want string, isDifferent bool, got string) string {
	if !isDifferent {
		return ""
	}
	return "want " + want + ", got " + got
}
