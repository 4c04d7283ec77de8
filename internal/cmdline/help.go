package cmdline

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/retort-go/retort/internal/terminal"
)

// lineWidth is that of a terminal at its narrowest.
const lineWidth = 80

// maxLeft is the widest the left column of a list gets; what is wider stands on a
// line of its own.
const maxLeft = 28

// writeHelp writes the help of the command that r has come to.
//
// Its layout is that of click.
func (p *Program) writeHelp(w io.Writer, r *parser) error {
	c := r.command()
	h := helpWriter{color: terminal.Colors(w)}
	h.usage(r.path(), c)
	h.text(c.Help)
	h.list("Commands", commandRows(c))
	h.list("Arguments", argumentRows(c))
	h.list("Options", flagRows(c))
	if i := slices.IndexFunc(c.Flags, func(f Flag) bool { return !f.NoEnv }); i >= 0 {
		f := &c.Flags[i]
		h.text(fmt.Sprintf("Options can be set in the environment too: %s is --%s.", r.envName(f), f.Name))
	}
	_, err := io.WriteString(w, h.String())
	return err
}

// helpCommand is the command help.
func (p *Program) helpCommand() *Command {
	return &Command{
		Name: "help",
		Help: "Show the help of a command.",
		Args: []Argument{{Name: "command", Many: true, Optional: true}},
		Run: func(call *Call) error {
			r, err := p.walk(call.Strings("command"))
			if err != nil {
				return err
			}
			return p.writeHelp(call.Stdout, r)
		},
		candidates: func(args []string) []row {
			r, err := p.walk(args)
			if err != nil {
				return nil
			}
			return commandRows(r.command())
		},
	}
}

// walk goes into the command of these names.
func (p *Program) walk(names []string) (*parser, error) {
	r := newParser(p, nil)
	for _, name := range names {
		c := r.command().find(name)
		if c == nil {
			return nil, &UsageError{r.path(), r.unknownCommand(name)}
		}
		r.enter(c)
	}
	return r, nil
}

// row is an entry of a list: what it is about, and what is said about it.
type row struct{ left, right string }

func commandRows(c *Command) []row {
	var rows []row
	for _, inner := range c.Commands {
		rows = append(rows, row{inner.Name, inner.summary()})
	}
	slices.SortStableFunc(rows, func(a, b row) int { return cmp.Compare(a.left, b.left) })
	return rows
}

// argumentRows has the arguments that there is something to say about.
func argumentRows(c *Command) []row {
	var rows []row
	for _, a := range c.Args {
		text := withChoices(a.Help, a.Choices)
		if text != "" {
			rows = append(rows, row{strings.ToUpper(a.Name), text})
		}
	}
	return rows
}

func withChoices(help string, choices []string) string {
	if len(choices) == 0 {
		return help
	}
	return strings.TrimSpace(help + " One of " + strings.Join(choices, ", ") + ".")
}

func flagRows(c *Command) []row {
	var rows []row
	for i := range c.Flags {
		f := &c.Flags[i]
		left := shortName(f.Short) + "--" + f.Name
		if f.Negatable {
			left += " / --no-" + f.Name
		}
		for _, metavar := range f.metavars() {
			left += " " + metavar
		}
		help := f.Help
		if f.Metavar != "" {
			help = withChoices(help, f.Choices)
		}
		rows = append(rows, row{left, help + f.defaultNote()})
	}
	help := ""
	if !c.hasShort("h") {
		help = "h"
	}
	return append(rows, row{shortName(help) + "--help", "Show this help."})
}

func shortName(short string) string {
	if short == "" {
		return "    "
	}
	return "-" + short + ", "
}

// defaultNote names a default that is not empty.
func (f *Flag) defaultNote() string {
	if f.Required {
		return " [needed]"
	}
	switch v := f.Value.(type) {
	case nil, bool, []string:
		return ""
	default:
		if text := fmt.Sprint(v); text != "" && text != "0" && text != "0s" {
			return " [default: " + text + "]"
		}
	}
	return ""
}

// helpWriter lays the help out.
type helpWriter struct {
	strings.Builder
	color bool
}

func (h *helpWriter) usage(path string, c *Command) {
	line := path
	if len(c.Flags) > 0 {
		line += " [OPTIONS]"
	}
	if c.group() {
		line += " COMMAND [ARGS]..."
	}
	for i := range c.Args {
		line += " " + c.Args[i].metavar()
	}
	h.WriteString(terminal.Bold.Wrap("Usage:", h.color) + " " + line + "\n")
}

// text writes paragraphs. A line that is indented stays as it is.
func (h *helpWriter) text(s string) {
	if s = strings.TrimSpace(s); s == "" {
		return
	}
	h.WriteString("\n")
	for paragraph := range strings.SplitSeq(s, "\n\n") {
		if h.Len() > 0 && !strings.HasSuffix(h.String(), "\n\n") {
			h.WriteString("\n")
		}
		for _, line := range wrapParagraph(paragraph, lineWidth-2) {
			h.WriteString("  " + line + "\n")
		}
	}
}

// list writes rows in two columns.
func (h *helpWriter) list(title string, rows []row) {
	if len(rows) == 0 {
		return
	}
	left := 0
	for _, r := range rows {
		if n := len([]rune(r.left)); n <= maxLeft {
			left = max(left, n)
		}
	}
	h.WriteString("\n" + terminal.Bold.Wrap(title+":", h.color) + "\n")
	for _, r := range rows {
		h.row(r, left)
	}
}

func (h *helpWriter) row(r row, left int) {
	lines := wrap(r.right, lineWidth-left-4)
	if len([]rune(r.left)) > left {
		h.WriteString("  " + r.left + "\n")
		r.left = ""
	} else if len(lines) == 0 {
		h.WriteString("  " + r.left + "\n")
	}
	for i, line := range lines {
		if i > 0 {
			r.left = ""
		}
		fmt.Fprintf(h, "  %-*s  %s\n", left, r.left, line)
	}
}

// wrapParagraph wraps a paragraph, unless its lines are indented.
func wrapParagraph(s string, width int) []string {
	for line := range strings.SplitSeq(s, "\n") {
		if strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t") {
			return strings.Split(s, "\n")
		}
	}
	return wrap(s, width)
}

// wrap breaks a text into lines at its blanks.
func wrap(s string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(s) {
		if line != "" && len([]rune(line))+1+len([]rune(word)) > width {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}
