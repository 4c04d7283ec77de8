package retort

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/retort-go/retort/internal/mask"
)

// ConfigValue gives the value of key as a T, fallback when it is unset. T is a
// bool, string, number or time.Duration (a number counts seconds), a type with
// an UnmarshalText method, a struct, or a map, slice or pointer of these. It
// panics with a [*ConfigError] when the value is no T.
//
//	size := retort.ConfigValue(app.Config, "PAGE_SIZE", 20)
func ConfigValue[T any](c *Config, key string, fallback T) T {
	v := c.values[key]
	if v.value == nil {
		return fallback
	}
	var value T
	if err := c.read(key, reflect.ValueOf(&value).Elem()); err != nil {
		panic(err)
	}
	return value
}

// Unmarshal sets the fields of the struct that into points to from the keys of
// their names; see [Config.FromObject] for these. A key that is unset leaves its
// field as it is, so what is set before is the default. The values are converted
// as by [ConfigValue]; the fields of structs inside are looked for in any case.
//
// The error is a [*ConfigError]. Unmarshal panics when into is no pointer to a
// struct.
func (c *Config) Unmarshal(into any) error {
	v := reflect.ValueOf(into)
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct {
		panic(fmt.Sprintf("retort: Config.Unmarshal takes a pointer to a struct, not a %T", into))
	}
	for _, f := range c.objectFields(v.Elem().Type()) {
		if c.values[f.name].value == nil {
			continue
		}
		if err := c.read(f.name, v.Elem().FieldByIndex(f.index)); err != nil {
			return err
		}
	}
	return nil
}

// read sets to from the value of key.
func (c *Config) read(key string, to reflect.Value) error {
	v := c.values[key]
	if err := setFromConfig(to, v.value, v.text); err != nil {
		if s, ok := v.value.(string); ok && mask.Setting(key) && strings.Contains(err.Error(), s) {
			err = fmt.Errorf("is not valid as a %s", to.Type()) // an UnmarshalText has quoted the secret
		}
		return &ConfigError{v.from, key, err}
	}
	return nil
}

// setFromConfig converts value, which was made of text if that is not empty. The
// error follows the name of the key; it does not have the value, which may be a
// secret.
func setFromConfig(to reflect.Value, value any, text string) error {
	if value == nil {
		return nil
	}
	v := reflect.ValueOf(value)
	if s, ok := value.(string); ok && text == "" {
		text = s
	}
	switch {
	case to.Kind() == reflect.Pointer:
		if to.IsNil() {
			to.Set(reflect.New(to.Type().Elem()))
		}
		return setFromConfig(to.Elem(), value, text)
	case v.Type().AssignableTo(to.Type()):
		to.Set(reflect.ValueOf(thawed(value)))
		return nil
	case to.Type() == durationType:
		return setSeconds(to, v, text)
	case readsText(to.Type()) && text != "":
		return setConfigText(to, text)
	}
	return setConverted(to, v, text)
}

// setConfigText is setText with the words that a bool may be.
func setConfigText(to reflect.Value, text string) error {
	if b, ok := parseBool(text); ok && to.Kind() == reflect.Bool {
		to.SetBool(b)
		return nil
	}
	return setText(to, text)
}

// setSeconds sets a duration from a number of seconds, or from its text.
func setSeconds(to, v reflect.Value, text string) error {
	if seconds := storedSeconds(v); seconds != nil {
		to.Set(reflect.ValueOf(seconds))
		return nil
	}
	d, err := time.ParseDuration(strings.TrimSpace(text))
	if n, notNumber := secondsKey.numberFromText(strings.TrimSpace(text)); notNumber == nil {
		return setFromConfig(to, n, "")
	}
	to.SetInt(int64(d))
	return reasonOr(err, errNotDuration)
}

// setConverted sets what is made of parts, and numbers of other types.
func setConverted(to, v reflect.Value, text string) error {
	switch k := to.Kind(); {
	case k == reflect.Slice:
		return setItems(to, v, text)
	case k == reflect.Map && v.Kind() == reflect.Map:
		return setEntries(to, v)
	case k == reflect.Struct && v.Kind() == reflect.Map:
		return setFields(to, v)
	case to.CanFloat() && v.CanConvert(to.Type()) && (v.CanInt() || v.CanUint() || v.CanFloat()):
		to.Set(v.Convert(to.Type()))
		return nil
	case to.CanInt() || to.CanUint():
		return setWhole(to, v)
	case k == reflect.String && v.CanInt() && v.Type() != durationType: // a password of digits
		to.SetString(strconv.FormatInt(v.Int(), 10))
		return nil
	case k == reflect.String && (v.CanFloat() || v.Kind() == reflect.Bool):
		return fmt.Errorf(`is a %s; a text that looks like one is quoted: "1.10" with its quotes`, v.Type())
	case k == v.Kind() && isFlat(k) && v.CanConvert(to.Type()): // a named type
		to.Set(v.Convert(to.Type()))
		return nil
	}
	return fmt.Errorf("is a %s, which is no %s", v.Type(), to.Type())
}

func setWhole(to, v reflect.Value) error {
	n, err := wholeNumber(v)
	switch {
	case err != nil:
		return err
	case to.CanInt() && !to.OverflowInt(n):
		to.SetInt(n)
		return nil
	case to.CanUint() && n >= 0 && !to.OverflowUint(uint64(n)):
		to.SetUint(uint64(n))
		return nil
	}
	return errTooLarge
}

var errNoList = errors.New("is not a list")

func setItems(to, v reflect.Value, text string) error {
	if text != "" && readsText(to.Type().Elem()) {
		v = reflect.ValueOf(listFromText(text))
	}
	if v.Kind() != reflect.Slice && v.Kind() != reflect.Array {
		return errNoList
	}
	items := reflect.MakeSlice(to.Type(), v.Len(), v.Len())
	for i := range v.Len() {
		if err := setFromConfig(items.Index(i), v.Index(i).Interface(), ""); err != nil {
			return fmt.Errorf("has an item, that of index %d, that %w", i, err)
		}
	}
	to.Set(items)
	return nil
}

func setEntries(to, v reflect.Value) error {
	if to.Type().Key().Kind() != reflect.String || v.Type().Key().Kind() != reflect.String {
		return fmt.Errorf("is a %s, which is no %s", v.Type(), to.Type())
	}
	entries := reflect.MakeMapWithSize(to.Type(), v.Len())
	for it := v.MapRange(); it.Next(); {
		item := reflect.New(to.Type().Elem()).Elem()
		if err := setFromConfig(item, it.Value().Interface(), ""); err != nil {
			return fmt.Errorf("has an item, %q, that %w", it.Key().String(), err)
		}
		entries.SetMapIndex(it.Key().Convert(to.Type().Key()), item)
	}
	to.Set(entries)
	return nil
}

// setFields sets a struct from a map; the names may be in any case.
func setFields(to, v reflect.Value) error {
	table, ok := asTable(v.Interface())
	if !ok {
		return fmt.Errorf("is a %s, which is no %s", v.Type(), to.Type())
	}
	var none Config // of a table inside, no name is known
	for _, f := range none.objectFields(to.Type()) {
		value, ok := table[f.name]
		for name := range table {
			if !ok && strings.EqualFold(name, f.name) {
				value, ok = table[name], true
			}
		}
		if err := setFromConfig(to.FieldByIndex(f.index), value, ""); err != nil {
			return fmt.Errorf("has an item, %q, that %w", f.name, err)
		}
	}
	return nil
}
