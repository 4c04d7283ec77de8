package accesslog

import "net/http"

// Claimed is a ResponseWriter of somebody who writes an access line.
type Claimed interface {
	// ClaimAccessLine leaves the line of this request to who calls it.
	ClaimAccessLine()
}

// Claim tells whoever further out would log the request, as the server, that the
// caller does: w is the writer that the caller was given. So there is one line
// for each request, whoever is asked to write them.
func Claim(w http.ResponseWriter) {
	for {
		if c, ok := w.(Claimed); ok {
			c.ClaimAccessLine()
			return
		}
		u, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			return
		}
		w = u.Unwrap()
	}
}
