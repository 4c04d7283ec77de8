package retort

import (
	"encoding"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// Dict is a dictionary of texts in which a key may have several values: a
// [datastructures.MultiDict].
type Dict interface {
	// Lookup gives the first value for key and whether there is one.
	Lookup(key string) (value string, ok bool)
	// GetList gives all values for key in order.
	GetList(key string) []string
}

// Get gives the first value for key as a T: a string, bool, integer or float
// (or a type made of one), a time.Duration ("1m30s"), or a type with an
// UnmarshalText method, such as time.Time. It is fallback when the key is
// missing and when its value is no T: a number that is none, or does not fit.
// Blanks around the value do not count, except for strings; a bool is what
// [strconv.ParseBool] reads, and on or off, as a checkbox sends it.
//
//	page := retort.Get(c.Request.Args(), "page", 1)
//
// It panics when T is another type: a fault of the program.
//
// Source: Werkzeug: datastructures/structures.py, MultiDict.get(type=…).
func Get[T any](d Dict, key string, fallback T) T {
	text, ok := d.Lookup(key)
	if !ok {
		return fallback
	}
	if v, ok := textAs[T](text); ok {
		return v
	}
	return fallback
}

// GetList gives all values for key that are a T, in order; see [Get]. Those that
// are no T are left out.
//
// Source: Werkzeug: datastructures/structures.py, MultiDict.getlist(type=…).
func GetList[T any](d Dict, key string) []T {
	var list []T
	for _, text := range d.GetList(key) {
		if v, ok := textAs[T](text); ok {
			list = append(list, v)
		}
	}
	return list
}

func textAs[T any](text string) (v T, ok bool) {
	target := reflect.ValueOf(&v).Elem()
	if !readsText(target.Type()) {
		panic(fmt.Sprintf("retort: Get reads strings, bools, numbers, durations and types with an UnmarshalText method, not a %T", v))
	}
	return v, setText(target, text) == nil
}

var (
	durationType        = reflect.TypeFor[time.Duration]()
	textUnmarshalerType = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// readsText reports whether setText knows the type.
func readsText(t reflect.Type) bool {
	if reflect.PointerTo(t).Implements(textUnmarshalerType) {
		return true
	}
	switch t.Kind() {
	case reflect.String, reflect.Bool, reflect.Float32, reflect.Float64:
		return true
	}
	return isInteger(t)
}

// The reasons for which a value is refused. They follow the name of a field.
var (
	errNotBool     = errors.New("is neither true nor false")
	errNotInteger  = errors.New("is not a whole number")
	errNotNumber   = errors.New("is not a number")
	errTooLarge    = errors.New("is out of range")
	errNotDuration = errors.New(`is not a duration such as "1m30s"`)
	errNotTime     = errors.New(`is not a time such as "2006-01-02T15:04:05Z"`)
)

// setText sets v to what text says in v's type, for which readsText is true.
// The error is one of the reasons above.
func setText(v reflect.Value, text string) error {
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		return unmarshalText(u, text)
	}
	if v.Kind() == reflect.String {
		v.SetString(text)
		return nil
	}
	text = strings.TrimSpace(text)
	switch {
	case v.Type() == durationType:
		d, err := time.ParseDuration(text)
		v.SetInt(int64(d))
		return reasonOr(err, errNotDuration)
	case v.Kind() == reflect.Bool:
		return setBool(v, text)
	case v.CanInt():
		n, err := strconv.ParseInt(text, 10, v.Type().Bits())
		v.SetInt(n)
		return reasonOr(err, errNotInteger)
	case v.CanUint():
		n, err := strconv.ParseUint(text, 10, v.Type().Bits())
		v.SetUint(n)
		if strings.HasPrefix(text, "-") {
			return errTooLarge
		}
		return reasonOr(err, errNotInteger)
	}
	f, err := strconv.ParseFloat(text, v.Type().Bits())
	v.SetFloat(f)
	if err == nil && (math.IsInf(f, 0) || math.IsNaN(f)) {
		return errNotNumber
	}
	return reasonOr(err, errNotNumber)
}

func setBool(v reflect.Value, text string) error {
	switch text {
	case "on":
		text = "true"
	case "off":
		text = "false"
	}
	b, err := strconv.ParseBool(text)
	v.SetBool(b)
	return reasonOr(err, errNotBool)
}

func unmarshalText(u encoding.TextUnmarshaler, text string) error {
	err := u.UnmarshalText([]byte(text))
	if _, ok := u.(*time.Time); ok {
		return reasonOr(err, errNotTime)
	}
	if err != nil {
		return fmt.Errorf("is not valid: %w", err)
	}
	return nil
}

// reasonOr is the reason for an error of package strconv or time.
func reasonOr(err, reason error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, strconv.ErrRange):
		return errTooLarge
	}
	return reason
}
