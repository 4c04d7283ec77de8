package retort

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"
)

type jsonRaw = json.RawMessage

// jsonBody is the body as JSON text in UTF-8. The error is that of
// [Request.JSON], a 400 as a BindError.
func (r *Request) jsonBody() ([]byte, error) {
	if !r.IsJSON() {
		return nil, notJSON()
	}
	data, err := r.Data()
	if err != nil {
		return nil, bindErrorOf(err)
	}
	text, err := jsonText(data)
	if err == nil && !json.Valid(text) {
		err = json.Unmarshal(text, new(any)) // says where
	}
	if err != nil {
		return nil, &BindError{Code: http.StatusBadRequest, original: r.badJSON(err)}
	}
	return text, nil
}

// openJSON reads the object that is the body.
func (b *binder) openJSON() error {
	data, err := b.r.jsonBody()
	if err != nil {
		return err
	}
	if json.Unmarshal(data, &b.object) != nil {
		b.fault(inJSON, "", "is not an object")
		return &BindError{Code: http.StatusUnprocessableEntity, Fields: b.fields}
	}
	return nil
}

func (b *binder) jsonField(f boundField, v reflect.Value) {
	raw, ok := b.object[f.name]
	switch {
	case ok && !isNull(raw):
		b.bindJSON(raw, v, f.name)
	case f.required:
		b.missing(inJSON, f.name)
	}
}

// bindJSON decodes data into v and finds the faults: of one that encoding/json
// reports there may be more.
func (b *binder) bindJSON(data []byte, v reflect.Value, name string) {
	err := b.r.c.App.jsonProvider().Unmarshal(data, v.Addr().Interface())
	if err == nil && !hasRequired(v.Type(), make(map[reflect.Type]bool)) {
		return
	}
	before := len(b.fields)
	b.faults(data, v.Type(), name, maxFaultDepth)
	if err != nil && len(b.fields) == before {
		b.fault(inJSON, name, jsonReason(v.Type(), err))
	}
}

// maxFaultDepth is down to which depth faults are told apart. It bounds the
// work, as every level reads its text again.
const maxFaultDepth = 32

var (
	unmarshalerType = reflect.TypeFor[json.Unmarshaler]()
	bytesType       = reflect.TypeFor[[]byte]()
)

// hasOwnText reports whether the type reads JSON by itself.
func hasOwnText(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return p.Implements(unmarshalerType) || p.Implements(textUnmarshalerType)
}

// hasRequired reports whether a struct in t has a required field. Types that
// have been seen need no second look, so a type may hold itself.
func hasRequired(t reflect.Type, seen map[reflect.Type]bool) bool {
	if seen[t] || hasOwnText(t) {
		return false
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return hasRequired(t.Elem(), seen)
	case reflect.Struct:
		return slices.ContainsFunc(jsonFields(t), func(f jsonField) bool {
			return f.required || hasRequired(f.typ, seen)
		})
	}
	return false
}

// faults compares data with the type that it is to have.
func (b *binder) faults(data []byte, t reflect.Type, name string, depth int) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if depth == 0 || isNull(data) {
		return
	}
	switch {
	case hasOwnText(t), t == bytesType:
		b.leaf(data, t, name)
	case t.Kind() == reflect.Struct:
		b.structFaults(data, t, name, depth)
	case t.Kind() == reflect.Slice, t.Kind() == reflect.Array:
		b.listFaults(data, t, name, depth)
	case t.Kind() == reflect.Map:
		b.mapFaults(data, t, name, depth)
	default:
		b.leaf(data, t, name)
	}
}

func (b *binder) leaf(data []byte, t reflect.Type, name string) {
	if err := json.Unmarshal(data, reflect.New(t).Interface()); err != nil {
		b.fault(inJSON, name, jsonReason(t, err))
	}
}

func (b *binder) structFaults(data []byte, t reflect.Type, name string, depth int) {
	var object map[string]jsonRaw
	if json.Unmarshal(data, &object) != nil {
		b.fault(inJSON, name, "is not an object")
		return
	}
	for _, f := range jsonFields(t) {
		raw, ok := f.in(object)
		switch {
		case ok && !isNull(raw):
			b.faults(raw, f.typ, below(name, f.name), depth-1)
		case f.required:
			b.missing(inJSON, below(name, f.name))
		}
	}
}

func (b *binder) listFaults(data []byte, t reflect.Type, name string, depth int) {
	var list []jsonRaw
	if json.Unmarshal(data, &list) != nil {
		b.fault(inJSON, name, "is not a list")
		return
	}
	for i, raw := range list {
		if len(b.fields) >= maxFaults {
			return
		}
		b.faults(raw, t.Elem(), fmt.Sprintf("%s[%d]", name, i), depth-1)
	}
}

func (b *binder) mapFaults(data []byte, t reflect.Type, name string, depth int) {
	var object map[string]jsonRaw
	if json.Unmarshal(data, &object) != nil {
		b.fault(inJSON, name, "is not an object")
		return
	}
	for _, key := range sortedKeys(object) {
		b.faults(object[key], t.Elem(), below(name, key), depth-1)
	}
}

func sortedKeys(object map[string]jsonRaw) []string {
	keys := make([]string, 0, len(object))
	for key := range object {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

func below(name, field string) string {
	if name == "" {
		return field
	}
	return name + "." + field
}

func isNull(data []byte) bool { return string(bytes.TrimSpace(data)) == "null" }

// jsonField is a field of a struct as encoding/json sees it.
type jsonField struct {
	name     string
	typ      reflect.Type
	required bool
}

// in looks the field up as encoding/json does: by its name, else by a name that
// differs in case only.
func (f jsonField) in(object map[string]jsonRaw) (jsonRaw, bool) {
	if raw, ok := object[f.name]; ok {
		return raw, true
	}
	for key, raw := range object {
		if strings.EqualFold(key, f.name) {
			return raw, true
		}
	}
	return nil, false
}

func jsonFields(t reflect.Type) []jsonField { return appendJSONFields(nil, t, nil) }

// appendJSONFields appends the fields of t, which is embedded in outer.
func appendJSONFields(list []jsonField, t reflect.Type, outer []reflect.Type) []jsonField {
	outer = append(outer, t)
	for i := range t.NumField() {
		f := t.Field(i)
		tag, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		inner := f.Type
		if f.Anonymous && inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		switch {
		case tag == "-" && options == "", strings.Contains(options, "string"):
		case f.Anonymous && tag == "" && inner.Kind() == reflect.Struct:
			if !slices.Contains(outer, inner) {
				list = appendJSONFields(list, inner, outer)
			}
		case !f.IsExported():
		case tag == "":
			list = append(list, jsonField{f.Name, f.Type, f.Tag.Get("required") == "true"})
		default:
			list = append(list, jsonField{tag, f.Type, f.Tag.Get("required") == "true"})
		}
	}
	return list
}

// jsonReason says what is wrong with a value that is to be a t.
func jsonReason(t reflect.Type, err error) string {
	switch reflect.New(t).Interface().(type) {
	case *time.Time:
		return errNotTime.Error()
	case json.Unmarshaler, encoding.TextUnmarshaler:
		return fmt.Sprintf("is not valid: %v", err)
	}
	switch k := t.Kind(); {
	case t == bytesType:
		return "is not a text in base64"
	case k == reflect.String:
		return "is not a text"
	case k == reflect.Bool:
		return errNotBool.Error()
	case isInteger(t):
		return numberReason(err, errNotInteger)
	case k == reflect.Float32, k == reflect.Float64:
		return numberReason(err, errNotNumber)
	}
	return "is not what it should be: " + strings.TrimPrefix(err.Error(), "json: ")
}

// numberReason tells a number that does not fit from what is no number.
func numberReason(err, reason error) string {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) && strings.HasPrefix(wrong.Value, "number ") && !strings.Contains(wrong.Value, ".") {
		return errTooLarge.Error()
	}
	return reason.Error()
}
