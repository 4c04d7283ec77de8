package gateway

import (
	"errors"
	"fmt"
)

// Misuse of start_response and write, without data of its own.
var (
	// ErrAlreadyStarted is what start_response returns when it was called before
	// and exc is nil, whether or not the first call succeeded.
	ErrAlreadyStarted = errors.New("gateway: start_response was called twice; " +
		"to replace a response that is not sent yet, pass the error that made it necessary as exc")

	// ErrNotStarted reports an app that produced a body, or ended, without a
	// response: start_response was never called.
	ErrNotStarted = errors.New("gateway: the app sent a body or ended before it called start_response; " +
		"call start(status, headers, nil) before the first chunk that is not empty")

	// ErrHeadersSent is in the chain of every [RestartError].
	ErrHeadersSent = errors.New("gateway: the headers were sent already")

	// ErrIterating is what write returns once the server asks the body for chunks.
	ErrIterating = errors.New("gateway: write was called after the app returned its body; " +
		"yield the bytes as a chunk instead")

	// ErrContentLength says that a body and its Content-Length disagree. It is in
	// the chain of [LengthError], and write returns it for bytes past the end.
	ErrContentLength = errors.New("gateway: the body does not have the length that Content-Length declares")

	// ErrHopByHop is in the chain of every [HopByHopError].
	ErrHopByHop = errors.New("gateway: hop-by-hop header")

	// ErrBodyClosed is what a net/http handler's writes return after the gateway
	// closed its body: the client is gone, or nobody wants the rest.
	ErrBodyClosed = errors.New("gateway: the response body was closed")
)

// RestartError is what start_response returns when exc is set and the headers
// have left: the response cannot be replaced. The app should return it. Exc,
// the app's own error, and [ErrHeadersSent] are both in its chain.
//
// PEP 3333, "The start_response() Callable": the server raises exc_info anew.
type RestartError struct{ Exc error }

// Error says that it is too late to begin again, and what the app's error was.
func (e *RestartError) Error() string {
	return fmt.Sprintf("gateway: the response cannot begin again, its headers were sent: %v", e.Exc)
}

// Unwrap gives [ErrHeadersSent] and the app's error.
func (e *RestartError) Unwrap() []error { return []error{ErrHeadersSent, e.Exc} }

// StatusError reports a status that start_response cannot take.
type StatusError struct {
	Status string // as the app wrote it
	Reason string // what is wrong with it, and what would do
}

// Error names the status line and what is wrong with it.
func (e *StatusError) Error() string {
	return fmt.Sprintf("gateway: status %q: %s", e.Status, e.Reason)
}

// HeaderError reports a header that start_response cannot take.
type HeaderError struct {
	Name, Value string // as the app wrote them
	Reason      string // what is wrong, and what would do
}

// Error names the field and what is wrong with it.
func (e *HeaderError) Error() string {
	return fmt.Sprintf("gateway: header %q with value %q: %s", e.Name, e.Value, e.Reason)
}

// HopByHopError reports a header that belongs to one connection, not to the
// response: only the server may send it. [ErrHopByHop] is in its chain.
//
// PEP 3333, "Other HTTP Features"; RFC 9110 §7.6.1.
type HopByHopError struct{ Name string }

// Error names the field, which only a server may send.
func (e *HopByHopError) Error() string {
	return fmt.Sprintf("gateway: header %q is hop-by-hop: it belongs to the connection, which is the server's; "+
		"leave it out of the app's headers", e.Name)
}

// Unwrap gives [ErrHopByHop].
func (e *HopByHopError) Unwrap() error { return ErrHopByHop }

// LengthError reports a body that ended before its Content-Length.
// [ErrContentLength] is in its chain.
type LengthError struct{ Declared, Sent int64 } // bytes

// Error gives the promised and the actual length.
func (e *LengthError) Error() string {
	return fmt.Sprintf("gateway: Content-Length declares %d bytes, the body had %d", e.Declared, e.Sent)
}

// Unwrap gives [ErrContentLength].
func (e *LengthError) Unwrap() error { return ErrContentLength }

// PanicError is a panic of an app or a handler, carried as an error. If Value is
// an error it is in the chain.
type PanicError struct {
	Value any    // what panic was called with
	Stack []byte // of the goroutine that panicked, as by debug.Stack
}

// Error gives the value of the panic.
func (e *PanicError) Error() string { return fmt.Sprintf("gateway: panic: %v", e.Value) }

// Unwrap gives Value if it is an error, else nil.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// InputError is an error of reading the request body: a malformed chunk, an
// early end (io.ErrUnexpectedEOF in the chain), a limit (*http.MaxBytesError).
// An app that returns it before its response has begun is answered with 400, or
// 413 for the limit: the client's fault is never a 500.
type InputError struct{ Err error }

// Error says how reading the request's body failed.
func (e *InputError) Error() string {
	return fmt.Sprintf("gateway: reading the request body: %v", e.Err)
}

// Unwrap gives the error of the connection.
func (e *InputError) Unwrap() error { return e.Err }

// RequestError reports a request from which no environ can be made. Status is
// the HTTP status that answers it.
type RequestError struct {
	Status int
	Reason string
}

// Error gives the reason.
func (e *RequestError) Error() string { return fmt.Sprintf("gateway: %s", e.Reason) }
