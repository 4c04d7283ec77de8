package taggedjson

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
)

// Tuple is a list that comes back as a Tuple: a tuple in Python.
type Tuple []any

// Serializer writes and reads tagged JSON. The zero value has the tags of the
// package. Once all tags are registered it may be used by several goroutines at
// once.
//
// Source: Flask: json/tag.py, TaggedJSONSerializer.
type Serializer struct {
	first []*Tag          // asked before the package's own types
	last  []*Tag          // and after them
	read  map[string]*Tag // by key; may replace one of the package's
}

// Tag is how values of one type are written.
//
// Source: Flask: json/tag.py, JSONTag.
type Tag struct {
	// Key is the only key of the object that is written, such as " user". The
	// keys of the package begin with a space, which few others do.
	Key string
	// Check reports whether v is such a value.
	Check func(v any) bool
	// ToJSON gives what stands for v. What it consists of is tagged in turn.
	ToJSON func(v any) (any, error)
	// FromJSON gives the value for what ToJSON gave, as it was read back.
	FromJSON func(v any) (any, error)
}

// RegisterOption is an option of [Serializer.Register].
type RegisterOption func(*registration)

// registration is where a tag goes. The zero value is: to the end, if it is new.
type registration struct {
	force    bool
	index    int
	hasIndex bool
}

// Force lets a tag take the place of another with the same key when values are
// read. When they are written, the one that stands before the other in the order
// counts, so mostly [Index] is needed too.
func Force() RegisterOption { return func(r *registration) { r.force = true } }

// Index is the place of a tag in the order in which they are asked whether a
// value is theirs. The tags of the package are one place in it, the first unless
// others were put there: Index(0) comes before all, and is right for a type that
// would be taken for a map, a list or bytes. Without it a tag comes last.
//
// Differs from Flask, where the tags of the package are eight places: types in Go
// do not overlap as classes do.
func Index(i int) RegisterOption {
	return func(r *registration) { r.index, r.hasIndex = i, true }
}

// Register adds a tag, before the serializer is used for the first time. The
// error is that of a tag without key or functions, or whose key is taken.
//
// Source: Flask: json/tag.py, TaggedJSONSerializer.register.
func (s *Serializer) Register(tag Tag, opts ...RegisterOption) error {
	var r registration
	for _, opt := range opts {
		opt(&r)
	}
	switch {
	case tag.Key == "":
		return errors.New("taggedjson: a tag needs a Key, such as \" user\"")
	case tag.Check == nil || tag.ToJSON == nil || tag.FromJSON == nil:
		return fmt.Errorf("taggedjson: the tag %q needs Check, ToJSON and FromJSON", tag.Key)
	case s.isTag(tag.Key) && !r.force:
		return fmt.Errorf("taggedjson: the tag %q is registered already; take another key, or replace it with Force", tag.Key)
	}
	if s.read == nil {
		s.read = make(map[string]*Tag)
	}
	s.read[tag.Key] = &tag
	s.place(&tag, r)
	return nil
}

// place puts a tag into the order.
func (s *Serializer) place(tag *Tag, r registration) {
	own := len(s.first) // the place of the package's tags
	switch {
	case !r.hasIndex:
		s.last = append(s.last, tag)
	case r.index <= own:
		s.first = slices.Insert(s.first, max(r.index, 0), tag)
	default:
		s.last = slices.Insert(s.last, min(r.index-own-1, len(s.last)), tag)
	}
}

// isTag reports whether an object whose only key is key is a tagged value.
func (s *Serializer) isTag(key string) bool {
	switch key {
	case tagDict, tagTuple, tagBytes, tagHTML, tagUUID, tagTime:
		return true
	}
	_, ok := s.read[key]
	return ok
}

// The tags of the package.
const (
	tagDict  = " di"
	tagTuple = " t"
	tagBytes = " b"
	tagHTML  = " m"
	tagUUID  = " u"
	tagTime  = " d"
)

// escape ends the key of a map with one key that is a tag.
const escape = "__"

// maxDepth is how deep objects and lists may be nested in a text. A list that
// holds itself would be endless.
const maxDepth = 200

// maxSize is how long a text may be that is read.
const maxSize = 16 << 20

// Dumps gives the JSON text of v: on one line, without spaces, in ASCII and with
// sorted keys. The error names the place of a value that cannot be written.
func (s *Serializer) Dumps(v any) ([]byte, error) {
	e := encoder{s}
	text, err := e.value(nil, v, 0)
	if err != nil {
		return nil, fmt.Errorf("taggedjson: %w", err)
	}
	return text, nil
}

// Loads stores the value of a JSON text in what v points to, mostly an any or a
// map[string]any: its type must be that of the value. On an error it is left as
// it was. A text is refused if it is longer than 16 MiB or nested more than 200
// deep. NaN and Infinity are read, which Python writes.
func (s *Serializer) Loads(text []byte, v any) error {
	value, err := s.decode(text)
	if err != nil {
		return fmt.Errorf("taggedjson: %w", err)
	}
	switch to := v.(type) {
	case *any:
		*to = value
		return nil
	case *map[string]any:
		m, ok := value.(map[string]any)
		if !ok {
			return fmt.Errorf("taggedjson: the text has a %s, not a map", typeName(value))
		}
		*to = m
		return nil
	}
	return store(value, reflect.ValueOf(v))
}

// store stores a value where a pointer of another type points.
func store(value any, to reflect.Value) error {
	if to.Kind() != reflect.Pointer || to.IsNil() {
		return fmt.Errorf("taggedjson: Loads needs a pointer to store the value in, not a %v", to.Kind())
	}
	from := reflect.ValueOf(value)
	if !from.IsValid() || !from.Type().AssignableTo(to.Type().Elem()) {
		return fmt.Errorf("taggedjson: the text has a %s, not a %v", typeName(value), to.Type().Elem())
	}
	to.Elem().Set(from)
	return nil
}

// typeName is the type of a value for messages.
func typeName(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case map[string]any:
		return "map"
	case []any:
		return "list"
	}
	return fmt.Sprintf("%T", v)
}
