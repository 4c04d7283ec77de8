package mask

import (
	"encoding/hex"
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The limits of [Secrets.Value].
const (
	maxDepth = 8
	maxItems = 100  // of one map, slice or struct
	maxText  = 1024 // bytes of one string
	maxTotal = 16 << 10
)

// Value shows a value by its kind, as Go would write it: no method of it is called,
// except of times and URLs, because it may panic, wait for ever or give away what
// is hidden here. name is the name of the variable, field or key it stands under.
// Secrets are hidden by name at every depth, then by value.
func (s *Secrets) Value(name string, v any) string {
	p := printer{secrets: s}
	p.value(name, reflect.ValueOf(v), 0)
	return s.Values(p.b.String())
}

// printer writes one value.
type printer struct {
	secrets *Secrets
	b       strings.Builder
	path    []uintptr // pointers that lead to here
}

var (
	timeType = reflect.TypeFor[time.Time]()
	urlType  = reflect.TypeFor[url.URL]()
)

func (p *printer) value(name string, v reflect.Value, depth int) {
	switch {
	case !v.IsValid():
		p.b.WriteString("nil")
	case Name(name) && !v.IsZero():
		p.b.WriteString(Hidden)
	case depth > maxDepth || p.b.Len() > maxTotal:
		p.b.WriteString("…")
	case p.known(v):
	default:
		p.kind(name, v, depth)
	}
}

// known writes a value of the types whose methods are safe.
func (p *printer) known(v reflect.Value) bool {
	if !v.CanInterface() {
		return false
	}
	switch v.Type() {
	case timeType:
		p.b.WriteString(v.Interface().(time.Time).Format(time.RFC3339Nano))
	case urlType:
		u := v.Interface().(url.URL)
		u.User = nil
		p.text(u.String())
	default:
		if d, ok := v.Interface().(time.Duration); ok {
			p.b.WriteString(d.String())
			return true
		}
		return false
	}
	return true
}

func (p *printer) kind(name string, v reflect.Value, depth int) {
	switch v.Kind() {
	case reflect.Bool:
		p.b.WriteString(strconv.FormatBool(v.Bool()))
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		p.b.WriteString(strconv.FormatInt(v.Int(), 10))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		p.b.WriteString(strconv.FormatUint(v.Uint(), 10))
	case reflect.Float32, reflect.Float64:
		p.b.WriteString(strconv.FormatFloat(v.Float(), 'g', -1, 64))
	case reflect.Complex64, reflect.Complex128:
		p.b.WriteString(strconv.FormatComplex(v.Complex(), 'g', -1, 128))
	case reflect.String:
		p.text(v.String())
	case reflect.Pointer, reflect.Interface:
		p.pointer(name, v, depth)
	case reflect.Map:
		p.mapping(v, depth)
	case reflect.Slice, reflect.Array:
		p.list(name, v, depth)
	case reflect.Struct:
		p.fields(v, depth)
	default: // functions, channels
		p.b.WriteString(v.Type().String())
	}
}

// text writes a string in quotes, without secrets and shortened.
func (p *printer) text(s string) {
	if len(s) > 64<<10 {
		s = s[:64<<10]
	}
	s = p.secrets.Text(s)
	if len(s) > maxText {
		s = strings.ToValidUTF8(s[:maxText], "") + "…"
	}
	p.b.WriteString(strconv.Quote(s))
}

func (p *printer) pointer(name string, v reflect.Value, depth int) {
	if v.IsNil() {
		p.b.WriteString("nil")
		return
	}
	if v.Kind() == reflect.Pointer {
		if !p.enter(v) {
			return
		}
		defer p.leave()
		p.b.WriteByte('&')
	}
	p.value(name, v.Elem(), depth+1)
}

// enter notes that what v points to is being written. It reports false, and says
// so, when it is already.
func (p *printer) enter(v reflect.Value) bool {
	at := v.Pointer()
	if slices.Contains(p.path, at) {
		p.b.WriteString("(itself)")
		return false
	}
	p.path = append(p.path, at)
	return true
}

func (p *printer) leave() { p.path = p.path[:len(p.path)-1] }

func (p *printer) mapping(v reflect.Value, depth int) {
	if v.IsNil() {
		p.b.WriteString("nil")
		return
	}
	if !p.enter(v) {
		return
	}
	defer p.leave()
	type entry struct {
		name  string
		value reflect.Value
	}
	var entries []entry
	for it := v.MapRange(); it.Next() && len(entries) < 10*maxItems; {
		entries = append(entries, entry{p.key(it.Key()), it.Value()})
	}
	slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.name, b.name) })
	p.items("{", "}", len(entries), func(i int) {
		p.b.WriteString(strconv.Quote(p.secrets.Values(entries[i].name)) + ": ")
		p.value(entries[i].name, entries[i].value, depth+1)
	})
}

// key is the key of a map as a name.
func (p *printer) key(v reflect.Value) string {
	for v.Kind() == reflect.Interface && !v.IsNil() {
		v = v.Elem()
	}
	if v.Kind() == reflect.String {
		return v.String()
	}
	inner := printer{secrets: p.secrets, path: p.path}
	inner.value("", v, maxDepth-1)
	return inner.b.String()
}

func (p *printer) list(name string, v reflect.Value, depth int) {
	if v.Kind() == reflect.Slice {
		if v.IsNil() {
			p.b.WriteString("nil")
			return
		}
		if v.Len() > 0 {
			if !p.enter(v) {
				return
			}
			defer p.leave()
		}
	}
	if v.Type().Elem().Kind() == reflect.Uint8 {
		p.bytes(v)
		return
	}
	pair := v.Len() == 2 && textOf(v.Index(0)) != ""
	p.items("[", "]", v.Len(), func(i int) {
		if pair && i == 1 { // a name and a value
			name = textOf(v.Index(0))
		}
		p.value(name, v.Index(i), depth+1)
	})
}

// bytes writes bytes as text if they are one, else as digits.
func (p *printer) bytes(v reflect.Value) {
	data := make([]byte, min(v.Len(), 64<<10))
	for i := range data {
		data[i] = byte(v.Index(i).Uint())
	}
	if text := string(data); v.Kind() == reflect.Slice && strings.ToValidUTF8(text, "") == text {
		p.text(text)
		return
	}
	masked := p.secrets.Values(string(data))
	if masked != string(data) {
		p.b.WriteString(Hidden)
		return
	}
	p.b.WriteString("0x" + hex.EncodeToString(data[:min(len(data), 64)]))
	if len(data) > 64 {
		fmt.Fprintf(&p.b, "… (%d bytes)", v.Len())
	}
}

// textOf is a value that is a string, perhaps in an interface, else "".
func textOf(v reflect.Value) string {
	for v.Kind() == reflect.Interface && !v.IsNil() {
		v = v.Elem()
	}
	if v.Kind() == reflect.String {
		return v.String()
	}
	return ""
}

// fields writes a struct. In one with a name or key and a value, the one is the
// name of the other; the value of a cookie is always hidden.
func (p *printer) fields(v reflect.Value, depth int) {
	t := v.Type()
	label := labelOf(v)
	p.b.WriteString(t.String())
	p.items("{", "}", t.NumField(), func(i int) {
		name := t.Field(i).Name
		p.b.WriteString(name + ": ")
		switch lower := strings.ToLower(name); {
		case strings.HasPrefix(lower, "value") || label == "cookie" && strings.HasPrefix(lower, "raw"):
			name = label
		case lower == "key" && v.Field(i).Kind() == reflect.String && label != "":
			name = "" // the name of the value, no secret itself
		}
		p.value(name, v.Field(i), depth+1)
	})
}

// labelOf is the name that a struct has for its value, "" for most structs.
func labelOf(v reflect.Value) string {
	t := v.Type()
	if t.String() == "http.Cookie" {
		return "cookie"
	}
	label, hasValue := "", false
	for i := range t.NumField() {
		switch n := strings.ToLower(t.Field(i).Name); {
		case (n == "name" || n == "key") && label == "":
			label = textOf(v.Field(i))
		case strings.HasPrefix(n, "value"):
			hasValue = true
		}
	}
	if !hasValue {
		return ""
	}
	return label
}

// items writes up to maxItems things with commas between.
func (p *printer) items(open, end string, n int, write func(i int)) {
	p.b.WriteString(open)
	for i := range n {
		if i > 0 {
			p.b.WriteString(", ")
		}
		if i == maxItems || p.b.Len() > maxTotal {
			fmt.Fprintf(&p.b, "… (%d more)", n-i)
			break
		}
		write(i)
	}
	p.b.WriteString(end)
}
