// Package fault is what an application and the debugger know of each other: how
// the one learns that the other listens, and what it tells about a request that
// failed.
package fault

import (
	"context"

	"github.com/retort-go/retort/internal/traceback"
)

// Fault is a failed request as the debugger shows it. An App panics with a *Fault
// out of its ServeHTTP, in the place of the error, when the request's context says
// that a debugger listens. All of its texts are masked already.
type Fault struct {
	// Err is what the request failed with. Its own texts are not masked.
	Err error
	// Traceback is the failure; the source is read.
	Traceback *traceback.Traceback
	// Sections say what is known about the request and the app, in the order in
	// which they are to be shown.
	Sections []Section
	// Goroutines are what the program was doing. They are private.
	Goroutines *traceback.Goroutines
	// Logged says that the failure stands in the log.
	Logged bool
	// Mask hides the secrets of the app and of the request in a text that the
	// debugger adds itself.
	Mask func(string) string
}

// Section is a table about the failed request.
type Section struct {
	// ID names the section: one of the constants, "request", "headers".
	ID string
	// Title is its heading.
	Title string
	// Private says that it is shown only to who has given the PIN.
	Private bool
	// Columns are the headings of the columns, such as "Name" and "Value".
	Columns []string
	// Rows are the cells; each row has as many as there are Columns.
	Rows [][]string
	// Note is a sentence about the section, "" for most: why it is empty, what was
	// left out.
	Note string
}

// The sections there are. Only routing is public.
const (
	Routing     = "routing" // the steps of the search for the rule
	Request     = "request" // line, endpoint, rule, arguments
	Headers     = "headers"
	Cookies     = "cookies"
	Query       = "query"
	Form        = "form"
	Files       = "files"
	Session     = "session"
	Config      = "config"
	Environment = "environment"
	Build       = "build"
)

// Error is the masked message.
func (f *Fault) Error() string { return f.Traceback.Message }

// Unwrap gives Err.
func (f *Fault) Unwrap() error { return f.Err }

// ForDebugger lets gateways know the error as one to pass on as a panic.
func (f *Fault) ForDebugger() {}

// Text is the failure as plain text: message, chain, stack. It is what may be
// shown before the PIN.
func (f *Fault) Text() string { return f.Traceback.String() }

// Section gives the section with an ID, nil when there is none.
func (f *Fault) Section(id string) *Section {
	for i := range f.Sections {
		if f.Sections[i].ID == id {
			return &f.Sections[i]
		}
	}
	return nil
}

type listening struct{}

// Listen gives a context that says that a debugger waits for a [Fault].
func Listen(ctx context.Context) context.Context {
	return context.WithValue(ctx, listening{}, true)
}

// Listening reports whether ctx is one of [Listen].
func Listening(ctx context.Context) bool {
	yes, _ := ctx.Value(listening{}).(bool)
	return yes
}
