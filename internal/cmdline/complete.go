package cmdline

import (
	"cmp"
	"embed"
	"fmt"
	"slices"
	"strings"
)

// CompleteWord has the program write what may come next, for the shell: its
// arguments are the words after the program's name, the last one perhaps not
// whole.
const CompleteWord = "__complete"

//go:embed completion/*
var scripts embed.FS

// completionCommand is the command completion.
func (p *Program) completionCommand() *Command {
	return &Command{
		Name: "completion",
		Help: "Print a script that completes commands in a shell.\n\n" +
			"Put this into the start-up file of the shell:\n\n" +
			"  bash  source <(" + p.Name + " completion bash)\n" +
			"  zsh   source <(" + p.Name + " completion zsh)\n" +
			"  fish  " + p.Name + " completion fish | source",
		Args: []Argument{{Name: "shell", Choices: []string{"bash", "zsh", "fish"}}},
		Run: func(call *Call) error {
			script, err := scripts.ReadFile("completion/" + call.String("shell"))
			if err != nil {
				return err
			}
			_, err = fmt.Fprint(call.Stdout, strings.NewReplacer("FUNCTION", identifier(p.Name), "PROGRAM", p.Name).Replace(string(script)))
			return err
		},
	}
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

// writeCandidates writes a line for each word that may be meant: the word, and
// after a tab what it does.
func (p *Program) writeCandidates(words []string) {
	for _, c := range p.candidates(words) {
		fmt.Fprintf(p.Stdout, "%s\t%s\n", c.left, c.right)
	}
}

// candidates are what may stand in the place of the last word, sorted. There are
// none where only the user can know: the shell then offers files.
func (p *Program) candidates(words []string) []row {
	if len(words) == 0 {
		words = []string{""}
	}
	words = joinedFlags(words)
	last := words[len(words)-1]
	r := newParser(p, words[:len(words)-1])
	for len(r.words) > 0 {
		_ = r.next() // what cannot be understood is passed over
	}
	var rows []row
	prefix := last
	name, value, inline := strings.Cut(last, "=")
	switch c := r.command(); {
	case r.waiting != nil:
		rows = choiceRows(r.waiting.Choices)
	case strings.HasPrefix(last, "-") && inline:
		prefix = value // the shells take what stands after the =
		rows = choiceRows(c.flagNamed(strings.TrimLeft(name, "-")).Choices)
	case strings.HasPrefix(last, "-"):
		rows = flagWords(c)
	case c.group():
		rows = commandRows(c)
	case len(r.args) < len(c.Args):
		rows = choiceRows(c.Args[len(r.args)].Choices)
	}
	rows = slices.DeleteFunc(rows, func(r row) bool { return !strings.HasPrefix(r.left, prefix) })
	slices.SortFunc(rows, func(a, b row) int { return cmp.Compare(a.left, b.left) })
	return rows
}

// joinedFlags undoes that bash takes --flag=value for three words.
func joinedFlags(words []string) []string {
	var out []string
	for i := 0; i < len(words); i++ {
		if words[i] == "=" && len(out) > 0 && strings.HasPrefix(out[len(out)-1], "--") {
			out[len(out)-1] += "="
			if i++; i < len(words) {
				out[len(out)-1] += words[i]
			}
			continue
		}
		out = append(out, words[i])
	}
	return out
}

func choiceRows(choices []string) []row {
	var rows []row
	for _, c := range choices {
		rows = append(rows, row{c, ""})
	}
	return rows
}

// flagNamed is a flag of the command, one without choices if it has none such.
func (c *Command) flagNamed(name string) *Flag {
	for i := range c.Flags {
		if c.Flags[i].Name == name {
			return &c.Flags[i]
		}
	}
	return new(Flag)
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
	s, _, _ := strings.Cut(f.Help, ". ")
	return strings.TrimSuffix(s, ".")
}
