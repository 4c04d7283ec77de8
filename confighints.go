package retort

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"unicode"

	"github.com/retort-go/retort/internal/nearest"
)

// meantKey gives the key that retort reads and that key comes near, "" for a key
// that is the application's own.
func (c *Config) meantKey(key string) string {
	if _, known := c.keys[key]; known {
		return ""
	}
	bare := strings.ToUpper(strings.ReplaceAll(key, "-", "_"))
	for _, prefix := range []string{"", defaultEnvPrefix + "_", "FLASK_"} {
		if rest, ok := strings.CutPrefix(bare, prefix); ok && c.keys[rest].Name != "" {
			return rest
		}
	}
	const enough = 0.87 // one letter of a short name, two or three of a long one
	best, most := "", enough
	for name := range c.keys {
		if l := nearest.Likeness(name, bare); l > most || l == most && name < best {
			best, most = name, l
		}
	}
	return best
}

// isUpperKey reports whether key has letters, all in upper case.
//
// Source: Python: str.isupper.
func isUpperKey(key string) bool {
	return strings.ContainsFunc(key, unicode.IsUpper) && !strings.ContainsFunc(key, unicode.IsLower)
}

// warnOfUnknownKeys logs the keys that are nearly ones that retort reads: most
// likely they are meant to be.
func (c *Config) warnOfUnknownKeys(log *slog.Logger) {
	list := slices.Clone(c.ignored)
	for _, v := range c.values {
		list = append(list, v)
	}
	slices.SortFunc(list, func(a, b configValue) int { return strings.Compare(a.key, b.key) })
	for _, v := range list {
		if meant := c.meantKey(v.key); meant != "" {
			log.Warn("retort does not read this config key, but one of nearly the same name", "key", v.key, "meant", meant, "set", v.from.String())
		}
	}
}

// refuseNearKeys is the error for the first of the keys that is nearly one that
// retort reads.
func (c *Config) refuseNearKeys(list []configValue) *ConfigError {
	for _, v := range list {
		if meant := c.meantKey(v.key); meant != "" {
			return &ConfigError{v.from, v.key, fmt.Errorf("is not one that retort reads; is %s meant?", meant)}
		}
	}
	return nil
}
