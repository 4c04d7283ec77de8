package datastructures

import (
	"runtime"
	"strings"

	"github.com/retort-go/retort/internal/asciifold"
	"github.com/retort-go/retort/internal/devicename"
)

// SecureFilename gives a name for a file that came from a client: letters and
// digits of ASCII, "_", "-" and ".", no directory, no "." or "_" at its ends, so
// that it is no hidden file and leads nowhere. Accents are dropped, blanks and
// slashes become "_". On Windows the name of a device gets a "_" in front.
//
// The result is "" when nothing is left: the caller has to choose a name then.
// Two names can become one, so that a name of one's own is better where the
// client's does not matter.
//
//	SecureFilename("../../My café.txt") // "My_cafe.txt"
//
// Source: Werkzeug: utils.py, secure_filename.
func SecureFilename(name string) string { return secureFilename(name, runtime.GOOS == "windows") }

func secureFilename(name string, windows bool) string {
	name = asciifold.Fold(name)
	name = strings.ReplaceAll(name, "/", " ")
	if windows {
		name = strings.ReplaceAll(name, `\`, " ")
	}
	words := strings.FieldsFunc(name, func(r rune) bool { return r == ' ' || '\t' <= r && r <= '\r' || 0x1c <= r && r <= 0x1f })
	name = strings.Map(onlyNameBytes, strings.Join(words, "_"))
	name = strings.Trim(name, "._")
	if windows && devicename.Is(name) {
		name = "_" + name
	}
	return name
}

// onlyNameBytes removes what no secure name holds.
func onlyNameBytes(r rune) rune {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '_', r == '-', r == '.':
		return r
	}
	return -1
}
