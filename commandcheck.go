package retort

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"
)

// checkCommand panics when a command says what cannot be. group is that around
// it, with a blank after it.
func checkCommand(at position, group string, cmd Command) {
	checkCommandName(at, "a command", cmd.Name)
	path := group + cmd.Name
	if fault := cmd.fault(); fault != "" {
		panic(fmt.Sprintf("retort: %s: the command %q %s", at, path, fault))
	}
	seen := make(map[string]bool)
	for _, inner := range cmd.Commands {
		checkCommand(at, path+" ", inner)
		if seen[inner.Name] {
			panic(fmt.Sprintf("retort: %s: the command %q has two commands %q", at, path, inner.Name))
		}
		seen[inner.Name] = true
	}
}

var commandName = regexp.MustCompile(`^[\pL\pN]+([-_:.][\pL\pN]+)*$`)

func checkCommandName(at position, what, name string) {
	if !commandName.MatchString(name) {
		panic(fmt.Sprintf(`retort: %s: %q is no name for %s: it is made of letters and digits, with -, _, : or . between them, as in "create-user"`, at, name, what))
	}
}

// fault is what is wrong with a command, "" for nothing.
func (cmd *Command) fault() string {
	switch {
	case len(cmd.Commands) == 0 && cmd.Run == nil:
		return "has no Run, and no Commands that would make it a group"
	case len(cmd.Commands) > 0 && (cmd.Run != nil || len(cmd.Args)+len(cmd.Flags) > 0):
		return "has Commands, which make it a group, and Run, Args or Flags, which belong to a command in it"
	}
	seen := make(map[string]bool)
	for _, f := range cmd.Flags {
		if fault := f.fault(seen); fault != "" {
			return fmt.Sprintf("has the flag %q, which %s", f.Name, fault)
		}
	}
	for i, arg := range cmd.Args {
		fault := arg.fault(seen, i == len(cmd.Args)-1)
		if i > 0 && cmd.Args[i-1].Optional && !arg.Optional {
			fault = "must be Optional, as the one before it"
		}
		if fault != "" {
			return fmt.Sprintf("has the argument %q, which %s", arg.Name, fault)
		}
	}
	return ""
}

// taken reports whether a name was there before, and notes it.
func taken(seen map[string]bool, name string) bool {
	was := seen[name]
	seen[name] = true
	return was
}

func (f *Flag) fault(seen map[string]bool) string {
	_, isBool := f.Value.(bool)
	_, isList := f.Value.([]string)
	switch {
	case !commandName.MatchString(f.Name):
		return `is no name: it is made of letters and digits, with - between them, and written without the dashes before it`
	case f.Name == "help":
		return "every command has already"
	case taken(seen, f.Name):
		return "is there twice"
	case f.Short != "" && len([]rune(f.Short)) != 1 || f.Short == "-":
		return fmt.Sprintf("has the Short %q; that is one letter", f.Short)
	case f.Short != "" && taken(seen, "-"+f.Short):
		return fmt.Sprintf("has the Short %q of another flag", f.Short)
	case f.Negatable && !isBool:
		return "is Negatable and no bool"
	case f.Negatable && taken(seen, "no-"+f.Name):
		return fmt.Sprintf("is Negatable, beside a flag %q", "no-"+f.Name)
	case f.Required && isBool:
		return "is Required and a bool; one that is left out is false"
	case len(strings.Fields(f.Metavar)) > 1 && !isList:
		return "takes several values, as Metavar says; Value must be a []string then"
	}
	return valueFault(f.Value, f.Choices)
}

func (arg *Argument) fault(seen map[string]bool, last bool) string {
	_, isList := arg.Value.([]string)
	switch {
	case !commandName.MatchString(arg.Name):
		return `is no name: it is made of letters and digits, with - between them`
	case taken(seen, arg.Name):
		return "has the name of another one or of a flag"
	case arg.Many && !last:
		return "takes Many and is not the last one"
	case arg.Many && arg.Value != nil && !isList:
		return "takes Many; Value must be a []string then"
	case !arg.Many && isList:
		return "has a []string as its Value and does not take Many"
	}
	return valueFault(arg.Value, arg.Choices)
}

// valueFault is what is wrong with the Value of a flag or argument.
func valueFault(value any, choices []string) string {
	switch v := value.(type) {
	case nil, int, float64, time.Duration, []string, bool:
	case string:
		if v != "" && choices != nil && !slices.Contains(choices, v) {
			return fmt.Sprintf("has the Value %q, which is none of its Choices", v)
		}
	default:
		return fmt.Sprintf("has a Value of the type %s; that is a string, bool, int, float64, time.Duration or []string", reflect.TypeOf(v))
	}
	return ""
}
