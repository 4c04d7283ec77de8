package accesslog

import (
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"

	"github.com/retort-go/retort/internal/terminal"
)

func TestAccessLine(t *testing.T) {
	at := time.Date(2026, 11, 20, 23, 49, 55, 0, time.UTC)
	tests := []struct {
		name  string
		e     Exchange
		color bool
		want  string
	}{
		{"plain", Exchange{"127.0.0.1:4", "GET", "/", "HTTP/1.1", 200, -1}, false,
			`127.0.0.1 - - [20/Nov/2026 23:49:55] "GET / HTTP/1.1" 200 -`},
		{"an IPv6 peer stands without brackets", Exchange{"[::1]:4", "GET", "/", "HTTP/1.1", 200, -1}, false,
			`::1 - - [20/Nov/2026 23:49:55] "GET / HTTP/1.1" 200 -`},
		{"a peer on a Unix socket", Exchange{"@", "GET", "/", "HTTP/1.1", 200, -1}, false,
			`<local> - - [20/Nov/2026 23:49:55] "GET / HTTP/1.1" 200 -`},
		{"a cut connection has no status", Exchange{"127.0.0.1:4", "GET", "/", "HTTP/1.1", 0, -1}, false,
			`127.0.0.1 - - [20/Nov/2026 23:49:55] "GET / HTTP/1.1" - -`},
		{"a size that was counted", Exchange{"127.0.0.1:4", "GET", "/", "HTTP/1.1", 200, 0}, false,
			`127.0.0.1 - - [20/Nov/2026 23:49:55] "GET / HTTP/1.1" 200 0`},
		{"a peer and a version that forge lines", Exchange{"[fe80::1%\x1b\n\x9b]:4", "GET", "/", "HTTP/1.1\"\r\n\x1b[2J", 200, -1}, false,
			`fe80::1%\x1b\x0a\x9b - - [20/Nov/2026 23:49:55] "GET / HTTP/1.1\"\x0d\x0a\x1b[2J" 200 -`},
		{"201 is plain in colour", Exchange{"127.0.0.1:4", "POST", "/", "HTTP/1.1", 201, -1}, true,
			`127.0.0.1 - - [20/Nov/2026 23:49:55] "POST / HTTP/1.1" 201 -`},
		{"404 is yellow within the quotes", Exchange{"127.0.0.1:4", "GET", "/", "HTTP/1.1", 404, -1}, true,
			"127.0.0.1 - - [20/Nov/2026 23:49:55] \"\x1b[33mGET / HTTP/1.1\x1b[0m\" 404 -"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want+"\n", string(tt.e.AppendLine(nil, at, tt.color)))
		})
	}
}

func TestStatusStyle(t *testing.T) {
	want := map[int]terminal.Style{
		101: "\x1b[1m", 200: "", 201: "", 204: "", 299: "", 301: "\x1b[32m", 304: "\x1b[36m",
		400: "\x1b[1;31m", 404: "\x1b[33m", 418: "\x1b[1;31m", 500: "\x1b[1;35m", 999: "\x1b[1;35m",
	}
	got := map[int]terminal.Style{}
	for status := range want {
		got[status] = StatusStyle(status)
	}
	assert.Equal(t, want, got)
}

func TestTargetIsShownAsAPersonReadsIt(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"letters beyond ASCII are decoded", "/%E2%9C%93/%C3%A4", "/✓/ä"},
		{"encoded ASCII stays as sent", "/a%20b%2Fc%0d%22", "/a%20b%2Fc%0d%22"},
		{"a quote is escaped", `/a"b`, `/a\"b`},
		{"a backslash is escaped", `/a\x0a`, `/a\\x0a`},
		{"control characters are escaped", "/\n\x1b[31m\x7f", `/\x0a\x1b[31m\x7f`},
		{"raw invalid bytes are escaped", "/\xff", `/\xff`},
		{"raw C1 controls are escaped", "/\u0085", `/\xc2\x85`},
		{"raw marks that turn text around are escaped", "/\u202e", `/\xe2\x80\xae`},
		{"encoded marks that turn text around stay encoded", "/%E2%80%AE", "/%E2%80%AE"},
		{"encoded invalid bytes stay encoded", "/%FF%C3", "/%FF%C3"},
		{"a percent sign at the end stays", "/%", "/%"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, string(AppendTarget(nil, tt.in)))
		})
	}
}

// FuzzTarget holds that no target can break its line, leave its quotes or send
// a terminal control characters.
func FuzzTarget(f *testing.F) {
	for _, s := range []string{"/", "/%E2%9C%93", "/\"\\", "/\x1b]0;x\a", "/%e2%80%ae", "/\xff%ff%"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, target string) {
		got := string(AppendTarget(nil, target))
		assert.True(t, utf8.ValidString(got))
		assert.Equal(t, -1, strings.IndexFunc(got, func(r rune) bool { return !unicode.IsPrint(r) }), "%q", got)
		bare := strings.ReplaceAll(strings.ReplaceAll(got, `\\`, ""), `\"`, "")
		assert.NotContains(t, bare, `"`)
	})
}

type logging struct {
	http.ResponseWriter
	claimed int
}

func (l *logging) ClaimAccessLine() { l.claimed++ }

type wrapping struct{ http.ResponseWriter }

func (w wrapping) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func TestTheNearestWhoLogsIsTold(t *testing.T) {
	outer := new(logging)
	inner := &logging{ResponseWriter: wrapping{outer}}
	Claim(wrapping{wrapping{inner}})
	assert.Equal(t, []int{1, 0}, []int{inner.claimed, outer.claimed})
	Claim(wrapping{outer})
	assert.Equal(t, 1, outer.claimed)
	Claim(wrapping{nil}) // nobody to tell
}
