package tests

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"maps"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/signing"
	"github.com/retort-go/retort/taggedjson"
)

// sessionConfig are Flask's defaults where retort's are safer.
var sessionConfig = map[string]any{"SESSION_COOKIE_SAMESITE": nil, "SESSION_COOKIE_SECURE": false}

// sessionChanges are what a step does to the session, by name.
var sessionChanges = map[string]func(in *interpreter, s *retort.Session, arg json.RawMessage){
	"set": func(in *interpreter, s *retort.Session, arg json.RawMessage) {
		for _, p := range decode[pairs[json.RawMessage]](in, arg) {
			s.Set(p.key, in.sessionValue(p.value))
		}
	},
	"pop": func(in *interpreter, s *retort.Session, arg json.RawMessage) {
		for _, key := range decode[[]string](in, arg) {
			s.Pop(key)
		}
	},
	"setdefault": func(in *interpreter, s *retort.Session, arg json.RawMessage) {
		for _, key := range decode[[]string](in, arg) {
			s.SetDefault(key, "dflt")
		}
	},
	"clear":     func(_ *interpreter, s *retort.Session, _ json.RawMessage) { s.Clear() },
	"permanent": func(in *interpreter, s *retort.Session, arg json.RawMessage) { s.SetPermanent(decode[bool](in, arg)) },
	"modified":  func(_ *interpreter, s *retort.Session, _ json.RawMessage) { s.MarkModified() },
	"append":    appendInSession,
}

// appendInSession appends to a list in the session. Python does that in place,
// so that the session does not notice; the list that append gives in Go is seen
// by nobody unless it is set.
func appendInSession(in *interpreter, s *retort.Session, arg json.RawMessage) {
	for _, p := range decode[pairs[json.RawMessage]](in, arg) {
		list, ok := s.Get(p.key).([]any)
		if !ok {
			panic(&pythonError{"KeyError", p.key})
		}
		if list = append(list, in.sessionValue(p.value)); in.marksModified {
			s.Set(p.key, list)
		}
	}
}

func stepSession(in *interpreter, arg pairs[json.RawMessage]) {
	s := in.c.Session()
	in.marksModified = slices.ContainsFunc(arg, func(p pair[json.RawMessage]) bool { return p.key == "modified" })
	for _, p := range arg {
		change := sessionChanges[p.key]
		if change == nil {
			in.fail(fmt.Errorf("the replay does not know the change %q of a session", p.key))
		}
		change(in, s, p.value)
	}
}

func stepReturnSession(in *interpreter, _ struct{}) any {
	values := make(map[string]any)
	for key, v := range in.c.Session().All() {
		values[key] = sessionTagged(v)
	}
	return values
}

func stepSessionInfo(in *interpreter, _ struct{}) any {
	s := in.c.Session()
	return retort.H{"modified": s.Modified(), "new": s.New(), "permanent": s.Permanent()}
}

func stepFlash(in *interpreter, arg struct{ Message, Category string }) {
	if arg.Category == "" {
		in.c.Flash(arg.Message)
		return
	}
	in.c.Flash(arg.Message, arg.Category)
}

func stepReturnFlashed(in *interpreter, arg struct {
	WithCategories bool     `json:"with_categories"`
	CategoryFilter []string `json:"category_filter"`
}) any {
	list := []any{}
	for _, m := range in.c.FlashedMessages(arg.CategoryFilter...) {
		if arg.WithCategories {
			list = append(list, []any{m.Category, m.Message})
		} else {
			list = append(list, m.Message)
		}
	}
	return list
}

// sessionValue is the Go value that stands for a tagged one in a session.
func (in *interpreter) sessionValue(data json.RawMessage) any {
	var t struct {
		taggedValue
		B64 string `json:"b64"`
	}
	if err := json.Unmarshal(data, &t); err != nil {
		in.fail(err)
	}
	switch t.Type {
	case "bytes":
		return decodeBase64(t.B64)
	case "list":
		return in.sessionValues(t.Value)
	case "tuple":
		return taggedjson.Tuple(in.sessionValues(t.Value))
	case "dict":
		dict := make(map[string]any)
		for _, entry := range decode[[][2]json.RawMessage](in, t.Value) {
			dict[decode[string](in, entry[0])] = in.sessionValue(entry[1])
		}
		return dict
	case "markup":
		return template.HTML(decode[string](in, t.Value))
	case "uuid":
		return uuidOf(decode[string](in, t.Value))
	case "datetime":
		at, err := time.Parse("2006-01-02T15:04:05.999999Z07:00", decode[string](in, t.Value))
		if err != nil {
			in.fail(err)
		}
		return at
	}
	v, err := t.goValue()
	if err != nil {
		in.fail(err)
	}
	return v
}

func (in *interpreter) sessionValues(data json.RawMessage) []any {
	list := []any{}
	for _, v := range decode[[]json.RawMessage](in, data) {
		list = append(list, in.sessionValue(v))
	}
	return list
}

// uuidOf reads the form with hyphens.
func uuidOf(text string) (id taggedjson.UUID) {
	hex := strings.ReplaceAll(text, "-", "")
	for i := range id {
		b, _ := strconv.ParseUint(hex[2*i:2*i+2], 16, 8)
		id[i] = byte(b)
	}
	return id
}

// sessionTagged is the tagged form of a value of a session.
func sessionTagged(v any) map[string]any {
	typed := func(name string, value any) map[string]any { return map[string]any{"type": name, "value": value} }
	switch v := v.(type) {
	case nil:
		return map[string]any{"type": "null"}
	case int64:
		return typed("int", strconv.FormatInt(v, 10))
	case json.Number:
		return typed("int", string(v))
	case float64:
		if math.Trunc(v) == v && math.Abs(v) < 1e16 {
			return typed("float", strconv.FormatFloat(v, 'f', 1, 64))
		}
		return typed("float", pythonFloat(v))
	case []byte:
		return map[string]any{"type": "bytes", "b64": base64.StdEncoding.EncodeToString(v)}
	case taggedjson.Tuple:
		return typed("tuple", sessionTaggedList(v))
	case []any:
		return typed("list", sessionTaggedList(v))
	case map[string]any:
		entries := []any{}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			entries = append(entries, []any{key, sessionTagged(v[key])})
		}
		return typed("dict", entries)
	case template.HTML:
		return typed("markup", string(v))
	case time.Time:
		return typed("datetime", v.UTC().Format("2006-01-02T15:04:05+00:00"))
	}
	return tagged(v)
}

func sessionTaggedList(list []any) []any {
	out := []any{}
	for _, v := range list {
		out = append(out, sessionTagged(v))
	}
	return out
}

// sessionDifference says in what way the new session cookie holds something else
// than what was recorded; "" when it does not, or when none was recorded.
func (spec *appSpec) sessionDifference(want *expectation, header http.Header) string {
	if want.Session == nil {
		return ""
	}
	name, key := "session", ""
	if n, ok := spec.Config["SESSION_COOKIE_NAME"].(string); ok {
		name = n
	}
	key, _ = spec.Config["SECRET_KEY"].(string)
	got, err := json.Marshal(sessionIn(header, name, key))
	if err != nil || !sameJSON("application/json", want.Session, got) {
		return fmt.Sprintf("session: want %s, got %s", want.Session, got)
	}
	return ""
}

// sessionIn is the tagged session of the cookie that a response sets.
func sessionIn(header http.Header, name, key string) any {
	var value string
	for _, field := range header["Set-Cookie"] {
		if v, ok := strings.CutPrefix(field, name+"="); ok {
			value, _, _ = strings.Cut(v, ";")
		}
	}
	s, err := signing.NewURLSafeTimedSerializer(key, signing.Salt("cookie-session"), signing.Derivation(signing.DeriveHMAC), signing.Format(new(taggedjson.Serializer)))
	if err != nil {
		return err.Error()
	}
	var values map[string]any
	if _, err := s.Loads(value, &values, time.Hour); err != nil {
		return err.Error()
	}
	tags := make(map[string]any)
	for key, v := range values {
		tags[key] = sessionTagged(v)
	}
	return tags
}
