package tests

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/retort-go/retort"
)

// cookieSpec is a call of set_cookie or delete_cookie.
type cookieSpec struct {
	Name        string          `json:"name"`
	Value       string          `json:"value"`
	MaxAge      *int            `json:"max_age"`
	Expires     *int64          `json:"expires"`
	Path        json.RawMessage `json:"path"` // absent: "/"; null: none
	Domain      string          `json:"domain"`
	Secure      bool            `json:"secure"`
	HTTPOnly    bool            `json:"httponly"`
	SameSite    string          `json:"samesite"`
	Partitioned bool            `json:"partitioned"`
}

func (spec cookieSpec) options(in *interpreter) retort.CookieOptions {
	o := retort.CookieOptions{
		Domain: spec.Domain, Secure: spec.Secure, HTTPOnly: spec.HTTPOnly,
		SameSite: spec.SameSite, Partitioned: spec.Partitioned,
	}
	if spec.MaxAge != nil {
		o.MaxAge = time.Duration(*spec.MaxAge) * time.Second
		if *spec.MaxAge == 0 {
			o.MaxAge = -1
		}
	}
	if spec.Expires != nil {
		o.Expires = time.Unix(*spec.Expires, 0)
	}
	switch {
	case string(spec.Path) == "null":
		o.OmitPath = true
	case spec.Path != nil:
		o.Path = decode[string](in, spec.Path)
	}
	return o
}

func stepCookie(in *interpreter, spec cookieSpec) {
	in.c.AfterThisRequest(func(res *retort.Response) { res.SetCookie(spec.Name, spec.Value, spec.options(in)) })
}

func stepDeleteCookie(in *interpreter, spec cookieSpec) {
	in.c.AfterThisRequest(func(res *retort.Response) { res.DeleteCookie(spec.Name, spec.options(in)) })
}

// latin1 shows each byte of s as a character, as Python does with a field.
func latin1(s string) string {
	runes := make([]rune, len(s))
	for i := range len(s) {
		runes[i] = rune(s[i])
	}
	return string(runes)
}

// inspectCookies lists the cookies of the request. What came as bytes of their
// own, and not as the escapes of a quoted value, is shown as Python does.
func inspectCookies(in *interpreter) any {
	raw := strings.Join(in.c.Request.Header()["Cookie"], ";")
	list := [][2]string{}
	for name, value := range in.c.Request.Cookies().All() {
		if strings.Contains(raw, value) {
			value = latin1(value)
		}
		list = append(list, [2]string{latin1(name), value})
	}
	return list
}

// cookieJar is the client's: cookies by name, in the order in which they were
// first set. A nil one has none.
type cookieJar struct{ cookies pairs[string] }

// keep does what Set-Cookie fields say; domains and paths do not count.
func (j *cookieJar) keep(h http.Header) {
	for _, line := range h["Set-Cookie"] {
		cookie, attributes, _ := strings.Cut(line, ";")
		name, value, _ := strings.Cut(latin1(cookie), "=") // the client that was recorded had read it so
		i := slices.IndexFunc(j.cookies, func(c pair[string]) bool { return c.key == name })
		gone := value == "" || strings.Contains(attributes, "Max-Age=0") || strings.Contains(attributes, "01 Jan 1970")
		switch {
		case gone && i >= 0:
			j.cookies = slices.Delete(j.cookies, i, i+1)
		case gone:
		case i >= 0:
			j.cookies[i].value = value
		default:
			j.cookies = append(j.cookies, pair[string]{name, value})
		}
	}
}

// field is the Cookie field.
func (j *cookieJar) field() string {
	if j == nil {
		return ""
	}
	var list []string
	for _, c := range j.cookies {
		list = append(list, c.key+"="+c.value)
	}
	return strings.Join(list, "; ")
}
