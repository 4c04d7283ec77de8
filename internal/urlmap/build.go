package urlmap

import "errors"

// BuildOptions say which URL [Adapter.Build] makes. The zero value gives the
// shortest URL that leads there, and leaves out values that the rule has no
// variable for.
type BuildOptions struct {
	Method   string // only rules with this method; "" prefers the adapter's
	Scheme   string // of an absolute URL; "" is the adapter's
	External bool   // an absolute URL even within the same host

	// AppendUnknown puts the values that the rule has no variable for into the
	// query, in the order given. URLs for people always want that.
	AppendUnknown bool
}

// Build returns the URL of an endpoint. Of the endpoint's rules it takes the
// first that all values fit: rules with more arguments come before those with
// fewer, aliases come last. Without o.Method the rules with the adapter's own
// method are tried first, then all.
//
// A value may be any integer, float, string or bool, a named type of those, a
// [16]byte (a UUID), a pointer to one of them, or anything with a MarshalText or
// String method. Nil and nil pointers count as not given. In the query, a slice
// or array gives its name once for each element. Of two values with one name
// the last fills a variable.
//
// The result is a path when it leads to the adapter's own host, else an absolute
// URL; WebSocket rules always get an absolute one with ws or wss. It never
// starts with two slashes or with a slash and a backslash (with o.External and
// no scheme anywhere it is "//host/path"). The error is a [*BuildError].
// Build is safe for concurrent use.
//
// Werkzeug: routing/map.py, MapAdapter.build. Differs from Werkzeug: a value
// cannot leave the place that it has in the host; and where no host is known,
// the URL stays a path, because "http:///path" would name a host called "path".
func (a *Adapter) Build(endpoint string, values []Value, o BuildOptions) (string, error) {
	var room draftRoom
	var url [128]byte
	b := builder{a: a, values: values, options: o}
	rule, d, err := b.choose(room.draft(), a.Map.EndpointRules(endpoint))
	if rule == nil || err != nil {
		return "", a.buildError(endpoint, values, o.Method, err)
	}
	built, err := b.appendURL(url[:0], d, rule)
	if err != nil {
		return "", a.buildError(endpoint, values, o.Method, err)
	}
	return string(built), nil
}

// A builder is what one URL is built from.
type builder struct {
	a       *Adapter
	values  []Value
	options BuildOptions
}

// A draft is the rule that was tried last, quoted. It is no part of the builder,
// so that its bytes stay on the stack although values do not.
type draft struct {
	domain []byte // subdomain or host
	path   []byte
}

// draftRoom is room for the draft of most URLs.
type draftRoom struct{ domain, path [128]byte }

func (r *draftRoom) draft() draft { return draft{r.domain[:0], r.path[:0]} }

// choose returns the rule to build, nil if none is suitable. An error is that of
// a value that a suitable rule's converter refused for good, or, without any
// rule left, the last refusal with ErrNoFit.
func (b *builder) choose(d draft, rules []*Rule) (*Rule, draft, error) {
	if b.options.Method != "" || b.a.Method == "" {
		return b.chooseFor(d, rules, b.options.Method)
	}
	rule, d, err := b.chooseFor(d, rules, b.a.Method)
	if rule != nil || err != nil && !errors.Is(err, ErrNoFit) {
		return rule, d, err
	}
	return b.chooseFor(d, rules, "")
}

// chooseFor returns the first rule in build order that is suitable and can be
// built; with host matching the first whose host is the adapter's, if there is one.
//
// Werkzeug: routing/map.py, MapAdapter._partial_build.
func (b *builder) chooseFor(d draft, rules []*Rule, method string) (*Rule, draft, error) {
	var first *Rule
	var refusal error
	order := buildOrder{rules: rules}
	for r := order.next(); r != nil; r = order.next() {
		if !suitable(r, b.values, method) {
			continue
		}
		var err error
		switch d, err = b.try(d, r); {
		case errors.Is(err, ErrNoFit):
			refusal = err
		case err != nil:
			return nil, d, err
		case !b.a.Map.options.HostMatching || string(d.domain) == b.a.ServerName:
			return r, d, nil
		case first == nil:
			first = r
		}
	}
	if first == nil {
		return nil, d, refusal
	}
	d, err := b.try(d, first)
	return first, d, err
}

// try drafts a rule.
func (b *builder) try(d draft, r *Rule) (draft, error) {
	domain, err := b.appendTokens(d.domain[:0], r, r.domain, inHost)
	if err != nil {
		return d, err
	}
	path, err := b.appendTokens(d.path[:0], r, r.path, inPath)
	return draft{domain, path}, err
}

// appendTokens appends literals and variables, quoted for where they stand. The
// text of a variable that the rule has a default for is that of the default:
// suitable has seen to it that no other value was given.
func (b *builder) appendTokens(dst []byte, r *Rule, tokens []token, q quoting) ([]byte, error) {
	for i := range tokens {
		t := &tokens[i]
		if t.variable < 0 {
			dst = appendLiteral(dst, t.text, q)
			continue
		}
		v := &r.vars[t.variable]
		value, ok := lastValue(r.Defaults, v.Name)
		if !ok {
			value, _ = lastValue(b.values, v.Name)
		}
		text, err := formatValue(v, value)
		if err != nil {
			return dst, &valueError{rule: r, variable: v, value: value, err: err}
		}
		if q == inHost && i == len(tokens)-1 && b.a.Map.options.HostMatching {
			dst = appendHostEnd(dst, text)
		} else {
			dst = q.append(dst, text)
		}
	}
	return dst, nil
}

// appendLiteral appends text that the rule's author wrote. In a host the port
// and the brackets of an address are theirs to write.
func appendLiteral(dst []byte, text string, q quoting) []byte {
	if q == inHost {
		return append(dst, text...)
	}
	return q.append(dst, text)
}

// appendHostEnd appends the value of a variable that ends a host; only there can
// a port be part of it.
func appendHostEnd(dst []byte, text string) []byte {
	name, port := splitPort(text)
	if port == "" || !isPort(port[1:]) {
		return inHost.append(dst, text)
	}
	return append(inHost.append(dst, name), port...)
}

// formatValue returns the text of a variable, not yet quoted.
func formatValue(v *Variable, value any) (string, error) {
	return v.Converter.Format(forConverter(value, v.Converter.Type()))
}

// errNoHost is the failure of an absolute URL for which no host is known.
var errNoHost = errors.New("an absolute URL needs a host: configure SERVER_NAME, or build it during a request")

// appendURL appends the whole URL of the rule that was tried last.
func (b *builder) appendURL(dst []byte, d draft, r *Rule) ([]byte, error) {
	absolute := b.options.External || r.WebSocket
	if absolute || !b.sameHost(d) {
		start := len(dst)
		dst = appendScheme(dst, b.scheme(r.WebSocket))
		origin := len(dst)
		if dst = b.a.appendHost(dst, d.domain); len(dst) == origin {
			if absolute {
				return nil, errNoHost
			}
			dst = dst[:start]
		}
	}
	dst = b.a.appendPath(dst, d.path)
	if !b.options.AppendUnknown {
		return dst, nil
	}
	return b.appendQuery(dst, r)
}

// sameHost reports whether the rule tried last is on the adapter's own host.
func (b *builder) sameHost(d draft) bool {
	switch o := &b.a.Map.options; {
	case o.HostMatching:
		return string(d.domain) == b.a.ServerName
	case o.SubdomainMatching:
		return string(d.domain) == b.a.Subdomain
	}
	return len(d.domain) == 0
}

// scheme returns the scheme of an absolute URL: ws or wss for WebSocket rules,
// http or https for the others, or "" when nobody named one.
func (b *builder) scheme(webSocket bool) string {
	scheme := b.options.Scheme
	if scheme == "" {
		scheme = b.a.Scheme
	}
	secure := scheme == "https" || scheme == "wss"
	switch {
	case webSocket && secure:
		return "wss"
	case webSocket:
		return "ws"
	case secure:
		return "https"
	case scheme != "":
		return "http"
	}
	return ""
}

func appendScheme(dst []byte, scheme string) []byte {
	if scheme != "" {
		dst = append(append(dst, scheme...), ':')
	}
	return append(dst, "//"...)
}
