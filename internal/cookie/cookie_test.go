package cookie

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFormat(t *testing.T) {
	now := time.Date(2023, 11, 14, 22, 13, 20, 0, time.UTC)
	tests := []struct {
		name   string
		cookie Cookie
		want   string
	}{
		{"a pair alone", Cookie{Name: "a", Value: "b"}, "a=b"},
		{"every attribute, in Werkzeug's order", Cookie{
			Name: "a", Value: "b", Domain: ".Example.com:80", Expires: now, MaxAge: new(5), Path: new("/x;y é"),
			Secure: true, HTTPOnly: true, SameSite: "LAX", Partitioned: true,
		}, "a=b; Domain=Example.com; Expires=Tue, 14 Nov 2023 22:13:20 GMT; Max-Age=5; Secure; HttpOnly; Path=/x%3By%20%C3%A9; SameSite=Lax; Partitioned"},
		{"Expires follows from Max-Age", Cookie{Name: "a", MaxAge: new(10)}, "a=; Expires=Tue, 14 Nov 2023 22:13:30 GMT; Max-Age=10"},
		{"to delete it", Cookie{Name: "a", MaxAge: new(0), Expires: time.Unix(0, 0)}, "a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0"},
		{"an age beyond all dates", Cookie{Name: "a", MaxAge: new(1 << 62)}, "a=; Expires=Fri, 31 Dec 9999 23:59:59 GMT; Max-Age=4611686018427387904"},
		{"Partitioned implies Secure", Cookie{Name: "a", Partitioned: true}, "a=; Secure; Partitioned"},
		{"a host in another script", Cookie{Name: "a", Domain: "☃.net"}, "a=; Domain=xn--n3h.net"},
		{"quoted", Cookie{Name: "a", Value: "b c;é\"\\\r\n"}, `a="b c\073\303\251\"\\\015\012"`},
	}
	for _, tt := range tests {
		field, err := tt.cookie.Format(now)
		require.NoError(t, err, tt.name)
		assert.Equal(t, tt.want, field, tt.name)
	}
}

func TestFormatRefuses(t *testing.T) {
	tests := []struct {
		cookie Cookie
		want   string
	}{
		{Cookie{Value: "__Host-x=1"}, "a cookie has no name; browsers would take its value for a name and a value"},
		{Cookie{Name: "a=b"}, `the cookie name "a=b" holds one of "=", ";" or control characters, or has a space at an end; it would be read as another cookie`},
		{Cookie{Name: "a", SameSite: "x"}, `the cookie "a": SameSite is "x"; it is Strict, Lax or None`},
		{Cookie{Name: "a", Domain: "b; Path=/"}, `the cookie "a": Domain: host "b; path=/" is not valid: byte 1 is ";"; a name has letters, digits, dots and hyphens`},
	}
	for _, tt := range tests {
		_, err := tt.cookie.Format(time.Now())
		assert.EqualError(t, err, tt.want)
	}
	for _, name := range []string{"a;b", "a\r\nb", "a\x00", " a", "a ", "\t"} {
		_, err := Cookie{Name: name}.Format(time.Now())
		assert.Error(t, err, "%q", name)
	}
}

func TestTooLarge(t *testing.T) {
	c := Cookie{Name: "a", Value: strings.Repeat("x", 20), Path: new("/")}
	field, err := c.Format(time.Now())
	require.NoError(t, err)
	assert.Equal(t, "", c.TooLarge(field, len(field)))
	assert.Equal(t, "", c.TooLarge(field, 0))
	assert.Equal(t, `the cookie "a" has 30 bytes, 20 for its value and 10 around it; browsers may drop a cookie of more than 29 bytes without saying so`,
		c.TooLarge(field, 29))
}

func TestParse(t *testing.T) {
	tests := []struct {
		name, in string
		want     [][2]string
	}{
		{"nothing", "", nil},
		{"blanks around everything", " a = b ;c=d; ", [][2]string{{"a", "b"}, {"c", "d"}}},
		{"a name alone", "a; b", [][2]string{{"a", ""}, {"b", ""}}},
		{"the same name again", "a=1; b=2; a=3", [][2]string{{"a", "1"}, {"b", "2"}, {"a", "3"}}},
		{"an empty name is dropped (CVE-2023-23934)", "=__Host-x=bad; ==b; a=c", [][2]string{{"a", "c"}}},
		{"names are not unquoted", `"__Host-a"=b; __Secure\055c=d`, [][2]string{{`"__Host-a"`, "b"}, {`__Secure\055c`, "d"}}},
		{"quotes, escapes and octal bytes", `a="b;\"\\\073\303\251"; c=d`, [][2]string{{"a", `b;"\;é`}, {"c", "d"}}},
		{"other escapes stand for their character", `a="\999\12"`, [][2]string{{"a", "99912"}}},
		{"a quote that does not end", `a="b; c=d`, [][2]string{{"a", `"b`}, {"c", "d"}}},
		{"a quote that ends too early", `a="b"c; d=e`, [][2]string{{"a", `"b"c`}, {"d", "e"}}},
		{"bytes that are no UTF-8", "\xff=\xff", [][2]string{{"\uFFFD", "\uFFFD"}}},
		{"commas are data", "a=b,c=d", [][2]string{{"a", "b,c=d"}}},
	}
	for _, tt := range tests {
		var got [][2]string
		for name, value := range Parse(tt.in).All() {
			got = append(got, [2]string{name, value})
		}
		assert.Equal(t, tt.want, got, tt.name)
	}
}

// TestHostileFieldsAreLinear would not end with a parser that searches the same
// bytes again.
func TestHostileFieldsAreLinear(t *testing.T) {
	for _, flood := range []string{`a="`, `a="\"`, `a="\";`, ";", "=", " ", `"`, `\`, `a="b" `} {
		field := strings.Repeat(flood, 1<<19/len(flood))
		assert.LessOrEqual(t, Parse(field).Len(), len(field))
	}
}

func FuzzCookie(f *testing.F) {
	f.Add("a", "b c;\"\\é", `a="b\073"; =c; d`)
	f.Add("__Host-a", "\x00\xff", `a="`)
	f.Fuzz(func(t *testing.T, name, value, field string) {
		for key, text := range Parse(field).All() {
			assert.NotEmpty(t, key)
			assert.True(t, utf8.ValidString(key) && utf8.ValidString(text))
		}
		set, err := Cookie{Name: name, Value: value}.Format(time.Now())
		if err != nil || !utf8.ValidString(name) || !utf8.ValidString(value) {
			return
		}
		jar := Parse("before=1; " + set + "; after=2")
		require.Equal(t, 3, jar.Len(), "no cookie but the one that was set")
		if name != "before" {
			assert.Equal(t, value, jar.Get(name), "what was written is read")
		}
	})
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Parse(`session=eyJhIjoxfQ.ZVPxBQ.xJeUODhIDaJ3gOvxEP6p638IK_Q; theme=dark; lang="de\073en"`)
	}
}
