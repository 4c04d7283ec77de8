package retort

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// folder is a directory from which files are sent: one on disk, or one in a
// tree. Nothing outside of it can be named.
type folder struct {
	tree fs.FS     // nil: on disk
	dir  string    // absolute, or the name in tree
	tags *sync.Map // the entity tags of a tree that does not change, by name; nil: it may
	held *heldRoot // the directory kept open; nil: opened for each file
}

// openFile is a regular file that was found.
type openFile struct {
	fs.File
	in      folder
	name    string // below in, cleaned
	size    int64
	modTime time.Time
}

// exists reports whether there is such a directory.
func (d folder) exists() bool {
	if d.tree != nil {
		info, err := fs.Stat(d.tree, d.dir)
		return err == nil && info.IsDir()
	}
	info, err := os.Stat(d.dir)
	return err == nil && info.IsDir()
}

// open opens the regular file called name, which a client may have chosen. The
// error is fs.ErrNotExist when there is none that may be sent; any other says
// that one could not be read.
//
// What is below the directory cannot lead outside of it, not even through a link
// (os.Root).
func (d folder) open(name string) (*openFile, error) {
	name, ok := cleanName(name)
	if !ok {
		return nil, fs.ErrNotExist
	}
	if d.tree != nil {
		at := path.Join(d.dir, name)
		f, err := d.tree.Open(at)
		return d.opened(name, f, err, func() (fs.FileInfo, error) { return fs.Stat(d.tree, at) })
	}
	local, err := filepath.Localize(name)
	if err != nil {
		return nil, fs.ErrNotExist
	}
	root, err := d.openRoot()
	if err != nil {
		return nil, err
	}
	if d.held == nil {
		defer root.Close()
	}
	f, err := root.OpenFile(local, openFlags, 0)
	return d.opened(name, f, err, func() (fs.FileInfo, error) { return root.Stat(local) })
}

// openPath opens a file that the application names: below the folder, or
// anywhere if the path is absolute.
func (d folder) openPath(name string) (*openFile, error) {
	if !filepath.IsAbs(name) {
		return d.open(filepath.ToSlash(name))
	}
	dir, base := filepath.Split(name)
	f, err := os.OpenFile(name, openFlags, 0)
	return folder{dir: dir}.opened(base, f, err, func() (fs.FileInfo, error) { return os.Stat(name) })
}

// opened looks at what was opened. An error means that there is no such file,
// unless there is one, as far as stat can tell.
func (d folder) opened(name string, f fs.File, err error, stat func() (fs.FileInfo, error)) (*openFile, error) {
	if err != nil {
		if info, failed := stat(); failed == nil && info.Mode().IsRegular() || isTemporary(err) {
			return nil, err
		}
		return nil, fs.ErrNotExist
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fs.ErrNotExist
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &openFile{f, d, name, info.Size(), info.ModTime()}, nil
}

// isTemporary reports whether the system has run out of something, such as file
// descriptors: that does not mean that there is no file.
func isTemporary(err error) bool {
	var e interface{ Temporary() bool }
	return errors.As(err, &e) && e.Temporary()
}

// path is the file on disk, "" for one in a tree.
func (f *openFile) path() string {
	if f.in.tree != nil {
		return ""
	}
	return filepath.Join(f.in.dir, filepath.FromSlash(f.name))
}

// cleanName brings a name into the form of io/fs. Names that are absolute, lead
// upwards, or mean something else on some system (backslashes, NUL, the devices
// of Windows) are refused on all, so that an app is as safe where it runs as
// where it was written.
//
// Source: Werkzeug: security.py, safe_join.
func cleanName(name string) (string, bool) {
	if name == "" || name[0] == '/' || strings.ContainsAny(name, "\\\x00") {
		return "", false
	}
	name = path.Clean(name)
	if name == "." || !fs.ValidPath(name) {
		return "", false
	}
	for segment := range strings.SplitSeq(name, "/") {
		if isDevice(segment) {
			return "", false
		}
	}
	return name, true
}

// isDevice reports whether Windows takes a segment of a path for a device,
// whatever its extension: CON, nul.txt, "COM1 .log".
func isDevice(segment string) bool {
	if len(segment) < 3 || !strings.ContainsRune("acnplACNPL", rune(segment[0])) {
		return false
	}
	if i := strings.IndexAny(segment, ".:"); i >= 0 {
		segment = segment[:i]
	}
	segment = strings.ToUpper(strings.TrimRight(segment, " "))
	switch segment {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$":
		return true
	}
	port, ok := strings.CutPrefix(segment, "COM")
	if !ok {
		port, ok = strings.CutPrefix(segment, "LPT")
	}
	return ok && utf8.RuneCountInString(port) == 1 && strings.Contains("0123456789¹²³", port)
}
