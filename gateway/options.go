package gateway

import (
	"io"
	"log/slog"
	"maps"
	"strings"
)

// Option changes how a server of this package, or [NewEnviron], makes environs
// and reports. The set of options is closed.
type Option interface{ apply(*config) }

type optionFunc func(*config)

func (f optionFunc) apply(c *config) { f(c) }

// config is what the options come to; nothing changes it afterwards.
type config struct {
	scriptName string            // "" or "/a/b": never ends in a slash
	vars       map[string]string // set by the deployer in every environ
	log        *slog.Logger      // nil: slog.Default() at the time
	errors     ErrorStream       // wsgi.errors, over log
	access     io.Writer         // nil: no access log
	wire       wireOptions       // of a WireServer
}

func newConfig(opts []Option) *config {
	c := &config{}
	for _, o := range opts {
		o.apply(c)
	}
	c.errors = logStream{c.log}
	return c
}

// ScriptName says under which path the app is mounted: it becomes SCRIPT_NAME
// and is cut off PATH_INFO. A slash at the end is dropped, one at the beginning
// added. Requests outside are answered with 404: /app holds /app and /app/x but
// not /apple. Default: "", the root.
func ScriptName(path string) Option {
	name := strings.TrimRight(path, "/")
	if name != "" && name[0] != '/' {
		name = "/" + name
	}
	return optionFunc(func(c *config) { c.scriptName = name })
}

// Vars sets variables in every environ, over those of the request: a deployer's
// settings for the app. The map is copied.
//
// PEP 3333, "Application Configuration".
func Vars(vars map[string]string) Option {
	vars = maps.Clone(vars)
	return optionFunc(func(c *config) { c.vars = vars })
}

// Logger says where the server reports apps that failed and what they write to
// wsgi.errors. Default: slog.Default().
func Logger(l *slog.Logger) Option {
	return optionFunc(func(c *config) { c.log = l })
}

// AccessLog writes one line a request to w, after the body was closed:
//
//	127.0.0.1 - - [20/Nov/2026 23:49:55] "GET / HTTP/1.1" 200 13
//
// with the peer's address, the local time, the request line (control characters
// escaped, letters beyond ASCII decoded), the status and the bytes of the body.
// There is none for a request that middleware.AccessLog logs. Each line is one
// Write; w must be safe for concurrent use, as *os.File is. Default: none for
// [ToHandler], standard error for [MakeServer]; io.Discard switches that off.
//
// Werkzeug: serving.py, WSGIRequestHandler.log; wsgiref.simple_server.
func AccessLog(w io.Writer) Option {
	return optionFunc(func(c *config) { c.access = w })
}
