package cmdline

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const allCommands = "add\tAdd things.\ncompletion\tPrint a script that completes commands in a shell.\ndb\tThe database.\nhelp\tShow the help of a command.\nrun\tRun it.\n"

// completed is what the program shop answers a shell.
func completed(words ...string) (code int, out string) {
	p, text, _ := shop(nil)
	code = p.Run(context.Background(), append([]string{CompleteWord}, words...))
	return code, text.String()
}

func TestCandidates(t *testing.T) {
	for _, tt := range []struct {
		name  string
		words []string
		want  string
	}{
		{"nothing yet", nil, allCommands},
		{"an empty word", []string{""}, allCommands},
		{"the beginning of a command", []string{"r"}, "run\tRun it.\n"},
		{"the beginning of nothing", []string{"x"}, ""},
		{"a command of a group", []string{"db", "u"}, "up\tUp.\n"},
		{"flags", []string{"run", "--"}, "--help\tShow this help.\n--host\t\n--no-reload\tAgain and again\n--port\tWhere\n--reload\tAgain and again\n"},
		{"flags after flags", []string{"run", "--port", "3", "--p"}, "--port\tWhere\n"},
		{"no flags after --", []string{"completion", "--", "--"}, ""},
		{"arguments after --", []string{"completion", "--", "z"}, "zsh\t\n"},
		{"the choices of a flag", []string{"add", "--size", ""}, "l\t\nm\t\ns\t\n"},
		{"after an =", []string{"add", "--size=l"}, "l\t\n"},
		{"after an = of nothing", []string{"add", "--seize=l"}, ""},
		{"a number", []string{"run", "--port", ""}, ""},
		{"a bool", []string{"run", "--reload="}, ""},
		{"the choices of an argument", []string{"completion", "b"}, "bash\t\n"},
		{"one argument too many", []string{"completion", "bash", "b"}, ""},
		{"the help of a command", []string{"help", "r"}, "run\tRun it.\n"},
		{"the help of a command of a group", []string{"help", "db", "f"}, "fail\t\n"},
		{"the help of nothing", []string{"help", "x", ""}, ""},
		{"after what cannot be understood", []string{"run", "--what", "--por"}, "--port\tWhere\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			code, out := completed(append([]string{"zsh"}, tt.words...)...)
			assert.Equal(t, 0, code)
			assert.Equal(t, tt.want, out)
		})
	}
}

func TestWhereTheShellOffersFiles(t *testing.T) {
	for name, words := range map[string][]string{
		"a text":                  {"zsh", "run", "--host", "x"},
		"a text after an =":       {"zsh", "run", "--host=x"},
		"one of several texts":    {"zsh", "add", "--pair", "1", ""},
		"many arguments":          {"zsh", "add", "3", ""},
		"more of many arguments":  {"zsh", "add", "3", "x", "y"},
		"a file of the program":   {"zsh", "-e", ""},
		"nobody asks":             {},
		"bash does not say where": {"bash", "shop r"},
	} {
		code, out := completed(words...)
		assert.Equal(t, 1, code, name)
		assert.Empty(t, out, name)
	}
}

// breaks is COMP_WORDBREAKS as bash has it.
const breaks = " \t\n\"'@><=;|&(:"

// colours has choices that mean something to shells.
func colours(shell string, words ...string) string {
	out := new(strings.Builder)
	choices := []string{"deep blue", "a:b", "x=y", "it's", `q"t`, "$HOME", `a\b`, "-dash", "grün", "two\nlines"}
	p := &Program{Name: "p", Stdout: out, Root: &Command{Commands: []*Command{{
		Name: "dye", Flags: []Flag{{Name: "colour", Choices: choices}}, Run: func(*Call) error { return nil },
	}}}}
	p.Run(context.Background(), append([]string{CompleteWord, shell}, words...))
	return out.String()
}

func TestCandidatesForBash(t *testing.T) {
	for line, want := range map[string]string{
		`p d`:                       "dye\n",
		`./p  d`:                    "dye\n",
		`p dye --colour `:           "\\$HOME\n-dash\na:b\na\\\\b\ndeep\\ blue\ngrün\nit\\'s\nq\\\"t\nx=y\n",
		`p dye --colour d`:          "deep\\ blue\n",
		`p dye --colour deep\ b`:    "deep\\ blue\n",
		`p dye --colour "d`:         "deep blue\n",
		`p dye --colour 'deep `:     "deep blue\n",
		`p dye --colour 'it`:        "it'\\''s\n",
		`p dye --colour "q`:         "q\\\"t\n",
		`p dye --colour "$`:         "\\$HOME\n",
		`p dye --colour \$H`:        "\\$HOME\n",
		`p dye --colour a:`:         "b\n", // bash keeps what stands before its breaks
		`p dye --colour a\:`:        "a:b\n",
		`p dye --colour 'a:`:        "a:b\n",
		`p dye --colour=d`:          "deep\\ blue\n",
		`p dye --colour='d`:         "deep blue\n",
		`p dye --colour=x=`:         "y\n",
		`p dye --co`:                "--colour\n",
		`p dye "--co`:               "--colour\n",
		`p dye --colour '' --help `: "",
	} {
		assert.Equal(t, want, colours("bash", breaks, line), line)
	}
	assert.Equal(t, "a:b\n", colours("bash", " =", `p dye --colour a:`), "somebody has taken the : out")
}

// TestCandidatesForFish: fish wants the whole word, and gives it with its quotes.
func TestCandidatesForFish(t *testing.T) {
	for last, want := range map[string]string{
		"--colour=d": "--colour=deep blue\t\n",
		"--co":       "--colour\t\n",
	} {
		assert.Equal(t, want, colours("fish", "dye", last), last)
	}
	for last, want := range map[string]string{
		"de":      "deep blue\t\n",
		`'deep b`: "deep blue\t\n",
		`"de`:     "deep blue\t\n",
		`deep\ `:  "deep blue\t\n",
		`\$`:      "$HOME\t\n",
	} {
		assert.Equal(t, want, colours("fish", "dye", "--colour", last), last)
	}
}

func TestCompletionScripts(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish"} {
		p, out, _ := shop(nil)
		p.Name = "my-shop.v2"
		require.Equal(t, 0, p.Run(context.Background(), []string{"completion", shell}))
		assert.NotContains(t, out.String(), "PROGRAM")
		assert.NotContains(t, out.String(), "FUNCTION")
		assert.Contains(t, out.String(), "_my_shop_v2_complete")
		assert.Contains(t, out.String(), CompleteWord+" "+shell+" ")
	}
}

// FuzzReadLine holds that what is offered to bash for a word is that word once it
// stands in the line, within each kind of quotes.
func FuzzReadLine(f *testing.F) {
	for _, s := range []string{"deep blue", `a\b"c'd`, "$x`y", "é=:", "\x00"} {
		f.Add(s, breaks)
	}
	f.Fuzz(func(t *testing.T, word, breaks string) {
		for _, quote := range []string{"", "'", `"`} {
			line := "p " + quote
			typed := readLine(line, breaks)
			require.Equal(t, []string{"p", ""}, typed.words)
			if strings.ContainsAny(word, "\x00\r") || strings.ToValidUTF8(word, "") != word {
				continue // no candidate is like that
			}
			read := readLine(line+typed.rest(word)+quote, breaks)
			assert.Equal(t, []string{"p", word}, read.words, "in %q", quote)
			assert.LessOrEqual(t, read.kept, len(word))
		}
	})
}

// The shell that reads a script runs it, with the name of the program in it.
func TestNoScriptForANameThatAShellRuns(t *testing.T) {
	for name, ok := range map[string]bool{
		"shop": true, "my-shop_2.0+x": true, "caf\u00e9": true,
		"": false, "-e": false, "my shop": false, "shop;id": false, "$(id)": false, "`id`": false, "a\nid": false, "a'b": false, `a\b`: false, "~": false, "a/b": false, "*": false, "a&b": false,
	} {
		assert.Equal(t, ok, plainName(name), "%q", name)
	}
	for _, shell := range []string{"bash", "zsh", "fish"} {
		var stdout, stderr strings.Builder
		p := &Program{Name: "shop;id", Root: &Command{}, Stdout: &stdout, Stderr: &stderr}
		assert.Equal(t, 1, p.Run(context.Background(), []string{"completion", shell}))
		assert.Empty(t, stdout.String())
		assert.Equal(t, "shop;id completion: no script can complete for a program called \"shop;id\": its name means something to a shell; give it one of letters, digits and . _ + -\n", stderr.String())
	}
}
