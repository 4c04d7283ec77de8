//go:build retort_dev

package live

import (
	"net/http"
	"slices"
	"strings"
)

// scriptNonce says what the Content-Security-Policy of a page wants of the
// script: a nonce, or nothing. It is not ok when the policy would not let the
// script run, or connect; a policy that only reports counts too.
//
// Source: CSP Level 3 §6.7 and §6.8.
func scriptNonce(h http.Header, r *http.Request) (nonce string, ok bool) {
	for _, name := range []string{"Content-Security-Policy", "Content-Security-Policy-Report-Only"} {
		for _, field := range h[name] {
			for text := range strings.SplitSeq(field, ",") {
				p := parsePolicy(text)
				n, allowed := p.script(r)
				if !allowed || nonce != "" && n != "" && n != nonce {
					return "", false
				}
				nonce = max(nonce, n) // one of them is empty, or both are the same
			}
		}
	}
	return nonce, true
}

// policy maps the names of directives to their values.
type policy map[string][]string

func parsePolicy(text string) policy {
	p := make(policy)
	for directive := range strings.SplitSeq(text, ";") {
		words := strings.Fields(directive)
		if len(words) == 0 {
			continue
		}
		name := strings.ToLower(words[0])
		if _, twice := p[name]; !twice { // the first one counts
			p[name] = words[1:]
		}
	}
	return p
}

// first gives the value of the first directive that there is.
func (p policy) first(names ...string) (sources []string, ok bool) {
	for _, name := range names {
		if sources, ok = p[name]; ok {
			return sources, true
		}
	}
	return nil, false
}

// script says what one policy wants.
func (p policy) script(r *http.Request) (nonce string, ok bool) {
	if allowed, boxed := p["sandbox"]; boxed && (!has(allowed, "allow-scripts") || !has(allowed, "allow-same-origin")) {
		return "", false
	}
	if sources, ruled := p.first("connect-src", "default-src"); ruled && !ownOrigin(sources, r) {
		return "", false
	}
	sources, ruled := p.first("script-src-elem", "script-src", "default-src")
	if !ruled {
		return "", true
	}
	if nonce = nonceOf(sources); nonce != "" {
		return nonce, true
	}
	return "", !has(sources, "'strict-dynamic'") && ownOrigin(sources, r)
}

func has(words []string, word string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.EqualFold(w, word) })
}

// ownOrigin reports whether sources let in what comes from where the page does.
func ownOrigin(sources []string, r *http.Request) bool {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	for _, own := range []string{"'self'", "*", "http:", scheme + ":", r.Host, scheme + "://" + r.Host} {
		if has(sources, own) {
			return true
		}
	}
	return false
}

// nonceOf is the nonce of sources, "" when there is none that can stand in an
// attribute.
func nonceOf(sources []string) string {
	for _, s := range sources {
		if len(s) > len("'nonce-'") && strings.EqualFold(s[:len("'nonce-")], "'nonce-") && s[len(s)-1] == '\'' {
			if nonce := s[len("'nonce-") : len(s)-1]; strings.Trim(nonce, nonceBytes) == "" {
				return nonce
			}
		}
	}
	return ""
}

const nonceBytes = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_="
