package security

import (
	"path"
	"runtime"
	"slices"
	"strings"

	"github.com/retort-go/retort/internal/devicename"
)

// SafeJoin joins a directory that is trusted with parts that are not, such as
// what comes from a URL. ok is false when a part is absolute or leads out of
// the directory, even if a part before it led in: none makes up for another.
// An empty part is left out, an empty directory is ".". Parts are separated with
// "/" on every system.
//
//	SafeJoin("/srv/www", "img/../a.txt")  // "/srv/www/a.txt", true
//	SafeJoin("/srv/www", "a", "../b.txt") // "", false
//
// On Windows a part with a backslash, a colon or the name of a device (NUL,
// COM1.txt …) is refused too.
//
// The path is only text: a symbolic link in the directory leads wherever it
// does, and a NUL is for the system to refuse. To open files, os.Root is safer;
// it is what SendFromDirectory uses.
//
// Source: Werkzeug: security.py, safe_join. Differs from Werkzeug: on Windows a
// colon is refused, because it begins the name of a drive or of a hidden stream.
func SafeJoin(directory string, parts ...string) (joined string, ok bool) {
	return safeJoin(runtime.GOOS == "windows", directory, parts)
}

func safeJoin(windows bool, directory string, parts []string) (string, bool) {
	if directory == "" {
		directory = "." // or the first part could become the directory
	}
	for _, part := range parts {
		if part == "" {
			continue
		}
		part = path.Clean(part)
		if !isLocal(part) || windows && !isLocalOnWindows(part) {
			return "", false
		}
		if !strings.HasSuffix(directory, "/") {
			directory += "/"
		}
		directory += part
	}
	return directory, true
}

// isLocal reports whether a clean path stays in the directory that it starts in.
func isLocal(part string) bool {
	return part[0] != '/' && part != ".." && !strings.HasPrefix(part, "../")
}

func isLocalOnWindows(part string) bool {
	return !strings.ContainsAny(part, `\:`) && !slices.ContainsFunc(strings.Split(part, "/"), devicename.Is)
}
