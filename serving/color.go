package serving

import (
	"io"
	"os"
	"runtime"
)

// ColorMode says when output is coloured.
type ColorMode string

const (
	// ColorAuto colours when Log is a terminal and the environment variable
	// NO_COLOR is unset or empty (https://no-color.org).
	ColorAuto ColorMode = ""
	// ColorAlways colours whatever Log is.
	ColorAlways ColorMode = "always"
	// ColorNever does not colour.
	ColorNever ColorMode = "never"
)

// enabled reports whether text written to w is to be coloured.
func (m ColorMode) enabled(w io.Writer) bool {
	switch m {
	case ColorAlways:
		return true
	case ColorNever:
		return false
	}
	return os.Getenv("NO_COLOR") == "" && isTerminal(w)
}

// isTerminal reports whether w is a terminal that understands ANSI sequences.
// On Windows only Windows Terminal is known to without a mode switch.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("TERM") == "dumb" {
		return false
	}
	if runtime.GOOS == "windows" && os.Getenv("WT_SESSION") == "" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// style is an ANSI sequence that begins a colour or weight; the empty style is
// plain text.
type style string

const (
	stylePlain       style = ""
	styleBold        style = "\x1b[1m"
	styleGreen       style = "\x1b[32m"
	styleYellow      style = "\x1b[33m"
	styleCyan        style = "\x1b[36m"
	styleBoldRed     style = "\x1b[1;31m"
	styleBoldMagenta style = "\x1b[1;35m"

	styleReset = "\x1b[0m"
)

// statusStyle is the style of an access line by status code.
//
// Differs from Werkzeug: every 2xx is plain, not 200 alone, because 201 and 204
// are as ordinary as 200 and Werkzeug shows them as it shows server errors.
//
// Werkzeug: serving.py, WSGIRequestHandler.log_request.
func statusStyle(status int) style {
	switch {
	case status == 304:
		return styleCyan
	case status == 404:
		return styleYellow
	}
	switch status / 100 {
	case 1:
		return styleBold
	case 2:
		return stylePlain
	case 3:
		return styleGreen
	case 4:
		return styleBoldRed
	}
	return styleBoldMagenta
}

// wrap returns text in the style, or text itself when colour is off.
func (s style) wrap(text string, color bool) string {
	if !color || s == stylePlain {
		return text
	}
	return string(s) + text + styleReset
}
