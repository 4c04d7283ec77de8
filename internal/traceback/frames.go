package traceback

import (
	"runtime"
	"slices"
	"strings"

	"github.com/retort-go/retort/internal/devbuild"
)

// around is how many lines of source are shown before and after the one that is
// meant.
const around = 5

// maxShown is how many frames a Traceback has at most, once recursions are
// folded: half of them from each end.
const maxShown = 200

// framesOf are the calls of a stack, without the machinery of the panic and that
// of the server, recursions folded.
func framesOf(p *program, stack []uintptr) (frames []Frame, omitted int) {
	if len(stack) == 0 {
		return nil, 0
	}
	walk := runtime.CallersFrames(stack)
	for {
		f, more := walk.Next()
		if f.Function != "" {
			frames = append(frames, frameOf(p, f))
		}
		if !more {
			break
		}
	}
	frames = withoutServer(withoutPanic(frames))
	frames = fold(frames)
	if n := len(frames); n > maxShown {
		omitted = n - maxShown
		for i := maxShown / 2; i < n-maxShown/2; i++ {
			omitted += frames[i].Cycle * frames[i].Repeated
		}
		frames = append(frames[:maxShown/2:maxShown/2], frames[n-maxShown/2:]...)
	}
	for i := range frames {
		frames[i].Newer = frames[i].Own() && p.newer(frames[i].File)
	}
	return frames, omitted
}

func frameOf(p *program, f runtime.Frame) Frame {
	pkg := packageOf(f.Function)
	return Frame{
		Function: f.Function,
		Package:  pkg,
		File:     f.File,
		Line:     f.Line,
		Kind:     p.kind(pkg, f.File),
		Inlined:  f.Func == nil, // runtime keeps none for a call that was put into its caller
	}
}

// deferred is how many calls there are at most from the one that asks for a stack
// up to gopanic.
const deferred = 4

// withoutPanic cuts off what is above the function that panicked: the deferred
// function that looks, gopanic, and what the runtime does for a nil pointer or an
// index out of range.
func withoutPanic(frames []Frame) []Frame {
	for i, f := range frames[:min(len(frames), deferred)] {
		if f.Function == "runtime.gopanic" {
			frames = withoutRethrowing(frames[i+1:])
			break
		}
	}
	for len(frames) > 1 && (frames[0].Package == "runtime" || frames[0].Package == "internal/runtime/maps") {
		frames = frames[1:]
	}
	return frames
}

// withoutRethrowing cuts off a deferred function of the standard library that has
// recovered a panic and panicked with it again, as those of encoding/json do: the
// stack goes on where it was first.
func withoutRethrowing(frames []Frame) []Frame {
	for i, f := range frames[:min(len(frames), deferred)] {
		switch {
		case f.Function == "runtime.gopanic":
			return frames[i+1:]
		case f.Kind != Standard:
			return frames
		}
	}
	return frames
}

// withoutServer cuts off what called the application: all that is outside of the
// outermost App, then everything of retort and of Go itself at the end. When
// nothing would be left it is the stack as it was.
func withoutServer(frames []Frame) []Frame {
	end := len(frames)
	for i := end - 1; i >= 0; i-- {
		if f := frames[i].Function; f == framework+".(*App).ServeHTTP" || f == framework+".(*App).Call" {
			end = i
			break
		}
	}
	for end > 0 && (frames[end-1].Kind == Framework || frames[end-1].Kind == Standard) {
		end--
	}
	if end == 0 {
		return frames
	}
	return frames[:end]
}

// The limits of what counts as a recursion.
const (
	maxCycle = 8 // frames of one round
	minFold  = 3 // rounds that are left out at least
)

// fold leaves out the rounds of recursions after the first.
func fold(frames []Frame) []Frame {
	out := frames[:0:0]
	for i := 0; i < len(frames); {
		cycle, rounds := recursion(frames[i:])
		if rounds-1 < minFold {
			out = append(out, frames[i])
			i++
			continue
		}
		out = append(out, frames[i:i+cycle]...)
		last := &out[len(out)-1]
		last.Cycle, last.Repeated = cycle, rounds-1
		i += cycle * rounds
	}
	return out
}

// recursion is the shortest cycle that begins the frames, and how often it comes.
func recursion(frames []Frame) (cycle, rounds int) {
	for cycle := 1; cycle <= maxCycle && 2*cycle <= len(frames); cycle++ {
		rounds := 1
		for at := cycle; at+cycle <= len(frames) && sameCalls(frames[:cycle], frames[at:at+cycle]); at += cycle {
			rounds++
		}
		if rounds-1 >= minFold {
			return cycle, rounds
		}
	}
	return 1, 1
}

func sameCalls(a, b []Frame) bool {
	for i := range a {
		if a[i].Line != b[i].Line || a[i].Function != b[i].Function || a[i].File != b[i].File {
			return false
		}
	}
	return true
}

// ReadSource reads the source around each frame that has none yet, as far as it
// is on this machine.
func (t *Traceback) ReadSource() {
	for i := range t.Frames {
		f := &t.Frames[i]
		if f.Excerpt == nil && f.File != "" && f.Line > 0 && !strings.HasPrefix(f.File, "<") {
			f.Excerpt = f.read()
		}
	}
}

// maxDeclared is how many lines of a function are shown at most.
const maxDeclared = 30

// read gives the source around the line, or all of a function of which no more is
// known than where it begins.
func (f *Frame) read() []devbuild.SourceLine {
	if !f.Declared {
		return devbuild.Excerpt(f.File, f.Line, around)
	}
	lines := devbuild.Excerpt(f.File, f.Line, maxDeclared)
	first := slices.IndexFunc(lines, func(l devbuild.SourceLine) bool { return l.Marked })
	if first < 0 {
		return nil
	}
	lines = lines[first:]
	if n := endOf(lines); n > 1 {
		return lines[:min(n, maxDeclared)]
	}
	return devbuild.Excerpt(f.File, f.Line, around)
}

// endOf is how many lines the function has that begins the lines of source which
// gofmt has laid out.
func endOf(lines []devbuild.SourceLine) int {
	text := lines[0].Text
	if !strings.HasSuffix(text, "{") && !strings.HasSuffix(text, "(") {
		return 1
	}
	indent := text[:len(text)-len(strings.TrimLeft(text, "\t"))]
	for i, l := range lines[1:] {
		if strings.HasPrefix(l.Text, indent+"}") {
			return i + 2
		}
	}
	return len(lines)
}

// Excerpt gives a line of a text with those around it.
func Excerpt(text string, line int) []devbuild.SourceLine {
	var all []devbuild.SourceLine
	number := 0
	for s := range strings.Lines(text) {
		number++
		if number >= line-around && number <= line+around {
			all = append(all, devbuild.SourceLine{Number: number, Text: strings.TrimRight(s, "\r\n"), Marked: number == line})
		}
	}
	return all
}
