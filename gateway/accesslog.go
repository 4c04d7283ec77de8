package gateway

import (
	"io"
	"net/http"
	"time"

	"github.com/retort-go/retort/internal/accesslog"
)

// logAccess writes the line of one request, unless middleware does. It takes
// everything from the server's own request: the app may have changed its environ
// in any way.
func (x *exchange) logAccess(w io.Writer, r *http.Request) {
	if x.claimed.Load() {
		return
	}
	e := accesslog.New(r)
	e.Target, e.Status, e.Size = requestURI(r), x.code, x.size
	_, _ = w.Write(e.AppendLine(nil, time.Now(), false)) // a log that cannot be written must not fail requests
}

// ClaimAccessLine implements [accesslog.Claimed], also for the servers further
// out.
func (x *exchange) ClaimAccessLine() {
	x.claimed.Store(true)
	accesslog.Claim(x.w)
}

// ClaimAccessLine implements [accesslog.Claimed].
func (w *handlerWriter) ClaimAccessLine() {
	if w.outer != nil {
		w.outer.ClaimAccessLine()
	}
}
