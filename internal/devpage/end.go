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
		if start = raceStart(lines); start >= 0 {
			return readRace(lines[start:], root)
		}
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

// raceLine is above and below what the race detector reports.
const raceLine = "=================="

// raceStart is where the report of the race detector begins that the lines end
// with, -1 if they do not.
func raceStart(lines []string) int {
	end := len(lines)
	for end > 0 && (lines[end-1] == "" || exitLine.MatchString(lines[end-1])) {
		end--
	}
	if end == 0 || lines[end-1] != raceLine {
		return -1
	}
	for i := end - 2; i >= 0; i-- {
		if lines[i] == raceLine {
			return i + 1
		}
	}
	return -1
}

// readRace reads such a report.
func readRace(lines []string, root string) ending {
	e := ending{Message: "data race"}
	for _, line := range lines {
		if accessLine.MatchString(line) && strings.Contains(line, " by ") {
			e.Message += "\n" + strings.TrimSuffix(line, ":")
		}
	}
	e.find(lines, root)
	return e
}

// find looks for the first call of the application.
func (e *ending) find(lines []string, root string) {
	for _, line := range lines {
		if m := placeLine.FindStringSubmatch(line); m != nil && within(m[2], root) {
			e.File = m[2]
			e.Line, _ = strconv.Atoi(m[3])
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
