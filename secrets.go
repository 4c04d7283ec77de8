package retort

import (
	"net/url"
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
		addConfigured(s, key, reflect.ValueOf(v.value))
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

// addConfigured adds the texts in a value of the configuration whose key speaks of
// a secret, and the passwords of URLs.
func addConfigured(s *mask.Secrets, key string, v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		if mask.Setting(key) {
			s.Add(v.String())
		} else if u, err := url.Parse(v.String()); err == nil {
			password, _ := u.User.Password()
			s.Add(password)
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			inner := key
			if name, ok := it.Key().Interface().(string); ok && !mask.Setting(key) {
				inner = name
			}
			addConfigured(s, inner, it.Value())
		}
	case reflect.Slice, reflect.Array:
		if v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8 {
			addConfigured(s, key, reflect.ValueOf(string(v.Bytes())))
			return
		}
		for i := range v.Len() {
			addConfigured(s, key, v.Index(i))
		}
	case reflect.Interface:
		addConfigured(s, key, v.Elem())
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
		if text, ok := v.(string); ok {
			s.AddValues(map[string][]string{name: {text}})
		}
	}
}
