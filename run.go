package retort

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"

	"github.com/retort-go/retort/serving"
)

// RunOptions are the options of [App.Run]. The zero value is the default of
// each.
type RunOptions struct {
	// Host is the address to listen on, or unix://PATH. Default:
	// RETORT_RUN_HOST, then the host of SERVER_NAME, then 127.0.0.1.
	Host string
	// Port is the port to listen on; AnyPort takes a free one. Default:
	// RETORT_RUN_PORT, then the port of SERVER_NAME, then 5000.
	Port int
	// Debug turns the debug mode on, as does RETORT_DEBUG.
	Debug bool
	// Log takes the banner and a line for each request. Default: standard error.
	Log io.Writer
	// Context stops the server when it is done. Default: none.
	Context context.Context
	// NoAccessLog switches the line for each request off. With
	// middleware.AccessLog there is none either, because that logs the request.
	NoAccessLog bool
	// OnReady is called with the address when the server listens.
	OnReady func(addr net.Addr)
}

// AnyPort as the Port of [RunOptions] has the system choose a free port, which
// the banner names.
const AnyPort = -1

// Run serves the app with the development server until it is told to stop by
// SIGINT (CTRL+C) or SIGTERM, and then returns nil, after it has answered the
// requests that are under way. The error says why it could not listen or start,
// which requests it had to cut off, and what could not be shut down.
//
// The OnStartup functions run when the socket is open and before the first
// connection is accepted; the background work of [App.Go] and the OnShutdown
// functions have what the requests leave of 30 s. A second signal ends all
// waiting.
//
// It is meant for development; behind a proxy the app is served by any server
// that takes an http.Handler.
//
// Source: Flask: app.py, run; Werkzeug: serving.py, run_simple.
func (a *App) Run(opts ...RunOptions) error {
	var o RunOptions
	if len(opts) > 0 {
		o = opts[0]
	}
	if len(opts) > 1 {
		panic("retort: Run takes one RunOptions")
	}
	if o.Debug || envFlag("RETORT_DEBUG") {
		a.Config.Set("DEBUG", true)
	}
	host, port, err := a.runAddress(o)
	if err != nil {
		return err
	}
	f := a.frozen.Load()
	if f == nil {
		f = a.freeze()
	}
	a.running.Store(true)
	defer a.running.Store(false)
	return serving.RunSimple(host, port, a, serving.Options{
		AppName:     a.Name,
		Debug:       f.settings.debug,
		Log:         o.Log,
		NoAccessLog: o.NoAccessLog,
		Context:     o.Context,
		OnReady:     o.OnReady,
		Startup:     a.Startup,
		Shutdown:    a.Shutdown,
	})
}

// runAddress is where to listen: what the options say, the environment, the
// SERVER_NAME, the default.
func (a *App) runAddress(o RunOptions) (host string, port int, err error) {
	name, namePort := splitName(a.Config.String("SERVER_NAME"))
	host = cmp.Or(o.Host, os.Getenv("RETORT_RUN_HOST"), name, "127.0.0.1")
	switch {
	case o.Port == AnyPort:
		return host, 0, nil
	case o.Port != 0:
		return host, o.Port, nil
	}
	source, text := "RETORT_RUN_PORT", os.Getenv("RETORT_RUN_PORT")
	if text == "" {
		source, text = "the port of SERVER_NAME", cmp.Or(namePort, "5000")
	}
	port, err = strconv.Atoi(text)
	if err != nil || port < 0 || port > 65535 {
		return "", 0, fmt.Errorf("retort: %s is %q, which is no port; set it to a number from 0 to 65535, such as 5000", source, text)
	}
	return host, port, nil
}

// splitName splits a SERVER_NAME into the host to listen on and the port, ""
// when it names none.
func splitName(name string) (host, port string) {
	if i := strings.LastIndexByte(name, ':'); i > strings.LastIndexByte(name, ']') {
		name, port = name[:i], name[i+1:]
	}
	return strings.Trim(name, "[]"), port
}

// envFlag reports whether an environment variable is set to something else than
// nothing or a word for false, as 0, false, no, off.
func envFlag(name string) bool {
	text := os.Getenv(name)
	if b, ok := parseBool(text); ok {
		return b
	}
	return strings.TrimSpace(text) != ""
}
