package gateway

import (
	"net/http"
	"slices"
	"strings"
)

// Headers is the header list of a response at the wire: name and value, in the
// order in which they are sent, a name as often as it has values. A literal
// reads like WSGI's list of tuples:
//
//	gateway.Headers{{"Content-Type", "text/plain"}, {"Set-Cookie", "a=1"}}
//
// Names compare without case. The zero value is an empty list. Not safe for
// concurrent changes. Everywhere else http.Header is the header type; see
// [HeadersFrom] and [Headers.HTTP].
type Headers [][2]string

// HeadersFrom lists h by name in byte order, the values of a name in their order.
func HeadersFrom(h http.Header) Headers {
	list := make(Headers, 0, len(h))
	for name, values := range h {
		for _, value := range values {
			list = append(list, [2]string{name, value})
		}
	}
	slices.SortStableFunc(list, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) })
	return list
}

// HTTP gives the list as an http.Header: names in canonical form, the order
// between different names lost.
func (h Headers) HTTP() http.Header {
	m := make(http.Header, len(h))
	for _, f := range h {
		m.Add(f[0], f[1])
	}
	return m
}

// Get gives the first value of name, or "".
func (h Headers) Get(name string) string {
	if i := h.index(name); i >= 0 {
		return h[i][1]
	}
	return ""
}

// Has reports whether name has a value, an empty one included.
func (h Headers) Has(name string) bool { return h.index(name) >= 0 }

// Values gives all values of name in order, nil if there is none.
func (h Headers) Values(name string) []string {
	var values []string
	for _, f := range h {
		if strings.EqualFold(f[0], name) {
			values = append(values, f[1])
		}
	}
	return values
}

// Add appends a value of name; others stay.
func (h *Headers) Add(name, value string) { *h = append(*h, [2]string{name, value}) }

// Set leaves value as the only one of name, at the place of the first.
func (h *Headers) Set(name, value string) {
	i := h.index(name)
	if i < 0 {
		h.Add(name, value)
		return
	}
	rest := (*h)[i+1:]
	rest.Del(name)
	*h = append((*h)[:i], append(Headers{{name, value}}, rest...)...)
}

// Del removes all values of name.
func (h *Headers) Del(name string) {
	*h = slices.DeleteFunc(*h, func(f [2]string) bool { return strings.EqualFold(f[0], name) })
}

// Clone gives a copy that shares nothing with h; nil stays nil.
func (h Headers) Clone() Headers { return slices.Clone(h) }

func (h Headers) index(name string) int {
	return slices.IndexFunc(h, func(f [2]string) bool { return strings.EqualFold(f[0], name) })
}
