package urlmap

import "strings"

// Query is one look-up.
type Query struct {
	Domain    string // subdomain or host, as the map's options say; "" otherwise
	Path      string // percent-decoded path, as http.Request.URL.Path has it
	Method    string
	WebSocket bool

	// Accept is asked for each rule with Spec.Conditional whose path, method and
	// kind agree; false lets the search go on as if the rule were not there. Nil
	// accepts every rule.
	Accept func(*Rule) bool
}

// Outcome says how a look-up ended.
type Outcome uint8

// The outcomes of a look-up.
const (
	NotFound          Outcome = iota // 404
	Found                            // Match.Rule and Match.Values are set
	Redirected                       // Adapter.RedirectURL(match) gives the target
	MethodNotAllowed                 // 405; Match.Allow holds the methods
	WebSocketMismatch                // 400: the path exists, but only for the other kind of request
)

// String returns the outcome in words, as [Explanation] prints it.
func (o Outcome) String() string {
	switch o {
	case Found:
		return "found"
	case Redirected:
		return "redirected"
	case MethodNotAllowed:
		return "method not allowed"
	case WebSocketMismatch:
		return "websocket mismatch"
	default:
		return "not found"
	}
}

// normalPath returns the path as the search wants it: with exactly one leading
// slash, or empty.
//
// Werkzeug: routing/map.py, MapAdapter.match. Extra leading slashes vanish
// without a redirect, whatever MergeSlashes says; the empty path lacks the slash
// of the rule "/" and is redirected to it.
func normalPath(path string) string {
	if len(path) > 1 && path[0] == '/' && path[1] != '/' {
		return path
	}
	return oneSlash(path)
}

// oneSlash is normalPath for paths that are not normal.
func oneSlash(path string) string {
	if path == "" || path == "/" {
		return path
	}
	rest := strings.TrimLeft(path, "/")
	if len(rest) < len(path) {
		return path[len(path)-len(rest)-1:]
	}
	return "/" + path
}
