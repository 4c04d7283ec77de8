// Package logtext writes log records for people.
package logtext

import (
	"context"
	"io"
	"log/slog"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/retort-go/retort/internal/terminal"
)

// Options are the options of a [Handler].
type Options struct {
	Level slog.Leveler
	Color bool
	// Place says where a record was logged: a word after "in". "" leaves it out.
	Place func(runtime.Frame) string
}

// Lines is a value that is shown as several lines below its record, such as the
// frames of a stack.
type Lines interface{ LogLines() []string }

// Handler is a slog.Handler that writes records in the shape of Flask's log:
//
//	[2026-11-21 09:30:00,123] INFO in notes.go:31: note saved id=7 by="Ada L."
//
// Each record is one Write. The lines of a message or value that has several are
// indented, so that none can be taken for a record; every other character that
// is not printable is escaped.
//
// Flask: logging.py, default_handler.
type Handler struct {
	o      Options
	out    *output
	prefix string // of the names of attributes: the open groups, "a.b."
	attrs  parts  // those of WithAttrs
}

// output is shared by a handler and those that were made of it.
type output struct {
	mu sync.Mutex
	w  io.Writer
}

// parts are attributes as they are shown.
type parts struct {
	inline []byte // " name=value"
	below  []byte // "\n  name: …"
}

// New makes a Handler that writes to w.
func New(w io.Writer, o Options) *Handler { return &Handler{o: o, out: &output{w: w}} }

// Enabled implements [slog.Handler].
func (h *Handler) Enabled(_ context.Context, l slog.Level) bool { return l >= h.o.Level.Level() }

// WithAttrs implements [slog.Handler].
func (h *Handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	n := *h
	n.attrs = parts{slices.Clip(h.attrs.inline), slices.Clip(h.attrs.below)}
	for _, a := range attrs {
		n.attrs.append(h.prefix, a)
	}
	return &n
}

// WithGroup implements [slog.Handler].
func (h *Handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	n := *h
	n.prefix += string(appendWord(nil, name)) + "."
	return &n
}

// Handle implements [slog.Handler].
func (h *Handler) Handle(_ context.Context, r slog.Record) error {
	b := make([]byte, 0, 256)
	if !r.Time.IsZero() {
		b = append(b, '[')
		b = r.Time.AppendFormat(b, "2006-01-02 15:04:05,000")
		b = append(b, "] "...)
	}
	b = append(b, levelStyle(r.Level).Wrap(r.Level.String(), h.o.Color)...)
	if place := h.place(r.PC); place != "" {
		b = append(b, " in "...)
		b = terminal.AppendPrintable(b, place)
	}
	b = append(b, ": "...)
	b = appendLines(b, strings.Split(r.Message, "\n"), "    ")
	all := parts{inline: append(b, h.attrs.inline...), below: slices.Clip(h.attrs.below)}
	r.Attrs(func(a slog.Attr) bool { all.append(h.prefix, a); return true })
	b = append(append(all.inline, all.below...), '\n')
	h.out.mu.Lock()
	defer h.out.mu.Unlock()
	_, err := h.out.w.Write(b)
	return err
}

func (h *Handler) place(pc uintptr) string {
	if pc == 0 || h.o.Place == nil {
		return ""
	}
	f, _ := runtime.CallersFrames([]uintptr{pc}).Next()
	return h.o.Place(f)
}

// append adds an attribute whose name stands in the groups of prefix.
func (p *parts) append(prefix string, a slog.Attr) {
	lines, several := a.Value.Any().(Lines) // before it becomes its LogValue
	v := a.Value.Resolve()
	switch {
	case several:
		p.appendBelow(prefix, a.Key, lines.LogLines())
	case v.Kind() == slog.KindGroup:
		if a.Key != "" {
			prefix += string(appendWord(nil, a.Key)) + "."
		}
		for _, member := range v.Group() {
			p.append(prefix, member)
		}
	case a.Key == "" && v.Equal(slog.Value{}):
	default:
		p.appendText(prefix, a.Key, text(v))
	}
}

func (p *parts) appendText(prefix, key, text string) {
	if strings.Contains(text, "\n") {
		p.appendBelow(prefix, key, strings.Split(text, "\n"))
		return
	}
	p.inline = append(p.inline, ' ')
	p.inline = append(p.inline, prefix...)
	p.inline = append(appendWord(p.inline, key), '=')
	p.inline = appendWord(p.inline, text)
}

func (p *parts) appendBelow(prefix, key string, lines []string) {
	p.below = append(p.below, "\n  "...)
	p.below = append(p.below, prefix...)
	p.below = append(appendWord(p.below, key), ": "...)
	p.below = appendLines(p.below, lines, "    ")
}

// appendLines appends lines, all but the first indented.
func appendLines(b []byte, lines []string, indent string) []byte {
	for i, line := range lines {
		if i > 0 {
			b = append(append(b, '\n'), indent...)
		}
		b = terminal.AppendPrintable(b, line)
	}
	return b
}

// appendWord appends s, in quotes unless it is one word.
func appendWord(b []byte, s string) []byte {
	if s == "" || strings.ContainsFunc(s, func(r rune) bool { return !isWord(r) }) {
		return strconv.AppendQuote(b, s)
	}
	return append(b, s...)
}

// isWord reports whether r can stand outside quotes.
func isWord(r rune) bool {
	return r > ' ' && r != '"' && r != '=' && r != '\\' && r != utf8.RuneError && strconv.IsPrint(r)
}

func text(v slog.Value) string {
	if v.Kind() == slog.KindTime {
		return v.Time().Format(time.RFC3339Nano)
	}
	return v.String()
}

func levelStyle(l slog.Level) terminal.Style {
	switch {
	case l >= slog.LevelError:
		return terminal.BoldRed
	case l >= slog.LevelWarn:
		return terminal.Yellow
	case l >= slog.LevelInfo:
		return terminal.Green
	}
	return terminal.Cyan
}
