package cmdline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/retort-go/retort/internal/terminal"
)

// Program is what answers a command line.
type Program struct {
	Name string
	Root *Command
	// EnvPrefix begins the names of the environment variables of flags: RETORT.
	EnvPrefix string
	// LookupEnv finds them. Default: os.LookupEnv.
	LookupEnv func(name string) (value string, ok bool)

	Stdin          io.Reader
	Stdout, Stderr io.Writer
}

// Run does what the words after the program's name say, and gives the exit
// status: 0, 2 for a mistake on the command line, 1 for another error, or what
// the ExitCode method of the error says.
//
// Root is given the commands help and completion unless it has its own.
func (p *Program) Run(ctx context.Context, words []string) int {
	p = p.withOwn()
	if len(words) > 0 && words[0] == CompleteWord {
		return p.complete(words[1:])
	}
	r := newParser(p, words)
	err := r.parse()
	call := r.call()
	call.Context, call.Stdin, call.Stdout, call.Stderr = ctx, p.Stdin, p.Stdout, p.Stderr
	switch c := r.command(); {
	case err != nil:
		err = &UsageError{call.Path, err}
	case r.help:
		err = p.writeHelp(p.Stdout, r)
	case c.group():
		_ = p.writeHelp(p.Stderr, r)
		return 2
	default:
		err = c.Run(call)
	}
	if err != nil {
		return p.Fail(call.Path, err)
	}
	return 0
}

// Leading reads the flags before the first command, as far as they can be
// understood: what stands there may decide which commands there are.
func (p *Program) Leading(words []string) *Call {
	r := newParser(p, words)
	for len(r.words) > 0 && !r.help && strings.HasPrefix(r.words[0], "-") && r.next() == nil {
	}
	return r.call()
}

// Peek is [Program.Leading] that reads on, up to the first word that cannot be
// understood.
func (p *Program) Peek(words []string) *Call {
	r := newParser(p, words)
	for len(r.words) > 0 && !r.help && r.next() == nil {
	}
	return r.call()
}

// Fail says what went wrong with the command path, on one line, and gives the exit
// status.
func (p *Program) Fail(path string, err error) int {
	code := 1
	if coder := (interface{ ExitCode() int })(nil); errors.As(err, &coder) && coder.ExitCode() > 0 {
		code = coder.ExitCode()
	}
	text := strings.TrimPrefix(err.Error(), "retort: ")
	if text == "" {
		return code
	}
	if code == 2 && !strings.HasSuffix(text, "?") {
		text += fmt.Sprintf("; see %s --help", path)
	}
	p.Complain(path, text)
	return code
}

// Status is an error that says nothing, because all is said: only the exit status.
type Status int

// Error is nothing.
func (Status) Error() string { return "" }

// ExitCode is the status.
func (s Status) ExitCode() int { return int(s) }

// EnvNames are the environment variables of all flags that have one.
func (p *Program) EnvNames() []string {
	var names []string
	var walk func(c *Command, parts []string)
	walk = func(c *Command, parts []string) {
		for _, f := range c.Flags {
			if !f.NoEnv {
				names = append(names, envName(append(slices.Clip(parts), f.Name)...))
			}
		}
		for _, inner := range c.Commands {
			walk(inner, append(slices.Clip(parts), inner.Name))
		}
	}
	walk(p.Root, []string{p.EnvPrefix})
	return names
}

// Complain writes a line to standard error: what it is about, and the text.
func (p *Program) Complain(path, text string) {
	who := terminal.BoldRed.Wrap(path+":", terminal.Colors(p.Stderr))
	fmt.Fprintln(p.Stderr, who, strings.TrimRight(text, "\n"))
}

func (p *Program) lookupEnv(name string) (string, bool) {
	if p.LookupEnv == nil {
		return os.LookupEnv(name)
	}
	return p.LookupEnv(name)
}

// withOwn is the program with the commands help and completion.
func (p *Program) withOwn() *Program {
	own, root := *p, *p.Root
	own.Root = &root
	root.Commands = slices.Clone(p.Root.Commands)
	for _, c := range []*Command{own.helpCommand(), own.completionCommand()} {
		if root.find(c.Name) == nil {
			root.Commands = append(root.Commands, c)
		}
	}
	return &own
}
