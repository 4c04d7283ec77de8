package tests

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/retort-go/retort"
)

// response makes the response that a description asks for.
func (in *interpreter) response(spec responseSpec) *retort.Response {
	res := retort.Reply(spec.Body)
	for _, field := range spec.Headers {
		if http.CanonicalHeaderKey(field[0]) == "Content-Type" {
			res.Header.Del(field[0]) // the default gives way
		}
		res.Header.Add(field[0], field[1])
	}
	switch {
	case spec.ContentType != "":
		res.Header.Set("Content-Type", spec.ContentType)
	case spec.Mimetype != "":
		res.Header.Set("Content-Type", contentType(spec.Mimetype))
	}
	if len(spec.Status) > 0 {
		if bytes.HasPrefix(spec.Status, []byte(`"`)) {
			setStatus(res, decode[string](in, spec.Status))
		} else {
			res.Status = decode[int](in, spec.Status)
		}
	}
	setFields(res.Header, spec)
	if spec.ETag != nil {
		res.SetETag(*spec.ETag, false)
	}
	if spec.AddETag {
		if err := res.AddETag(); err != nil {
			panic(err)
		}
	}
	return res
}

// setStatus sets a status line: a code and perhaps a reason phrase.
func setStatus(res *retort.Response, status string) {
	if strings.TrimSpace(status) == "" {
		panic(exception("ValueError", "an empty status"))
	}
	code, reason, _ := strings.Cut(status, " ")
	res.Status, _ = strconv.Atoi(code)
	if reason != http.StatusText(res.Status) {
		res.Reason = reason
	}
}

// contentType adds the charset to a mimetype where Werkzeug does.
func contentType(mimetype string) string {
	switch mimetype {
	case "application/ecmascript", "application/javascript", "application/sql", "application/xml",
		"application/xml-dtd", "application/xml-external-parsed-entity":
		return mimetype + "; charset=utf-8"
	}
	if strings.HasPrefix(mimetype, "text/") || strings.HasSuffix(mimetype, "+xml") {
		return mimetype + "; charset=utf-8"
	}
	return mimetype
}

// setFields writes the fields that Werkzeug has properties for.
func setFields(h http.Header, spec responseSpec) {
	set := func(name string, value *int) {
		if value != nil {
			h.Set(name, strconv.Itoa(*value))
		}
	}
	set("Age", spec.Age)
	set("Retry-After", spec.RetryAfter)
	setDate(h, "Expires", spec.Expires)
	setDate(h, "Last-Modified", spec.LastModified)
	setList(h, "Vary", spec.Vary)
	setList(h, "Allow", spec.Allow)
	setList(h, "Content-Language", spec.ContentLanguage)
	if spec.Location != nil {
		h.Set("Location", *spec.Location)
	}
	var cache []string
	for _, directive := range spec.CacheControl {
		cache = append(cache, strings.ReplaceAll(directive, "_", "-"))
	}
	if spec.MaxAge != nil {
		cache = append(cache, fmt.Sprintf("max-age=%d", *spec.MaxAge))
	}
	setList(h, "Cache-Control", cache)
	if spec.WWWAuthenticate != nil {
		h.Set("WWW-Authenticate", spec.WWWAuthenticate.String())
	}
}

func setDate(h http.Header, name string, seconds *int64) {
	if seconds != nil {
		h.Set(name, time.Unix(*seconds, 0).UTC().Format(http.TimeFormat))
	}
}

// setList writes each element once, whatever its case.
func setList(h http.Header, name string, list []string) {
	var once []string
	for _, s := range list {
		if !slices.ContainsFunc(once, func(o string) bool { return strings.EqualFold(o, s) }) {
			once = append(once, s)
		}
	}
	if once != nil {
		h.Set(name, strings.Join(once, ", "))
	}
}

// String is the challenge: the scheme and its parameters, quoted when they are
// no tokens.
func (a *authenticateRaw) String() string {
	var params []string
	for _, p := range a.Params {
		value := p.value
		if strings.ContainsAny(value, ` "\,;=()<>@:/[]?{}`) || value == "" {
			value = strconv.Quote(value)
		}
		params = append(params, p.key+"="+value)
	}
	return strings.ToUpper(a.Type[:1]) + a.Type[1:] + " " + strings.Join(params, ", ")
}
