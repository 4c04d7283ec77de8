package serving

import (
	"bufio"
	"io"
	"io/fs"
	"net"
	"net/http"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/retort-go/retort/internal/accesslog"
)

// progressStep is how much of a response is written under one deadline. With
// the default of 60 s a client must take 4.4 KB/s.
const progressStep = 256 << 10

// responseWriter is the ResponseWriter of every handler: net/http's, and what
// the access line, the stop and the progress deadlines need to know. One
// request allocates one of them, body and sources included, and nothing else.
type responseWriter struct {
	http.ResponseWriter
	exchange accesslog.Exchange
	server   *Server
	oneZero  bool // HTTP/1.0
	hijacked bool
	claimed  bool // middleware writes the access line

	reads, writes progress
	body          progressBody
	source        progressSource
	step          io.LimitedReader
}

// record wraps h in what every request needs: deadlines, recovery from panics
// and the access line.
func (s *Server) record(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rw := &responseWriter{ResponseWriter: w, exchange: accesslog.New(r), server: s, oneZero: !r.ProtoAtLeast(1, 1)}
		if s.options.tls != nil {
			r.TLS = connectionState(r.Context())
		}
		rw.reads.timeout, rw.writes.timeout = s.options.ProgressTimeout, s.options.ProgressTimeout
		if r.Body != nil && r.Body != http.NoBody {
			rw.body = progressBody{ReadCloser: r.Body, w: rw}
			r.Body = &rw.body
			rw.moveRead()
		}
		defer rw.end(r)
		h.ServeHTTP(rw, r)
	})
}

// end finishes the exchange. net/http sends what is buffered and reads the rest
// of a small body after this, both under the deadlines that are set here.
func (w *responseWriter) end(r *http.Request) {
	if v := recover(); v != nil {
		w.panicked(r, v, debug.Stack())
		return
	}
	w.finish()
}

func (w *responseWriter) finish() {
	if !w.hijacked {
		w.commit(http.StatusOK)
		w.writes.renew()
		w.moveWrite()
		if w.body.w != nil && !w.body.ended {
			w.reads.renew()
			w.moveRead()
		}
	}
	w.logAccess()
}

func (w *responseWriter) logAccess() {
	if !w.claimed {
		w.server.log.access(&w.exchange, time.Now())
	}
}

// ClaimAccessLine implements [accesslog.Claimed].
func (w *responseWriter) ClaimAccessLine() { w.claimed = true }

// panicked answers 500 if no answer has begun; otherwise it cuts the connection,
// so that the client cannot take half an answer for a whole one.
func (w *responseWriter) panicked(r *http.Request, v any, stack []byte) {
	if v != http.ErrAbortHandler {
		w.server.log.panicked(&w.exchange, r, v, stack)
		if w.exchange.Status == 0 {
			http.Error(w, "Internal Server Error", http.StatusInternalServerError)
			w.finish()
			return
		}
	}
	w.logAccess()
	if !w.hijacked {
		panic(http.ErrAbortHandler)
	}
}

// commit notes the final status, the first that comes, while the header can
// still say that the connection ends.
func (w *responseWriter) commit(status int) {
	if w.exchange.Status != 0 {
		return
	}
	w.exchange.Status = status
	if status != http.StatusSwitchingProtocols && (w.oneZero || w.server.options.closeEach || w.server.stopping.Load()) {
		w.Header().Set("Connection", "close")
	}
}

// WriteHeader implements [http.ResponseWriter]. Informational answers pass.
func (w *responseWriter) WriteHeader(status int) {
	if status >= 200 || status == http.StatusSwitchingProtocols {
		w.commit(status)
	}
	w.moveWrite()
	w.ResponseWriter.WriteHeader(status)
}

// Write implements [http.ResponseWriter].
func (w *responseWriter) Write(p []byte) (n int, err error) {
	w.commit(http.StatusOK)
	for len(p) > progressStep && err == nil {
		var m int
		m, err = w.write(p[:progressStep])
		n, p = n+m, p[m:]
	}
	if err != nil {
		return n, err
	}
	m, err := w.write(p)
	return n + m, err
}

func (w *responseWriter) write(p []byte) (int, error) {
	w.moveWrite()
	return w.ResponseWriter.Write(p)
}

// WriteString implements [io.StringWriter], as net/http's writer does.
func (w *responseWriter) WriteString(s string) (n int, err error) {
	w.commit(http.StatusOK)
	for len(s) > progressStep && err == nil {
		var m int
		m, err = w.writeString(s[:progressStep])
		n, s = n+m, s[m:]
	}
	if err != nil {
		return n, err
	}
	m, err := w.writeString(s)
	return n + m, err
}

func (w *responseWriter) writeString(s string) (int, error) {
	w.moveWrite()
	return io.WriteString(w.ResponseWriter, s)
}

// ReadFrom implements [io.ReaderFrom]. A regular file goes down as it is, a step
// at a time, so that the system can send it; any other source is read through a
// reader that starts the write's time anew when the source has delivered,
// because waiting for a slow source is not waiting for a slow client.
func (w *responseWriter) ReadFrom(src io.Reader) (int64, error) {
	w.commit(http.StatusOK)
	rf, ok := w.ResponseWriter.(io.ReaderFrom)
	if !ok {
		return io.Copy(writerOnly{w}, src)
	}
	limited, _ := src.(*io.LimitedReader)
	if limited == nil && isRegularFile(src) {
		limited = &io.LimitedReader{R: src, N: 1<<63 - 1}
	}
	if limited != nil && isRegularFile(limited.R) {
		return w.sendFile(rf, limited)
	}
	w.source = progressSource{Reader: src, w: w}
	return rf.ReadFrom(&w.source)
}

// sendFile sends what limited leaves of a file. It ends at the limit, at the
// file's end or at an error.
func (w *responseWriter) sendFile(rf io.ReaderFrom, limited *io.LimitedReader) (n int64, err error) {
	for limited.N > 0 && err == nil {
		w.moveWrite()
		want := min(limited.N, progressStep)
		w.step = io.LimitedReader{R: limited.R, N: want}
		var sent int64
		sent, err = rf.ReadFrom(&w.step)
		n += sent
		limited.N -= want - w.step.N
		if w.step.N > 0 {
			break
		}
	}
	return n, err
}

// isRegularFile reports whether r is a file that sendfile takes: an *os.File or
// what io.Copy makes of one, but not a pipe or a terminal.
func isRegularFile(r io.Reader) bool {
	f, ok := r.(interface {
		syscall.Conn
		Stat() (fs.FileInfo, error)
	})
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode().IsRegular()
}

// Flush implements [http.Flusher].
func (w *responseWriter) Flush() { _ = w.FlushError() }

// FlushError is Flush for [http.ResponseController].
func (w *responseWriter) FlushError() error {
	w.commit(http.StatusOK)
	w.moveWrite()
	return http.NewResponseController(w.ResponseWriter).Flush()
}

// Hijack implements [http.Hijacker]. The access line, written when the handler
// returns, has the status 101 unless another was set before.
func (w *responseWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err == nil {
		w.hijacked = true
		if w.exchange.Status == 0 {
			w.exchange.Status = http.StatusSwitchingProtocols
		}
	}
	return c, rw, err
}

// SetReadDeadline leaves the deadline of the body to the handler from now on.
func (w *responseWriter) SetReadDeadline(t time.Time) error {
	w.reads.timeout = 0
	return http.NewResponseController(w.ResponseWriter).SetReadDeadline(t)
}

// SetWriteDeadline leaves the deadline of the response to the handler from now on.
func (w *responseWriter) SetWriteDeadline(t time.Time) error {
	w.writes.timeout = 0
	return http.NewResponseController(w.ResponseWriter).SetWriteDeadline(t)
}

// Unwrap is for [http.ResponseController].
func (w *responseWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
