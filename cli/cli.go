package cli

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/gateway"
	"github.com/retort-go/retort/internal/cmdline"
)

// App is an app, or the function that makes it.
type App interface {
	*retort.App | func() *retort.App | func() (*retort.App, error)
}

// Main does what the command line of the program says, and ends it: with the
// status 0, with 2 when the command line is wrong, else with 1, or with what the
// method ExitCode() int of a command's error says.
//
// Give it the function that makes the app where there is one. Then the app is
// made after the environment is complete: --env-file, .env and .retortenv have
// been read ([retort.LoadDotenv]; of two that set a variable the first one named
// here counts, and what was in the environment before all), and --debug has set
// RETORT_DEBUG. The program of an app that is made before has to call
// [retort.LoadDotenv] itself, first of all; Main says so when it finds that
// variables came too late.
//
// When the function gives an error, help and version still work. A panic of it is
// not caught, except one of retort's own: with a [*retort.ConfigError], or with
// the text of what is wrong with something that was registered, as a view that
// does not fit its rule. That text says where, so it is shown without the stack.
//
// A program that a web server has started (gateway.Started) runs the app, whatever
// its arguments are: by CGI they can be a client's.
//
// Source: Flask: cli.py, FlaskGroup.
func Main[A App](app A) {
	p := newProgram(app)
	p.name = strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe")
	p.process = true
	p.stdin, p.stdout, p.stderr = os.Stdin, os.Stdout, os.Stderr
	words := os.Args[1:]
	if gateway.Started() != nil {
		words = []string{"run"}
	}
	if len(words) > 0 && (words[0] == cmdline.CompleteWord || words[0] == "completion") {
		os.Stdout = os.Stderr // what the app prints while it is made is not for the shell
	}
	os.Exit(p.run(context.Background(), words))
}

// Run is [Main] without a program around it, for tests and for those who want to
// go on: it takes the words after the program's name and gives the status.
// Commands read an empty standard input, and are told to stop by ctx.
//
// It does not touch the environment of the process, except for a file that
// --env-file names. It may be called several times with one app, by one goroutine
// at a time.
func Run[A App](ctx context.Context, app A, args []string, stdout, stderr io.Writer) int {
	p := newProgram(app)
	p.stdin, p.stdout, p.stderr = strings.NewReader(""), stdout, stderr
	return p.run(ctx, args)
}

// Result is what came of [Invoke].
type Result struct {
	ExitCode       int
	Stdout, Stderr string
}

// Invoke is [Run] with what was written as text, for tests:
//
//	res := cli.Invoke(app, "create-user", "ann")
//	assert.Equal(t, cli.Result{Stdout: "Created ann.\n"}, res)
//
// Source: Flask: testing.py, FlaskCliRunner.
func Invoke[A App](app A, args ...string) Result {
	var stdout, stderr strings.Builder
	code := Run(context.Background(), app, args, &stdout, &stderr)
	return Result{code, stdout.String(), stderr.String()}
}
