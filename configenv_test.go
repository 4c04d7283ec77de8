package retort_test

import (
	"encoding/base64"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/retort-go/retort"
)

func TestConfigFromPrefixedEnv(t *testing.T) {
	for name, value := range map[string]string{
		"RETORT_STRING": "value", "RETORT_BOOL": "true", "RETORT_PYTHON": "True", "RETORT_NO": "FALSE", "RETORT_INT": "1",
		"RETORT_FLOAT": "1.2", "RETORT_LIST": "[1, 2]", "RETORT_DICT": `{"k": "v", "n": 1}`, "RETORT_QUOTED": `"7"`,
		"RETORT_NULL": "null", "RETORT_EMPTY": "", "RETORT_ZEROS": "007", "RETORT_HUGE": "12345678901234567890", "RETORT_ENDLESS": "1e999",
		"RETORT_TWO": "1 2", "RETORT_NAN": "NaN", "RETORT_lower": "x", "NOT_RETORT_OTHER": "other", "RETORTOTHER": "x",
		"RETORT_RUN_PORT": "1", "RETORT_APP": "x", "RETORT_DEBUG_PIN": "1", "RETORT_LOG": "json", "RETORT_SKIP_DOTENV": "1",
	} {
		t.Setenv(name, value)
	}
	c := quiet().Config
	c.Set("NULL", 1)
	c.FromPrefixedEnv()
	for key, want := range map[string]any{
		"STRING": "value", "BOOL": true, "PYTHON": true, "NO": false, "INT": int64(1),
		"FLOAT": 1.2, "LIST": []any{int64(1), int64(2)}, "DICT": map[string]any{"k": "v", "n": int64(1)}, "QUOTED": "7",
		"NULL": nil, "EMPTY": "", "ZEROS": "007", "HUGE": "12345678901234567890", "ENDLESS": "1e999",
		"TWO": "1 2", "NAN": "NaN", "lower": "x", "OTHER": nil, "RUN_PORT": nil, "APP": nil, "DEBUG_PIN": nil, "LOG": nil, "SKIP_DOTENV": nil,
	} {
		assert.Equal(t, want, c.Get(key), key)
	}
	for key, want := range map[string]string{"INT": "1", "FLOAT": "1.2", "PYTHON": "True", "STRING": "value", "LIST": "", "NULL": ""} {
		assert.Equal(t, want, c.String(key), "%s as it was written", key)
	}
}

func TestConfigFromPrefixedEnvOfAnotherPrefix(t *testing.T) {
	t.Setenv("RETORT_A", "a")
	t.Setenv("NOT_RETORT_A", "b")
	t.Setenv("NOT_RETORT_RUN_X", "own")
	c := quiet().Config
	c.FromPrefixedEnv("NOT_RETORT")
	assert.Equal(t, "b", c.Get("A"))
	assert.Equal(t, "own", c.Get("RUN_X"), "only RETORT_RUN_ is for Run")
	assert.Equal(t, "retort: FromPrefixedEnv takes one prefix", panicOf(t, func() { c.FromPrefixedEnv("A", "B") }))
}

func TestConfigFromPrefixedEnvGoesIntoMaps(t *testing.T) {
	t.Setenv("RETORT_EXIST__ok", "other")
	t.Setenv("RETORT_EXIST__inner__ik", "2")
	t.Setenv("RETORT_EXIST__new__more", `{"k": false}`)
	t.Setenv("RETORT_NEW", `{"A": 1}`)
	t.Setenv("RETORT_NEW__K", "v")
	c := quiet().Config
	exist := retort.H{"ok": "value", "flag": true, "inner": map[string]int{"ik": 1, "other": 3}}
	c.Set("EXIST", exist)
	c.FromPrefixedEnv()
	assert.Equal(t, map[string]any{
		"ok": "other", "flag": true, "inner": map[string]any{"ik": int64(2), "other": 3},
		"new": map[string]any{"more": map[string]any{"k": false}},
	}, c.Get("EXIST"))
	assert.Equal(t, map[string]any{"A": int64(1), "K": "v"}, c.Get("NEW"))
	assert.Equal(t, retort.H{"ok": "value", "flag": true, "inner": map[string]int{"ik": 1, "other": 3}}, exist, "a copy was set")
}

func TestConfigFromPrefixedEnvReadsKnownKeysAsWhatTheyAre(t *testing.T) {
	secret := base64.StdEncoding.EncodeToString([]byte("hush"))
	for _, tt := range []struct {
		key, text string
		want      any
	}{
		{"DEBUG", "true", true}, {"DEBUG", "True", true}, {"DEBUG", "TRUE", true}, {"DEBUG", "1", true}, {"DEBUG", "yes", true}, {"DEBUG", " on ", true},
		{"PROVIDE_AUTOMATIC_OPTIONS", "False", false}, {"PROVIDE_AUTOMATIC_OPTIONS", "0", false}, {"PROVIDE_AUTOMATIC_OPTIONS", "no", false}, {"PROVIDE_AUTOMATIC_OPTIONS", "off", false},
		{"PROVIDE_AUTOMATIC_OPTIONS", "", true}, {"PROVIDE_AUTOMATIC_OPTIONS", "null", nil},
		{"SECRET_KEY", "123456", "123456"}, {"SECRET_KEY", secret, secret}, {"SECRET_KEY", `"quoted"`, "quoted"}, {"SECRET_KEY", " blanks ", " blanks "},
		{"SECRET_KEY", "True", "True"}, {"SERVER_NAME", "", ""}, {"SESSION_COOKIE_SAMESITE", "", ""},
		{"SECRET_KEY_FALLBACKS", `["a,b", "c"]`, []string{"a,b", "c"}},
		{"TRUSTED_HOSTS", "a.test, .b.test,", []string{"a.test", ".b.test"}}, {"TRUSTED_HOSTS", `["a.test"]`, []string{"a.test"}}, {"TRUSTED_HOSTS", "[::1],a.test", []string{"[::1]", "a.test"}},
		{"MAX_CONTENT_LENGTH", "1000", int64(1000)}, {"MAX_CONTENT_LENGTH", "null", nil}, {"MAX_CONTENT_LENGTH", "", int64(16 << 20)},
		{"PERMANENT_SESSION_LIFETIME", "60", time.Minute}, {"PERMANENT_SESSION_LIFETIME", "1h30m", 90 * time.Minute},
	} {
		t.Run(tt.key+"="+tt.text, func(t *testing.T) {
			t.Setenv("RETORT_"+tt.key, tt.text)
			c := quiet().Config
			c.FromPrefixedEnv()
			assert.Equal(t, tt.want, c.Get(tt.key))
		})
	}
}

func TestConfigFromPrefixedEnvRefuses(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"RETORT_DEBUG", "maybe", `retort: RETORT_DEBUG in the environment: config key DEBUG is a bool: true, 1, yes, on; false, 0, no, off; not "maybe"`},
		{"RETORT_MAX_FORM_PARTS", "1k", `retort: RETORT_MAX_FORM_PARTS in the environment: config key MAX_FORM_PARTS is a whole number; not "1k"`},
		{"RETORT_MAX_FORM_PARTS", "1h", `retort: RETORT_MAX_FORM_PARTS in the environment: config key MAX_FORM_PARTS is a whole number; not "1h"`},
		{"RETORT_PERMANENT_SESSION_LIFETIME", "a day", `retort: RETORT_PERMANENT_SESSION_LIFETIME in the environment: config key PERMANENT_SESSION_LIFETIME is a number of seconds, or a duration such as "1h30m"; not "a day"`},
		{"RETORT_SECRET_KEY_FALLBACKS", "hush", `retort: RETORT_SECRET_KEY_FALLBACKS in the environment: config key SECRET_KEY_FALLBACKS is a list of keys, as JSON: ["key", "older key"]; a single key would be taken for a list of one-letter keys`},
		{"RETORT_SECRET_KEY_FALLBACKS", `"hush"`, `retort: RETORT_SECRET_KEY_FALLBACKS in the environment: config key SECRET_KEY_FALLBACKS is a list of keys, as JSON: ["key", "older key"]; a single key would be taken for a list of one-letter keys`},
		{"RETORT_SECRET_KEY_FALLBACKS", `["hush", ""]`, `retort: RETORT_SECRET_KEY_FALLBACKS in the environment: config key SECRET_KEY_FALLBACKS holds an empty key at index 1: anybody could sign with it`},
		{"RETORT_TRUSTED_HOSTS", "[1]", `retort: RETORT_TRUSTED_HOSTS in the environment: config key TRUSTED_HOSTS is a list of strings ([]string), not a []interface {} ([1])`},
		{"RETORT_TRUSTED_HOSTS", "a b", `retort: RETORT_TRUSTED_HOSTS in the environment: config key TRUSTED_HOSTS holds "a b", which is no host name; an entry is a host ("example.com"), or a domain with all below it (".example.com")`},
		{"RETORT_SERVER_NAME__A", "x", `retort: RETORT_SERVER_NAME__A in the environment: config key SERVER_NAME is a string and has no items; write it without __`},
		{"RETORT_TEXT__A", "x", `retort: RETORT_TEXT__A in the environment: config key TEXT is set already, and to no map, so it cannot take an item`},
		{"RETORT_MAP__A__B", "x", `retort: RETORT_MAP__A__B in the environment: config key MAP.A is set already, and to no map, so it cannot take an item`},
		{"RETORT_MAP__", "x", `retort: RETORT_MAP__ in the environment: has an empty name between its underscores; a name is PREFIX_KEY, or PREFIX_KEY__NAME for an item of a map`},
		{"RETORT_", "x", `retort: RETORT_ in the environment: has an empty name between its underscores; a name is PREFIX_KEY, or PREFIX_KEY__NAME for an item of a map`},
	} {
		t.Run(tt.name+"="+tt.text, func(t *testing.T) {
			t.Setenv("RETORT_A", "1")
			t.Setenv(tt.name, tt.text)
			c := quiet().Config
			c.Set("TEXT", "x")
			c.Set("MAP", map[string]any{"A": 1})
			assert.Equal(t, tt.want, configErrorOf(t, func() { c.FromPrefixedEnv() }))
			assert.Nil(t, c.Get("A"), "all or nothing")
		})
	}
}
