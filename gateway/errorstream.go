package gateway

import (
	"bytes"
	"io"
	"log/slog"
	"strings"
)

// ErrorStream is wsgi.errors: text for the people who run the server, one
// complaint a line. Flush makes sure that it got there.
//
// PEP 3333, "Input and Error Streams".
type ErrorStream interface {
	io.Writer
	Flush() error
}

// logStream writes each line as a record of level Error. It keeps nothing back:
// the part of a line that has no newline yet is a record too.
type logStream struct{ log *slog.Logger }

func (s logStream) Write(p []byte) (int, error) {
	for line := range bytes.Lines(p) {
		text := strings.TrimRight(string(line), "\r\n")
		loggerOr(s.log).Error(strings.ToValidUTF8(text, "\uFFFD"))
	}
	return len(p), nil
}

func (logStream) Flush() error { return nil }

// loggerOr gives l, or the default logger of this moment.
func loggerOr(l *slog.Logger) *slog.Logger {
	if l == nil {
		return slog.Default()
	}
	return l
}
