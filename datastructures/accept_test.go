package datastructures_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/retort-go/retort/datastructures"
)

func TestAccept(t *testing.T) {
	a := datastructures.ParseAccept("gzip;q=0.5, br, *;q=0.1, zstd;q=0, bad;q=x, worse;q=2")
	assert.True(t, a.Provided())
	assert.Equal(t, 4, a.Len(), "items without a quality from 0 to 1 are left out")
	assert.Equal(t, "br", a.Best())
	assert.Equal(t, 0.5, a.Quality("GZIP"))
	assert.Equal(t, 0.1, a.Quality("compress"))
	assert.Zero(t, a.Quality("zstd"))
	assert.True(t, a.Has("zstd"), "it is named, be it with 0")
	assert.Equal(t, "gzip", a.BestMatch("zstd", "gzip"))
	assert.Equal(t, "", a.BestMatch("zstd"), "0 is refused")
	assert.Equal(t, "br,gzip;q=0.5,zstd;q=0.0,*;q=0.1", a.String())

	var none datastructures.Accept
	assert.False(t, none.Provided())
	assert.Equal(t, "", none.BestMatch("gzip"))
	assert.Equal(t, "", none.Best())
}

func TestMIMEAcceptPrefersWhatIsNamed(t *testing.T) {
	browser := datastructures.ParseMIMEAccept("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")
	tests := []struct {
		name   string
		accept datastructures.MIMEAccept
		offers []string
		want   string
	}{
		{"the quality decides", browser, []string{"application/json", "text/html"}, "text/html"},
		{"then what is named", datastructures.ParseMIMEAccept("text/*, text/plain"), []string{"text/html", "text/plain"}, "text/plain"},
		{"then the order of the offers", browser, []string{"application/json", "image/png"}, "application/json"},
		{"parameters in any order", datastructures.ParseMIMEAccept("a/b;x=1;y=2"), []string{"a/b", "a/b; y=2; x=1"}, "a/b; y=2; x=1"},
		{"parameters have to be the same", datastructures.ParseMIMEAccept("a/b;x=1"), []string{"a/b"}, ""},
		{"what is malformed matches nothing", datastructures.ParseMIMEAccept("html, */html"), []string{"text/html"}, ""},
		{"an offer of anything", datastructures.ParseMIMEAccept("text/html"), []string{"*/*"}, "*/*"},
	}
	for _, tt := range tests {
		assert.Equal(t, tt.want, tt.accept.BestMatch(tt.offers...), tt.name)
	}
	assert.True(t, browser.AcceptsHTML() && browser.AcceptsXHTML() && browser.AcceptsJSON())
	assert.False(t, datastructures.ParseMIMEAccept("text/html").AcceptsJSON())
	assert.PanicsWithValue(t, `"html" is no media type; offers look like "text/html"`, func() { browser.BestMatch("html") })
}

func TestLanguageAcceptFallsBackToTheLanguage(t *testing.T) {
	tests := []struct {
		field  string
		offers []string
		want   string
	}{
		{"en-US", []string{"de", "en"}, "en"},
		{"en", []string{"de-DE", "en-GB"}, "en-GB"},
		{"EN_us", []string{"en-US"}, "en-US"},
		{"fr, en-US;q=0.5", []string{"en"}, "en"},
		{"fr", []string{"en"}, ""},
		{"en;q=0", []string{"en"}, ""},
	}
	for _, tt := range tests {
		assert.Equal(t, tt.want, datastructures.ParseLanguageAccept(tt.field).BestMatch(tt.offers...), "%s %s", tt.field, tt.offers)
	}
}

func TestCharsetAcceptKnowsOtherNames(t *testing.T) {
	a := datastructures.ParseCharsetAccept("Latin-1, utf8;q=0.7, windows-1252;q=0.2")
	assert.Equal(t, 1.0, a.Quality("ISO-8859-1"))
	assert.Equal(t, 0.7, a.Quality("UTF-8"))
	assert.Equal(t, 0.2, a.Quality("cp1252"))
	assert.Zero(t, a.Quality("utf-16"))
}

// TestHostileFieldsAreLinear would not end with a parser that searches the same
// bytes again.
func TestHostileFieldsAreLinear(t *testing.T) {
	for _, flood := range []string{`"`, `"x,`, `W/"`, `"a"`, `" `, `","`, "*,", "a/b,", "a;q=0.5,", "0-1,", "-", "=", "a=b,", "a,"} {
		field := strings.Repeat(flood, 1<<18/len(flood))
		accept := datastructures.ParseMIMEAccept(field)
		assert.LessOrEqual(t, accept.Len(), len(field))
		etags := datastructures.ParseETags(field)
		assert.LessOrEqual(t, len(etags.Strong()), len(field))
		_, ok := datastructures.ParseRange("bytes=" + field)
		assert.False(t, ok, "a bomb of ranges (CVE-2011-3192)")
		set := datastructures.ParseHeaderSet(field)
		set.Add("x")
		assert.True(t, set.Has("x"))
		assert.Equal(t, "digest", datastructures.ParseAuthorization("Digest "+field).Type())
	}
}

func FuzzAccept(f *testing.F) {
	f.Add("text/html;q=0.5, */*;q=0.1, a/b;x=y", "text/html")
	f.Add(`en-US, "x`, "en/")
	f.Fuzz(func(t *testing.T, field, offer string) {
		mime := datastructures.ParseMIMEAccept(field)
		language := datastructures.ParseLanguageAccept(field)
		for _, quality := range mime.All() {
			assert.True(t, quality >= 0 && quality <= 1)
		}
		assert.Contains(t, []string{"", offer, "a"}, language.BestMatch(offer, "a"))
		if !strings.Contains(offer, "/") || strings.HasPrefix(offer, "*/") {
			offer = "text/html"
		}
		best := mime.BestMatch(offer, "application/json")
		assert.True(t, slices.Contains([]string{"", offer, "application/json"}, best))
		if best != "" {
			assert.Positive(t, mime.Quality(best))
			assert.GreaterOrEqual(t, mime.Quality(best), mime.Quality("application/json"))
		}
	})
}
