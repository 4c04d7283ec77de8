package traceback

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
)

// String is the traceback as plain text: type and message, what the error wraps,
// the stack with the innermost call first and the line of the source where it was
// read. Calls of retort, and those of Go that lead to one of its, are counted
// only.
//
//	*fs.PathError: open notes.txt: no such file or directory
//	  wraps syscall.Errno: no such file or directory
//
//	main.(*store).open
//	    store.go:31  return os.Open(name)
//	main.show
//	    main.go:12  n, err := s.open(id)
//	(4 calls of retort)
func (t *Traceback) String() string {
	var b strings.Builder
	b.WriteString(t.Type + ": " + t.Message + "\n")
	for _, l := range t.Chain[min(1, len(t.Chain)):] {
		fmt.Fprintf(&b, "%swraps %s: %s\n", strings.Repeat("  ", l.Depth), l.Type, indentLines(l.Message, l.Depth))
	}
	if lines := t.Stack(""); len(lines) > 0 {
		b.WriteString("\n" + strings.Join(lines, "\n") + "\n")
	}
	return b.String()
}

// indentLines puts the lines of a message after the first below it.
func indentLines(text string, depth int) string {
	return strings.ReplaceAll(text, "\n", "\n"+strings.Repeat("  ", depth+1))
}

// Stack are the lines of the stack in [Traceback.String]. Files below the folder
// dir are relative to it, unless it is "".
func (t *Traceback) Stack(dir string) []string {
	var lines []string
	left := make(map[string]int) // calls that are only counted, by what they are of
	var order []string
	flush := func() {
		for _, of := range order {
			lines = append(lines, "("+count(left[of], "call")+" of "+of+")")
		}
		clear(left)
		order = nil
	}
	for i, f := range t.Frames {
		if of := t.counted(i); of != "" {
			if left[of]++; left[of] == 1 {
				order = append(order, of)
			}
			continue
		}
		flush()
		lines = append(lines, f.lines(dir)...)
		if t.Omitted > 0 && i == len(t.Frames)/2-1 {
			lines = append(lines, "("+count(t.Omitted, "call")+" left out)")
		}
	}
	flush()
	return lines
}

// counted is what a frame is of when it is only counted, else "".
func (t *Traceback) counted(i int) string {
	switch t.Frames[i].Kind {
	case Framework:
		return "retort"
	case Standard:
		for _, f := range t.Frames[i+1:] { // what was called by the application is worth a line
			switch f.Kind {
			case Framework:
				return t.Frames[i].Package
			case App, Library, Template:
				return ""
			}
		}
	}
	return ""
}

// lines are the function, and below it the place with its source.
func (f *Frame) lines(dir string) []string {
	place := "    " + f.Place(dir)
	if text := f.source(); text != "" {
		place += "  " + text
	}
	if f.Note != "" {
		place += "  (" + f.Note + ")"
	}
	lines := []string{f.Function, place}
	if f.Repeated > 0 {
		lines = append(lines, fmt.Sprintf("(%s %d times more)", lastFrames(f.Cycle), f.Repeated))
	}
	return lines
}

func lastFrames(n int) string {
	if n == 1 {
		return "this call"
	}
	return "these " + strconv.Itoa(n) + " calls"
}

// Place is "file.go:12", relative to dir when the file lies in that folder.
func (f *Frame) Place(dir string) string {
	if f.File == "" {
		return "an unknown place"
	}
	file := filepath.ToSlash(f.File)
	if dir != "" {
		file = strings.TrimPrefix(file, strings.TrimSuffix(filepath.ToSlash(dir), "/")+"/")
	}
	if f.Line == 0 {
		return file
	}
	return file + ":" + strconv.Itoa(f.Line)
}

// source is the line that is meant, without the blanks around it.
func (f *Frame) source() string {
	for _, l := range f.Excerpt {
		if l.Marked {
			return cut(strings.TrimSpace(l.Text), 200)
		}
	}
	return ""
}

func count(n int, of string) string {
	if n == 1 {
		return "1 " + of
	}
	return strconv.Itoa(n) + " " + of + "s"
}

// Mask replaces every text of the traceback by what f gives for it, source lines
// by what source gives, and shortens the messages.
func (t *Traceback) Mask(f, source func(string) string) {
	t.Type, t.Message = f(t.Type), cut(f(t.Message), maxMessage)
	for i := range t.Chain {
		l := &t.Chain[i]
		l.Type, l.Message = f(l.Type), cut(f(l.Message), maxMessage)
	}
	maskFrames(t.Frames, f, source)
}

// Mask is that of [Traceback].
func (g *Goroutines) Mask(f, source func(string) string) {
	for i := range g.Groups {
		g.Groups[i].State, g.Groups[i].CreatedBy = f(g.Groups[i].State), f(g.Groups[i].CreatedBy)
		maskFrames(g.Groups[i].Frames, f, source)
	}
}

func maskFrames(frames []Frame, f, source func(string) string) {
	for i := range frames {
		frame := &frames[i]
		frame.Function, frame.Package, frame.File, frame.Note = f(frame.Function), f(frame.Package), f(frame.File), f(frame.Note)
		for j := range frame.Excerpt {
			frame.Excerpt[j].Text = source(frame.Excerpt[j].Text)
		}
	}
}
