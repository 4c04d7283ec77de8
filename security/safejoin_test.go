package security

import (
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/retort-go/retort/internal/devicename"
)

func TestSafeJoin(t *testing.T) {
	const refused = "refused"
	tests := []struct {
		name, directory string
		parts           []string
		unix, windows   string
	}{
		{"a file", "/srv", []string{"a.txt"}, "/srv/a.txt", "/srv/a.txt"},
		{"no part", "/srv", nil, "/srv", "/srv"},
		{"empty parts", "/srv/", []string{"", "a", ""}, "/srv/a", "/srv/a"},
		{"an empty directory is the working directory", "", []string{"a"}, "./a", "./a"},
		{"an empty directory does not make the part absolute", "", []string{"/etc/passwd"}, refused, refused},
		{"out and in again", "/srv", []string{"a/../b"}, "/srv/b", "/srv/b"},
		{"the directory itself", "/srv", []string{"a/.."}, "/srv/.", "/srv/."},
		{"out of the directory", "/srv", []string{"../a"}, refused, refused},
		{"only up", "/srv", []string{".."}, refused, refused},
		{"one part does not make up for another", "/srv", []string{"a", "..", "b"}, refused, refused},
		{"an absolute part", "/srv", []string{"a", "/b"}, refused, refused},
		{"a host", "/srv", []string{"//host/share"}, refused, refused},
		{"dots that are a name", "/srv", []string{"..a/..."}, "/srv/..a/...", "/srv/..a/..."},
		{"a backslash", "/srv", []string{`..\a`}, `/srv/..\a`, refused},
		{"a share of Windows", "/srv", []string{`\\host\share`}, `/srv/\\host\share`, refused},
		{"a drive", "/srv", []string{"c:/x"}, "/srv/c:/x", refused},
		{"a hidden stream", "/srv", []string{"a.txt:b"}, "/srv/a.txt:b", refused},
		{"a device", "/srv", []string{"CON"}, "/srv/CON", refused},
		{"a device with an extension", "/srv", []string{"nul.tar.gz"}, "/srv/nul.tar.gz", refused},
		{"a device as a directory", "/srv", []string{"a/com¹ .x/b"}, "/srv/a/com¹ .x/b", refused},
		{"nearly a device", "/srv", []string{"console/com10"}, "/srv/console/com10", "/srv/console/com10"},
		{"the root", "/", []string{"a"}, "/a", "/a"},
	}
	for _, tt := range tests {
		for windows, want := range map[bool]string{false: tt.unix, true: tt.windows} {
			got, ok := safeJoin(windows, tt.directory, tt.parts)
			if !ok {
				got = refused
			}
			assert.Equal(t, want, got, "%s, windows %v", tt.name, windows)
		}
	}
}

// FuzzSafeJoin: what is joined stays below the directory.
func FuzzSafeJoin(f *testing.F) {
	f.Add("a/../b", "..")
	f.Add("//a", `..\b`)
	f.Add("", "./.")
	f.Fuzz(func(t *testing.T, first, second string) {
		joined, ok := safeJoin(false, "/srv/www", []string{first, second})
		if !ok {
			assert.Empty(t, joined)
			return
		}
		below := path.Clean(joined)
		assert.True(t, below == "/srv/www" || strings.HasPrefix(below, "/srv/www/"), "%q", joined)
		if rest, ok := strings.CutPrefix(joined, "/srv/www/"); ok && filepath.Separator == '/' {
			assert.True(t, filepath.IsLocal(rest), "%q", rest)
		}
		if joined, ok := safeJoin(true, "d", []string{first, second}); ok {
			assert.NotContains(t, joined, `\`)
			for _, segment := range strings.Split(joined, "/") {
				assert.False(t, devicename.Is(segment), "%q", joined)
			}
		}
	})
}
