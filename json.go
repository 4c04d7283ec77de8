package retort

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"unicode/utf16"
	"unicode/utf8"
)

// H is a JSON object, or the context of a template.
type H map[string]any

// jsonOptions say how values become JSON text.
type jsonOptions struct{ indent bool }

// encodeJSON gives the text of v as Flask's default provider writes it: object
// keys of maps sorted, everything but ASCII escaped, a newline at the end. A
// struct keeps the order of its fields. A nil map or slice is {} or [].
//
// Source: Flask: json/provider.py, DefaultJSONProvider.
func encodeJSON(v any, o jsonOptions) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if o.indent {
		enc.SetIndent("", "  ")
	}
	if err := enc.Encode(emptyForNil(v)); err != nil {
		return nil, fmt.Errorf("a %T cannot be written as JSON: %w", v, err)
	}
	return escapeNonASCII(buf.Bytes()), nil
}

// emptyForNil is an empty object or list for a nil map or slice, unless its type
// has a JSON text of its own.
func emptyForNil(v any) any {
	switch v.(type) {
	case json.Marshaler, encoding.TextMarshaler:
		return v
	}
	switch r := reflect.ValueOf(v); r.Kind() {
	case reflect.Map:
		if r.IsNil() {
			return struct{}{}
		}
	case reflect.Slice:
		if r.IsNil() {
			return []struct{}{}
		}
	}
	return v
}

// escapeNonASCII writes what is not ASCII as \uXXXX. In JSON text it can only
// stand inside strings.
func escapeNonASCII(data []byte) []byte {
	first := bytes.IndexFunc(data, func(r rune) bool { return r >= utf8.RuneSelf })
	if first < 0 {
		return data
	}
	out := append(make([]byte, 0, len(data)+len(data)/2), data[:first]...)
	for _, r := range string(data[first:]) {
		switch {
		case r < utf8.RuneSelf:
			out = append(out, byte(r))
		case r > 0xFFFF:
			hi, lo := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, hi, lo)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
	}
	return out
}
