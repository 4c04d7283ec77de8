package gateway

import (
	"net/http"
	"strconv"
	"strings"
)

// hopByHop holds the names, in canonical form, that only a server may send.
var hopByHop = map[string]bool{
	"Connection": true, "Keep-Alive": true, "Proxy-Authenticate": true, "Proxy-Authorization": true,
	"Proxy-Connection": true, "Te": true, "Trailer": true, "Trailers": true,
	"Transfer-Encoding": true, "Upgrade": true,
}

// parseStatus gives the code of a status line "NNN reason".
func parseStatus(status string) (int, error) {
	if len(status) < 4 || status[3] != ' ' || !isDigits(status[:3]) {
		return 0, &StatusError{status, `it must be three digits, a space and a reason, such as "200 OK"`}
	}
	if i := indexControl(status, false); i >= 0 {
		return 0, &StatusError{status, "it holds a control character"}
	}
	code, _ := strconv.Atoi(status[:3]) // three digits cannot fail
	switch {
	case code < 100:
		return 0, &StatusError{status, "codes begin at 100"}
	case code < 200:
		return 0, &StatusError{status, "a 1xx status is an interim one and ends no request; " +
			"gateway.EarlyHints sends a 103, and an upgrade is not possible through start_response"}
	}
	return code, nil
}

// checkHeaders gives a copy of h with the blanks around values cut off, or the
// first reason why h cannot be sent.
func checkHeaders(h Headers) (Headers, error) {
	out := make(Headers, len(h))
	lengths := 0
	for i, f := range h {
		name, value := f[0], strings.Trim(f[1], " \t")
		if err := checkHeader(name, value); err != nil {
			return nil, err
		}
		if strings.EqualFold(name, "Content-Length") {
			lengths++
		}
		out[i] = [2]string{name, value}
	}
	if lengths > 1 {
		return nil, &HeaderError{"Content-Length", out.Get("Content-Length"), "a response has at most one"}
	}
	return out, nil
}

func checkHeader(name, value string) error {
	canonical := http.CanonicalHeaderKey(name)
	switch {
	case !isToken(name):
		return &HeaderError{name, value, "the name must be one or more letters, digits or !#$%&'*+-.^_`|~"}
	case canonical == "Status":
		return &HeaderError{name, value, "the status goes into the first argument of start_response"}
	case hopByHop[canonical]:
		return &HopByHopError{name}
	case indexControl(value, true) >= 0:
		return &HeaderError{name, value, "the value holds a control character; escape it or leave it out"}
	case canonical == "Content-Length":
		if _, err := parseLength(value); err != nil {
			return &HeaderError{name, value, "it must be the number of bytes of the body in decimal digits"}
		}
	}
	return nil
}

// parseLength reads a Content-Length. strconv alone would also take a sign.
func parseLength(s string) (int64, error) {
	if !isDigits(s) {
		return 0, strconv.ErrSyntax
	}
	return strconv.ParseInt(s, 10, 64)
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// isToken reports whether s is a token of RFC 9110 §5.6.2.
func isToken(s string) bool {
	for i := range len(s) {
		if !isTokenByte(s[i]) {
			return false
		}
	}
	return s != ""
}

func isTokenByte(c byte) bool {
	return isAlphanumeric(c) || strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0
}

func isAlphanumeric(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

// indexControl gives the place of the first control character, or -1. Bytes of
// 0x80 and above are none: RFC 9110 §5.5 calls them obs-text.
func indexControl(s string, tabAllowed bool) int {
	for i := range len(s) {
		c := s[i]
		if c == 0x7f || c < ' ' && (c != '\t' || !tabAllowed) {
			return i
		}
	}
	return -1
}
