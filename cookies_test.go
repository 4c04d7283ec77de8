package retort_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
)

// setCookie is the field that SetCookie adds.
func setCookie(name, value string, options ...retort.CookieOptions) string {
	res := retort.Text("")
	res.SetCookie(name, value, options...)
	return res.Header.Get("Set-Cookie")
}

// cookiesOf are the cookies of a request with these Cookie fields.
func cookiesOf(app *retort.App, fields ...string) [][2]string {
	list := [][2]string{}
	for name, value := range app.TestRequestContext("/", retort.WithHeader("Cookie", fields...)).Request.Cookies().All() {
		list = append(list, [2]string{name, value})
	}
	return list
}

func TestSetCookie(t *testing.T) {
	for _, tt := range []struct {
		name    string
		options retort.CookieOptions
		want    string
	}{
		{"plain", retort.CookieOptions{}, "a=1; Path=/"},
		{"path", retort.CookieOptions{Path: "/é;x"}, "a=1; Path=/%C3%A9%3Bx"},
		{"no path", retort.CookieOptions{OmitPath: true, Path: "/x"}, "a=1"},
		{"domain", retort.CookieOptions{Domain: ".ex.test:80"}, "a=1; Domain=ex.test; Path=/"},
		{"a domain beyond ASCII", retort.CookieOptions{Domain: "bücher.test"}, "a=1; Domain=xn--bcher-kva.test; Path=/"},
		{"secure", retort.CookieOptions{Secure: true}, "a=1; Secure; Path=/"},
		{"http only", retort.CookieOptions{HTTPOnly: true}, "a=1; HttpOnly; Path=/"},
		{"same site", retort.CookieOptions{SameSite: "sTrict"}, "a=1; Path=/; SameSite=Strict"},
		{"partitioned implies secure", retort.CookieOptions{Partitioned: true}, "a=1; Secure; Path=/; Partitioned"},
		{"expires", retort.CookieOptions{Expires: time.Unix(1700000000, 999)}, "a=1; Expires=Tue, 14 Nov 2023 22:13:20 GMT; Path=/"},
		{"all", retort.CookieOptions{MaxAge: 10 * time.Second, Expires: time.Unix(0, 0), Path: "/x", Domain: "d.test", Secure: true, HTTPOnly: true, SameSite: "lax", Partitioned: true},
			"a=1; Domain=d.test; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=10; Secure; HttpOnly; Path=/x; SameSite=Lax; Partitioned"},
	} {
		t.Run(tt.name, func(t *testing.T) { assert.Equal(t, tt.want, setCookie("a", "1", tt.options)) })
	}
	assert.Equal(t, "a=1; Path=/", setCookie("a", "1"))
}

func TestTheAgeOfACookie(t *testing.T) {
	for age, want := range map[time.Duration]int{
		time.Hour: 3600, time.Second: 1, time.Millisecond: 1, 1500 * time.Millisecond: 2, 1: 1,
		-1: 0, -time.Millisecond: 0, -time.Second: -1, -5 * time.Second: -5,
		1<<63 - 1: 9223372037,
	} {
		field := setCookie("a", "1", retort.CookieOptions{MaxAge: age})
		var seconds int
		_, attribute, _ := strings.Cut(field, "Max-Age=")
		_, err := fmt.Sscanf(attribute, "%d;", &seconds)
		require.NoError(t, err, field)
		assert.Equal(t, want, seconds, age)

		_, date, _ := strings.Cut(field, "Expires=")
		date, _, _ = strings.Cut(date, ";")
		expires, err := time.Parse(time.RFC1123, date)
		require.NoError(t, err, field)
		assert.InDelta(t, time.Now().Unix()+int64(want), expires.Unix(), 10, "Expires follows")
	}
}

func TestDeleteCookie(t *testing.T) {
	res := retort.Text("")
	res.DeleteCookie("a")
	res.DeleteCookie("b", retort.CookieOptions{Path: "/p", Domain: "d.test", Secure: true, HTTPOnly: true, SameSite: "Lax", MaxAge: time.Hour, Expires: time.Now()})
	assert.Equal(t, []string{
		"a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/",
		"b=; Domain=d.test; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Secure; HttpOnly; Path=/p; SameSite=Lax",
	}, res.Header["Set-Cookie"])
}

func TestCookiesAddUp(t *testing.T) {
	res := retort.Text("")
	res.SetCookie("a", "1")
	res.SetCookie("a", "2")
	res.SetCookie("b", "3")
	assert.Equal(t, []string{"a=1; Path=/", "a=2; Path=/", "b=3; Path=/"}, res.Header["Set-Cookie"])
}

// TestCookiesThatAreRefused has what would be read as another cookie, or write
// attributes or fields of its own.
func TestCookiesThatAreRefused(t *testing.T) {
	const oddName = `retort: the cookie name %q holds one of "=", ";" or control characters, or has a space at an end; it would be read as another cookie`
	for _, name := range []string{"a=b", "a; Domain=evil.test", "a\r\nX: y", "a\nb", "a\x00", "\x7f", " a", "a\t", " "} {
		assert.Equal(t, fmt.Sprintf(oddName, name), panicOf(t, func() { setCookie(name, "1") }))
		assert.Panics(t, func() { retort.Text("").DeleteCookie(name) })
	}
	assert.Equal(t, "retort: a cookie has no name; browsers would take its value for a name and a value",
		panicOf(t, func() { setCookie("", "__Host-a=1") }))
	assert.Equal(t, `retort: the cookie "a": SameSite is "bad"; it is Strict, Lax or None`,
		panicOf(t, func() { setCookie("a", "1", retort.CookieOptions{SameSite: "bad"}) }))
	for _, domain := range []string{"a;b", "a b", "a\r\nb", "a\x00", "a..b"} {
		assert.Panics(t, func() { setCookie("a", "1", retort.CookieOptions{Domain: domain}) }, domain)
	}
}

// TestCookieInjection has values and paths that try to leave their place.
func TestCookieInjection(t *testing.T) {
	for value, want := range map[string]string{
		"1; Domain=evil.test":  `a="1\073 Domain=evil.test"; Path=/`,
		"1\r\nSet-Cookie: b=2": `a="1\015\012Set-Cookie: b=2"; Path=/`,
		"1\x00":                `a="1\000"; Path=/`,
		`"; b="`:               `a="\"\073 b=\""; Path=/`,
	} {
		assert.Equal(t, want, setCookie("a", value))
	}
	assert.Equal(t, "a=1; Path=/%0D%0AX:%20y%3B%20Secure", setCookie("a", "1", retort.CookieOptions{Path: "/\r\nX: y; Secure"}))
}

func TestRequestCookies(t *testing.T) {
	app := retort.New("t")
	for _, tt := range []struct {
		name   string
		fields []string
		want   [][2]string
	}{
		{"none", nil, [][2]string{}},
		{"in order, with repeats", []string{"b=2; a=1; b=3"}, [][2]string{{"b", "2"}, {"a", "1"}, {"b", "3"}}},
		{"of several fields", []string{"a=1", "b=2"}, [][2]string{{"a", "1"}, {"b", "2"}}},
		{"quoted", []string{`a="b c\073\303\251\"\\"`}, [][2]string{{"a", `b c;é"\`}}},
		{"a semicolon in quotes", []string{`a="b;c"; d=e`}, [][2]string{{"a", "b;c"}, {"d", "e"}}},
		{"without a value", []string{"a; b=; c=1"}, [][2]string{{"a", ""}, {"b", ""}, {"c", "1"}}},
		{"commas are data", []string{"a=1,b=2"}, [][2]string{{"a", "1,b=2"}}},
		{"empty names are left out", []string{"=1; =__Host-x=bad;;=; a=1"}, [][2]string{{"a", "1"}}},
		{"names are not unquoted", []string{`"__Secure-a"=1`}, [][2]string{{`"__Secure-a"`, "1"}}},
		{"no UTF-8", []string{"a=\xff"}, [][2]string{{"a", "\uFFFD"}}},
	} {
		t.Run(tt.name, func(t *testing.T) { assert.Equal(t, tt.want, cookiesOf(app, tt.fields...)) })
	}
}

func TestRequestCookiesAreParsedOnce(t *testing.T) {
	app := retort.New("t")
	app.Get("/")(func() string { return "" })
	r := app.TestRequestContext("/", retort.WithHeader("Cookie", "a=1")).Request
	assert.Same(t, r.Cookies(), r.Cookies())
}

func TestACookieComesBack(t *testing.T) {
	app := retort.New("t")
	app.Get("/set")(func(c *retort.Context) *retort.Response {
		res := retort.Text("")
		res.SetCookie("theme", "dark, really; \"é\"")
		return res
	})
	app.Get("/")(func(c *retort.Context) string { return c.Request.Cookies().Get("theme") })
	client := app.TestClient()
	assert.Equal(t, 200, client.Get("/set").Status)
	assert.Equal(t, `dark, really; "é"`, client.Get("/").Text)
}

// FuzzCookie: what SetCookie takes comes back as one cookie with that name and
// value, and the field is one that HTTP allows.
func FuzzCookie(f *testing.F) {
	for _, s := range [][2]string{{"a", "1"}, {"é", "ü"}, {"a b", `"\;,`}, {"__Host-a", "\x00\xff\r\n"}, {`"a"`, ` a `}, {"a", `\"`}, {"$Path", "a=b=c"}} {
		f.Add(s[0], s[1])
	}
	app := retort.New("t")
	f.Fuzz(func(t *testing.T, name, value string) {
		if !utf8.ValidString(name) || !utf8.ValidString(value) {
			return
		}
		var field string
		refused := func() (refused bool) {
			defer func() { refused = recover() != nil }()
			field = setCookie(name, value)
			return false
		}()
		if refused {
			return
		}
		pair := strings.TrimSuffix(field, "; Path=/")
		require.Equal(t, [][2]string{{name, value}}, cookiesOf(app, pair))
		require.NotContains(t, field, "\n")
		require.NotContains(t, field, "\r")
	})
}

func TestLargeCookiesAreLogged(t *testing.T) {
	var log strings.Builder
	app := retort.New("t")
	app.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
	app.Config.Set("MAX_COOKIE_SIZE", 20)
	app.Get("/<name>/<int:n>")(func(name string, n int) *retort.Response {
		res := retort.Text("")
		res.SetCookie(name, strings.Repeat(";", n))
		return res
	})
	client := app.TestClient(retort.NoCookies())
	assert.Equal(t, 200, client.Get("/a/0").Status)
	assert.Equal(t, 200, client.Get("/abcd/1").Status)
	assert.Empty(t, log.String())
	assert.Equal(t, `abc="\073\073"; Path=/`, client.Get("/abc/2").Header.Get("Set-Cookie"), "it is sent all the same")
	assert.Equal(t, `level=WARN msg="the cookie \"abc\" has 22 bytes, 10 for its value and 12 around it; browsers may drop `+
		`a cookie of more than 20 bytes without saying so" endpoint=/<name>/<int:n>`+"\n", log.String())
}
