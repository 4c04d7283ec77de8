// Package templateloader finds the sources of templates by their names in an
// ordered list of folders and file trees, says in words where it looked, and
// notices when they change. It knows nothing of any template language.
package templateloader

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Source is one place where templates are.
type Source struct {
	// Label says whose it is, for people: `the app "site"`.
	Label string
	// FS holds the templates by name. An FS with a String method says with it
	// where it is; that of [Dir] does.
	FS fs.FS
}

// Loader looks for templates in its sources, the first that has one wins. It is
// safe for concurrent use as far as its sources and Trace are, and must not be
// changed once it is in use.
//
// Source: Jinja: loaders.py, ChoiceLoader and FileSystemLoader.
type Loader struct {
	// Sources are looked into in this order.
	Sources []Source
	// Trace is called with every search of [Loader.Load] when it is not nil.
	Trace func(*Explanation)
}

// File is the source of a template.
type File struct {
	Name  string
	Text  string
	Stamp Stamp
}

// Stamp tells two states of a template apart: which source has it, and its
// modification time and size there. Where the time tells nothing, because there
// is none or because it is of a moment ago, the content counts. Stamps are equal
// when nothing has changed.
type Stamp struct {
	source  int
	modTime int64
	size    int64
	content [sha256.Size]byte
}

// settled is the age from which on a modification time tells every later change
// apart: file systems count time in steps of up to two seconds.
const settled = 2 * time.Second

// Load finds and reads a template. The error is a *[NameError], a
// *[NotFoundError] or says why the file could not be read.
func (l *Loader) Load(name string) (*File, error) {
	if l.Trace != nil {
		l.Trace(l.Explain(name))
	}
	i, info, err := l.find(name)
	if err != nil {
		return nil, err
	}
	data, err := fs.ReadFile(l.Sources[i].FS, name)
	if err != nil {
		return nil, l.unreadable(i, name, err)
	}
	return &File{name, string(data), newStamp(i, info, data)}, nil
}

// Stamp gives the state of a template as [Loader.Load] would find it now, and
// fails as that does.
func (l *Loader) Stamp(name string) (Stamp, error) {
	i, info, err := l.find(name)
	if err != nil {
		return Stamp{}, err
	}
	if hasSettled(info) {
		return newStamp(i, info, nil), nil
	}
	data, err := fs.ReadFile(l.Sources[i].FS, name)
	if err != nil {
		return Stamp{}, l.unreadable(i, name, err)
	}
	return newStamp(i, info, data), nil
}

// newStamp is taken of what was there before data was read: a change in between
// shows in the next stamp.
func newStamp(source int, info fs.FileInfo, data []byte) Stamp {
	s := Stamp{source: source, modTime: info.ModTime().UnixNano(), size: info.Size()}
	if !hasSettled(info) {
		s.content = sha256.Sum256(data)
	}
	return s
}

func hasSettled(info fs.FileInfo) bool {
	return !info.ModTime().IsZero() && time.Since(info.ModTime()) > settled
}

// find gives the first source that has the template.
func (l *Loader) find(name string) (source int, info fs.FileInfo, err error) {
	if err := CheckName(name); err != nil {
		return 0, nil, err
	}
	for i, s := range l.Sources {
		info, err := fs.Stat(s.FS, name)
		if err == nil && info.Mode().IsRegular() {
			return i, info, nil
		}
		if err != nil && !isMissing(err) {
			return 0, nil, l.unreadable(i, name, err)
		}
	}
	return 0, nil, &NotFoundError{name, l}
}

// isMissing reports whether err says that there is no such file. A file in the
// place of a folder is one of the reasons.
func isMissing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

func (l *Loader) unreadable(i int, name string, err error) error {
	return fmt.Errorf("the template %q of %s cannot be read: %w", name, l.Sources[i].describe(), err)
}

// Names lists the templates of all sources, sorted, each once, as far as they
// can be read: at most some thousands.
func (l *Loader) Names() []string {
	const most = 5000
	var names []string
	for _, s := range l.Sources {
		_ = fs.WalkDir(s.FS, ".", func(name string, d fs.DirEntry, err error) error {
			switch {
			case len(names) == most:
				return fs.SkipAll
			case err != nil:
				return nil // a folder that cannot be read has no names to give
			case d.Type().IsRegular():
				names = append(names, name)
			}
			return nil
		})
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// CheckName gives a *[NameError] for what cannot be the name of a template: names
// have slashes between their parts on every system, are relative, and never lead
// upwards.
//
// Source: Jinja: loaders.py, split_template_path.
func CheckName(name string) error {
	reason := ""
	switch {
	case name == "" || name == ".":
		reason = "it is empty"
	case strings.ContainsRune(name, 0):
		reason = "it holds a NUL"
	case strings.ContainsRune(name, '\\'):
		reason = "it holds a backslash; the parts of a name are separated by slashes on every system"
	case name[0] == '/':
		reason = "it starts with a slash; names are relative to the folders of the templates"
	case slices.Contains(strings.Split(name, "/"), ".."):
		reason = `it leads upwards with ".."; what is outside of the folders of the templates cannot be reached`
	case !fs.ValidPath(name):
		reason = fmt.Sprintf("it is not in its shortest form, %q, or not UTF-8", path.Clean(name))
	default:
		return nil
	}
	return &NameError{name, reason}
}
