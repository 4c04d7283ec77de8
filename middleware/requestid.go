package middleware

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/retort-go/retort/internal/requestid"
)

// RequestIDOptions configures [RequestIDWith]. The zero value is that of
// [RequestID].
type RequestIDOptions struct {
	// Header is the field that carries the ID. Default: X-Request-ID.
	Header string
	// Trust takes the ID that comes with the request: for a server that only a
	// proxy reaches, which sets the field itself. An ID that is longer than 128
	// bytes or has anything but letters, digits and "-_.:+/=@" is not taken.
	Trust bool
}

// RequestID gives each request an ID, in the response's X-Request-ID field and in
// the records that the app logs for it. A client cannot choose it; see
// [RequestIDOptions].
func RequestID() func(http.Handler) http.Handler { return RequestIDWith(RequestIDOptions{}) }

// RequestIDWith is [RequestID] with another field, or for requests that come from
// a proxy that names them. It panics when Header is no name of a field.
func RequestIDWith(o RequestIDOptions) func(http.Handler) http.Handler {
	name := "X-Request-Id"
	if o.Header != "" {
		name = http.CanonicalHeaderKey(o.Header)
	}
	if strings.ContainsFunc(name, func(r rune) bool { return !isTokenRune(r) }) {
		panic(fmt.Sprintf("middleware: RequestID: %q is no name of a field", o.Header))
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			id := new(requestid.ID)
			if values := r.Header[name]; o.Trust && len(values) == 1 && isRequestID(values[0]) {
				id = requestid.Of(values[0])
			}
			w.Header()[name] = []string{id.String()}
			next.ServeHTTP(w, r.WithContext(requestid.NewContext(r.Context(), id)))
		})
	}
}

// isRequestID reports whether s can be written into a log and a field.
func isRequestID(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case c == '-' || c == '_' || c == '.' || c == ':' || c == '+' || c == '/' || c == '=' || c == '@':
		default:
			return false
		}
	}
	return s != "" && len(s) <= 128
}
