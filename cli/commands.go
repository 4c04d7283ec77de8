package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/internal/cmdline"
)

// envPrefix begins the names of the environment variables of options.
const envPrefix = "RETORT"

// line is the command line as far as it is known: the commands of the app are in
// it when there is one.
func (p *program) line() *cmdline.Program {
	name, help := p.name, "The command line of a retort app."
	if p.app != nil {
		name = cmp.Or(name, p.app.Name)
		help = fmt.Sprintf("The command line of the retort app %q.", p.app.Name)
	}
	root := &cmdline.Command{Help: help, Flags: p.rootFlags()}
	if p.app != nil {
		for _, cmd := range p.app.Commands() {
			root.Commands = append(root.Commands, p.own(cmd))
		}
	}
	for _, cmd := range []*cmdline.Command{p.runCommand(), p.routesCommand(), p.configCommand(), p.versionCommand()} {
		taken := func(c *cmdline.Command) bool { return c.Name == cmd.Name }
		if !slices.ContainsFunc(root.Commands, taken) {
			root.Commands = append(root.Commands, cmd)
		}
	}
	return &cmdline.Program{
		Name: cmp.Or(name, "app"), Root: root, EnvPrefix: envPrefix,
		Stdin: p.stdin, Stdout: p.stdout, Stderr: p.stderr,
	}
}

// rootFlags are the options before the command.
func (p *program) rootFlags() []cmdline.Flag {
	env := "Read environment variables from this file, before .env and .retortenv. What the environment has already stays."
	if !p.process {
		env = "Read environment variables from this file. What the environment has already stays."
	}
	return []cmdline.Flag{
		{Name: "env-file", Short: "e", Value: []string(nil), Metavar: "FILE", Help: env},
		{Name: "debug", Value: false, Negatable: true, Help: "Turn the debug mode on or off."},
		{Name: "version", Value: false, NoEnv: true, Help: "Show the versions of the app, retort and Go."},
	}
}

// own is a command of the app.
func (p *program) own(cmd retort.Command) *cmdline.Command {
	c := &cmdline.Command{Name: cmd.Name, Help: cmd.Help}
	for _, f := range cmd.Flags {
		c.Flags = append(c.Flags, cmdline.Flag(f))
	}
	for _, a := range cmd.Args {
		c.Args = append(c.Args, cmdline.Argument(a))
	}
	for _, inner := range cmd.Commands {
		c.Commands = append(c.Commands, p.own(inner))
	}
	if cmd.Run != nil {
		c.Run = func(call *cmdline.Call) error { return p.call(cmd, call) }
	}
	return c
}

// call runs a command of the app in a context of the app. One that ends because
// the process was told to stop has no more to say.
func (p *program) call(cmd retort.Command, call *cmdline.Call) error {
	ctx := call.Context
	if p.process {
		var stop func()
		ctx, stop = stoppable(ctx, func() { fmt.Fprintln(call.Stderr, "Stopping; press CTRL+C again to end at once.") })
		defer stop()
	}
	args := &retort.CommandArgs{
		Values: call.Values, Given: call.Given,
		Stdin: call.Stdin, Stdout: call.Stdout, Stderr: call.Stderr,
	}
	err := p.app.WithAppContext(ctx, func(c *retort.Context) error { return cmd.Run(c, args) })
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return cmdline.Status(interrupted)
	}
	return err
}

// interrupted is the exit status that shells give to what SIGINT has ended.
const interrupted = 130

// stoppable gives a context that ends when the process is told to stop for the
// first time, after tell was called. The second time ends the process.
func stoppable(parent context.Context, tell func()) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancel(parent)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		defer cancel()
		select {
		case <-signals:
			signal.Stop(signals)
			tell()
		case <-ctx.Done():
			signal.Stop(signals)
		}
	}()
	return ctx, cancel
}
