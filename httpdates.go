package retort

import (
	"encoding"
	"encoding/json"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"
)

// httpDate is a time that is written as Flask writes it.
type httpDate struct{ t time.Time }

// MarshalText gives the time as an HTTP-date (RFC 9110 §5.6.7).
func (d httpDate) MarshalText() ([]byte, error) {
	return d.t.UTC().AppendFormat(nil, http.TimeFormat), nil
}

// IsZero is for the tag omitzero.
func (d httpDate) IsZero() bool { return d.t.IsZero() }

var (
	timeType          = reflect.TypeFor[time.Time]()
	anyType           = reflect.TypeFor[any]()
	httpDateType      = reflect.TypeFor[httpDate]()
	marshalerType     = reflect.TypeFor[json.Marshaler]()
	textMarshalerType = reflect.TypeFor[encoding.TextMarshaler]()
)

// withHTTPDates is v with an httpDate in the place of each time, in a copy of
// what can hold one: encoding/json cannot be told how to write a type.
func withHTTPDates(v any) any {
	if v == nil {
		return nil
	}
	return new(dateCopier).convert(reflect.ValueOf(v))
}

// maxDateDepth is how deep a dateCopier goes. A value that holds itself is
// deeper; encoding/json refuses that.
const maxDateDepth = 1000

// dateCopier copies a value.
type dateCopier struct {
	depth   int
	tooDeep bool // nothing more is copied
}

// convert gives what is to be written for v.
func (d *dateCopier) convert(v reflect.Value) any {
	d.depth++
	defer func() { d.depth-- }()
	d.tooDeep = d.tooDeep || d.depth > maxDateDepth
	plain := v.Interface()
	switch t := v.Type(); {
	case t == timeType:
		return httpDate{plain.(time.Time)}
	case d.tooDeep || plain == nil || isNil(plain) || !holdsTimes(t, nil):
		return plain
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		return d.convert(v.Elem())
	case reflect.Map:
		return d.convertMap(v)
	case reflect.Struct:
		return d.convertStruct(v)
	}
	return d.convertList(v)
}

func (d *dateCopier) convertMap(v reflect.Value) any {
	out := reflect.MakeMapWithSize(reflect.MapOf(v.Type().Key(), anyType), v.Len())
	for key, elem := range v.Seq2() {
		place := reflect.New(anyType).Elem()
		d.convertTo(place, elem)
		out.SetMapIndex(key, place)
	}
	return out.Interface()
}

func (d *dateCopier) convertList(v reflect.Value) any {
	out := make([]any, v.Len())
	for i := range out {
		out[i] = d.convert(v.Index(i))
	}
	return out
}

func (d *dateCopier) convertStruct(v reflect.Value) any {
	out := reflect.New(datedStruct(v.Type(), nil))
	d.fill(out.Elem(), v)
	if v.CanAddr() { // then methods of pointers to its fields hold
		return out.Interface()
	}
	return out.Elem().Interface()
}

// fill copies the fields of v to those of the same name in out, a datedStruct.
func (d *dateCopier) fill(out, v reflect.Value) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if place := out.FieldByName(datedName(f)); place.IsValid() && embeds(f) {
			d.fillEmbedded(place, v.Field(i))
		} else if place.IsValid() && !leftOut(f, v.Field(i)) {
			d.convertTo(place, v.Field(i))
		}
	}
}

func (d *dateCopier) fillEmbedded(place, v reflect.Value) {
	if v.Kind() != reflect.Pointer {
		d.fill(place, v)
		return
	}
	if !v.IsNil() {
		place.Set(reflect.New(place.Type().Elem()))
		d.fill(place.Elem(), v.Elem())
	}
}

// convertTo puts what is to be written for v in place.
func (d *dateCopier) convertTo(place, v reflect.Value) {
	if place.Type() == v.Type() && v.Kind() != reflect.Interface {
		place.Set(v)
		return
	}
	if got := d.convert(v); got != nil {
		place.Set(reflect.ValueOf(got))
	}
}

// leftOut reports whether encoding/json would leave out a field with the value
// v: a place of type any, which stays nil then, does not know.
func leftOut(f reflect.StructField, v reflect.Value) bool {
	_, options, _ := strings.Cut(f.Tag.Get("json"), ",")
	for option := range strings.SplitSeq(options, ",") {
		switch {
		case option == "omitzero" && v.IsZero():
			return true
		case option != "omitempty":
		case v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface:
			return v.IsNil()
		case v.Kind() == reflect.Map || v.Kind() == reflect.Slice || v.Kind() == reflect.Array:
			return v.Len() == 0
		}
	}
	return false
}

// embeds reports whether the fields of f's type stand as if they were those of
// the struct around it.
func embeds(f reflect.StructField) bool {
	t := f.Type
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return f.Anonymous && name == "" && t.Kind() == reflect.Struct && t != timeType
}

// datedName is the name of f in a datedStruct: an embedded one needs one that is
// exported, which encoding/json does not look at.
func datedName(f reflect.StructField) string {
	if embeds(f) {
		return "Embedded_" + f.Name
	}
	return f.Name
}

// datedStruct is a struct type with the fields that encoding/json sees in t,
// under their tags. Those that can hold times are of type any, a time is an
// httpDate. path are the types it is embedded in.
func datedStruct(t reflect.Type, path []reflect.Type) reflect.Type {
	var fields []reflect.StructField
	path = append(path, t)
	for f := range t.Fields() {
		g := reflect.StructField{Name: datedName(f), Type: f.Type, Tag: f.Tag, Anonymous: embeds(f)}
		switch {
		case g.Anonymous:
			if g.Type = datedEmbedded(f.Type, path); g.Type == nil {
				continue
			}
		case !f.IsExported():
			continue
		case f.Type == timeType:
			g.Type = httpDateType
		case holdsTimes(f.Type, nil):
			g.Type = anyType
		}
		fields = append(fields, g)
	}
	return reflect.StructOf(fields)
}

// datedEmbedded is the datedStruct of an embedded field, or a pointer to it; nil
// for a type that embeds itself.
func datedEmbedded(t reflect.Type, path []reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		if inner := datedEmbedded(t.Elem(), path); inner != nil {
			return reflect.PointerTo(inner)
		}
		return nil
	}
	if slices.Contains(path, t) {
		return nil
	}
	return datedStruct(t, path)
}

// holdsTimes reports whether a value of type t can hold a time that is written
// by the type's kind, not by a method of its own. path are the types around t.
func holdsTimes(t reflect.Type, path []reflect.Type) bool {
	switch {
	case t == timeType:
		return true
	case t.Kind() == reflect.Interface:
		return true
	case slices.Contains(path, t) || writesItselfAs(t):
		return false
	}
	path = append(path, t)
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return holdsTimes(t.Elem(), path)
	case reflect.Struct:
		for f := range t.Fields() {
			if (f.IsExported() || embeds(f)) && holdsTimes(f.Type, path) {
				return true
			}
		}
	}
	return false
}

// writesItselfAs reports whether t, or a pointer to one, has a JSON form of its
// own; so has a pointer to a time, but that is the form of a time.
func writesItselfAs(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer && t.Elem() == timeType {
		return false
	}
	p := reflect.PointerTo(t)
	return p.Implements(marshalerType) || p.Implements(textMarshalerType)
}
