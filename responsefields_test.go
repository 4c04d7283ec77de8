package retort_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/datastructures"
)

func TestDatesOfAResponse(t *testing.T) {
	res := retort.Text("")
	for name, field := range map[string]struct {
		get func() time.Time
		set func(time.Time)
	}{
		"Date":          {res.Date, res.SetDate},
		"Expires":       {res.Expires, res.SetExpires},
		"Last-Modified": {res.LastModified, res.SetLastModified},
	} {
		assert.True(t, field.get().IsZero(), name)
		field.set(time.Date(2023, 11, 14, 23, 13, 20, 999, time.FixedZone("", 3600)))
		assert.Equal(t, "Tue, 14 Nov 2023 22:13:20 GMT", res.Header.Get(name))
		assert.Equal(t, time.Date(2023, 11, 14, 22, 13, 20, 0, time.UTC), field.get(), name)
		res.Header.Set(name, "yesterday")
		assert.True(t, field.get().IsZero(), "no date is the zero time")
		field.set(time.Time{})
		assert.Empty(t, res.Header.Values(name))
	}
}

func TestAge(t *testing.T) {
	res := retort.Text("")
	_, ok := res.Age()
	assert.False(t, ok)
	res.SetAge(90*time.Second + 999*time.Millisecond)
	assert.Equal(t, "90", res.Header.Get("Age"))
	age, ok := res.Age()
	assert.True(t, ok)
	assert.Equal(t, 90*time.Second, age)
	for _, value := range []string{"-1", "x", "1.5", "", "99999999999999999999999"} {
		res.Header.Set("Age", value)
		_, ok = res.Age()
		assert.False(t, ok, value)
	}
	assert.Equal(t, "retort: the age -1s is negative", panicOf(t, func() { res.SetAge(-time.Second) }))
}

func TestRetryAfter(t *testing.T) {
	res := retort.Text("")
	assert.True(t, res.RetryAfter().IsZero())
	for wait, want := range map[time.Duration]string{0: "0", -time.Hour: "0", time.Millisecond: "1", time.Minute: "60"} {
		res.SetRetryAfter(wait)
		assert.Equal(t, want, res.Header.Get("Retry-After"))
	}
	res.SetRetryAfter(time.Minute)
	assert.WithinDuration(t, time.Now().Add(time.Minute), res.RetryAfter(), 10*time.Second)
	res.Header.Set("Retry-After", "Tue, 14 Nov 2023 22:13:20 GMT")
	assert.Equal(t, time.Unix(1700000000, 0).UTC(), res.RetryAfter())
	res.Header.Set("Retry-After", "soon")
	assert.True(t, res.RetryAfter().IsZero())
}

func TestSetsFollowTheHeader(t *testing.T) {
	for name, get := range map[string]func(*retort.Response) *datastructures.HeaderSet{
		"Vary": (*retort.Response).Vary, "Allow": (*retort.Response).Allow, "Content-Language": (*retort.Response).ContentLanguage,
	} {
		res := retort.Text("")
		assert.Zero(t, get(res).Len())
		assert.Empty(t, res.Header.Values(name), "asking changes nothing")
		res.Header[name] = []string{"a, B", "c"}
		get(res).Add("b", "d")
		assert.Equal(t, []string{"a, B, c, d"}, res.Header.Values(name))
		assert.Equal(t, []string{"a", "B", "c", "d"}, slices.Collect(get(res).All()))
		set := get(res)
		set.Remove("A")
		set.Remove("C")
		assert.Equal(t, "B, d", res.Header.Get(name))
		set.Clear()
		assert.NotContains(t, res.Header, name, "an empty set is no field")
	}
}

func TestCacheControlFollowsTheHeader(t *testing.T) {
	res := retort.Text("")
	assert.False(t, res.CacheControl().Public())
	assert.Empty(t, res.Header.Values("Cache-Control"))
	cc := res.CacheControl()
	cc.SetPublic(true)
	cc.SetMaxAge(300)
	assert.Equal(t, "public, max-age=300", res.Header.Get("Cache-Control"))
	age, ok := res.CacheControl().MaxAge()
	assert.True(t, ok)
	assert.Equal(t, 300, age)
	res.CacheControl().Delete("max-age")
	res.CacheControl().SetPublic(false)
	assert.NotContains(t, res.Header, "Cache-Control")
}

func TestContentRange(t *testing.T) {
	res := retort.Text("")
	_, ok := res.ContentRange()
	assert.False(t, ok)
	part := datastructures.ContentRange{Units: "bytes", Start: 2, Stop: 5, Length: 10}
	res.SetContentRange(part)
	assert.Equal(t, "bytes 2-4/10", res.Header.Get("Content-Range"))
	got, ok := res.ContentRange()
	assert.True(t, ok)
	assert.Equal(t, part, got)
	res.SetContentRange(datastructures.ContentRange{})
	assert.NotContains(t, res.Header, "Content-Range")
}

func TestChallenges(t *testing.T) {
	res := retort.Text("")
	assert.Empty(t, res.WWWAuthenticate())
	res.SetWWWAuthenticate(
		datastructures.NewWWWAuthenticate("basic").Set("realm", "the staff"),
		datastructures.NewWWWAuthenticate("bearer").Set("realm", "api"))
	assert.Equal(t, []string{`Basic realm="the staff"`, "Bearer realm=api"}, res.Header.Values("WWW-Authenticate"))
	challenges := res.WWWAuthenticate()
	require.Len(t, challenges, 2)
	assert.Equal(t, "the staff", challenges[0].Get("realm"))
	assert.Equal(t, "bearer", challenges[1].Type())
	res.Header["Www-Authenticate"] = []string{""}
	assert.Empty(t, res.WWWAuthenticate(), "an empty field is no challenge")
	res.SetWWWAuthenticate()
	assert.NotContains(t, res.Header, "Www-Authenticate")
}

func TestContentSecurityPolicy(t *testing.T) {
	res := retort.Text("")
	policy := func() string { return res.Header.Get("Content-Security-Policy") }
	res.AddContentSecurityPolicy("default-src", "'self'")
	res.AddContentSecurityPolicy("script-src", "'self'", "'nonce-abc'")
	res.AddContentSecurityPolicy("upgrade-insecure-requests")
	assert.Equal(t, "default-src 'self'; script-src 'self' 'nonce-abc'; upgrade-insecure-requests", policy())
	res.AddContentSecurityPolicy("Script-Src", "https://cdn.test")
	assert.Equal(t, "default-src 'self'; script-src 'self' 'nonce-abc' https://cdn.test; upgrade-insecure-requests", policy())
	res.Header.Set("Content-Security-Policy", " img-src  a ;; img-src b;")
	res.AddContentSecurityPolicy("img-src", "c")
	assert.Equal(t, "img-src a c; img-src b", policy(), "the first of a name is the one that counts")
	for _, bad := range []string{"", "a b", "'self';script-src", "a,b", "a\r\nX: y", "a\x00", "é"} {
		assert.Equal(t, fmt.Sprintf("retort: %q cannot stand in a Content-Security-Policy: name and sources are given one by one, in ASCII", bad),
			panicOf(t, func() { res.AddContentSecurityPolicy("img-src", bad) }))
		assert.Panics(t, func() { res.AddContentSecurityPolicy(bad) })
	}
}

func TestSetStatus(t *testing.T) {
	for _, tt := range []struct {
		line   string
		status int
		reason string
	}{
		{"404", 404, ""},
		{"404 Not Found", 404, ""},
		{"418 Short and stout", 418, "Short and stout"},
		{" 201  Made ", 201, "Made"},
		{"599 Odd", 599, "Odd"},
		{"200 ", 200, ""},
	} {
		res := retort.Text("x")
		res.SetStatus(tt.line)
		assert.Equal(t, tt.status, res.Status, tt.line)
		assert.Equal(t, tt.reason, res.Reason, tt.line)
	}
	res := retort.Text("x")
	res.SetStatus("418 Short and stout")
	status, _, _, err := call(res, "GET")
	require.NoError(t, err)
	assert.Equal(t, "418 Short and stout", status)
	for _, line := range []string{"", " ", "Not Found", "0", "199 Early", "1000", "200\r\nX: y", "200 a\r\nX: y", "200 a\x00", "-200", "2e2"} {
		assert.Equal(t, fmt.Sprintf("retort: %q is no status line; SetStatus takes a final status and perhaps a phrase: \"418 Short and stout\"", line),
			panicOf(t, func() { retort.Text("").SetStatus(line) }))
	}
}

func TestFreeze(t *testing.T) {
	res := retort.Stream(chunks("he", "llo"))
	require.NoError(t, res.Freeze())
	assert.False(t, res.IsStreamed())
	assert.Equal(t, "5", res.Header.Get("Content-Length"))
	tag, weak := res.ETag()
	assert.Len(t, tag, 43)
	assert.False(t, weak)
	for range 2 {
		assert.Equal(t, "hello", serve(res, "GET").Body.String())
	}

	own := retort.Text("hello")
	own.SetETag("mine", true)
	require.NoError(t, own.Freeze())
	tag, weak = own.ETag()
	assert.Equal(t, "mine", tag)
	assert.True(t, weak)

	errBroken := fmt.Errorf("broken")
	broken := retort.Stream(func(yield func(string, error) bool) { yield("", errBroken) })
	assert.Equal(t, errBroken, broken.Freeze())
	assert.Empty(t, broken.Header.Get("ETag"))
}

// TestHeaderInjection puts what would begin another field, or another response,
// where a response takes text: it never leaves, and the view is a 500.
func TestHeaderInjection(t *testing.T) {
	for _, bad := range []string{"a\r\nX-Evil: 1", "a\nX-Evil: 1", "a\rX-Evil: 1", "a\r\n\r\n<script>", "a\x00b", "a\x1b[2Jb", "a\x7f"} {
		for name, set := range map[string]func(*retort.Response){
			"a value":     func(res *retort.Response) { res.Header.Set("X-Own", bad) },
			"a name":      func(res *retort.Response) { res.Header[bad] = []string{"1"} },
			"a redirect":  func(res *retort.Response) { res.Header.Set("Location", bad) },
			"a list":      func(res *retort.Response) { res.Vary().Add(bad) },
			"a method":    func(res *retort.Response) { res.Allow().Add(bad) },
			"a directive": func(res *retort.Response) { res.CacheControl().Set("private", bad) },
			"a challenge": func(res *retort.Response) {
				res.SetWWWAuthenticate(datastructures.NewWWWAuthenticate("basic").Set("realm", bad))
			},
			"a range": func(res *retort.Response) {
				res.SetContentRange(datastructures.ContentRange{Units: bad, Stop: 1, Length: 1})
			},
			"a reason":          func(res *retort.Response) { res.Reason = bad },
			"a status":          func(res *retort.Response) { res.SetStatus("200 " + bad) },
			"an entity tag":     func(res *retort.Response) { res.SetETag(bad, false) },
			"a policy":          func(res *retort.Response) { res.AddContentSecurityPolicy("img-src", bad) },
			"a cookie's name":   func(res *retort.Response) { res.SetCookie(bad, "1") },
			"a cookie's domain": func(res *retort.Response) { res.SetCookie("a", "1", retort.CookieOptions{Domain: bad}) },
			"a cookie's kind":   func(res *retort.Response) { res.SetCookie("a", "1", retort.CookieOptions{SameSite: bad}) },
		} {
			app := quiet()
			app.Get("/")(func() *retort.Response {
				res := retort.Text("text")
				set(res)
				return res
			})
			got := app.TestClient().Get("/")
			assert.Equal(t, 500, got.Status, "%s with %q", name, bad)
			assert.NotContains(t, fmt.Sprint(got.Header), "Evil", "%s with %q", name, bad)
		}
	}
}

func TestTheMimetypeOfAResponse(t *testing.T) {
	res := retort.Bytes("", nil)
	assert.Empty(t, res.Mimetype())
	res.SetMimetype("text/csv")
	assert.Equal(t, "text/csv; charset=utf-8", res.Header.Get("Content-Type"))
	res.SetMimetype("image/svg+xml")
	assert.Equal(t, "image/svg+xml; charset=utf-8", res.Header.Get("Content-Type"))
	assert.Equal(t, "image/svg+xml", res.Mimetype())
	res.SetMimetype("application/json")
	assert.Equal(t, "application/json", res.Header.Get("Content-Type"))
	res.Header.Set("Content-Type", " Text/HTML ; charset=x")
	assert.Equal(t, "text/html", res.Mimetype())
}
