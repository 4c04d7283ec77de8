package retort

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"sync"
)

// fileOptions are the options of an app or a blueprint about files.
type fileOptions struct {
	rootDir   *string
	files     fs.FS
	templates string // "": none
	static    staticOptions
}

// filesOption is an option of New and of NewBlueprint.
type filesOption func(*fileOptions)

func (f filesOption) applyApp(o *appOptions)             { f(&o.fileOptions) }
func (f filesOption) applyBlueprint(o *blueprintOptions) { f(&o.fileOptions) }

// RootPath says where the templates and the static files of an app or a
// blueprint are: below dir, which is relative to the working directory of the
// moment. [New] and [NewBlueprint] panic when there is no such directory.
//
// Source: Flask: app.py, root_path.
func RootPath(dir string) interface {
	Option
	BlueprintOption
} {
	return filesOption(func(o *fileOptions) { o.rootDir = &dir })
}

// TemplateFolder is the folder of the templates, below the root path
// ([RootPath]) or absolute: "templates" for an app, none for a blueprint unless
// it says so. Templates of a blueprint come after those of the app, which can so
// put its own in their place, and after those of blueprints registered before.
//
// Source: Flask: app.py, template_folder.
func TemplateFolder(dir string) interface {
	Option
	BlueprintOption
} {
	return filesOption(func(o *fileOptions) { o.templates = dir })
}

// Files takes the templates and the static files from tree, mostly
// an embed.FS, in the place of a directory. The files of a tree that have no
// modification time, as those of an embed.FS, must not change while the app
// runs: their entity tags are made of their content, once.
func Files(tree fs.FS) interface {
	Option
	BlueprintOption
} {
	if tree == nil {
		panic("retort: Files takes a tree of files, not nil; for a directory use RootPath")
	}
	return filesOption(func(o *fileOptions) { o.files = tree })
}

// rootPath is where the files of an app are.
type rootPath struct {
	folder
	origin string // what said so
}

// RootPath is the directory below which the app has its templates and static
// files: that of the option [RootPath], else that of the source file that called
// [New] if it exists on this machine, else that of the executable, else the
// working directory. It is "" for an app with [Files].
//
// Source: Flask: app.py, root_path.
func (a *App) RootPath() string {
	if a.root.tree != nil {
		return ""
	}
	return a.root.dir
}

// RootPathOrigin says in words what [App.RootPath] was taken from, for a
// developer who looks for files in vain: "the option RootPath".
func (a *App) RootPathOrigin() string { return a.root.origin }

// findRoot decides where the files of an app or a blueprint are. at is where it
// was made.
func (o *fileOptions) findRoot(at position) rootPath {
	switch {
	case o.files != nil && o.rootDir != nil:
		panic("retort: RootPath and Files exclude each other: the files of an app are in a directory or in a tree")
	case o.files != nil:
		return rootPath{folder{tree: o.files, dir: ".", tags: new(sync.Map)}, "the option Files"}
	case o.rootDir != nil:
		return rootPath{givenRoot(*o.rootDir), "the option RootPath"}
	}
	if info, err := os.Stat(at.file); err == nil && info.Mode().IsRegular() && filepath.IsAbs(at.file) {
		return rootPath{folder{dir: filepath.Dir(at.file)}, "the source file that called New"}
	}
	if exe, err := os.Executable(); err == nil {
		return rootPath{folder{dir: filepath.Dir(exe)}, "the place of the executable"}
	}
	return rootPath{folder{dir: absolute(".")}, "the working directory"}
}

// givenRoot is the directory of the option RootPath.
func givenRoot(dir string) folder {
	dir = absolute(dir)
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		panic(fmt.Sprintf("retort: RootPath: there is no directory %s; a relative path starts at the working directory", dir))
	}
	return folder{dir: dir}
}

// absolute fixes a relative directory to the working directory of the moment.
func absolute(dir string) string {
	if abs, err := filepath.Abs(dir); err == nil {
		return abs
	}
	return dir // the working directory is gone
}

// sub is the folder dir below d, or the one on disk if dir is absolute.
func (d folder) sub(dir string) folder {
	switch {
	case filepath.IsAbs(dir):
		return folder{dir: filepath.Clean(dir)}
	case d.tree != nil:
		return folder{tree: d.tree, dir: path.Join(d.dir, filepath.ToSlash(dir)), tags: d.tags}
	}
	return folder{dir: filepath.Join(d.dir, dir)}
}
