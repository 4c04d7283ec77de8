package cmdline

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// shop is a program with one of everything. Commands print what they were given.
func shop(env map[string]string) (p *Program, out, errs *strings.Builder) {
	out, errs = new(strings.Builder), new(strings.Builder)
	show := func(call *Call) error {
		_, err := fmt.Fprintln(call.Stdout, call.Path, call.Values, call.Given)
		return err
	}
	fail := func(err error) func(*Call) error { return func(*Call) error { return err } }
	root := &Command{
		Help:  "A shop.",
		Flags: []Flag{{Name: "env-file", Short: "e", Metavar: "FILE", Help: "Read this."}},
		Commands: []*Command{
			{Name: "run", Help: "Run it.\n\nFor as long as it takes.", Run: show, Flags: []Flag{
				{Name: "host", Short: "h"},
				{Name: "port", Short: "p", Value: 5000, Help: "Where."},
				{Name: "reload", Value: false, Negatable: true, Help: "Again and again."},
			}},
			{Name: "add", Help: "Add things.", Run: show, Flags: []Flag{
				{Name: "all", Short: "a", Value: false},
				{Name: "very", Short: "v", Value: false, NoEnv: true},
				{Name: "factor", Value: 1.5},
				{Name: "wait", Value: time.Second},
				{Name: "tag", Short: "t", Value: []string(nil)},
				{Name: "pair", Value: []string(nil), Metavar: "A B"},
				{Name: "size", Value: "m", Choices: []string{"s", "m", "l"}},
			}, Args: []Argument{{Name: "count", Value: 0, Help: "How many."}, {Name: "what", Many: true, Optional: true}}},
			{Name: "db", Help: "The database.", Commands: []*Command{
				{Name: "up", Help: "Up.", Run: show, Flags: []Flag{{Name: "to", Required: true}}},
				{Name: "fail", Run: fail(errors.New("retort: it is full"))},
				{Name: "exit", Run: fail(Status(7))},
				{Name: "odd", Run: fail(&UsageError{"shop db odd", errors.New("odd")})},
			}},
		},
	}
	lookup := func(name string) (string, bool) { v, ok := env[name]; return v, ok }
	return &Program{Name: "shop", Root: root, EnvPrefix: "RETORT", LookupEnv: lookup, Stdout: out, Stderr: errs}, out, errs
}

func TestWhatIsRead(t *testing.T) {
	for _, tt := range []struct {
		name string
		line string
		env  map[string]string
		want string
	}{
		{"defaults", "run", nil, "shop run map[env-file: host: port:5000 reload:false] map[]"},
		{"values after blanks", "run --host ::1 -p 80", nil, "shop run map[env-file: host:::1 port:80 reload:false] map[host:true port:true]"},
		{"values in the word", "run --host=a=b -p80", nil, "shop run map[env-file: host:a=b port:80 reload:false] map[host:true port:true]"},
		{"a short one with =", "run -p=80 -hx", nil, "shop run map[env-file: host:x port:80 reload:false] map[host:true port:true]"},
		{"an empty value", "run --host=", nil, "shop run map[env-file: host: port:5000 reload:false] map[host:true]"},
		{"a value that looks like a flag", "run --host --port", nil, "shop run map[env-file: host:--port port:5000 reload:false] map[host:true]"},
		{"the last one counts", "run --reload -p 1 --no-reload -p 2", nil, "shop run map[env-file: host: port:2 reload:false] map[port:true reload:true]"},
		{"a bool with a value", "run --reload=yes", nil, "shop run map[env-file: host: port:5000 reload:true] map[reload:true]"},
		{"the environment", "run", map[string]string{"RETORT_RUN_PORT": "9", "RETORT_RUN_RELOAD": "on", "RETORT_ENV_FILE": "f"}, "shop run map[env-file:f host: port:9 reload:true] map[env-file:true port:true reload:true]"},
		{"the line before the environment", "run -p 8", map[string]string{"RETORT_RUN_PORT": "9"}, "shop run map[env-file: host: port:8 reload:false] map[port:true]"},
		{"an empty variable", "run", map[string]string{"RETORT_RUN_PORT": ""}, "shop run map[env-file: host: port:5000 reload:false] map[]"},
		{"options of the program", "-e f run", nil, "shop run map[env-file:f host: port:5000 reload:false] map[env-file:true]"},
		{"arguments between flags", "add 3 -a x --size l y", nil, "shop add map[all:true count:3 env-file: factor:1.5 pair:[] size:l tag:[] very:false wait:1s what:[x y]] map[all:true count:true size:true what:true]"},
		{"shorts together", "add -avtx 3", nil, "shop add map[all:true count:3 env-file: factor:1.5 pair:[] size:m tag:[x] very:true wait:1s what:[]] map[all:true count:true tag:true very:true]"},
		{"other types", "add 3 --factor -2.5 --wait 2m", nil, "shop add map[all:false count:3 env-file: factor:-2.5 pair:[] size:m tag:[] very:false wait:2m0s what:[]] map[count:true factor:true wait:true]"},
		{"lists", "add -3 -t x --tag y --pair 1 2 --pair=3 4", nil, "shop add map[all:false count:-3 env-file: factor:1.5 pair:[1 2 3 4] size:m tag:[x y] very:false wait:1s what:[]] map[count:true pair:true tag:true]"},
		{"lists of the environment", "add 3", map[string]string{"RETORT_ADD_TAG": "x" + string(os.PathListSeparator) + "y", "RETORT_ADD_PAIR": "1 2"}, "shop add map[all:false count:3 env-file: factor:1.5 pair:[1 2] size:m tag:[x y] very:false wait:1s what:[]] map[count:true pair:true tag:true]"},
		{"a list in the place of that", "add 3 -t z", map[string]string{"RETORT_ADD_TAG": "x"}, "shop add map[all:false count:3 env-file: factor:1.5 pair:[] size:m tag:[z] very:false wait:1s what:[]] map[count:true tag:true]"},
		{"one that the environment does not set", "add 3", map[string]string{"RETORT_ADD_VERY": "1.2"}, "shop add map[all:false count:3 env-file: factor:1.5 pair:[] size:m tag:[] very:false wait:1s what:[]] map[count:true]"},
		{"no flags after --", "add 3 -- -a --all", nil, "shop add map[all:false count:3 env-file: factor:1.5 pair:[] size:m tag:[] very:false wait:1s what:[-a --all]] map[count:true what:true]"},
		{"a dash", "add 3 -", nil, "shop add map[all:false count:3 env-file: factor:1.5 pair:[] size:m tag:[] very:false wait:1s what:[-]] map[count:true what:true]"},
		{"a command of a group", "db up --to 3", nil, "shop db up map[env-file: to:3] map[to:true]"},
		{"a needed flag of the environment", "db up", map[string]string{"RETORT_DB_UP_TO": "3"}, "shop db up map[env-file: to:3] map[to:true]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, out, errs := shop(tt.env)
			assert.Equal(t, 0, p.Run(context.Background(), strings.Fields(tt.line)))
			assert.Equal(t, tt.want+"\n", out.String())
			assert.Empty(t, errs.String())
		})
	}
}

func TestMistakes(t *testing.T) {
	for _, tt := range []struct {
		line string
		env  map[string]string
		code int
		want string
	}{
		{"rum", nil, 2, `shop: there is no command "rum"; did you mean run?`},
		{"xyz", nil, 2, `shop: there is no command "xyz"; see shop --help`},
		{"db upp", nil, 2, `shop db: there is no command "upp"; did you mean up?`},
		{"run --prot 3", nil, 2, `shop run: there is no flag --prot; did you mean --port?`},
		{"run --no-relaod", nil, 2, `shop run: there is no flag --no-relaod; did you mean --no-reload?`},
		{"run --no-port", nil, 2, `shop run: there is no flag --no-port; did you mean --port?`},
		{"run -x", nil, 2, `shop run: there is no flag -x; see shop run --help`},
		{"run --env-file x", nil, 2, `shop run: --env-file stands before the command: shop --env-file … run; see shop run --help`},
		{"run --port", nil, 2, `shop run: --port needs a value: --port NUMBER; see shop run --help`},
		{"run -p x", nil, 2, `shop run: -p takes a whole number, not "x"; see shop run --help`},
		{"run --reload=perhaps", nil, 2, `shop run: --reload takes yes or no, not "perhaps"; see shop run --help`},
		{"run x", nil, 2, `shop run: "x" is one argument too many; see shop run --help`},
		{"run", map[string]string{"RETORT_RUN_PORT": "x"}, 2, `shop run: RETORT_RUN_PORT in the environment: --port takes a whole number, not "x"; see shop run --help`},
		{"add", nil, 2, `shop add: the argument COUNT is missing; see shop add --help`},
		{"add x", nil, 2, `shop add: COUNT takes a whole number, not "x"; see shop add --help`},
		{"add 1 --factor x", nil, 2, `shop add: --factor takes a number, not "x"; see shop add --help`},
		{"add 1 --wait 3", nil, 2, `shop add: --wait takes a time such as 90s or 1h30m, not "3"; see shop add --help`},
		{"add 1 --size xl", nil, 2, `shop add: --size takes one of s, m, l, not "xl"; did you mean l?`},
		{"add 1 --pair x", nil, 2, `shop add: --pair needs a value: --pair A B; see shop add --help`},
		{"db up", nil, 2, `shop db up: --to TEXT is needed; see shop db up --help`},
		{"db fail", nil, 1, `shop db fail: it is full`},
		{"db odd", nil, 2, `shop db odd: odd; see shop db odd --help`},
		{"db exit", nil, 7, ``},
		{"help rum", nil, 2, `shop help: there is no command "rum"; did you mean run?`},
		{"completion tcsh", nil, 2, `shop completion: SHELL takes one of bash, zsh, fish, not "tcsh"; see shop completion --help`},
	} {
		t.Run(tt.line, func(t *testing.T) {
			p, out, errs := shop(tt.env)
			assert.Equal(t, tt.code, p.Run(context.Background(), strings.Fields(tt.line)))
			assert.Empty(t, out.String())
			assert.Equal(t, tt.want, strings.TrimSuffix(errs.String(), "\n"))
		})
	}
}

const helpOfShop = `Usage: shop [OPTIONS] COMMAND [ARGS]...

  A shop.

Commands:
  add         Add things.
  completion  Print a script that completes commands in a shell.
  db          The database.
  help        Show the help of a command.
  run         Run it.

Options:
  -e, --env-file FILE  Read this.
  -h, --help           Show this help.

  Options can be set in the environment too: RETORT_ENV_FILE is --env-file.
`

const helpOfRun = `Usage: shop run [OPTIONS]

  Run it.

  For as long as it takes.

Options:
  -h, --host TEXT
  -p, --port NUMBER           Where. [default: 5000]
      --reload / --no-reload  Again and again.
      --help                  Show this help.

  Options can be set in the environment too: RETORT_RUN_HOST is --host.
`

func TestHelp(t *testing.T) {
	for _, tt := range []struct {
		line      string
		code      int
		out, errs string
	}{
		{"", 2, "", helpOfShop},
		{"--help", 0, helpOfShop, ""},
		{"-h", 0, helpOfShop, ""},
		{"help", 0, helpOfShop, ""},
		{"run --help", 0, helpOfRun, ""},
		{"run --port 3 --help x", 0, helpOfRun, ""},
		{"help run", 0, helpOfRun, ""},
		{"add --help", 0, helpOfAdd, ""},
		{"help db up", 0, "Usage: shop db up [OPTIONS]\n\n  Up.\n\nOptions:\n      --to TEXT  [needed]\n  -h, --help     Show this help.\n\n  Options can be set in the environment too: RETORT_DB_UP_TO is --to.\n", ""},
		{"db", 2, "", "Usage: shop db COMMAND [ARGS]...\n\n  The database.\n\nCommands:\n  exit\n  fail\n  odd\n  up    Up.\n\nOptions:\n  -h, --help  Show this help.\n"},
	} {
		t.Run(tt.line, func(t *testing.T) {
			p, out, errs := shop(nil)
			assert.Equal(t, tt.code, p.Run(context.Background(), strings.Fields(tt.line)))
			assert.Equal(t, tt.out, out.String())
			assert.Equal(t, tt.errs, errs.String())
		})
	}
}

const helpOfAdd = `Usage: shop add [OPTIONS] COUNT [WHAT...]

  Add things.

Arguments:
  COUNT  How many.

Options:
  -a, --all
  -v, --very
      --factor DECIMAL  [default: 1.5]
      --wait DURATION   [default: 1s]
  -t, --tag TEXT
      --pair A B
      --size s|m|l      [default: m]
  -h, --help            Show this help.

  Options can be set in the environment too: RETORT_ADD_ALL is --all.
`

func TestHelpWorksInABrokenEnvironment(t *testing.T) {
	p, out, _ := shop(map[string]string{"RETORT_RUN_PORT": "x"})
	assert.Equal(t, 0, p.Run(context.Background(), []string{"run", "--help"}))
	assert.Contains(t, out.String(), "Usage: shop run")
}

func TestACommandOfTheProgramTakesThePlaceOfHelp(t *testing.T) {
	p, out, _ := shop(nil)
	p.Root.Commands = append(p.Root.Commands, &Command{Name: "help", Run: func(c *Call) error { _, err := fmt.Fprint(c.Stdout, "own"); return err }})
	assert.Equal(t, 0, p.Run(context.Background(), []string{"help"}))
	assert.Equal(t, "own", out.String())
}

func TestLeading(t *testing.T) {
	p, _, _ := shop(nil)
	assert.Equal(t, "x", p.Leading([]string{"-e", "x", "run", "-e", "y"}).String("env-file"))
	assert.Equal(t, "x", p.Leading([]string{"-e", "x", "--nope"}).String("env-file"))
	assert.Empty(t, p.Leading(nil).String("env-file"))
}

func TestLongHelp(t *testing.T) {
	p := &Program{Name: "p", EnvPrefix: "P", Stdout: new(strings.Builder), Root: &Command{
		Help: "First.\n\nA paragraph that is so long that it has to be broken somewhere, which is done at a blank.\n\nThis stays:\n  a\n    b",
		Flags: []Flag{
			{Name: "a-flag-with-a-name", Metavar: "THAT-IS-VERY-LONG", Help: "Has its help below."},
			{Name: "kind", Metavar: "KIND", Choices: []string{"a", "b"}, Help: "Of which kind."},
			{Name: "naught", Value: 0},
		},
		Args: []Argument{{Name: "kind", Choices: []string{"x", "y"}}, {Name: "plain", Optional: true}},
		Run:  func(*Call) error { return nil },
	}}
	assert.Equal(t, 0, p.Run(context.Background(), []string{"--help"}))
	assert.Equal(t, `Usage: p [OPTIONS] KIND [PLAIN]

  First.

  A paragraph that is so long that it has to be broken somewhere, which is done
  at a blank.

  This stays:
    a
      b

Commands:
  completion  Print a script that completes commands in a shell.
  help        Show the help of a command.

Arguments:
  KIND  One of x, y.

Options:
      --a-flag-with-a-name THAT-IS-VERY-LONG
                       Has its help below.
      --kind KIND      Of which kind. One of a, b.
      --naught NUMBER
  -h, --help           Show this help.

  Options can be set in the environment too: P_A_FLAG_WITH_A_NAME is
  --a-flag-with-a-name.
`, p.Stdout.(*strings.Builder).String())
}

func TestPeek(t *testing.T) {
	p, _, _ := shop(nil)
	call := p.Peek([]string{"-e", "x", "run", "-p", "3", "--what", "--reload"})
	assert.Equal(t, "shop run", call.Path)
	assert.Equal(t, "x", call.String("env-file"))
	assert.Equal(t, 3, call.Int("port"))
	assert.False(t, call.Bool("reload"), "it stands after what cannot be understood")
}

// TestAFlagOfTheProgramAndOfACommand: it is the same one, and what stands later in
// the line counts.
func TestAFlagOfTheProgramAndOfACommand(t *testing.T) {
	for line, want := range map[string]string{
		"x":                       "false false",
		"--debug x":               "true true",
		"x --debug":               "true true",
		"--debug x --no-debug":    "false true",
		"--no-debug x":            "false true",
		"P_DEBUG=1 x":             "true true",
		"P_DEBUG=1 x --no-debug":  "false true",
		"P_DEBUG=1 P_X_DEBUG=0 x": "false true",
		"P_X_DEBUG=0 --debug x":   "true true",
		"P_X_DEBUG=1 x":           "true true",
	} {
		t.Run(line, func(t *testing.T) {
			env := make(map[string]string)
			words := strings.Fields(line)
			for strings.Contains(words[0], "=") {
				name, value, _ := strings.Cut(words[0], "=")
				env[name], words = value, words[1:]
			}
			debug := []Flag{{Name: "debug", Value: false, Negatable: true}}
			p := &Program{Name: "p", EnvPrefix: "P", Stdout: new(strings.Builder), Stderr: new(strings.Builder)}
			p.LookupEnv = func(name string) (string, bool) { v, ok := env[name]; return v, ok }
			p.Root = &Command{Flags: debug, Commands: []*Command{{Name: "x", Flags: debug, Run: func(call *Call) error {
				_, err := fmt.Fprint(call.Stdout, call.Bool("debug"), " ", call.Given["debug"])
				return err
			}}}}
			assert.Equal(t, 0, p.Run(context.Background(), words))
			assert.Equal(t, want, p.Stdout.(*strings.Builder).String())
		})
	}
}

func TestEnvNames(t *testing.T) {
	p, _, _ := shop(nil)
	assert.Equal(t, []string{
		"RETORT_ENV_FILE", "RETORT_RUN_HOST", "RETORT_RUN_PORT", "RETORT_RUN_RELOAD",
		"RETORT_ADD_ALL", "RETORT_ADD_FACTOR", "RETORT_ADD_WAIT", "RETORT_ADD_TAG", "RETORT_ADD_PAIR", "RETORT_ADD_SIZE",
		"RETORT_DB_UP_TO",
	}, p.EnvNames())
}

// FuzzRun holds that a program answers every line: it runs a command, shows a
// help, or says on one line of standard error what is wrong.
func FuzzRun(f *testing.F) {
	for _, s := range []string{"run --port 3", "add 1 -- -a", "--e", "db", "add -avtx=3 --pair a", "help run x", "__complete zsh add --size=", "__complete bash : shop", "run --=", "-", "--", "run --port\x00\x1b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		p, out, errs := shop(nil)
		words := strings.Split(line, " ")
		code := p.Run(context.Background(), words)
		switch {
		case code == 0, words[0] == CompleteWord:
			assert.Empty(t, errs.String())
		case strings.HasPrefix(errs.String(), "Usage: "), code == 7:
			assert.Empty(t, out.String())
		default:
			assert.Empty(t, out.String())
			assert.Equal(t, 1, strings.Count(errs.String(), "\n"), errs.String())
		}
	})
}
