package serving

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// Limits that [Guard] enforces, those of gunicorn and Apache.
const (
	maxRequestLine  = 8190 // bytes, without the line's end
	maxHeaderFields = 100  // Host not counted: net/http keeps it elsewhere
)

// Guard answers requests that no handler should see and passes on the others.
// They are requests that net/http's parser lets through although an origin
// server cannot serve them, or must not because another server in front could
// have read them differently:
//
//	CONNECT in any form                              405
//	the method PRI (an HTTP/2 preface)               505
//	a target that is neither path, http(s) URL nor * 400
//	* with a method other than OPTIONS               400
//	a target with '#'                                400
//	more than one Content-Type field                 400
//	Transfer-Encoding in HTTP/1.0                    400
//	a request line over 8190 bytes                   414
//	more than 100 header fields                      431
//
// Each answer is one line of plain text that says what is wrong, and closes the
// connection. OPTIONS * reaches h, with the path "*".
//
// The target of an absolute form loses its user name and password, and an empty
// path becomes "/".
//
// Transfer-Encoding in HTTP/1.0 is seen only behind a [Server], because net/http
// drops the field before any handler runs, and only in the first request of a
// connection: a Server does not keep HTTP/1.0 connections open, so what follows
// such a field is never taken for a request.
//
// Sources: RFC 9112 §3.2, §6.1; RFC 9110 §4.2, §8.3, §15.5.15; RFC 6585 §5; RFC 9113 §3.4.
func Guard(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if f := check(r); f.status != 0 {
			f.answer(w)
			return
		}
		h.ServeHTTP(w, normalizeTarget(r))
	})
}

// fault is an answer to a request that Guard refuses; status 0 is none.
type fault struct {
	status int
	text   string
}

func badRequest(text string) fault { return fault{http.StatusBadRequest, text} }

func (f fault) answer(w http.ResponseWriter) {
	w.Header().Set("Connection", "close")
	if f.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")
	}
	http.Error(w, f.text, f.status)
}

// check is the pure decision behind Guard. The method and the line come first:
// what they say wins over what the header says.
func check(r *http.Request) fault {
	for _, look := range [...]func(*http.Request) fault{checkMethod, checkLine, checkTarget, checkHeader} {
		if f := look(r); f.status != 0 {
			return f
		}
	}
	return fault{}
}

func checkMethod(r *http.Request) fault {
	switch r.Method {
	case "PRI":
		return fault{http.StatusHTTPVersionNotSupported, "this server speaks HTTP/1.1 on this port, not HTTP/2 without TLS"}
	case http.MethodConnect:
		return fault{http.StatusMethodNotAllowed, "CONNECT asks for a tunnel, and this server is not a proxy"}
	}
	return fault{}
}

func checkLine(r *http.Request) fault {
	n := len(r.Method) + 1 + len(r.RequestURI) + 1 + len(r.Proto)
	if n > maxRequestLine {
		return fault{http.StatusRequestURITooLong, fmt.Sprintf("the request line is %d bytes long; this server reads at most %d", n, maxRequestLine)}
	}
	return fault{}
}

func checkTarget(r *http.Request) fault {
	u := r.URL
	switch {
	case strings.Contains(r.RequestURI, "#"):
		return badRequest("the request target contains '#': a fragment stays in the client, and a literal # is written %23")
	case u.Opaque != "":
		return badRequest("the request target is neither a path nor an http or https URL")
	case u.Scheme != "" && u.Scheme != "http" && u.Scheme != "https":
		return badRequest("the request target is a URL whose scheme is neither http nor https")
	case u.Scheme != "" && u.Host == "":
		return badRequest("the request target is a URL without a host")
	case u.Path == "*" && r.Method != http.MethodOptions:
		return badRequest("the request target * goes with the method OPTIONS only")
	case u.Scheme == "" && u.Path != "*" && !strings.HasPrefix(u.Path, "/"):
		return badRequest("the request target does not begin with a slash")
	}
	return fault{}
}

func checkHeader(r *http.Request) fault {
	fields := 0
	for _, values := range r.Header {
		fields += len(values)
	}
	switch {
	case fields > maxHeaderFields:
		return fault{http.StatusRequestHeaderFieldsTooLarge, fmt.Sprintf("the request has %d header fields; this server reads at most %d", fields, maxHeaderFields)}
	case len(r.Header["Content-Type"]) > 1:
		return badRequest("the request has more than one Content-Type field")
	case !r.ProtoAtLeast(1, 1) && sentTransferEncoding(r):
		return badRequest("the request uses Transfer-Encoding, which HTTP/1.0 does not have; send Content-Length, or HTTP/1.1")
	}
	return fault{}
}

// sentTransferEncoding reports whether the first request on r's connection, of
// version 1.0, had a Transfer-Encoding field.
func sentTransferEncoding(r *http.Request) bool {
	c, ok := r.Context().Value(connKey{}).(*conn)
	return ok && c.head.transferEncoding
}

// normalizeTarget returns r, or for a target in absolute form that needs it a
// copy without user information and with a path.
func normalizeTarget(r *http.Request) *http.Request {
	if r.URL.User == nil && r.URL.Path != "" {
		return r
	}
	u := new(url.URL)
	*u = *r.URL
	u.User = nil
	if u.Path == "" {
		u.Path = emptyPath(r.Method)
	}
	clone := r.WithContext(r.Context())
	clone.URL = u
	return clone
}

// emptyPath is what a URL without a path stands for (RFC 9112 §3.2.4).
func emptyPath(method string) string {
	if method == http.MethodOptions {
		return "*"
	}
	return "/"
}
