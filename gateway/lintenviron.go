package gateway

import (
	"regexp"
	"slices"
	"strings"
)

// checkEnviron looks at what the server, or the middleware around, hands over.
func (run *lintRun) checkEnviron() {
	run.checkRequired()
	run.checkPaths()
	run.checkVariables()
	run.checkShift()
	for key := range run.env.Ext {
		if !extensionName.MatchString(key) {
			run.warn("E15", "the extension %q has no name of its own; such names are in lower case with a dot after the name of who sets them, as in \"retort.route\"", key)
		}
	}
}

var extensionName = regexp.MustCompile(`^[a-z0-9_]+(\.[a-z0-9_]+)+$`)

// knownMethods are those of RFC 9110, of PATCH, QUERY and WebDAV.
func knownMethod(method string) bool {
	return slices.Contains([]string{
		"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "QUERY",
		"PROPFIND", "PROPPATCH", "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK", "REPORT", "SEARCH",
	}, method)
}

func (run *lintRun) checkRequired() {
	env := run.env
	for i, key := range []string{"REQUEST_METHOD", "SERVER_NAME", "SERVER_PORT"} {
		if env.Value(key) == "" {
			run.error([]string{"E01", "E02", "E03"}[i], "%s is missing; a server sets it for every request", key)
		}
	}
	if method := run.method; method != "" && !knownMethod(method) {
		run.warn("E04", "REQUEST_METHOD is %q, which is no method of HTTP that is known here", method)
	}
	switch env.URLScheme {
	case "http", "https", "ws", "wss":
	default:
		run.error("E05", "wsgi.url_scheme is %q; it is http or https", env.URLScheme)
	}
	if env.Errors == nil {
		run.error("E06", "wsgi.errors is nil: the app has nowhere to report its troubles")
	}
	if _, ok := env.Get("QUERY_STRING"); !ok {
		run.warn("E07", "QUERY_STRING is absent; set it to \"\" for a request without a query, which some apps ask for")
	}
}

func (run *lintRun) checkPaths() {
	script, path := run.env.Value("SCRIPT_NAME"), run.env.Value("PATH_INFO")
	if script != "" && script[0] != '/' {
		run.error("E08", "SCRIPT_NAME is %q; it is empty or begins with a slash", script)
	}
	if path != "" && path[0] != '/' {
		run.error("E09", "PATH_INFO is %q; it is empty or begins with a slash", path)
	}
	switch {
	case script == "/":
		run.error("E10", "SCRIPT_NAME is \"/\"; an app at the root has an empty SCRIPT_NAME, and PATH_INFO has the slash")
	case script == "" && path == "" && run.method != "OPTIONS": // OPTIONS * has no path
		run.error("E11", "SCRIPT_NAME and PATH_INFO are both empty; PATH_INFO is \"/\" at least")
	}
}

func (run *lintRun) checkVariables() {
	for i, key := range []string{"HTTP_CONTENT_TYPE", "HTTP_CONTENT_LENGTH"} {
		if _, ok := run.env.Get(key); ok {
			run.error([]string{"E12", "E13"}[i], "%s is set; this field is %s", key, strings.TrimPrefix(key, "HTTP_"))
		}
	}
	if _, ok := run.env.Get("HTTP_PROXY"); ok {
		run.error("E14", "HTTP_PROXY is set: programs take it for the proxy to use, and a client could choose it by a Proxy field")
	}
	if length, ok := run.env.Get("CONTENT_LENGTH"); ok && length != "" {
		if _, err := parseLength(length); err != nil {
			run.error("E16", "CONTENT_LENGTH is %q; it is a number in decimal digits", length)
		}
	}
	run.checkInputLength()
}

// checkInputLength compares CONTENT_LENGTH with an input of a known length.
func (run *lintRun) checkInputLength() {
	declared, err := parseLength(run.env.Value("CONTENT_LENGTH"))
	if left := run.env.Input.Remaining(); err == nil && left >= 0 && left != declared {
		run.warn("E17", "CONTENT_LENGTH is %d, and wsgi.input has %s; who reads from it puts an Input with all of the body in its place", declared, count(int(left), "byte"))
	}
}

// checkShift looks at what a middleware has made of the path. What it takes off
// PATH_INFO at the front belongs at the end of SCRIPT_NAME.
func (run *lintRun) checkShift() {
	if run.outer == nil {
		return
	}
	cut, ok := strings.CutSuffix(run.outer.path, run.path)
	if ok && cut != "" && !strings.HasSuffix(run.script, cut) {
		run.warn("E18", "a middleware took %q off PATH_INFO and did not put it onto SCRIPT_NAME; the URLs that the app builds lack it", cut)
	}
}
