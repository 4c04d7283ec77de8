package retort

import (
	"fmt"
	"net/http"
	"regexp"
	"regexp/syntax"
	"strings"

	"github.com/gorilla/mux"

	"github.com/retort-go/retort/internal/urlmap"
)

// Mux gives the URL map as a router of gorilla/mux, whose routes hand their
// requests to the app. It ends the setup, as the first request does.
//
// The router has the rules in the order of their priority, under their
// endpoints as names. It is equivalent in its hits: a request that the app
// answers with a view, without a redirect and with one slash at the beginning
// of its path, goes to the same rule with the same values in [mux.Vars], as
// they stand in the path. A redirect for a slash, a 404 and a 405 are the
// router's own; it cleans no paths.
func (a *App) Mux() *mux.Router {
	f := a.frozen.Load()
	if f == nil {
		f = a.freeze()
	}
	router := mux.NewRouter().SkipClean(true)
	named := make(map[string]bool)
	for _, p := range a.urls.Priorities() {
		if p.Rule.Alias || p.Rule.RedirectTo != "" || p.Rule.RedirectToFunc != nil {
			continue
		}
		rt := a.muxRoute(router, f, p)
		if p.Slash == urlmap.AsWritten && !named[p.Rule.Endpoint] {
			named[p.Rule.Endpoint] = true
			rt.Name(p.Rule.Endpoint)
		}
	}
	return router
}

// muxRoute adds one rule to the router.
func (a *App) muxRoute(router *mux.Router, f *frozen, p urlmap.Priority) *mux.Route {
	domain, path := p.Rule.Pieces()
	rt := router.NewRoute().Handler(a).Path(slashed(muxTemplate(p.Rule, path), p.Slash))
	switch host := muxTemplate(p.Rule, domain); {
	case f.settings.matchesHost:
		rt.Host(host)
	case f.settings.matchesSubdomain && host != "":
		rt.Host(host + "." + f.settings.serverName)
	case f.settings.matchesSubdomain:
		rt.Host(f.settings.serverName)
	}
	if p.Rule.Methods != nil {
		rt.Methods(p.Rule.Methods...)
	}
	if strings.HasSuffix(p.Rule.Spec.Rule, "/") && p.Slash != urlmap.WithoutSlash {
		// A value before the last slash does not end in one itself.
		rt.MatcherFunc(func(r *http.Request, _ *mux.RouteMatch) bool { return !strings.HasSuffix(r.URL.Path, "//") })
	}
	if a.hasWebSocket {
		rt.MatcherFunc(func(r *http.Request, _ *mux.RouteMatch) bool { return isWebSocket(r) == p.Rule.WebSocket })
	}
	if own := a.routes[p.Rule.Index]; len(own.conditions) > 0 {
		rt.MatcherFunc(func(r *http.Request, _ *mux.RouteMatch) bool { return own.accepts(r) })
	}
	return rt
}

// slashed is the template for a path with or without the last slash.
func slashed(template string, v urlmap.SlashVariant) string {
	switch v {
	case urlmap.WithoutSlash:
		return strings.TrimSuffix(template, "/")
	case urlmap.WithSlash:
		return template + "/"
	}
	return template
}

// muxTemplate writes pieces of a rule as gorilla/mux has them: {name:regexp}
// for variables. A brace in the text becomes a variable of its own, because mux
// knows no escape for it.
func muxTemplate(rule *urlmap.Rule, pieces []urlmap.Piece) string {
	var b strings.Builder
	braces := 0
	for _, p := range pieces {
		if p.Variable >= 0 {
			v := rule.Variables()[p.Variable]
			fmt.Fprintf(&b, "{%s:%s}", v.Name, withoutGroups(v.Converter.Regexp()))
			continue
		}
		for _, r := range p.Text {
			if r == '{' || r == '}' {
				fmt.Fprintf(&b, `{_brace%d:\x%02x}`, braces, r)
				braces++
				continue
			}
			b.WriteRune(r)
		}
	}
	return b.String()
}

// withoutGroups makes the capture groups of an expression plain ones: mux
// allows none.
func withoutGroups(expr string) string {
	re, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return regexp.QuoteMeta(expr) // not reached: converters are compiled when they are made
	}
	return uncaptured(re).String()
}

func uncaptured(re *syntax.Regexp) *syntax.Regexp {
	for re.Op == syntax.OpCapture {
		re = re.Sub[0]
	}
	for i, sub := range re.Sub {
		re.Sub[i] = uncaptured(sub)
	}
	return re
}
