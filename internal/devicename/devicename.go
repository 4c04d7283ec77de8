// Package devicename knows the file names that Windows takes for devices.
package devicename

import (
	"slices"
	"strings"
)

// Is reports whether Windows takes a file of this name for a device, in
// whatever directory it lies: its extension, its case and blanks around it do
// not count. The superscript digits are digits there too.
//
// Source: Werkzeug: security.py, safe_join (GHSA-hgf8-39gv-g3f2 and
// GHSA-87hc-h4r5-73f7).
func Is(name string) bool {
	name, _, _ = strings.Cut(name, ".")
	name = strings.ToUpper(strings.TrimSpace(name))
	port, isPort := strings.CutPrefix(name, "COM")
	if !isPort {
		port, isPort = strings.CutPrefix(name, "LPT")
	}
	if isPort {
		return slices.Contains([]string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "¹", "²", "³"}, port)
	}
	return slices.Contains([]string{"AUX", "CON", "CONIN$", "CONOUT$", "NUL", "PRN"}, name)
}
