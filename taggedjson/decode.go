package taggedjson

import (
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/retort-go/retort/internal/httpfield"
)

// decoder reads one JSON text.
type decoder struct {
	*Serializer
	src   string
	pos   int
	depth int
	plain bool // tags mean nothing
}

// syntaxError is what a text should have at a place.
type syntaxError struct {
	offset int
	want   string
}

func (e *syntaxError) Error() string {
	return fmt.Sprintf("no JSON: at byte %d there should be %s", e.offset, e.want)
}

func (d *decoder) wants(what string) error { return &syntaxError{d.pos, what} }

var (
	errTooLong = fmt.Errorf("a text of more than %d bytes", maxSize)
	errNoText  = errors.New("no JSON: the text is not UTF-8")
)

// decode reads a text with tags.
func (s *Serializer) decode(text []byte) (any, error) {
	switch {
	case len(text) > maxSize:
		return nil, errTooLong
	case !utf8.Valid(text):
		return nil, errNoText
	}
	d := decoder{Serializer: s, src: string(text)}
	return d.document()
}

// document reads a value with nothing behind it.
func (d *decoder) document() (any, error) {
	v, err := d.value()
	if err != nil {
		return nil, err
	}
	if d.space(); d.pos < len(d.src) {
		return nil, d.wants("the end")
	}
	return v, nil
}

// space skips white space.
func (d *decoder) space() {
	for d.pos < len(d.src) {
		switch d.src[d.pos] {
		case ' ', '\t', '\n', '\r':
			d.pos++
		default:
			return
		}
	}
}

// next skips white space and then c, if it is there.
func (d *decoder) next(c byte) bool {
	d.space()
	if d.pos < len(d.src) && d.src[d.pos] == c {
		d.pos++
		return true
	}
	return false
}

// value reads any value, with white space before it.
func (d *decoder) value() (any, error) {
	d.space()
	if d.pos == len(d.src) {
		return nil, d.wants("a value")
	}
	switch c := d.src[d.pos]; {
	case c == '"':
		return d.stringValue()
	case c == '{' || c == '[':
		return d.nested(c)
	case isNumberStart(c):
		return d.numberValue()
	}
	return d.word()
}

// nested reads an object or list.
func (d *decoder) nested(open byte) (v any, err error) {
	if d.depth++; d.depth > maxDepth {
		return nil, errTooDeep
	}
	d.pos++
	if open == '{' {
		v, err = d.object()
	} else {
		v, err = d.list()
	}
	d.depth--
	return v, err
}

// words are the values that are written as words. NaN and Infinity are
// Python's.
var words = [...]struct {
	text  string
	value any
}{
	{"null", nil}, {"true", true}, {"false", false},
	{"NaN", math.NaN()}, {"Infinity", math.Inf(1)}, {"-Infinity", math.Inf(-1)},
}

func (d *decoder) word() (any, error) {
	for _, w := range words {
		if strings.HasPrefix(d.src[d.pos:], w.text) {
			d.pos += len(w.text)
			return w.value, nil
		}
	}
	return nil, d.wants("a value")
}

// list reads a list behind its bracket.
func (d *decoder) list() (any, error) {
	list := []any{}
	if d.next(']') {
		return list, nil
	}
	for {
		v, err := d.value()
		if err != nil {
			return nil, err
		}
		list = append(list, v)
		switch {
		case d.next(']'):
			return list, nil
		case !d.next(','):
			return nil, d.wants(`"," or "]"`)
		}
	}
}

// object reads an object behind its brace, and the value it stands for. Of equal
// keys the last counts.
func (d *decoder) object() (any, error) {
	if d.next('}') {
		return map[string]any{}, nil
	}
	key, v, err := d.member()
	if err != nil {
		return nil, err
	}
	if d.next('}') { // no map is made for a tagged value
		return d.untag(key, v)
	}
	m := map[string]any{key: v}
	for {
		if !d.next(',') {
			return nil, d.wants(`"," or "}"`)
		}
		if key, v, err = d.member(); err != nil {
			return nil, err
		}
		m[key] = v
		if d.next('}') {
			break
		}
	}
	if len(m) == 1 {
		return d.untag(key, v)
	}
	return m, nil
}

// member reads a key and its value.
func (d *decoder) member() (key string, v any, err error) {
	if d.space(); d.pos == len(d.src) || d.src[d.pos] != '"' {
		return "", nil, d.wants("a string as key")
	}
	if key, err = d.string(); err != nil {
		return "", nil, err
	}
	if !d.next(':') {
		return "", nil, d.wants(`":"`)
	}
	v, err = d.value()
	return key, v, err
}

// untag gives the value that an object with one key stands for: with a tag the
// tagged one, else a map.
func (d *decoder) untag(key string, v any) (any, error) {
	if d.plain {
		return map[string]any{key: v}, nil
	}
	if tag := d.read[key]; tag != nil {
		value, err := tag.FromJSON(v)
		if err != nil {
			return nil, fmt.Errorf("the tag %q: %w", key, err)
		}
		return value, nil
	}
	switch key {
	case tagDict:
		return unescape(v)
	case tagTuple:
		if list, ok := v.([]any); ok {
			return Tuple(list), nil
		}
		return nil, notTagged(tagTuple, "a list", v)
	case tagBytes, tagHTML, tagUUID, tagTime:
		text, ok := v.(string)
		if !ok {
			return nil, notTagged(key, "a string", v)
		}
		return untagText(key, text)
	}
	return map[string]any{key: v}, nil
}

// untagText gives the value of a tag whose values are written as strings.
func untagText(key, text string) (v any, err error) {
	switch key {
	case tagBytes:
		v, err = base64.StdEncoding.DecodeString(text)
	case tagHTML:
		v = template.HTML(text)
	case tagUUID:
		v, err = parseUUID(text)
	case tagTime:
		t, ok := httpfield.ParseDate(text)
		if !ok || !hasDate(t) { // Flask: parse_date gives None
			return nil, nil
		}
		v = t
	}
	if err != nil {
		return nil, fmt.Errorf("the tag %q: %w", key, err)
	}
	return v, nil
}

// unescape gives the map with one key that is a tag.
func unescape(v any) (any, error) {
	m, ok := v.(map[string]any)
	if !ok || len(m) != 1 {
		return nil, notTagged(tagDict, "an object with one key", v)
	}
	for key, value := range m {
		key, ok = strings.CutSuffix(key, escape)
		if ok {
			return map[string]any{key: value}, nil
		}
	}
	return nil, fmt.Errorf("the tag %q: the key does not end with %q", tagDict, escape)
}

func notTagged(key, want string, v any) error {
	return fmt.Errorf("the tag %q: its value is %s, not a %s", key, want, typeName(v))
}
