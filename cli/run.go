package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/internal/cmdline"
)

// runCommand is the command run: the development server.
//
// Source: Flask: cli.py, run_command.
func (p *program) runCommand() *cmdline.Command {
	list := fmt.Sprintf("Several are separated by %q.", os.PathListSeparator)
	return &cmdline.Command{
		Name: "run",
		Help: "Run the development server.\n\n" +
			"It is meant for development: put a production server in front of the app before you deploy it. " +
			"--debug turns the reloader and the debugger on.",
		Flags: []cmdline.Flag{
			{Name: "host", Short: "h", Metavar: "HOST", Help: "The address to listen on, or unix://PATH. [default: 127.0.0.1]"},
			{Name: "port", Short: "p", Value: 0, Help: "The port to listen on; 0 takes a free one. [default: 5000]"},
			{Name: "cert", Metavar: "FILE", Help: `A certificate, to serve HTTPS; "adhoc" makes one.`},
			{Name: "key", Metavar: "FILE", Help: "The key of the certificate. By default it is in the file of that."},
			{Name: "reload", Value: false, Negatable: true, Help: "Build the app anew when a file changes. By default in debug mode."},
			{Name: "debugger", Value: false, Negatable: true, Help: "Show errors in the browser. By default in debug mode."},
			{Name: "extra-files", Value: []string(nil), Metavar: "PATH", Help: "Files and folders whose change restarts the app. " + list},
			{Name: "exclude-patterns", Value: []string(nil), Metavar: "PATTERN", Help: "Files that do not count as changed. " + list},
			{Name: "debug", Value: false, Negatable: true, Help: "Turn the debug mode on or off."},
		},
		Run: p.serve,
	}
}

// serve runs the server.
func (p *program) serve(call *cmdline.Call) error {
	o, err := runOptions(call)
	if err != nil {
		return err
	}
	if !p.process {
		o.Log = call.Stderr
	}
	if debug := given(call, "debug"); debug != nil {
		if err := p.setDebug(*debug); err != nil {
			return err
		}
	}
	return p.app.Run(o)
}

// runOptions are what was given; all else is left to App.Run, which has its own
// defaults.
func runOptions(call *cmdline.Call) (o retort.RunOptions, err error) {
	o.Host, o.Port, o.Context = call.String("host"), call.Int("port"), call.Context
	o.UseReloader, o.UseDebugger = given(call, "reload"), given(call, "debugger")
	o.ExtraFiles, o.ExcludePatterns = split(call.Strings("extra-files")), split(call.Strings("exclude-patterns"))
	o.Cert, o.Key, err = certificate(call)
	if err != nil {
		return o, err
	}
	if o.Port < 0 || o.Port > 65535 {
		return o, usage(call, fmt.Errorf("--port takes a number from 0 to 65535, not %d", o.Port))
	}
	if call.Given["port"] && o.Port == 0 {
		o.Port = retort.AnyPort
	}
	return o, nil
}

// setDebug sets the debug mode, also for App.Run, which looks at the environment.
func (p *program) setDebug(on bool) error {
	if p.app.Config.Bool("DEBUG") != on {
		p.app.Config.Set("DEBUG", on)
	}
	if !p.process {
		return nil
	}
	return os.Setenv("RETORT_DEBUG", fmt.Sprint(on))
}

// given is the value of a flag that can be left alone, nil then.
func given(call *cmdline.Call, name string) *bool {
	if !call.Given[name] {
		return nil
	}
	return new(call.Bool(name))
}

// split splits lists of paths.
func split(lists []string) []string {
	var paths []string
	for _, list := range lists {
		paths = append(paths, filepath.SplitList(list)...)
	}
	return paths
}

// certificate checks --cert and --key as far as they go together.
//
// Source: Flask: cli.py, CertParamType, _validate_key. Differs from Flask: --cert
// can do without --key, for a file that holds both.
func certificate(call *cmdline.Call) (cert, key string, err error) {
	cert, key = call.String("cert"), call.String("key")
	switch {
	case cert == "adhoc" && key != "":
		err = errors.New("--key is not used with --cert adhoc, which makes a key of its own")
	case cert == "adhoc":
		return cert, key, nil
	case key != "" && cert == "":
		err = errors.New("--key needs --cert too")
	case cert != "":
		err = cmp.Or(readable("--cert", cert), readable("--key", cmp.Or(key, cert)))
	}
	if err != nil {
		err = usage(call, err)
	}
	return cert, key, err
}

// usage is an error of a command that was called wrongly.
func usage(call *cmdline.Call, err error) error {
	return &cmdline.UsageError{Path: call.Path, Err: err}
}

// readable says when there is no file to read.
func readable(flag, name string) error {
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s: there is no file %s", flag, name)
	case err == nil && info.IsDir():
		return fmt.Errorf("%s: %s is a folder", flag, name)
	}
	return err
}
