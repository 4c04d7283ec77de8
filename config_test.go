package retort_test

import (
	"slices"
	"strings"
	"testing"

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
		{"MAX_CONTENT_LENGTH", 1.5, "retort: config key MAX_CONTENT_LENGTH is a number of bytes (int or int64), not a float64 (1.5)"},
	} {
		assert.Equal(t, tt.want, panicOf(t, func() { quiet().Config.Set(tt.key, tt.value) }))
		assert.Equal(t, tt.want, panicOf(t, func() { quiet().Config.Update(map[string]any{tt.key: tt.value}) }))
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
