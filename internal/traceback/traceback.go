// Package traceback tells what a program failed with and where: the error and
// those that it wraps, the stack as functions of the application, of libraries and
// of the framework, the source around each, and what all goroutines were doing.
package traceback

import (
	"runtime"

	"github.com/retort-go/retort/internal/devbuild"
)

// Traceback is a failure as it is shown and logged. The texts in it are those of
// the program: mask them with [Traceback.Mask] before anybody sees them.
type Traceback struct {
	// Type and Message are those of the error: "*fs.PathError", "open x: …".
	Type, Message string
	// Chain are the error and all that it wraps, from the outside in; the first
	// is the error itself.
	Chain []Link
	// Frames are the calls that led to the failure, the innermost first. Those of
	// the server that called the application are left out.
	Frames []Frame
	// Omitted is how many calls were left out because there are too many.
	Omitted int
}

// Link is one error of a chain.
type Link struct {
	// Depth is how many errors wrap it. One that wraps several is followed by the
	// first of them with all that that wraps, then by the second.
	Depth         int
	Type, Message string
}

// Frame is one call.
type Frame struct {
	// Function is the name with the whole path of its package:
	// "example.com/blog/store.(*Store).Get". Of a template it is its name.
	Function string
	// Package is the path of the package, "" of a template.
	Package string
	// File is the source file, "" when it is not known.
	File string
	Line int
	Kind Kind
	// Inlined says that the compiler put the call into its caller.
	Inlined bool
	// Newer says that the file was changed after the program was built, so that
	// Line and Excerpt may not be what was run.
	Newer bool
	// Declared says that Line is that of the function's declaration, because where
	// in it is not known.
	Declared bool
	// Note says what is special about the frame, "" for most.
	Note string
	// Cycle is above 0 for the last frame of a recursion: the Cycle frames up to
	// this one come Repeated more times, which are left out.
	Cycle, Repeated int
	// Excerpt is the source around the line; nil until [Traceback.ReadSource], and
	// when there is none on this machine.
	Excerpt []devbuild.SourceLine
}

// Kind is whose code a frame is.
type Kind int

// The kinds of a [Frame].
const (
	App       Kind = iota // of the main module, the workspace, or a module replaced by a folder
	Library               // of another module
	Standard              // of Go itself
	Framework             // of retort
	Template              // of a template of the application
)

// String is the name, in lower case.
func (k Kind) String() string {
	return [...]string{"app", "library", "standard", "framework", "template"}[k]
}

// Own reports whether the frame is one that the author of the application wrote.
func (f *Frame) Own() bool { return f.Kind == App || f.Kind == Template }

// Name is the function without the folders of its package: "store.(*Store).Get".
func (f *Frame) Name() string { return shortName(f.Function) }

// maxFrames is how deep a stack is looked at.
const maxFrames = 16 << 10

// Callers gives the program counters of the calling goroutine's stack, as
// runtime.Callers does: skip 0 is the caller of Callers. In a deferred function
// they are those of the panic.
func Callers(skip int) []uintptr {
	var few [64]uintptr
	if n := runtime.Callers(skip+2, few[:]); n < len(few) {
		return append([]uintptr(nil), few[:n]...)
	}
	many := make([]uintptr, maxFrames)
	return append([]uintptr(nil), many[:runtime.Callers(skip+2, many)]...)
}
