package formparser

import (
	"cmp"
	"math"
)

// Limits bound what [Parse] spends on one form. A field that is zero stands for
// its default, a negative one for no limit.
//
// The size of the whole body is not among them: it belongs to the reader that
// Parse is given, whose error Parse passes on.
type Limits struct {
	// FormMemorySize is how many bytes the values of all text fields may have
	// together, or a urlencoded body as a whole; default
	// [DefaultFormMemorySize]. Files do not count.
	//
	// Differs from Flask: Werkzeug counts each text field for itself, so that a
	// thousand fields of the largest size pass; here they share the limit.
	FormMemorySize int64

	// FormParts is how many parts a multipart form may have, files and text
	// fields together; default [DefaultFormParts].
	FormParts int

	// FileMemorySize is how many bytes of all files together stay in memory;
	// default [DefaultFileMemorySize]. It refuses nothing: a file that does not
	// fit goes to the temporary file.
	FileMemorySize int64
}

// The defaults of [Limits].
//
// Source: Werkzeug: formparser.py, default_stream_factory; wrappers/request.py,
// max_form_memory_size and max_form_parts.
const (
	DefaultFormMemorySize = 500_000
	DefaultFormParts      = 1000
	DefaultFileMemorySize = 500 << 10
)

// What the header of one part may have. No client of good faith comes near.
const (
	maxPartHeaderSize  = 8 << 10 // bytes, with line breaks and the empty line
	maxPartHeaderLines = 32      // continuations included
)

// resolved gives every field the number to compare with.
func (l Limits) resolved() Limits {
	l.FormMemorySize = bound(l.FormMemorySize, DefaultFormMemorySize)
	l.FormParts = int(min(bound(int64(l.FormParts), DefaultFormParts), math.MaxInt))
	l.FileMemorySize = bound(l.FileMemorySize, DefaultFileMemorySize)
	return l
}

// bound stays below the largest int64, so that one more does not overflow.
func bound(n, fallback int64) int64 {
	const none = math.MaxInt64 - 1
	if n < 0 {
		return none
	}
	return min(cmp.Or(n, fallback), none)
}
