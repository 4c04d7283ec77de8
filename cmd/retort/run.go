package main

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/retort-go/retort/internal/cmdline"
	"github.com/retort-go/retort/serving"
)

// runCommand is the command run.
//
// Source: Flask: cli.py, run_command. Differs from Flask: the debug mode is on
// unless somebody says otherwise, because this command is for nothing else, and
// the SERVER_NAME of the app is not asked where to listen, because no app runs in
// this process.
func runCommand() *cmdline.Command {
	list := fmt.Sprintf("Several are separated by %q.", filepath.ListSeparator)
	return &cmdline.Command{
		Name: "run",
		Help: "Run a program, and build it anew whenever a file is saved.\n\n" +
			"PATH is the folder of its package main. Requests wait while it is built; an " +
			"error of the compiler, a panic, a crash is shown in the browser. The program " +
			"runs in the folder of its module. Words after -- are its arguments:\n\n" +
			"  retort run . -- run --debug",
		Args: []cmdline.Argument{
			{Name: "path", Optional: true, Value: "."},
			{Name: "args", Optional: true, Many: true},
		},
		Flags: []cmdline.Flag{
			{Name: "host", Short: "h", Value: "127.0.0.1", Metavar: "ADDRESS", Help: "Where to listen: an address, or unix://PATH."},
			{Name: "port", Short: "p", Value: 5000, Metavar: "NUMBER", Help: "The port; 0 is any free one."},
			{Name: "cert", Metavar: "FILE", Help: "The certificate for HTTPS, or adhoc for one that nobody has signed."},
			{Name: "key", Metavar: "FILE", Help: "The private key of the certificate."},
			{Name: "debug", Value: true, Negatable: true, Help: "The debug mode. It is on unless it is switched off."},
			{Name: "debugger", Value: true, Negatable: true, Help: "Errors in the browser. Default: in the debug mode."},
			{Name: "extra-files", Value: []string(nil), Metavar: "PATH", Help: "Files and folders whose change starts the program anew. " + list},
			{Name: "exclude-patterns", Value: []string(nil), Metavar: "PATTERN", Help: "Files that do not count as changed, such as *_gen.go. " + list},
			{Name: "env-file", Short: "e", Value: []string(nil), Metavar: "FILE", Help: "A file of environment variables that the program reads before .env and .retortenv."},
		},
		Run: run,
	}
}

// run runs a program until it is told to stop.
func run(call *cmdline.Call) error {
	p, err := findProject(call.Context, call.String("path"))
	if err != nil {
		return err
	}
	if !p.served {
		return fmt.Errorf("the program in %s does not use retort, so it cannot be served; start it with go run", p.dir)
	}
	s, err := newStart(call, p)
	if err != nil {
		return err
	}
	s.export()
	if err := os.Chdir(p.root); err != nil {
		return err
	}
	fmt.Fprintf(call.Stderr, " * Building %s in %s\n", p.name(), p.dir)
	return serving.RunProgram(p.dir, s.host, s.port, s.args, serving.Options{
		AppName: p.name(), Debug: s.debug, UseDebugger: s.debugger, Log: call.Stderr,
		SSLContext: serving.SSLContext{Cert: s.cert, Key: s.key},
		ExtraFiles: append(s.extra, s.watched...), ExcludePatterns: s.exclude,
	})
}

// adhoc is the certificate that is made for the occasion.
const adhoc = "adhoc"

// start is how a program is started.
type start struct {
	host            string
	port            int
	cert, key       string
	debug, debugger bool
	extra, exclude  []string
	watched         []string // files of variables
	args            []string
	exported        map[string]string // what the program finds in its environment
}

// newStart is what the command line says, else the environment, else the files
// that the program reads.
func newStart(call *cmdline.Call, p *project) (*start, error) {
	s := &start{exported: make(map[string]string), args: call.Strings("args"), exclude: split(call.Strings("exclude-patterns"))}
	if len(s.args) == 0 && p.commanded {
		s.args = []string{"run"}
	}
	envFiles, err := absolute(call.Strings("env-file"))
	if err != nil {
		return nil, err
	}
	s.note("RETORT_ENV_FILE", envFiles...)
	s.watched = append(envFiles, filepath.Join(p.root, ".env"), filepath.Join(p.root, ".retortenv"))
	r := resolver{call, environmentOf(p.root, envFiles)}
	s.host, s.cert, s.key = r.text("host"), r.file("cert"), r.file("key")
	if s.cert != adhoc {
		s.key = cmp.Or(s.key, s.cert) // one file can hold both
	}
	if s.port, err = r.port(); err != nil {
		return nil, err
	}
	if s.extra, err = absolute(split(call.Strings("extra-files"))); err != nil {
		return nil, err
	}
	s.debug = r.flag("debug", "RETORT_DEBUG", true)
	s.debugger = r.flag("debugger", "RETORT_RUN_DEBUGGER", s.debug)
	if said, _ := r.env.lookup("RETORT_DEBUG"); call.Given["debug"] || said == "" {
		s.note("RETORT_DEBUG", strconv.FormatBool(s.debug))
	}
	if call.Given["debugger"] {
		s.note("RETORT_RUN_DEBUGGER", strconv.FormatBool(s.debugger))
	}
	if call.Given["cert"] || call.Given["key"] {
		s.note("RETORT_RUN_CERT", s.cert)
		s.note("RETORT_RUN_KEY", s.key)
	}
	s.note("RETORT_RUN_EXTRA_FILES", s.extra...)
	return s, nil
}

// note has a variable exported, unless it has no value. Several values are joined
// as in PATH. What a file says is not exported: the program reads that itself, and
// anew when the file has changed.
func (s *start) note(name string, values ...string) {
	if value := strings.Join(values, string(filepath.ListSeparator)); value != "" {
		s.exported[name] = value
	}
}

// export sets the variables for the program.
func (s *start) export() {
	for name, value := range s.exported {
		_ = os.Setenv(name, value) // fails for a value with a NUL, which no path and no word has
	}
}

// resolver finds what the program is to be started with.
type resolver struct {
	call *cmdline.Call
	env  environment
}

// text is an option that is a string.
func (r *resolver) text(name string) string {
	value := r.call.String(name)
	if !r.call.Given[name] {
		other, _ := r.env.lookup("RETORT_RUN_" + strings.ToUpper(name))
		value = cmp.Or(other, value)
	}
	return value
}

// file is an option that names a file: the program has another working directory.
// A certificate may be one that is made for the occasion. What a file of variables
// names is relative to the place of the program.
func (r *resolver) file(name string) string {
	value := r.text(name)
	if value == "" || value == adhoc || !r.call.Given[name] {
		return value
	}
	if abs, err := filepath.Abs(value); err == nil {
		return abs
	}
	return value // the working directory is gone, and whoever opens it says so
}

// port is the port to listen on.
func (r *resolver) port() (int, error) {
	port := r.call.Int("port")
	if text, ok := r.env.lookup("RETORT_RUN_PORT"); ok && text != "" && !r.call.Given["port"] {
		var err error
		if port, err = strconv.Atoi(text); err != nil {
			return 0, fmt.Errorf("RETORT_RUN_PORT takes a whole number, not %q", text)
		}
	}
	return port, nil
}

// flag is an option that is a bool, and may be set by a variable of another name
// than its own.
func (r *resolver) flag(name, variable string, standard bool) bool {
	if r.call.Given[name] {
		return r.call.Bool(name)
	}
	text, _ := r.env.lookup(variable)
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "":
		return standard
	case "0", "f", "false", "n", "no", "off":
		return false
	}
	return true
}

// split splits lists of paths.
func split(lists []string) []string {
	var all []string
	for _, list := range lists {
		all = append(all, filepath.SplitList(list)...)
	}
	return all
}

// absolute are paths as seen from the working directory.
func absolute(paths []string) ([]string, error) {
	var all []string
	for _, path := range paths {
		abs, err := filepath.Abs(path)
		if err != nil {
			return nil, err
		}
		all = append(all, abs)
	}
	return all, nil
}
