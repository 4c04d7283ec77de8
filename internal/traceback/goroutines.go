package traceback

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// Goroutines are what a program was doing, as groups of goroutines that stood at
// the same place.
type Goroutines struct {
	// Total is how many there were.
	Total int
	// Omitted is how many of them are in none of the Groups, because there is a
	// limit.
	Omitted int
	// Groups begin with that of the goroutine that asked, then come the largest.
	Groups []Group
}

// Group are goroutines with the same stack.
type Group struct {
	// IDs are the numbers of the goroutines, in order.
	IDs []int
	// State is what the first was waiting for: "chan receive, 3 minutes".
	State string
	// Frames are the calls, the innermost first.
	Frames []Frame
	// CreatedBy is the function with the go statement, "" when it is not known.
	CreatedBy string
}

// The limits of [AllGoroutines].
const (
	maxDump   = 1 << 20 // bytes of the stacks as text
	maxGroups = 100
	maxGroup  = 64 // frames
)

// AllGoroutines looks at all goroutines. The world stops meanwhile, which takes a
// few milliseconds for a thousand of them.
func AllGoroutines() *Goroutines {
	text := make([]byte, maxDump)
	n := runtime.Stack(text, true)
	g := ParseGoroutines(string(text[:n]))
	if total := runtime.NumGoroutine(); n == len(text) && total > g.Total {
		g.Omitted += total - g.Total
		g.Total = total
	}
	return g
}

// ParseGoroutines reads what runtime.Stack writes, also when it was cut off.
func ParseGoroutines(dump string) *Goroutines {
	g := new(Goroutines)
	places := make(map[string]int) // stack to index in Groups
	p := readProgram()
	for part := range strings.SplitSeq(dump, "\n\n") {
		id, state, calls, ok := parseHeading(part)
		if !ok {
			continue
		}
		g.Total++
		one := parseCalls(p, calls)
		key := one.key()
		i, known := places[key]
		switch {
		case known:
			g.Groups[i].IDs = append(g.Groups[i].IDs, id)
		case len(g.Groups) == maxGroups:
			g.Omitted++
		default:
			one.IDs, one.State = []int{id}, state
			places[key] = len(g.Groups)
			g.Groups = append(g.Groups, one)
		}
	}
	for i := range g.Groups {
		slices.Sort(g.Groups[i].IDs)
	}
	if len(g.Groups) > 1 { // the first is the one that asked
		slices.SortStableFunc(g.Groups[1:], func(a, b Group) int { return cmp.Compare(len(b.IDs), len(a.IDs)) })
	}
	return g
}

// parseHeading reads "goroutine 7 [chan receive, 3 minutes]:" and gives the lines
// after it.
func parseHeading(part string) (id int, state, calls string, ok bool) {
	heading, calls, _ := strings.Cut(strings.TrimLeft(part, "\n"), "\n")
	rest, ok := strings.CutPrefix(heading, "goroutine ")
	if !ok {
		return 0, "", "", false
	}
	number, rest, _ := strings.Cut(rest, " ")
	id, err := strconv.Atoi(number)
	open, end := strings.IndexByte(rest, '['), strings.LastIndexByte(rest, ']')
	if err != nil || open < 0 || end < open {
		return 0, "", "", false
	}
	return id, rest[open+1 : end], calls, true
}

// parseCalls reads the pairs of lines below the heading: a function with its
// arguments, and a tab with file and line.
func parseCalls(p *program, text string) Group {
	var g Group
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines) && len(g.Frames) < maxGroup; i++ {
		name, created := strings.CutPrefix(lines[i], "created by ")
		if name == "" || strings.HasPrefix(name, "\t") || strings.HasPrefix(name, "...") {
			continue
		}
		if created {
			name, _, _ = strings.Cut(name, " in goroutine ")
			g.CreatedBy = name
			break
		}
		f := Frame{Function: withoutArguments(name)}
		if i+1 < len(lines) {
			f.File, f.Line = parsePlace(lines[i+1])
		}
		f.Package = packageOf(f.Function)
		f.Kind = p.kind(f.Package, f.File)
		g.Frames = append(g.Frames, f)
	}
	return g
}

// withoutArguments takes "(0x1, {0x2, 0x3})" off a call. Receivers stand in
// parentheses too, but not at the end.
func withoutArguments(call string) string {
	if !strings.HasSuffix(call, ")") {
		return call
	}
	depth := 0
	for i := len(call) - 1; i >= 0; i-- {
		switch call[i] {
		case ')':
			depth++
		case '(':
			if depth--; depth == 0 {
				return call[:i]
			}
		}
	}
	return call
}

// parsePlace reads "\t/src/main.go:12 +0x1d".
func parsePlace(line string) (file string, number int) {
	line, ok := strings.CutPrefix(line, "\t")
	if !ok {
		return "", 0
	}
	line, _, _ = strings.Cut(line, " +0x")
	i := strings.LastIndexByte(line, ':')
	if i < 0 {
		return line, 0
	}
	number, err := strconv.Atoi(line[i+1:])
	if err != nil {
		return line, 0
	}
	return line[:i], number
}

// key is equal for goroutines that stand at the same place.
func (g *Group) key() string {
	var b strings.Builder
	for _, f := range g.Frames {
		fmt.Fprintf(&b, "%s\n%s:%d\n", f.Function, f.File, f.Line)
	}
	return b.String() + g.CreatedBy
}
