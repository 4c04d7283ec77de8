package urlmap

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// appendQuery appends the values that the rule has no variable and no default for.
func (b *builder) appendQuery(dst []byte, r *Rule) (_ []byte, err error) {
	values := b.values
	if b.a.Map.options.SortParameters {
		values = append([]Value(nil), values...) // slices.Clone would let the caller's escape
		slices.SortStableFunc(values, func(x, y Value) int { return strings.Compare(x.Name, y.Name) })
	}
	separator := byte('?')
	for _, v := range values {
		if !present(v.Value) || r.takes(v.Name) {
			continue
		}
		if dst, err = appendParameter(dst, &separator, v.Name, v.Value); err != nil {
			return dst, &valueError{rule: r, variable: &Variable{Name: v.Name}, value: v.Value, err: err}
		}
	}
	return dst, nil
}

// appendParameter appends name=value, for a list once for each element that is
// not nil.
func appendParameter(dst []byte, separator *byte, name string, value any) ([]byte, error) {
	if list, ok := asList(value); ok {
		for i := range list.Len() {
			element := list.Index(i).Interface()
			if !present(element) {
				continue
			}
			var err error
			if dst, err = appendParameter(dst, separator, name, element); err != nil {
				return dst, err
			}
		}
		return dst, nil
	}
	text, err := urlText(value)
	if err != nil {
		return dst, err
	}
	dst = inQuery.append(append(dst, *separator), name)
	*separator = '&'
	return inQuery.append(append(dst, '='), text), nil
}

// asList returns a slice or array that stands for several parameters; bytes, and
// types with a text of their own, are one.
func asList(value any) (list reflect.Value, ok bool) {
	switch value.(type) {
	case string, int, bool, float64, []byte, encoding.TextMarshaler, fmt.Stringer:
		return list, false
	}
	list = reflect.ValueOf(value)
	switch list.Kind() {
	case reflect.Slice:
		return list, true
	case reflect.Array:
		return list, !isUUIDType(list.Type())
	}
	return list, false
}
