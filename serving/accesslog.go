package serving

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/retort-go/retort/internal/accesslog"
	"github.com/retort-go/retort/internal/mask"
	"github.com/retort-go/retort/internal/terminal"
)

// logWriter serialises everything that the server logs: one Write of the
// underlying writer for each line, never two at a time. buf is only touched
// under mu, so an access line costs no allocation.
type logWriter struct {
	color    bool
	noAccess bool

	mu  sync.Mutex
	w   io.Writer
	buf []byte
}

func newLogWriter(o Options) *logWriter {
	return &logWriter{w: o.Log, color: o.Color.enabled(o.Log), noAccess: o.NoAccessLog}
}

// Write passes p on in one call. It is the sink of the http.Server's ErrorLog.
func (l *logWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

// access writes the line of one finished request. A failing Log is ignored: a
// full disk must not fail requests.
func (l *logWriter) access(e *accesslog.Exchange, now time.Time) {
	if l.noAccess {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.buf = e.AppendLine(l.buf[:0], now, l.color)
	l.w.Write(l.buf)
}

// panicked writes the trace of a handler's panic, without the credentials of its
// request and of the environment.
func (l *logWriter) panicked(e *accesslog.Exchange, r *http.Request, value any, stack []byte) {
	var secrets mask.Secrets
	secrets.AddEnviron(os.Environ())
	secrets.AddRequest(r, "")
	line := fmt.Appendf(nil, "panic while answering ")
	line = accesslog.AppendTarget(line, secrets.Text(e.Method+" "+e.Target))
	fmt.Fprintf(l, "%s for %s: %s\n%s", line, accesslog.Host(e.Remote), terminal.Text(secrets.Text(fmt.Sprint(value))), stack)
}
