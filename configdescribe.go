package retort

import (
	"fmt"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/retort-go/retort/internal/mask"
)

// ConfigEntry is a key of a [Config] as it may be shown.
type ConfigEntry struct {
	Key    string
	Value  string // as Go writes it; "unset"; "[hidden]" for a secret
	Origin ConfigOrigin
	Doc    string // "" for a key of the application's own
}

// Describe lists the keys that retort reads and those that are set, sorted, each
// with where its value comes from. Secrets are hidden: SECRET_KEY and
// SECRET_KEY_FALLBACKS, what has a name that speaks of a secret (PASSWORD, TOKEN,
// API_KEY), also inside of maps, and the passwords in URLs and in the addresses of
// databases.
func (c *Config) Describe() []ConfigEntry {
	var list []ConfigEntry
	for name, k := range c.keys {
		list = append(list, ConfigEntry{Key: name, Doc: k.Doc})
	}
	for key := range c.values {
		if _, known := c.keys[key]; !known {
			list = append(list, ConfigEntry{Key: key})
		}
	}
	for i := range list {
		v := c.values[list[i].Key]
		list[i].Value, list[i].Origin = shown(list[i].Key, v.value), v.from
	}
	slices.SortFunc(list, func(a, b ConfigEntry) int { return strings.Compare(a.Key, b.Key) })
	return list
}

// Format writes the keys that are set, without secrets, for every verb of
// package fmt. It is a method of the value, so that a copy shows none either.
func (c Config) Format(f fmt.State, _ rune) {
	var items []string
	for _, e := range c.Describe() {
		if e.Value != unsetValue {
			items = append(items, e.Key+": "+e.Value)
		}
	}
	fmt.Fprintf(f, "Config{%s}", strings.Join(items, ", "))
}

// unsetValue stands for a key without a value.
const unsetValue = "unset"

// shown is the value of a key as it may be shown.
func shown(key string, value any) string {
	switch {
	case value == nil:
		return unsetValue
	case mask.Setting(key):
		return mask.Hidden
	}
	v := reflect.ValueOf(value)
	switch v.Kind() {
	case reflect.String:
		return fmt.Sprintf("%q", withoutPassword(v.String()))
	case reflect.Map:
		return shownMap(v)
	case reflect.Slice, reflect.Array:
		items := make([]string, v.Len())
		for i := range items {
			items[i] = shown("", v.Index(i).Interface())
		}
		return "[" + strings.Join(items, ", ") + "]"
	case reflect.Struct, reflect.Pointer, reflect.Func, reflect.Chan, reflect.Interface:
		if s, ok := value.(fmt.Stringer); ok && v.Kind() == reflect.Struct {
			return s.String()
		}
		return v.Type().String() // its fields may be secret
	}
	return fmt.Sprint(value)
}

func shownMap(v reflect.Value) string {
	var items []string
	for it := v.MapRange(); it.Next(); {
		name := fmt.Sprint(it.Key())
		items = append(items, name+": "+shown(name, it.Value().Interface()))
	}
	slices.Sort(items)
	return "{" + strings.Join(items, ", ") + "}"
}

// assignment is name=value, as in the query of a URL and the parameters of a
// database.
var assignment = regexp.MustCompile(`([\w.-]+)\s*=\s*('[^']*'|"[^"]*"|[^\s&;]+)`)

// withoutPassword hides the passwords of a URL or of what looks like the address
// of a database.
func withoutPassword(s string) string {
	return assignment.ReplaceAllStringFunc(withoutUserinfo(s), func(pair string) string {
		if name, _, _ := strings.Cut(pair, "="); mask.Setting(strings.TrimSpace(name)) {
			return name + "=" + mask.Hidden
		}
		return pair
	})
}

func withoutUserinfo(s string) string {
	if !strings.Contains(s, "@") {
		return s
	}
	u, err := url.Parse(s)
	if err == nil && u.Host != "" {
		return u.Redacted()
	}
	if name, _, _ := strings.Cut(s, "@"); strings.Contains(name, ":") || err != nil { // user:password@tcp(host)/name
		return mask.Hidden
	}
	return s
}
