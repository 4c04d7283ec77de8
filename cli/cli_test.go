package cli_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/cli"
)

// newApp is an app whose log nobody reads.
func newApp(opts ...retort.Option) *retort.App {
	app := retort.New("shop", opts...)
	app.Logger = slog.New(slog.DiscardHandler)
	return app
}

// out is a result without errors.
func out(text string) cli.Result { return cli.Result{Stdout: text} }

// failed is a result with one line on standard error.
func failed(code int, line string) cli.Result { return cli.Result{ExitCode: code, Stderr: line + "\n"} }

// say prints a text.
func say(text string) func(*retort.Context, *retort.CommandArgs) error {
	return func(_ *retort.Context, args *retort.CommandArgs) error {
		_, err := fmt.Fprintln(args.Stdout, text)
		return err
	}
}

// TestACommandHasAnAppContext: Flask's test_app_cli_has_app_context and
// test_appgroup_app_context.
func TestACommandHasAnAppContext(t *testing.T) {
	type key struct{}
	app := newApp()
	var order []string
	app.TeardownAppContext(func(c *retort.Context, err error) { order = append(order, fmt.Sprint("teardown ", err)) })
	check := retort.Command{
		Name: "check",
		Args: []retort.Argument{{Name: "value"}},
		Run: func(c *retort.Context, args *retort.CommandArgs) error {
			assert.Same(t, app, c.App)
			assert.Nil(t, c.Request)
			assert.Equal(t, "v", c.Context().Value(key{}))
			assert.Same(t, c, retort.FromContext(c.Context()))
			order = append(order, "run "+args.String("value"))
			if args.String("value") == "bad" {
				return assert.AnError
			}
			return nil
		},
	}
	app.Command(check)
	app.Command(retort.Command{Name: "sub", Commands: []retort.Command{check}})
	ctx := context.WithValue(context.Background(), key{}, "v")
	var stdout, stderr bytes.Buffer
	assert.Equal(t, 0, cli.Run(ctx, app, []string{"check", "x"}, &stdout, &stderr))
	assert.Equal(t, 0, cli.Run(ctx, app, []string{"sub", "check", "y"}, &stdout, &stderr))
	assert.Equal(t, 1, cli.Run(ctx, app, []string{"check", "bad"}, &stdout, &stderr))
	assert.Equal(t, []string{"run x", "teardown <nil>", "run y", "teardown <nil>", "run bad", "teardown " + assert.AnError.Error()}, order)
	assert.Equal(t, "shop check: "+assert.AnError.Error()+"\n", stderr.String())
	assert.Empty(t, stdout.String())
}

func TestWhatACommandIsGiven(t *testing.T) {
	app := newApp()
	app.Command(retort.Command{
		Name:  "add",
		Flags: []retort.Flag{{Name: "admin", Short: "a", Value: false}, {Name: "size", Value: "m", Choices: []string{"s", "m"}}},
		Args:  []retort.Argument{{Name: "count", Value: 0}, {Name: "names", Many: true, Optional: true}},
		Run: func(_ *retort.Context, args *retort.CommandArgs) error {
			data, err := fmt.Fscan(args.Stdin, new(string))
			fmt.Fprintln(args.Stdout, args.Int("count"), args.Strings("names"), args.Bool("admin"), args.String("size"), args.Given, data, err)
			fmt.Fprintln(args.Stderr, "careful")
			return nil
		},
	})
	assert.Equal(t, cli.Result{Stdout: "3 [a b] true m map[admin:true count:true names:true] 0 EOF\n", Stderr: "careful\n"}, cli.Invoke(app, "add", "3", "-a", "a", "b"))
	t.Setenv("RETORT_ADD_SIZE", "s")
	assert.Equal(t, cli.Result{Stdout: "1 [] false s map[count:true size:true] 0 EOF\n", Stderr: "careful\n"}, cli.Invoke(app, "add", "1"))
}

// coded is an error with an exit status of its own.
type coded int

func (coded) Error() string   { return "so much for that" }
func (c coded) ExitCode() int { return int(c) }

func TestExitCodes(t *testing.T) {
	for _, tt := range []struct {
		name string
		run  func(*retort.Context, *retort.CommandArgs) error
		want cli.Result
	}{
		{"nothing wrong", func(*retort.Context, *retort.CommandArgs) error { return nil }, cli.Result{}},
		{"an error", func(*retort.Context, *retort.CommandArgs) error { return errors.New("no") }, failed(1, "shop x: no")},
		{"an error of retort", func(*retort.Context, *retort.CommandArgs) error { return errors.New("retort: no") }, failed(1, "shop x: no")},
		{"called wrongly", func(_ *retort.Context, args *retort.CommandArgs) error { return args.Errorf("no") }, failed(2, "shop x: no; see shop x --help")},
		{"a status of its own", func(*retort.Context, *retort.CommandArgs) error { return fmt.Errorf("well: %w", coded(9)) }, failed(9, "shop x: well: so much for that")},
		{"a status that is none", func(*retort.Context, *retort.CommandArgs) error { return coded(-1) }, failed(1, "shop x: so much for that")},
		{"a program that failed", func(c *retort.Context, _ *retort.CommandArgs) error {
			return exec.CommandContext(c.Context(), "sh", "-c", "exit 4").Run()
		}, failed(4, "shop x: exit status 4")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			app := newApp()
			app.Command(retort.Command{Name: "x", Run: tt.run})
			assert.Equal(t, tt.want, cli.Invoke(app, "x"))
		})
	}
}

func TestAPanicOfACommandGoesOnAfterTheTeardown(t *testing.T) {
	app := newApp()
	torn := false
	app.TeardownAppContext(func(*retort.Context, error) { torn = true })
	app.Command(retort.Command{Name: "x", Run: func(*retort.Context, *retort.CommandArgs) error { panic("oh no") }})
	assert.PanicsWithValue(t, "oh no", func() { cli.Invoke(app, "x") })
	assert.True(t, torn)
}

// TestBlueprintCommands: Flask's test_cli_blueprints and test_cli_empty.
func TestBlueprintCommands(t *testing.T) {
	app := newApp()
	for name, opts := range map[string]struct {
		bp  []retort.BlueprintOption
		reg []retort.RegistrationOption
	}{
		"custom": {bp: []retort.BlueprintOption{retort.CLIGroup("customized")}},
		"nested": {},
		"merged": {bp: []retort.BlueprintOption{retort.CLIGroup("")}},
		"late":   {reg: []retort.RegistrationOption{retort.CLIGroup("late_registration")}},
	} {
		bp := retort.NewBlueprint(name, opts.bp...)
		bp.Command(retort.Command{Name: name, Run: say(name + "_result")})
		app.RegisterBlueprint(bp, opts.reg...)
	}
	app.RegisterBlueprint(retort.NewBlueprint("blue", retort.CLIGroup("blue")))
	assert.Equal(t, out("custom_result\n"), cli.Invoke(app, "customized", "custom"))
	assert.Equal(t, out("nested_result\n"), cli.Invoke(app, "nested", "nested"))
	assert.Equal(t, out("merged_result\n"), cli.Invoke(app, "merged"))
	assert.Equal(t, out("late_result\n"), cli.Invoke(app, "late_registration", "late"))
	assert.Equal(t, failed(2, `shop: there is no command "blue"; see shop --help`), cli.Invoke(app, "blue", "--help"))
}

func TestACommandTakesThePlaceOfABuiltInOne(t *testing.T) {
	app := newApp()
	app.Command(retort.Command{Name: "run", Run: say("own")})
	app.Command(retort.Command{Name: "help", Run: say("own help")})
	assert.Equal(t, out("own\n"), cli.Invoke(app, "run"))
	assert.Equal(t, out("own help\n"), cli.Invoke(app, "help"))
}

func TestTheHelpOfAnApp(t *testing.T) {
	app := newApp()
	app.Command(retort.Command{Name: "create-user", Help: "Create a user.\n\nAt once.", Run: say("")})
	const want = `Usage: shop [OPTIONS] COMMAND [ARGS]...

  The command line of the retort app "shop".

Commands:
  completion   Print a script that completes commands in a shell.
  config       Show the settings of the app, and where each comes from.
  create-user  Create a user.
  help         Show the help of a command.
  routes       Show the rules of the app.
  run          Run the development server.
  version      Show the versions of the app, retort and Go.

Options:
  -e, --env-file FILE       Read environment variables from this file. What the
                            environment has already stays.
      --debug / --no-debug  Turn the debug mode on or off.
      --version             Show the versions of the app, retort and Go.
  -h, --help                Show this help.

  Options can be set in the environment too: RETORT_ENV_FILE is --env-file.
`
	assert.Equal(t, out(want), cli.Invoke(app, "--help"))
	assert.Equal(t, cli.Result{ExitCode: 2, Stderr: want}, cli.Invoke(app))
	for _, command := range []string{"run", "routes", "config", "version", "create-user"} {
		help := cli.Invoke(app, command, "--help")
		assert.True(t, strings.HasPrefix(help.Stdout, "Usage: shop "+command), help.Stdout)
		assert.Less(t, strings.Count(help.Stdout, "\n"), 36, "the help of %s is longer than a screen", command)
		for line := range strings.Lines(help.Stdout) {
			assert.LessOrEqual(t, len([]rune(line)), 81, line)
		}
	}
}

func TestTheFunctionThatMakesTheApp(t *testing.T) {
	made := 0
	factory := func() *retort.App {
		made++
		return newApp()
	}
	assert.Equal(t, 0, cli.Invoke(factory, "routes").ExitCode)
	assert.Equal(t, 1, made)
	assert.Equal(t, 0, cli.Invoke(func() (*retort.App, error) { return newApp(), nil }, "routes").ExitCode)
}

// TestAnAppThatCannotBeMade: Flask's test_no_command_echo_loading_error,
// test_help_echo_loading_error and test_help_echo_exception.
func TestAnAppThatCannotBeMade(t *testing.T) {
	broken := func() (*retort.App, error) { return nil, errors.New("the disk is full") }
	const line = "app: the app could not be made: the disk is full"
	assert.Equal(t, failed(1, line), cli.Invoke(broken, "run"))
	assert.Equal(t, failed(1, line), cli.Invoke(broken, "missing"))
	for _, words := range []string{"--help", "help", "help run", "run --help", "version", "--version", "completion bash"} {
		res := cli.Invoke(broken, strings.Fields(words)...)
		assert.Equal(t, 0, res.ExitCode, words)
		assert.NotEmpty(t, res.Stdout, words)
		assert.Equal(t, line+"\n", res.Stderr, words)
	}
	res := cli.Invoke(broken)
	assert.Equal(t, 2, res.ExitCode)
	assert.True(t, strings.HasPrefix(res.Stderr, line+"\nUsage: app [OPTIONS] COMMAND"), res.Stderr)

	assert.Equal(t, failed(1, "app: the app could not be made: the function that makes it gave nil"),
		cli.Invoke(func() *retort.App { return nil }, "routes"))
	misconfigured := func() *retort.App {
		app := newApp()
		app.Config.FromFile("nowhere.toml")
		return app
	}
	mistaken := func() *retort.App {
		app := newApp()
		app.Get("/notes/<int:id>")(func(id string) string { return id })
		return app
	}
	res = cli.Invoke(mistaken, "routes")
	assert.Equal(t, 1, res.ExitCode)
	assert.Regexp(t, `^app: the app could not be made: the rule "/notes/<int:id>" \([^ ]*cli_test.go:\d+\) and its view .* do not fit: .*\n$`, res.Stderr)
	t.Run("and a reloader that shows it", func(t *testing.T) {
		t.Setenv("RETORT_RUN_MAIN", "true")
		assert.Panics(t, func() { cli.Invoke(mistaken, "routes") })
	})
	res = cli.Invoke(misconfigured, "routes")
	assert.Equal(t, 1, res.ExitCode)
	assert.Regexp(t, `^app: the app could not be made: (retort: )?.*nowhere.toml: .*no such file.*\n$`, res.Stderr)
	assert.PanicsWithValue(t, "oh no", func() { cli.Invoke(func() *retort.App { panic("oh no") }, "routes") })
	assert.PanicsWithValue(t, "retort: cli was given no app; give it a *retort.App or the function that makes it",
		func() { cli.Invoke((*retort.App)(nil), "routes") })
}

// debugApp has a command that shows the debug mode.
func debugApp(before bool) *retort.App {
	app := newApp()
	app.Config.Set("DEBUG", before)
	app.Command(retort.Command{Name: "show", Run: func(c *retort.Context, args *retort.CommandArgs) error {
		_, err := fmt.Fprintln(args.Stdout, c.App.Config.Bool("DEBUG"))
		return err
	}})
	return app
}

// TestDebug: Flask's test_flaskgroup_debug.
func TestDebug(t *testing.T) {
	assert.Equal(t, out("true\n"), cli.Invoke(debugApp(false), "--debug", "show"))
	assert.Equal(t, out("false\n"), cli.Invoke(debugApp(true), "--no-debug", "show"))
	assert.Equal(t, out("true\n"), cli.Invoke(debugApp(true), "show"))
	assert.Equal(t, out("false\n"), cli.Invoke(debugApp(false), "show"))
	t.Setenv("RETORT_DEBUG", "1")
	assert.Equal(t, out("true\n"), cli.Invoke(debugApp(false), "show"))
	assert.Equal(t, out("false\n"), cli.Invoke(debugApp(true), "--no-debug", "show"))
	t.Setenv("RETORT_DEBUG", "0")
	assert.Equal(t, out("false\n"), cli.Invoke(debugApp(true), "show"))
}

// unset removes a variable for the time of the test.
func unset(t *testing.T, name string) {
	t.Helper()
	t.Setenv(name, "")
	require.NoError(t, os.Unsetenv(name))
}

func TestEnvFile(t *testing.T) {
	for _, name := range []string{"RETORT_COLOUR", "RETORT_ROUTES_SORT"} {
		unset(t, name)
	}
	file := filepath.Join(t.TempDir(), "prod.env")
	require.NoError(t, os.WriteFile(file, []byte("RETORT_COLOUR=red\nRETORT_ROUTES_SORT=rule\n"), 0o600))
	factory := func() *retort.App {
		app := newApp()
		app.Config.FromPrefixedEnv()
		app.Get("/b", retort.Endpoint("a"))(func() string { return "" })
		app.Get("/a", retort.Endpoint("b"))(func() string { return "" })
		return app
	}
	t.Run("an app that is made before", func(t *testing.T) {
		for _, name := range []string{"RETORT_COLOUR", "RETORT_ROUTES_SORT"} {
			unset(t, name)
		}
		assert.Equal(t, cli.Result{
			Stdout: "Endpoint  Methods  Rule\n--------  -------  ----\nb         GET      /a\na         GET      /b\n",
			Stderr: "shop: note: RETORT_COLOUR came from a file after the app was made, so its settings do not have it; give cli.Main the function that makes the app, or call retort.LoadDotenv before\n",
		}, cli.Invoke(factory(), "--env-file", file, "routes"))
	})
	t.Run("a function", func(t *testing.T) {
		for _, name := range []string{"RETORT_COLOUR", "RETORT_ROUTES_SORT"} {
			unset(t, name)
		}
		assert.Equal(t, out("COLOUR = \"red\"\nOrigin: RETORT_COLOUR in the environment\n"), cli.Invoke(factory, "-e", file, "config", "COLOUR"))
	})
	t.Run("a file that is not there", func(t *testing.T) {
		assert.Equal(t, failed(2, "app: --env-file: there is no file nope.env; see app --help"), cli.Invoke(factory, "-e", "nope.env", "routes"))
	})
}

func TestVersion(t *testing.T) {
	want := fmt.Sprintf("Go %s\nPlatform %s/%s\n", strings.TrimPrefix(runtime.Version(), "go"), runtime.GOOS, runtime.GOARCH)
	for _, word := range []string{"version", "--version"} {
		res := cli.Invoke(newApp(), word)
		assert.Equal(t, 0, res.ExitCode)
		assert.Regexp(t, `^shop \S+\nretort \S+\n`, res.Stdout)
		assert.True(t, strings.HasSuffix(res.Stdout, want), res.Stdout)
	}
}

func TestConfig(t *testing.T) {
	dir := t.TempDir()
	app := newApp(retort.RootPath(dir))
	app.Config.Set("SECRET_KEY", "do not tell")
	app.Config.Set("COLOUR", "red")
	res := cli.Invoke(app, "config")
	assert.True(t, strings.HasPrefix(res.Stdout, "Root path: "+dir+" (the option RootPath)\n\nKey "), res.Stdout)
	assert.Regexp(t, `(?m)^COLOUR +"red" +cli_test.go:\d+$`, res.Stdout)
	assert.Regexp(t, `(?m)^SECRET_KEY +\[hidden\] +cli_test.go:\d+$`, res.Stdout)
	assert.Regexp(t, `(?m)^DEBUG +false +default$`, res.Stdout)
	assert.NotContains(t, res.Stdout, "SERVER_NAME")
	assert.NotContains(t, res.Stdout, "tell")
	assert.Regexp(t, `(?m)^SERVER_NAME +unset +default$`, cli.Invoke(app, "config", "--all").Stdout)

	assert.Regexp(t, "^DEBUG = false\nOrigin: default\n\n\\S.*\n$", cli.Invoke(app, "config", "debug").Stdout)
	assert.Regexp(t, "^SECRET_KEY = \\[hidden\\]\nOrigin: cli_test.go:\\d+\n\n\\S.*\n$", cli.Invoke(app, "config", "SECRET_KEY").Stdout)
	assert.Regexp(t, "^colour = 3\nOrigin: cli_test.go:\\d+\n$", func() string {
		app.Config.Set("colour", 3)
		return cli.Invoke(app, "config", "colour").Stdout
	}())
	assert.Equal(t, failed(1, "shop config: there is no setting DEBUK; did you mean DEBUG?"), cli.Invoke(app, "config", "DEBUK"))
	assert.Equal(t, failed(1, "shop config: there is no setting XYZ"), cli.Invoke(app, "config", "XYZ"))
}
