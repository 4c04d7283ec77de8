package watch

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Root is a file or a folder that is watched. What does not exist is watched
// too: its appearance is a change.
type Root struct {
	// Path is absolute.
	Path string
	// Recursive has folders below the folder watched too, except those whose name
	// begins with a dot.
	Recursive bool
	// Match says which files of a folder count, by their path below it, with
	// slashes; nil: all but those that editors leave ([Temporary]).
	Match func(name string) bool
	// Label is handed on in the changes.
	Label string
	// Since has files that were written after this time count as changed when the
	// root is first looked at. Zero: what is there at first is as it should be.
	Since time.Time
}

// Temporary reports whether name is that of a file that editors and version
// control leave beside the files that they write.
func Temporary(name string) bool {
	base := name[strings.LastIndexByte(name, '/')+1:]
	return strings.HasPrefix(base, ".") || strings.HasPrefix(base, "#") ||
		strings.HasSuffix(base, "~") || strings.HasSuffix(base, ".swp") || strings.HasSuffix(base, ".tmp") ||
		base == "4913" // vim tries whether it may write with a file of this name
}

func (r *Root) matches(name string) bool {
	if r.Match == nil {
		return !Temporary(name)
	}
	return r.Match(name)
}

// walk calls file for each file that counts, and dir for each folder that was
// read. What cannot be read is left out: it may be there at the next look.
func (r *Root) walk(file func(path string, info fs.FileInfo), dir func(path string)) {
	info, err := os.Stat(r.Path)
	if err != nil {
		dir(filepath.Dir(r.Path)) // where it may appear
		return
	}
	if !info.IsDir() {
		dir(filepath.Dir(r.Path)) // editors put a new file in the place of the old one
		file(r.Path, info)
		return
	}
	r.walkFolder(r.Path, "", []fs.FileInfo{info}, file, dir)
}

// walkFolder walks one folder. above are the folders around it, by which links
// that lead into each other are noticed, and the folder itself.
func (r *Root) walkFolder(folder, below string, above []fs.FileInfo, file func(string, fs.FileInfo), dir func(string)) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return
	}
	dir(folder)
	for _, e := range entries {
		name, path := below+e.Name(), filepath.Join(folder, e.Name())
		info, err := os.Stat(path) // of what a link leads to
		switch {
		case err != nil:
		case info.IsDir():
			if r.Recursive && !strings.HasPrefix(e.Name(), ".") && !isOneOf(above, info) {
				r.walkFolder(path, name+"/", append(slices.Clip(above), info), file, dir)
			}
		case info.Mode().IsRegular() && r.matches(name):
			file(path, info)
		}
	}
}

func isOneOf(folders []fs.FileInfo, info fs.FileInfo) bool {
	return slices.ContainsFunc(folders, func(f fs.FileInfo) bool { return os.SameFile(f, info) })
}

// covered reports whether a file belongs to one of the roots.
func covered(roots []Root, path string) bool {
	return slices.ContainsFunc(roots, func(r Root) bool { return r.covers(path) })
}

func (r *Root) covers(path string) bool {
	if path == r.Path {
		return true
	}
	below, ok := strings.CutPrefix(path, strings.TrimSuffix(r.Path, string(filepath.Separator))+string(filepath.Separator))
	if !ok {
		return false
	}
	name := filepath.ToSlash(below)
	if i := strings.LastIndexByte(name, '/'); i >= 0 && (!r.Recursive || strings.HasPrefix(name, ".") || strings.Contains(name[:i], "/.")) {
		return false
	}
	return r.matches(name)
}
