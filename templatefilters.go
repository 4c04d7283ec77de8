package retort

import (
	"bytes"
	"encoding/json"
	"fmt"
	htmltemplate "html/template"
	"reflect"
	"strings"
)

// templateFilters are the filters that every app has. A filter takes the value
// first.
//
// Source: Jinja: filters.py; Flask: json/provider.py, dumps.
func templateFilters(a *App) map[string]any {
	return map[string]any{
		"tojson":  func(v any, indent ...int) (htmltemplate.JS, error) { return a.filterToJSON(v, indent) },
		"safe":    filterSafe,
		"default": filterDefault,
		"upper":   func(v any) string { return strings.ToUpper(filterText(v)) },
		"lower":   func(v any) string { return strings.ToLower(filterText(v)) },
		"join":    filterJoin,
	}
}

// filterToJSON is ToJSON with blanks where Python's json.dumps has them.
func (a *App) filterToJSON(v any, indent []int) (htmltemplate.JS, error) {
	text, err := a.ToJSON(v)
	if err != nil {
		return "", err
	}
	if len(indent) == 0 {
		return htmltemplate.JS(spacedJSON(string(text))), nil
	}
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(text), "", strings.Repeat(" ", max(0, min(indent[0], 16)))); err != nil {
		return "", err
	}
	return htmltemplate.JS(b.String()), nil
}

// spacedJSON puts a blank after each comma and colon that is not in a string.
func spacedJSON(text string) string {
	var b strings.Builder
	inString, escaped := false, false
	for i := range len(text) {
		c := text[i]
		b.WriteByte(c)
		switch {
		case escaped:
			escaped = false
		case inString:
			escaped, inString = c == '\\', c != '"'
		case c == '"':
			inString = true
		case c == ',' || c == ':':
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// filterSafe has a value written as it is, as HTML.
func filterSafe(v any) htmltemplate.HTML { return htmltemplate.HTML(filterText(v)) }

func filterDefault(v, instead any) any {
	if v == nil {
		return instead
	}
	return v
}

func filterText(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

// filterJoin puts a text between the elements of a list.
func filterJoin(list any, between string) (string, error) {
	v := reflect.ValueOf(list)
	switch v.Kind() {
	case reflect.Invalid:
		return "", nil
	case reflect.Slice, reflect.Array:
	default:
		return "", fmt.Errorf("join takes a list, not the %T %v", list, list)
	}
	parts := make([]string, v.Len())
	for i := range parts {
		parts[i] = filterText(v.Index(i).Interface())
	}
	return strings.Join(parts, between), nil
}
