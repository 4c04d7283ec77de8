package serving

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"
)

// logWriter serialises everything that the server logs: one Write of the
// underlying writer for each line, never two at a time. buf is only touched
// under mu, so an access line costs no allocation.
type logWriter struct {
	color bool

	mu  sync.Mutex
	w   io.Writer
	buf []byte
}

func newLogWriter(w io.Writer, mode ColorMode) *logWriter {
	return &logWriter{w: w, color: mode.enabled(w)}
}

// Write passes p on in one call. It is the sink of the http.Server's ErrorLog.
func (l *logWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

// access writes the line of one finished request. A failing Log is ignored: a
// full disk must not fail requests.
func (l *logWriter) access(e *exchange, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.buf = appendAccessLine(l.buf[:0], e, now, l.color)
	l.w.Write(l.buf)
}

// panicked writes the trace of a handler's panic.
func (l *logWriter) panicked(e *exchange, value any, stack []byte) {
	line := fmt.Appendf(nil, "panic while answering ")
	line = appendTarget(line, e.method+" "+e.target)
	fmt.Fprintf(l, "%s for %s: %v\n%s", line, remoteHost(e.remote), value, stack)
}

// exchange is what an access line tells. It is filled before the handler runs,
// because a handler may change its request; only status comes afterwards.
type exchange struct {
	remote string // RemoteAddr as net/http gives it, with port
	method string
	target string // as sent, percent-encoded
	proto  string
	status int // 0: the connection was cut before any answer
}

func newExchange(r *http.Request) exchange {
	return exchange{remote: r.RemoteAddr, method: r.Method, target: r.RequestURI, proto: r.Proto}
}

// appendAccessLine appends e in Werkzeug's form of the common log format:
//
//	127.0.0.1 - - [20/Nov/2026 23:49:55] "GET / HTTP/1.1" 200 -
//
// The size is always "-". A status of 0 is "-" too.
//
// Werkzeug: serving.py, WSGIRequestHandler.log.
func appendAccessLine(b []byte, e *exchange, now time.Time, color bool) []byte {
	b = append(b, remoteHost(e.remote)...)
	b = append(b, " - - ["...)
	b = now.AppendFormat(b, "02/Jan/2006 15:04:05")
	b = append(b, `] "`...)
	st := statusStyle(e.status)
	if !color {
		st = stylePlain
	}
	b = append(b, st...)
	b = appendTarget(b, e.method)
	b = append(b, ' ')
	b = appendTarget(b, e.target)
	b = append(b, ' ')
	b = append(b, e.proto...)
	if st != stylePlain {
		b = append(b, styleReset...)
	}
	b = append(b, `" `...)
	if e.status == 0 {
		b = append(b, '-')
	} else {
		b = strconv.AppendInt(b, int64(e.status), 10)
	}
	return append(b, " -\n"...)
}

// remoteHost is addr without its port; a peer on a Unix socket has no address
// and is <local>, as in Werkzeug.
func remoteHost(addr string) string {
	if addr == "" || addr == "@" {
		return "<local>"
	}
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	return host
}

// appendTarget appends a request target as a person reads it: percent-encoded
// letters beyond ASCII decoded, everything that could break the line, close its
// quotes or move a terminal's cursor escaped. What it appends is valid UTF-8
// without control characters and without an unescaped quote.
func appendTarget(b []byte, s string) []byte {
	for i := 0; i < len(s); {
		c := s[i]
		if c == '%' {
			if r, n := percentRune(s[i:]); n > 0 {
				b = utf8.AppendRune(b, r)
				i += n
				continue
			}
		}
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			b = appendRune(b, s[i:i+n], r)
			i += n
			continue
		}
		b = appendASCII(b, c)
		i++
	}
	return b
}

func appendASCII(b []byte, c byte) []byte {
	switch {
	case c < 0x20 || c == 0x7f:
		return appendHex(b, c)
	case c == '"' || c == '\\':
		return append(b, '\\', c)
	}
	return append(b, c)
}

// appendRune appends a rune beyond ASCII, read from raw, or its bytes escaped
// when it is invalid or not printable, as the marks that reverse text are.
func appendRune(b []byte, raw string, r rune) []byte {
	if unicode.IsPrint(r) && !(r == utf8.RuneError && len(raw) == 1) {
		return append(b, raw...)
	}
	for i := range len(raw) {
		b = appendHex(b, raw[i])
	}
	return b
}

func appendHex(b []byte, c byte) []byte {
	const digits = "0123456789abcdef"
	return append(b, '\\', 'x', digits[c>>4], digits[c&15])
}

// percentRune decodes the percent-encoded rune that s begins with. n is the
// number of bytes of s that it takes, 0 unless it is a printable rune beyond
// ASCII in well-formed UTF-8: the rest is better shown as it was sent.
func percentRune(s string) (r rune, n int) {
	var raw [utf8.UTFMax]byte
	size := 0
	for size < len(raw) && len(s) >= 3*size+3 && s[3*size] == '%' {
		hi, lo := unhex(s[3*size+1]), unhex(s[3*size+2])
		if hi < 0 || lo < 0 {
			break
		}
		raw[size] = byte(hi<<4 | lo)
		size++
	}
	r, used := utf8.DecodeRune(raw[:size])
	if r < utf8.RuneSelf || used == 1 || !unicode.IsPrint(r) {
		return 0, 0
	}
	return r, 3 * used
}

// unhex is the value of a hexadecimal digit, -1 for another byte.
func unhex(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}
