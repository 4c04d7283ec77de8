package httpfield

import "strings"

// ParseDict reads the items of a list as name=value pairs and bare names. A
// later item replaces an earlier one of the same name, in its place. Items
// without a name are left out. A name that ends with "*" marks a value with a
// charset, as in [ParseOptions], and loses it.
//
//	ParseDict(`max-age=5, private="a, b", no-store`)
//
// Source: Werkzeug: http.py, parse_dict_header.
func ParseDict(value string) Params {
	var c collector
	for _, item := range ParseList(value) {
		name, text, hasValue := strings.Cut(item, "=")
		name, text = strings.TrimSpace(name), strings.TrimSpace(text)
		if name == "" {
			continue
		}
		if extended, ok := strings.CutSuffix(name, "*"); ok && hasValue {
			name = extended
			if charset, encoded, ok := cutCharset(text); ok {
				text = decodePercent(encoded, charset)
			}
		}
		p := c.at(name)
		p.Value, p.Bare = Unquote(text), !hasValue
	}
	return c.params
}

// FormatDict joins parameters with commas, quoting the values that are no
// tokens. The value of a name that ends with "*" is written as it is. It is the
// reverse of [ParseDict].
//
// Source: Werkzeug: http.py, dump_header.
func FormatDict(params Params) string { return params.join(", ") }

// join writes the parameters with a separator between them.
func (p Params) join(separator string) string {
	var b strings.Builder
	for i, param := range p {
		if i > 0 {
			b.WriteString(separator)
		}
		b.WriteString(param.String())
	}
	return b.String()
}

// String writes the parameter as it stands in a field.
func (p Param) String() string {
	switch {
	case p.Bare:
		return p.Name
	case strings.HasSuffix(p.Name, "*"):
		return p.Name + "=" + p.Value
	}
	return p.Name + "=" + Quote(p.Value)
}
