package retort

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/retort-go/retort/internal/cookie"
)

// Config holds the settings of an [App] under Flask's keys. Set them before the
// first request; afterwards the app works on a snapshot and Set panics. Reading
// is safe from any goroutine once the app has started.
//
// The keys that retort itself reads, their defaults and meanings are the table
// [ConfigKeys]; any other key is the application's own.
//
// Source: Flask: config.py, Config.
type Config struct {
	values map[string]any
	lock   *setupLock
}

// ConfigKey describes one key that retort reads.
type ConfigKey struct {
	Name    string
	Default any // nil: unset
	Doc     string
	kind    configKind
}

type configKind uint8

const (
	boolKey configKind = iota
	stringKey
	bytesKey
	secondsKey
	countKey
	listKey
)

func (k configKind) String() string {
	return [...]string{"a bool", "a string", "a number of bytes (int or int64)", "a number of seconds (int or int64) or a time.Duration", "a number (int or int64)", "a list of strings ([]string)"}[k]
}

// ConfigKeys lists the keys that retort reads, sorted by name.
func ConfigKeys() []ConfigKey {
	return []ConfigKey{
		{"APPLICATION_ROOT", "/", "The path under which the app is mounted; URLFor outside a request puts it first.", stringKey},
		{"DEBUG", false, "Show what helps a developer: unhandled errors reach the server, error pages say more. Also RETORT_DEBUG.", boolKey},
		{"MAX_CONTENT_LENGTH", int64(16 << 20), "The largest request body in bytes; a larger one is a 413. Differs from Flask: set by default, because an unlimited body is a way to stop a server.", bytesKey},
		{"MAX_COOKIE_SIZE", int64(cookie.MaxSize), "A Set-Cookie field of more bytes than this is logged, because browsers may drop it. 0: none is.", bytesKey},
		{"MAX_FORM_MEMORY_SIZE", int64(500_000), "How many bytes the text fields of a form may have together, or a urlencoded body as a whole; more is a 413. 0: any number.", bytesKey},
		{"MAX_FORM_PARTS", int64(1000), "How many parts a multipart form may have; more is a 413. 0: any number.", countKey},
		{"PREFERRED_URL_SCHEME", "http", "The scheme of URLs built outside a request.", stringKey},
		{"PROPAGATE_EXCEPTIONS", nil, "Let unhandled errors leave the app as a panic instead of becoming a 500. Unset: only when TESTING or DEBUG.", boolKey},
		{"PROVIDE_AUTOMATIC_OPTIONS", true, "Answer OPTIONS for every rule that has no view for it.", boolKey},
		{"SEND_FILE_MAX_AGE_DEFAULT", nil, "For how long clients may use a file that is sent without asking again, in seconds. Unset: they always ask.", secondsKey},
		{"SERVER_NAME", nil, "Host and port of the site: needed for subdomains and for URLs built outside a request.", stringKey},
		{"TESTING", false, "The app runs under test: unhandled errors leave it as a panic.", boolKey},
		{"TRAP_BAD_REQUEST_ERRORS", nil, "Treat the 400 of a missing key as an unhandled error. Unset: only when DEBUG.", boolKey},
		{"TRAP_HTTP_EXCEPTIONS", false, "Treat every HTTPError as an unhandled error unless a handler takes it.", boolKey},
		{"TRUSTED_HOSTS", nil, "The hosts that requests may be for, whatever their port is; \".example.com\" is a domain with all below it. Any other is a 400. Unset or empty: any host.", listKey},
		{"USE_X_SENDFILE", false, "Leave files on disk to the server in front: send their path in X-Sendfile, and no body.", boolKey},
	}
}

func newConfig(lock *setupLock) *Config {
	c := &Config{values: make(map[string]any), lock: lock}
	for _, k := range ConfigKeys() {
		if k.Default != nil {
			c.values[k.Name] = k.Default
		}
	}
	return c
}

// Set gives key a value. It panics when the app has handled its first request,
// and when a key that retort reads gets a value of another type.
func (c *Config) Set(key string, value any) {
	c.lock.check("Config.Set")
	for _, k := range ConfigKeys() {
		if k.Name == key {
			value = k.checked(value)
		}
	}
	c.values[key] = value
}

// checked gives value in the form in which it is stored.
func (k ConfigKey) checked(value any) any {
	ok, stored := value == nil, value
	switch v := value.(type) {
	case bool:
		ok = k.kind == boolKey
	case string:
		ok = k.kind == stringKey
	case int:
		ok, stored = k.takesNumber(), int64(v)
	case int64:
		ok = k.takesNumber()
	case []string:
		ok, stored = k.kind == listKey, slices.Clone(v)
		if k.Name == "TRUSTED_HOSTS" {
			newTrustedHosts(v) // panics on an entry that is none
		}
	case time.Duration:
		ok, stored = k.kind == secondsKey, int64(v/time.Second)
	}
	if !ok {
		panic(fmt.Sprintf("retort: config key %s is %s, not a %T (%v)", k.Name, k.kind, value, value))
	}
	return stored
}

func (k ConfigKey) takesNumber() bool {
	return k.kind == bytesKey || k.kind == secondsKey || k.kind == countKey
}

// Update sets every key of values; see [Config.Set].
func (c *Config) Update(values map[string]any) {
	for _, key := range slices.Sorted(maps.Keys(values)) {
		c.Set(key, values[key])
	}
}

// Get gives the value of key, nil when it is unset.
func (c *Config) Get(key string) any { return c.values[key] }

// String gives the value of key if it is a string, else "".
func (c *Config) String(key string) string {
	s, _ := c.values[key].(string)
	return s
}

// Bool gives the value of key if it is a bool, else false.
func (c *Config) Bool(key string) bool {
	b, _ := c.values[key].(bool)
	return b
}

// Int gives the value of key if it is an int, an int64 or a string of decimal
// digits, else 0.
func (c *Config) Int(key string) int64 {
	switch v := c.values[key].(type) {
	case int:
		return int64(v)
	case int64:
		return v
	case string:
		n, _ := strconv.ParseInt(strings.TrimSpace(v), 10, 64)
		return n
	}
	return 0
}

// seconds gives the value of key as a duration, below zero when it is unset.
func (c *Config) seconds(key string) time.Duration {
	if c.values[key] == nil {
		return -1
	}
	return time.Duration(c.Int(key)) * time.Second
}

// boolOr gives the value of key, or fallback when it is unset.
func (c *Config) boolOr(key string, fallback bool) bool {
	if b, ok := c.values[key].(bool); ok {
		return b
	}
	return fallback
}
