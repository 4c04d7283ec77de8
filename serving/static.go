package serving

import (
	"cmp"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// staticFolder is one of Options.StaticFiles.
type staticFolder struct {
	prefix string // without a slash at its end
	dir    string // absolute
	file   string // the one file of dir that is served, at prefix; "": all, below it
}

// staticFolders looks at Options.StaticFiles, longest prefix first.
func staticFolders(files map[string]string) ([]staticFolder, error) {
	var all []staticFolder
	for _, prefix := range slices.Sorted(maps.Keys(files)) {
		dir, err := filepath.Abs(files[prefix])
		if err != nil {
			return nil, fmt.Errorf("serving: Options.StaticFiles[%q]: %w", prefix, err)
		}
		info, err := os.Stat(dir)
		if err != nil {
			return nil, fmt.Errorf("serving: Options.StaticFiles[%q] is %s, which is not there: %w", prefix, dir, err)
		}
		f := staticFolder{prefix: path.Clean("/" + prefix), dir: dir}
		if !info.IsDir() {
			f.dir, f.file = filepath.Split(dir)
		}
		all = append(all, f)
	}
	slices.SortStableFunc(all, func(a, b staticFolder) int { return cmp.Compare(len(b.prefix), len(a.prefix)) })
	return all, nil
}

// name is the name of the file in the folder that a URL stands for.
func (f *staticFolder) name(urlPath string) (string, bool) {
	if f.file != "" {
		return f.file, urlPath == f.prefix
	}
	name, ok := strings.CutPrefix(urlPath, strings.TrimSuffix(f.prefix, "/")+"/")
	if !ok || name == "." || !fs.ValidPath(name) || strings.ContainsAny(name, "\\\x00") {
		return "", false
	}
	local, err := filepath.Localize(name)
	return local, err == nil
}

// serveStatic serves the files of folders, and leaves the rest to next. Clients
// ask anew each time whether a file has changed.
//
// Werkzeug: middleware/shared_data.py, SharedDataMiddleware. Differs from it:
// nothing is cached without asking, because this is for development.
func serveStatic(next http.Handler, folders []staticFolder) http.Handler {
	if len(folders) == 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet || r.Method == http.MethodHead {
			for i := range folders {
				if name, ok := folders[i].name(r.URL.Path); ok && folders[i].serve(w, r, name) {
					return
				}
			}
		}
		next.ServeHTTP(w, r)
	})
}

// serve answers with a regular file of the folder, and reports whether there is
// one. What is below the folder cannot lead outside of it.
func (f *staticFolder) serve(w http.ResponseWriter, r *http.Request, name string) bool {
	root, err := os.OpenRoot(f.dir)
	if err != nil {
		return false
	}
	defer root.Close()
	info, err := root.Stat(name) // first: opening a pipe waits for its writer
	if err != nil || !info.Mode().IsRegular() {
		return false
	}
	file, err := root.Open(name)
	if err != nil {
		return false
	}
	defer file.Close()
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("ETag", fmt.Sprintf(`"%x-%x"`, info.ModTime().UnixNano(), info.Size()))
	http.ServeContent(w, r, name, info.ModTime(), file)
	return true
}
