package retort

import (
	"encoding"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"iter"
	"net/http"
	"reflect"
	"slices"

	"github.com/retort-go/retort/gateway"
)

// answer is what a view gave, before it is a Response: a page when value is nil,
// else a *Response, an error, a marker, or a value that valueResponse tells
// apart. It is four words, so that it is passed in registers and a view that
// returns a string costs no allocation.
type answer struct {
	text  string // HTML
	value any
}

// marker is the value of an answer without a body.
type marker uint8

const (
	nothing   marker = iota // of a hook: the request goes on
	noContent               // a 204
)

var goOn = answer{value: nothing}

// isGoOn reports whether a is goOn.
func (a answer) isGoOn() bool { return a.value == nothing }

// err is the error that the answer is, if it is one.
func (a answer) err() error {
	err, _ := a.value.(error)
	return err
}

func textAnswer(s string) answer { return answer{text: s} }

// valueAnswer is the answer of a view with any result.
func valueAnswer(v any) answer {
	switch v := v.(type) {
	case string:
		return textAnswer(v)
	case *Response:
		if v != nil {
			return responseAnswer(v)
		}
	case nil:
	default:
		return answer{value: v}
	}
	return answer{value: errNoAnswer}
}

// responseAnswer is the answer of a response, or of the error it stands for.
func responseAnswer(res *Response) answer {
	if res.err != nil {
		return answer{value: res.err}
	}
	return answer{value: res}
}

// errorAnswer is the answer of a view that has only an error for a result.
func errorAnswer(err error) answer {
	if err != nil {
		return answer{value: err}
	}
	return answer{value: noContent}
}

func valueErrorAnswer(v any, err error) answer {
	if err != nil {
		return answer{value: err}
	}
	return valueAnswer(v)
}

// collect reads the results of a view called by reflection.
func (s resultShape) collect(out []reflect.Value) answer {
	if s.err >= 0 && !out[s.err].IsNil() {
		return answer{value: out[s.err].Interface()}
	}
	if s.body < 0 {
		return answer{value: noContent}
	}
	var status int
	var header http.Header
	if s.status >= 0 {
		status = int(out[s.status].Int())
	}
	if s.header >= 0 {
		header, _ = out[s.header].Interface().(http.Header)
	}
	return valueAnswer(out[s.body].Interface()).with(status, header)
}

// with is the answer with a status, unless it is 0, and fields.
func (a answer) with(status int, header http.Header) answer {
	if status == 0 && len(header) == 0 || a.err() != nil {
		return a
	}
	res, err := a.response()
	if err != nil {
		return answer{value: err}
	}
	if status != 0 {
		res.Status = status
	}
	for name, values := range header {
		res.Header[http.CanonicalHeaderKey(name)] = slices.Clip(values) // the caller's: appending must copy
	}
	return answer{value: res}
}

// outcome is the answer as [Next] gives it to a decorator.
func (a answer) outcome() any {
	switch a.value {
	case nil:
		return a.text
	case errNoAnswer:
		return nil
	case noContent:
		res, _ := a.response()
		return res
	}
	return a.value
}

// Reply makes a Response of what a view may return: Flask's make_response. The
// body is told apart by its type, by the first line that fits:
//
//	nil                          an error: a view must answer something
//	*Response                    as it is
//	error                        the error
//	gateway.App, http.Handler    it writes the response itself
//	string, []byte               text/html, as in Flask; so is template.HTML
//	json.RawMessage              application/json, as it is
//	iter.Seq[T], iter.Seq2[T, error]   streamed text/html; T is string or []byte
//	io.Reader                    streamed application/octet-stream, then closed
//	map, struct, slice, array, pointer to one   application/json
//	anything else                an error that says so: a 500
//
// more holds an int (the status; 0 leaves it) and an http.Header, each optional;
// the fields replace those that the body brought. A status or field given here
// overrides the Response's own. When it cannot be made, the
// Response has the error as its [Response.Err], and returning it returns that.
//
// Source: Flask: app.py, make_response.
func Reply(body any, more ...any) *Response {
	var status int
	var header http.Header
	for _, m := range more {
		switch m := m.(type) {
		case int:
			status = m
		case http.Header:
			header = m
		default:
			panic(fmt.Sprintf("retort: Reply(body, status, header) takes an int and an http.Header after the body, not a %T", m))
		}
	}
	res, err := valueAnswer(body).with(status, header).response()
	if err != nil {
		return &Response{Status: 500, Header: make(http.Header), err: err}
	}
	return res
}

// response makes the Response. The error is for answers that cannot be sent.
func (a answer) response() (*Response, error) {
	switch v := a.value.(type) {
	case nil:
		return HTML(a.text), nil
	case *Response:
		if v.Header == nil {
			v.Header = make(http.Header)
		}
		return v, nil
	case error:
		return nil, v
	case marker:
		return newResponse(http.StatusNoContent, "", content{}), nil
	}
	return valueResponse(a.value)
}

// noAnswerError says why what a view gave is no answer.
type noAnswerError string

func (e noAnswerError) Error() string { return "the view answered " + string(e) }

// errNoAnswer is a value, so that it can be compared with.
const errNoAnswer = noAnswerError("nil; every path through a view must return something to answer (an empty page is \"\", no content is a nil error from a view whose only result is an error)")

// errUsed is the error of a Response that was an answer before.
const errUsed = noAnswerError("a Response that has answered a request before; it holds the cookies and fields of that client, so make a new one for each request, or return what it is made of")

func valueResponse(v any) (*Response, error) {
	contentType, body, err := valueContent(v)
	if err != nil {
		return nil, err
	}
	return newResponse(http.StatusOK, contentType, body), nil
}

// valueContent is the body that v becomes, and its content type.
func valueContent(v any) (contentType string, body content, err error) {
	switch v := v.(type) {
	case nil:
		return "", content{}, errNoAnswer
	case gateway.App:
		if isNil(v) {
			return "", content{}, errNoAnswer
		}
		return "", content{kind: gatewayBody, value: v}, nil
	case http.Handler:
		if isNil(v) {
			return "", content{}, errNoAnswer
		}
		return "", handlerContent(v), nil
	case func(http.ResponseWriter, *http.Request):
		return "", handlerContent(http.HandlerFunc(v)), nil
	case json.RawMessage:
		return jsonType, bytesContent(v), nil
	case []byte:
		return htmlType, bytesContent(v), nil
	case template.HTML:
		return htmlType, textContent(string(v)), nil
	}
	if s, ok := sequence(v); ok {
		return htmlType, chunksContent(s), nil
	}
	if r, ok := v.(io.Reader); ok && !isNil(v) {
		return octetType, readerContent(r), nil
	}
	return kindContent(v)
}

// kindContent is for what only its kind tells apart.
func kindContent(v any) (contentType string, body content, err error) {
	switch r := reflect.ValueOf(v); r.Kind() {
	case reflect.String:
		return htmlType, textContent(r.String()), nil
	case reflect.Pointer, reflect.Func:
		if r.IsNil() || r.Kind() == reflect.Func {
			return "", content{}, noAnswer(v)
		}
		return jsonType, jsonContent(v), nil
	case reflect.Slice:
		if r.Type().Elem().Kind() == reflect.Uint8 && !writesItself(v) {
			return htmlType, bytesContent(r.Bytes()), nil
		}
		return jsonType, jsonContent(v), nil
	case reflect.Map, reflect.Struct, reflect.Array:
		return jsonType, jsonContent(v), nil
	}
	return "", content{}, noAnswer(v)
}

// writesItself reports whether v has a JSON form of its own, as a net.IP has.
func writesItself(v any) bool {
	switch v.(type) {
	case json.Marshaler, encoding.TextMarshaler:
		return true
	}
	return false
}

// noAnswer says why v cannot be answered.
func noAnswer(v any) error {
	if isNil(v) {
		return errNoAnswer
	}
	if n, ok := v.(int); ok {
		return noAnswerError(fmt.Sprintf("the int %d, which is no body; a status goes beside one: return a body and an int, or retort.Reply(body, %d)", n, n))
	}
	return noAnswerError(fmt.Sprintf("a %T, which is no body; return a string for text, a map or struct for JSON, or a *retort.Response", v))
}

func isNil(v any) bool {
	switch r := reflect.ValueOf(v); r.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Func, reflect.Slice, reflect.Interface, reflect.Chan:
		return r.IsNil()
	}
	return false
}

// Stream gives a response whose body is produced while it is sent, each chunk
// on its way before the next is asked for. seq is an iter.Seq or iter.Seq2 with
// an error as second value, of string or []byte. The content type is text/html,
// as in Flask; set another in the Header. When the client leaves, the sequence
// ends and its deferred functions run.
//
// It panics when seq is something else.
func Stream(seq any) *Response {
	s, ok := sequence(seq)
	if !ok {
		panic(fmt.Sprintf("retort: Stream takes an iter.Seq[T] or iter.Seq2[T, error] with T string or []byte, not a %T", seq))
	}
	return newResponse(200, htmlType, chunksContent(s))
}

// sequence gives v as a sequence of chunks if it is one.
func sequence(v any) (iter.Seq2[[]byte, error], bool) {
	switch s := v.(type) {
	case iter.Seq[string]:
		return fromSeq(s), s != nil
	case func(func(string) bool):
		return fromSeq(s), s != nil
	case iter.Seq[[]byte]:
		return fromSeq(s), s != nil
	case func(func([]byte) bool):
		return fromSeq(s), s != nil
	case iter.Seq2[string, error]:
		return fromSeq2(s), s != nil
	case func(func(string, error) bool):
		return fromSeq2(s), s != nil
	case iter.Seq2[[]byte, error]:
		return s, s != nil
	case func(func([]byte, error) bool):
		return s, s != nil
	}
	return namedSequence(reflect.ValueOf(v))
}

// namedSequence is sequence for types of the application's own.
func namedSequence(v reflect.Value) (iter.Seq2[[]byte, error], bool) {
	if v.Kind() != reflect.Func || v.Type().Name() == "" {
		return nil, false
	}
	for _, t := range [...]reflect.Type{
		reflect.TypeFor[func(func(string) bool)](), reflect.TypeFor[func(func([]byte) bool)](),
		reflect.TypeFor[func(func(string, error) bool)](), reflect.TypeFor[func(func([]byte, error) bool)](),
	} {
		if v.Type().ConvertibleTo(t) {
			return sequence(v.Convert(t).Interface())
		}
	}
	return nil, false
}

// isSequence reports whether values of type t are sequences of chunks.
func isSequence(t reflect.Type) bool {
	_, ok := sequence(reflect.MakeFunc(t, func([]reflect.Value) []reflect.Value { return nil }).Interface())
	return ok
}

func fromSeq[T string | []byte](s func(func(T) bool)) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for chunk := range s {
			if !yield([]byte(chunk), nil) {
				return
			}
		}
	}
}

func fromSeq2[T string | []byte](s func(func(T, error) bool)) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for chunk, err := range s {
			if !yield([]byte(chunk), err) {
				return
			}
		}
	}
}
