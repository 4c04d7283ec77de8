package taggedjson

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
)

// other writes a value of a type that has no tag, by what it is made of.
func (e encoder) other(dst []byte, v any, depth int) ([]byte, error) {
	r := reflect.ValueOf(v)
	switch {
	case depth > maxDepth:
		return dst, errTooDeep
	case r.Kind() == reflect.Pointer && r.IsNil():
		return append(dst, "null"...), nil
	case r.Kind() == reflect.Pointer && marshals(r.Type()) == marshals(r.Type().Elem()):
		return e.value(dst, r.Elem().Interface(), depth+1)
	case isUUID(r.Type()):
		return e.typed(dst, r.Convert(reflect.TypeFor[UUID]()).Interface(), depth)
	case marshals(r.Type()):
		return e.marshaled(dst, v, depth)
	}
	switch r.Kind() {
	case reflect.Bool:
		return strconv.AppendBool(dst, r.Bool()), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.AppendInt(dst, r.Int(), 10), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return strconv.AppendUint(dst, r.Uint(), 10), nil
	case reflect.Float32, reflect.Float64:
		return appendFloat(dst, r.Float(), r.Type().Bits()), nil
	case reflect.String:
		return appendString(dst, r.String()), nil
	}
	return e.composite(dst, r, depth)
}

// isUUID reports whether t is an array of 16 bytes.
func isUUID(t reflect.Type) bool {
	return t.Kind() == reflect.Array && t.ConvertibleTo(reflect.TypeFor[UUID]())
}

// marshals reports whether the values of t write themselves.
func marshals(t reflect.Type) bool {
	return t.Implements(reflect.TypeFor[json.Marshaler]()) || t.Implements(reflect.TypeFor[encoding.TextMarshaler]())
}

// composite writes what is made of other values.
func (e encoder) composite(dst []byte, r reflect.Value, depth int) ([]byte, error) {
	switch r.Kind() {
	case reflect.Struct:
		return e.marshaled(dst, r.Interface(), depth)
	case reflect.Map:
		m, err := stringKeys(r)
		if err != nil {
			return dst, err
		}
		return e.object(dst, m, depth)
	case reflect.Slice, reflect.Array:
		if r.Kind() == reflect.Slice && r.Type().Elem().Kind() == reflect.Uint8 {
			return e.typed(dst, r.Bytes(), depth)
		}
		list := make([]any, r.Len())
		for i := range list {
			list[i] = r.Index(i).Interface()
		}
		return e.list(dst, list, depth)
	}
	return dst, fmt.Errorf("a %v cannot be written as JSON", r.Type())
}

// stringKeys is a map of any type as a map[string]any. Its keys are written as
// encoding/json does.
func stringKeys(r reflect.Value) (map[string]any, error) {
	m := make(map[string]any, r.Len())
	for iter := r.MapRange(); iter.Next(); {
		key, err := keyText(iter.Key())
		if err != nil {
			return nil, err
		}
		m[key] = iter.Value().Interface()
	}
	return m, nil
}

// keyText is the text of a key of a map.
func keyText(key reflect.Value) (string, error) {
	if key.Kind() == reflect.String {
		return key.String(), nil
	}
	if t, ok := key.Interface().(encoding.TextMarshaler); ok {
		text, err := t.MarshalText()
		return string(text), err
	}
	switch {
	case key.CanInt():
		return strconv.FormatInt(key.Int(), 10), nil
	case key.CanUint():
		return strconv.FormatUint(key.Uint(), 10), nil
	}
	return "", fmt.Errorf("a map with keys of type %v cannot be written as JSON; take strings", key.Type())
}

// marshaled writes v as encoding/json does, but in ASCII, with sorted keys and
// with escaped tags.
func (e encoder) marshaled(dst []byte, v any, depth int) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return dst, err
	}
	d := decoder{src: string(text), plain: true}
	plain, err := d.document()
	if err != nil {
		return dst, err
	}
	bare := encoder{&Serializer{read: e.read}} // no tag takes what is plain
	return bare.value(dst, plain, depth)
}
