package middleware

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// CORSOptions says which pages of other origins may use the app, and how much of
// it. Only Origins has to be given.
type CORSOptions struct {
	// Origins are the origins whose pages may read what the app answers, in the
	// form in which browsers name them: "https://example.org", with the port if it
	// is not the scheme's own. "https://*.example.org" stands for all names below
	// example.org, which itself is not among them, "http://localhost:*" for every
	// port, and "*" alone for every page there is. Do not take "*." of a name
	// below which anybody can have one, such as github.io.
	Origins []string

	// Methods are those that scripts may use beyond GET, HEAD and POST, which need
	// no permission: "PUT", "DELETE". "*" stands for all.
	Methods []string

	// Headers are the fields that scripts may set beyond those that a form could
	// send: "Content-Type" (for JSON), "Authorization". "*" stands for all, but
	// for Authorization, unless Credentials is set.
	Headers []string

	// ExposeHeaders are fields of the answer that scripts may read beyond the few
	// that they may always, such as Content-Type: "ETag", "X-Request-Id". "*"
	// stands for all and cannot be had with Credentials.
	ExposeHeaders []string

	// Credentials lets scripts send cookies and what the browser knows by HTTP
	// authentication, and read answers that were made for that user. A page of one
	// of Origins can then read all that its visitor can: name only origins that
	// are trusted as much as the app is. It cannot be had with the origin "*".
	//
	// A token that the script itself puts into Authorization needs no Credentials.
	Credentials bool

	// InsecureOrigins lets Credentials go with origins that are neither https nor
	// of this machine. Whoever is on the way of such a page can put a script of
	// his own into it.
	InsecureOrigins bool

	// MaxAge is how long browsers may remember the answer to a preflight request.
	// Zero leaves it to them (5 seconds), below zero they ask each time. Browsers
	// have limits of their own, between 2 hours and a day.
	MaxAge time.Duration

	// PrivateNetwork lets pages from the Internet use an app in a private network,
	// for browsers that ask for it (Access-Control-Request-Private-Network).
	PrivateNetwork bool

	// Prefixes are the paths that all of this is for, as of [Dispatcher]: "/api"
	// has /api and /api/x, not /apix. None: every path.
	Prefixes []string
}

// CORS lets pages of other origins use the app from a script, which browsers
// refuse otherwise.
//
//	app.Use(middleware.CORS(middleware.CORSOptions{
//		Origins: []string{"https://www.example.org"},
//		Methods: []string{"PUT", "DELETE"},
//		Headers: []string{"Content-Type"},
//	}))
//
// A preflight request is answered here, before hooks and views: 204 for an origin
// that is allowed, with all that it may do, so that the browser can say what was
// too much; else 403. Any other OPTIONS request goes on to the app. Answers get
// their fields whatever their status is; put CORS outermost, so that those of
// other middleware have them too. Unless the origin is "*", they vary by Origin: a
// handler that has more to say in Vary adds to it.
//
// CORS is about reading. It keeps nobody from sending: a request that needs no
// preflight reaches the app from every page, with the cookies that SameSite lets
// through. Against that stands the app's check of the origin: a POST from another
// origin is refused with 403 in an app with sessions, also when Origins has it. To
// let it in, its origin is in TRUSTED_ORIGINS too, or the rule has
// retort.AllowCrossOrigin. Cookies of the app go to another site only with
// SESSION_COOKIE_SAMESITE "None".
//
// It panics when the options contradict each other or could not match what
// browsers send, and says why.
//
// Source: Fetch Standard, HTTP: CORS protocol.
func CORS(o CORSOptions) func(http.Handler) http.Handler {
	c := newCORS(o)
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch {
			case !c.covers(r.URL.Path):
				next.ServeHTTP(w, r)
			case isPreflight(r):
				c.preflight(w, r)
			default:
				if c.admit(w.Header(), r) {
					setUnlessEmpty(w.Header(), "Access-Control-Expose-Headers", c.expose)
				}
				next.ServeHTTP(w, r)
			}
		})
	}
}

// cors is the options made ready. Fields with the value "" are not sent.
type cors struct {
	origins     originSet
	credentials bool
	private     bool
	methods     string
	headers     string
	expose      string
	maxAge      string
	prefixes    []string
}

func newCORS(o CORSOptions) *cors {
	c := &cors{
		origins: newOriginSet(o), credentials: o.Credentials, private: o.PrivateNetwork,
		methods: corsMethods(o.Methods), headers: corsHeaders(o.Headers), expose: corsExpose(o),
		maxAge: corsMaxAge(o.MaxAge), prefixes: slices.Clone(o.Prefixes),
	}
	for _, prefix := range o.Prefixes {
		if !isMountPoint(prefix) {
			panic(fmt.Sprintf("middleware: CORS: %q is no prefix; it is a path like \"/api\", without a slash at its end", prefix))
		}
	}
	return c
}

func (c *cors) covers(path string) bool {
	return len(c.prefixes) == 0 || slices.ContainsFunc(c.prefixes, func(prefix string) bool {
		below, ok := strings.CutPrefix(path, prefix)
		return ok && (below == "" || below[0] == '/')
	})
}

// isPreflight reports whether a browser asks, before a request, whether it may
// make it.
func isPreflight(r *http.Request) bool {
	return r.Method == http.MethodOptions && len(r.Header["Origin"]) > 0 && len(r.Header["Access-Control-Request-Method"]) > 0
}

// admit says in the header of the answer whether the origin may read it.
func (c *cors) admit(h http.Header, r *http.Request) bool {
	if c.origins.all {
		h.Set("Access-Control-Allow-Origin", "*")
		return true
	}
	h.Add("Vary", "Origin")
	origin := r.Header["Origin"]
	if len(origin) != 1 || !c.origins.has(origin[0]) {
		return false
	}
	h.Set("Access-Control-Allow-Origin", origin[0])
	if c.credentials {
		h.Set("Access-Control-Allow-Credentials", "true")
	}
	return true
}

// preflight answers a preflight request. What is asked for is not looked at: the
// browser compares it with what is allowed.
func (c *cors) preflight(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Add("Vary", "Access-Control-Request-Method, Access-Control-Request-Headers")
	if !c.admit(h, r) {
		http.Error(w, "CORS: pages of this origin may not use this site. The origins that may are listed in CORSOptions.Origins.", http.StatusForbidden)
		return
	}
	setUnlessEmpty(h, "Access-Control-Allow-Methods", c.allowed(c.methods, r.Header["Access-Control-Request-Method"]))
	setUnlessEmpty(h, "Access-Control-Allow-Headers", c.allowed(c.headers, r.Header["Access-Control-Request-Headers"]))
	setUnlessEmpty(h, "Access-Control-Max-Age", c.maxAge)
	if c.private && r.Header.Get("Access-Control-Request-Private-Network") == "true" {
		h.Set("Access-Control-Allow-Private-Network", "true")
	}
	w.WriteHeader(http.StatusNoContent)
}

// allowed is a list that is allowed. With credentials browsers take "*" for a name
// of its own, so what was asked for is said back.
func (c *cors) allowed(list string, asked []string) string {
	if !c.credentials || !strings.HasPrefix(list, "*") {
		return list
	}
	if back := strings.Join(asked, ","); !strings.ContainsFunc(back, func(r rune) bool { return r != ',' && r != ' ' && !isTokenRune(r) }) {
		return back
	}
	return ""
}

func setUnlessEmpty(h http.Header, name, value string) {
	if value != "" {
		h.Set(name, value)
	}
}

func corsMethods(methods []string) string {
	for _, m := range methods {
		switch {
		case m == "" || strings.ContainsFunc(m, func(r rune) bool { return !isTokenRune(r) }):
			panic(fmt.Sprintf("middleware: CORS: Methods: %q is no method", m))
		case m != strings.ToUpper(m):
			panic(fmt.Sprintf("middleware: CORS: Methods: methods have a case, and browsers ask for %s; write it so instead of %q", strings.ToUpper(m), m))
		case m == "CONNECT" || m == "TRACE" || m == "TRACK":
			panic(fmt.Sprintf("middleware: CORS: Methods: browsers let no script use %s", m))
		}
	}
	if slices.Contains(methods, "*") {
		return "*"
	}
	return strings.Join(methods, ", ")
}

func corsHeaders(names []string) string {
	checkFieldNames("Headers", names)
	var list []string
	for _, name := range names {
		switch lower := strings.ToLower(name); {
		case lower == "cookie":
			panic("middleware: CORS: Headers: no script can set Cookie; Credentials lets browsers send the cookies that they have")
		case lower == "origin" || strings.HasPrefix(lower, "access-control-"):
			panic(fmt.Sprintf("middleware: CORS: Headers: %s is none that a script sets; Headers are those of requests, as Content-Type or Authorization", name))
		default:
			list = append(list, lower)
		}
	}
	if !slices.Contains(list, "*") {
		return strings.Join(list, ", ")
	}
	if slices.Contains(list, "authorization") {
		return "*, authorization"
	}
	return "*"
}

func corsExpose(o CORSOptions) string {
	checkFieldNames("ExposeHeaders", o.ExposeHeaders)
	if o.Credentials && slices.Contains(o.ExposeHeaders, "*") {
		panic(`middleware: CORS: ExposeHeaders: with Credentials browsers take "*" for the name of a field; list the fields`)
	}
	return strings.Join(o.ExposeHeaders, ", ")
}

func checkFieldNames(option string, names []string) {
	for _, name := range names {
		if name == "" || strings.ContainsFunc(name, func(r rune) bool { return !isTokenRune(r) }) {
			panic(fmt.Sprintf("middleware: CORS: %s: %q is no name of a field", option, name))
		}
	}
}

func corsMaxAge(d time.Duration) string {
	switch {
	case d == 0:
		return ""
	case d < 0:
		return "0"
	case d < time.Second:
		panic(fmt.Sprintf("middleware: CORS: MaxAge is %s, and is given in whole seconds: %d*time.Second?", d, int64(d)))
	}
	return strconv.FormatInt(int64(d/time.Second), 10)
}

// isTokenRune reports whether r may be part of a token of RFC 9110 §5.6.2.
func isTokenRune(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("!#$%&'*+-.^_`|~", r)
}
