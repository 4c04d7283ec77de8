// Package cmdline reads a command line with commands, groups of commands, flags
// and arguments, and answers for them: help, completion in the shell, and
// mistakes. What a program offers is plain data.
package cmdline

import (
	"cmp"
	"context"
	"io"
	"strings"
	"time"
)

// Command is a command, or a group of commands if it has some.
type Command struct {
	Name string
	// Help is what the command does; its first line stands in lists.
	Help     string
	Flags    []Flag
	Args     []Argument
	Commands []*Command // sorted by name in the help
	// Run does the work of a command that is no group.
	Run func(call *Call) error

	// candidates are what may follow the arguments, if the command knows.
	candidates func(args []string) []row
}

// Flag is an option: --name. For its fields see the type of this name in the
// root package.
type Flag struct {
	Name      string
	Short     string
	Value     any
	Required  bool
	Negatable bool
	Choices   []string
	Metavar   string
	NoEnv     bool
	Help      string
}

// Argument is what is given by its place. For its fields see the type of this
// name in the root package.
type Argument struct {
	Name     string
	Help     string
	Value    any
	Optional bool
	Many     bool
	Choices  []string
}

// Call is a command that is called.
type Call struct {
	Context context.Context
	// Path is the command as it was typed, the program first.
	Path string
	// Values are those of the flags and arguments of the command and of the
	// groups around it, of the types of their Value.
	Values map[string]any
	// Given are the names of those that the command line or the environment set.
	Given map[string]bool

	Stdin          io.Reader
	Stdout, Stderr io.Writer
}

// String is the value of a flag or argument.
func (c *Call) String(name string) string { return c.Values[name].(string) }

// Bool is the value of a flag.
func (c *Call) Bool(name string) bool { return c.Values[name].(bool) }

// Int is the value of a flag or argument.
func (c *Call) Int(name string) int { return c.Values[name].(int) }

// Strings is the value of a flag that is a list, or of an argument that takes
// many.
func (c *Call) Strings(name string) []string { return c.Values[name].([]string) }

// find is the command of a group with that name, nil if there is none.
func (c *Command) find(name string) *Command {
	for _, inner := range c.Commands {
		if inner.Name == name {
			return inner
		}
	}
	return nil
}

// group reports whether it has commands.
func (c *Command) group() bool { return c.Run == nil }

// summary is the first line of the help.
func (c *Command) summary() string {
	line, _, _ := strings.Cut(c.Help, "\n")
	return line
}

// hasShort reports whether a flag has a short name.
func (c *Command) hasShort(short string) bool {
	for _, f := range c.Flags {
		if f.Short == short {
			return true
		}
	}
	return false
}

// metavars are the words that stand for the values of a flag: none for a bool.
func (f *Flag) metavars() []string {
	if _, isBool := f.Value.(bool); isBool {
		return nil
	}
	if f.Metavar == "" && len(f.Choices) > 0 {
		return []string{strings.Join(f.Choices, "|")}
	}
	return strings.Fields(cmp.Or(f.Metavar, typeName(f.Value)))
}

// typeName stands for a value in the help.
func typeName(value any) string {
	switch value.(type) {
	case int:
		return "NUMBER"
	case float64:
		return "DECIMAL"
	case time.Duration:
		return "DURATION"
	case bool:
		return "yes|no"
	}
	return "TEXT"
}

// metavar stands for an argument in the usage: in brackets when it is optional,
// with dots when it takes many.
func (a *Argument) metavar() string {
	s := strings.ToUpper(a.Name)
	if a.Many {
		s += "..."
	}
	if a.Optional {
		s = "[" + s + "]"
	}
	return s
}
