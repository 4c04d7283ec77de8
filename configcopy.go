package retort

import (
	"errors"
	"reflect"
	"time"
)

var errHoldsItself = errors.New("holds itself, so it has no end")

// frozenCopy copies the maps, slices and arrays that value is made of. What
// pointers and structs lead to is not copiedPart: it is the application's own.
func frozenCopy(value any) (any, error) {
	if isScalar(value) {
		return value, nil
	}
	v, err := copier{}.copy(reflect.ValueOf(value))
	if err != nil {
		return nil, err
	}
	return v.Interface(), nil
}

// thawed copies a value that frozenCopy has made.
func thawed(value any) any {
	v, _ := frozenCopy(value) // what holds itself was refused
	return v
}

func isScalar(value any) bool {
	switch value.(type) {
	case nil, bool, string, int, int64, float64, time.Duration:
		return true
	}
	return false
}

// copier holds the maps and slices that are being copiedPart, to find one inside of
// itself.
type copier map[copiedPart]bool

type copiedPart struct {
	start uintptr
	len   int
	kind  reflect.Kind
}

func (c copier) copy(v reflect.Value) (reflect.Value, error) {
	switch v.Kind() {
	case reflect.Map, reflect.Slice:
		if v.IsNil() {
			return v, nil
		}
		at := copiedPart{v.Pointer(), v.Len(), v.Kind()}
		if v.Len() > 0 && c[at] {
			return v, errHoldsItself
		}
		c[at] = true
		defer delete(c, at)
		if v.Kind() == reflect.Map {
			return c.copyMap(v)
		}
		return c.copyItems(v, reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
	case reflect.Array:
		return c.copyItems(v, reflect.New(v.Type()).Elem())
	case reflect.Interface:
		if v.IsNil() {
			return v, nil
		}
		return c.copy(v.Elem())
	}
	return v, nil
}

func (c copier) copyMap(v reflect.Value) (reflect.Value, error) {
	to := reflect.MakeMapWithSize(v.Type(), v.Len())
	for it := v.MapRange(); it.Next(); {
		item, err := c.copy(it.Value())
		if err != nil {
			return v, err
		}
		to.SetMapIndex(it.Key(), item)
	}
	return to, nil
}

func (c copier) copyItems(v, to reflect.Value) (reflect.Value, error) {
	if isFlat(v.Type().Elem().Kind()) {
		reflect.Copy(to, v)
		return to, nil
	}
	for i := range v.Len() {
		item, err := c.copy(v.Index(i))
		if err != nil {
			return v, err
		}
		to.Index(i).Set(item)
	}
	return to, nil
}

// isFlat reports whether values of the kind hold nothing that is to be copiedPart.
func isFlat(k reflect.Kind) bool {
	switch k {
	case reflect.Map, reflect.Slice, reflect.Array, reflect.Interface:
		return false
	}
	return true
}
