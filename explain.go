package retort

import (
	"fmt"
	"strings"

	"github.com/gorilla/mux"

	"github.com/retort-go/retort/internal/urlmap"
)

// Explanation tells how a URL was looked for, as data and, by its String
// method, as text: every state visited, each candidate taken or refused and
// why, and the outcome.
type Explanation = urlmap.Explanation

// Explain tells how the rule for a request would be looked for, step by step.
// host matters only for an app with [HostMatching] or [SubdomainMatching]; path
// is the percent-decoded path. Conditions such as [MatchHeaders] count as met.
func (a *App) Explain(method, host, path string) *Explanation {
	s := a.settings()
	q := urlmap.Query{Method: method, Path: routePath(path)}
	if s.matchesHost || s.matchesSubdomain {
		q.Domain = a.urls.Domain(canonicalHost(host, s.scheme), s.serverName, s.scheme)
	}
	return a.urls.Explain(q)
}

// explained adds how the URL was looked for to an error of the routing, in
// debug mode.
func (c *Context) explained(e *HTTPError) error {
	if c.App.settings().debug {
		r := c.request.http
		q := urlmap.Query{Method: r.Method, Path: c.request.Path()}
		c.App.askMore(c.App.frozen.Load(), r, &q)
		e.explanation = c.App.urls.Explain(q).String()
	}
	return e
}

// HostMatching reports whether rules are chosen by the whole host: whether the
// app was made with the option [HostMatching].
func (a *App) HostMatching() bool { return a.urls.Options().HostMatching }

// RouteInfo is one rule in the listing of [App.URLMap].
type RouteInfo struct {
	Endpoint string
	Methods  []string // sorted; nil is any
	Domain   string   // the subdomain or host of the rule
	Rule     string
	Where    string // the place of the registration
}

// RouteList is the listing of [App.URLMap].
type RouteList []RouteInfo

// URLMap lists the rules in the order in which they are tried, then those that
// are only built, then the routes of mounted routers. Printed, it is a table.
//
// Source: Flask: cli.py, routes.
func (a *App) URLMap() RouteList {
	var list RouteList
	tried := make(map[*urlmap.Rule]bool)
	add := func(rule *urlmap.Rule) {
		if tried[rule] {
			return
		}
		tried[rule] = true
		domain := rule.Subdomain
		if a.HostMatching() {
			domain = rule.Spec.Host
		}
		list = append(list, RouteInfo{rule.Endpoint, rule.Methods, domain, rule.Spec.Rule, rule.Where})
	}
	for _, rule := range a.urls.Ordered() {
		add(rule)
	}
	for _, rule := range a.urls.Rules() {
		add(rule)
	}
	for _, m := range a.mounts {
		list = append(list, m.listing()...)
	}
	return list
}

// listing is the routes of a mount.
func (m *mount) listing() RouteList {
	if m.router == nil {
		return RouteList{{Endpoint: m.route.endpoint, Rule: m.prefix + "/…", Where: m.route.at.String()}}
	}
	var list RouteList
	_ = m.router.Walk(func(rt *mux.Route, _ *mux.Router, _ []*mux.Route) error { // fails only if the function does
		template, err := rt.GetPathTemplate()
		if err != nil || rt.GetHandler() == nil {
			return nil // a route without a path, or one that only leads to a subrouter
		}
		methods, _ := rt.GetMethods() // none: any
		list = append(list, RouteInfo{Endpoint: rt.GetName(), Methods: methods, Rule: m.prefix + template, Where: m.route.at.String()})
		return nil
	})
	return list
}

// String is the table: endpoint, methods, the domain if some rule has one, rule.
func (l RouteList) String() string {
	if len(l) == 0 {
		return "No routes were registered.\n"
	}
	rows := [][]string{{"Endpoint", "Methods", "Domain", "Rule"}, nil}
	domains := false
	for _, r := range l {
		methods := strings.Join(r.Methods, ", ")
		if r.Methods == nil {
			methods = "any"
		}
		domains = domains || r.Domain != ""
		rows = append(rows, []string{r.Endpoint, methods, r.Domain, r.Rule})
	}
	return table(rows, domains)
}

// table lays rows out in columns with a line of dashes as the second row. The
// third column can be left out.
func table(rows [][]string, third bool) string {
	width := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			width[i] = max(width[i], len([]rune(cell)))
		}
	}
	var b strings.Builder
	for _, row := range rows {
		var cells []string
		for i := range width {
			if i == 2 && !third {
				continue
			}
			cell := strings.Repeat("-", width[i])
			if row != nil {
				cell = fmt.Sprintf("%-*s", width[i], row[i])
			}
			cells = append(cells, cell)
		}
		b.WriteString(strings.TrimRight(strings.Join(cells, "  "), " ") + "\n")
	}
	return b.String()
}
