package logtext

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type stack []string

func (s stack) LogLines() []string   { return s }
func (s stack) LogValue() slog.Value { return slog.StringValue(strings.Join(s, " < ")) }

func record(level slog.Level, message string, args ...any) slog.Record {
	r := slog.NewRecord(time.Date(2026, 11, 21, 9, 30, 0, 123e6, time.UTC), level, message, 0)
	r.Add(args...)
	return r
}

func shown(t *testing.T, h func(*Handler) slog.Handler, o Options, r slog.Record) string {
	t.Helper()
	var b bytes.Buffer
	if o.Level == nil {
		o.Level = slog.LevelDebug
	}
	require.NoError(t, h(New(&b, o)).Handle(t.Context(), r))
	return b.String()
}

func itself(h *Handler) slog.Handler { return h }

func TestHowARecordIsShown(t *testing.T) {
	for _, tt := range []struct {
		name string
		o    Options
		r    slog.Record
		want string
	}{
		{"attributes", Options{}, record(slog.LevelInfo, "note saved", "id", 7, "by", "Ada L.", "at", time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), "took", time.Second, "err", errors.New("x"), "none", nil, "empty", ""),
			`[2026-11-21 09:30:00,123] INFO: note saved id=7 by="Ada L." at=2026-01-02T03:04:05Z took=1s err=x none=<nil> empty=""`},
		{"colours", Options{Color: true}, record(slog.LevelError, "no"), "[2026-11-21 09:30:00,123] \x1b[1;31mERROR\x1b[0m: no"},
		{"a warning", Options{Color: true}, record(slog.LevelWarn, "hm"), "[2026-11-21 09:30:00,123] \x1b[33mWARN\x1b[0m: hm"},
		{"a detail", Options{Color: true}, record(slog.LevelDebug, "so"), "[2026-11-21 09:30:00,123] \x1b[36mDEBUG\x1b[0m: so"},
		{"news", Options{Color: true}, record(slog.LevelInfo, "so"), "[2026-11-21 09:30:00,123] \x1b[32mINFO\x1b[0m: so"},
		{"a stack", Options{}, record(slog.LevelError, "failed", "at", stack{"main.f a.go:1", "main.g a.go:2"}, "id", 7),
			"[2026-11-21 09:30:00,123] ERROR: failed id=7\n  at: main.f a.go:1\n    main.g a.go:2"},
		{"a value of several lines", Options{}, record(slog.LevelError, "failed", "error", "one\n[2026] ERROR: two\x1b[0m"),
			"[2026-11-21 09:30:00,123] ERROR: failed\n  error: one\n    [2026] ERROR: two\\x1b[0m"},
		{"a message of several lines", Options{}, record(slog.LevelInfo, "one\r\ntwo"), "[2026-11-21 09:30:00,123] INFO: one\\x0d\n    two"},
		{"what a terminal would obey", Options{}, record(slog.LevelInfo, "\x1b[2J", "pa th", "/\x1b[31m", "b", "\xff"),
			`[2026-11-21 09:30:00,123] INFO: \x1b[2J "pa th"="/\x1b[31m" b="\xff"`},
		{"groups", Options{}, record(slog.LevelInfo, "m", slog.Group("a", "b", 1, slog.Group("c", "d", 2)), slog.Group("", "e", 3), slog.Attr{}),
			`[2026-11-21 09:30:00,123] INFO: m a.b=1 a.c.d=2 e=3`},
		{"without a time", Options{}, slog.NewRecord(time.Time{}, slog.LevelInfo, "m", 0), "INFO: m"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want+"\n", shown(t, itself, tt.o, tt.r))
		})
	}
}

func TestWhatLoggersAddStaysWithThem(t *testing.T) {
	with := func(h *Handler) slog.Handler {
		one := h.WithAttrs([]slog.Attr{slog.Int("a", 1), slog.Any("at", stack{"f", "g"})}).WithGroup("").WithGroup("in")
		one.WithAttrs([]slog.Attr{slog.Int("lost", 1)})
		return one.WithAttrs([]slog.Attr{slog.Int("b", 2)})
	}
	got := shown(t, with, Options{}, record(slog.LevelInfo, "m", "c", 3, "lines", "x\ny"))
	assert.Equal(t, "[2026-11-21 09:30:00,123] INFO: m a=1 in.b=2 in.c=3\n  at: f\n    g\n  in.lines: x\n    y\n", got)
}

func TestWhereARecordWasLogged(t *testing.T) {
	var b bytes.Buffer
	l := slog.New(New(&b, Options{Level: slog.LevelInfo, Place: func(f runtime.Frame) string {
		return f.Function[strings.LastIndexByte(f.Function, '.')+1:]
	}}))
	l.Debug("too low")
	l.Info("here")
	assert.Regexp(t, `^\[.*\] INFO in TestWhereARecordWasLogged: here\n$`, b.String())
}

// FuzzRecord holds that no record can look like two, or move a cursor.
func FuzzRecord(f *testing.F) {
	f.Add("message", "key", "value")
	f.Add("a\n[2026", "\x1b[0m", "\n\n\xff\u202e")
	f.Add("", "", "=\"\\")
	f.Fuzz(func(t *testing.T, message, key, value string) {
		var b bytes.Buffer
		h := New(&b, Options{Level: slog.LevelInfo}).WithGroup(value)
		require.NoError(t, h.Handle(context.Background(), record(slog.LevelInfo, message, key, value)))
		got := strings.TrimSuffix(b.String(), "\n")
		assert.True(t, utf8.ValidString(got))
		for i, line := range strings.Split(got, "\n") {
			assert.Equal(t, i > 0, strings.HasPrefix(line, "  "), "%q", got)
			assert.Equal(t, -1, strings.IndexFunc(line, func(r rune) bool { return !unicode.IsPrint(r) }), "%q", got)
		}
	})
}
