package tests

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/cli"
)

// flaskRoutes has Flask print its table of routes.
const flaskRoutes = `
from flask import Flask
from flask.cli import FlaskGroup

def answer(q):
    app = Flask("peer", static_folder=None, host_matching=q["hosts"])
    for r in q["rules"]:
        domain = {"host" if q["hosts"] else "subdomain": r["domain"]} if r["domain"] else {}
        app.add_url_rule(r["rule"], endpoint=r["endpoint"], methods=r["methods"], view_func=lambda **v: "", **domain)
    result = app.test_cli_runner().invoke(FlaskGroup(create_app=lambda: app), ["routes", *q["args"]])
    return [result.exit_code, result.output]
`

type cliRule struct {
	Rule     string   `json:"rule"`
	Endpoint string   `json:"endpoint"`
	Methods  []string `json:"methods"`
	Domain   string   `json:"domain"`
}

// randomRules are n rules, each with an endpoint and a path of its own.
func randomRules(rnd *rand.Rand, n int, hosts bool) []cliRule {
	some := func(list []string) []string {
		list = slices.Clone(list)
		rnd.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		return list[:1+rnd.IntN(len(list))]
	}
	rules := make([]cliRule, n)
	for i := range rules {
		words := some([]string{"a", "notes", "<x>", "<int:id>", "ü", "Über"})
		rules[i] = cliRule{
			Rule:     fmt.Sprintf("/%s/%d", strings.Join(words, "/"), i),
			Endpoint: fmt.Sprintf("%s_%d", strings.Repeat(some([]string{"a", "Z", "é"})[0], rnd.IntN(9)), i),
			Methods:  some([]string{"GET", "POST", "PUT", "DELETE", "PATCH"}),
		}
		if hosts || rnd.IntN(6) == 0 {
			rules[i].Domain = some([]string{"api", "a.b", "www"})[0]
		}
	}
	return rules
}

func cliApp(rules []cliRule, hosts bool) *retort.App {
	var opts []retort.Option
	if hosts {
		opts = append(opts, retort.HostMatching())
	}
	app := retort.New("peer", opts...)
	for _, r := range rules {
		options := []retort.RouteOption{retort.Methods(r.Methods...)}
		if r.Domain != "" && hosts {
			options = append(options, retort.Host(r.Domain))
		} else if r.Domain != "" {
			options = append(options, retort.Subdomain(r.Domain))
		}
		app.AddURLRule(r.Rule, r.Endpoint, nil, append(options, retort.BuildOnly())...)
	}
	return app
}

// trimmedLines are the lines of a table without the blanks that Flask fills its
// last column up with.
func trimmedLines(s string) []string {
	var lines []string
	for line := range strings.Lines(s) {
		lines = append(lines, strings.TrimRight(line, " \n"))
	}
	return lines
}

// TestRoutesLive has Flask and retort print the same routes.
func TestRoutesLive(t *testing.T) {
	peer := startPython(t, flaskRoutes, "flask")
	rnd := rand.New(rand.NewPCG(7, 7))
	for i := range 60 {
		hosts := i%4 == 3
		rules := randomRules(rnd, i%9, hosts)
		for _, args := range [][]string{{}, {"--all-methods"}, {"-s", "rule"}, {"--sort", "methods"}, {"-s", "domain"}, {"-s", "match"}} {
			var theirs []any
			peer.ask(t, map[string]any{"rules": rules, "hosts": hosts, "args": args}, &theirs)
			ours := cli.Invoke(cliApp(rules, hosts), append([]string{"routes"}, args...)...)
			assert.Equal(t, theirs[0], float64(ours.ExitCode))
			assert.Empty(t, ours.Stderr)
			want, got := trimmedLines(theirs[1].(string)), trimmedLines(ours.Stdout)
			if len(args) == 2 && args[1] != "rule" { // routes that are equal there: Flask has them by endpoint
				slices.Sort(want)
				slices.Sort(got)
			}
			assert.Equal(t, want, got, "%v %+v", args, rules)
		}
	}
}

// TestUsageLive: what is wrong for Flask is wrong for retort.
func TestUsageLive(t *testing.T) {
	peer := startPython(t, flaskRoutes, "flask")
	for _, args := range [][]string{
		{"--sort"}, {"--sort", "x"}, {"-s", "rule", "--sort", "endpoint"}, {"--nope"}, {"extra"}, {"--help"}, {"--", "x"}, {"-srule"}, {"--sort=rule"}, {"--all-methods", "--all-methods"},
	} {
		var theirs []any
		peer.ask(t, map[string]any{"rules": []cliRule{}, "hosts": false, "args": args}, &theirs)
		ours := cli.Invoke(cliApp(nil, false), append([]string{"routes"}, args...)...)
		assert.Equal(t, theirs[0], float64(ours.ExitCode), args)
	}
}
