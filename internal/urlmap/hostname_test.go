package urlmap

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestCheckHost(t *testing.T) {
	const letters = "; a name has letters, digits, dots and hyphens"
	tests := []struct{ host, want string }{
		{"", ""},
		{"example.org", ""},
		{"EXAMPLE.org:8080", ""},
		{"127.0.0.1:5000", ""},
		{"my_container:5000", ""},
		{"[::1]", ""},
		{"[::ffff:127.0.0.1]:80", ""},
		{"a..b", ""},
		{"exa mple.org", `host "exa mple.org" is not valid: byte 3 is " "` + letters},
		{"user@example.org", `host "user@example.org" is not valid: byte 4 is "@"` + letters},
		{"example.org/x", `host "example.org/x" is not valid: byte 11 is "/"` + letters},
		{"☃.example.org", `host "☃.example.org" is not valid: byte 0 is "\xe2"` + letters},
		{"a\\b", `host "a\\b" is not valid: byte 1 is "\\"` + letters},
		{"example.org:abc", `host "example.org:abc" is not valid: the port "abc" is not a number`},
		{"example.org:", `host "example.org:" is not valid: the port "" is not a number`},
		{":80", `host ":80" is not valid: it has a port, but no name`},
		{"[::1", `host "[::1" is not valid: byte 0 is "["` + letters},
		{"[evil]", `host "[evil]" is not valid: byte 0 is "["` + letters},
	}
	for _, tt := range tests {
		t.Run(tt.host, func(t *testing.T) {
			err := CheckHost(tt.host)
			if tt.want == "" {
				assert.NoError(t, err)
				return
			}
			assert.EqualError(t, err, tt.want)
			assert.IsType(t, &HostError{}, err)
		})
	}
}

func TestASCIIHost(t *testing.T) {
	tests := []struct{ host, want, err string }{
		{"Example.ORG", "example.org", ""},
		{"example.org.", "example.org.", ""},
		{"Bücher。example", "xn--bcher-kva.example", ""},
		{"a..b", "a..b", "it has an empty label"},
		{strings.Repeat("a", 64) + ".org", strings.Repeat("a", 64) + ".org", "it has a label of more than 63 bytes"},
		{strings.Repeat("ü", 64), "", "it has a label of more than 63 bytes"},
		{"\xff", "", "it is not valid UTF-8"},
	}
	for _, tt := range tests {
		t.Run(tt.host, func(t *testing.T) {
			got, err := asciiHost(tt.host)
			assert.Equal(t, tt.want, got)
			if tt.err != "" {
				assert.EqualError(t, err, tt.err)
			} else {
				assert.NoError(t, err)
			}
		})
	}
}

func TestSubdomainOf(t *testing.T) {
	tests := []struct {
		host, server, want string
		ok                 bool
	}{
		{"example.org", "example.org", "", true},
		{"api.example.org", "example.org", "api", true},
		{"a.b.example.org", "example.org", "a.b", true},
		{"a..b.example.org", "example.org", "a.b", true},
		{".example.org", "example.org", "", true},
		{"notexample.org", "example.org", "", false},
		{"org", "example.org", "", false},
		{"api.example.org:8080", "example.org", "", false},
		{"api.example.org:8080", "example.org:8080", "api", true},
		{"example.org", "", "", false},
	}
	for _, tt := range tests {
		t.Run(tt.host+" below "+tt.server, func(t *testing.T) {
			got, ok := subdomainOf(tt.host, tt.server)
			assert.Equal(t, tt.want, got)
			assert.Equal(t, tt.ok, ok)
		})
	}
}
