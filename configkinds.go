package retort

import (
	"fmt"
	"math"
	"reflect"
	"time"
)

// configKind is what the value of a key is.
type configKind uint8

const (
	boolKey    configKind = iota // stored as a bool
	stringKey                    // string
	bytesKey                     // int64
	secondsKey                   // time.Duration
	countKey                     // int64
	listKey                      // []string
	secretKey                    // string, of any bytes
	secretsKey                   // []string, of any bytes
)

func (k configKind) String() string {
	return [...]string{
		"a bool", "a string", "a number of bytes (int or int64)", "a number of seconds (int or int64) or a time.Duration",
		"a number (int or int64)", "a list of strings ([]string)", "a string or a []byte", "a list of strings or of []byte",
	}[k]
}

// secret reports whether values are not to be shown.
func (k configKind) secret() bool { return k == secretKey || k == secretsKey }

// checked gives value in the form in which it is stored. The error follows the
// name of the key.
func (k ConfigKey) checked(value any) (any, error) {
	if value == nil {
		return nil, nil
	}
	stored := k.kind.stored(reflect.ValueOf(value))
	switch {
	case stored == nil && k.kind.secret():
		return nil, fmt.Errorf("is %s, not a %T", k.kind, value)
	case stored == nil:
		return nil, fmt.Errorf("is %s, not a %T (%v)", k.kind, value, value)
	}
	if belowZero(stored) {
		return nil, fmt.Errorf("is below zero (%v)", value)
	}
	if k.check == nil {
		return stored, nil
	}
	return stored, k.check(stored)
}

// below reports whether a stored value is a number below zero, which means nothing
// to any key.
func belowZero(stored any) bool {
	switch n := stored.(type) {
	case int64:
		return n < 0
	case time.Duration:
		return n < 0
	}
	return false
}

// stored converts a value to the type in which the kind is stored: nil when it
// is of another kind.
func (k configKind) stored(v reflect.Value) any {
	switch k {
	case boolKey:
		if v.Kind() == reflect.Bool {
			return v.Bool()
		}
	case stringKey:
		if v.Kind() == reflect.String {
			return v.String()
		}
	case secretKey:
		if s, ok := textOrBytes(v); ok {
			return s
		}
	case listKey, secretsKey:
		return storedList(v, k == secretsKey)
	case secondsKey:
		return storedSeconds(v)
	case bytesKey, countKey:
		if n, err := wholeNumber(v); err == nil {
			return n
		}
	}
	return nil
}

// textOrBytes reads a secret: keys are often random bytes.
func textOrBytes(v reflect.Value) (string, bool) {
	switch {
	case v.Kind() == reflect.String:
		return v.String(), true
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8:
		return string(v.Bytes()), true
	}
	return "", false
}

// storedList converts a slice whose elements are strings, whatever it is
// declared to hold: a decoder gives []any.
func storedList(v reflect.Value, bytes bool) any {
	if v.Kind() != reflect.Slice && v.Kind() != reflect.Array {
		return nil
	}
	list := make([]string, v.Len())
	for i := range list {
		item := v.Index(i)
		if item.Kind() == reflect.Interface {
			item = item.Elem()
		}
		s, ok := textOrBytes(item)
		if !ok || item.Kind() != reflect.String && !bytes {
			return nil
		}
		list[i] = s
	}
	return list
}

func storedSeconds(v reflect.Value) any {
	if v.Type() == durationType {
		return time.Duration(v.Int())
	}
	n, err := wholeNumber(v)
	if err != nil || n > math.MaxInt64/int64(time.Second) || n < math.MinInt64/int64(time.Second) {
		return nil
	}
	return time.Duration(n) * time.Second
}

// wholeNumber reads an integer of any type, and a float that has no fraction:
// some decoders know no other numbers. A time.Duration is not a number.
func wholeNumber(v reflect.Value) (int64, error) {
	switch {
	case !v.IsValid() || v.Type() == durationType:
	case v.CanInt():
		return v.Int(), nil
	case v.CanUint():
		if v.Uint() > math.MaxInt64 {
			return 0, errTooLarge
		}
		return int64(v.Uint()), nil
	case v.CanFloat():
		if f := v.Float(); f == math.Trunc(f) && math.Abs(f) < 1<<63 {
			return int64(f), nil
		}
	}
	return 0, errNotInteger
}

// Type says in words what the value of the key is: "a bool".
func (k ConfigKey) Type() string { return k.kind.String() }
