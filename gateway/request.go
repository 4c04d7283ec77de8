package gateway

import (
	"context"
	"crypto/tls"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// Request gives the request as net/http has it, the inverse of [NewEnviron]:
// the way from a gateway into code that takes an *http.Request. Each call makes
// a new one; it shares Input and the context with e and nothing else, so call
// it once.
//
// URL.Path is PATH_INFO: code mounted under a prefix sees its own part of the
// path, as behind http.StripPrefix; RequestURI is the whole target and
// [ScriptNameOf] gives the prefix. Fields that have no variable come through as
// they were sent; of those that have one, a repeated field keeps its separate
// values as long as nobody changed the variable. Closing the body closes
// nothing but this view of Input. An environ made of the request ([NewEnviron])
// has again what a request cannot hold; it looks at e for that, so e must not be
// changed while it is in use.
//
// A *[RequestError] with status 400 says which variable cannot be used.
func (e *Environ) Request() (*http.Request, error) { return e.request(e.Context()) }

func (e *Environ) request(ctx context.Context) (*http.Request, error) {
	if script, known := e.Value("SCRIPT_NAME"), ctx.Value(scriptNameKey{}); script != "" || known != nil {
		ctx = context.WithValue(ctx, scriptNameKey{}, script)
	}
	if e.saysMore() {
		ctx = context.WithValue(ctx, environKey{}, e)
	}
	r := e.copyRequest(ctx)
	if e.r == nil || e.vars != nil || len(e.base.vars) > 0 {
		e.fill()
		if err := e.apply(r); err != nil {
			return nil, err
		}
	}
	if (r.TLS != nil) != (e.URLScheme == "https") {
		r.TLS = nil
		if e.URLScheme == "https" {
			r.TLS = &tls.ConnectionState{HandshakeComplete: true}
		}
	}
	return r, e.attachInput(r)
}

// copyRequest gives what the environ was made from, or a blank request.
func (e *Environ) copyRequest(ctx context.Context) *http.Request {
	if e.r == nil {
		blank := &http.Request{URL: &url.URL{}, Header: make(http.Header, len(e.vars)/2)}
		return blank.WithContext(ctx)
	}
	r := e.r.WithContext(ctx)
	u := *e.r.URL
	u.Path = u.Path[len(e.base.scriptName):]
	if u.RawPath != "" {
		// A prefix that was sent escaped cannot be cut off the raw form: the
		// decoded path is right in any case.
		raw, ok := strings.CutPrefix(u.RawPath, e.base.scriptName)
		u.RawPath = raw
		if !ok {
			u.RawPath = ""
		}
	}
	r.URL, r.Header = &u, e.r.Header.Clone()
	if r.Header == nil {
		r.Header = http.Header{}
	}
	return r
}

// apply carries the variables over into r. A variable that is still as it was
// derived is left alone, because r has the better form of it.
func (e *Environ) apply(r *http.Request) error {
	if v, changed := e.changed("REQUEST_METHOD"); changed {
		if !isToken(v) {
			return badVariable("REQUEST_METHOD", v)
		}
		r.Method = v
	}
	if err := e.applyProtocol(r); err != nil {
		return err
	}
	if v, changed := e.changed("HTTP_HOST"); changed {
		r.Host = v
	}
	if r.Host == "" {
		r.Host = e.host()
	}
	e.applyTarget(r)
	e.applyRemote(r)
	e.applyFields(r.Header)
	return nil
}

// changed gives a variable and whether it differs from what the request says.
func (e *Environ) changed(key string) (string, bool) {
	v, ok := e.vars[key]
	if e.r == nil {
		return v, true
	}
	was, had := e.derive(key)
	return v, v != was || ok != had
}

func (e *Environ) applyProtocol(r *http.Request) error {
	v, changed := e.changed("SERVER_PROTOCOL")
	if !changed {
		return nil
	}
	full := v
	if v == "HTTP/2" || v == "HTTP/3" {
		full = v + ".0"
	}
	major, minor, ok := http.ParseHTTPVersion(full)
	if !ok {
		return badVariable("SERVER_PROTOCOL", v)
	}
	r.Proto, r.ProtoMajor, r.ProtoMinor = full, major, minor
	return nil
}

func (e *Environ) applyTarget(r *http.Request) {
	target, changed := e.changed("REQUEST_URI")
	if changed {
		r.RequestURI = target
	}
	if path, changed := e.changed("PATH_INFO"); changed {
		r.URL.Path, r.URL.RawPath = path, rawPath(target, e.vars["SCRIPT_NAME"], path)
	}
	if query, changed := e.changed("QUERY_STRING"); changed {
		r.URL.RawQuery, r.URL.ForceQuery = query, false
	}
	if r.RequestURI == "*" && r.URL.Path == "" {
		r.URL.Path = "*"
	}
	if r.RequestURI == "" {
		r.RequestURI = e.target()
	}
}

// rawPath gives the escaped form of path that target ends in, if it is one.
func rawPath(target, script, path string) string {
	raw, _, _ := strings.Cut(target, "?")
	raw, ok := strings.CutPrefix(raw, quotePath(script))
	if decoded, err := url.PathUnescape(raw); !ok || err != nil || decoded != path {
		return ""
	}
	return raw
}

func (e *Environ) applyRemote(r *http.Request) {
	addr, addrChanged := e.changed("REMOTE_ADDR")
	port, portChanged := e.changed("REMOTE_PORT")
	switch {
	case !addrChanged && !portChanged:
	case addr == "":
		r.RemoteAddr = ""
	case port == "":
		r.RemoteAddr = net.JoinHostPort(addr, "0") // not known
	default:
		r.RemoteAddr = net.JoinHostPort(addr, port)
	}
}

// applyFields makes the header fields follow their variables.
func (e *Environ) applyFields(h http.Header) {
	maps.DeleteFunc(h, func(name string, _ []string) bool {
		key := fieldVariable(name)
		_, kept := e.vars[key]
		return key != "" && !kept
	})
	values := make([]string, 0, len(e.vars)) // of all fields: one allocation
	for key := range e.vars {
		name := variableField(key)
		if name == "" {
			continue
		}
		if v, changed := e.changed(key); changed {
			values = append(values, v)
			h[name] = values[len(values)-1 : len(values) : len(values)] // appending to it copies
		}
	}
}

// fieldVariable and variableField are variableName and headerName with the two
// fields whose variables have no HTTP_ in front.
func fieldVariable(name string) string {
	switch name {
	case "Content-Type":
		return "CONTENT_TYPE"
	case "Content-Length":
		return "CONTENT_LENGTH"
	}
	return variableName(name)
}

func variableField(key string) string {
	switch key {
	case "CONTENT_TYPE":
		return "Content-Type"
	case "CONTENT_LENGTH":
		return "Content-Length"
	}
	return headerName(key)
}

// attachInput gives r the environ's input as its body.
func (e *Environ) attachInput(r *http.Request) error {
	r.Body, r.ContentLength = http.NoBody, 0
	left := e.Input.Remaining()
	if left != 0 {
		r.Body, r.ContentLength = &inputBody{in: e.Input}, left
	}
	if declared, ok := e.Get("CONTENT_LENGTH"); ok && declared != "" {
		n, err := parseLength(declared)
		if err != nil {
			return badVariable("CONTENT_LENGTH", declared)
		}
		r.ContentLength = n
	}
	return nil
}

func badVariable(key, value string) error {
	return &RequestError{http.StatusBadRequest, fmt.Sprintf("the variable %s has the unusable value %q", key, value)}
}
