package retort

import (
	"net/http"
	"regexp"
	"strings"

	"github.com/retort-go/retort/internal/urlmap"
)

// owners are the blueprints with HandleRoutingErrors, found by the path.
type owners struct {
	urls  *urlmap.Map // of the prefixes
	owned []*registration
}

// newOwners gives nil when there are none. A prefix is a rule of its own here,
// with everything below it, so that it may hold variables, and the longest wins.
func (a *App) newOwners() *owners {
	options := a.urls.Options()
	options.HostMatching, options.StrictSlashes, options.RedirectDefaults = false, false, false
	o := &owners{urls: a.urls.Sibling(options)}
	for _, reg := range a.blueprints {
		if reg.bp.options.routingErrors {
			o.add(reg)
		}
	}
	if len(o.owned) == 0 {
		return nil
	}
	o.urls.Freeze()
	return o
}

func (o *owners) add(reg *registration) {
	prefix := strings.TrimRight(reg.rule(""), "/")
	spec := urlmap.Spec{Endpoint: reg.name, Index: len(o.owned), Where: reg.at.String()}
	if reg.subdomain != nil {
		spec.Subdomain = *reg.subdomain
	}
	for _, rule := range []string{prefix + "/", prefix + "/<path:below_the_prefix>"} {
		spec.Rule = rule
		_, _ = o.urls.Add(spec) // refused only if another one has the prefix: the first has it
	}
	o.owned = append(o.owned, reg)
}

// find gives the owner of a path.
func (o *owners) find(domain, path string) *registration {
	var match urlmap.Match
	path = slashes.ReplaceAllString(path, "/")
	o.urls.Lookup(&urlmap.Query{Domain: domain, Path: path, Method: http.MethodGet}, &match)
	if match.Outcome != urlmap.Found {
		return nil
	}
	return o.owned[match.Index]
}

var slashes = regexp.MustCompile("//+")

// handlerScopes are the scopes whose error handlers are asked.
func (c *Context) handlerScopes() []*scope {
	if c.route != nil || c.App.owners == nil {
		return c.scopes()
	}
	domain := ""
	if s := c.App.settings(); s.matchesSubdomain {
		scheme := c.request.Scheme()
		domain = c.App.urls.Domain(canonicalHost(c.request.http.Host, scheme), s.serverName, scheme)
	}
	if reg := c.App.owners.find(domain, c.request.Path()); reg != nil {
		return reg.scopes
	}
	return c.scopes()
}
