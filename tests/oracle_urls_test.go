package tests

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/internal/urlmap"
)

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
	for _, d := range deviations {
		if d.ofURLs != nil && d.ofURLs(s, c) {
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

// The fast matcher and the explanation by the book are two programs.
func TestMatchAgreesWithExplainOnRecordedMaps(t *testing.T) {
	var recording struct {
		RuleSets []*oracleSet `json:"rule_sets"`
	}
	readOracle(t, "routing.json", &recording)
	for _, s := range recording.RuleSets {
		m, err := s.build()
		if err != nil {
			continue // TestReplayRouting tells
		}
		for _, c := range s.Cases {
			if a, err := s.adapter(m, c); err == nil {
				q := a.Query(c.PathInfo)
				mt, told := m.Match(q), m.Explain(q)
				require.Equal(t, told.Outcome, mt.Outcome, "%s\n%s", c.ID, told)
				require.Equal(t, told.Path, mt.RedirectPath(), "%s\n%s", c.ID, told)
				if told.Outcome == urlmap.Found {
					require.Same(t, told.Rule, mt.Rule, "%s\n%s", c.ID, told)
				}
			}
		}
	}
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
	data, err := os.ReadFile(filepath.Join(oracleDir(), name))
	if errors.Is(err, fs.ErrNotExist) && os.Getenv("RETORT_ORACLE_DIR") != "" {
		t.Skipf("RETORT_ORACLE_DIR holds no %s", name)
	}
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, into))
}

// build makes the map of a set.
func (s *oracleSet) build() (*urlmap.Map, error) {
	m := urlmap.New(s.options())
	for i, r := range s.Rules {
		if _, err := m.Add(r.spec(s, i)); err != nil {
			return nil, err
		}
	}
	m.Freeze()
	return m, nil
}

func (s *oracleSet) options() urlmap.Options {
	flag := func(name string, standard bool) bool {
		if v, ok := s.Map[name]; ok {
			return v.(bool)
		}
		return standard
	}
	o := urlmap.Options{
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
// has a default. A urlmap.Spec cannot say that, so such a map is built without a default
// and its other rules name it.
func (s *oracleSet) hasEmptySubdomain() bool {
	return slices.ContainsFunc(s.Rules, func(r oracleRule) bool { return r.Subdomain != nil && *r.Subdomain == "" })
}

func (r *oracleRule) spec(s *oracleSet, i int) urlmap.Spec {
	spec := urlmap.Spec{
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
func (s *oracleSet) adapter(m *urlmap.Map, c *oracleCase) (urlmap.Adapter, error) {
	if c.Host == nil {
		a := c.Bind.adapter(m)
		a.Method, a.QueryString, a.WebSocket = c.Method, c.Query, c.WebSocket
		return a, nil
	}
	b := urlmap.Binding{Host: *c.Host, ScriptName: c.ScriptName, Scheme: c.Scheme, Method: c.Method, QueryString: c.Query, WebSocket: c.WebSocket}
	if b.Scheme == "" {
		b.Scheme = "http"
	}
	if s.ServerName != nil {
		b.ServerName = *s.ServerName
	}
	return m.Bind(b)
}

func (b *oracleBind) adapter(m *urlmap.Map) urlmap.Adapter {
	return urlmap.Adapter{Map: m, ServerName: b.ServerName, ScriptName: b.ScriptName, Scheme: b.Scheme, Subdomain: b.Subdomain, Method: b.Method}
}

// replayMatch returns how a look-up differs from the recording.
func (s *oracleSet) replayMatch(m *urlmap.Map, c *oracleCase) string {
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
	case mt.Outcome == urlmap.Found:
		return want.differsFrom(&mt)
	case mt.Outcome == urlmap.Redirected:
		return differs(fmt.Sprintf("%+v", want), want.Redirect != url, url)
	case mt.Outcome == urlmap.MethodNotAllowed:
		return differs(fmt.Sprintf("%+v", want), want.Status != 405 || !slices.Equal(want.Allow, m.MethodNames(mt.Allow)), fmt.Sprint(m.MethodNames(mt.Allow)))
	case mt.Outcome == urlmap.WebSocketMismatch:
		return differs(fmt.Sprintf("%+v", want), want.Reason != "websocket_mismatch", mt.Outcome.String())
	default:
		return differs(fmt.Sprintf("%+v", want), want.Status != 404, mt.Outcome.String())
	}
}

// differsFrom compares endpoint and arguments; the order of arguments is free.
func (e *oracleExpect) differsFrom(mt *urlmap.Match) string {
	if e.Endpoint == nil || *e.Endpoint != mt.Rule.Endpoint {
		return fmt.Sprintf("want %+v, got endpoint %s", *e, mt.Rule.Endpoint)
	}
	got, want := map[string]any{}, map[string]any{}
	for i, v := range mt.Rule.Variables() {
		value, err := mt.Value(i)
		if err != nil {
			return err.Error()
		}
		got[v.Name] = value
	}
	for _, d := range mt.Rule.Defaults {
		got[d.Name] = d.Value
	}
	for _, v := range e.Args {
		want[v.Name] = v.Value
	}
	return differs(fmt.Sprint(want), !reflect.DeepEqual(want, got), fmt.Sprint(got))
}

// replayBuild returns how a URL differs from the recording. Floats are those of
// the release, "1.0"; the development version drops the zero, but is right where
// the release has an exponent.
func (c *oracleCase) replayBuild(m *urlmap.Map) string {
	a := c.Bind.adapter(m)
	o := urlmap.BuildOptions{Method: c.Method, External: c.ForceExternal, AppendUnknown: c.AppendUnknown == nil || *c.AppendUnknown}
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
	return c.differences(url, err)
}

// differences says how a URL differs from the recorded one. Any error holds where
// one was recorded.
func (c *oracleCase) differences(url string, err error) string {
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
