package traceback

import (
	"fmt"
	"reflect"
	"unicode/utf8"
)

// The limits of a chain of errors.
const (
	maxLinks   = 50
	maxMessage = 16 << 10 // bytes
	maxRead    = 64 << 10 // bytes that are looked at before the text is masked
)

// shortened ends a text that was cut.
const shortened = "… (shortened)"

// Of gives the traceback of an error with the stack at which it came up: of
// [Callers] in the deferred function that recovered it, or nil when it is not
// known. Then an error of the chain may bring its own, as those of
// github.com/pkg/errors do.
func Of(err error, stack []uintptr) *Traceback {
	t := new(Traceback)
	t.link(err, 0)
	t.Type, t.Message = t.Chain[0].Type, t.Chain[0].Message
	if len(stack) == 0 {
		stack = stackIn(err, 0)
	}
	t.Frames, t.Omitted = framesOf(readProgram(), stack)
	return t
}

// link adds an error and what it wraps.
func (t *Traceback) link(err error, depth int) {
	if len(t.Chain) >= maxLinks {
		return
	}
	t.Chain = append(t.Chain, Link{Depth: depth, Type: TypeName(err), Message: Message(err)})
	for _, inner := range wrapped(err) {
		t.link(inner, depth+1)
	}
}

// wrapped are the errors that err wraps itself.
func wrapped(err error) (all []error) {
	defer func() {
		if recover() != nil { // an Unwrap that panics
			all = nil
		}
	}()
	switch err := err.(type) {
	case interface{ Unwrap() error }:
		if inner := err.Unwrap(); inner != nil {
			return []error{inner}
		}
	case interface{ Unwrap() []error }:
		for _, inner := range err.Unwrap() {
			if inner != nil {
				all = append(all, inner)
			}
		}
	}
	return all
}

// TypeName is the type of an error; of a panic with another value it is up to the
// caller's error what it says.
func TypeName(err error) string {
	if err == nil {
		return "nil"
	}
	return reflect.TypeOf(err).String()
}

// Message is the text of an error. It is cut off at 64 KiB, and about the
// panic when Error panics.
func Message(err error) (text string) {
	defer func() {
		if v := recover(); v != nil {
			text = fmt.Sprintf("(the method Error of %s panicked)", TypeName(err))
		}
	}()
	if err == nil {
		return "nil"
	}
	text = err.Error()
	return text[:min(len(text), maxRead)]
}

// cut shortens a text to at most n bytes and says so.
func cut(text string, n int) string {
	if len(text) <= n {
		return text
	}
	end := n
	for end > n-utf8.UTFMax && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + shortened
}

// stackIn is the stack that an error of the chain brings along, that of the
// innermost which has one: there it came up.
func stackIn(err error, depth int) []uintptr {
	if depth > maxLinks {
		return nil
	}
	for _, inner := range wrapped(err) {
		if stack := stackIn(inner, depth+1); stack != nil {
			return stack
		}
	}
	return ownStack(err)
}

// ownStack is what the methods Callers and StackTrace of an error give, as they
// are usual in packages that make errors with stacks.
func ownStack(err error) (stack []uintptr) {
	defer func() {
		if recover() != nil {
			stack = nil
		}
	}()
	if c, ok := err.(interface{ Callers() []uintptr }); ok {
		return c.Callers()
	}
	v := reflect.ValueOf(err)
	if !v.IsValid() {
		return nil
	}
	m := v.MethodByName("StackTrace")
	if !m.IsValid() || m.Type().NumIn() != 0 || m.Type().NumOut() != 1 {
		return nil
	}
	if out := m.Type().Out(0); out.Kind() != reflect.Slice || out.Elem().Kind() != reflect.Uintptr {
		return nil
	}
	frames := m.Call(nil)[0]
	for i := range min(frames.Len(), maxFrames) {
		stack = append(stack, uintptr(frames.Index(i).Uint()))
	}
	return stack
}
