package gateway

import "strings"

// environKey is the context key of the environ that a request was made from.
type environKey struct{}

// saysMore reports whether e holds what the request does not that is made of it.
func (e *Environ) saysMore() bool {
	return e.r == nil || e.vars != nil || e.from != nil || len(e.base.vars) > 0 || !e.Multithread || e.Multiprocess || e.RunOnce
}

// follow takes over what the environ said that the request was made from.
func (e *Environ) follow(from *Environ, cfg *config) {
	e.from = from
	e.Multithread, e.Multiprocess, e.RunOnce = from.Multithread, from.Multiprocess, from.RunOnce
	if cfg.log == nil && from.Errors != nil {
		e.Errors = from.Errors
	}
}

// inherits reports whether a variable that does not follow from the request is
// looked for in the environ that the request was made from. Those of the client's
// fields are not: code in between has taken out what is not there.
func (e *Environ) inherits(key string) bool {
	if strings.HasPrefix(key, "HTTP_") {
		return false
	}
	if _, derived := variables[key]; derived {
		return e.r.TLS != nil && strings.HasPrefix(key, "SSL_")
	}
	return true
}

func (e *Environ) inheritAll(vars map[string]string) {
	for key, v := range e.from.All() {
		if _, known := vars[key]; !known && e.inherits(key) {
			vars[key] = v
		}
	}
}
