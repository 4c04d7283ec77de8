package middleware

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/retort-go/retort/gateway"
)

// Dispatcher hands the requests below a path prefix to another handler, such as
// an app of its own; the others go on to the app that it is put around.
//
//	app.Use(middleware.Dispatcher(map[string]http.Handler{"/admin": adminApp}))
//
// A prefix counts up to a slash: /admin has /admin/x and not /administrator. Of
// several that fit, the longest takes the request. The handler sees the path
// without the prefix, which is its SCRIPT_NAME: URLs that it builds have it. A path
// that goes on with several slashes or a backslash after the prefix is not handed
// to the handler, whose redirects could take it for a host: it is a 404.
//
// It panics when a prefix is no path or ends with a slash, and when a handler is
// nil.
//
// Source: Werkzeug: middleware/dispatcher.py, DispatcherMiddleware.
func Dispatcher(mounts map[string]http.Handler) func(http.Handler) http.Handler {
	d := dispatcher{mounts: make([]dispatch, 0, len(mounts))}
	for prefix, h := range mounts {
		if !isMountPoint(prefix) {
			panic(fmt.Sprintf("middleware: Dispatcher: %q is no prefix; it is a path like \"/admin\", without a slash at its end", prefix))
		}
		if h == nil {
			panic(fmt.Sprintf("middleware: Dispatcher: the handler at %q is nil", prefix))
		}
		d.mounts = append(d.mounts, dispatch{prefix, h})
	}
	slices.SortFunc(d.mounts, func(a, b dispatch) int { return len(b.prefix) - len(a.prefix) })
	return func(next http.Handler) http.Handler {
		return &dispatcher{d.mounts, next}
	}
}

// isMountPoint reports whether a prefix is a path without a slash at its end.
func isMountPoint(prefix string) bool {
	return strings.HasPrefix(prefix, "/") && !strings.HasSuffix(prefix, "/") && !strings.ContainsAny(prefix, "\\?#%") && !strings.Contains(prefix, "//")
}

type dispatcher struct {
	mounts []dispatch // the longest prefix first
	next   http.Handler
}

type dispatch struct {
	prefix  string
	handler http.Handler
}

func (d *dispatcher) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for _, m := range d.mounts {
		below, ok := strings.CutPrefix(r.URL.Path, m.prefix)
		if !ok || below != "" && below[0] != '/' {
			continue
		}
		if strings.HasPrefix(below, "//") || strings.HasPrefix(below, `/\`) {
			http.NotFound(w, r)
			return
		}
		m.handler.ServeHTTP(w, shifted(r, m.prefix, below))
		return
	}
	d.next.ServeHTTP(w, r)
}

// shifted is r below a prefix.
func shifted(r *http.Request, prefix, below string) *http.Request {
	s := gateway.WithScriptName(r, gateway.ScriptNameOf(r)+prefix)
	s.URL = new(url.URL)
	*s.URL = *r.URL
	s.URL.Path, s.URL.RawPath = below, ""
	if raw := afterSegments(r.URL.RawPath, strings.Count(prefix, "/")); raw != "" {
		if path, err := url.PathUnescape(raw); err == nil && path == below {
			s.URL.RawPath = raw
		}
	}
	return s
}

// afterSegments is what follows n segments of a path.
func afterSegments(path string, n int) string {
	for i := range len(path) {
		if path[i] == '/' {
			if n == 0 {
				return path[i:]
			}
			n--
		}
	}
	return ""
}
