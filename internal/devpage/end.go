package devpage

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/retort-go/retort/internal/devbuild"
)

// ending is what a program ended with, as its output tells.
type ending struct {
	Message string // the panic, or what it wrote at last; may be empty
	File    string // where in the application; "" when unknown
	Line    int
	Excerpt []devbuild.SourceLine
}

// The limits of a message.
const (
	maxMessage      = 2000
	maxMessageLines = 12
)

var (
	logDate  = regexp.MustCompile(`^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d(\.\d+)? `)
	exitLine = regexp.MustCompile(`^exit status \d+$`)
)

// readEnding reads the end of what a program wrote whose source is below root.
// The text has no colours.
func readEnding(text, root string) ending {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	start := fatalStart(lines)
	if start < 0 {
		return ending{Message: lastWords(lines)}
	}
	var e ending
	var message []string
	for _, line := range lines[start:] {
		if line == "" || goroutineLine.MatchString(line) || len(message) == maxMessageLines {
			break
		}
		message = append(message, strings.TrimSuffix(line, " [recovered, repanicked]"))
	}
	e.Message = shorten(strings.TrimPrefix(strings.Join(message, "\n"), "panic: "), maxMessage)
	e.find(lines[start:], root)
	return e
}

// fatalStart is the last line with which the runtime begins to say why it ends
// the program, -1 if there is none. A stack must follow.
func fatalStart(lines []string) int {
	stack := false
	for i := len(lines) - 1; i >= 0; i-- {
		switch {
		case goroutineLine.MatchString(lines[i]):
			stack = true
		case stack && strings.HasPrefix(lines[i], "fatal error: ") || stack && strings.HasPrefix(lines[i], "panic: "):
			return i
		}
	}
	return -1
}

// find looks for the first call of the application.
func (e *ending) find(lines []string, root string) {
	for _, line := range lines {
		if m := placeLine.FindStringSubmatch(line); m != nil && within(m[1], root) {
			e.File = m[1]
			e.Line, _ = strconv.Atoi(m[2])
			e.Excerpt = devbuild.Excerpt(e.File, e.Line, 4)
			return
		}
	}
}

// lastWords is the last line that says something.
func lastWords(lines []string) string {
	for i := len(lines) - 1; i >= 0; i-- {
		line := strings.TrimSpace(lines[i])
		if line != "" && !exitLine.MatchString(line) {
			return shorten(logDate.ReplaceAllString(line, ""), maxMessage)
		}
	}
	return ""
}
