package retort

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/internal/urlmap"
)

func TestValidHost(t *testing.T) {
	for host, want := range map[string]bool{
		"":                     true, // HTTP/1.0
		"example.com":          true,
		"EXAMPLE.com":          true,
		"example.com:80":       true,
		"example.com:0":        true,
		"example.com:65535":    true,
		"example.com:65536":    false,
		"example.com:99999999": false,
		"example.com:":         false,
		"example.com:x":        false,
		"example.com:8 0":      false,
		"example.com:80:80":    false,
		"example.com:-1":       false,
		":80":                  false,
		":":                    false,
		"localhost":            true,
		"my_container-1.local": true,
		"xn--bcher-kva.test":   true,
		"127.0.0.1:5000":       true,
		"[::1]":                true,
		"[::1]:5000":           true,
		"[2001:DB8::1]:80":     true,
		"[::ffff:1.2.3.4]":     true,
		"[fe80::1%25eth0]":     false,
		"[fe80::1%eth0]":       false,
		"[1.2.3.4]":            false,
		"[.]":                  false,
		"[]":                   false,
		"[::1":                 false,
		"::1":                  false,
		"[::1]x":               false,
		"[::1]:":               false,
		"[::1]80":              false,
		"bücher.test":          false,
		"a/b":                  false,
		"a\\b":                 false,
		"user@example.com":     false,
		"a b":                  false,
		"a\r\nX: y":            false,
		"a\x00":                false,
		"a,b":                  false,
		"a?b":                  false,
		"a#b":                  false,
		"<script>":             false,
		"{id}":                 false,
	} {
		assert.Equal(t, want, validHost(host), "%q", host)
	}
}

func TestCanonicalHost(t *testing.T) {
	for _, tt := range []struct{ host, scheme, want string }{
		{"Example.COM", "http", "example.com"},
		{"a.test:80", "http", "a.test"},
		{"a.test:80", "ws", "a.test"},
		{"a.test:80", "https", "a.test:80"},
		{"a.test:443", "https", "a.test"},
		{"a.test:443", "wss", "a.test"},
		{"a.test:443", "http", "a.test:443"},
		{"a.test:8080", "http", "a.test:8080"},
		{"[::1]:80", "http", "[::1]"},
		{"[::80]", "http", "[::80]"},
		{"", "http", ""},
	} {
		assert.Equal(t, tt.want, canonicalHost(tt.host, tt.scheme), "%s %s", tt.scheme, tt.host)
	}
}

// FuzzValidHost: a valid host makes a URL with that host and nothing else, is
// valid in its canonical form, and is one for the URL map too.
func FuzzValidHost(f *testing.F) {
	for _, seed := range []string{"example.com:80", "[::1]:5000", "[::ffff:1.2.3.4]", "a@b", "a/b", "a\r\nb", "a:", "%41", "a_b", "[fe80::1%25a]"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, host string) {
		if !validHost(host) {
			return
		}
		u, err := url.Parse("http://" + host + "/x")
		require.NoError(t, err)
		require.Equal(t, host, u.Host)
		require.Equal(t, "/x", u.Path)
		require.Nil(t, u.User)
		for _, scheme := range []string{"http", "https"} {
			require.True(t, validHost(canonicalHost(host, scheme)))
		}
		require.NoError(t, urlmap.CheckHost(host))
	})
}
