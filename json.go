package retort

import (
	"bytes"
	"encoding"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"html/template"
	"reflect"
	"sync"
	"unicode/utf16"
	"unicode/utf8"
)

// H is a JSON object, or the context of a template.
type H map[string]any

// JSONify gives a response with the JSON text of its argument: the one given,
// null for none, a list of several. The text is made at once by [App.JSON], so
// that what happens to the values afterwards does not matter. When it cannot be
// made, the Response has the error as its [Response.Err], and returning it from
// a view returns that.
//
// Source: Flask: json/__init__.py, jsonify.
//
// Differs from Flask: there are no keyword arguments; an object is an [H] or a
// struct.
func (c *Context) JSONify(args ...any) *Response {
	v := any(args)
	switch len(args) {
	case 0:
		v = nil
	case 1:
		v = args[0]
	}
	data, err := encodeJSON(v, c.App.jsonOptions())
	if err != nil {
		return &Response{Status: 500, Header: make(map[string][]string), err: err}
	}
	return Bytes(jsonType, data)
}

// ToJSON gives the JSON text of v for a <script> element or an attribute of a
// page: without <, >, & and ', so that no value can end the element or the
// attribute, and on one line. html/template writes it as it is.
//
// Source: Jinja: utils.py, htmlsafe_json_dumps; the filter tojson.
func (a *App) ToJSON(v any) (template.JS, error) {
	data, err := encodeJSON(v, jsonOptions{provider: a.JSON})
	if err != nil {
		return "", err
	}
	return template.JS(escapeHTML(bytes.TrimSuffix(data, []byte("\n")))), nil
}

// jsonOptions say how values become JSON text.
type jsonOptions struct {
	provider JSONProvider // nil is DefaultJSON{}
	indent   bool
}

// jsonOptions are those of responses: indented in debug mode.
func (a *App) jsonOptions() jsonOptions {
	return jsonOptions{provider: a.JSON, indent: a.settings().debug}
}

// encodeJSON gives the text of v with a newline at the end, as the body of a
// response has it. The slice is the caller's own.
func encodeJSON(v any, o jsonOptions) ([]byte, error) {
	data, err := o.encode(v)
	if err != nil {
		return nil, fmt.Errorf("a %T cannot be written as JSON: %w", v, err)
	}
	return data, nil
}

func (o jsonOptions) encode(v any) ([]byte, error) {
	switch p := o.provider.(type) {
	case nil:
		return DefaultJSON{}.encode(v, o.indent)
	case DefaultJSON:
		return p.encode(v, o.indent)
	case jsonIndenter:
		if o.indent {
			return endLine(p.MarshalIndent(v, "", "  "))
		}
	}
	return endLine(o.provider.Marshal(v))
}

// endLine ends the text of another provider with a newline. It is copied: the
// provider may go on using what is behind it.
func endLine(data []byte, err error) ([]byte, error) {
	return append(data[:len(data):len(data)], '\n'), err
}

// jsonCoder is an encoder and the buffer it writes to.
type jsonCoder struct {
	buf bytes.Buffer
	enc *json.Encoder
}

// jsonCoders are free coders. Nothing of one is handed out: the text is copied
// before the coder is free again.
var jsonCoders = sync.Pool{New: func() any {
	c := new(jsonCoder)
	c.enc = json.NewEncoder(&c.buf)
	c.enc.SetEscapeHTML(false)
	return c
}}

// keptJSON is the largest buffer that is kept for the next text.
const keptJSON = 64 << 10

// encode gives the text of v with a newline at the end.
func (p DefaultJSON) encode(v any, indent bool) ([]byte, error) {
	c := jsonCoders.Get().(*jsonCoder) // not given back after a panic of a MarshalJSON
	data, err := c.encode(p, v, indent)
	if c.buf.Cap() <= keptJSON {
		c.buf.Reset()
		jsonCoders.Put(c)
	}
	return data, err
}

func (c *jsonCoder) encode(p DefaultJSON, v any, indent bool) ([]byte, error) {
	step := ""
	if indent {
		step = "  "
	}
	c.enc.SetIndent("", step)
	v = emptyForNil(v)
	if p.HTTPDates {
		v = withHTTPDates(v)
	}
	if err := c.enc.Encode(v); err != nil {
		return nil, err
	}
	if text := c.buf.Bytes(); p.Unicode {
		return bytes.Clone(text), nil
	} else {
		return escapedNonASCII(text), nil
	}
}

// emptyForNil is an empty object or list for a nil map or slice, unless its type
// has a JSON text of its own.
func emptyForNil(v any) any {
	r := reflect.ValueOf(v)
	if k := r.Kind(); k != reflect.Map && k != reflect.Slice || !r.IsNil() {
		return v
	}
	switch v.(type) {
	case json.Marshaler, encoding.TextMarshaler:
		return v
	}
	if r.Kind() == reflect.Map {
		return struct{}{}
	}
	return []struct{}{}
}

// escapedNonASCII is a copy of data in which what is not ASCII is written as
// \uXXXX. In JSON text it can only stand inside strings.
func escapedNonASCII(data []byte) []byte {
	first := indexNonASCII(data)
	if first == len(data) {
		return bytes.Clone(data)
	}
	out := append(make([]byte, 0, len(data)+len(data)/2), data[:first]...)
	for rest := data[first:]; len(rest) > 0; {
		n := indexNonASCII(rest)
		out = append(out, rest[:n]...)
		rest = rest[n:]
		for len(rest) > 0 && rest[0] >= utf8.RuneSelf {
			r, size := utf8.DecodeRune(rest)
			out = appendEscaped(out, r)
			rest = rest[size:]
		}
	}
	return out
}

// indexNonASCII is the index of the first byte that is not ASCII, or len(data).
func indexNonASCII(data []byte) int {
	i := 0
	for ; i+8 <= len(data); i += 8 {
		if binary.LittleEndian.Uint64(data[i:])&0x8080808080808080 != 0 {
			break
		}
	}
	for i < len(data) && data[i] < utf8.RuneSelf {
		i++
	}
	return i
}

// appendEscaped writes r as JSON's \uXXXX, a pair of them beyond U+FFFF.
func appendEscaped(out []byte, r rune) []byte {
	if r > 0xFFFF {
		hi, lo := utf16.EncodeRune(r)
		return appendUnit(appendUnit(out, hi), lo)
	}
	return appendUnit(out, r)
}

// appendUnit writes one unit of UTF-16.
func appendUnit(out []byte, r rune) []byte {
	const hex = "0123456789abcdef"
	return append(out, '\\', 'u', hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15])
}

// escapeHTML writes what means something to HTML, and the line separators that
// older JavaScript does not allow in a string, as \uXXXX. In JSON text they can
// only stand inside strings.
func escapeHTML(data []byte) string {
	out := make([]byte, 0, len(data)+16)
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case c == '<' || c == '>' || c == '&' || c == '\'':
			out = appendUnit(out, rune(c))
		case c == 0xE2 && i+2 < len(data) && data[i+1] == 0x80 && data[i+2]&^1 == 0xA8: // U+2028, U+2029
			out = appendUnit(out, 0x2028|rune(data[i+2]&1))
			i += 2
		default:
			out = append(out, c)
		}
	}
	return string(out)
}
