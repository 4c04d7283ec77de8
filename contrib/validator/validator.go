// Package validator checks what retort's Bind has read by the rules in the tag
// validate, with github.com/go-playground/validator:
//
//	type order struct {
//		Mail  string `json:"mail" validate:"required,email"`
//		Count int    `json:"count" validate:"min=1,max=10"`
//	}
//
//	app.Validator = validator.New()
//
// It is in a module of its own, so that an app without it does not depend on
// that library.
package validator

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/go-playground/validator/v10"

	"github.com/retort-go/retort"
)

// Validator is a [retort.Validator]. Several goroutines may use it at a time.
type Validator struct{ engine *validator.Validate }

var _ retort.Validator = (*Validator)(nil)

// New gives a Validator with the rules of the library. The options are the
// library's.
func New(options ...validator.Option) *Validator {
	engine := validator.New(append([]validator.Option{validator.WithRequiredStructEnabled()}, options...)...)
	engine.RegisterTagNameFunc(func(f reflect.StructField) string {
		_, name := place(f)
		return name
	})
	return &Validator{engine}
}

// Engine is the library's own validator, to register rules with before the
// first request.
func (v *Validator) Engine() *validator.Validate { return v.engine }

// Validate checks a pointer to a struct. The error is a [*retort.BindError] with
// every field that breaks a rule, under the name that the client knows. Anything
// that is no struct has no rules.
func (v *Validator) Validate(value any) error {
	err := v.engine.Struct(value)
	var broken validator.ValidationErrors
	var unfit *validator.InvalidValidationError
	switch {
	case err == nil, errors.As(err, &unfit):
		return nil
	case !errors.As(err, &broken):
		return err
	}
	t := reflect.Indirect(reflect.ValueOf(value)).Type()
	bad := new(retort.BindError)
	for _, e := range broken {
		root := t.Name() + "." // a type without a name has no root
		bad.Fields = append(bad.Fields, retort.FieldError{
			In:     placeIn(t, strings.TrimPrefix(e.StructNamespace(), root)),
			Name:   strings.TrimPrefix(e.Namespace(), root),
			Reason: reason(e),
		})
	}
	return bad
}

// place is where a field is read from and under which name, by its tags.
func place(f reflect.StructField) (in, name string) {
	for _, in := range []string{"path", "query", "header", "form", "json"} {
		name, _, _ := strings.Cut(f.Tag.Get(in), ",")
		if name != "" && name != "-" {
			return in, name
		}
	}
	return "", f.Name
}

// placeIn is the place of the field of t that a path such as Home.City begins
// with.
func placeIn(t reflect.Type, path string) string {
	name := path
	if i := strings.IndexAny(path, ".["); i >= 0 {
		name = path[:i]
	}
	f, ok := t.FieldByName(name)
	if !ok {
		return ""
	}
	in, _ := place(f)
	if _, inner, embedded := strings.Cut(path, "."); in == "" && f.Anonymous && embedded && f.Type.Kind() == reflect.Struct {
		return placeIn(f.Type, inner)
	}
	return in
}

// reason says what is wrong. It follows the name of the field.
func reason(e validator.FieldError) string {
	measured := "" // what a limit counts
	switch e.Kind() {
	case reflect.String:
		measured = " characters"
	case reflect.Slice, reflect.Map, reflect.Array:
		measured = " elements"
	}
	switch e.Tag() {
	case "required":
		return "is empty"
	case "email":
		return "is not an email address"
	case "url", "uri", "http_url":
		return "is not a URL"
	case "uuid", "uuid4":
		return "is not a UUID"
	case "oneof":
		return "is none of " + strings.Join(strings.Fields(e.Param()), ", ")
	case "min", "gte":
		return fmt.Sprintf("is less than %s%s", e.Param(), measured)
	case "max", "lte":
		return fmt.Sprintf("is more than %s%s", e.Param(), measured)
	case "len":
		return fmt.Sprintf("is not %s%s", e.Param(), measured)
	}
	if e.Param() == "" {
		return "breaks the rule " + e.Tag()
	}
	return fmt.Sprintf("breaks the rule %s=%s", e.Tag(), e.Param())
}
