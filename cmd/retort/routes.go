package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"github.com/retort-go/retort/internal/cmdline"
	"github.com/retort-go/retort/internal/devbuild"
)

// routesCommand is the command routes.
//
// Source: Flask: cli.py, routes_command.
func routesCommand() *cmdline.Command {
	return &cmdline.Command{
		Name: "routes",
		Help: "Show the rules of an app.\n\n" +
			"PATH is the folder of its package main. It is built, and its command routes is " +
			"called, which it has from package cli.",
		Args: []cmdline.Argument{{Name: "path", Optional: true, Value: "."}},
		Flags: []cmdline.Flag{
			{Name: "sort", Short: "s", Value: "endpoint", Metavar: "COLUMN", Choices: []string{"endpoint", "methods", "domain", "rule", "match"}, Help: "What to sort by; match is the order in which rules are tried."},
			{Name: "all-methods", Value: false, Help: "Show HEAD and OPTIONS too."},
			{Name: "match", Short: "m", Value: []string(nil), Metavar: "METHOD PATH", Help: "Explain a request; PATH may be a whole URL."},
		},
		Run: routes,
	}
}

// routes runs the command routes of an app.
func routes(call *cmdline.Call) error {
	p, err := findProject(call.Context, call.String("path"))
	if err != nil {
		return err
	}
	if !p.commanded {
		return fmt.Errorf("the program in %s has no command line: its main calls no cli.Main(newApp), of package %s/cli", p.dir, retortPath)
	}
	args := []string{"routes"}
	if call.Given["sort"] {
		args = append(args, "--sort", call.String("sort"))
	}
	if call.Bool("all-methods") {
		args = append(args, "--all-methods")
	}
	if match := call.Strings("match"); len(match) > 0 {
		args = append(append(args, "--match"), match...)
	}
	return p.runOnce(call, args)
}

// runOnce builds the program and runs it to its end.
func (p *project) runOnce(call *cmdline.Call, args []string) error {
	folder, err := os.MkdirTemp("", "retort-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }() // the system empties it otherwise
	exe := filepath.Join(folder, p.name())
	if runtime.GOOS == "windows" {
		exe += ".exe"
	}
	program := devbuild.InFolder(p.dir)
	if err := buildProgram(call.Context, &program, exe, call.Stderr); err != nil {
		return err
	}
	cmd := exec.CommandContext(call.Context, exe, args...)
	cmd.Dir = p.root
	cmd.Stdin, cmd.Stdout, cmd.Stderr = call.Stdin, call.Stdout, call.Stderr
	err = cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return cmdline.Status(max(1, exit.ExitCode())) // it has said why
	}
	return err
}

// buildProgram builds a program. What the go command says about its source goes
// to w.
func buildProgram(ctx context.Context, program *devbuild.Program, exe string, w io.Writer) error {
	err := program.Build(ctx, exe)
	var failed *devbuild.Failure
	if errors.As(err, &failed) {
		fmt.Fprint(w, failed.Output)
		return fmt.Errorf("the program in %s cannot be built", program.Dir)
	}
	return err
}
