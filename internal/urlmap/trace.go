package urlmap

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// String prints the look-up as an indented trace, one line a step: ✓ for what was
// taken, ✗ for what was refused and why. For the rules /u/me, /u/<int:id> and
// /u/<name>:
//
//	GET /u/abc
//	  ✓ "u"             is the next segment
//	  ✗   <int>         refused "abc"   weight: converters 50
//	  ✓   <string>      took "abc"      weight: converters 100
//	  ✓     /u/<name>   matches: endpoint user
//	  ✓ name            = "abc"
//	found: endpoint user
func (e *Explanation) String() string {
	lines := make([]traceLine, 0, len(e.Steps))
	for _, s := range e.Steps {
		if s.Kind == StepStatic && s.Part == `""` && s.Depth < traceDepth {
			continue // an empty domain, and the empty text in front of the first slash
		}
		lines = append(lines, newTraceLine(s))
	}
	var b strings.Builder
	for i := range lines {
		lines[i].write(&b, widest(lines, traceLine.subjectWidth), widest(lines, traceLine.reasonWidth))
	}
	return b.String()
}

// traceDepth is the depth of the first segment.
const traceDepth = 2

// traceLine is one line of a trace.
type traceLine struct {
	heading bool // only the reason, at the margin
	mark    string
	subject string
	reason  string
	weight  string
}

func newTraceLine(s Step) traceLine {
	line := traceLine{mark: "✗", reason: s.Reason}
	if s.Taken {
		line.mark = "✓"
	}
	if s.Weight != "" {
		line.weight = "weight: " + s.Weight
	}
	indent := strings.Repeat("  ", max(0, s.Depth-traceDepth))
	switch s.Kind {
	case StepSearch, StepOutcome:
		line.heading = true
	case StepRule, StepSlash, StepLate:
		line.subject = indent + s.Rule
	case StepEnd:
		line.subject = indent + "·"
	default:
		line.subject = indent + s.Part
	}
	return line
}

func (l traceLine) subjectWidth() int { return utf8.RuneCountInString(l.subject) }

func (l traceLine) reasonWidth() int {
	if l.weight == "" {
		return 0
	}
	return utf8.RuneCountInString(l.reason)
}

func widest(lines []traceLine, width func(traceLine) int) int {
	widest := 0
	for _, l := range lines {
		widest = max(widest, width(l))
	}
	return widest
}

func (l traceLine) write(b *strings.Builder, subject, reason int) {
	if l.heading {
		fmt.Fprintln(b, l.reason)
		return
	}
	line := fmt.Sprintf("  %s %-*s   %-*s   %s", l.mark, subject, l.subject, reason, l.reason, l.weight)
	fmt.Fprintln(b, strings.TrimRight(line, " "))
}
