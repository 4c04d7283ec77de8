package gateway

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// origin says how the variables of a request came here: where the protocols and
// the web servers that speak them differ.
type origin struct {
	scriptIsPath bool // SCRIPT_NAME without PATH_INFO may be the whole path (FastCGI behind nginx, SCGI behind Apache)
	scriptInPath bool // PATH_INFO begins with SCRIPT_NAME (uwsgi's modifier 30)
	openEnded    bool // a body without CONTENT_LENGTH lasts as long as in does
	runOnce      bool // a process for each request (CGI)
}

// newWireEnviron makes an environ of variables that a web server sent, which it
// takes over, and a request that says what the server itself keeps of them. The
// error is a *[RequestError].
func newWireEnviron(ctx context.Context, vars map[string]string, in io.Reader, cfg *config, o origin) (*Environ, *http.Request, error) {
	if vars == nil {
		vars = make(map[string]string)
	}
	e := &Environ{
		Errors: cfg.errors, URLScheme: "http", Multithread: !o.runOnce, Multiprocess: o.runOnce, RunOnce: o.runOnce,
		ctx: ctx, vars: vars,
	}
	length, err := e.settleLength(o)
	if err != nil {
		return nil, nil, err
	}
	e.in = Input{r: in, left: length}
	e.Input = &e.in
	e.settleConnection()
	if err := e.settleRequestLine(); err != nil {
		return nil, nil, err
	}
	if err := e.settlePath(cfg.scriptName, o); err != nil {
		return nil, nil, err
	}
	r := e.remember(ctx)
	maps.Copy(vars, cfg.vars)
	return e, r, nil
}

func badRequest(format string, args ...any) error {
	return &RequestError{http.StatusBadRequest, fmt.Sprintf(format, args...)}
}

// settleLength gives the length of the body. nginx sends an empty variable for
// a request without one.
func (e *Environ) settleLength(o origin) (int64, error) {
	for _, key := range [...]string{"CONTENT_LENGTH", "CONTENT_TYPE"} {
		if e.vars[key] == "" {
			delete(e.vars, key)
		}
	}
	declared, ok := e.vars["CONTENT_LENGTH"]
	switch {
	case ok:
		n, err := parseLength(declared)
		if err != nil {
			return 0, badVariable("CONTENT_LENGTH", declared)
		}
		return n, nil
	case o.openEnded:
		return -1, nil
	}
	return 0, nil
}

// settleConnection makes the variables of the connection what they are at the
// other servers. A peer on a unix socket has no address; nginx calls it "unix:".
func (e *Environ) settleConnection() {
	scheme, https := e.vars["REQUEST_SCHEME"], strings.ToLower(e.vars["HTTPS"])
	if https == "on" || https == "1" || https == "" && strings.EqualFold(scheme, "https") {
		e.URLScheme, e.vars["HTTPS"] = "https", "on"
	} else {
		delete(e.vars, "HTTPS")
	}
	if addr, err := netip.ParseAddr(e.vars["REMOTE_ADDR"]); err != nil || addr.Zone() != "" && !isToken(addr.Zone()) {
		delete(e.vars, "REMOTE_ADDR")
		delete(e.vars, "REMOTE_PORT")
	}
	if e.vars["REMOTE_PORT"] == "" {
		delete(e.vars, "REMOTE_PORT")
	}
	host, port, ok := splitAddr(e.vars["HTTP_HOST"])
	if !ok {
		host = e.vars["HTTP_HOST"]
	}
	e.defaultTo("SERVER_NAME", host, "localhost")
	e.defaultTo("SERVER_PORT", port)
	if e.URLScheme == "https" {
		e.defaultTo("SERVER_PORT", "443")
	}
	e.defaultTo("SERVER_PORT", "80")
	e.defaultTo("SERVER_SOFTWARE", software)
}

// defaultTo gives a variable that is empty the first value that is not.
func (e *Environ) defaultTo(key string, values ...string) {
	for _, v := range values {
		if e.vars[key] == "" && v != "" {
			e.vars[key] = v
		}
	}
}

// settleRequestLine checks method, target and version, and adds what can be
// told from the others.
func (e *Environ) settleRequestLine() error {
	method := e.vars["REQUEST_METHOD"]
	if !isToken(method) {
		return badVariable("REQUEST_METHOD", method)
	}
	e.defaultTo("SERVER_PROTOCOL", "HTTP/1.1")
	if v := e.vars["SERVER_PROTOCOL"]; indexControl(v, false) >= 0 {
		return badVariable("SERVER_PROTOCOL", v)
	}
	switch e.vars["SERVER_PROTOCOL"] {
	case "HTTP/2.0", "HTTP/3.0":
		e.vars["SERVER_PROTOCOL"] = strings.TrimSuffix(e.vars["SERVER_PROTOCOL"], ".0")
	}
	target := e.vars["REQUEST_URI"]
	switch {
	case indexControl(target, false) >= 0 || strings.ContainsAny(target, "# "):
		return badVariable("REQUEST_URI", target)
	case target == "" || target[0] == '/' || target == "*" && method == http.MethodOptions:
	case strings.HasPrefix(target, "http://"), strings.HasPrefix(target, "https://"):
	default:
		return badVariable("REQUEST_URI", target)
	}
	if _, ok := e.vars["QUERY_STRING"]; !ok {
		_, e.vars["QUERY_STRING"], _ = strings.Cut(target, "?")
	}
	return nil
}

// targetPath gives the decoded path of the request target; known is false if
// there is no target.
func (e *Environ) targetPath() (path string, known bool, err error) {
	target := e.vars["REQUEST_URI"]
	if target == "" {
		return "", false, nil
	}
	path, _, _ = strings.Cut(target, "?")
	if _, rest, absolute := strings.Cut(path, "://"); absolute && path[0] != '/' {
		_, path, _ = strings.Cut(rest, "/")
		path = "/" + path
	}
	decoded, err := url.PathUnescape(path)
	if err != nil {
		return "", false, badVariable("REQUEST_URI", target)
	}
	return decoded, true, nil
}

// settlePath divides the path between SCRIPT_NAME and PATH_INFO. mount is the
// deployer's SCRIPT_NAME, which counts more than the web server's.
func (e *Environ) settlePath(mount string, o origin) error {
	script, info, err := e.splitPath(o)
	if err != nil {
		return err
	}
	if info == "*" && e.vars["REQUEST_METHOD"] == http.MethodOptions {
		info = ""
	} else if info != "" && info[0] != '/' || info == "" && script == "" {
		return badVariable("PATH_INFO", info)
	}
	if mount != "" {
		whole := script + info
		if !under(whole, mount) {
			return &RequestError{http.StatusNotFound, fmt.Sprintf("the path %q is not under the script name %q", whole, mount)}
		}
		script, info = mount, whole[len(mount):]
	}
	e.vars["SCRIPT_NAME"], e.vars["PATH_INFO"] = script, info
	if e.vars["REQUEST_URI"] == "" {
		e.vars["REQUEST_URI"] = e.target()
	}
	e.vars["RAW_URI"] = e.vars["REQUEST_URI"]
	return nil
}

// splitPath finds out what the web server means. A PATH_INFO that is decoded
// stays as it is: decoding it again would make %252e of a client a dot.
func (e *Environ) splitPath(o origin) (script, info string, err error) {
	whole, known, err := e.targetPath()
	if err != nil {
		return "", "", err
	}
	script = strings.TrimRight(e.vars["SCRIPT_NAME"], "/")
	info, split := e.vars["PATH_INFO"]
	if !split || info == "" && e.vars["SCRIPT_NAME"] == "" {
		return e.derivePath(script, whole, known, o)
	}
	if script != "" && script[0] != '/' {
		return "", "", badVariable("SCRIPT_NAME", script)
	}
	if decoded, ok := e.stillEscaped(info, whole); ok {
		info = decoded
		if script == whole {
			script = strings.TrimSuffix(script, info)
		}
	}
	repeated := o.scriptInPath || info == whole || info == e.vars["DOCUMENT_URI"]
	if script != "" && repeated && whole != script+info && under(info, script) {
		info = info[len(script):]
	}
	return script, info, nil
}

// stillEscaped finds the PATH_INFO that Apache sends by SCGI and FastCGI: it is
// not decoded, and SCRIPT_NAME is the whole path where that makes a difference.
// Only what ends the target letter by letter, and does not end the decoded one,
// can be such: of a decoded path no client can make it.
func (e *Environ) stillEscaped(info, whole string) (decoded string, ok bool) {
	raw, _, _ := strings.Cut(e.vars["REQUEST_URI"], "?")
	if info == "" || strings.HasSuffix(whole, info) || !strings.HasSuffix(raw, info) {
		return "", false
	}
	decoded, err := url.PathUnescape(info)
	return decoded, err == nil
}

// derivePath is splitPath without a PATH_INFO: nginx sends none by SCGI, and by
// FastCGI it calls the whole path SCRIPT_NAME.
func (e *Environ) derivePath(script, whole string, known bool, o origin) (string, string, error) {
	sent := e.vars["SCRIPT_NAME"]
	switch {
	case sent != "" && sent[0] != '/':
		return "", "", badVariable("SCRIPT_NAME", sent)
	case sent == "" && !known:
		return "", "", badRequest("there is neither PATH_INFO nor SCRIPT_NAME nor REQUEST_URI")
	case o.scriptIsPath && sent != "" && (!known || sent == whole || sent == e.vars["DOCUMENT_URI"] || !under(whole, script)):
		return "", sent, nil
	case !known:
		return script, "", nil
	case !under(whole, script):
		return "", "", &RequestError{http.StatusNotFound, fmt.Sprintf("the path %q is not under the script name %q", whole, script)}
	}
	return script, whole[len(script):], nil
}

// remember gives what the server logs, which the app cannot change.
func (e *Environ) remember(ctx context.Context) *http.Request {
	r := &http.Request{
		Method: e.vars["REQUEST_METHOD"], RequestURI: e.vars["REQUEST_URI"], Proto: e.vars["SERVER_PROTOCOL"],
	}
	if addr := e.vars["REMOTE_ADDR"]; addr != "" {
		r.RemoteAddr = net.JoinHostPort(addr, e.vars["REMOTE_PORT"])
	}
	return r.WithContext(ctx)
}
