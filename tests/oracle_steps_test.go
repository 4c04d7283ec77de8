package tests

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strings"

	"github.com/retort-go/retort"
)

// interpreter runs the steps of one view, hook or handler.
type interpreter struct {
	app *replayApp
	c   *retort.Context
	res *retort.Response // in an after_request function
	err error            // in an error handler or a teardown function

	marksModified bool // the step that changes the session also marks it
}

// command is what a step does. returned ends the steps with value.
type command func(in *interpreter, arg json.RawMessage) (value any, returned bool)

// commands are the steps that are known. Those that are not make the whole app
// fail when it is built.
var commands = map[string]command{
	"trace":               doing(stepTrace),
	"set_g":               doing(func(in *interpreter, arg [2]string) { in.c.G().Set(arg[0], arg[1]) }),
	"header":              doing(func(in *interpreter, arg [2]string) { in.header(arg, http.Header.Add) }),
	"set_header":          doing(func(in *interpreter, arg [2]string) { in.header(arg, http.Header.Set) }),
	"append_body":         doing(stepAppendBody),
	"set_status":          doing(func(in *interpreter, arg int) { in.res.Status = arg }),
	"abort":               doing(stepAbort),
	"abort_response":      doing(func(in *interpreter, arg responseSpec) { retort.AbortWith(in.response(arg)) }),
	"raise":               doing(stepRaise),
	"reraise":             doing(func(in *interpreter, _ struct{}) { panic(in.err) }),
	"return":              returning(stepReturn),
	"return_g":            returning(stepReturnG),
	"return_error":        returning(stepReturnError),
	"return_exception":    returning(func(in *interpreter, _ struct{}) any { return in.err }),
	"respond":             returning(func(in *interpreter, arg responseSpec) any { return in.response(arg) }),
	"render":              returning(stepRender),
	"render_string":       returning(stepRenderString),
	"redirect":            returning(stepRedirect),
	"redirect_for":        returning(func(in *interpreter, arg urlSpec) any { return in.c.Redirect(in.url(arg)) }),
	"url_for":             returning(func(in *interpreter, arg urlSpec) any { return in.url(arg) }),
	"stream":              returning(stepStream),
	"send_file":           returning(stepSendFile),
	"send_bytes":          returning(stepSendBytes),
	"send_from_directory": returning(stepSendFromDirectory),
	"cookie":              doing(stepCookie),
	"delete_cookie":       doing(stepDeleteCookie),
	"session":             doing(stepSession),
	"return_session":      returning(stepReturnSession),
	"session_info":        returning(stepSessionInfo),
	"flash":               doing(stepFlash),
	"return_flashed":      returning(stepReturnFlashed),
	"inspect":             returning(stepInspect),
	"request_json":        returning(stepJSON),
	"json_body":           returning(stepJSON),
	"args_get":            returning(stepArgsGet),
	"best_match":          returning(stepBestMatch),
	"require_arg":         returning(func(in *interpreter, key string) any { return in.c.Request.Args().Require(key) }),
	"require_form":        returning(func(in *interpreter, key string) any { return in.c.Request.Form().Require(key) }),
}

func doing[T any](f func(*interpreter, T)) command {
	return func(in *interpreter, arg json.RawMessage) (any, bool) {
		f(in, decode[T](in, arg))
		return nil, false
	}
}

func returning[T any](f func(*interpreter, T) any) command {
	return func(in *interpreter, arg json.RawMessage) (any, bool) {
		return f(in, decode[T](in, arg)), true
	}
}

// decode reads the argument of a step. What it does not know ends the case.
func decode[T any](in *interpreter, data json.RawMessage) T {
	var v T
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&v); err != nil {
		in.fail(fmt.Errorf("the step %s: %w", data, err))
	}
	return v
}

// fail ends the case: the replay cannot do what is asked.
func (in *interpreter) fail(err error) {
	in.app.fault = errors.Join(in.app.fault, err)
	panic(err)
}

// run runs the steps until one returns.
func (s steps) run(in *interpreter) (value any, returned bool) {
	for _, step := range s {
		if value, returned := commands[step.name](in, step.arg); returned {
			return value, true
		}
	}
	return nil, false
}

func stepTrace(in *interpreter, text string) {
	text = strings.NewReplacer("{exc}", className(in.err), "{endpoint}", cmp.Or(in.c.Endpoint(), "None")).Replace(text)
	in.app.trace = append(in.app.trace, text)
}

// header changes a field of the response: at once in an after_request function,
// else when there is a response.
func (in *interpreter) header(field [2]string, change func(h http.Header, name, value string)) {
	if in.res != nil {
		change(in.res.Header, field[0], field[1])
		return
	}
	in.c.AfterThisRequest(func(res *retort.Response) { change(res.Header, field[0], field[1]) })
}

func stepAppendBody(in *interpreter, text string) {
	data, err := in.res.Data()
	if err != nil {
		panic(err)
	}
	in.res.SetData(append(slices.Clip(data), text...))
}

func stepAbort(in *interpreter, arg struct {
	Code        int     `json:"code"`
	Description *string `json:"description"`
}) {
	if arg.Description != nil {
		retort.Abort(arg.Code, *arg.Description)
	}
	retort.Abort(arg.Code)
}

func stepRaise(in *interpreter, arg struct{ Type, Message string }) {
	panic(exception(arg.Type, arg.Message))
}

func stepReturnG(in *interpreter, name string) any {
	if v, ok := in.c.G().Lookup(name); ok {
		return v
	}
	return "<unset>"
}

// stepReturnError says what error a handler was given.
func stepReturnError(in *interpreter, _ struct{}) any {
	var e *retort.HTTPError
	if !errors.As(in.err, &e) {
		return retort.Reply(fmt.Sprintf("handled %s %s", className(in.err), in.err), 500)
	}
	description := strings.TrimPrefix(e.Error(), fmt.Sprintf("%d %s: ", e.Code, e.Name()))
	text := fmt.Sprintf("handled %d %s", e.Code, description)
	if cause := e.Unwrap(); cause != nil {
		text += " original=" + className(cause)
	}
	return retort.Reply(text, e.Code)
}

func stepRedirect(in *interpreter, arg struct {
	Location string `json:"location"`
	Code     int    `json:"code"`
}) any {
	if arg.Code != 0 {
		return in.c.Redirect(arg.Location, arg.Code)
	}
	return in.c.Redirect(arg.Location)
}

// urlSpec is a call of url_for.
type urlSpec struct {
	Endpoint string                 `json:"endpoint"`
	Values   pairs[json.RawMessage] `json:"values"`
}

func (in *interpreter) url(spec urlSpec) string {
	var args []any
	for _, v := range spec.Values {
		switch v.key {
		case "_anchor":
			args = append(args, retort.Anchor(decode[string](in, v.value)))
		case "_external":
			args = append(args, retort.External(decode[bool](in, v.value)))
		case "_scheme":
			args = append(args, retort.Scheme(decode[string](in, v.value)))
		case "_method":
			args = append(args, retort.Method(decode[string](in, v.value)))
		default:
			args = append(args, v.key, in.json(v.value))
		}
	}
	return in.c.URLFor(spec.Endpoint, args...)
}

func (in *interpreter) json(data json.RawMessage) any {
	v, err := jsonValue(data)
	if err != nil {
		in.fail(err)
	}
	return v
}

// stepStream returns a stream that traces each of its chunks.
func stepStream(in *interpreter, arg struct {
	Chunks   []string `json:"chunks"`
	Mimetype string   `json:"mimetype"`
	Context  bool     `json:"context"` // a stream always has its Context
}) any {
	res := retort.Stream(iter.Seq[string](func(yield func(string) bool) {
		for _, chunk := range arg.Chunks {
			in.app.trace = append(in.app.trace, "chunk")
			if !yield(strings.ReplaceAll(chunk, "{path}", in.c.Request.Path())) {
				return
			}
		}
	}))
	if arg.Mimetype == "" {
		arg.Mimetype = "text/plain"
	}
	res.SetMimetype(arg.Mimetype)
	return res
}

// inspections are the attributes of the request that are known.
var inspections = map[string]func(in *interpreter) any{
	"endpoint":   func(in *interpreter) any { return in.c.Request.Endpoint() },
	"method":     func(in *interpreter) any { return in.c.Request.Method() },
	"path":       func(in *interpreter) any { return in.c.Request.Path() },
	"blueprint":  func(in *interpreter) any { return orNone(in.c.Request.Blueprint()) },
	"blueprints": func(in *interpreter) any { return append([]string{}, in.c.Request.Blueprints()...) },
	"url_rule":   func(in *interpreter) any { return in.c.Request.URLRule() },
	"view_args":  inspectViewArgs,
	"cookies":    inspectCookies,
}

// stepInspect returns attributes of the request as a JSON object.
func stepInspect(in *interpreter, keys []string) any {
	object := make(map[string]any)
	for _, key := range keys {
		inspect := inspections[key]
		if inspect == nil {
			inspect = requestInspection(key)
		}
		if inspect == nil {
			in.fail(fmt.Errorf("the replay cannot inspect %q", key))
		}
		object[key] = inspect(in)
	}
	return object
}

func inspectViewArgs(in *interpreter) any {
	args := make(map[string]any)
	for name, v := range in.c.ViewArgs() {
		args[name] = tagged(v)
	}
	return args
}

func stepReturn(in *interpreter, arg pairs[json.RawMessage]) any { return in.value(arg) }

// value is the Go counterpart of what a Python view returns.
func (in *interpreter) value(object pairs[json.RawMessage]) any {
	if len(object) != 1 {
		in.fail(fmt.Errorf("a value is an object with one key, not %d", len(object)))
	}
	arg := object[0].value
	switch kind := object[0].key; kind {
	case "none":
		return nil
	case "str":
		return decode[string](in, arg)
	case "bytes", "bytearray":
		return decode[[]byte](in, arg)
	case "int":
		return decode[int](in, arg)
	case "bool":
		return decode[bool](in, arg)
	case "json":
		return in.json(arg)
	case "gen":
		return slices.Values(decode[[]string](in, arg))
	case "gen_bytes":
		return slices.Values(decode[[][]byte](in, arg))
	case "tuple":
		return in.tuple(decode[[]json.RawMessage](in, arg))
	case "response":
		return in.response(decode[responseSpec](in, arg))
	default:
		in.fail(fmt.Errorf("the replay does not know the value %q", kind))
		return nil
	}
}

// tuple is a body with a status, header fields or both. A tuple of another
// length cannot be written in Go: what Flask raises is raised here.
func (in *interpreter) tuple(parts []json.RawMessage) any {
	if len(parts) != 2 && len(parts) != 3 {
		panic(&pythonError{"TypeError", "the tuple has another length"})
	}
	body := decode[pairs[json.RawMessage]](in, parts[0])
	res := retort.Reply(in.value(body))
	if res.Err() != nil {
		return res
	}
	replaces := body[0].key == "json" || body[0].key == "response" // then Flask updates the header
	for _, part := range parts[1:] {
		if len(part) > 0 && part[0] != '{' {
			res = retort.Reply(res, decode[int](in, part))
			continue
		}
		for _, p := range decode[pairs[json.RawMessage]](in, part) {
			if p.key == "status" {
				setStatus(res, decode[string](in, p.value))
				continue
			}
			res = retort.Reply(res, in.headers(p.key, p.value, replaces))
		}
	}
	return res
}

// headers are the fields of a tuple: a list of pairs, or an object whose values
// may be lists.
func (in *interpreter) headers(kind string, arg json.RawMessage, replaces bool) http.Header {
	h := make(http.Header)
	if kind == "headers" {
		for _, field := range decode[[][2]string](in, arg) {
			if replaces {
				h.Del(field[0])
			}
			h.Add(field[0], field[1])
		}
		return h
	}
	for _, field := range decode[pairs[json.RawMessage]](in, arg) {
		if bytes.HasPrefix(field.value, []byte("[")) {
			h[http.CanonicalHeaderKey(field.key)] = decode[[]string](in, field.value)
		} else {
			h.Set(field.key, decode[string](in, field.value))
		}
	}
	return h
}

// decodeBase64 is for bodies of requests.
func decodeBase64(text string) []byte {
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		panic(err)
	}
	return data
}
