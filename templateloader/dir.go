package templateloader

import (
	"io/fs"
	"os"
	"path/filepath"
)

// Dir is the folder at path as it is at each moment: it may be made, or be
// replaced by another one, later. Nothing outside of it can be read, not even
// through a link (os.Root).
func Dir(path string) fs.FS { return dir(path) }

type dir string

// String is the path.
func (d dir) String() string { return string(d) }

// Open implements [fs.FS].
func (d dir) Open(name string) (fs.File, error) {
	f, err := inRoot(d, "open", name, (*os.Root).Open)
	if err != nil {
		return nil, err
	}
	return f, nil
}

// Stat implements [fs.StatFS].
func (d dir) Stat(name string) (fs.FileInfo, error) { return inRoot(d, "stat", name, (*os.Root).Stat) }

// inRoot does one thing in the folder.
func inRoot[T any](d dir, op, name string, do func(*os.Root, string) (T, error)) (T, error) {
	var none T
	if !fs.ValidPath(name) {
		return none, &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}
	local, err := filepath.Localize(name)
	if err != nil {
		return none, &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist} // no such name on this system
	}
	root, err := os.OpenRoot(string(d))
	if err != nil {
		return none, err
	}
	defer root.Close()
	return do(root, local)
}
