package retort

import (
	"net/http"
	"reflect"
	"strings"

	"github.com/retort-go/retort/internal/httpfield"
)

// Mimetype is the content type in lower case without its parameters.
func (r *Request) Mimetype() string {
	t, _, _ := strings.Cut(r.ContentType(), ";")
	return strings.ToLower(strings.TrimSpace(t))
}

// MimetypeParams are the parameters of the content type by their names in lower
// case. The map is the caller's own and never nil.
func (r *Request) MimetypeParams() map[string]string {
	_, options := httpfield.ParseOptions(r.ContentType())
	params := make(map[string]string, len(options))
	for _, o := range options {
		params[o.Name] = o.Value
	}
	return params
}

// IsJSON reports whether the content type is application/json or
// application/*+json.
func (r *Request) IsJSON() bool {
	t := r.Mimetype()
	return t == "application/json" || strings.HasPrefix(t, "application/") && strings.HasSuffix(t, "+json")
}

// JSONOption changes what [Request.JSON] does.
type JSONOption uint8

const (
	// ForceJSON reads the body as JSON whatever its content type is.
	ForceJSON JSONOption = 1 << iota
	// SilentJSON takes a body that is no JSON, or is not said to be, for none:
	// then the error is nil, and the value is left as it was. A body that is too
	// large or breaks off is still an error.
	SilentJSON
)

// JSON decodes the body into v, as [json.Unmarshal] does (or the app's own
// [JSONProvider]). The error is an [*HTTPError]: 415 when the content type is
// not JSON, 400 when the body is not, 413 when it is too large. The 400 says
// what is wrong only in debug mode. The text may be in UTF-8, UTF-16 or UTF-32;
// a charset in the content type does not count.
//
//	var filter map[string]any
//	err := c.Request.JSON(&filter, retort.SilentJSON)
//
// [Request.BindJSON] says what is wrong with each field.
//
// Differs from Flask: NaN and Infinity are no JSON.
//
// Source: Werkzeug: wrappers/request.py, get_json.
func (r *Request) JSON(v any, options ...JSONOption) error {
	var o JSONOption
	for _, option := range options {
		o |= option
	}
	if o&ForceJSON == 0 && !r.IsJSON() {
		if o&SilentJSON != 0 {
			return nil
		}
		return notJSON()
	}
	data, err := r.Data()
	if err != nil {
		return err
	}
	if o&SilentJSON != 0 {
		r.decodeSilently(data, v)
		return nil
	}
	if err := r.decodeJSON(data, v); err != nil {
		return r.badJSON(err)
	}
	return nil
}

// notJSON is the error of a body that is not said to be JSON.
func notJSON() error {
	return Error(http.StatusUnsupportedMediaType,
		"The body was not read as JSON, because the Content-Type is not application/json.")
}

// badJSON is the error of a body that is not the JSON that was expected.
func (r *Request) badJSON(err error) error {
	e := newHTTPError(http.StatusBadRequest)
	e.original = err
	if r.c.App.settings().debug {
		e.Description = "The body is not the JSON that was expected: " + err.Error()
	}
	return e
}

func (r *Request) decodeJSON(data []byte, v any) error {
	text, err := jsonText(data)
	if err != nil {
		return err
	}
	return r.c.App.jsonProvider().Unmarshal(text, v)
}

// decodeSilently sets what v points to only when all went well.
func (r *Request) decodeSilently(data []byte, v any) {
	target := reflect.ValueOf(v)
	if target.Kind() != reflect.Pointer || target.IsNil() {
		return
	}
	fresh := reflect.New(target.Type().Elem())
	if r.decodeJSON(data, fresh.Interface()) == nil {
		target.Elem().Set(fresh.Elem())
	}
}

// jsonProvider is the one of the app, which may have been set to nil.
func (a *App) jsonProvider() JSONProvider {
	if a.JSON == nil {
		return DefaultJSON{}
	}
	return a.JSON
}
