package datastructures

import (
	"strings"

	"github.com/retort-go/retort/internal/httpfield"
)

// WWWAuthenticate is a WWW-Authenticate field: the challenge of an answer 401.
// It is not safe to change it from several goroutines.
//
// Source: Werkzeug: datastructures/auth.py, WWWAuthenticate; RFC 9110 §11.6.1.
type WWWAuthenticate struct {
	c credentials
	observer
}

// NewWWWAuthenticate gives a challenge of that scheme, without parameters:
//
//	datastructures.NewWWWAuthenticate("basic").Set("realm", "staff")
func NewWWWAuthenticate(scheme string) *WWWAuthenticate {
	return &WWWAuthenticate{c: credentials{scheme: strings.ToLower(scheme)}}
}

// ParseWWWAuthenticate reads a WWW-Authenticate field with one challenge; nil
// for an empty one.
func ParseWWWAuthenticate(field string) *WWWAuthenticate {
	if field == "" {
		return nil
	}
	return &WWWAuthenticate{c: parseCredentials(field)}
}

// Type is the scheme in lower case.
func (w *WWWAuthenticate) Type() string { return w.c.scheme }

// Token gives the token of a scheme that has one instead of parameters.
func (w *WWWAuthenticate) Token() string { return w.c.token }

// HasToken reports whether there is a token, be it empty.
func (w *WWWAuthenticate) HasToken() bool { return w.c.hasToken }

// SetToken puts a token in the place of the parameters.
func (w *WWWAuthenticate) SetToken(token string) {
	w.c.token, w.c.hasToken, w.c.params = token, true, nil
	w.changed()
}

// Lookup gives a parameter.
func (w *WWWAuthenticate) Lookup(name string) (value string, ok bool) {
	p, ok := w.c.params.Lookup(name)
	return p.Value, ok
}

// Get gives a parameter, "" when there is none.
func (w *WWWAuthenticate) Get(name string) string {
	value, _ := w.Lookup(name)
	return value
}

// Parameters gives the names of the parameters and their values; a parameter
// without a value has "".
func (w *WWWAuthenticate) Parameters() map[string]string {
	m := make(map[string]string, len(w.c.params))
	for _, p := range w.c.params {
		m[p.Name] = p.Value
	}
	return m
}

// Set gives a parameter a value and takes a token away. It returns w.
func (w *WWWAuthenticate) Set(name, value string) *WWWAuthenticate {
	w.c.token, w.c.hasToken = "", false
	w.c.params = w.c.params.Set(httpfield.Param{Name: name, Value: value})
	w.changed()
	return w
}

// Delete takes a parameter away.
func (w *WWWAuthenticate) Delete(name string) {
	if _, ok := w.Lookup(name); ok {
		w.c.params = w.c.params.Delete(name)
		w.changed()
	}
}

// String gives the field. A Digest challenge has those parameters in quotes
// that RFC 7616 wants so.
func (w *WWWAuthenticate) String() string {
	switch {
	case w.c.hasToken:
		return title(w.c.scheme) + " " + w.c.token
	case len(w.c.params) == 0:
		return title(w.c.scheme)
	case w.c.scheme != "digest":
		return title(w.c.scheme) + " " + httpfield.FormatDict(w.c.params)
	}
	items := make([]string, len(w.c.params))
	for i, p := range w.c.params {
		items[i] = p.String()
		switch p.Name {
		case "realm", "domain", "nonce", "opaque", "qop":
			items[i] = p.Name + "=" + httpfield.QuoteString(p.Value)
		}
	}
	return "Digest " + strings.Join(items, ", ")
}
