package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/internal/cmdline"
	"github.com/retort-go/retort/internal/supervise"
)

// program is the command line of an app.
type program struct {
	name    string      // "": that of the app
	app     *retort.App // nil until it is made
	newApp  func() (*retort.App, error)
	process bool // it has the process for itself

	stdin          io.Reader
	stdout, stderr io.Writer
}

func newProgram[A App](app A) *program {
	p := new(program)
	switch app := any(app).(type) {
	case *retort.App:
		p.app = app
	case func() *retort.App:
		p.newApp = func() (*retort.App, error) { return app(), nil }
	case func() (*retort.App, error):
		p.newApp = app
	}
	if p.app == nil && p.newApp == nil {
		panic("retort: cli was given no app; give it a *retort.App or the function that makes it")
	}
	return p
}

// run goes its way in the order of Flask: the options before the command, the
// files of the environment, the app, the command.
func (p *program) run(ctx context.Context, words []string) int {
	leading := p.leading(words)
	if err := p.prepare(leading); err != nil {
		line := p.line()
		return line.Fail(line.Name, err)
	}
	leading = p.leading(words) // the files may have set options
	if err := p.makeApp(); err != nil {
		p.complain(errors.New("the app could not be made: " + strings.TrimPrefix(err.Error(), "retort: ")))
		if !helps(leading, words) {
			return 1
		}
	}
	if p.app != nil && leading.Given["debug"] && p.app.Config.Bool("DEBUG") != leading.Bool("debug") {
		p.app.Config.Set("DEBUG", leading.Bool("debug"))
	}
	if leading.Bool("version") {
		words = []string{"version"}
	}
	return p.line().Run(ctx, words)
}

// leading are the options before the command, and while the app is not made yet
// also those of run, whose --debug it should find in the environment.
func (p *program) leading(words []string) *cmdline.Call {
	if p.app == nil {
		return p.line().Peek(words)
	}
	return p.line().Leading(words)
}

// complain writes one line about an error.
func (p *program) complain(err error) {
	line := p.line()
	line.Complain(line.Name, strings.TrimPrefix(err.Error(), "retort: "))
}

// helps reports whether the command line is answered without an app.
func helps(leading *cmdline.Call, words []string) bool {
	if len(words) == 0 || leading.Bool("version") || slices.Contains(words, "--help") {
		return true
	}
	return slices.Contains([]string{"-h", "help", "version", "completion", cmdline.CompleteWord}, words[0])
}

// prepare makes the environment ready for the app.
func (p *program) prepare(leading *cmdline.Call) error {
	before := os.Environ()
	files := leading.Strings("env-file")
	for _, file := range files {
		if err := readable("--env-file", file); err != nil {
			return usage(leading, err)
		}
	}
	err := caught(func() {
		for _, file := range files {
			retort.LoadDotenv(file)
		}
		if p.process {
			retort.LoadDotenv()
		}
	})
	if err != nil {
		return err
	}
	if late := p.tooLate(before); len(late) > 0 {
		p.complain(fmt.Errorf("note: %s came from a file after the app was made, so its settings do not have it; give cli.Main the function that makes the app, or call retort.LoadDotenv before", strings.Join(late, ", ")))
	}
	if p.process && leading.Given["debug"] {
		return os.Setenv("RETORT_DEBUG", strconv.FormatBool(leading.Bool("debug")))
	}
	return nil
}

// tooLate are the variables that files have set and that an app may have looked
// for when it was made.
func (p *program) tooLate(before []string) []string {
	if p.app == nil {
		return nil
	}
	inTime := append(p.line().EnvNames(), "RETORT_DEBUG_PIN", "RETORT_EDITOR", "RETORT_LIVE", "RETORT_SKIP_DOTENV")
	var late []string
	for _, pair := range os.Environ() {
		name, _, _ := strings.Cut(pair, "=")
		was := slices.ContainsFunc(before, func(old string) bool { return strings.HasPrefix(old, name+"=") })
		setting := strings.HasPrefix(name, envPrefix+"_") && !strings.HasPrefix(name, envPrefix+"_RUN_")
		if !was && setting && !slices.Contains(inTime, name) {
			late = append(late, name)
		}
	}
	slices.Sort(late)
	return late
}

// makeApp calls the function that makes the app.
func (p *program) makeApp() error {
	if p.app != nil {
		return nil
	}
	var app *retort.App
	var err error
	if fault := caught(func() { app, err = p.newApp() }); fault != nil {
		return fault
	}
	if err == nil && app == nil {
		err = errors.New("the function that makes it gave nil")
	}
	if err == nil {
		p.app = app
	}
	return err
}

// caught gives the panic of f as an error, if it is one that tells all there is to
// say: of a setting that cannot be, or of what was registered with an app. In a
// child of the reloader the latter goes on, because the page that shows it has the
// source of each call.
func caught(f func()) (err error) {
	defer func() {
		v := recover()
		if fault, ok := v.(*retort.ConfigError); ok {
			err = fault
		} else if text, ok := v.(string); ok && strings.HasPrefix(text, "retort: ") && !supervise.IsChild() {
			err = errors.New(text)
		} else if v != nil {
			panic(v)
		}
	}()
	f()
	return nil
}
