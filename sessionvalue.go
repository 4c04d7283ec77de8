package retort

import (
	"encoding/json"
	"reflect"
)

// SessionValue gives the value of key as a T, or fallback when there is none or
// it is no T. Numbers are converted when T can hold them exactly, because an int
// that was set comes back as an int64 in the next request; so are strings, to a
// type made of string.
//
//	visits := retort.SessionValue(c.Session(), "visits", 0)
func SessionValue[T any](s *Session, key string, fallback T) T {
	stored, ok := s.Lookup(key)
	if !ok {
		return fallback
	}
	if v, ok := stored.(T); ok {
		return v
	}
	var v T
	if target := reflect.ValueOf(&v).Elem(); setSimilar(target, stored) {
		return v
	}
	return fallback
}

// setSimilar sets target to a value of a type of the same sort. It reports
// whether nothing is lost.
func setSimilar(target reflect.Value, stored any) bool {
	if number, ok := stored.(json.Number); ok { // an integer that no int64 holds
		return isNumber(target.Kind()) && setText(target, string(number)) == nil
	}
	v := reflect.ValueOf(stored)
	switch {
	case !v.IsValid():
		return false
	case v.Kind() == reflect.String && target.Kind() == reflect.String:
	case v.Kind() == reflect.Bool && target.Kind() == reflect.Bool:
	case isNumber(v.Kind()) && isNumber(target.Kind()):
		if negative(v) && target.CanUint() || !v.Convert(target.Type()).Convert(v.Type()).Equal(v) {
			return false
		}
		if v.CanUint() && target.CanInt() && negative(v.Convert(target.Type())) {
			return false
		}
	default:
		return false
	}
	target.Set(v.Convert(target.Type()))
	return true
}

func isNumber(k reflect.Kind) bool {
	return reflect.Int <= k && k <= reflect.Float64 && k != reflect.Uintptr
}

func negative(v reflect.Value) bool {
	return v.CanInt() && v.Int() < 0 || v.CanFloat() && v.Float() < 0
}
