package gateway

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/retort-go/retort/internal/proxied"
)

// Environ is the request as WSGI's environ: CGI variables by name, and the
// server's own values as fields. Every request has its own; app and middleware
// may change it in any way.
//
// Variables are byte strings: PATH_INFO holds the decoded bytes of the path
// whether or not they are UTF-8 (see [Environ.Path]). Differs from WSGI: no
// bytes-as-latin-1, because Go strings are bytes already.
//
// A variable is worked out when it is first asked for; the first change, or
// [Environ.All], works out all of them. The zero value is an environ without
// variables, for gateways that fill one by hand. Not safe for concurrent use.
//
// PEP 3333, "environ Variables".
type Environ struct {
	Input        *Input         // wsgi.input: the request body; nil is an empty one
	Errors       ErrorStream    // wsgi.errors: where the app reports its troubles
	URLScheme    string         // wsgi.url_scheme: "http" or "https"
	Multithread  bool           // wsgi.multithread: Call may run at the same time in this process
	Multiprocess bool           // wsgi.multiprocess: and in other processes
	RunOnce      bool           // wsgi.run_once: the process ends after this request (CGI)
	Ext          map[string]any // extensions by dotted lower-case name, such as "retort.route"; nil until one is set

	ctx   context.Context
	r     *http.Request     // where unchanged variables come from; nil for one filled by hand
	base  *config           // the deployer's variables; nil as above
	vars  map[string]string // all variables; nil as long as r answers
	root  string            // SCRIPT_NAME as derived
	from  *Environ          // the one that r was made from, if there is one
	in    Input             // what NewEnviron's Input points to: one allocation
	early func(Headers) error
	ctl   *http.ResponseController // of the connection below; nil if there is none
	outer *exchange                // of the server; nil if there is none
}

// NewEnviron derives an environ from a request of net/http, in well under the
// time that a handler takes: it reads variables from r when they are asked for.
// r must not be changed while the environ is in use.
//
// Of a request that [Environ.Request] made, the environ also has what the first
// one says and such a request has no place for: whether there are threads and
// processes, and variables that do not follow from a request, such as
// REMOTE_USER and the deployer's own.
//
// A *[RequestError] says why a request has no environ: a target that is neither
// a path nor an http URL (400), a method PRI, which is the beginning of HTTP/2
// spoken to an HTTP/1 server (505), two Content-Type fields (400), a path
// outside [ScriptName] (404).
//
// Werkzeug: serving.py, WSGIRequestHandler.make_environ.
func NewEnviron(r *http.Request, opts ...Option) (*Environ, error) {
	return newEnviron(r, newConfig(opts))
}

func newEnviron(r *http.Request, cfg *config) (*Environ, error) {
	if err := checkRequest(r); err != nil {
		return nil, err
	}
	if !under(r.URL.Path, cfg.scriptName) {
		return nil, &RequestError{http.StatusNotFound,
			fmt.Sprintf("the path %q is not under the script name %q", r.URL.Path, cfg.scriptName)}
	}
	e := &Environ{
		Errors: cfg.errors, URLScheme: "http", Multithread: true,
		ctx: r.Context(), r: r, base: cfg, root: ScriptNameOf(r) + cfg.scriptName,
	}
	if r.TLS != nil {
		e.URLScheme = "https"
	} else if r.URL.Scheme != "" && proxied.Considered(e.ctx) {
		e.URLScheme = r.URL.Scheme // as the proxy says, not the client
	}
	if from, ok := e.ctx.Value(environKey{}).(*Environ); ok {
		e.follow(from, cfg)
	}
	e.in = Input{r: r.Body, left: bodyLength(r)}
	if r.Body == nil {
		e.in.r = http.NoBody // a nil io.ReadCloser would be a non-nil io.Reader
	}
	e.Input = &e.in
	return e, nil
}

// bodyLength is r.ContentLength, but -1 for the 0 of a client's request whose
// body nobody has measured.
func bodyLength(r *http.Request) int64 {
	if r.ContentLength == 0 && r.Body != http.NoBody && len(r.Header["Content-Length"]) == 0 {
		return -1
	}
	return r.ContentLength
}

// under reports whether path is prefix or lies below it: /app holds /app and
// /app/x, never /apple.
func under(path, prefix string) bool {
	rest, ok := strings.CutPrefix(path, prefix)
	return ok && (prefix == "" || rest == "" || rest[0] == '/')
}

// checkRequest refuses what has no meaning as an environ, or two meanings.
func checkRequest(r *http.Request) error {
	if len(r.Header["Content-Type"]) > 1 {
		return &RequestError{http.StatusBadRequest, "the request has more than one Content-Type"}
	}
	if r.Method == "PRI" {
		return &RequestError{http.StatusHTTPVersionNotSupported, "the client speaks HTTP/2 to an HTTP/1 server"}
	}
	if !validTarget(r) {
		return &RequestError{http.StatusBadRequest,
			fmt.Sprintf("the request target %q is neither a path nor an http URL", r.RequestURI)}
	}
	return nil
}

// validTarget looks at the raw target, if there is one, for RFC 9112 §3.2.
func validTarget(r *http.Request) bool {
	target := r.RequestURI
	switch {
	case strings.IndexByte(target, '#') >= 0:
		return false
	case target == "" || target[0] == '/':
		return true
	case target == "*":
		return r.Method == http.MethodOptions
	case r.Method == http.MethodConnect:
		return true
	}
	return r.URL.Scheme == "http" || r.URL.Scheme == "https"
}

// Get gives the variable key and whether it is there; a variable without a
// value and one that is absent are different things. Of the server's own values
// it knows those that print well: wsgi.version ("1.0"), wsgi.url_scheme, and
// wsgi.multithread, wsgi.multiprocess, wsgi.run_once, wsgi.input_terminated
// ("true" or "false").
func (e *Environ) Get(key string) (string, bool) {
	if strings.HasPrefix(key, "wsgi.") {
		return e.serverValue(key)
	}
	if e.vars != nil || e.r == nil {
		v, ok := e.vars[key]
		return v, ok
	}
	if v, ok := e.base.vars[key]; ok {
		return v, true
	}
	return e.derive(key)
}

func (e *Environ) serverValue(key string) (string, bool) {
	switch key {
	case "wsgi.version":
		return "1.0", true
	case "wsgi.url_scheme":
		return e.URLScheme, true
	case "wsgi.multithread":
		return strconv.FormatBool(e.Multithread), true
	case "wsgi.multiprocess":
		return strconv.FormatBool(e.Multiprocess), true
	case "wsgi.run_once":
		return strconv.FormatBool(e.RunOnce), true
	case "wsgi.input_terminated":
		return "true", true
	}
	return "", false
}

// Value gives the variable key, or "" if it is absent. See [Environ.Get].
func (e *Environ) Value(key string) string {
	v, _ := e.Get(key)
	return v
}

// Set gives the variable key a value. The wsgi.* values are fields instead: Set
// panics on them.
func (e *Environ) Set(key, value string) {
	if strings.HasPrefix(key, "wsgi.") {
		panic(fmt.Sprintf("gateway: Environ.Set(%q): the server's values are fields of Environ; assign to the field", key))
	}
	e.fill()
	e.vars[key] = value
}

// Del removes the variable key.
func (e *Environ) Del(key string) {
	e.fill()
	delete(e.vars, key)
}

// All gives all variables in the order of their names, without the wsgi.* ones.
func (e *Environ) All() iter.Seq2[string, string] {
	e.fill()
	return func(yield func(string, string) bool) {
		for _, key := range slices.Sorted(maps.Keys(e.vars)) {
			if v, ok := e.vars[key]; ok && !yield(key, v) {
				return
			}
		}
	}
}

// fill works out all variables. From here on e.vars alone is the truth.
func (e *Environ) fill() {
	if e.vars != nil {
		return
	}
	if e.r == nil {
		e.vars = make(map[string]string)
		return
	}
	vars := e.deriveAll()
	maps.Copy(vars, e.base.vars)
	e.vars = vars
}

// Path gives PATH_INFO as text: what is not UTF-8 is replaced by U+FFFD.
//
// Werkzeug: wsgi.py, get_path_info.
func (e *Environ) Path() string { return strings.ToValidUTF8(e.Value("PATH_INFO"), "\uFFFD") }

// Context gives the context of the request: it ends when the client leaves, and
// holds the values that net/http code further out put there. It is never nil.
func (e *Environ) Context() context.Context {
	if e.ctx == nil {
		return context.Background()
	}
	return e.ctx
}

// WithContext gives a shallow copy of e with another context, for middleware
// that hands a value or a deadline on. Changes of variables that follow are not
// shared between the two.
func (e *Environ) WithContext(ctx context.Context) *Environ {
	c := e.Clone()
	c.ctx, c.early = ctx, e.early
	return c
}

// Clone gives a copy whose variables and Ext can be changed alone. Input, Errors
// and the context are the same ones. The copy cannot send early hints: those
// belong to the server's own environ.
func (e *Environ) Clone() *Environ {
	c := *e
	c.vars, c.Ext, c.early = maps.Clone(e.vars), maps.Clone(e.Ext), nil
	return &c
}

// EarlyHints sends a 103 response with h, usually Link fields, ahead of the
// response that is still being made. It does nothing on HTTP/1.0 and once the
// headers are sent.
//
// Errors: errors.ErrUnsupported if env is not an environ that the server made
// or the server cannot do it, else those of [StartResponse] about headers.
//
// RFC 8297; gunicorn: wsgi.early_hints.
func EarlyHints(env *Environ, h Headers) error {
	if env.early == nil {
		return fmt.Errorf("gateway: early hints: %w", errors.ErrUnsupported)
	}
	return env.early(h)
}
