package cmdline

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/retort-go/retort/internal/terminal"
)

// UsageError is a mistake on the command line.
type UsageError struct {
	// Path is the command that it is about, as it was typed.
	Path string
	Err  error
}

// Error is the mistake.
func (e *UsageError) Error() string { return e.Err.Error() }

// Unwrap gives the mistake.
func (e *UsageError) Unwrap() error { return e.Err }

// ExitCode is 2.
func (e *UsageError) ExitCode() int { return 2 }

// parser walks along a command line.
type parser struct {
	program  *Program
	words    []string // what is left
	trail    []*Command
	values   map[string]any
	given    map[string]bool
	onLine   map[string]bool // those of given that the command line set
	args     []string
	onlyArgs bool  // -- was given
	help     bool  // --help was given
	fault    error // of the environment
	waiting  *Flag // the words ended where its value should be
}

// newParser begins at the root.
func newParser(program *Program, words []string) *parser {
	p := &parser{program: program, words: words}
	p.values, p.given, p.onLine = make(map[string]any), make(map[string]bool), make(map[string]bool)
	p.enter(program.Root)
	return p
}

// parse reads the words up to the end. What it found is in p also if it fails.
func (p *parser) parse() error {
	for len(p.words) > 0 && !p.help {
		if err := p.next(); err != nil {
			return err
		}
	}
	if p.help || p.command().group() {
		return nil
	}
	if p.fault != nil {
		return p.fault
	}
	if err := p.fillArgs(); err != nil {
		return err
	}
	return p.checkRequired()
}

// command is the innermost one that was named.
func (p *parser) command() *Command { return p.trail[len(p.trail)-1] }

// path is the command as it was typed.
func (p *parser) path() string {
	names := []string{p.program.Name}
	for _, c := range p.trail[1:] {
		names = append(names, c.Name)
	}
	return strings.Join(names, " ")
}

// enter goes into a command: its flags have their defaults, or what the
// environment says. One that a group around it has too, and that was given there,
// has that value.
func (p *parser) enter(c *Command) {
	p.trail = append(p.trail, c)
	for i := range c.Flags {
		f := &c.Flags[i]
		if p.onLine[f.Name] {
			continue
		}
		if !p.given[f.Name] {
			_, list := f.Value.([]string)
			p.values[f.Name] = zero(f.Value, list)
		}
		if err := p.fromEnv(f); err != nil && p.fault == nil {
			p.fault = err // not at once: --help must work
		}
	}
	for _, a := range c.Args {
		p.values[a.Name] = zero(a.Value, a.Many)
	}
}

// fromEnv takes a flag from the environment. One that is empty is not there.
func (p *parser) fromEnv(f *Flag) error {
	name := p.envName(f)
	text, _ := p.program.lookupEnv(name)
	if text == "" || f.NoEnv {
		return nil
	}
	texts := []string{text}
	if _, isList := f.Value.([]string); isList {
		texts = strings.Split(text, string(os.PathListSeparator))
	}
	if len(f.metavars()) > 1 {
		texts = strings.Fields(text)
	}
	s := setting{"--" + f.Name, f.Value, f.Choices}
	for i, text := range texts {
		v, err := s.parse(text)
		if err != nil {
			return fmt.Errorf("%s in the environment: %w", name, err)
		}
		p.set(f, v, i > 0)
	}
	return nil
}

// envName is the environment variable of a flag of the command.
func (p *parser) envName(f *Flag) string {
	parts := []string{p.program.EnvPrefix}
	for _, c := range p.trail[1:] {
		parts = append(parts, c.Name)
	}
	return envName(append(parts, f.Name)...)
}

// set keeps a value; those of a list are added to the ones before if more.
func (p *parser) set(f *Flag, v any, more bool) {
	if _, isList := f.Value.([]string); isList {
		var list []string
		if more {
			list, _ = p.values[f.Name].([]string)
		}
		v = append(slices.Clip(list), v.(string))
	}
	p.values[f.Name], p.given[f.Name] = v, true
}

// next reads one word, with its values if it is a flag that has some: a flag, the
// name of a command, an argument.
func (p *parser) next() error {
	word := p.words[0]
	p.words = p.words[1:]
	c := p.command()
	switch {
	case word == "--" && !c.group():
		p.args = append(p.args, p.words...)
		p.words, p.onlyArgs = nil, true
	case strings.HasPrefix(word, "--") && len(word) > 2:
		return p.takeLong(word[2:])
	case strings.HasPrefix(word, "-") && len(word) > 1 && !p.isNumber(word):
		return p.takeShort(word[1:])
	case c.group():
		inner := c.find(word)
		if inner == nil {
			return p.unknownCommand(word)
		}
		p.enter(inner)
	default:
		p.args = append(p.args, word)
	}
	return nil
}

// isNumber reports whether a word that begins with a dash is a negative number,
// and not a flag.
func (p *parser) isNumber(word string) bool {
	return strings.ContainsRune("0123456789.", rune(word[1])) && !p.command().hasShort(word[1:2])
}

func (p *parser) unknownCommand(word string) error {
	var names []string
	for _, inner := range p.command().Commands {
		names = append(names, inner.Name)
	}
	return fmt.Errorf("there is no command %q%s", word, meant("", names, word))
}

// takeLong reads "name", "name=value", "no-name".
func (p *parser) takeLong(word string) error {
	name, value, inline := strings.Cut(word, "=")
	if name == "help" && !inline {
		p.help = true
		return nil
	}
	c := p.command()
	for i := range c.Flags {
		f := &c.Flags[i]
		switch {
		case f.Negatable && name == "no-"+f.Name && !inline:
			p.set(f, false, false)
			return nil
		case name == f.Name:
			return p.takeValue(f, "--"+name, value, inline)
		}
	}
	return p.unknownFlag(name)
}

// takeShort reads "p", "pVALUE", "p=VALUE", and bools together: "av".
func (p *parser) takeShort(word string) error {
	c := p.command()
	for word != "" {
		_, n := utf8.DecodeRuneInString(word)
		short, rest := word[:n], word[n:]
		i := slices.IndexFunc(c.Flags, func(f Flag) bool { return f.Short == short })
		if i < 0 && short == "h" {
			p.help = true
			return nil
		}
		if i < 0 {
			return fmt.Errorf("there is no flag -%s", printable(short))
		}
		f := &c.Flags[i]
		if f.metavars() != nil {
			return p.takeValue(f, "-"+short, strings.TrimPrefix(rest, "="), rest != "")
		}
		p.set(f, true, false)
		word = rest
	}
	return nil
}

// takeValue reads the values of a flag; the first may be in the word itself.
func (p *parser) takeValue(f *Flag, name, value string, inline bool) error {
	s := setting{name, f.Value, f.Choices}
	vars := f.metavars()
	if vars == nil {
		if !inline {
			value = "true"
		}
		return p.setText(f, &s, value)
	}
	for i := range vars {
		if i > 0 || !inline {
			if len(p.words) == 0 {
				p.waiting = f
				return fmt.Errorf("%s needs a value: %s %s", name, name, strings.Join(vars, " "))
			}
			value, p.words = p.words[0], p.words[1:]
		}
		if err := p.setText(f, &s, value); err != nil {
			return err
		}
	}
	return nil
}

// setText keeps a value of the command line. It comes in the place of one of the
// environment, and is added to those before it in the line.
func (p *parser) setText(f *Flag, s *setting, text string) error {
	v, err := s.parse(text)
	if err == nil {
		p.set(f, v, p.onLine[f.Name])
		p.onLine[f.Name] = true
	}
	return err
}

// unknownFlag says that there is no such flag, and which may be meant.
func (p *parser) unknownFlag(name string) error {
	for i, c := range p.trail[:len(p.trail)-1] {
		for _, f := range c.Flags {
			if f.Name == name {
				outer := parser{program: p.program, trail: p.trail[:i+1]}
				return fmt.Errorf("--%s stands before the command: %s --%s … %s", name, outer.path(), name, p.command().Name)
			}
		}
	}
	var names []string
	for _, f := range p.command().Flags {
		names = append(names, f.Name)
		if f.Negatable {
			names = append(names, "no-"+f.Name)
		}
	}
	return fmt.Errorf("there is no flag --%s%s", printable(name), meant("--", append(names, "help"), name))
}

// printable is a word of the command line in a message.
func printable(word string) string { return string(terminal.AppendPrintable(nil, word)) }

// fillArgs gives the words to the arguments.
func (p *parser) fillArgs() error {
	words := p.args
	for _, a := range p.command().Args {
		if len(words) == 0 {
			if !a.Optional {
				return fmt.Errorf("the argument %s is missing", strings.ToUpper(a.Name))
			}
			return nil
		}
		n := 1
		if a.Many {
			n = len(words)
		}
		if err := p.setArg(a, words[:n]); err != nil {
			return err
		}
		words = words[n:]
	}
	if len(words) > 0 {
		return fmt.Errorf("%q is one argument too many", words[0])
	}
	return nil
}

func (p *parser) setArg(a Argument, words []string) error {
	s := setting{strings.ToUpper(a.Name), a.Value, a.Choices}
	p.given[a.Name] = true
	var list []string
	for _, word := range words {
		v, err := s.parse(word)
		if err != nil {
			return err
		}
		if !a.Many {
			p.values[a.Name] = v
			return nil
		}
		list = append(list, v.(string))
	}
	p.values[a.Name] = list
	return nil
}

func (p *parser) checkRequired() error {
	for i := range p.command().Flags {
		f := &p.command().Flags[i]
		if f.Required && !p.given[f.Name] {
			return fmt.Errorf("--%s %s is needed", f.Name, strings.Join(f.metavars(), " "))
		}
	}
	return nil
}

// call is what was read.
func (p *parser) call() *Call {
	return &Call{Path: p.path(), Values: maps.Clone(p.values), Given: maps.Clone(p.given)}
}
