package gateway

import "strings"

// URL puts the URL of the request together again: scheme, Host field (or
// SERVER_NAME and, unless it is the scheme's own, SERVER_PORT), the quoted
// SCRIPT_NAME and PATH_INFO, and the query string if there is one.
//
// PEP 3333, "URL Reconstruction".
func (e *Environ) URL() string {
	return e.scheme() + "://" + e.host() + e.target()
}

func (e *Environ) scheme() string {
	if e.URLScheme == "" {
		return "http"
	}
	return e.URLScheme
}

func (e *Environ) host() string {
	if host := e.Value("HTTP_HOST"); host != "" {
		return host
	}
	name, port := e.Value("SERVER_NAME"), e.Value("SERVER_PORT")
	if port == "" || port == "80" && e.scheme() == "http" || port == "443" && e.scheme() == "https" {
		return name
	}
	return name + ":" + port
}

// target is the path and query as a request line would have them.
func (e *Environ) target() string {
	target := quotePath(e.Value("SCRIPT_NAME")) + quotePath(e.Value("PATH_INFO"))
	if query := e.Value("QUERY_STRING"); query != "" {
		target += "?" + query
	}
	return target
}

// quotePath percent-encodes all bytes but those that PEP 3333 leaves alone: the
// unreserved ones and "/;=,".
func quotePath(path string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(path) {
		c := path[i]
		if isAlphanumeric(c) || strings.IndexByte("-._~/;=,", c) >= 0 {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(hex[c>>4])
		b.WriteByte(hex[c&15])
	}
	return b.String()
}
