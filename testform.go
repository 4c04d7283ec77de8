package retort

import (
	"bytes"
	"fmt"
	"maps"
	"mime"
	"mime/multipart"
	"net/textproto"
	"net/url"
	"path"
	"reflect"
	"slices"
	"strings"
)

// JSON is the body of a test request: V as the app's JSON, with its content type.
//
//	client.Post("/notes", retort.JSON{V: retort.H{"title": "a"}})
//
// Source: Werkzeug: test.py, EnvironBuilder(json=…).
type JSON struct{ V any }

func (j JSON) applyTest(q *testRequest) {
	data, err := q.json.Marshal(j.V)
	if err != nil {
		panic(fmt.Sprintf("retort: the %T of the test request cannot be written as JSON: %v", j.V, err))
	}
	q.setBody(data, jsonType)
}

// FormData is the body of a test request: a form, its fields sorted by name. A
// value is printed as fmt.Sprint does; a slice repeats its field; nil is left
// out. With a [File] or []File among the values the form is sent as
// multipart/form-data, otherwise as application/x-www-form-urlencoded.
//
//	client.Post("/login", retort.FormData{"name": "ada"})
//
// Source: Werkzeug: test.py, EnvironBuilder(data=…).
type FormData map[string]any

// File is a file of a test request's form.
type File struct {
	// Name is the file name that is sent; "" is what a browser sends when no
	// file was chosen.
	Name string
	// ContentType is guessed from the extension of Name when it is "", and
	// application/octet-stream when there is none to guess from.
	ContentType string
	// Content is what the file holds.
	Content []byte
}

func (f FormData) applyTest(q *testRequest) {
	if f.hasFiles() {
		q.setBody(f.multipart())
		return
	}
	var fields []string
	for _, name := range slices.Sorted(maps.Keys(f)) {
		fields = appendEncoded(fields, name, f[name])
	}
	q.setBody([]byte(strings.Join(fields, "&")), "application/x-www-form-urlencoded")
}

func (f FormData) hasFiles() bool {
	for _, v := range f {
		switch v.(type) {
		case File, []File:
			return true
		}
	}
	return false
}

// multipart gives the form as RFC 7578 has it, and its content type.
func (f FormData) multipart() (body []byte, contentType string) {
	var buf bytes.Buffer // writing to it cannot fail
	w := multipart.NewWriter(&buf)
	for _, name := range slices.Sorted(maps.Keys(f)) {
		switch v := f[name].(type) {
		case File:
			v.writeTo(w, name)
		case []File:
			for _, file := range v {
				file.writeTo(w, name)
			}
		default:
			for _, text := range texts(v) {
				_ = w.WriteField(name, text)
			}
		}
	}
	_ = w.Close()
	return buf.Bytes(), w.FormDataContentType()
}

func (f File) writeTo(w *multipart.Writer, field string) {
	part, _ := w.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {multipart.FileContentDisposition(field, f.Name)},
		"Content-Type":        {f.contentType()},
	})
	_, _ = part.Write(f.Content)
}

func (f File) contentType() string {
	if f.ContentType != "" {
		return f.ContentType
	}
	if t := mime.TypeByExtension(path.Ext(f.Name)); t != "" {
		return t
	}
	return octetType
}

// appendEncoded appends name=value for each text of v, percent-encoded.
func appendEncoded(fields []string, name string, v any) []string {
	for _, text := range texts(v) {
		fields = append(fields, url.QueryEscape(name)+"="+url.QueryEscape(text))
	}
	return fields
}

// texts are the texts of a field: none for nil, one for each element of a
// slice, else one.
func texts(v any) []string {
	switch v := v.(type) {
	case nil:
		return nil
	case string:
		return []string{v}
	case []byte:
		return []string{string(v)}
	}
	list := reflect.ValueOf(v)
	if list.Kind() != reflect.Slice {
		return []string{fmt.Sprint(v)}
	}
	var out []string
	for i := range list.Len() {
		out = append(out, fmt.Sprint(list.Index(i).Interface()))
	}
	return out
}
