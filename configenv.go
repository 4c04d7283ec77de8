package retort

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
)

// FromPrefixedEnv sets the keys that the environment has under prefix, RETORT
// when it is left out: RETORT_PAGE_SIZE sets PAGE_SIZE. The names are taken in
// sorted order and in the case that they have.
//
// A key that retort reads takes what its kind allows: a bool 1, true, True, yes,
// on and their opposites; a number digits; a time seconds or "1h30m"; a list
// JSON or a text with commas, SECRET_KEY_FALLBACKS only JSON; a string any text.
// An empty text for one that is no string leaves it as it is. Any other key takes
// JSON, true and false in any case, else the text; [Config.String] gives the
// text of a number as it was written. null unsets.
//
// Two underscores go into a map, which is made if it is not there:
// RETORT_DB__HOST=localhost sets "HOST" in the map under DB.
//
// Under RETORT, RETORT_RUN_… (see [RunOptions]), RETORT_LOG (see [App].Logger),
// RETORT_DEBUG_PIN, RETORT_SKIP_DOTENV and their like are no keys: they are for
// those who start the app.
//
// It panics with a [*ConfigError] when a value cannot be used.
//
// Source: Flask: config.py, from_prefixed_env. Differs from Flask: keys that
// retort reads are read as what they are, because RETORT_DEBUG=False would be a
// text, and so true, and SECRET_KEY=123456 a number.
func (c *Config) FromPrefixedEnv(prefix ...string) {
	c.lock.check("Config.FromPrefixedEnv")
	if len(prefix) > 1 {
		panic("retort: FromPrefixedEnv takes one prefix")
	}
	if err := c.fromEnv(os.Environ(), append(prefix, defaultEnvPrefix)[0]); err != nil {
		panic(err)
	}
}

const defaultEnvPrefix = "RETORT"

// fromEnv takes the keys from "NAME=value" pairs.
func (c *Config) fromEnv(environ []string, prefix string) *ConfigError {
	vars := make(map[string]string)
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		vars[name] = value
	}
	e := envReader{c: c, staged: make(map[string]configValue)}
	for _, name := range slices.Sorted(maps.Keys(vars)) {
		key, ok := strings.CutPrefix(name, prefix+"_")
		if !ok || prefix == defaultEnvPrefix && forStarting(key) {
			continue
		}
		if err := e.take(name, key, vars[name]); err != nil {
			return err
		}
	}
	staged := slices.Collect(maps.Values(e.staged))
	return c.apply(staged)
}

// forStarting reports whether RETORT_key is for those who start the app.
func forStarting(key string) bool {
	switch key {
	case "APP", "DEBUG_PIN", "DEBUG_SECRET", "DOTENV_NAMES", "EDITOR", "ENV_FILE", "LIVE", "LOG", "SERVER_FD", "SKIP_DOTENV", "TERMINAL":
		return true
	}
	return strings.HasPrefix(key, "RUN_")
}

// envReader collects what the environment sets.
type envReader struct {
	c      *Config
	staged map[string]configValue
}

var errEmptyName = errors.New("has an empty name between its underscores; a name is PREFIX_KEY, or PREFIX_KEY__NAME for an item of a map")

func (e *envReader) take(name, key, text string) *ConfigError {
	from := ConfigOrigin{Variable: name}
	path := strings.Split(key, "__")
	if slices.Contains(path, "") {
		return &ConfigError{Origin: from, Err: errEmptyName}
	}
	key, path = path[0], path[1:]
	known, isKnown := e.c.keys[key]
	switch {
	case isKnown && len(path) > 0:
		return &ConfigError{from, key, fmt.Errorf("is %s and has no items; write it without __", known.kind)}
	case isKnown:
		value, ok, err := known.kind.fromText(text)
		if err == nil && ok {
			_, err = known.checked(value) // one after the other, so that the first fault is reported
		}
		if err != nil {
			return &ConfigError{from, key, err}
		}
		if ok {
			e.staged[key] = configValue{key: key, value: value, from: from}
		}
	case len(path) > 0:
		return e.takeItem(key, path, text, from)
	default:
		e.staged[key] = looseConfigValue(key, text, from)
	}
	return nil
}

// looseConfigValue keeps the text of one word beside what it was read as.
func looseConfigValue(key, text string, from ConfigOrigin) configValue {
	v := configValue{key: key, value: looseValue(text), from: from}
	switch v.value.(type) {
	case bool, int64, float64:
		v.text = text
	}
	return v
}

// takeItem sets an item of a map, at any depth.
func (e *envReader) takeItem(key string, path []string, text string, from ConfigOrigin) *ConfigError {
	v, ok := e.staged[key]
	if !ok {
		v = configValue{key: key, value: e.c.Get(key)}
	}
	top, ok := asTable(v.value)
	table := top
	for i := 0; ok && i < len(path)-1; i++ {
		var inner map[string]any
		if inner, ok = asTable(table[path[i]]); ok {
			table[path[i]] = inner
			table = inner
		} else {
			key += "." + path[i]
		}
	}
	if !ok {
		return &ConfigError{from, key, errors.New("is set already, and to no map, so it cannot take an item")}
	}
	table[path[len(path)-1]] = looseValue(text)
	e.staged[v.key] = configValue{key: v.key, value: top, from: from}
	return nil
}

// asTable gives a value as a map that may be changed, an empty one for nil.
func asTable(value any) (map[string]any, bool) {
	if value == nil {
		return make(map[string]any), true
	}
	v := reflect.ValueOf(value)
	if v.Kind() != reflect.Map || v.Type().Key().Kind() != reflect.String {
		return nil, false
	}
	table := make(map[string]any, v.Len())
	for it := v.MapRange(); it.Next(); {
		table[it.Key().String()] = it.Value().Interface()
	}
	return table, true
}
