package cmdline

import (
	"cmp"
	"embed"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
)

// CompleteWord has the program write what may come next, for a shell, which is
// the first word after it. For bash follow the characters at which bash divides
// words, and the line as far as it was typed; for the others the words after the
// program's name, the last one perhaps not whole.
//
// The status 1 says that the shell should offer files.
const CompleteWord = "__complete"

//go:embed completion/*
var scripts embed.FS

// completionCommand is the command completion.
func (p *Program) completionCommand() *Command {
	return &Command{
		Name: "completion",
		Help: "Print a script that completes commands in a shell.\n\n" +
			"Put one of these lines into the start-up file of your shell; for zsh, below its compinit:\n\n" +
			"  bash  eval \"$(" + p.Name + " completion bash)\"    # ~/.bashrc\n" +
			"  zsh   source <(" + p.Name + " completion zsh)    # ~/.zshrc\n" +
			"  fish  " + p.Name + " completion fish | source    # ~/.config/fish/config.fish\n\n" +
			"The program must be on your PATH. It is asked at each TAB, so that it knows its own commands.",
		Args: []Argument{{Name: "shell", Choices: []string{"bash", "zsh", "fish"}}},
		Run: func(call *Call) error {
			if !plainName(p.Name) {
				return fmt.Errorf("no script can complete for a program called %q: its name means something to a shell; give it one of letters, digits and . _ + -", p.Name)
			}
			script, err := scripts.ReadFile("completion/" + call.String("shell"))
			if err != nil {
				return err
			}
			_, err = fmt.Fprint(call.Stdout, strings.NewReplacer("FUNCTION", identifier(p.Name), "PROGRAM", p.Name).Replace(string(script)))
			return err
		},
	}
}

// plainName reports whether a shell takes a name as it is, wherever it stands: the
// scripts are run by the shell.
func plainName(name string) bool {
	return name != "" && name[0] != '-' && !strings.ContainsFunc(name, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("._+-", r)
	})
}

// identifier is a name with which a shell function may be named.
func identifier(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, name)
}

// complete answers a shell, and gives the exit status. Each line is a candidate,
// and but for bash, after a tab, what it is.
func (p *Program) complete(words []string) int {
	if len(words) == 0 {
		return 1
	}
	shell, words := words[0], words[1:]
	line := typed{words: words}
	switch shell {
	case "bash":
		if len(words) != 2 {
			return 1
		}
		line = readLine(words[1], words[0])
		line.words = line.words[min(1, len(line.words)-1):] // without the program
	case "fish":
		line.unquoteLast()
	}
	s := p.suggest(line.words)
	if s.files {
		return 1
	}
	for _, c := range s.rows {
		switch {
		case printable(c.left) != c.left: // the shell would take it for several
		case shell == "bash":
			fmt.Fprintln(p.Stdout, line.rest(s.before+c.left))
		case shell == "fish":
			fmt.Fprintf(p.Stdout, "%s\t%s\n", s.before+c.left, c.right)
		default:
			fmt.Fprintf(p.Stdout, "%s\t%s\n", c.left, c.right)
		}
	}
	return 0
}

// suggestions are what may stand in the place of the last word.
type suggestions struct {
	rows   []row  // sorted
	before string // what of the word stands before each of them: --flag=
	files  bool   // only the user knows, who may mean a file
}

// suggest finds what may stand in the place of the last word.
func (p *Program) suggest(words []string) suggestions {
	if len(words) == 0 {
		words = []string{""}
	}
	last := words[len(words)-1]
	r := newParser(p, words[:len(words)-1])
	for len(r.words) > 0 {
		_ = r.next() // what cannot be understood is passed over
	}
	s := r.suggest(last)
	prefix := strings.TrimPrefix(last, s.before)
	s.rows = slices.DeleteFunc(s.rows, func(r row) bool { return !strings.HasPrefix(r.left, prefix) })
	slices.SortFunc(s.rows, func(a, b row) int { return cmp.Compare(a.left, b.left) })
	return s
}

// suggest is [Program.suggest] after the words before the last one, and with what
// does not begin like that.
func (p *parser) suggest(last string) suggestions {
	name, _, inline := strings.Cut(last, "=")
	switch c := p.command(); {
	case p.waiting != nil:
		return values(p.waiting.Choices, p.waiting.Value)
	case !p.onlyArgs && strings.HasPrefix(last, "--") && inline:
		f := c.flagNamed(strings.TrimPrefix(name, "--"))
		s := values(f.Choices, f.Value)
		s.before = name + "="
		return s
	case !p.onlyArgs && strings.HasPrefix(last, "-"):
		return suggestions{rows: flagWords(c)}
	case c.group():
		return suggestions{rows: commandRows(c)}
	case c.candidates != nil:
		return suggestions{rows: c.candidates(p.args)}
	case len(p.args) < len(c.Args):
		a := c.Args[len(p.args)]
		return values(a.Choices, a.Value)
	case len(c.Args) > 0 && c.Args[len(c.Args)-1].Many:
		a := c.Args[len(c.Args)-1]
		return values(a.Choices, a.Value)
	}
	return suggestions{}
}

// values are those of a flag or argument of the type of value. A text without
// choices can be a file.
func values(choices []string, value any) suggestions {
	var s suggestions
	for _, c := range choices {
		s.rows = append(s.rows, row{c, ""})
	}
	switch value.(type) {
	case bool, int, float64, time.Duration:
	default:
		s.files = len(choices) == 0
	}
	return s
}

// flagNamed is a flag of the command, one that takes nothing if it has none such.
func (c *Command) flagNamed(name string) *Flag {
	for i := range c.Flags {
		if c.Flags[i].Name == name {
			return &c.Flags[i]
		}
	}
	return &Flag{Value: false}
}

// flagWords are the flags of a command as they are typed.
func flagWords(c *Command) []row {
	rows := []row{{"--help", "Show this help."}}
	for i := range c.Flags {
		f := &c.Flags[i]
		rows = append(rows, row{"--" + f.Name, f.summary()})
		if f.Negatable {
			rows = append(rows, row{"--no-" + f.Name, f.summary()})
		}
	}
	return rows
}

// summary is the first sentence of the help.
func (f *Flag) summary() string {
	line, _, _ := strings.Cut(f.Help, "\n")
	s, _, _ := strings.Cut(line, ". ")
	return strings.TrimSuffix(s, ".")
}
