package retort_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/retort-go/retort"
)

func TestConfigDefaults(t *testing.T) {
	want := map[string]any{
		"APPLICATION_ROOT":          "/",
		"DEBUG":                     false,
		"MAX_CONTENT_LENGTH":        int64(16 << 20),
		"PREFERRED_URL_SCHEME":      "http",
		"PROPAGATE_EXCEPTIONS":      nil,
		"PROVIDE_AUTOMATIC_OPTIONS": true,
		"SERVER_NAME":               nil,
		"TESTING":                   false,
		"TRAP_BAD_REQUEST_ERRORS":   nil,
		"TRAP_HTTP_EXCEPTIONS":      false,
	}
	var names []string
	defaults := make(map[string]any)
	app := quiet()
	for _, k := range retort.ConfigKeys() {
		names = append(names, k.Name)
		defaults[k.Name] = k.Default
		assert.Equal(t, k.Default, app.Config.Get(k.Name), k.Name)
		assert.True(t, strings.HasSuffix(k.Doc, "."), k.Name)
	}
	assert.True(t, slices.IsSorted(names))
	for name, value := range want {
		assert.Contains(t, names, name)
		assert.Equal(t, value, defaults[name], name)
	}
}

func TestConfigReadsWhatWasSet(t *testing.T) {
	c := quiet().Config
	c.Update(map[string]any{
		"MAX_CONTENT_LENGTH": 100, "SERVER_NAME": "a.test", "TESTING": true,
		"COUNT": 7, "LONG": int64(1) << 40, "DIGITS": " 12 ", "WORD": "x", "LIST": []int{1},
	})
	assert.Equal(t, int64(100), c.Get("MAX_CONTENT_LENGTH"), "bytes are an int64")
	assert.Equal(t, "a.test", c.String("SERVER_NAME"))
	assert.True(t, c.Bool("TESTING"))
	assert.Equal(t, []int{1}, c.Get("LIST"), "a key of the application's own may be anything")
	for key, want := range map[string]int64{"MAX_CONTENT_LENGTH": 100, "COUNT": 7, "LONG": 1 << 40, "DIGITS": 12, "WORD": 0, "LIST": 0, "TESTING": 0, "none": 0} {
		assert.Equal(t, want, c.Int(key), key)
	}
	for key, want := range map[string]string{"WORD": "x", "COUNT": "", "none": ""} {
		assert.Equal(t, want, c.String(key), key)
	}
	assert.False(t, c.Bool("WORD"))
	assert.False(t, c.Bool("none"))
	assert.Nil(t, c.Get("none"))

	c.Set("SERVER_NAME", nil)
	assert.Nil(t, c.Get("SERVER_NAME"), "nil unsets")
}

func TestConfigRefusesAnotherType(t *testing.T) {
	for _, tt := range []struct {
		key   string
		value any
		want  string
	}{
		{"DEBUG", "yes", "retort: config key DEBUG is a bool, not a string (yes)"},
		{"DEBUG", 1, "retort: config key DEBUG is a bool, not a int (1)"},
		{"SERVER_NAME", true, "retort: config key SERVER_NAME is a string, not a bool (true)"},
		{"MAX_CONTENT_LENGTH", "1MB", "retort: config key MAX_CONTENT_LENGTH is a number of bytes (int or int64), not a string (1MB)"},
		{"SECRET_KEY", 7, "retort: config key SECRET_KEY is a string or a []byte, not a int"},
		{"SECRET_KEY_FALLBACKS", "hush", "retort: config key SECRET_KEY_FALLBACKS is a list of strings or of []byte, not a string"},
		{"SECRET_KEY_FALLBACKS", []any{"hush", 1}, "retort: config key SECRET_KEY_FALLBACKS is a list of strings or of []byte, not a []interface {}"},
		{"SECRET_KEY_FALLBACKS", []string{""}, "retort: config key SECRET_KEY_FALLBACKS holds an empty key at index 0: anybody could sign with it"},
		{"SERVER_NAME", "https://a.test", `retort: config key SERVER_NAME holds "https://a.test", which is no host; it has no scheme, user or path ("example.com", "localhost:5000")`},
		{"SESSION_COOKIE_NAME", "a=b", `retort: config key SESSION_COOKIE_NAME cannot be used: the cookie name "a=b" holds one of "=", ";" or control characters, or has a space at an end; it would be read as another cookie`},
		{"SESSION_COOKIE_NAME", "", "retort: config key SESSION_COOKIE_NAME cannot be used: a cookie has no name; browsers would take its value for a name and a value"},
		{"SESSION_COOKIE_SAMESITE", "lax!", `retort: config key SESSION_COOKIE_SAMESITE cannot be used: the cookie "session": SameSite is "lax!"; it is Strict, Lax or None`},
		{"SESSION_COOKIE_PATH", "x", `retort: config key SESSION_COOKIE_PATH holds "x", which is no path: it begins with a slash`},
		{"APPLICATION_ROOT", "x", `retort: config key APPLICATION_ROOT holds "x", which is no path: it begins with a slash`},
		{"MAX_CONTENT_LENGTH", -1, "retort: config key MAX_CONTENT_LENGTH is below zero (-1)"},
		{"PERMANENT_SESSION_LIFETIME", -time.Second, "retort: config key PERMANENT_SESSION_LIFETIME is below zero (-1s)"},
		{"TRUSTED_ORIGINS", []string{"example.com"}, `retort: config key TRUSTED_ORIGINS holds "example.com", which is no origin; an entry is a scheme and a host with nothing after them ("https://example.com")`},
		{"PERMANENT_SESSION_LIFETIME", int64(1) << 62, "retort: config key PERMANENT_SESSION_LIFETIME is a number of seconds (int or int64) or a time.Duration, not a int64 (4611686018427387904)"},
		{"MAX_FORM_PARTS", time.Second, "retort: config key MAX_FORM_PARTS is a number (int or int64), not a time.Duration (1s)"},
		{"MAX_CONTENT_LENGTH", 1.5, "retort: config key MAX_CONTENT_LENGTH is a number of bytes (int or int64), not a float64 (1.5)"},
	} {
		assert.Equal(t, tt.want, panicOf(t, func() { quiet().Config.Set(tt.key, tt.value) }))
		assert.Equal(t, tt.want, panicOf(t, func() { quiet().Config.Update(map[string]any{tt.key: tt.value}) }))
	}
}

func TestConfigStoresOneTypeOfEachKey(t *testing.T) {
	type named string
	for _, tt := range []struct {
		key         string
		value, want any
	}{
		{"SECRET_KEY", []byte{0xff, 0}, "\xff\x00"},
		{"SECRET_KEY_FALLBACKS", [][]byte{{0xff}, {1}}, []string{"\xff", "\x01"}},
		{"SECRET_KEY_FALLBACKS", []any{"a", []byte("b")}, []string{"a", "b"}},
		{"TRUSTED_HOSTS", [1]named{"a.test"}, []string{"a.test"}},
		{"SERVER_NAME", named("a.test"), "a.test"},
		{"MAX_FORM_PARTS", uint8(3), int64(3)},
		{"MAX_CONTENT_LENGTH", 1e6, int64(1000000)},
		{"PERMANENT_SESSION_LIFETIME", 90, 90 * time.Second},
		{"PERMANENT_SESSION_LIFETIME", time.Hour, time.Hour},
		{"SESSION_COOKIE_SAMESITE", nil, nil},
		{"SESSION_COOKIE_SAMESITE", "strict", "strict"},
	} {
		c := quiet().Config
		c.Set(tt.key, tt.value)
		assert.Equal(t, tt.want, c.Get(tt.key), tt.key)
	}
}

func TestConfigIsFixedAfterTheFirstRequest(t *testing.T) {
	app := quiet()
	app.Config.Set("OWN", 1)
	app.TestClient().Get("/")
	assert.Equal(t, `retort: Config.Set can no longer be called on the app "test": it has handled its first request, and a change now would reach some requests and not others; move the call to where the app is set up, before Run, the first request and the first TestClient call`,
		panicOf(t, func() { app.Config.Set("OWN", 2) }))
	assert.Equal(t, int64(1), app.Config.Int("OWN"))
}

func TestConfigIsInForce(t *testing.T) {
	for _, tt := range []struct {
		name   string
		key    string
		value  any
		target string
		opts   []retort.TestOption
		status int
	}{
		{"a body within the limit", "MAX_CONTENT_LENGTH", 3, "/body", []retort.TestOption{retort.WithBody("abc", "")}, 200},
		{"a body over the limit", "MAX_CONTENT_LENGTH", 3, "/body", []retort.TestOption{retort.WithBody("abcd", "")}, 413},
		{"no limit", "MAX_CONTENT_LENGTH", nil, "/body", []retort.TestOption{retort.WithBody(strings.Repeat("x", 17<<20), "")}, 200},
		{"the default limit", "OWN", nil, "/body", []retort.TestOption{retort.WithBody(strings.Repeat("x", 17<<20), "")}, 413},
		{"automatic OPTIONS", "PROVIDE_AUTOMATIC_OPTIONS", true, "/body", []retort.TestOption{retort.WithMethod("OPTIONS")}, 200},
		{"no automatic OPTIONS", "PROVIDE_AUTOMATIC_OPTIONS", false, "/body", []retort.TestOption{retort.WithMethod("OPTIONS")}, 405},
	} {
		t.Run(tt.name, func(t *testing.T) {
			app := quiet()
			app.Config.Set(tt.key, tt.value)
			app.Post("/body")(func(c *retort.Context) (string, error) {
				_, err := c.Request.Data()
				return "", err
			})
			assert.Equal(t, tt.status, app.TestClient().Post(tt.target, tt.opts...).Status)
		})
	}
}
