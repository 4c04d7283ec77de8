package retort

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

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
	// Debug turns the debug mode on, as does RETORT_DEBUG. With it the reloader
	// and the debugger are on unless they are switched off.
	Debug bool
	// UseReloader has the app built and started anew when a file changes, see
	// serving.Options. Default, if it is nil: RETORT_RUN_RELOAD, then the debug
	// mode.
	UseReloader *bool
	// UseDebugger shows unhandled errors in the browser, to requests of this
	// machine; more of them to who enters the PIN that the banner tells.
	// RETORT_DEBUG_PIN is another one, or off. Default, if it is nil:
	// RETORT_RUN_DEBUGGER, then the debug mode.
	UseDebugger *bool
	// ExtraFiles are files and folders whose change starts the app anew, beside
	// those that it was configured by. Default, if it is nil:
	// RETORT_RUN_EXTRA_FILES, with the separator of PATH between them.
	ExtraFiles []string
	// ExcludePatterns keep files from being watched: those of path.Match, with *
	// across slashes. Default, if it is nil: RETORT_RUN_EXCLUDE_PATTERNS, with the
	// separator of PATH between them.
	ExcludePatterns []string
	// ReloaderInterval and ReloaderType ("auto", "stat", "inotify") are those of
	// serving.Options.
	ReloaderInterval time.Duration
	ReloaderType     string
	// Cert and Key are the files of a certificate and its key, for HTTPS; Cert
	// "adhoc" makes one that nobody has signed. Default: RETORT_RUN_CERT and
	// RETORT_RUN_KEY.
	Cert, Key string
	// StaticFiles are folders of files to serve, by the prefix of their URLs,
	// besides those of the app. Default: none.
	StaticFiles map[string]string
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
// With the reloader it is called in two processes, as serving.RunSimple is: the
// parent watches and builds, the child serves. What main does before it calls Run
// is done in both, what it has registered is called in the child alone: there are
// no requests in the parent, and OnStartup functions do not run there.
//
// If a web server has started this process, by CGI or by FastCGI as
// gateway.Started tells, and neither the options nor the environment say where to
// listen, the app answers that web server instead: there is no banner, no address
// for OnReady and no tool for developers.
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
	if serve := o.started(); serve != nil {
		return a.runStarted(o, serve)
	}
	host, port, err := a.runAddress(o)
	if err != nil {
		return err
	}
	a.running.Store(true)
	defer a.running.Store(false)
	return serving.RunSimple(host, port, a, a.servingOptions(o))
}

// servingOptions is o with what the app and the environment add to it.
func (a *App) servingOptions(o RunOptions) serving.Options {
	debug := a.Config.Bool("DEBUG")
	return serving.Options{
		AppName:          a.Name,
		Debug:            debug,
		UseReloader:      choice(o.UseReloader, "RETORT_RUN_RELOAD", debug),
		UseDebugger:      choice(o.UseDebugger, "RETORT_RUN_DEBUGGER", debug),
		ExtraFiles:       append(envList(o.ExtraFiles, "RETORT_RUN_EXTRA_FILES"), a.configFiles()...),
		RefreshFiles:     a.refreshFolders(),
		ExcludePatterns:  envList(o.ExcludePatterns, "RETORT_RUN_EXCLUDE_PATTERNS"),
		ReloaderInterval: o.ReloaderInterval,
		ReloaderType:     o.ReloaderType,
		StaticFiles:      o.StaticFiles,
		SSLContext:       sslContext(o),
		Log:              o.Log,
		NoAccessLog:      o.NoAccessLog,
		Context:          o.Context,
		OnReady:          o.OnReady,
		Secrets:          func() []string { return a.secrets(nil).All() },
		Startup:          a.Startup,
		Shutdown:         a.Shutdown,
	}
}

// choice is what an option says, the environment, or the default.
func choice(option *bool, variable string, standard bool) bool {
	switch {
	case option != nil:
		return *option
	case strings.TrimSpace(os.Getenv(variable)) != "":
		return envFlag(variable)
	}
	return standard
}

// envList is what an option says, or the environment.
func envList(option []string, variable string) []string {
	if option != nil {
		return slices.Clone(option)
	}
	return slices.DeleteFunc(filepath.SplitList(os.Getenv(variable)), func(s string) bool { return s == "" })
}

// sslContext is the certificate of the options, or that of the environment.
func sslContext(o RunOptions) serving.SSLContext {
	if o.Cert == "" && o.Key == "" {
		o.Cert, o.Key = os.Getenv("RETORT_RUN_CERT"), os.Getenv("RETORT_RUN_KEY")
	}
	return serving.SSLContext{Cert: o.Cert, Key: o.Key}
}

// configFiles are the files that the app was configured by, and those that it
// would be.
func (a *App) configFiles() []string {
	files := append(filepath.SplitList(os.Getenv(envDotenvFiles)), defaultDotenv()...)
	for _, v := range a.Config.values {
		if name := v.from.File; name != "" && filepath.Ext(name) != ".go" { // Set was called there
			files = append(files, name)
		}
	}
	for i, name := range files {
		files[i] = absolute(name)
	}
	slices.Sort(files)
	return slices.Compact(files)
}

// refreshFolders are the folders of templates and static files, which are read
// anew when they change.
func (a *App) refreshFolders() []string {
	folders := []folder{a.static}
	for _, f := range a.templateFolders() {
		folders = append(folders, f.folder)
	}
	for _, reg := range a.blueprints {
		folders = append(folders, reg.bp.static)
	}
	var all []string
	for _, f := range folders {
		if f.tree == nil && f.dir != "" {
			all = append(all, f.dir)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
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
