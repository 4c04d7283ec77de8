package urlmap

import (
	"encoding"
	"fmt"
	"reflect"
	"strconv"
)

// present reports whether v counts as given: nil and nil pointers do not.
func present(v any) bool {
	switch v.(type) {
	case nil:
		return false
	case string, int, float64, bool:
		return true
	}
	rv := reflect.ValueOf(v)
	return rv.Kind() != reflect.Pointer || !rv.IsNil()
}

// forConverter returns v in a form that a converter of values of type t takes:
// pointers are followed, and where t is string anything that has a text becomes
// that text, as does for a number what is none itself. What cannot be brought
// nearer to t comes back as it is, for the converter to refuse.
func forConverter(v any, t reflect.Type) any {
	switch v.(type) {
	case nil, string:
		return v
	case int, float64:
		if t.Kind() != reflect.String {
			return v
		}
	}
	rv := reflect.ValueOf(v)
	switch {
	case rv.Type() == t:
		return v
	case rv.Kind() == reflect.Pointer && isPlain(rv.Elem().Kind()) && t.Kind() != reflect.String:
		return forConverter(rv.Elem().Interface(), t)
	case rv.Kind() == reflect.Float32:
		v = widen(float32(rv.Float()))
	}
	if t.PkgPath() == "" && (t.Kind() == reflect.String || !isPlain(rv.Kind())) {
		if text, err := urlText(v); err == nil {
			return text
		}
	}
	return v
}

// isPlain reports whether values of a kind are what a converter can hold as they
// are: numbers, strings, bools, and arrays, because a UUID is one.
func isPlain(k reflect.Kind) bool {
	return k >= reflect.Bool && k <= reflect.Float64 || k == reflect.String || k == reflect.Array
}

// widen returns the float64 that is written as f is: 0.1 stays 0.1.
func widen(f float32) float64 {
	wide, err := strconv.ParseFloat(strconv.FormatFloat(float64(f), 'g', -1, 32), 64)
	if err != nil {
		return float64(f)
	}
	return wide
}

// urlText returns the text of v in a URL: that of its MarshalText or String
// method, else of its kind. Floats have at least one decimal and no exponent.
// Maps, functions, channels and structs without such a method have no text.
func urlText(v any) (string, error) {
	switch v := v.(type) {
	case string:
		return v, nil
	case int:
		return strconv.Itoa(v), nil
	case encoding.TextMarshaler:
		text, err := v.MarshalText()
		return string(text), err
	case fmt.Stringer:
		return v.String(), nil
	}
	rv := reflect.ValueOf(v)
	switch {
	case rv.Kind() == reflect.Pointer && !rv.IsNil():
		return urlText(rv.Elem().Interface())
	case rv.Kind() == reflect.Float32:
		return formatFloat(widen(float32(rv.Float())))
	case rv.IsValid() && isUUIDType(rv.Type()):
		return rv.Convert(reflect.TypeFor[UUID]()).Interface().(UUID).String(), nil
	}
	return formatText(v)
}

func isUUIDType(t reflect.Type) bool {
	return t.Kind() == reflect.Array && t.ConvertibleTo(reflect.TypeFor[UUID]())
}

// sameValue reports whether a value given to Build is a rule's default: numbers
// are equal as numbers, whatever their types, other values only within a kind.
func sameValue(def, given any) bool {
	switch def := def.(type) {
	case int:
		if given, ok := given.(int); ok {
			return def == given
		}
	case string:
		if given, ok := given.(string); ok {
			return def == given
		}
	}
	a, b := basicValue(reflect.ValueOf(def)), basicValue(reflect.ValueOf(given))
	switch {
	case a == nil && b == nil:
		return reflect.DeepEqual(def, given)
	case reflect.TypeOf(a) == reflect.TypeOf(b):
		return a == b
	}
	x, isNumber := asFloat(a)
	y, areNumbers := asFloat(b)
	return isNumber && areNumbers && x == y
}

// basicValue returns what v is or points to, as an int64, a uint64 beyond that,
// a float64, a bool or a string; nil for other kinds.
func basicValue(v reflect.Value) any {
	switch k := v.Kind(); {
	case k == reflect.Invalid:
		return nil
	case k == reflect.Pointer && !v.IsNil():
		return basicValue(v.Elem())
	case v.CanInt():
		return v.Int()
	case v.CanUint() && int64(v.Uint()) >= 0:
		return int64(v.Uint())
	case v.CanUint():
		return v.Uint()
	case k == reflect.Float32:
		return widen(float32(v.Float()))
	case k == reflect.Float64:
		return v.Float()
	case k == reflect.Bool:
		return v.Bool()
	case k == reflect.String:
		return v.String()
	}
	return nil
}

// asFloat returns a number as a float64; false for anything else.
func asFloat(v any) (float64, bool) {
	switch v := v.(type) {
	case int64:
		return float64(v), true
	case uint64:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}
