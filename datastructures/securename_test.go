package datastructures

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/retort-go/retort/internal/devicename"
)

// TestSecureFilename has, among others, the device names of Windows, also with
// an extension: what CVE-2026-21860 was about in a path.
func TestSecureFilename(t *testing.T) {
	tests := []struct{ in, unix, windows string }{
		{"../../../etc/passwd", "etc_passwd", "etc_passwd"},
		{`..\..\boot.ini`, "boot.ini", "boot.ini"},
		{`C:\dir\a.txt`, "Cdira.txt", "C_dir_a.txt"},
		{"My  café\t½.txt", "My_cafe_12.txt", "My_cafe_12.txt"},
		{"a\r\nb\x00\"c", "a_bc", "a_bc"},
		{".hidden", "hidden", "hidden"},
		{"-rf", "-rf", "-rf"},
		{"☃", "", ""},
		{"...", "", ""},
		{"con.txt", "con.txt", "_con.txt"},
		{"NUL", "NUL", "_NUL"},
		{"nul.tar.gz", "nul.tar.gz", "_nul.tar.gz"},
		{"COM¹", "COM1", "_COM1"},
		{"lpt9.x.y", "lpt9.x.y", "_lpt9.x.y"},
		{"com10", "com10", "com10"},
		{"\uff0e\uff0e\uff0fa", "a", "a"},
	}
	for _, tt := range tests {
		assert.Equal(t, tt.unix, secureFilename(tt.in, false), "%q", tt.in)
		assert.Equal(t, tt.windows, secureFilename(tt.in, true), "%q on Windows", tt.in)
	}
}

func FuzzSecureFilename(f *testing.F) {
	f.Add("../a b.txt")
	f.Add("．．／con")
	f.Fuzz(func(t *testing.T, name string) {
		for _, windows := range []bool{false, true} {
			secure := secureFilename(name, windows)
			assert.Regexp(t, `^([A-Za-z0-9_-]([A-Za-z0-9_.-]*[A-Za-z0-9-])?)?$`, secure)
			if windows {
				assert.False(t, devicename.Is(secure))
			}
		}
	})
}
