package devpage

import (
	"html/template"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// span is a piece of output.
type span struct {
	Class string // of the style sheet; may be empty
	Text  string
	URL   template.URL // opens the place that the text names
}

// outputLine is a line of output.
type outputLine struct {
	Class string
	Spans []span
}

// output is what a program wrote at last, ready to be shown.
type output struct {
	Lines []outputLine
	// More are the lines from the second goroutine on.
	More       []outputLine
	Goroutines int // in More
}

var (
	goroutineLine = regexp.MustCompile(`^goroutine \d+ (gp=\S+ m=\S+ (mp=\S+ )?)?\[.*\]:$`)
	accessLine    = regexp.MustCompile(`^((Read|Write|Previous read|Previous write|Atomic \w+|Previous atomic \w+) at 0x[0-9a-f]+ by .+|Goroutine \d+ \(\w+\) created at):$`)
	placeLine     = regexp.MustCompile(`^(\t| {6})(.+\.(?:go|s)):(\d+)( \+0x[0-9a-f]+)?$`)
	callLine      = regexp.MustCompile(`^(created by |  )?\S.*[)\]\w]( in goroutine \d+)?$`)
)

// readOutput reads the output of a program whose source is below root.
func readOutput(text, root string) output {
	var o output
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	if strings.TrimSpace(text) == "" {
		return o
	}
	in, seen := false, 0
	var colors ansi
	for i, raw := range lines {
		line := outputLine{Spans: colors.spans(strings.TrimSuffix(raw, "\r"))}
		plain := line.plain()
		switch {
		case goroutineLine.MatchString(plain):
			in = true
			seen++
			line.Class = "goroutine"
		case accessLine.MatchString(plain): // in what the race detector reports
			in = true
			line.Class = "goroutine"
		case plain == "":
			in = false
		case in:
			next := ""
			if i+1 < len(lines) {
				next = lines[i+1]
			}
			line = frameLine(plain, next, root)
		}
		if seen > 1 {
			o.More = append(o.More, line)
		} else {
			o.Lines = append(o.Lines, line)
		}
	}
	for n := len(o.Lines); n > 0 && o.Lines[n-1].plain() == ""; n-- {
		o.Lines = o.Lines[:n-1]
	}
	o.Goroutines = max(seen-1, 0)
	return o
}

func (l outputLine) plain() string {
	var b strings.Builder
	for _, s := range l.Spans {
		b.WriteString(s.Text)
	}
	return b.String()
}

// frameLine is a line of the stack of a goroutine: a call, or the place of the
// call before it. What is not of the application is toned down.
func frameLine(line, next, root string) outputLine {
	if m := placeLine.FindStringSubmatch(line); m != nil {
		number, _ := strconv.Atoi(m[3])
		place := span{Class: "place", Text: m[2] + ":" + m[3], URL: EditorURL(m[2], number, 0)}
		return outputLine{frameClass(m[2], root), []span{{Text: m[1]}, place, {Class: "dim", Text: m[4]}}}
	}
	if m := placeLine.FindStringSubmatch(next); m != nil && callLine.MatchString(line) {
		return outputLine{frameClass(m[2], root), []span{{Class: "call", Text: line}}}
	}
	return outputLine{Spans: []span{{Text: line}}}
}

func frameClass(file, root string) string {
	if within(file, root) {
		return "own"
	}
	return "foreign"
}

// within reports whether a file is below root, and not in one of the folders that
// hold the work of others.
func within(file, root string) bool {
	rest, ok := strings.CutPrefix(filepath.ToSlash(file), strings.TrimSuffix(filepath.ToSlash(root), "/")+"/")
	return ok && root != "" && !strings.HasPrefix(rest, "vendor/") && !strings.Contains(rest, "/pkg/mod/") && !strings.HasPrefix(rest, "pkg/mod/")
}
