package middleware

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/retort-go/retort/internal/accesslog"
	"github.com/retort-go/retort/internal/requestid"
)

// AccessLog writes a record for each request to l, when it is over, on any
// server:
//
//	app.Use(middleware.AccessLog(app.Logger))
//
// It has the level INFO, the message "request" and the attributes
//
//	remote    the address of the peer, without its port
//	method    as it was sent
//	target    as it was sent, percent-encoded
//	status    0 when the connection was cut or taken over before there was one
//	size      the bytes of the body that were written
//	duration  from when the request reached AccessLog to when its handler ended;
//	          JSON has nanoseconds
//
// and, when l is the logger of an app, request_id. A handler that panics before
// it has answered counts as a 500, which is what servers make of it.
//
// The servers of this module leave out their own line for a request that is
// logged so, and of several AccessLogs around each other the innermost writes
// the record: there is one for each request. Put it outermost all the same, so
// that it sees what other middleware answers. The target is data of a client;
// slog's handlers and that of an app escape it.
//
// It panics when l is nil.
//
// Source: Werkzeug: serving.py, WSGIRequestHandler.log_request, as middleware.
func AccessLog(l *slog.Logger) func(http.Handler) http.Handler {
	if l == nil {
		panic("middleware: AccessLog takes a *slog.Logger, not nil; without AccessLog nothing is logged")
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			accesslog.Claim(w)
			if requestid.FromContext(r.Context()) == nil {
				r = r.WithContext(requestid.NewContext(r.Context(), new(requestid.ID)))
			}
			aw := &accessWriter{ResponseWriter: w, exchange: accesslog.New(r), began: time.Now()}
			returned := false
			defer func() {
				if !returned && aw.exchange.Status == 0 && !aw.hijacked {
					aw.exchange.Status = http.StatusInternalServerError
				}
				aw.log(r.Context(), l)
			}()
			next.ServeHTTP(aw, r)
			returned = true
			aw.begin(http.StatusOK)
		})
	}
}

// accessWriter is the ResponseWriter of a handler behind [AccessLog].
type accessWriter struct {
	http.ResponseWriter
	exchange accesslog.Exchange
	began    time.Time
	size     int64
	hijacked bool
	claimed  bool // another AccessLog further in writes the record
}

func (w *accessWriter) log(ctx context.Context, l *slog.Logger) {
	if w.claimed {
		return
	}
	e := &w.exchange
	l.LogAttrs(ctx, slog.LevelInfo, "request",
		slog.String("remote", accesslog.Host(e.Remote)),
		slog.String("method", e.Method),
		slog.String("target", e.Target),
		slog.Int("status", e.Status),
		slog.Int64("size", w.size),
		slog.Duration("duration", time.Since(w.began)))
}

// ClaimAccessLine implements [accesslog.Claimed].
func (w *accessWriter) ClaimAccessLine() { w.claimed = true }

// begin notes the final status, the first that comes.
func (w *accessWriter) begin(status int) {
	if w.exchange.Status == 0 && !w.hijacked && (status >= 200 || status == http.StatusSwitchingProtocols) {
		w.exchange.Status = status
	}
}

// WriteHeader implements [http.ResponseWriter].
func (w *accessWriter) WriteHeader(status int) {
	w.begin(status)
	w.ResponseWriter.WriteHeader(status)
}

// Write implements [http.ResponseWriter].
func (w *accessWriter) Write(p []byte) (int, error) {
	w.begin(http.StatusOK)
	n, err := w.ResponseWriter.Write(p)
	w.size += int64(n)
	return n, err
}

// WriteString implements [io.StringWriter].
func (w *accessWriter) WriteString(s string) (int, error) {
	w.begin(http.StatusOK)
	n, err := io.WriteString(w.ResponseWriter, s)
	w.size += int64(n)
	return n, err
}

// ReadFrom implements [io.ReaderFrom]: the server may use sendfile(2).
func (w *accessWriter) ReadFrom(src io.Reader) (int64, error) {
	w.begin(http.StatusOK)
	n, err := io.Copy(w.ResponseWriter, src)
	w.size += n
	return n, err
}

// Flush implements [http.Flusher].
func (w *accessWriter) Flush() { _ = w.FlushError() }

// FlushError is Flush for [http.ResponseController].
func (w *accessWriter) FlushError() error {
	w.begin(http.StatusOK)
	return http.NewResponseController(w.ResponseWriter).Flush()
}

// Hijack implements [http.Hijacker].
func (w *accessWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	w.hijacked = w.hijacked || err == nil
	return conn, rw, err
}

// Unwrap is for [http.ResponseController].
func (w *accessWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
