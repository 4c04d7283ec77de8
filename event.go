package retort

import (
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"
)

// Event is a server-sent event; see [EventStream.Send]. The zero Event is an
// empty comment.
//
// Source: WHATWG: HTML, server-sent events.
type Event struct {
	// ID is what the client sends as Last-Event-ID when it connects again. ""
	// leaves the last one in force. It may not hold a line break or a NUL.
	ID string
	// Name is the type of the event, for addEventListener; "" is "message". It
	// may not hold a line break.
	Name string
	// Data is what the event says: a string or []byte as it is, of as many lines
	// as it likes, which arrive separated by \n; anything else as the JSON that
	// [App.JSON] makes of it. The client ignores an event without Data (nil) but
	// for its ID; "" is an empty message.
	Data any
	// Retry is how long the client waits before it connects again, in whole
	// milliseconds; 0 leaves that as it is.
	Retry time.Duration
	// Comment is ignored by the client.
	Comment string
}

// encode gives the lines of e, those of one event, and the empty one that ends
// it.
func (e Event) encode(a *App) ([]byte, error) {
	if err := e.check(); err != nil {
		return nil, err
	}
	data, err := e.text(a)
	if err != nil {
		return nil, err
	}
	out := make([]byte, 0, len(e.ID)+len(e.Name)+len(data)+len(e.Comment)+64)
	if e.Comment != "" {
		out = appendField(out, "", e.Comment)
	}
	if e.Retry > 0 {
		ms := (e.Retry + time.Millisecond - 1).Milliseconds()
		out = appendField(out, "retry", strconv.FormatInt(ms, 10))
	}
	if e.ID != "" {
		out = appendField(out, "id", e.ID)
	}
	if e.Name != "" {
		out = appendField(out, "event", e.Name)
	}
	if e.Data != nil {
		out = appendField(out, "data", data)
	}
	if len(out) == 0 {
		out = appendField(out, "", "")
	}
	return append(out, '\n'), nil
}

// check reports what would end a line early and let whoever chose the text send
// fields and events of their own.
func (e Event) check() error {
	switch {
	case strings.ContainsAny(e.ID, "\r\n\x00"):
		return fmt.Errorf("retort: the ID %q of an event holds a line break or a NUL, which would end it; give it one without, or put the text into Data", e.ID)
	case strings.ContainsAny(e.Name, "\r\n"):
		return fmt.Errorf("retort: the Name %q of an event holds a line break, which would end it; give it one without, or put the text into Data", e.Name)
	case e.Retry < 0:
		return fmt.Errorf("retort: the Retry of an event is %v; the time to wait is 0 or more", e.Retry)
	}
	return nil
}

// text is the Data as text.
func (e Event) text(a *App) (string, error) {
	switch v := e.Data.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case []byte:
		return string(v), nil
	}
	data, err := encodeJSON(e.Data, jsonOptions{provider: a.JSON})
	if err != nil {
		return "", err
	}
	return strings.TrimSuffix(string(data), "\n"), nil
}

// appendField writes a field, or a comment for the name "": a line for each line
// of value.
func appendField(out []byte, name, value string) []byte {
	for line := range eventLines(value) {
		out = append(append(out, name...), ':')
		if line != "" {
			out = append(append(out, ' '), line...)
		}
		out = append(out, '\n')
	}
	return out
}

// eventLines are the lines of s, at least one. The client takes \r\n, \n and \r
// for the end of a line.
func eventLines(s string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for {
			i := strings.IndexAny(s, "\r\n")
			if i < 0 {
				yield(s)
				return
			}
			if !yield(s[:i]) {
				return
			}
			if strings.HasPrefix(s[i:], "\r\n") {
				i++
			}
			s = s[i+1:]
		}
	}
}
