package retort

import (
	"os"
	"reflect"

	"github.com/retort-go/retort/internal/mask"
)

// secrets are the values that must not be logged or shown: those of the
// configuration and of the environment, and the credentials of the request of c,
// if there is one. Nothing of the request is read for it.
func (a *App) secrets(c *Context) *mask.Secrets {
	s := new(mask.Secrets)
	for key, v := range a.Config.values {
		addConfigured(s, key, reflect.ValueOf(v.value), 0)
	}
	s.AddEnviron(os.Environ())
	if c != nil && c.Request != nil {
		s.AddRequest(c.request.http, a.Config.String("SESSION_COOKIE_NAME"))
		if c.route != nil && c.route.rule != nil {
			for i, v := range c.route.rule.Variables() {
				s.AddValues(map[string][]string{v.Name: {c.values.Text(i)}})
			}
		}
		if x := c.extra.Load(); x != nil {
			x.addSecrets(s)
		}
	}
	return s
}

// maxConfigured is how deep a value of the configuration is looked into.
const maxConfigured = 8

// addConfigured adds the texts in a value of the configuration whose key speaks of
// a secret, and the passwords of URLs.
func addConfigured(s *mask.Secrets, key string, v reflect.Value, depth int) {
	if depth > maxConfigured {
		return
	}
	inner := func(name string, v reflect.Value) {
		if mask.Setting(key) { // a group of secrets
			name = key
		}
		addConfigured(s, name, v, depth+1)
	}
	switch v.Kind() {
	case reflect.String:
		if s.AddWithin(v.String()); mask.Setting(key) {
			s.Add(v.String())
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			name := key
			if k := it.Key(); k.Kind() == reflect.String {
				name = k.String()
			}
			inner(name, it.Value())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			inner(v.Type().Field(i).Name, v.Field(i))
		}
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			data := make([]byte, min(v.Len(), 64<<10))
			for i := range data { // reflect.Copy does not take an unexported field
				data[i] = byte(v.Index(i).Uint())
			}
			inner(key, reflect.ValueOf(string(data)))
			return
		}
		for i := range v.Len() {
			inner(key, v.Index(i))
		}
	case reflect.Interface, reflect.Pointer:
		inner(key, v.Elem())
	}
}

// addSecrets adds the secrets of what was read of the request: of the form, of a
// body in JSON, of the session.
func (x *extras) addSecrets(s *mask.Secrets) {
	if f := x.form.Load(); f != nil && f.values != nil {
		for name, v := range f.values.All() {
			s.AddValues(map[string][]string{name: {v}})
		}
	}
	if x.body.mu.TryLock() { // not while somebody is reading
		s.AddJSON(x.body.data)
		x.body.mu.Unlock()
	}
	o := x.session.Load()
	if o == nil || o.session == nil {
		return
	}
	s.Add(o.session.id)
	for name, v := range o.session.values {
		s.AddTree(name, v)
	}
}
