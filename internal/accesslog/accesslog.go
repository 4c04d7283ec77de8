// Package accesslog is the line that a server logs for each request, and who
// logs it when several could.
package accesslog

import (
	"net"
	"net/http"
	"strconv"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/retort-go/retort/internal/terminal"
)

// Exchange is what an access line tells. It is filled before the handler runs,
// because a handler may change its request; only Status and Size come
// afterwards.
type Exchange struct {
	Remote string // RemoteAddr as net/http gives it, with port
	Method string
	Target string // as sent, percent-encoded
	Proto  string
	Status int   // 0: the connection was cut before any answer
	Size   int64 // bytes of the body; below zero: nobody counted
}

// New takes what there is of r.
func New(r *http.Request) Exchange {
	return Exchange{Remote: r.RemoteAddr, Method: r.Method, Target: r.RequestURI, Proto: r.Proto, Size: -1}
}

// AppendLine appends e in Werkzeug's form of the common log format:
//
//	127.0.0.1 - - [20/Nov/2026 23:49:55] "GET / HTTP/1.1" 200 -
//
// A status or size that is not known is "-".
//
// Werkzeug: serving.py, WSGIRequestHandler.log.
func (e *Exchange) AppendLine(b []byte, now time.Time, color bool) []byte {
	b = terminal.AppendPrintable(b, Host(e.Remote))
	b = append(b, " - - ["...)
	b = now.AppendFormat(b, "02/Jan/2006 15:04:05")
	b = append(b, `] "`...)
	st := terminal.Plain
	if color {
		st = StatusStyle(e.Status)
	}
	b = append(b, st...)
	b = AppendTarget(b, e.Method)
	b = append(b, ' ')
	b = AppendTarget(b, e.Target)
	b = append(b, ' ')
	b = AppendTarget(b, e.Proto)
	if st != terminal.Plain {
		b = append(b, terminal.Reset...)
	}
	b = append(b, `" `...)
	b = appendNumber(b, int64(e.Status), e.Status != 0)
	b = append(b, ' ')
	b = appendNumber(b, e.Size, e.Size >= 0)
	return append(b, '\n')
}

func appendNumber(b []byte, n int64, known bool) []byte {
	if !known {
		return append(b, '-')
	}
	return strconv.AppendInt(b, n, 10)
}

// StatusStyle is the style of an access line by status code.
//
// Differs from Werkzeug: every 2xx is plain, not 200 alone, because 201 and 204
// are as ordinary as 200 and Werkzeug shows them as it shows server errors.
//
// Werkzeug: serving.py, WSGIRequestHandler.log_request.
func StatusStyle(status int) terminal.Style {
	switch {
	case status == 304:
		return terminal.Cyan
	case status == 404:
		return terminal.Yellow
	}
	switch status / 100 {
	case 1:
		return terminal.Bold
	case 2:
		return terminal.Plain
	case 3:
		return terminal.Green
	case 4:
		return terminal.BoldRed
	}
	return terminal.BoldMagenta
}

// Host is addr without its port; a peer on a Unix socket has no address and is
// <local>, as in Werkzeug.
func Host(addr string) string {
	if addr == "" || addr == "@" {
		return "<local>"
	}
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	return host
}

// AppendTarget appends a request target as a person reads it: percent-encoded
// letters beyond ASCII decoded, everything that could break the line, close its
// quotes or move a terminal's cursor escaped. What it appends is valid UTF-8
// without control characters and without an unescaped quote.
func AppendTarget(b []byte, s string) []byte {
	for i := 0; i < len(s); {
		switch c := s[i]; c {
		case '%':
			if r, n := percentRune(s[i:]); n > 0 {
				b = utf8.AppendRune(b, r)
				i += n
				continue
			}
		case '"', '\\':
			b = append(b, '\\')
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		b = terminal.AppendRune(b, s[i:i+n], r)
		i += n
	}
	return b
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
