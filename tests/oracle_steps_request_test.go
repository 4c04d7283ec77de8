package tests

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/datastructures"
)

// requestInspections are the attributes of the request that need no more than
// the request.
var requestInspections = map[string]func(r *retort.Request) any{
	"args":                func(r *retort.Request) any { return items(r.Args()) },
	"form":                func(r *retort.Request) any { return items(r.Form()) },
	"values":              func(r *retort.Request) any { return items(r.Values()) },
	"files":               inspectFiles,
	"data":                inspectData,
	"url":                 func(r *retort.Request) any { return r.URL() },
	"base_url":            func(r *retort.Request) any { return r.BaseURL() },
	"root_url":            func(r *retort.Request) any { return r.RootURL() },
	"url_root":            func(r *retort.Request) any { return r.RootURL() },
	"host_url":            func(r *retort.Request) any { return r.HostURL() },
	"host":                func(r *retort.Request) any { return r.Host() },
	"full_path":           func(r *retort.Request) any { return r.FullPath() },
	"script_root":         func(r *retort.Request) any { return r.ScriptRoot() },
	"root_path":           func(r *retort.Request) any { return r.ScriptRoot() },
	"scheme":              func(r *retort.Request) any { return r.Scheme() },
	"query_string":        func(r *retort.Request) any { return r.QueryString() },
	"is_secure":           func(r *retort.Request) any { return r.IsSecure() },
	"is_json":             func(r *retort.Request) any { return r.IsJSON() },
	"mimetype":            func(r *retort.Request) any { return r.Mimetype() },
	"mimetype_params":     func(r *retort.Request) any { return r.MimetypeParams() },
	"content_type":        func(r *retort.Request) any { return orNone(r.ContentType()) },
	"content_length":      inspectContentLength,
	"content_encoding":    func(r *retort.Request) any { return orNone(r.ContentEncoding()) },
	"referrer":            func(r *retort.Request) any { return orNone(latin1(r.Referrer())) },
	"origin":              func(r *retort.Request) any { return orNone(latin1(r.Origin())) },
	"user_agent":          func(r *retort.Request) any { return latin1(r.UserAgent()) },
	"date":                func(r *retort.Request) any { return dateOrNone(r.Date()) },
	"max_forwards":        func(r *retort.Request) any { return valueOrNone(r.MaxForwards()) },
	"remote_addr":         func(r *retort.Request) any { return r.RemoteAddr() },
	"access_route":        func(r *retort.Request) any { return append([]string{}, r.AccessRoute()...) },
	"authorization":       inspectAuthorization,
	"accept_mimetypes":    func(r *retort.Request) any { return qualities(r.AcceptMimetypes().Accept) },
	"accept_languages":    func(r *retort.Request) any { return qualities(r.AcceptLanguages().Accept) },
	"accept_encodings":    func(r *retort.Request) any { return qualities(r.AcceptEncodings()) },
	"cache_control":       inspectCacheControl,
	"if_match":            func(r *retort.Request) any { return sortedTags(r.IfMatch()) },
	"if_none_match":       func(r *retort.Request) any { return sortedTags(r.IfNoneMatch()) },
	"if_modified_since":   func(r *retort.Request) any { return dateOrNone(r.IfModifiedSince()) },
	"if_unmodified_since": func(r *retort.Request) any { return dateOrNone(r.IfUnmodifiedSince()) },
	"range":               inspectRange,
}

// requestInspection gives the attribute of that name, nil for an unknown one.
func requestInspection(key string) func(in *interpreter) any {
	if name, ok := strings.CutPrefix(key, "header:"); ok {
		return func(in *interpreter) any {
			return orNone(latin1(strings.Join(in.c.Request.Header().Values(name), ",")))
		}
	}
	if inspect := requestInspections[key]; inspect != nil {
		return func(in *interpreter) any { return inspect(in.c.Request) }
	}
	return nil
}

// orNone is nil for "": where Flask has None, retort has the empty text.
func orNone(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func dateOrNone(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format(http.TimeFormat)
}

func valueOrNone[T any](v T, ok bool) any {
	if !ok {
		return nil
	}
	return v
}

// items lists the pairs of a dictionary.
func items(d *datastructures.MultiDict) [][2]string {
	list := [][2]string{}
	for key, value := range d.All() {
		list = append(list, [2]string{key, value})
	}
	return list
}

// hasName finds the parameter name of a Content-Disposition.
var hasName = regexp.MustCompile(`(?i)[;\s]name\*?=`)

func inspectFiles(r *retort.Request) any {
	list := []any{}
	for name, f := range r.Files().All() {
		text, err := io.ReadAll(f)
		if err != nil {
			panic(err)
		}
		file := map[string]any{
			"name": name, "filename": f.Filename, "content_type": orNone(f.ContentType()),
			"mimetype": f.MIMEType(), "text": string(text),
		}
		if !hasName.MatchString(f.Header.Get("Content-Disposition")) {
			file["name"] = nil
		}
		list = append(list, file)
	}
	return list
}

func inspectData(r *retort.Request) any {
	data, err := r.Data()
	if err != nil {
		panic(err)
	}
	return string(data)
}

func inspectContentLength(r *retort.Request) any {
	n := r.ContentLength()
	return valueOrNone(n, n >= 0)
}

func inspectAuthorization(r *retort.Request) any {
	a := r.Authorization()
	if a == nil {
		return nil
	}
	parameters := a.Parameters()
	if parameters == nil {
		parameters = map[string]string{}
	}
	return map[string]any{"type": a.Type(), "parameters": parameters, "token": valueOrNone(a.Token(), a.HasToken())}
}

func inspectCacheControl(r *retort.Request) any {
	c := r.CacheControl()
	return map[string]any{"max_age": valueOrNone(c.MaxAge()), "no_cache": c.NoCache()}
}

func inspectRange(r *retort.Request) any {
	part, ok := r.Range()
	return valueOrNone(part.String(), ok)
}

// sortedTags are entity tags in the order of their text.
func sortedTags(tags datastructures.ETags) string {
	if tags.Star() {
		return "*"
	}
	var list []string
	for _, tag := range tags.Strong() {
		list = append(list, `"`+tag+`"`)
	}
	for _, tag := range tags.Weak() {
		list = append(list, `W/"`+tag+`"`)
	}
	slices.Sort(list)
	return strings.Join(list, ", ")
}

func qualities(a datastructures.Accept) any {
	list := [][2]any{}
	for value, quality := range a.All() {
		list = append(list, [2]any{value, quality})
	}
	return list
}

// stepJSON reads the body as JSON.
func stepJSON(in *interpreter, arg struct {
	Force  bool `json:"force"`
	Silent bool `json:"silent"`
}) any {
	var options []retort.JSONOption
	if arg.Force {
		options = append(options, retort.ForceJSON)
	}
	if arg.Silent {
		options = append(options, retort.SilentJSON)
	}
	var v any
	if err := in.c.Request.JSON(&v, options...); err != nil {
		return err
	}
	return retort.H{"json": v}
}

// stepArgsGet reads the query with a type.
func stepArgsGet(in *interpreter, arg struct {
	Key     string `json:"key"`
	Type    string `json:"type"`
	Default any    `json:"default"`
}) any {
	args := in.c.Request.Args()
	switch arg.Type {
	case "int":
		return typedValues[int](args, arg.Key, arg.Default)
	case "float":
		return typedValues[float64](args, arg.Key, arg.Default)
	case "", "str":
		return typedValues[string](args, arg.Key, arg.Default)
	}
	in.fail(fmt.Errorf("the replay does not know the type %q", arg.Type))
	return nil
}

func typedValues[T comparable](args retort.Dict, key string, fallback any) retort.H {
	list := retort.GetList[T](args, key)
	if list == nil {
		list = []T{}
	}
	value := fallback
	var zero, probe T
	if first, ok := args.Lookup(key); ok {
		one := new(datastructures.MultiDict)
		one.Add(key, first)
		if got := retort.GetList[T](one, key); len(got) > 0 {
			value, probe = got[0], got[0]
		}
	}
	if got := retort.Get(args, key, zero); got != probe && !isNaN(got) {
		panic(fmt.Sprintf("Get gives %v, GetList %v", got, probe))
	}
	return retort.H{"list": list, "value": value}
}

func isNaN(v any) bool {
	f, ok := v.(float64)
	return ok && math.IsNaN(f)
}

// acceptor is one of the four Accept fields.
type acceptor interface {
	BestMatch(offers ...string) string
	Quality(value string) float64
}

// stepBestMatch negotiates.
func stepBestMatch(in *interpreter, arg struct {
	Mimetypes []string `json:"mimetypes"`
	Languages []string `json:"languages"`
	Encodings []string `json:"encodings"`
	Quality   []string `json:"quality"`
	Default   *string  `json:"default"`
}) any {
	r := in.c.Request
	object := retort.H{"accept_html": r.AcceptMimetypes().AcceptsHTML(), "accept_json": r.AcceptMimetypes().AcceptsJSON()}
	for _, field := range []struct {
		name   string
		accept acceptor
		offers []string
	}{
		{"mimetype", r.AcceptMimetypes(), arg.Mimetypes},
		{"language", r.AcceptLanguages(), arg.Languages},
		{"encoding", r.AcceptEncodings(), arg.Encodings},
	} {
		if field.offers == nil {
			continue
		}
		object[field.name] = orNone(field.accept.BestMatch(field.offers...))
		if object[field.name] == nil && arg.Default != nil {
			object[field.name] = *arg.Default
		}
		if arg.Quality != nil {
			list := [][2]any{}
			for _, value := range arg.Quality {
				list = append(list, [2]any{value, field.accept.Quality(value)})
			}
			object["quality"] = list
		}
	}
	return object
}

// nameless finds a part of a form whose Content-Disposition has no name, and is
// no file's.
var nameless = regexp.MustCompile(`(?im)^content-disposition(:\s*[^;\r\n]*)?\r?$`)

// hasOddBody is true of bodies that are not what they claim to be, or too large.
func hasOddBody(app *appSpec, c *recordedCase) bool {
	return slices.ContainsFunc(c.Steps, func(s recordedStep) bool {
		body := s.Request.text()
		kind := strings.ToLower(s.Request.header("Content-Type"))
		limit, limited := app.Config["MAX_CONTENT_LENGTH"].(float64)
		switch {
		case s.Request.InputTerminated && limited && len(body) > int(limit):
			return true
		case strings.Contains(kind, "json") || anyStep(app, c, func(s step) bool { return s.name == "json_body" }):
			return s.Expect.Status == http.StatusOK && !json.Valid(body) || hugeNumber(body)
		case strings.HasPrefix(kind, "multipart/"), strings.HasPrefix(kind, "application/x-www-form-urlencoded"):
			return emptyForm(s.Expect.Body) || nameless.Match(body)
		}
		return false
	})
}

// hugeNumber reports whether a JSON text has a number that no float64 holds.
func hugeNumber(body []byte) bool {
	var v any
	err := json.Unmarshal(body, &v)
	return err != nil && json.Valid(body)
}

// emptyForm reports whether the form that was recorded has nothing in it.
func emptyForm(body bodySpec) bool {
	var object struct{ Form, Files []any }
	return json.Unmarshal(body.bytes(), &object) == nil && len(object.Form)+len(object.Files) == 0
}

func (q *request) text() []byte {
	switch {
	case q.Body != nil:
		return []byte(*q.Body)
	case q.BodyB64 != nil:
		return decodeBase64(*q.BodyB64)
	}
	return nil
}

func (q *request) header(name string) string {
	for _, field := range q.Headers {
		if strings.EqualFold(field[0], name) {
			return field[1]
		}
	}
	return ""
}

// hasUnusualHost is true of a Host with a capital letter, and of none.
func hasUnusualHost(_ *appSpec, c *recordedCase) bool {
	return slices.ContainsFunc(c.Steps, func(s recordedStep) bool {
		var host string
		return string(s.Request.Host) == "null" || json.Unmarshal(s.Request.Host, &host) == nil && host != strings.ToLower(host)
	})
}

// readsOddNumber is true of typed queries with a number that Python alone reads.
func readsOddNumber(app *appSpec, c *recordedCase) bool {
	return anyStep(app, c, func(s step) bool { return s.name == "args_get" }) &&
		slices.ContainsFunc(c.Steps, func(s recordedStep) bool {
			_, query, _ := strings.Cut(strings.ToLower(s.Request.Target), "?n=")
			return strings.ContainsAny(query, "_%") || strings.Contains(query, "inf") || strings.Contains(query, "nan")
		})
}
