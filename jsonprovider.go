package retort

import (
	"bytes"
	"encoding/json"
)

// JSONProvider reads and writes the JSON of an app: its responses,
// [Context.JSONify], [App.ToJSON] and [Request.JSON]. Several goroutines use it
// at a time. The encoders of other libraries that have encoding/json's functions
// as methods fit as they are.
//
// A provider that also has MarshalIndent(v any, prefix, indent string) ([]byte,
// error) is asked for that in debug mode, with an indentation of two spaces.
//
// Source: Flask: json/provider.py, JSONProvider.
type JSONProvider interface {
	// Marshal gives the JSON text of v, which the provider does not touch
	// again.
	Marshal(v any) ([]byte, error)
	// Unmarshal reads data, one JSON text, into v, a pointer.
	Unmarshal(data []byte, v any) error
}

// jsonIndenter is a JSONProvider that can indent.
type jsonIndenter interface {
	MarshalIndent(v any, prefix, indent string) ([]byte, error)
}

// DefaultJSON is the [JSONProvider] of a new app: encoding/json, so that tags
// and MarshalJSON methods hold. The keys of maps are sorted and the fields of a
// struct keep their order; a nil map or slice is {} or [], further down null as
// encoding/json has it; times are RFC 3339; what is not ASCII is written as
// \uXXXX, < and & as they are.
//
// Source: Flask: json/provider.py, DefaultJSONProvider.
//
// Differs from Flask: times are RFC 3339, because that keeps their zone and
// fractions and is what others read; the fields of a struct are not sorted,
// because their order is chosen; numbers are written as encoding/json does.
type DefaultJSON struct {
	// HTTPDates writes each time.Time as Flask does: "Thu, 29 Feb 2024 01:02:03
	// GMT", in whole seconds. Values with a MarshalJSON or MarshalText of their
	// own are not looked into. It costs a copy of every value that can hold a
	// time.
	HTTPDates bool
	// Unicode writes what is not ASCII as it is: Flask's ensure_ascii = False.
	Unicode bool
}

var (
	_ JSONProvider = DefaultJSON{}
	_ jsonIndenter = DefaultJSON{}
)

// Marshal gives the JSON text of v on one line.
func (p DefaultJSON) Marshal(v any) ([]byte, error) { return withoutNewline(p.encode(v, false)) }

// MarshalIndent gives the JSON text of v with a line for each element. Every
// line but the first begins with prefix and one indent for each level.
func (p DefaultJSON) MarshalIndent(v any, prefix, indent string) ([]byte, error) {
	data, err := p.Marshal(v)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = json.Indent(&out, data, prefix, indent)
	return out.Bytes(), err
}

// Unmarshal is [json.Unmarshal].
func (p DefaultJSON) Unmarshal(data []byte, v any) error { return json.Unmarshal(data, v) }

func withoutNewline(data []byte, err error) ([]byte, error) {
	return data[:max(0, len(data)-1)], err
}
