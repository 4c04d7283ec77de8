package gateway

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

// starter is start_response with its checks.
func (run *lintRun) starter(start StartResponse) StartResponse {
	return func(status string, h Headers, exc error) (Write, error) {
		run.checkStart(status, exc)
		code := run.checkStatus(status)
		run.checkHeaders(code, h)
		write, err := start(status, h, exc)
		run.mu.Lock()
		if exc != nil && err != nil {
			run.refused = err
		}
		if err == nil {
			run.begun = run.begun || exc != nil
			run.started, run.code, run.headers = true, code, h.Clone()
		}
		run.mu.Unlock()
		return run.writer(write), err
	}
}

// checkStart looks at when start_response is called.
func (run *lintRun) checkStart(status string, exc error) {
	run.mu.Lock()
	again, closed := run.started, run.closed
	run.mu.Unlock()
	switch {
	case closed:
		run.error("S01", "start_response(%q) was called when the response was over; something outlived its request", status)
	case again && exc == nil:
		run.error("S02", "start_response(%q) was called a second time without the error that made it necessary", status)
	}
}

// checkStatus gives the code, 0 if there is none.
func (run *lintRun) checkStatus(status string) int {
	if len(status) < 3 || !isDigits(status[:3]) || len(status) > 3 && isDigits(status[:4]) {
		run.error("S03", "the status %q does not begin with three digits", status)
		return 0
	}
	if len(status) < 5 || status[3] != ' ' || status[4] == ' ' || status[len(status)-1] == ' ' {
		run.warn("S04", "the status %q should be three digits, one space and a reason, such as \"200 OK\"", status)
	}
	if indexControl(status, false) >= 0 {
		run.error("S07", "the status %q has a control character; on the wire it could begin a header of its own", status)
	}
	code := int(status[0]-'0')*100 + int(status[1]-'0')*10 + int(status[2]-'0')
	switch {
	case code < 100 || code > 599:
		run.error("S05", "the status code %d is none; they are from 100 to 599", code)
	case code < 200:
		run.error("S06", "the status %d is an interim one and ends no request", code)
	}
	return code
}

// checkHeaders looks at the fields of a response with this code.
func (run *lintRun) checkHeaders(code int, h Headers) {
	seen := make(map[string]bool)
	for _, f := range h {
		name := http.CanonicalHeaderKey(f[0])
		run.checkName(f[0])
		run.checkValue(name, f[1])
		if seen[name] && singleton(name) {
			run.error("H09", "%s is given twice; a response has at most one", name)
		}
		seen[name] = true
		if code == http.StatusNotModified && entityHeader(name) && !(name == "Last-Modified" && !h.Has("ETag")) {
			run.error("H10", "a 304 response has the field %s, which describes a body, and it has none", name)
		}
	}
	switch {
	case code == http.StatusNoContent && seen["Content-Length"]:
		run.error("H11", "a 204 response has a Content-Length (RFC 9110 §8.6)")
	case code == http.StatusNoContent && seen["Content-Type"]:
		run.error("H12", "a 204 response has a Content-Type, but it has no content")
	case code >= 200 && !bodiless(code) && !seen["Content-Type"] && h.Get("Content-Length") != "0":
		run.warn("H13", "a %d response has no Content-Type; browsers will guess one", code)
	}
}

func (run *lintRun) checkName(name string) {
	canonical := http.CanonicalHeaderKey(name)
	switch {
	case canonical == "Status":
		run.error("H01", "there is a field Status; the status is the first argument of start_response")
	case !isToken(name):
		run.error("H02", "%q is no name of a field", name)
	case hopByHop[canonical]:
		run.error("H03", "the field %s is for the connection, which is the server's", name)
	case strings.HasSuffix(name, "-") || strings.HasSuffix(name, "_"):
		run.warn("H04", "the name of the field %q ends in %q", name, name[len(name)-1:])
	}
}

// quotedTag matches an entity tag (RFC 9110 §8.8.3).
var quotedTag = regexp.MustCompile(`^(W/)?"[\x21\x23-\x7e\x80-\xff]*"$`)

func (run *lintRun) checkValue(name, value string) {
	if indexControl(value, true) >= 0 {
		run.error("H05", "the value of %s has a control character", name)
	}
	for i := range len(value) {
		if value[i] >= 0x80 {
			run.warn("H06", "the value of %s is not ASCII; encode it, because clients read such bytes in different ways", name)
			break
		}
	}
	switch name {
	case "Content-Length":
		if _, err := parseLength(value); err != nil {
			run.error("H07", "Content-Length is %q; it is a number in decimal digits", value)
		}
	case "Etag":
		switch {
		case strings.HasPrefix(value, "w/"):
			run.error("H08", "the ETag %q is weak with a small w; it is W/", value)
		case !quotedTag.MatchString(value):
			run.error("H14", "the ETag %s is not in quotation marks", strings.Trim(strconv.Quote(value), `"`))
		}
	case "Set-Cookie":
		if joinedCookies.MatchString(value) {
			run.warn("H15", "a Set-Cookie field seems to hold several cookies; each has a field of its own")
		}
	}
}

// joinedCookies matches a comma before another name=value, which is not the one
// within an Expires date.
var joinedCookies = regexp.MustCompile(`,\s*[^\s;,=]+=`)

// singleton reports whether a response has a field at most once.
func singleton(name string) bool {
	switch name {
	case "Content-Type", "Content-Length", "Content-Range", "Content-Location", "Location", "Etag", "Date", "Age", "Last-Modified",
		"Expires", "Retry-After", "Content-Disposition", "Access-Control-Allow-Origin", "Access-Control-Allow-Credentials":
		return true
	}
	return false
}

// bodiless reports whether a response with this code has no content.
func bodiless(code int) bool {
	return code == http.StatusNoContent || code == http.StatusResetContent || code == http.StatusNotModified
}

// entityHeader reports whether a field describes a body. Expires and
// Content-Location are allowed in a 304, and Last-Modified is in one without an
// ETag (RFC 9110 §15.4.5).
func entityHeader(name string) bool {
	switch name {
	case "Allow", "Content-Encoding", "Content-Language", "Content-Length", "Content-Md5", "Content-Range", "Content-Type", "Last-Modified":
		return true
	}
	return false
}
