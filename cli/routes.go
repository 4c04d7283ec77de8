package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/internal/cmdline"
)

// routesCommand is the command routes: the rules of the app.
//
// Source: Flask: cli.py, routes_command. Differs from Flask: the order match is
// that in which rules are tried, and also that of rules which are equal in the
// column that is sorted by; Flask has them by endpoint.
func (p *program) routesCommand() *cmdline.Command {
	return &cmdline.Command{
		Name: "routes",
		Help: "Show the rules of the app.\n\n" +
			"With --match it shows step by step how the rule for a request is found, and ends with the status 1 if there is none.",
		Flags: []cmdline.Flag{
			{Name: "sort", Short: "s", Value: "endpoint", Metavar: "COLUMN", Choices: []string{"endpoint", "methods", "domain", "rule", "match"},
				Help: "What to sort by; match is the order in which rules are tried."},
			{Name: "all-methods", Value: false, Help: "Show HEAD and OPTIONS too."},
			{Name: "match", Short: "m", Value: []string(nil), Metavar: "METHOD PATH", Help: "Explain a request; PATH may be a whole URL."},
		},
		Run: func(call *cmdline.Call) error {
			if match := call.Strings("match"); match != nil {
				return p.explain(call, match)
			}
			_, err := io.WriteString(call.Stdout, p.routesTable(call.String("sort"), call.Bool("all-methods")))
			return err
		},
	}
}

// routesTable lays the rules out as Flask does.
func (p *program) routesTable(order string, allMethods bool) string {
	routes := p.app.URLMap()
	if len(routes) == 0 {
		return "No routes were registered.\n"
	}
	rows := make([][]string, len(routes))
	domains := false
	for i, r := range routes {
		rows[i] = []string{r.Endpoint, methods(r, allMethods), r.Domain, r.Rule}
		domains = domains || r.Domain != ""
	}
	if column := slices.Index([]string{"endpoint", "methods", "domain", "rule"}, order); column >= 0 {
		slices.SortStableFunc(rows, func(a, b []string) int { return cmp.Compare(a[column], b[column]) })
	}
	head := []string{"Endpoint", "Methods", "Subdomain", "Rule"}
	if p.app.HostMatching() {
		head[2] = "Host"
	}
	if !domains {
		head = slices.Delete(head, 2, 3)
		for i := range rows {
			rows[i] = slices.Delete(rows[i], 2, 3)
		}
	}
	return table(head, rows)
}

// methods is the column of the methods. HEAD and OPTIONS go without saying.
func methods(r retort.RouteInfo, all bool) string {
	if r.Methods == nil {
		return "any"
	}
	shown := slices.Clone(r.Methods)
	if !all {
		shown = slices.DeleteFunc(shown, func(m string) bool { return m == "HEAD" || m == "OPTIONS" })
	}
	return strings.Join(shown, ", ")
}

// explain prints how the rule for a request is found.
func (p *program) explain(call *cmdline.Call, match []string) error {
	if len(match) != 2 {
		return usage(call, errors.New("--match explains one request, a METHOD and a PATH"))
	}
	u, err := url.ParseRequestURI(match[1]) // so that //x is a path and no host
	if err != nil {
		return usage(call, fmt.Errorf("--match: %q is no path and no URL: a path begins with a slash", match[1]))
	}
	e := p.app.Explain(strings.ToUpper(match[0]), u.Host, cmp.Or(u.Path, "/"))
	if _, err := io.WriteString(call.Stdout, e.String()); err != nil {
		return err
	}
	if e.Rule == nil && e.Path == "" {
		return cmdline.Status(1)
	}
	return nil
}
