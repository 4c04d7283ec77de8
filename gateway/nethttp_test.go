package gateway_test

// What net/http lets pass, and what arrives when an app does it: looked at as
// bytes, because net/http's own client would hide half of it.

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/retort-go/retort/gateway"
)

func TestWhatTheAdapterMends(t *testing.T) {
	failed := "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 26\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n500 Internal Server Error\n"
	for _, tt := range []struct {
		name, request string
		status        string
		header        gateway.Headers
		body          gateway.Body
		want          string
	}{
		{"line end in a value: net/http makes blanks of it", "GET", "200 OK", gateway.Headers{{"X", "a\r\n Inj: 1"}}, nil, failed},
		{"zero byte in a value: net/http sends it", "GET", "200 OK", gateway.Headers{{"X", "a\x00b"}}, nil, failed},
		{"invalid name: net/http drops it", "GET", "200 OK", gateway.Headers{{"X Y", "a"}}, nil, failed},
		{"status 99: net/http panics", "GET", "99 Low", nil, nil, failed},
		{"status 1000: net/http panics", "GET", "1000 High", nil, nil, failed},
		{"bad length: net/http drops it", "GET", "200 OK", gateway.Headers{{"Content-Length", "x"}}, nil, failed},
		{"two lengths", "GET", "200 OK", gateway.Headers{{"Content-Length", "1"}, {"content-length", "1"}}, nil, failed},
		{"transfer coding: net/http sends two", "GET", "200 OK", gateway.Headers{{"Transfer-Encoding", "gzip"}}, nil, failed},
		{"upgrade: net/http sends it", "GET", "200 OK", gateway.Headers{{"Upgrade", "foo"}}, nil, failed},
		{"no content type: net/http guesses", "GET", "200 OK", nil, gateway.String("<html>"), "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\n<html>"},
		{"body past its length: net/http refuses the whole write", "GET", "200 OK", gateway.Headers{{"Content-Length", "3"}}, gateway.String("abcdef"), "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc"},
		{"body of a 204", "GET", "204 No Content", gateway.Headers{{"Content-Length", "3"}}, gateway.String("abc"), "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"},
		{"body of a 304", "GET", "304 Not Modified", gateway.Headers{{"ETag", `"a"`}}, gateway.String("abc"), "HTTP/1.1 304 Not Modified\r\nEtag: \"a\"\r\nConnection: close\r\n\r\n"},
		{"HEAD", "HEAD", "200 OK", nil, gateway.String("abc"), "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\n"},
		{"a reason of its own is net/http's", "GET", "200 Froody", gateway.Headers{{"Content-Length", "0"}}, nil, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"},
		{"a server name of its own stays", "GET", "200 OK", gateway.Headers{{"Server", "mine"}}, nil, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nServer: mine\r\nConnection: close\r\n\r\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := serve(t, gateway.AppFunc(func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
				_, err := start(tt.status, tt.header, nil)
				return tt.body, err
			}))
			reply := raw(t, s.addr(), tt.request+" / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
			assert.Regexp(t, `\r\nDate: [^\r]+\r\n`, reply, "net/http adds it")
			assert.Equal(t, tt.want, regexp.MustCompile(`Date: [^\r]+\r\n`).ReplaceAllString(reply, ""))
		})
	}
}

func TestDateOfTheAppStays(t *testing.T) {
	s := serve(t, answer(gateway.Empty, [2]string{"Date", "Sat, 01 Jan 2000 00:00:00 GMT"}))
	reply := raw(t, s.addr(), "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	assert.Equal(t, 1, strings.Count(reply, "Date: "))
	assert.Contains(t, reply, "Date: Sat, 01 Jan 2000 00:00:00 GMT\r\n")
}

// What start_response takes arrives as one header with that value, and nothing
// else arrives with it; what it refuses is a 500.
func FuzzStartResponse(f *testing.F) {
	f.Add("200 OK", "X-A", "b")
	f.Add("204 ", "Set-Cookie", " a\tb ")
	f.Add("999 \xff", "!", "")
	f.Add("200 OK\r\n", "X: y\r\n", "a\r\nb: c")
	f.Add("200 OK", "Content-Length", "0")
	f.Fuzz(func(t *testing.T, status, name, value string) {
		var refused error
		s := serve(t, gateway.AppFunc(func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
			_, refused = start(status, gateway.Headers{{name, value}}, nil)
			return nil, refused
		}))
		defer s.Close()
		reply := raw(t, s.addr(), "HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
		code := strings.TrimPrefix(reply, "HTTP/1.1 ")[:3]
		if refused != nil {
			assert.Equal(t, "500", code)
			return
		}
		assert.Equal(t, status[:3], code)
		if known := regexp.MustCompile(`(?i)^(date|content-length|content-type)$`); known.MatchString(name) {
			return // net/http has a word in them
		}
		fields := strings.Split(strings.TrimSuffix(reply, "\r\n\r\n"), "\r\n")[1:]
		assert.Len(t, fields, 3, "its own, Date and Connection: %q", reply)
		sent := strings.ToLower(name) + ": " + strings.Trim(value, " \t")
		assert.Contains(t, strings.ToLower(reply), "\r\n"+strings.ToLower(sent)+"\r\n")
	})
}
