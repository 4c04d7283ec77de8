package retort

import (
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/retort-go/retort/datastructures"
)

// The places that a field is read from, which are also the tags.
const (
	inPath   = "path"
	inQuery  = "query"
	inHeader = "header"
	inForm   = "form"
	inJSON   = "json"
)

// Bind sets the fields of the struct that v points to from the request. The tag
// of a field says where its value comes from and under which name; a field has
// one such tag, so that a client cannot slip a value in through another place,
// and one without is left alone:
//
//	var q struct {
//		ID    int      `path:"id"`
//		Page  int      `query:"page"`
//		Token string   `header:"X-Token" required:"true"`
//		Title string   `json:"title" required:"true"`
//		Tags  []string `json:"tags"`
//		Draft *bool    `json:"draft"` // nil: not sent
//	}
//
// A value that was not sent leaves its field as it is, so what is set before is
// the default; a pointer tells what was sent from zero; with the tag
// required:"true" it is a fault. A null in JSON counts as not sent, and so does
// an empty text for a field that is no string: an empty input of an HTML form.
//
// path, query, header and form take what [Get] takes, pointers to and slices of
// it (all values, in order); form also takes *datastructures.FileStorage and
// slices of it; json takes what encoding/json takes. Structs that are embedded
// without a tag are part of the struct.
//
// The error is a [*BindError] with all faults at once: 422, or 400 for a body
// that is no JSON or no form; or an [*HTTPError] 415 for a body of another
// content type and 413 for one that is too large. After an error some fields may
// be set. When all went well the method Validate() error of v is called, if it
// has one, and then [App.Validator].
//
// Bind panics when v is no pointer to such a struct: a fault of the program.
func (r *Request) Bind(v any) error {
	return r.bind(v, "Bind", inPath, inQuery, inHeader, inForm, inJSON)
}

// BindQuery is [Request.Bind] for the tag query alone.
func (r *Request) BindQuery(v any) error { return r.bind(v, "BindQuery", inQuery) }

// BindForm is [Request.Bind] for the tag form alone.
func (r *Request) BindForm(v any) error { return r.bind(v, "BindForm", inForm) }

// BindJSON decodes the body into v, a pointer to anything, with the rules of
// encoding/json and the tag required:"true" in structs at any depth; see
// [Request.Bind] for the errors and the checks that follow. [Request.JSON] does
// without those.
func (r *Request) BindJSON(v any) error {
	target := reflect.ValueOf(v)
	if target.Kind() != reflect.Pointer || target.IsNil() {
		panic(fmt.Sprintf("retort: BindJSON takes a pointer to what is to be set, not a %T", v))
	}
	data, err := r.jsonBody()
	if err != nil {
		return err
	}
	b := binder{r: r}
	b.bindJSON(data, target.Elem(), "")
	return b.finish(v)
}

func (r *Request) bind(v any, method string, places ...string) error {
	target := reflect.ValueOf(v)
	if target.Kind() != reflect.Pointer || target.IsNil() || target.Elem().Kind() != reflect.Struct {
		panic(fmt.Sprintf("retort: %s takes a pointer to a struct, not a %T", method, v))
	}
	fields := boundFields(target.Elem().Type(), places)
	if len(fields) == 0 {
		panic(fmt.Sprintf("retort: %s: no field of %T has a tag that it reads: %s", method, v, strings.Join(places, ", ")))
	}
	b := binder{r: r}
	if err := b.open(fields); err != nil {
		return err
	}
	for _, f := range fields {
		b.field(f, target.Elem())
	}
	return b.finish(v)
}

// binder collects the faults of one request.
type binder struct {
	r      *Request
	object map[string]jsonRaw // the body, if a field is read from JSON
	fields []FieldError
}

// maxFaults is how many are reported: a body of a million faults is not worth a
// million texts.
const maxFaults = 100

func (b *binder) fault(in, name, reason string) {
	if len(b.fields) < maxFaults {
		b.fields = append(b.fields, FieldError{In: in, Name: name, Reason: reason})
	}
}

func (b *binder) missing(in, name string) {
	if len(b.fields) < maxFaults {
		b.fields = append(b.fields, FieldError{In: in, Name: name, Reason: "is missing", Missing: true})
	}
}

// open reads the body for the fields that come from it.
func (b *binder) open(fields []boundField) error {
	reads := func(place string) bool {
		return slices.ContainsFunc(fields, func(f boundField) bool { return f.in == place })
	}
	switch {
	case reads(inJSON) && reads(inForm):
		panic("retort: Bind: the body is a form or JSON: a struct has fields with the tag form or with the tag json, not both")
	case reads(inJSON):
		return b.openJSON()
	case reads(inForm):
		return b.openForm()
	}
	return nil
}

func (b *binder) openForm() error {
	if b.r.ContentType() != "" && !b.r.isForm() {
		return Error(http.StatusUnsupportedMediaType,
			"The body was not read as a form, because the Content-Type is neither multipart/form-data nor application/x-www-form-urlencoded.")
	}
	return bindErrorOf(b.r.ParseForm())
}

// bindErrorOf makes a BindError of a 400.
func bindErrorOf(err error) error {
	if e, ok := httpError(err); ok && e.Code == http.StatusBadRequest {
		return &BindError{Code: http.StatusBadRequest, original: err}
	}
	return err
}

// boundField is one field of a struct and where its value comes from.
type boundField struct {
	in, name string
	index    []int
	typ      reflect.Type
	required bool
}

// boundFields are the fields of t that come from one of the places.
func boundFields(t reflect.Type, places []string) []boundField {
	var list []boundField
	for i := range t.NumField() {
		f := t.Field(i)
		in, name := placeOf(t, f, places)
		switch {
		case in == "" && f.Anonymous && f.Type.Kind() == reflect.Struct:
			for _, inner := range boundFields(f.Type, places) {
				inner.index = append([]int{i}, inner.index...)
				list = append(list, inner)
			}
		case in == "":
		case !f.IsExported():
			panic(fmt.Sprintf("retort: Bind cannot set the field %s of %s: its name must begin with a capital letter", f.Name, t))
		case in != inJSON && !bindable(f.Type, in):
			panic(fmt.Sprintf("retort: Bind cannot read the field %s of %s from a %s value: a %s is not made of one text", f.Name, t, in, f.Type))
		default:
			list = append(list, boundField{in, name, []int{i}, f.Type, f.Tag.Get("required") == "true"})
		}
	}
	return list
}

// placeOf is where a field comes from, by its tag.
func placeOf(t reflect.Type, f reflect.StructField, places []string) (in, name string) {
	for _, place := range places {
		tag, ok := f.Tag.Lookup(place)
		tag, _, _ = strings.Cut(tag, ",")
		if !ok || tag == "-" {
			continue
		}
		if in != "" {
			panic(fmt.Sprintf("retort: Bind: the field %s of %s has the tags %s and %s; a value comes from one place: take a struct of its own for what else it is used for", f.Name, t, in, place))
		}
		in, name = place, tag
		if name == "" {
			name = f.Name
		}
	}
	return in, name
}

var fileType = reflect.TypeFor[*datastructures.FileStorage]()

// bindable reports whether a field of the type can be made of texts or files.
func bindable(t reflect.Type, in string) bool {
	if readsText(t) {
		return true
	}
	if t.Kind() == reflect.Slice && !readsText(t) {
		t = t.Elem()
	}
	if t == fileType {
		return in == inForm
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return readsText(t)
}

// field sets one field of target.
func (b *binder) field(f boundField, target reflect.Value) {
	v := target.FieldByIndex(f.index)
	switch {
	case f.in == inJSON:
		b.jsonField(f, v)
	case f.typ == fileType || f.typ.Kind() == reflect.Slice && f.typ.Elem() == fileType:
		b.files(f, v)
	case f.in == inPath:
		b.texts(f, v, b.pathTexts(f.name))
	case f.in == inQuery:
		b.texts(f, v, b.r.Args().GetList(f.name))
	case f.in == inHeader:
		b.texts(f, v, b.r.Header().Values(f.name))
	case f.in == inForm:
		b.texts(f, v, b.r.Form().GetList(f.name))
	}
}

// pathTexts is the argument of the rule as a text.
func (b *binder) pathTexts(name string) []string {
	if v, ok := b.r.ViewArgs()[name]; ok {
		return []string{fmt.Sprint(v)}
	}
	return nil
}

// files sets a field to the files that the user chose.
func (b *binder) files(f boundField, v reflect.Value) {
	chosen := slices.DeleteFunc(b.r.Files().GetList(f.name), func(s *datastructures.FileStorage) bool { return !s.Chosen() })
	switch {
	case len(chosen) == 0 && f.required:
		b.missing(f.in, f.name)
	case len(chosen) == 0:
	case f.typ == fileType:
		v.Set(reflect.ValueOf(chosen[0]))
	default:
		v.Set(reflect.ValueOf(chosen).Convert(f.typ))
	}
}

// texts sets a field to the values that were sent for it.
func (b *binder) texts(f boundField, v reflect.Value, texts []string) {
	list := f.typ.Kind() == reflect.Slice && !readsText(f.typ)
	one := f.typ
	if list {
		one = one.Elem()
	}
	if isText := one.Kind() == reflect.String || one.Kind() == reflect.Pointer && one.Elem().Kind() == reflect.String; !isText {
		texts = slices.DeleteFunc(slices.Clone(texts), func(s string) bool { return strings.TrimSpace(s) == "" })
	}
	switch {
	case len(texts) == 0:
		if f.required {
			b.missing(f.in, f.name)
		}
	case list:
		all := reflect.MakeSlice(f.typ, len(texts), len(texts))
		for i, text := range texts {
			b.text(f, all.Index(i), text)
		}
		v.Set(all)
	default:
		b.text(f, v, texts[0])
	}
}

func (b *binder) text(f boundField, v reflect.Value, text string) {
	if v.Kind() == reflect.Pointer && !readsText(v.Type()) {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	if err := setText(v, text); err != nil {
		b.fault(f.in, f.name, err.Error())
	}
}

// finish checks what has been read, if it was read without fault.
func (b *binder) finish(v any) error {
	if len(b.fields) > 0 {
		return &BindError{Code: http.StatusUnprocessableEntity, Fields: b.fields}
	}
	if own, ok := v.(interface{ Validate() error }); ok {
		if err := own.Validate(); err != nil {
			return asBindError(err)
		}
	}
	if b.r.c.App.Validator != nil {
		return asBindError(b.r.c.App.Validator.Validate(v))
	}
	return nil
}

// asBindError is the error of a validator as one of Bind. An error with a code
// of its own keeps it.
func asBindError(err error) error {
	if err == nil {
		return nil
	}
	var bad *BindError
	var withCode *HTTPError
	switch {
	case errors.As(err, &bad):
		bad = &BindError{Code: bad.code(), Fields: bad.Fields, original: bad.original}
		return bad
	case errors.As(err, &withCode):
		return err
	}
	return &BindError{
		Code:     http.StatusUnprocessableEntity,
		Fields:   []FieldError{{Reason: err.Error()}},
		original: err,
	}
}
