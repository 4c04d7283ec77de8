package taggedjson

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"time"

	"github.com/retort-go/retort/internal/httpfield"
)

// encoder writes values. Its methods append to a text.
type encoder struct{ *Serializer }

var (
	errTooDeep = fmt.Errorf("nested more than %d deep, or within itself", maxDepth)
	errNoDate  = errors.New("a time before the year 100 or after 9999 has no text")
)

// value writes v with the first tag that takes it; depth is how many objects and
// lists are around it.
func (e encoder) value(dst []byte, v any, depth int) ([]byte, error) {
	if tag := find(e.first, v); tag != nil {
		return e.tagged(dst, tag, v, depth)
	}
	switch v := v.(type) {
	case map[string]any:
		return e.object(dst, v, depth)
	case []any:
		return e.list(dst, v, depth)
	case Tuple, []byte, template.HTML, UUID, time.Time:
		return e.typed(dst, v, depth)
	}
	if tag := find(e.last, v); tag != nil {
		return e.tagged(dst, tag, v, depth)
	}
	switch v := v.(type) {
	case nil:
		return append(dst, "null"...), nil
	case string:
		return appendString(dst, v), nil
	case bool:
		return strconv.AppendBool(dst, v), nil
	case int:
		return strconv.AppendInt(dst, int64(v), 10), nil
	case int64:
		return strconv.AppendInt(dst, v, 10), nil
	case float64:
		return appendFloat(dst, v, 64), nil
	case json.Number:
		return appendNumber(dst, v)
	}
	return e.other(dst, v, depth)
}

// typed writes a value of a type that has a tag of the package.
func (e encoder) typed(dst []byte, v any, depth int) ([]byte, error) {
	if depth >= maxDepth {
		return dst, errTooDeep
	}
	switch v := v.(type) {
	case Tuple:
		dst, err := e.list(appendTag(dst, tagTuple), v, depth+1)
		return append(dst, '}'), err
	case []byte:
		dst = append(appendTag(dst, tagBytes), '"')
		return append(base64.StdEncoding.AppendEncode(dst, v), `"}`...), nil
	case template.HTML:
		return append(appendString(appendTag(dst, tagHTML), string(v)), '}'), nil
	case time.Time:
		if !hasDate(v) {
			return dst, errNoDate
		}
		return append(appendString(appendTag(dst, tagTime), httpfield.FormatDate(v)), '}'), nil
	}
	dst = append(appendTag(dst, tagUUID), '"')
	u := v.(UUID)
	return append(hex.AppendEncode(dst, u[:]), `"}`...), nil
}

// hasDate reports whether an HTTP date can say t: before the year 100 it would be
// read as another one.
func hasDate(t time.Time) bool { return 100 <= t.UTC().Year() && t.UTC().Year() <= 9999 }

// find gives the first tag that takes v, or nil.
func find(tags []*Tag, v any) *Tag {
	for _, tag := range tags {
		if tag.Check(v) {
			return tag
		}
	}
	return nil
}

// tagged writes v with a tag that was registered.
func (e encoder) tagged(dst []byte, tag *Tag, v any, depth int) ([]byte, error) {
	if depth >= maxDepth {
		return dst, errTooDeep
	}
	inner, err := tag.ToJSON(v)
	if err != nil {
		return dst, fmt.Errorf("the tag %q: %w", tag.Key, err)
	}
	dst, err = e.value(appendTag(dst, tag.Key), inner, depth+1)
	return append(dst, '}'), err
}

// object writes a map. The only key of one that would be read as a tagged value
// is escaped.
func (e encoder) object(dst []byte, m map[string]any, depth int) ([]byte, error) {
	if depth >= maxDepth {
		return dst, errTooDeep
	}
	if len(m) == 1 {
		for key, v := range m {
			if e.isTag(key) {
				return e.escaped(dst, key, v, depth+1)
			}
		}
	}
	var room [16]string
	keys := room[:0]
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	dst = append(dst, '{')
	for i, key := range keys {
		if i > 0 {
			dst = append(dst, ',')
		}
		var err error
		if dst, err = e.member(dst, key, key, m[key], depth); err != nil {
			return dst, err
		}
	}
	return append(dst, '}'), nil
}

// escaped writes a map whose only key is a tag.
func (e encoder) escaped(dst []byte, key string, v any, depth int) ([]byte, error) {
	if depth >= maxDepth {
		return dst, errTooDeep
	}
	dst, err := e.member(append(appendTag(dst, tagDict), '{'), key, key+escape, v, depth)
	return append(dst, "}}"...), err
}

// member writes the value of a key, which may be written in another way.
func (e encoder) member(dst []byte, key, written string, v any, depth int) ([]byte, error) {
	dst = append(appendString(dst, written), ':')
	dst, err := e.value(dst, v, depth+1)
	return dst, inside(err, key)
}

// list writes a list.
func (e encoder) list(dst []byte, list []any, depth int) ([]byte, error) {
	if depth >= maxDepth {
		return dst, errTooDeep
	}
	dst = append(dst, '[')
	for i, v := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		var err error
		if dst, err = e.value(dst, v, depth+1); err != nil {
			return dst, inside(err, strconv.Itoa(i))
		}
	}
	return append(dst, ']'), nil
}

// appendTag begins the object of a tagged value.
func appendTag(dst []byte, key string) []byte {
	return append(appendString(append(dst, '{'), key), ':')
}

// placeError is an error with the keys that lead to it, the outermost last.
type placeError struct {
	keys []string
	err  error
}

// inside adds a key around the place of an error.
func inside(err error, key string) error {
	if err == nil || errors.Is(err, errTooDeep) { // a path of 200 keys helps nobody
		return err
	}
	place, ok := err.(*placeError)
	if !ok {
		place = &placeError{err: err}
	}
	place.keys = append(place.keys, key)
	return place
}

func (e *placeError) Error() string {
	text := ""
	for i, key := range slices.Backward(e.keys) {
		text += strconv.Quote(key)
		if i > 0 {
			text += ", "
		}
	}
	return "at " + text + ": " + e.err.Error()
}

func (e *placeError) Unwrap() error { return e.err }
