package tests

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/retort-go/retort/datastructures"
	"github.com/retort-go/retort/internal/httpfield"
)

func TestTheMostSpecificMediaTypeIsTaken(t *testing.T) {
	for _, c := range []struct {
		field  string
		offers []string
		want   string
	}{
		{"text/*", []string{"text/html"}, "text/html"},
		{"text/*", []string{"image/png"}, ""},
		{"*/*,text/html", []string{"image/png", "text/html"}, "text/html"},
		{"*/*,text/html", []string{"image/png", "text/plain"}, "image/png"},
		{"*/*,text/html,image/*", []string{"image/png", "text/html"}, "text/html"},
		{"*/*,text/html,image/*", []string{"text/plain", "image/png"}, "image/png"},
		{"text/html,text/html; level=1", []string{"text/html;level=1"}, "text/html;level=1"},
	} {
		assert.Equal(t, c.want, datastructures.ParseMIMEAccept(c.field).BestMatch(c.offers...), c)
	}
}

func TestALanguageStandsForItsVariants(t *testing.T) {
	for _, c := range []struct {
		field  string
		offers []string
		want   string
	}{
		{"en-us", []string{"en"}, "en"},
		{"en", []string{"en_US"}, "en_US"},
		{"en-GB", []string{"en-US"}, ""},
		{"de_AT,de;q=0.9", []string{"en"}, ""},
		{"de_AT,de;q=0.9,en-US;q=0.8", []string{"de", "en"}, "de"},
		{"de_AT;q=0.9,en-US", []string{"en"}, "en"},
		{"en-us", []string{"en-us"}, "en-us"},
		{"en-us", []string{"en-us", "en"}, "en-us"},
		{"en-GB", []string{"en-US", "en"}, "en"},
		{"de_AT", []string{"en-US", "en"}, ""},
		{"aus-EN", []string{"aus"}, "aus"},
		{"aus", []string{"aus-EN"}, "aus-EN"},
	} {
		assert.Equal(t, c.want, datastructures.ParseLanguageAccept(c.field).BestMatch(c.offers...), c)
	}
}

func TestAWildcardIsTheLeastOfWhatIsAccepted(t *testing.T) {
	accept := datastructures.ParseAccept("asterisk;q=0,star;q=0.5,*")
	for want, offers := range map[string][]string{"star": {"asterisk", "star"}, "times": {"asterisk", "times"}, "": {"asterisk"}} {
		assert.Equal(t, want, accept.BestMatch(offers...), offers)
	}
	assert.Equal(t, "a", datastructures.ParseAccept("a,b").Best())
}

func TestNumbersInFieldsAreASCIIDigits(t *testing.T) {
	for _, value := range []string{"🯱🯲🯳", "+1-", "1-1_23", "0-0_1"} {
		_, ok := datastructures.ParseRange("bytes=" + value)
		assert.False(t, ok, value)
	}
	for _, value := range []string{"*/🯱🯲🯳", "1-+2/3", "1_23-125/*"} {
		_, ok := datastructures.ParseContentRange("bytes " + value)
		assert.False(t, ok, value)
	}
	for text, want := range map[string]int64{"123": 123, "-123": -123} {
		n, err := httpfield.ParseInt(text)
		assert.NoError(t, err)
		assert.Equal(t, want, n)
	}
	for _, text := range []string{"1_23", "+123", "𝟙𝟚𝟛", "7B", "", "- 1"} {
		_, err := httpfield.ParseInt(text)
		assert.Error(t, err, text)
	}
}

func TestNamesOfFilesBecomeHarmless(t *testing.T) {
	for name, want := range map[string]string{
		"My cool movie.mov": "My_cool_movie.mov", "../../../etc/passwd": "etc_passwd", "i contain cool ümläuts.txt": "i_contain_cool_umlauts.txt",
		"__filename__": "filename", "foo$&^*)bar": "foobar",
	} {
		assert.Equal(t, want, datastructures.SecureFilename(name))
	}
}
