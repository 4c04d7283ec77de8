package cli

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// table lays rows out in columns, two blanks apart, with a line of dashes below
// the head.
func table(head []string, rows [][]string) string {
	dashes := make([]string, len(head))
	width := make([]int, len(head))
	for i := range head {
		width[i] = utf8.RuneCountInString(head[i])
		for _, row := range rows {
			width[i] = max(width[i], utf8.RuneCountInString(row[i]))
		}
		dashes[i] = strings.Repeat("-", width[i])
	}
	var b strings.Builder
	for _, row := range append([][]string{head, dashes}, rows...) {
		var line strings.Builder
		for i, cell := range row {
			fmt.Fprintf(&line, "%-*s  ", width[i], cell)
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	return b.String()
}
