package tests

import (
	"bytes"
	"net/http"
	"strings"
	"time"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/datastructures"
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
		res.SetMimetype(spec.Mimetype)
	}
	if len(spec.Status) > 0 {
		if bytes.HasPrefix(spec.Status, []byte(`"`)) {
			setStatus(res, decode[string](in, spec.Status))
		} else {
			res.Status = decode[int](in, spec.Status)
		}
	}
	setFields(res, spec)
	if spec.ETag != nil {
		res.SetETag(*spec.ETag, spec.Weak)
	}
	if spec.AddETag {
		if err := res.AddETag(); err != nil {
			panic(err)
		}
	}
	if spec.Conditional {
		err := res.MakeConditional(in.c.Request, retort.ConditionalOptions{AcceptRanges: spec.AcceptRanges})
		if err != nil {
			panic(err)
		}
	}
	return res
}

// setStatus sets a status line: a code and perhaps a reason phrase. What is none
// is an error in Python, too, or a status that no server can send.
func setStatus(res *retort.Response, status string) {
	if strings.TrimSpace(status) == "" {
		panic(exception("ValueError", "an empty status"))
	}
	res.SetStatus(status)
}

// setFields sets the fields that have methods.
func setFields(res *retort.Response, spec responseSpec) {
	if spec.Age != nil {
		res.SetAge(time.Duration(*spec.Age) * time.Second)
	}
	if spec.RetryAfter != nil {
		res.SetRetryAfter(time.Duration(*spec.RetryAfter) * time.Second)
	}
	if spec.Expires != nil {
		res.SetExpires(time.Unix(*spec.Expires, 0))
	}
	if spec.LastModified != nil {
		res.SetLastModified(time.Unix(*spec.LastModified, 0))
	}
	res.Vary().Add(spec.Vary...)
	res.Allow().Add(spec.Allow...)
	res.ContentLanguage().Add(spec.ContentLanguage...)
	if spec.Location != nil {
		res.Header.Set("Location", *spec.Location)
	}
	for _, directive := range spec.CacheControl {
		res.CacheControl().Set(strings.ReplaceAll(directive, "_", "-"), "")
	}
	if spec.MaxAge != nil {
		res.CacheControl().SetMaxAge(*spec.MaxAge)
	}
	if spec.WWWAuthenticate != nil {
		challenge := datastructures.NewWWWAuthenticate(spec.WWWAuthenticate.Type)
		for _, p := range spec.WWWAuthenticate.Params {
			challenge.Set(p.key, p.value)
		}
		res.SetWWWAuthenticate(challenge)
	}
}
