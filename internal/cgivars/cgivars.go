// Package cgivars holds what the gateways on the wire have in common: the
// variables that a web server sends ahead of a request, how many there may be,
// and which of them are believed. It does no input or output.
//
// Source: RFC 3875; PEP 3333.
package cgivars

import (
	"fmt"
	"strings"
)

// Limits of one request's variables.
const (
	MaxBytes = 64 << 10 // of the whole block, as it is on the wire
	MaxCount = 1000     // variables, those that are dropped included
)

// The statuses of a Refusal.
const (
	badRequest = 400
	tooLarge   = 431 // Request Header Fields Too Large
)

// Refusal is why a request is not taken. The text is for the log; the client
// gets the status.
type Refusal struct {
	Status int // 400, or 431 for a limit
	Reason string
}

// Error gives the reason.
func (e *Refusal) Error() string { return e.Reason }

// Malformed is a Refusal of a block that cannot be read.
func Malformed(format string, args ...any) *Refusal {
	return &Refusal{badRequest, fmt.Sprintf(format, args...)}
}

// TooLarge is a Refusal of a block of n bytes.
func TooLarge(n int) *Refusal {
	return &Refusal{tooLarge,
		fmt.Sprintf("the variables take %d bytes; at most %d are read", n, MaxBytes)}
}

// Vars are the variables of one request. The zero value has none.
type Vars struct {
	byName map[string]string
	count  int
}

// ByName gives the variables that were kept; nil if there are none. The map is
// the caller's.
func (v *Vars) ByName() map[string]string { return v.byName }

// onlyOnce are the variables by which two servers must not read one request as
// two different ones: different values are refused.
var onlyOnce = map[string]bool{
	"CONTENT_LENGTH": true, "CONTENT_TYPE": true, "REQUEST_METHOD": true, "REQUEST_URI": true,
	"QUERY_STRING": true, "SERVER_PROTOCOL": true, "SCRIPT_NAME": true, "PATH_INFO": true, "HTTP_HOST": true,
}

// oneLine are the variables beside those of fields that come from one line of a
// request, or stand for what a line of a log or a header is made of.
var oneLine = map[string]bool{
	"CONTENT_TYPE": true, "QUERY_STRING": true, "REQUEST_SCHEME": true, "SERVER_NAME": true, "SERVER_PORT": true,
	"SERVER_PROTOCOL": true, "REMOTE_ADDR": true, "REMOTE_PORT": true, "REMOTE_USER": true, "AUTH_TYPE": true,
}

// dropped are the variables of fields that are the connection's affair and were
// dealt with, of fields that have a variable of their own, and HTTP_PROXY, which
// programs take for their own setting (httpoxy).
var dropped = map[string]bool{
	"HTTP_PROXY": true, "HTTP_TE": true, "HTTP_TRAILER": true, "HTTP_TRANSFER_ENCODING": true,
	"HTTP_KEEP_ALIVE": true, "HTTP_PROXY_CONNECTION": true,
	"HTTP_CONTENT_TYPE": true, "HTTP_CONTENT_LENGTH": true,
}

// Add takes one variable as it came. What is not believed is left out without a
// word: names other than letters, digits, "_" and "." after a letter; HTTP_
// names that no field can have; the settings UWSGI_* and wsgi.*, by which a
// client could command a server; the fields of the connection; and HTTP_PROXY.
//
// A field that came several times is joined with "," (Cookie with "; "); of any
// other variable the last value counts, as the web server's configuration has
// it. The error is a *[Refusal]: an empty name, too many variables, two values
// where there can be one, or a line break or NUL in a field or in another variable
// that is one line.
func (v *Vars) Add(name, value string) error {
	if v.count++; v.count > MaxCount {
		return &Refusal{tooLarge,
			fmt.Sprintf("there are more than %d variables", MaxCount)}
	}
	if name == "" {
		return Malformed("a variable has no name")
	}
	if !believed(name) {
		return nil
	}
	field := strings.HasPrefix(name, "HTTP_")
	if (field || oneLine[name]) && strings.ContainsAny(value, "\r\n\x00") {
		return Malformed("the variable %s holds a line break or NUL", name)
	}
	old, again := v.byName[name]
	switch {
	case !again || old == value && !field:
	case onlyOnce[name] && old != value:
		return Malformed("the variable %s has two values, %q and %q", name, old, value)
	case name == "HTTP_COOKIE":
		value = old + "; " + value
	case field && !onlyOnce[name]:
		value = old + "," + value
	}
	if v.byName == nil {
		v.byName = make(map[string]string, 32)
	}
	v.byName[name] = value
	return nil
}

// believed reports whether a variable of this name is kept.
func believed(name string) bool {
	if !isLetter(name[0]) {
		return false
	}
	upper := true
	for i := range len(name) {
		switch c := name[i]; {
		case 'a' <= c && c <= 'z' || c == '.':
			upper = false
		case isLetter(c), '0' <= c && c <= '9', c == '_':
		default:
			return false
		}
	}
	switch {
	case hasPrefixFold(name, "HTTP_"):
		return upper && len(name) > len("HTTP_") && !dropped[name]
	case hasPrefixFold(name, "UWSGI_"), hasPrefixFold(name, "wsgi."):
		return false
	}
	return true
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}
