package cli

import (
	"strings"

	"github.com/retort-go/retort/internal/terminal"
)

// table lays rows out in columns, two blanks apart, with a line of dashes below
// the head.
//
// Differs from Flask: a column is as wide as the terminal shows it, also where
// characters take two places.
func table(head []string, rows [][]string) string {
	lines := [][]string{head, nil}
	for _, row := range rows {
		lines = append(lines, printable(row))
	}
	width := make([]int, len(head))
	for _, line := range lines {
		for i, cell := range line {
			width[i] = max(width[i], terminal.Width(cell))
		}
	}
	for i := range head {
		lines[1] = append(lines[1], strings.Repeat("-", width[i]))
	}
	var b strings.Builder
	for _, line := range lines {
		b.WriteString(strings.TrimRight(tableLine(line, width), " ") + "\n")
	}
	return b.String()
}

// tableLine fills the cells of a line up with blanks.
func tableLine(cells []string, width []int) string {
	var line strings.Builder
	for i, cell := range cells {
		line.WriteString(cell + strings.Repeat(" ", width[i]-terminal.Width(cell)+2))
	}
	return line.String()
}

// printable are cells that do not move the cursor.
func printable(cells []string) []string {
	shown := make([]string, len(cells))
	for i, cell := range cells {
		shown[i] = string(terminal.AppendPrintable(nil, cell))
	}
	return shown
}
