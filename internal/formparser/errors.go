package formparser

import "fmt"

// Limit names a limit in a [LimitError]. Those that can be configured have the
// name of Flask's configuration key.
type Limit string

// The limits that a form can exceed.
const (
	FormMemorySize  Limit = "MAX_FORM_MEMORY_SIZE"
	FormParts       Limit = "MAX_FORM_PARTS"
	PartHeaderSize  Limit = "part header size"
	PartHeaderLines Limit = "part header lines"
)

// LimitError says that a form exceeds a limit: a 413. It is found before the
// bytes too many are kept.
type LimitError struct {
	Limit Limit
	Max   int64 // bytes, parts or lines
	Part  int   // the part that exceeds it, counted from 1; 0 for a urlencoded body
}

// Error says which limit it was, and what to do where something can be done.
func (e *LimitError) Error() string {
	switch e.Limit {
	case FormMemorySize:
		return fmt.Sprintf("the text fields of the form have more than %d bytes (%s); send a long text as a file, or raise the limit", e.Max, e.Limit)
	case FormParts:
		return fmt.Sprintf("the form has more than %d parts (%s)", e.Max, e.Limit)
	case PartHeaderSize:
		return fmt.Sprintf("the header of part %d of the form has more than %d bytes", e.Part, e.Max)
	default:
		return fmt.Sprintf("the header of part %d of the form has more than %d lines", e.Part, e.Max)
	}
}

// SyntaxError says that a body is not the form that its Content-Type promises,
// or ends too early: a 400.
type SyntaxError struct {
	Part   int // the part at fault, counted from 1; 0 outside of the parts
	Reason string
}

// Error says what is wrong and where.
func (e *SyntaxError) Error() string {
	if e.Part == 0 {
		return "the form is malformed: " + e.Reason
	}
	return fmt.Sprintf("the form is malformed at part %d: %s", e.Part, e.Reason)
}

// ReadError says that the body could not be read to its end: the client went
// away, or the reader refused to go on. Err is the reader's error.
type ReadError struct{ Err error }

// Error wraps the reader's error.
func (e *ReadError) Error() string { return "reading the form: " + e.Err.Error() }

// Unwrap gives the reader's error.
func (e *ReadError) Unwrap() error { return e.Err }
