package datastructures

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"

	"github.com/retort-go/retort/internal/httpfield"
)

// Authorization is an Authorization field. A nil *Authorization has no scheme,
// no token and no parameters. It never changes; reading it from several
// goroutines is safe.
//
// Compare secrets with subtle.ConstantTimeCompare.
//
// Source: Werkzeug: datastructures/auth.py, Authorization; RFC 7617; RFC 6750.
type Authorization struct{ c credentials }

// ParseAuthorization reads an Authorization field; nil for an empty one, and
// for one of the scheme Basic that is no base64 or no UTF-8.
func ParseAuthorization(field string) *Authorization {
	if field == "" {
		return nil
	}
	a := &Authorization{parseCredentials(field)}
	if a.c.scheme != "basic" {
		return a
	}
	_, rest, _ := strings.Cut(field, " ")
	text, ok := decodeBase64(rest)
	if !ok || !utf8.Valid(text) {
		return nil
	}
	username, password, _ := strings.Cut(string(text), ":")
	return BasicAuthorization(username, password)
}

// BasicAuthorization is what a client sends to log in with a name and a
// password.
func BasicAuthorization(username, password string) *Authorization {
	return &Authorization{credentials{scheme: "basic", params: httpfield.Params{
		{Name: "username", Value: username}, {Name: "password", Value: password},
	}}}
}

// BearerAuthorization is what a client sends to log in with a token.
func BearerAuthorization(token string) *Authorization {
	return &Authorization{credentials{scheme: "bearer", token: token, hasToken: true}}
}

// Type is the scheme in lower case: "basic", "bearer", "digest".
func (a *Authorization) Type() string {
	if a == nil {
		return ""
	}
	return a.c.scheme
}

// Token gives the token of a scheme that has one instead of parameters.
func (a *Authorization) Token() string {
	if a == nil {
		return ""
	}
	return a.c.token
}

// HasToken reports whether there is a token, be it empty, and no parameters.
func (a *Authorization) HasToken() bool { return a != nil && a.c.hasToken }

// Lookup gives a parameter; names are compared as they were sent.
func (a *Authorization) Lookup(name string) (value string, ok bool) {
	if a == nil {
		return "", false
	}
	p, ok := a.c.params.Lookup(name)
	return p.Value, ok
}

// Get gives a parameter, "" when there is none.
func (a *Authorization) Get(name string) string {
	value, _ := a.Lookup(name)
	return value
}

// Parameters gives the names of the parameters and their values; a parameter
// without a value has "".
func (a *Authorization) Parameters() map[string]string {
	m := make(map[string]string)
	if a != nil {
		for _, p := range a.c.params {
			m[p.Name] = p.Value
		}
	}
	return m
}

// Username gives the parameter "username", which Basic and Digest have.
func (a *Authorization) Username() string { return a.Get("username") }

// Password gives the parameter "password", which Basic has.
func (a *Authorization) Password() string { return a.Get("password") }

// String gives the field. It has the password in it: keep it out of logs.
func (a *Authorization) String() string {
	switch {
	case a == nil:
		return ""
	case a.c.scheme == "basic":
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(a.Username()+":"+a.Password()))
	case a.c.hasToken:
		return title(a.c.scheme) + " " + a.c.token
	}
	return title(a.c.scheme) + " " + httpfield.FormatDict(a.c.params)
}

// decodeBase64 decodes what clients send: bytes outside the alphabet are
// skipped, and what follows the padding; the padding has to be there.
//
// Source: Python: binascii.a2b_base64.
func decodeBase64(s string) ([]byte, bool) {
	digits := make([]byte, 0, len(s))
	padding := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '=':
			if place := len(digits) % 4; place >= 2 {
				if padding++; place+padding >= 4 {
					i = len(s)
				}
			}
		case isBase64(c):
			digits = append(digits, c)
			padding = 0
		}
	}
	if (len(digits)+padding)%4 != 0 {
		return nil, false
	}
	text, err := base64.RawStdEncoding.DecodeString(string(digits))
	return text, err == nil
}

func isBase64(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '+' || c == '/'
}
