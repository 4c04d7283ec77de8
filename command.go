package retort

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"time"
)

// Command is a command of the application's own on its command line, or a group
// of them, as plain data; package cli runs it.
//
//	app.Command(retort.Command{
//		Name:  "create-user",
//		Help:  "Create a user.",
//		Args:  []retort.Argument{{Name: "name"}},
//		Flags: []retort.Flag{{Name: "admin", Short: "a", Value: false, Help: "One who may do everything."}},
//		Run: func(c *retort.Context, args *retort.CommandArgs) error {
//			return createUser(c.Context(), args.String("name"), args.Bool("admin"))
//		},
//	})
//
// That is `shop create-user [--admin] NAME` in the shell.
//
// Source: Flask: cli.py, AppGroup; click: Command, Group.
type Command struct {
	// Name is what is typed: letters, digits, and -, _, :, . between them.
	Name string
	// Help says what the command does. Its first line is the one in the list of
	// commands.
	Help string
	// Args are the arguments, in their order.
	Args []Argument
	// Flags are the options. Each can also be set by an environment variable, unless
	// it says NoEnv: RETORT_CREATE_USER_ADMIN=1 is --admin of the command create-user.
	Flags []Flag
	// Run does the work. c belongs to no request ([App.WithAppContext]), and its
	// Context ends when the program is told to stop. An error ends the program
	// with the status 1, or with what a method ExitCode() int of it says.
	Run func(c *Context, args *CommandArgs) error
	// Commands makes it a group, which has commands in the place of Args, Flags
	// and Run.
	Commands []Command
}

// Argument is an argument of a [Command]: what it is given by its place.
type Argument struct {
	Name string
	Help string
	// Value says by its type what the argument is: a string (or nil), bool, int,
	// float64, [time.Duration] or []string. It is the default of an Optional one.
	Value any
	// Optional has Value stand for the argument when it is left out.
	Optional bool
	// Many takes all that is left, at least one unless Optional; Value is a
	// []string then, or nil. Only the last argument can.
	Many bool
	// Choices are the only texts allowed, if there are any.
	Choices []string
}

// Flag is an option of a [Command]: --name.
type Flag struct {
	Name string
	// Short is one letter for -n, or nothing.
	Short string
	// Value is the default, and says by its type what the option takes: a string
	// (or nil), an int, float64 or [time.Duration]; a []string can be given several
	// times. A bool takes no value.
	Value any
	// Required must be given.
	Required bool
	// Negatable gives a bool its opposite, --no-name.
	Negatable bool
	// Choices are the only texts allowed, if there are any.
	Choices []string
	// Metavar stands for the value in the help: "FILE". Each of several words is
	// a value, for a []string: "--range FROM TO".
	Metavar string
	// NoEnv keeps the environment from setting it.
	NoEnv bool
	Help  string
}

// CommandArgs is what a [Command] was given.
type CommandArgs struct {
	// Values are those of all flags and arguments, by name, of the types that
	// these say: the default for what was left out.
	Values map[string]any
	// Given are the names of those that were set, by the command line or the
	// environment.
	Given map[string]bool

	// Stdin, Stdout and Stderr are those of the program, or of the test.
	Stdin          io.Reader
	Stdout, Stderr io.Writer
}

// String is the value of a flag or argument that is a string. Like its relatives
// it panics when there is none of that name and type.
func (a *CommandArgs) String(name string) string { return commandValue[string](a, name) }

// Bool is [CommandArgs.String] for a bool.
func (a *CommandArgs) Bool(name string) bool { return commandValue[bool](a, name) }

// Int is [CommandArgs.String] for an int.
func (a *CommandArgs) Int(name string) int { return commandValue[int](a, name) }

// Float is [CommandArgs.String] for a float64.
func (a *CommandArgs) Float(name string) float64 { return commandValue[float64](a, name) }

// Duration is [CommandArgs.String] for a time.Duration.
func (a *CommandArgs) Duration(name string) time.Duration {
	return commandValue[time.Duration](a, name)
}

// Strings is [CommandArgs.String] for a []string, and for an argument that takes
// many.
func (a *CommandArgs) Strings(name string) []string { return commandValue[[]string](a, name) }

func commandValue[T any](a *CommandArgs, name string) T {
	v, ok := a.Values[name]
	if !ok {
		names := slices.Sorted(maps.Keys(a.Values))
		panic(fmt.Sprintf("retort: %s: the command has no flag or argument %q; it has %q", callerOutside(), name, names))
	}
	value, ok := v.(T)
	if !ok {
		panic(fmt.Sprintf("retort: %s: %q is of the type %T, not %T; its type is that of Value in its Flag or Argument", callerOutside(), name, v, value))
	}
	return value
}

// Errorf is an error for a command to return that was called wrongly: the
// program ends with the status 2 and not 1.
//
// Source: click: UsageError.
func (a *CommandArgs) Errorf(format string, values ...any) error {
	return usageError{fmt.Errorf(format, values...)}
}

type usageError struct{ error }

func (usageError) ExitCode() int   { return 2 }
func (e usageError) Unwrap() error { return e.error }

// Command adds a command to the command line that package cli gives the app. One
// with the name of a command of package cli, as "run", takes its place.
//
// It panics when the command says what cannot be, and when the name is taken.
//
// Source: Flask: sansio/app.py, Flask.cli. Differs from Flask: there a command
// cannot take the place of a built-in one and is silently never called.
func (a *App) Command(cmd Command) {
	a.lock.check("Command")
	a.addCommand(appCommand{Command: cmd, at: callerOutside()})
}

// Command adds a command to the group of the blueprint: that of its name, or of
// [CLIGroup].
//
// Source: Flask: sansio/blueprints.py, Blueprint.cli.
func (bp *Blueprint) Command(cmd Command) {
	bp.lock.check("Command")
	at := callerOutside()
	checkCommand(at, "", cmd)
	bp.deferred = append(bp.deferred, func(s *SetupState) {
		s.App.addCommand(appCommand{Command: cmd, group: s.registration.commandGroup(), bp: bp, at: at})
	})
}

// CLIGroup is the group in which a blueprint has its commands, in the place of
// one with the name under which it is registered. "" puts them beside those of
// the app. That of a registration takes the place of the blueprint's own.
//
// Source: Flask: sansio/blueprints.py, cli_group.
func CLIGroup(name string) interface {
	BlueprintOption
	RegistrationOption
} {
	if name != "" {
		checkCommandName(callerOutside(), "the group", name)
	}
	return registrationOption(func(o *registrationOptions) { o.cliGroup = &name })
}

// commandGroup is the group of a blueprint's commands.
func (reg *registration) commandGroup() string {
	if reg.cliGroup != nil {
		return *reg.cliGroup
	}
	return reg.name
}

// appCommand is a command as it was added.
type appCommand struct {
	Command
	group string // "": none
	bp    *Blueprint
	at    position
}

// top is its name or that of its group: what stands first on the command line.
func (c *appCommand) top() string {
	if c.group != "" {
		return c.group
	}
	return c.Name
}

// path is the command as it is typed.
func (c *appCommand) path() string {
	if c.group != "" {
		return c.group + " " + c.Name
	}
	return c.Name
}

func (a *App) addCommand(cmd appCommand) {
	checkCommand(cmd.at, "", cmd.Command)
	for _, old := range a.commands {
		beside := old.group == cmd.group && old.Name != cmd.Name
		if old.top() != cmd.top() || old.group != "" && beside {
			continue
		}
		if old.bp != nil && old.bp == cmd.bp && old.at == cmd.at && old.group == cmd.group {
			return // the blueprint is registered twice, and its commands are there
		}
		panic(fmt.Sprintf("retort: %s: there is the command %q already, added at %s; give this one another name, or its blueprint a group of its own with retort.CLIGroup", cmd.at, old.path(), old.at))
	}
	a.commands = append(a.commands, cmd)
}

// Commands are the commands of the app: its own, and those of its blueprints in
// their groups, in the order in which they came. They are copies.
func (a *App) Commands() []Command {
	var list []Command
	groups := make(map[string]int) // index in list
	for _, cmd := range a.commands {
		if cmd.group == "" {
			list = append(list, cmd.Command)
			continue
		}
		at, ok := groups[cmd.group]
		if !ok {
			at = len(list)
			groups[cmd.group] = at
			list = append(list, Command{Name: cmd.group, Help: fmt.Sprintf("Commands of the blueprint %q.", cmd.bp.name)})
		}
		list[at].Commands = append(list[at].Commands, cmd.Command)
	}
	return list
}
