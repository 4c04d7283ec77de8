package retort

import (
	"encoding"
	"fmt"
	"reflect"
	"strings"
	"unicode"
)

// FromObject sets the keys that the exported fields of a struct stand for; obj
// is the struct or a pointer to it. The key of ServerName is SERVER_NAME, unless
// the field has a tag; embedded structs are part of the struct, and an outer
// field goes before an inner one of its name, as a class does before its bases.
// A struct in a field becomes a map.
//
//	type config struct {
//		base
//		SecretKey string
//		DB        struct{ Host string }                  // {"HOST": …}
//		PageSize  int           `config:"ITEMS_PER_PAGE"`
//		Limit     int64         `config:"MAX_CONTENT_LENGTH,omitzero"` // not set if 0
//		note      string                                 // not exported: left out
//		Cache     *Cache        `config:"-"`             // left out
//	}
//
// It panics with a [*ConfigError] when a value cannot be used, and with a text
// when obj is no struct.
//
// Source: Flask: config.py, from_object. Differs from Flask: the fields of a Go
// struct have its spelling, so that of the keys is derived from it.
func (c *Config) FromObject(obj any) {
	c.lock.check("Config.FromObject")
	v := reflect.ValueOf(obj)
	for v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct {
		panic(fmt.Sprintf("retort: Config.FromObject takes a struct or a pointer to one, not a %T; for a map use FromMapping", obj))
	}
	from := callerOutside().origin()
	var list []configValue
	for _, f := range c.objectFields(v.Type()) {
		value := v.FieldByIndex(f.index)
		if f.omitZero && value.IsZero() {
			continue
		}
		list = append(list, configValue{key: f.name, value: plainObject(value), from: from})
	}
	if err := c.apply(list); err != nil {
		panic(err)
	}
}

// objectField is a field and the key that it stands for.
type objectField struct {
	name     string
	index    []int
	omitZero bool
}

// objectFields lists the fields of a struct. It panics when two have one name.
func (c *Config) objectFields(t reflect.Type) []objectField {
	var fields []objectField
	byName := make(map[string]string)
	for _, f := range reflect.VisibleFields(t) {
		if f.Anonymous && f.Type.Kind() == reflect.Pointer && f.Type.Elem().Kind() == reflect.Struct {
			panic(fmt.Sprintf("retort: the field %s of %s is an embedded pointer, which may be nil; embed the struct itself to load it", f.Name, t))
		}
		name, opt, _ := strings.Cut(f.Tag.Get("config"), ",")
		if !f.IsExported() || f.Anonymous && f.Type.Kind() == reflect.Struct || name == "-" {
			continue
		}
		if name == "" {
			name = c.keyOfField(f.Name)
		}
		if other, twice := byName[name]; twice {
			panic(fmt.Sprintf("retort: the fields %s and %s of %s stand for one key, %s", other, f.Name, t, name))
		}
		byName[name] = f.Name
		fields = append(fields, objectField{name, f.Index, opt == "omitzero"})
	}
	return fields
}

// keyOfField is the key for a field without a tag: the one that retort reads if
// they differ in underscores only.
func (c *Config) keyOfField(field string) string {
	name := upperSnake(field)
	if c.keys[name].Name == "" {
		for known := range c.keys {
			if strings.ReplaceAll(known, "_", "") == strings.ReplaceAll(name, "_", "") {
				return known
			}
		}
	}
	return name
}

// upperSnake is SERVER_NAME for ServerName and HTTP_PORT for HTTPPort.
func upperSnake(field string) string {
	var b strings.Builder
	r := []rune(field)
	for i := range r {
		starts := unicode.IsUpper(r[i]) && i > 0 && r[i-1] != '_' &&
			(!unicode.IsUpper(r[i-1]) || i+1 < len(r) && unicode.IsLower(r[i+1]))
		if starts {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToUpper(r[i]))
	}
	return b.String()
}

// plainObject gives the value of a field with structs as maps; times and other
// structs that are texts stay as they are.
func plainObject(v reflect.Value) any {
	inner := v
	for inner.Kind() == reflect.Pointer && !inner.IsNil() {
		inner = inner.Elem()
	}
	if inner.Kind() == reflect.Pointer { // nil
		return nil
	}
	_, isText := inner.Interface().(encoding.TextMarshaler)
	if inner.Kind() != reflect.Struct || isText {
		return inner.Interface()
	}
	var none Config // inside, no name is known
	fields := none.objectFields(inner.Type())
	if len(fields) == 0 { // opaque
		return v.Interface()
	}
	table := make(map[string]any)
	for _, f := range fields {
		if value := inner.FieldByIndex(f.index); !f.omitZero || !value.IsZero() {
			table[f.name] = plainObject(value)
		}
	}
	return table
}
