package urlmap

import (
	"fmt"
	"strings"
)

// targetURL returns the target of redirect_to.
func (a *Adapter) targetURL(mt *Match) (string, error) {
	values, err := mt.values()
	if err != nil {
		return "", err
	}
	t := target{rule: mt.Rule, values: values, text: mt.Rule.RedirectTo}
	if f := mt.Rule.RedirectToFunc; f != nil {
		t.computed = true
		if t.text, err = f(values); err != nil {
			return "", t.error("%w", err)
		}
	}
	return t.resolve(a)
}

// A target is what redirect_to says, a reference relative to the root of the
// application.
type target struct {
	rule     *Rule
	values   []Value
	text     string // with <name> for values, unless computed
	computed bool   // text came from RedirectToFunc
}

// resolve returns the absolute URL of the target. What the target is, an
// absolute URL or a path, is read from the text in front of its first value, so
// that no value can make one out of the other.
//
// Werkzeug: routing/map.py, MapAdapter.match (urljoin).
func (t *target) resolve(a *Adapter) (string, error) {
	fixed := t.text
	if i := strings.IndexByte(fixed, '<'); i >= 0 && !t.computed {
		fixed = fixed[:i]
	}
	scheme := fixed[:schemeLen(fixed)]
	rest := strings.TrimPrefix(t.text[len(scheme):], ":")
	authority := authorityOf(rest)
	switch {
	case authority != "" && (scheme != "" || !t.computed):
		return t.absolute(a, scheme, authority)
	case scheme != "" && !isWeb(scheme):
		return t.opaque(scheme, rest)
	}
	tail, err := t.expand(rest)
	if err != nil {
		return "", err
	}
	path, suffix := cutPath(tail)
	base := string(a.appendPath(nil, nil))
	dst := a.appendOrigin(nil, []byte(a.domain()))
	return string(append(append(dst, joinPath(base, path)...), suffix...)), nil
}

// authorityOf returns the authority of "//authority/path", "" without one.
func authorityOf(s string) string {
	rest, ok := strings.CutPrefix(s, "//")
	if !ok {
		return ""
	}
	if end := strings.IndexAny(rest, cuts); end >= 0 {
		return rest[:end]
	}
	return rest
}

// cuts are the bytes that end the authority of a URL for some reader.
const cuts = `/\?#`

func isWeb(scheme string) bool {
	return strings.EqualFold(scheme, "http") || strings.EqualFold(scheme, "https")
}

// absolute returns the URL of a target with an authority, which must be the
// author's own: all of it in front of the first value.
func (t *target) absolute(a *Adapter, scheme, authority string) (string, error) {
	_, rest, _ := strings.Cut(t.text, "//")
	switch {
	case !t.computed && strings.Contains(authority, "<"):
		return "", t.error("the host of %q has a variable, so that a client could choose it; write the host out, or use RedirectToFunc", t.text)
	case t.computed && t.brings(authority):
		return "", t.error("the function returned %q, whose host came with a value of the URL; check the value first", t.text)
	case scheme == "":
		scheme = a.redirectScheme()
	}
	tail, err := t.expand(rest[len(authority):])
	if tail != "" && !strings.ContainsAny(tail[:1], "/?#") {
		tail = "/" + tail
	}
	return IRIToURI(scheme+"://"+authority) + tail, err
}

// opaque returns the URL of a target such as mailto:someone.
func (t *target) opaque(scheme, rest string) (string, error) {
	for _, v := range t.values {
		text, err := urlText(v.Value)
		if t.computed && err == nil && strings.HasPrefix(text, scheme+":") {
			return "", t.error("the function returned %q, whose scheme came with a value of the URL; check the value first", t.text)
		}
	}
	tail, err := t.expand(rest)
	return scheme + ":" + tail, err
}

// brings reports whether a value brought the authority along, or ended it early.
// A value that is a plain label or name may be part of the host: then the
// function's author has put it there.
func (t *target) brings(authority string) bool {
	authority = strings.ToLower(authority)
	host := authority[strings.LastIndexByte(authority, '@')+1:]
	name, _ := splitPort(host)
	isCut := func(r rune) bool { return strings.ContainsRune(cuts+"@", r) }
	for _, v := range t.values {
		text, err := urlText(v.Value)
		if err != nil || !strings.ContainsFunc(text, isCut) {
			continue
		}
		for _, piece := range strings.FieldsFunc(strings.ToLower(text), isCut) {
			whole := piece == authority || piece == host || piece == name
			if whole || strings.Contains(piece, ".") && strings.HasSuffix(authority, piece) {
				return true
			}
		}
	}
	return false
}

func (t *target) error(format string, args ...any) error {
	return fmt.Errorf("redirect_to of url rule %q: %w", t.rule.Rule, fmt.Errorf(format, args...))
}

// expand quotes a piece of the target and puts the values into it.
func (t *target) expand(piece string) (string, error) {
	if t.computed {
		return string(inAnchor.append(nil, piece)), nil
	}
	var dst []byte
	for piece != "" {
		before, rest, _ := strings.Cut(piece, "<")
		name, after, closed := strings.Cut(rest, ">")
		if !closed || name == "" {
			break
		}
		text, err := t.value(name)
		if err != nil {
			return "", err
		}
		dst = inPath.append(inAnchor.append(dst, before), text)
		piece = after
	}
	return string(inAnchor.append(dst, piece)), nil
}

// value returns the text of a placeholder.
func (t *target) value(name string) (string, error) {
	for i := range t.rule.vars {
		if v := &t.rule.vars[i]; v.Name == name {
			value, _ := lastValue(t.values, name)
			text, err := formatValue(v, value)
			if err != nil {
				err = t.error("%w", &valueError{rule: t.rule, variable: v, value: value, err: err})
			}
			return text, err
		}
	}
	if value, ok := lastValue(t.values, name); ok {
		return urlText(value)
	}
	return "", t.error("%q has a place for %q, which is no variable of the rule", t.text, name)
}

// cutPath splits a reference in front of its query or fragment.
func cutPath(s string) (path, suffix string) {
	if i := strings.IndexAny(s, "?#"); i >= 0 {
		return s[:i], s[i:]
	}
	return s, ""
}

// joinPath resolves a path against a base that ends in a slash, removes dot
// segments, and leaves exactly one slash at the front.
//
// RFC 3986 §5.2.3, §5.2.4.
func joinPath(base, path string) string {
	if !strings.HasPrefix(path, "/") {
		path = base + path
	}
	in := strings.Split(path, "/")
	out := make([]string, 0, len(in))
	for i, segment := range in {
		last := i == len(in)-1
		switch segment {
		case ".":
		case "..":
			if len(out) > 1 {
				out = out[:len(out)-1]
			}
		default:
			out = append(out, segment)
			continue
		}
		if last {
			out = append(out, "")
		}
	}
	return "/" + strings.TrimLeft(strings.Join(out, "/"), "/")
}
