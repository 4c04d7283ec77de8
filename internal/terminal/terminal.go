// Package terminal knows when text is read by a person on a terminal, how to
// colour it there, and how to keep it from moving the cursor.
package terminal

import (
	"io"
	"os"
	"runtime"
	"strconv"
)

// EnvStderr is the environment variable by which a program that passes the
// standard error of another on to its own, a terminal, says so. Its value is the
// number of the process that does, so that what the other starts in its turn is
// not meant.
const EnvStderr = "RETORT_RUN_TERMINAL"

// Is reports whether w is a terminal that understands ANSI sequences. On Windows
// only Windows Terminal is known to without a mode switch.
func Is(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("TERM") == "dumb" {
		return false
	}
	if runtime.GOOS == "windows" && os.Getenv("WT_SESSION") == "" {
		return false
	}
	if f == os.Stderr && os.Getenv(EnvStderr) == strconv.Itoa(os.Getppid()) {
		return true
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// Colors reports whether text written to w is to be coloured: w is a terminal
// and the environment variable NO_COLOR is unset or empty
// (https://no-color.org).
func Colors(w io.Writer) bool { return os.Getenv("NO_COLOR") == "" && Is(w) }

// Style is an ANSI sequence that begins a colour or weight; the empty style is
// plain text.
type Style string

// The styles in use. Reset ends each of them.
const (
	Plain       Style = ""
	Bold        Style = "\x1b[1m"
	Green       Style = "\x1b[32m"
	Yellow      Style = "\x1b[33m"
	Cyan        Style = "\x1b[36m"
	BoldRed     Style = "\x1b[1;31m"
	BoldMagenta Style = "\x1b[1;35m"

	Reset Style = "\x1b[0m"
)

// Wrap returns text in the style, or text itself when color is off.
func (s Style) Wrap(text string, color bool) string {
	if !color || s == Plain {
		return text
	}
	return string(s) + text + string(Reset)
}
