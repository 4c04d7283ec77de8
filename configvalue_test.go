package retort_test

import (
	"fmt"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
)

type baseConfig struct {
	TestKey string
	Debug   bool
}

func TestConfigFromObject(t *testing.T) {
	type database struct {
		Host    string
		MaxConn uint8
	}
	type config struct {
		baseConfig
		Debug                 bool // goes before that of the base
		SecretKey             string
		SessionCookieHTTPOnly bool
		SessionCookieSameSite string
		DatabaseURL           string
		HTTPPort              int
		S3Bucket              string
		Limit                 int64         `config:"MAX_CONTENT_LENGTH"`
		MaxFormParts          int           `config:",omitzero"`
		Lifetime              time.Duration `config:"PERMANENT_SESSION_LIFETIME"`
		TrustedHosts          []string
		DB                    *database
		None                  *database
		Since                 time.Time
		Key_With_Underscores  string
		Left                  string `config:"-"`
		note                  string
	}
	since := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	c := quiet().Config
	c.FromObject(&config{
		baseConfig: baseConfig{"foo", true}, SecretKey: "config", SessionCookieSameSite: "Strict", DatabaseURL: "sqlite://", HTTPPort: 80,
		S3Bucket: "b", Limit: 5, Lifetime: time.Hour, TrustedHosts: []string{"a.test"}, DB: &database{"h", 3}, Since: since,
		Key_With_Underscores: "u", Left: "x", note: "x",
	})
	for key, want := range map[string]any{
		"TEST_KEY": "foo", "DEBUG": false, "SECRET_KEY": "config", "SESSION_COOKIE_HTTPONLY": false, "SESSION_COOKIE_SAMESITE": "Strict",
		"DATABASE_URL": "sqlite://", "HTTP_PORT": 80, "S3_BUCKET": "b", "MAX_CONTENT_LENGTH": int64(5), "MAX_FORM_PARTS": int64(1000),
		"PERMANENT_SESSION_LIFETIME": time.Hour, "TRUSTED_HOSTS": []string{"a.test"}, "DB": map[string]any{"HOST": "h", "MAX_CONN": uint8(3)},
		"NONE": nil, "SINCE": since, "KEY_WITH_UNDERSCORES": "u", "LEFT": nil, "NOTE": nil,
	} {
		assert.Equal(t, want, c.Get(key), key)
	}
}

func TestConfigFromObjectRefuses(t *testing.T) {
	type inner struct{ A int }
	c := quiet().Config
	for want, obj := range map[string]any{
		"retort: Config.FromObject takes a struct or a pointer to one, not a map[string]int; for a map use FromMapping": map[string]int{},
		"retort: Config.FromObject takes a struct or a pointer to one, not a <nil>; for a map use FromMapping":          nil,
		"retort: Config.FromObject takes a struct or a pointer to one, not a *struct {}; for a map use FromMapping":     (*struct{})(nil),
	} {
		assert.Equal(t, want, panicOf(t, func() { c.FromObject(obj) }))
	}
	assert.Equal(t, "retort: the fields A and B of struct { A int; B int \"config:\\\"A\\\"\" } stand for one key, A", panicOf(t, func() {
		c.FromObject(struct {
			A int
			B int `config:"A"`
		}{})
	}))
	assert.Contains(t, panicOf(t, func() { c.FromObject(struct{ *inner }{}) }), "is an embedded pointer, which may be nil; embed the struct itself to load it")
	assert.Regexp(t, `^retort: configvalue_test\.go:\d+: config key SECRET_KEY is a string or a \[\]byte, not a int$`,
		configErrorOf(t, func() { c.FromObject(struct{ A, SecretKey int }{1, 2}) }))
	assert.Nil(t, c.Get("A"), "all or nothing")
}

func TestConfigValue(t *testing.T) {
	for name, value := range map[string]string{
		"RETORT_PORT": "8080", "RETORT_PASSWORD": "123456", "RETORT_RATE": "2", "RETORT_ON": "yes", "RETORT_WAIT": "90", "RETORT_AGE": "1m30s",
		"RETORT_NAMES": "a, b", "RETORT_PORTS": "[80, 443]", "RETORT_ADDR": "10.0.0.1", "RETORT_NOTHING": "null", "RETORT_VERSION": "1.10",
		"RETORT_DB": `{"HOST": "h", "port": 5432, "password": 123456}`,
	} {
		t.Setenv(name, value)
	}
	c := quiet().Config
	c.FromPrefixedEnv()
	c.Set("HALF", 0.5)
	assert.Equal(t, 8080, retort.ConfigValue(c, "PORT", 1))
	assert.Equal(t, uint16(8080), retort.ConfigValue(c, "PORT", uint16(1)))
	assert.Equal(t, "123456", retort.ConfigValue(c, "PASSWORD", ""))
	assert.Equal(t, "1.10", retort.ConfigValue(c, "VERSION", ""), "as it was written")
	assert.Equal(t, 2.0, retort.ConfigValue(c, "RATE", 0.5))
	assert.True(t, retort.ConfigValue(c, "ON", false))
	assert.Equal(t, 90*time.Second, retort.ConfigValue(c, "WAIT", time.Second))
	assert.Equal(t, 90*time.Second, retort.ConfigValue(c, "AGE", time.Second))
	assert.Equal(t, 31*24*time.Hour, retort.ConfigValue(c, "PERMANENT_SESSION_LIFETIME", time.Second))
	assert.Equal(t, []string{"a", "b"}, retort.ConfigValue(c, "NAMES", []string(nil)))
	assert.Equal(t, []int{80, 443}, retort.ConfigValue(c, "PORTS", []int(nil)))
	assert.Equal(t, netip.MustParseAddr("10.0.0.1"), retort.ConfigValue(c, "ADDR", netip.Addr{}))
	assert.Equal(t, 7, retort.ConfigValue(c, "NOTHING", 7))
	assert.Equal(t, 7, retort.ConfigValue(c, "MISSING", 7))
	assert.Equal(t, map[string]any{"HOST": "h", "port": int64(5432), "password": int64(123456)}, retort.ConfigValue(c, "DB", map[string]any(nil)))
	type db struct {
		Host, Password string
		Port           *int
	}
	port := 5432
	assert.Equal(t, db{"h", "123456", &port}, retort.ConfigValue(c, "DB", db{}))

	for want, f := range map[string]func(){
		"retort: RETORT_PASSWORD in the environment: config key PASSWORD is neither true nor false":                    func() { retort.ConfigValue(c, "PASSWORD", false) },
		"retort: RETORT_AGE in the environment: config key AGE is not a whole number":                                  func() { retort.ConfigValue(c, "AGE", 1) },
		"retort: RETORT_PORT in the environment: config key PORT is out of range":                                      func() { retort.ConfigValue(c, "PORT", int8(1)) },
		"retort: RETORT_NAMES in the environment: config key NAMES is not a duration such as \"1m30s\"":                func() { retort.ConfigValue(c, "NAMES", time.Second) },
		"retort: RETORT_PORTS in the environment: config key PORTS is a []interface {}, which is no string":            func() { retort.ConfigValue(c, "PORTS", "") },
		"retort: RETORT_PORTS in the environment: config key PORTS has an item, that of index 1, that is out of range": func() { retort.ConfigValue(c, "PORTS", []int8{}) },
		"retort: RETORT_DB in the environment: config key DB is not a list":                                            func() { retort.ConfigValue(c, "DB", []int{}) },
		"retort: RETORT_DB in the environment: config key DB has an item, \"HOST\", that is not a whole number":        func() { retort.ConfigValue(c, "DB", struct{ Host int }{}) },
	} {
		assert.Equal(t, want, configErrorOf(t, f))
	}
	assert.Regexp(t, `^retort: configvalue_test\.go:\d+: config key HALF is a float64; a text that looks like one is quoted: "1\.10" with its quotes$`,
		configErrorOf(t, func() { retort.ConfigValue(c, "HALF", "") }))
}

func TestASecretThatCannotBeUsedIsNotShown(t *testing.T) {
	app := quiet()
	app.Config.Set("DB_PASSWORD", "hush")
	app.Config.Set("ADDR", "here")
	for key, want := range map[string]string{
		"DB_PASSWORD": "config key DB_PASSWORD is not valid as a netip.Addr",
		"ADDR":        `config key ADDR is not valid: ParseAddr("here"): unable to parse IP`,
	} {
		err, _ := panicOf(t, func() { retort.ConfigValue(app.Config, key, netip.Addr{}) }).(error)
		assert.ErrorContains(t, err, want)
		assert.NotContains(t, err.Error(), "hush")
	}
}

func TestConfigUnmarshal(t *testing.T) {
	c := quiet().Config
	c.Update(map[string]any{
		"TEST_KEY": "foo", "PAGE_SIZE": 20, "DB": map[string]any{"host": "h", "tags": []any{"a"}}, "WEIGHTS": map[string]any{"x": int64(1)}, "WHO": "me",
	})
	type name string
	s := struct {
		baseConfig
		PageSize         int
		DB               struct{ Host, User string }
		Weights          map[string]float64
		Who              name
		Other            string
		MaxContentLength int64
	}{Other: "default"}
	s.DB.User = "root"
	require.NoError(t, c.Unmarshal(&s))
	assert.Equal(t, "foo", s.TestKey)
	assert.Equal(t, 20, s.PageSize)
	assert.Equal(t, "h", s.DB.Host)
	assert.Equal(t, "root", s.DB.User, "what is not there stays")
	assert.Equal(t, map[string]float64{"x": 1}, s.Weights)
	assert.Equal(t, name("me"), s.Who)
	assert.Equal(t, "default", s.Other)
	assert.Equal(t, int64(16<<20), s.MaxContentLength)

	err := c.Unmarshal(&struct{ TestKey int }{})
	var fault *retort.ConfigError
	require.ErrorAs(t, err, &fault)
	assert.Equal(t, "TEST_KEY", fault.Key)
	assert.Regexp(t, `^retort: configvalue_test\.go:\d+: config key TEST_KEY is not a whole number$`, err.Error())
	assert.Equal(t, "retort: Config.Unmarshal takes a pointer to a struct, not a struct {}", panicOf(t, func() { _ = c.Unmarshal(struct{}{}) }))
}

func TestConfigGetters(t *testing.T) {
	c := quiet().Config
	c.Update(map[string]any{
		"YES": "Yes", "ONE": 1, "TWO": 2, "OFF": "off", "HALF": 0.5, "TEXT": "1.5", "SECONDS": 90, "LONG": "1m30s", "WAIT": time.Hour,
		"LIST": []any{"a", "b"}, "WORDS": "a, b,,", "MIXED": []any{"a", 1}, "DEEP": []any{"a", []any{}}, "WORD": "x",
	})
	for key, want := range map[string]bool{"YES": true, "ONE": true, "TWO": false, "OFF": false, "none": false} {
		assert.Equal(t, want, c.Bool(key), key)
	}
	for key, want := range map[string]float64{"HALF": 0.5, "TEXT": 1.5, "ONE": 1, "YES": 0, "none": 0} {
		assert.Equal(t, want, c.Float(key), key)
	}
	for key, want := range map[string]time.Duration{"SECONDS": 90 * time.Second, "LONG": 90 * time.Second, "WAIT": time.Hour, "WORD": 0, "none": 0} {
		assert.Equal(t, want, c.Duration(key), key)
	}
	for key, want := range map[string][]string{"LIST": {"a", "b"}, "WORDS": {"a", "b"}, "WORD": {"x"}, "MIXED": {"a", "1"}, "DEEP": nil, "ONE": nil, "none": nil} {
		assert.Equal(t, want, c.Strings(key), key)
	}
	assert.Equal(t, int64(3600), c.Int("WAIT"), "whole seconds")
	c.Set("PERMANENT_SESSION_LIFETIME", 42)
	assert.Equal(t, 42*time.Second, c.Duration("PERMANENT_SESSION_LIFETIME"))
}

func TestConfigNamespaceAndKeys(t *testing.T) {
	c := quiet().Config
	before := c.Keys()
	c.Update(map[string]any{"FOO_OPTION_1": "foo option 1", "FOO_OPTION_2": "foo option 2", "BAR_STUFF_1": "bar stuff 1", "FOO_NONE": nil})
	assert.Equal(t, map[string]any{"option_1": "foo option 1", "option_2": "foo option 2"}, c.Namespace("FOO_"))
	assert.Empty(t, c.Namespace("BAZ_"))
	assert.Contains(t, before, "SESSION_COOKIE_NAME")
	assert.NotContains(t, before, "SECRET_KEY", "unset")
	assert.Len(t, c.Keys(), len(before)+3)
	assert.IsIncreasing(t, c.Keys())
}

func TestConfigIsASnapshot(t *testing.T) {
	hosts, table := []string{"a.test"}, map[string]any{"list": []any{1}}
	app := quiet()
	app.Config.Set("TRUSTED_HOSTS", hosts)
	app.Config.Set("TABLE", table)
	app.TestClient().Get("/")
	hosts[0], table["list"].([]any)[0] = "b.test", 2
	want := map[string]any{"list": []any{1}}
	assert.Equal(t, []string{"a.test"}, app.Config.Get("TRUSTED_HOSTS"))
	assert.Equal(t, want, app.Config.Get("TABLE"))

	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for range 100 {
				app.Config.Get("TABLE").(map[string]any)["list"].([]any)[0] = 3
				app.Config.Strings("TRUSTED_HOSTS")[0] = "c.test"
				_ = retort.ConfigValue(app.Config, "TABLE", map[string]any(nil))
				_ = fmt.Sprint(app.Config)
			}
		})
	}
	readers.Wait()
	assert.Equal(t, want, app.Config.Get("TABLE"), "readers get copies")
	assert.Equal(t, []string{"a.test"}, app.Config.Strings("TRUSTED_HOSTS"))

	loop := map[string]any{}
	loop["self"] = []any{loop}
	assert.Equal(t, "retort: config key LOOP holds itself, so it has no end", panicOf(t, func() { quiet().Config.Set("LOOP", loop) }))
}
