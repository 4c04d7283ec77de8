package urlmap

import (
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
)

func TestURIToIRI(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"host, path and query", "http://xn--n3h.net/p%C3%A5th?q=%C3%A8ry%DF#%C3%BC", "http://☃.net/påth?q=èry%DF#ü"},
		{"what is a delimiter of its part stays", "/%2F%3F%23?%26%3D%2B%23#%23", "/%2F%3F%23?%26%3D%2B%23##"},
		{"controls, spaces and % stay", "/%00%0A%20%25%7F", "/%00%0A%20%25%7F"},
		{"half a character stays", "/%E2%98", "/%E2%98"},
		{"user, password and port", "http://%C3%BC:p%40w@xn--n3h.net:080/", "http://ü:p%40w@☃.net:80/"},
		{"an address", "HTTP://[::1]:8/%C3%A9", "http://[::1]:8/é"},
		{"punycode that is none", "http://xn--a-ecp.ru/ http://xn--99999999999/", "http://xn--a-ecp.ru/ http://xn--99999999999/"},
		{"a port that is no number", "http://a:x/", "http://a:x/"},
	}
	for _, tt := range tests {
		assert.Equal(t, tt.want, URIToIRI(tt.in), tt.name)
	}
}

func TestUnicodeHost(t *testing.T) {
	for ascii, want := range map[string]string{
		"xn--bcher-kva.example": "bücher.example",
		"a.xn--n3h.xn--p1ai":    "a.☃.рф",
		"xn--":                  "xn--",
		"xn--a":                 "xn--a",         // no character beyond ASCII
		"xn--a-":                "xn--a-",        // none either
		"xn--zz9999999":         "xn--zz9999999", // more than there are characters
		"xn--ab-5da":            "xn--ab-5da",    // U+00AD, which nobody sees
	} {
		assert.Equal(t, want, UnicodeHost(ascii), ascii)
	}
}

func TestASCIIHostForCookies(t *testing.T) {
	ascii, err := ASCIIHost("BÜCHER.example")
	assert.NoError(t, err)
	assert.Equal(t, "xn--bcher-kva.example", ascii)
	_, err = ASCIIHost("a b")
	assert.EqualError(t, err, `host "a b" is not valid: byte 1 is " "; a name has letters, digits, dots and hyphens`)
}

func FuzzURIToIRI(f *testing.F) {
	f.Add("http://xn--n3h.net/p%C3%A5th?q=%C3%A8ry%DF#x")
	f.Add("//a@b:1/%ff")
	f.Fuzz(func(t *testing.T, uri string) {
		iri := URIToIRI(uri)
		if utf8.ValidString(uri) {
			assert.True(t, utf8.ValidString(iri))
		}
		assert.Equal(t, iri, URIToIRI(iri), "what is readable stays")
	})
}

func FuzzPunycode(f *testing.F) {
	f.Add("bücher")
	f.Fuzz(func(t *testing.T, label string) {
		encoded := punycode(label)
		if decoded, ok := decodePunycode(encoded); ok && utf8.ValidString(label) {
			assert.Equal(t, label, decoded)
		}
	})
}
