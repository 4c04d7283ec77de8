package middleware

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func chosenName(c *coding) string {
	if c == nil {
		return "identity"
	}
	return c.name
}

func TestNegotiate(t *testing.T) {
	all := newCompressor(CompressOptions{}).codings
	for _, tt := range []struct {
		name    string
		fields  []string
		want    string
		refused bool
	}{
		{"no field", nil, "identity", false},
		{"an empty field", []string{""}, "identity", false},
		{"one coding", []string{"gzip"}, "gzip", false},
		{"what browsers send", []string{"gzip, deflate, br, zstd"}, "zstd", false},
		{"an older browser", []string{"gzip, deflate, br"}, "br", false},
		{"two fields", []string{"gzip", "br"}, "br", false},
		{"a weight decides", []string{"gzip;q=0.9, br;q=0.8, zstd;q=0.7"}, "gzip", false},
		{"three decimals count", []string{"br;q=0.998, gzip;q=0.999"}, "gzip", false},
		{"equal weights leave the choice to the server", []string{"gzip;q=0.5, br;q=0.5"}, "br", false},
		{"weights with zeros", []string{"gzip;q=1.000, br;q=0.000"}, "gzip", false},
		{"a coding that is refused", []string{"zstd;q=0, gzip"}, "gzip", false},
		{"everything that is named is refused", []string{"gzip;q=0"}, "identity", false},
		{"unknown codings", []string{"deflate, compress"}, "identity", false},
		{"anything", []string{"*"}, "zstd", false},
		{"anything but the preferred one", []string{"zstd;q=0, *"}, "br", false},
		{"anything, but rather gzip", []string{"*;q=0.5, gzip"}, "gzip", false},
		{"nothing else", []string{"gzip, *;q=0"}, "gzip", true},
		{"nothing at all", []string{"*;q=0"}, "identity", true},
		{"identity is refused", []string{"identity;q=0"}, "identity", true},
		{"identity is refused, gzip is not", []string{"gzip;q=0.1, identity;q=0"}, "gzip", true},
		{"identity is named, so that the star does not refuse it", []string{"identity;q=0.5, *;q=0"}, "identity", false},
		{"identity alone", []string{"identity"}, "identity", false},
		{"identity weighs more", []string{"identity, gzip;q=0.5"}, "identity", false},
		{"identity weighs as much", []string{"identity;q=0.5, gzip;q=0.5"}, "gzip", false},
		{"identity weighs less", []string{"identity;q=0.4, gzip;q=0.5"}, "gzip", false},
		{"another spelling of gzip", []string{"X-GZip"}, "gzip", false},
		{"upper case", []string{"GZIP;Q=0.5"}, "gzip", false},
		{"white space", []string{" \tgzip \t; \tq=0.5 , "}, "gzip", false},
		{"the first of two counts", []string{"gzip;q=0, gzip"}, "identity", false},
		{"a weight above one is malformed", []string{"gzip;q=1.1, br;q=2"}, "identity", false},
		{"too many decimals are malformed", []string{"gzip;q=0.1234"}, "identity", false},
		{"a weight without a number is malformed", []string{"gzip;q=, br;q=x, zstd;"}, "identity", false},
		{"another parameter is malformed", []string{"gzip;level=1"}, "identity", false},
		{"a negative weight is malformed", []string{"gzip;q=-1"}, "identity", false},
		{"a part of a name", []string{"gzipped, b, zstdx"}, "identity", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, refused := negotiate(all, tt.fields)
			assert.Equal(t, tt.want, chosenName(c))
			assert.Equal(t, tt.refused, refused)
		})
	}
}

func TestNegotiateInTheOrderOfTheOptions(t *testing.T) {
	gzipFirst := newCompressor(CompressOptions{Codings: []string{"gzip", "zstd"}}).codings
	for fields, want := range map[string]string{
		"zstd, gzip": "gzip", "zstd, gzip;q=0.9": "zstd", "br": "identity", "*": "gzip",
	} {
		c, _ := negotiate(gzipFirst, []string{fields})
		assert.Equal(t, want, chosenName(c), fields)
	}
}

func TestNegotiateDoesNotAllocate(t *testing.T) {
	codings := newCompressor(CompressOptions{}).codings
	fields := []string{"gzip, deflate;q=0.5, br;q=0.9, zstd;q=0.8, *;q=0"}
	assert.Zero(t, testing.AllocsPerRun(100, func() { negotiate(codings, fields) }))
}

// FuzzNegotiate holds that whatever a client sends it gets only a coding that it
// names or a star stands for, and that case, white space and the line in which
// an element stands change nothing.
func FuzzNegotiate(f *testing.F) {
	for _, s := range []string{"", "gzip", "gzip, deflate, br, zstd", "*;q=0", "identity;q=0, *;q=0.001", "gzip;q=1.0000", ";;,,q=", "x-gzip;q=0.5"} {
		f.Add(s)
	}
	codings := newCompressor(CompressOptions{}).codings
	f.Fuzz(func(t *testing.T, field string) {
		c, refused := negotiate(codings, []string{field})
		if c != nil {
			assert.True(t, strings.Contains(field, "*") || strings.Contains(strings.ToLower(field), c.name), "%q gave %s", field, c.name)
		}
		if !strings.Contains(field, "0") {
			assert.False(t, refused, "%q refuses nothing", field)
		}
		same := func(what string, fields []string) {
			c2, refused2 := negotiate(codings, fields)
			assert.Equal(t, chosenName(c), chosenName(c2), "%s %q", what, field)
			assert.Equal(t, refused, refused2, "%s %q", what, field)
		}
		same("lines", strings.Split(field, ","))
		same("space", []string{strings.ReplaceAll(strings.ReplaceAll(field, ",", " ,\t"), ";", "\t; ")})
		if isASCII(field) {
			same("case", []string{strings.ToUpper(field)})
		}
	})
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r > 127 }) < 0
}
