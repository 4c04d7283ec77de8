package urlmap

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestQuoting(t *testing.T) {
	const every = "aZ09-._~!$&'()*+,/:;=@?#%[] \"<>\\^`{|}é\x00\n\x7f"
	tests := []struct {
		name  string
		quote func(string) string
		want  string
	}{
		{"a path keeps sub-delimiters, slash, colon and at", QuotePath,
			"aZ09-._~!$&'()*+,/:;=@%3F%23%25%5B%5D%20%22%3C%3E%5C%5E%60%7B%7C%7D%C3%A9%00%0A%7F"},
		{"a query encodes ampersand, plus, equals and semicolon, a space is a plus", QuoteQuery,
			"aZ09-._~!$%26'()*%2B,/:%3B%3D@?%23%25%5B%5D+%22%3C%3E%5C%5E%60%7B%7C%7D%C3%A9%00%0A%7F"},
		{"an anchor keeps the percent sign and the number sign", QuoteAnchor,
			"aZ09-._~!$&'()*+,/:;=@?#%%5B%5D%20%22%3C%3E%5C%5E%60%7B%7C%7D%C3%A9%00%0A%7F"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, tt.quote(every))
			assert.Empty(t, tt.quote(""))
		})
	}
}

func TestQuotingPlainTextDoesNotAllocate(t *testing.T) {
	allocs := testing.AllocsPerRun(100, func() {
		if QuotePath("/users/42/edit") != "/users/42/edit" {
			t.Error("plain text changed")
		}
	})
	assert.Zero(t, allocs)
}

func TestIRIToURI(t *testing.T) {
	tests := []struct{ name, iri, want string }{
		{"host, path and query", "http://☃.net/påth?q=èry%DF", "http://xn--n3h.net/p%C3%A5th?q=%C3%A8ry%DF"},
		{"host in upper case", "HTTP://Bücher.Example:8080/", "http://xn--bcher-kva.example:8080/"},
		{"a reference without host", "/a b?c d#e f", "/a%20b?c%20d#e%20f"},
		{"relative path", "../x y", "../x%20y"},
		{"user and password", "http://us er:p/w@example.org/", "http://us%20er:p/w@example.org/"},
		{"user and password with sub-delimiters", "http://u+s:p%20=@example.org/", "http://u+s:p%20=@example.org/"},
		{"address in brackets", "http://[2001:DB8::1]:8000/", "http://[2001:db8::1]:8000/"},
		{"an encoded host stays", "http://%C3%A9.example.org/", "http://%c3%a9.example.org/"},
		{"line breaks and tabs vanish", " \r\nhttp://a.test/\r\nb\tc", "http://a.test/bc"},
		{"an empty authority vanishes", "///evil.test/x", "/evil.test/x"},
		{"a backslash is encoded", `/\evil.test`, "/%5Cevil.test"},
		{"a network path stays", "//cdn.test/x", "//cdn.test/x"},
		{"other schemes", "mailto:ä@b.test", "mailto:%C3%A4@b.test"},
		{"a label that is too long", "http://" + strings.Repeat("ä", 64) + "/", "http://" + strings.Repeat("%c3%a4", 64) + "/"},
		{"nothing", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, IRIToURI(tt.iri))
		})
	}
}

func TestPunycode(t *testing.T) {
	tests := []struct{ name, label, want string }{ // RFC 3492 §7.1, lower-cased
		{"Arabic", "ليهمابتكلموشعربي؟", "egbpdaj6bu4bxfgehfvwxn"},
		{"Chinese", "他们为什么不说中文", "ihqwcrb4cv8a8dqg056pqjye"},
		{"Czech", "pročprostěnemluvíčesky", "proprostnemluvesky-uyb24dma41a"},
		{"Japanese with Latin", "3年b組金八先生", "3b-ww4c5e180e575a65lsy2b"},
		{"German", "bücher", "bcher-kva"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, punycode(tt.label))
		})
	}
}

// Whatever is quoted holds only bytes that its place in a URL may have, reads
// back as it was, and a path never gives a way out of the path.
func FuzzQuoting(f *testing.F) {
	for _, s := range []string{"", "a b", "é/ü ?", `\\evil`, "%41", "a+b&c=d#e", "\x00\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		path, err := url.PathUnescape(QuotePath(s))
		require.NoError(t, err)
		assert.Equal(t, s, path)
		query, err := url.QueryUnescape(QuoteQuery(s))
		require.NoError(t, err)
		assert.Equal(t, s, query)
		for name, quoted := range map[string]string{"path": QuotePath(s), "query": QuoteQuery(s), "anchor": QuoteAnchor(s), "uri": IRIToURI(s)} {
			for _, c := range []byte(quoted) {
				if c <= ' ' || c >= 0x7f || strings.IndexByte(`"<>\^{|}`+"`", c) >= 0 {
					t.Fatalf("%s %q of %q holds %q", name, quoted, s, c)
				}
			}
		}
		assert.NotContains(t, QuotePath(s), "?")
		assert.NotContains(t, QuotePath(s), "#")
		if again := IRIToURI(IRIToURI(s)); again != IRIToURI(s) {
			t.Errorf("IRIToURI(%q) is %q, and of that %q", s, IRIToURI(s), again)
		}
	})
}
