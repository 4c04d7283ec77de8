package retort_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
)

func idle(*retort.Context, *retort.CommandArgs) error { return nil }

// commandNames lists commands as they are typed.
func commandNames(list []retort.Command) []string {
	var names []string
	for _, cmd := range list {
		names = append(names, cmd.Name)
		for _, inner := range commandNames(cmd.Commands) {
			names = append(names, cmd.Name+" "+inner)
		}
	}
	return names
}

func TestCommandsOfAnAppAndItsBlueprints(t *testing.T) {
	cmd := func(name string) retort.Command { return retort.Command{Name: name, Run: idle} }
	custom := retort.NewBlueprint("custom", retort.CLIGroup("customized"))
	custom.Command(cmd("custom"))
	plain := retort.NewBlueprint("plain")
	plain.Command(cmd("one"))
	plain.Command(cmd("two"))
	merged := retort.NewBlueprint("merged", retort.CLIGroup(""))
	merged.Command(cmd("merged"))
	late := retort.NewBlueprint("late", retort.CLIGroup("early"))
	late.Command(cmd("late"))
	inner := retort.NewBlueprint("inner")
	inner.Command(cmd("in"))
	plain.RegisterBlueprint(inner)

	app := quiet()
	app.Command(cmd("create-user"))
	app.Command(retort.Command{Name: "db", Commands: []retort.Command{cmd("up"), cmd("down")}})
	app.RegisterBlueprint(custom)
	app.RegisterBlueprint(plain)
	app.RegisterBlueprint(merged)
	app.RegisterBlueprint(late, retort.CLIGroup("late-registration"))
	app.RegisterBlueprint(retort.NewBlueprint("none"))
	assert.Equal(t, []string{
		"create-user", "db", "db up", "db down",
		"customized", "customized custom",
		"plain", "plain one", "plain two",
		"plain.inner", "plain.inner in",
		"merged",
		"late-registration", "late-registration late",
	}, commandNames(app.Commands()))
	assert.Equal(t, `Commands of the blueprint "custom".`, app.Commands()[2].Help)
}

func TestABlueprintThatIsRegisteredTwiceHasItsCommandsOnceAGroup(t *testing.T) {
	for _, tt := range []struct {
		name string
		opts []retort.BlueprintOption
		want []string
	}{
		{"groups of their own", nil, []string{"shop", "shop clear", "outlet", "outlet clear"}},
		{"one group", []retort.BlueprintOption{retort.CLIGroup("shops")}, []string{"shops", "shops clear"}},
		{"no group", []retort.BlueprintOption{retort.CLIGroup("")}, []string{"clear"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bp := retort.NewBlueprint("shop", tt.opts...)
			bp.Command(retort.Command{Name: "clear", Run: idle})
			app := quiet()
			app.RegisterBlueprint(bp)
			app.RegisterBlueprint(bp, retort.Name("outlet"))
			assert.Equal(t, tt.want, commandNames(app.Commands()))
		})
	}
}

// commandFault is what f panics with, without the place at its beginning.
func commandFault(t *testing.T, f func()) (text string) {
	t.Helper()
	defer func() {
		s, ok := recover().(string)
		require.True(t, ok, "no panic with a text")
		s, ok = strings.CutPrefix(s, "retort: command_test.go:")
		require.True(t, ok, s)
		_, text, _ = strings.Cut(s, ": ")
	}()
	f()
	return ""
}

func TestCommandsThatCannotBe(t *testing.T) {
	flags := func(list ...retort.Flag) retort.Command { return retort.Command{Name: "x", Flags: list, Run: idle} }
	args := func(list ...retort.Argument) retort.Command { return retort.Command{Name: "x", Args: list, Run: idle} }
	for _, tt := range []struct {
		name string
		cmd  retort.Command
		want string
	}{
		{"no name", retort.Command{Run: idle}, `"" is no name for a command: it is made of letters and digits, with -, _, : or . between them, as in "create-user"`},
		{"a name with blanks", retort.Command{Name: "create user", Run: idle}, `"create user" is no name for a command: it is made of letters and digits, with -, _, : or . between them, as in "create-user"`},
		{"a name as of a flag", retort.Command{Name: "--x", Run: idle}, `"--x" is no name for a command: it is made of letters and digits, with -, _, : or . between them, as in "create-user"`},
		{"nothing to do", retort.Command{Name: "x"}, `the command "x" has no Run, and no Commands that would make it a group`},
		{"a group that runs", retort.Command{Name: "x", Run: idle, Commands: []retort.Command{{Name: "y", Run: idle}}}, `the command "x" has Commands, which make it a group, and Run, Args or Flags, which belong to a command in it`},
		{"a fault in a group", retort.Command{Name: "x", Commands: []retort.Command{{Name: "y"}}}, `the command "x y" has no Run, and no Commands that would make it a group`},
		{"two of a name in a group", retort.Command{Name: "x", Commands: []retort.Command{{Name: "y", Run: idle}, {Name: "y", Run: idle}}}, `the command "x" has two commands "y"`},
		{"a flag with dashes", flags(retort.Flag{Name: "--a"}), `the command "x" has the flag "--a", which is no name: it is made of letters and digits, with - between them, and written without the dashes before it`},
		{"a flag help", flags(retort.Flag{Name: "help"}), `the command "x" has the flag "help", which every command has already`},
		{"a flag twice", flags(retort.Flag{Name: "a"}, retort.Flag{Name: "a"}), `the command "x" has the flag "a", which is there twice`},
		{"a long Short", flags(retort.Flag{Name: "a", Short: "aa"}), `the command "x" has the flag "a", which has the Short "aa"; that is one letter`},
		{"a Short twice", flags(retort.Flag{Name: "a", Short: "a"}, retort.Flag{Name: "b", Short: "a"}), `the command "x" has the flag "b", which has the Short "a" of another flag`},
		{"a negatable text", flags(retort.Flag{Name: "a", Negatable: true}), `the command "x" has the flag "a", which is Negatable and no bool`},
		{"a negation that is there", flags(retort.Flag{Name: "no-a"}, retort.Flag{Name: "a", Value: true, Negatable: true}), `the command "x" has the flag "a", which is Negatable, beside a flag "no-a"`},
		{"a required bool", flags(retort.Flag{Name: "a", Value: false, Required: true}), `the command "x" has the flag "a", which is Required and a bool; one that is left out is false`},
		{"two values in a text", flags(retort.Flag{Name: "a", Metavar: "FROM TO"}), `the command "x" has the flag "a", which takes several values, as Metavar says; Value must be a []string then`},
		{"a type that cannot be", flags(retort.Flag{Name: "a", Value: int64(1)}), `the command "x" has the flag "a", which has a Value of the type int64; that is a string, bool, int, float64, time.Duration or []string`},
		{"a default that is no choice", flags(retort.Flag{Name: "a", Value: "x", Choices: []string{"y"}}), `the command "x" has the flag "a", which has the Value "x", which is none of its Choices`},
		{"an argument without a name", args(retort.Argument{}), `the command "x" has the argument "", which is no name: it is made of letters and digits, with - between them`},
		{"an argument twice", args(retort.Argument{Name: "a"}, retort.Argument{Name: "a"}), `the command "x" has the argument "a", which has the name of another one or of a flag`},
		{"a needed one after one that is not", args(retort.Argument{Name: "a", Optional: true}, retort.Argument{Name: "b"}), `the command "x" has the argument "b", which must be Optional, as the one before it`},
		{"many and then one", args(retort.Argument{Name: "a", Many: true}, retort.Argument{Name: "b"}), `the command "x" has the argument "a", which takes Many and is not the last one`},
		{"many numbers", args(retort.Argument{Name: "a", Many: true, Value: 1}), `the command "x" has the argument "a", which takes Many; Value must be a []string then`},
		{"a list that is one", args(retort.Argument{Name: "a", Value: []string{}}), `the command "x" has the argument "a", which has a []string as its Value and does not take Many`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, commandFault(t, func() { quiet().Command(tt.cmd) }))
			assert.Equal(t, tt.want, commandFault(t, func() { retort.NewBlueprint("bp").Command(tt.cmd) }))
		})
	}
	assert.Equal(t, `"a b" is no name for the group: it is made of letters and digits, with -, _, : or . between them, as in "create-user"`,
		commandFault(t, func() { retort.CLIGroup("a b") }))
}

func TestACommandOfANameThatIsTaken(t *testing.T) {
	app := quiet()
	app.Command(retort.Command{Name: "shop", Run: idle})
	text := commandFault(t, func() { app.Command(retort.Command{Name: "shop", Run: idle}) })
	assert.Regexp(t, `^there is the command "shop" already, added at command_test.go:\d+; give this one another name, or its blueprint a group of its own with retort.CLIGroup$`, text)

	bp := retort.NewBlueprint("shop")
	bp.Command(retort.Command{Name: "clear", Run: idle})
	assert.Contains(t, commandFault(t, func() { app.RegisterBlueprint(bp) }), `there is the command "shop" already`)

	other := retort.NewBlueprint("other", retort.CLIGroup(""))
	other.Command(retort.Command{Name: "shop", Run: idle})
	assert.Contains(t, commandFault(t, func() { app.RegisterBlueprint(other) }), `there is the command "shop" already`)
}

func TestCommandsAreAddedDuringTheSetup(t *testing.T) {
	app := quiet()
	app.TestClient().Get("/")
	assert.PanicsWithValue(t, `retort: Command can no longer be called on the app "test": it has handled its first request, and a change now would reach some requests and not others; move the call to where the app is set up, before Run, the first request and the first TestClient call`,
		func() { app.Command(retort.Command{Name: "x", Run: idle}) })
	bp := retort.NewBlueprint("bp")
	quiet().RegisterBlueprint(bp)
	assert.PanicsWithValue(t, `retort: Command can no longer be called on the blueprint "bp": it has been registered, and what is added now would be missing there; move the call before RegisterBlueprint`,
		func() { bp.Command(retort.Command{Name: "x", Run: idle}) })
}

func TestCommandArgs(t *testing.T) {
	args := &retort.CommandArgs{Values: map[string]any{
		"text": "t", "on": true, "n": 3, "f": 1.5, "wait": time.Minute, "list": []string{"a", "b"},
	}}
	assert.Equal(t, "t", args.String("text"))
	assert.True(t, args.Bool("on"))
	assert.Equal(t, 3, args.Int("n"))
	assert.InDelta(t, 1.5, args.Float("f"), 0)
	assert.Equal(t, time.Minute, args.Duration("wait"))
	assert.Equal(t, []string{"a", "b"}, args.Strings("list"))

	assert.Equal(t, `the command has no flag or argument "txt"; it has ["f" "list" "n" "on" "text" "wait"]`,
		commandFault(t, func() { args.String("txt") }))
	assert.Equal(t, `"n" is of the type int, not string; its type is that of Value in its Flag or Argument`,
		commandFault(t, func() { args.String("n") }))
	err := args.Errorf("%d is too much: %w", 7, assert.AnError)
	require.EqualError(t, err, "7 is too much: "+assert.AnError.Error())
	require.ErrorIs(t, err, assert.AnError)
	var coder interface{ ExitCode() int }
	require.ErrorAs(t, err, &coder)
	assert.Equal(t, 2, coder.ExitCode())
}
