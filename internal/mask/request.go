package mask

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
)

// AddRequest adds the credentials of a request: of its Authorization fields, its
// cookies, fields and query arguments with the name of a secret, and of the form
// if it was parsed. The body is not read. sessionCookie is the name of the cookie
// whose value is one in any case.
func (s *Secrets) AddRequest(r *http.Request, sessionCookie string) {
	for _, name := range []string{"Authorization", "Proxy-Authorization"} {
		for _, v := range r.Header.Values(name) {
			s.addAuthorization(v)
		}
	}
	s.addCookies(r, sessionCookie)
	for _, name := range sortedNames(r.Header) {
		for _, v := range r.Header[name] {
			if name != "Cookie" && Credential(name, v) {
				s.Add(v)
			}
		}
	}
	if r.URL != nil {
		if password, ok := r.URL.User.Password(); ok {
			s.Add(password)
		}
		s.AddValues(r.URL.Query())
	}
	s.AddValues(r.PostForm)
	if r.MultipartForm != nil {
		s.AddValues(r.MultipartForm.Value)
	}
}

// AddValues adds the values whose names say that they are secrets.
func (s *Secrets) AddValues(values map[string][]string) {
	for _, name := range sortedNames(values) {
		for _, v := range values[name] {
			if Credential(name, v) {
				s.Add(v)
			}
		}
	}
}

// AddEnviron adds the secrets of an environment, as os.Environ gives it, and the
// passwords in its URLs. Names of files are none, whatever their variables are
// called: PWD is the working directory.
func (s *Secrets) AddEnviron(environ []string) {
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		s.AddWithin(value)
		if !Credential(name, value) {
			continue
		}
		if _, err := os.Lstat(value); err != nil || !filepath.IsAbs(value) {
			s.Add(value)
		}
	}
}

// addAuthorization adds the credentials of "Bearer x" and "Basic x", of the latter
// also the password in it.
func (s *Secrets) addAuthorization(v string) {
	scheme, credentials, ok := strings.Cut(v, " ")
	if !ok {
		s.Add(v)
		return
	}
	s.Add(credentials)
	for part := range strings.FieldsFuncSeq(credentials, func(r rune) bool { return strings.ContainsRune(`, ="`, r) }) {
		if len(part) >= minPart { // response="…" of Digest, Signature=… of AWS
			s.Add(part)
		}
	}
	if strings.EqualFold(scheme, "Basic") {
		if pair, err := base64.StdEncoding.DecodeString(strings.TrimSpace(credentials)); err == nil {
			_, password, _ := strings.Cut(string(pair), ":")
			s.Add(string(pair), password)
		}
	}
}

// addCookies adds the values of the cookies, first those with the name of a
// secret. A short word, as in theme=dark, is none unless its name says so.
func (s *Secrets) addCookies(r *http.Request, sessionCookie string) {
	var certain, others []string
	for _, c := range cookies(r) {
		switch {
		case c.Name == sessionCookie || Name(c.Name):
			certain = append(certain, c.Value)
		case !isWord(c.Value):
			others = append(others, c.Value)
		}
	}
	others = others[:min(len(others), maxCookies)]
	for _, v := range append(certain, others...) {
		s.Add(v)
		if decoded, err := url.QueryUnescape(v); err == nil && decoded != v {
			s.Add(decoded)
		}
	}
}

// cookies are those of a request, also the malformed ones, and however many there
// are: net/http gives none of those.
func cookies(r *http.Request) (all []http.Cookie) {
	for _, line := range r.Header["Cookie"] {
		for pair := range strings.SplitSeq(line, ";") {
			name, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
			all = append(all, http.Cookie{Name: strings.TrimSpace(name), Value: strings.Trim(value, ` "`)})
		}
	}
	return all
}

// maxCookies is how many cookies count whose names say nothing: more than any
// browser sends of them, fewer than would take long.
const maxCookies = 64

func isWord(v string) bool {
	return len(v) < 8 && !strings.ContainsFunc(v, func(r rune) bool { return !unicode.IsLetter(r) && r != '-' && r != '_' })
}

// maxJSON is the size up to which a body is searched.
const maxJSON = 256 << 10

// AddJSON adds the texts and numbers in a JSON body whose names say that they are
// secrets. A body that is no JSON, or too large, has none.
func (s *Secrets) AddJSON(body []byte) {
	if len(body) == 0 || len(body) > maxJSON {
		return
	}
	dec := json.NewDecoder(strings.NewReader(string(body)))
	dec.UseNumber()
	var v any
	if dec.Decode(&v) == nil {
		s.AddTree("", v)
	}
}

// AddTree adds the texts and numbers in a value as a decoder of JSON makes them,
// which stands under a name, if that or a name in it says that they are secrets.
func (s *Secrets) AddTree(name string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for _, key := range sortedNames(v) {
			inner := key
			if Name(name) { // a group of secrets
				inner = name
			}
			s.AddTree(inner, v[key])
		}
	case []any:
		for _, one := range v {
			s.AddTree(name, one)
		}
	case string:
		if Credential(name, v) {
			s.Add(v)
		}
	case json.Number:
		if Credential(name, v.String()) {
			s.Add(v.String())
		}
	}
}

func sortedNames[T any](m map[string]T) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
