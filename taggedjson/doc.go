// Package taggedjson writes values as JSON and reads them back with their types:
// what JSON has no type for is written as an object whose only key is a tag. It
// is the format of Flask's sessions, both ways: the texts are the same to the
// byte.
//
//	tag      in Go                                     in Python
//	" di"    a map with one key that is a tag          dict
//	" t"     [Tuple]                                   tuple
//	" b"     []byte                                    bytes
//	" m"     [template.HTML]                           markupsafe.Markup
//	" u"     [UUID], and every other [16]byte type     uuid.UUID
//	" d"     [time.Time], in whole seconds             datetime
//
// Everything else is plain JSON: nil, booleans, numbers, strings, lists and maps
// with string keys. Read back, a list is a []any, a map a map[string]any, an
// integer an int64 (a [json.Number] if it is larger), another number a float64,
// and each tagged value the first type of its line. A time is in UTC.
//
// Other types are written as what they are made of: maps and slices of any type,
// named types, pointers. A struct, and what has a MarshalJSON or MarshalText, is
// written as encoding/json does, and so comes back as a map or string; to have
// it back as it was, give its type a tag with [Serializer.Register].
//
// Source: Flask: json/tag.py.
package taggedjson
