package urlmap

import "fmt"

// RedirectURL returns the absolute URL that a match with the outcome Redirected
// leads to: the path with its last slash or with its slashes merged, the
// canonical rule of an alias, or the target of redirect_to. The request's query
// is kept, but for redirect_to, whose author writes the query. When the server
// name is not known the URL is a path.
//
// No redirect leads to another host because of what a client sent: slashes at
// the front are merged into one, backslashes and control bytes are encoded, and
// values have no say in the scheme and the host of a target. The error is a
// mistake in the rule: an alias without a canonical rule, a variable in the host
// of redirect_to, or what RedirectToFunc returned.
//
// Werkzeug: routing/map.py, MapAdapter.match and make_redirect_url.
func (a *Adapter) RedirectURL(mt *Match) (url string, err error) {
	if path := mt.RedirectPath(); path != "" {
		return a.redirectTo([]byte(a.domain()), inPath.append(nil, path)), nil
	}
	switch r := mt.Rule; {
	case r == nil || mt.Outcome != Redirected:
		return "", fmt.Errorf("urlmap: a match that was %s leads nowhere", mt.Outcome)
	case r.Alias && a.Map.options.RedirectDefaults:
		return a.aliasURL(mt)
	}
	if mt.MayRedirect() {
		if url, ok := a.DefaultsRedirect(mt); ok {
			return url, nil
		}
	}
	return a.targetURL(mt)
}

// DefaultsRedirect returns the absolute URL of the rule that a match should have
// come by: an earlier rule, in build order, of the same endpoint with the same
// arguments, whose defaults are the values of the match. It is to be asked for a
// match with [Match.MayRedirect]; ok is false when the match is canonical.
//
// Werkzeug: routing/map.py, MapAdapter.get_default_redirect.
func (a *Adapter) DefaultsRedirect(mt *Match) (url string, ok bool) {
	values, err := mt.values()
	if err != nil {
		return "", false
	}
	var room draftRoom
	b, d := builder{a: a, values: values}, room.draft()
	order := buildOrder{rules: a.Map.EndpointRules(mt.Rule.Endpoint)}
	for r := order.next(); r != nil && r != mt.Rule; r = order.next() {
		if r.BuildOnly || len(r.Defaults) == 0 || !sameArguments(r, mt.Rule) || !suitable(r, values, a.Method) {
			continue
		}
		if d, err = b.try(d, r); err == nil {
			return a.redirectTo(d.domain, d.path), true
		}
	}
	return "", false
}

// sameArguments reports whether two rules know the same names.
func sameArguments(r, s *Rule) bool {
	if r.argumentCount() != s.argumentCount() {
		return false
	}
	for i := range r.vars {
		if !s.takes(r.vars[i].Name) {
			return false
		}
	}
	for i := range r.Defaults {
		if !s.takes(r.Defaults[i].Name) {
			return false
		}
	}
	return true
}

// values returns the values of a match as a view gets them: those of the
// variables, then the defaults, which win.
func (mt *Match) values() ([]Value, error) {
	r := mt.Rule
	values := make([]Value, 0, len(r.vars)+len(r.Defaults))
	for i := range r.vars {
		value, err := mt.Value(i)
		if err != nil {
			return nil, err
		}
		values = append(values, Value{r.vars[i].Name, value})
	}
	return append(values, r.Defaults...), nil
}

// redirectTo returns the absolute URL of a quoted path, with the request's query.
func (a *Adapter) redirectTo(domain, path []byte) string {
	dst := a.appendOrigin(make([]byte, 0, 128), domain)
	dst = a.appendPath(dst, path)
	return string(a.appendRawQuery(dst))
}

// appendOrigin appends scheme and host, or nothing when no host is known.
func (a *Adapter) appendOrigin(dst, domain []byte) []byte {
	start := len(dst)
	dst = appendScheme(dst, a.redirectScheme())
	host := len(dst)
	if dst = a.appendHost(dst, domain); len(dst) == host {
		return dst[:start]
	}
	return dst
}

func (a *Adapter) redirectScheme() string {
	if a.Scheme == "" {
		return "http"
	}
	return a.Scheme
}

// appendRawQuery appends the request's query as it came, but for bytes that no
// query can have.
func (a *Adapter) appendRawQuery(dst []byte) []byte {
	if a.QueryString == "" {
		return dst
	}
	return inRawQuery.append(append(dst, '?'), a.QueryString)
}

// aliasURL returns the URL of the canonical rule for the values of an alias.
func (a *Adapter) aliasURL(mt *Match) (string, error) {
	values, err := mt.values()
	if err != nil {
		return "", err
	}
	var canonical []*Rule
	for _, r := range a.Map.EndpointRules(mt.Rule.Endpoint) {
		if !r.Alias {
			canonical = append(canonical, r)
		}
	}
	var room draftRoom
	b := builder{a: a, values: values}
	rule, d, err := b.chooseFor(room.draft(), canonical, a.Method)
	switch {
	case err != nil:
		return "", a.buildError(mt.Rule.Endpoint, values, a.Method, err)
	case rule == nil:
		return "", fmt.Errorf("url rule %q is an alias, but no other rule of its endpoint %q takes its values and %s; add one without alias",
			mt.Rule.Rule, mt.Rule.Endpoint, a.Method)
	}
	return a.redirectTo(d.domain, d.path), nil
}
