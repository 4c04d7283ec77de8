package gateway

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// logAccess writes the line of one request. It takes everything from the
// server's own request: the app may have changed its environ in any way.
func logAccess(w io.Writer, r *http.Request, x *exchange) {
	host, _, ok := splitAddr(r.RemoteAddr)
	if !ok {
		host = "-"
	}
	line := escapeControl(r.Method + " " + requestURI(r) + " " + r.Proto)
	// A log that cannot be written must not fail requests.
	_, _ = fmt.Fprintf(w, "%s - - [%s] \"%s\" %d %d\n",
		host, time.Now().Format("02/Jan/2006 15:04:05"), line, x.code, x.size)
}

// escapeControl spells control characters, quotes and backslashes out: a client
// must not be able to write lines or fields of the log.
func escapeControl(s string) string {
	var b strings.Builder
	for i := range len(s) {
		switch c := s[i]; {
		case c < ' ' || c == 0x7f:
			fmt.Fprintf(&b, `\x%02x`, c)
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}
