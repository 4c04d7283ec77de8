package serving

import (
	"io"

	"github.com/retort-go/retort/internal/terminal"
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
	return terminal.Colors(w)
}
