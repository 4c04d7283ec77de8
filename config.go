package retort

import (
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Config holds the settings of an [App] under Flask's keys. Set them before the
// first request; afterwards the app works on a snapshot and Set panics. Reading
// is safe from any goroutine once the app has started: maps and slices are
// copied when they are set and when they are read.
//
// The keys that retort itself reads, their defaults and meanings are the table
// [ConfigKeys]; any other key is the application's own. When the app starts, one
// that is nearly a key of the table is logged.
//
// Later values replace earlier ones, so the usual order is defaults of the
// program, a file, the environment:
//
//	app.Config.FromMapping(map[string]any{"PAGE_SIZE": 20})
//	app.Config.FromFile("config.toml", retort.Silent())
//	app.Config.FromPrefixedEnv()
//
// The methods whose names begin with From panic with a [*ConfigError] that says
// where the fault is, and then change nothing. Printing a Config shows no
// secrets.
//
// Source: Flask: config.py, Config. Differs from Flask: values that retort reads
// are checked when they are set, because a wrong one is easiest to find there.
type Config struct {
	values  map[string]configValue
	keys    map[string]ConfigKey
	ignored []configValue // whose keys are not in upper case
	lock    *setupLock
	root    *rootPath // what names of files are relative to
}

// configValue is a value and where it was set.
type configValue struct {
	key   string
	value any
	text  string // what value was made of, if it was one word in the environment
	from  ConfigOrigin
}

func newConfig(lock *setupLock, root *rootPath) *Config {
	c := &Config{values: make(map[string]configValue), keys: make(map[string]ConfigKey), lock: lock, root: root}
	for _, k := range ConfigKeys() {
		c.keys[k.Name] = k
		if k.Default != nil {
			c.values[k.Name] = configValue{key: k.Name, value: k.Default}
		}
	}
	return c
}

// Set gives key a value; nil unsets it. It panics when the app has handled its
// first request, and when a key that retort reads gets a value of another type
// or one that it cannot use.
func (c *Config) Set(key string, value any) {
	c.lock.check("Config.Set")
	if err := c.apply([]configValue{{key: key, value: value, from: callerOutside().origin()}}); err != nil {
		err.Origin = ConfigOrigin{} // the panic shows the place
		panic(err.Error())
	}
}

// Update sets every key of values; see [Config.Set].
func (c *Config) Update(values map[string]any) {
	for _, key := range slices.Sorted(maps.Keys(values)) {
		c.Set(key, values[key])
	}
}

// apply sets all values, or none when one of them cannot be used.
func (c *Config) apply(list []configValue) *ConfigError {
	for i := range list {
		v := &list[i]
		var err error
		if known, ok := c.keys[v.key]; ok {
			v.value, err = known.checked(v.value)
		} else {
			v.value, err = frozenCopy(v.value)
		}
		if err != nil {
			return &ConfigError{v.from, v.key, err}
		}
	}
	for _, v := range list {
		c.values[v.key] = v
	}
	return nil
}

// Get gives the value of key, nil when it is unset. Numbers of files and of the
// environment are int64 or float64, their lists []any, their tables
// map[string]any; keys that retort reads have the types of [ConfigKeys].
func (c *Config) Get(key string) any { return thawed(c.values[key].value) }

// Keys gives the keys that have a value, sorted.
func (c *Config) Keys() []string {
	var keys []string
	for key, v := range c.values {
		if v.value != nil {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// Namespace gives the values whose keys begin with prefix, under the rest of
// their key in lower case: those of IMAGE_STORE_TYPE and IMAGE_STORE_PATH as
// "type" and "path" for the prefix "IMAGE_STORE_".
//
// Source: Flask: config.py, get_namespace.
func (c *Config) Namespace(prefix string) map[string]any {
	values := make(map[string]any)
	for key, v := range c.values {
		if rest, ok := strings.CutPrefix(key, prefix); ok && v.value != nil {
			values[strings.ToLower(rest)] = thawed(v.value)
		}
	}
	return values
}

// String gives the value of key if it is a string, the text of a number or bool
// that comes from the environment (a password may be 123456), else "".
func (c *Config) String(key string) string {
	v := c.values[key]
	if s, ok := v.value.(string); ok {
		return s
	}
	return v.text
}

// Bool gives the value of key if it is a bool, or a number or text that says so:
// 1, true, yes, on in any case. Anything else is false.
func (c *Config) Bool(key string) bool {
	switch v := c.values[key].value.(type) {
	case bool:
		return v
	case string:
		b, _ := parseBool(v)
		return b
	case int:
		return v == 1
	case int64:
		return v == 1
	}
	return false
}

// Int gives the value of key if it is an int, an int64 or a string of decimal
// digits, the whole seconds of a time.Duration, else 0.
func (c *Config) Int(key string) int64 {
	switch v := c.values[key].value.(type) {
	case int:
		return int64(v)
	case int64:
		return v
	case time.Duration:
		return int64(v / time.Second)
	case string:
		n, _ := strconv.ParseInt(strings.TrimSpace(v), 10, 64)
		return n
	}
	return 0
}

// Float gives the value of key if it is a number or a text that is one, else 0.
func (c *Config) Float(key string) float64 {
	switch v := c.values[key].value.(type) {
	case float64:
		return v
	case string:
		f, _ := strconv.ParseFloat(strings.TrimSpace(v), 64)
		return f
	}
	return float64(c.Int(key))
}

// Duration gives the value of key if it is a time.Duration, a whole number of
// seconds or a text such as "1m30s", else 0.
func (c *Config) Duration(key string) time.Duration {
	var d time.Duration
	if c.read(key, reflect.ValueOf(&d).Elem()) != nil {
		return 0
	}
	return d
}

// Strings gives the value of key if it is a list of strings; a text is split at
// its commas. Anything else is nil.
func (c *Config) Strings(key string) []string {
	var list []string
	if c.read(key, reflect.ValueOf(&list).Elem()) != nil {
		return nil
	}
	return list
}

// seconds gives the value of key as a duration, below zero when it is unset.
func (c *Config) seconds(key string) time.Duration {
	d, ok := c.values[key].value.(time.Duration)
	if !ok {
		return -1
	}
	return d
}

// boolOr gives the value of key, or fallback when it is unset.
func (c *Config) boolOr(key string, fallback bool) bool {
	if b, ok := c.values[key].value.(bool); ok {
		return b
	}
	return fallback
}

// parseBool reads the words for true and false.
func parseBool(text string) (value, ok bool) {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "1", "true", "yes", "on", "t", "y":
		return true, true
	case "0", "false", "no", "off", "f", "n":
		return false, true
	}
	return false, false
}
