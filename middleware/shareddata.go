package middleware

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash/adler32"
	"io"
	"io/fs"
	"maps"
	"mime"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"
)

// SharedDataOptions says which files [SharedDataWith] serves and how. The zero
// value serves none.
type SharedDataOptions struct {
	// Exports maps a path prefix ("/static") to the tree whose files appear
	// below it. The prefix counts up to a slash: /static holds /static/a.css,
	// not /statically. Of several that fit, the longest that has the file wins.
	//
	// For a directory take os.OpenRoot(dir) and its FS: a link in it cannot
	// lead outside. os.DirFS follows such links.
	Exports map[string]fs.FS

	// Files maps a whole path ("/favicon.ico") to one file. It is looked at
	// before Exports.
	Files map[string]SharedFile

	// Disallow is a pattern of path.Match for names that are not served, though
	// they are there: "*.go". It is compared with the last element of the name.
	// A malformed pattern makes SharedDataWith panic.
	Disallow string

	// CacheTimeout is how long a client may use a file without asking again.
	// Zero means 12 hours; below zero clients always ask, and no ETag is sent.
	CacheTimeout time.Duration

	// FallbackMimetype is the Content-Type of a name without a known extension.
	// Empty means application/octet-stream.
	FallbackMimetype string
}

// SharedFile is a file of a tree. Name is as fs.FS has it: "img/favicon.ico".
type SharedFile struct {
	FS   fs.FS
	Name string
}

// SharedData serves the files of exports, a path prefix to the tree below it,
// and passes everything else on. It is [SharedDataWith] with the defaults.
func SharedData(exports map[string]fs.FS) func(http.Handler) http.Handler {
	return SharedDataWith(SharedDataOptions{Exports: exports})
}

// SharedDataWith serves files to GET and HEAD requests, with ETag,
// Cache-Control, Expires and Last-Modified, and answers conditional and range
// requests. A path that is no file of an export goes on to the app, also when it
// is a directory: there are no listings. Names are looked up in the io/fs tree
// alone and must be valid there, so no request can name a file outside.
//
// Options and their maps are read once. Files are opened for each request, so
// changes show at once. The handler is safe for concurrent use if the trees are.
//
// Differs from Werkzeug: other methods go on to the app, because a file does
// not take a POST; the longest prefix comes first, because a Go map has no
// order; a file without a modification time (embed.FS) has an ETag of its
// content and no Last-Modified, because the year 1 would make every build equal.
//
// Werkzeug: middleware/shared_data.py, SharedDataMiddleware.
func SharedDataWith(o SharedDataOptions) func(http.Handler) http.Handler {
	s := newSharedData(o)
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			readable := r.Method == http.MethodGet || r.Method == http.MethodHead
			if !readable || !s.serve(w, r) {
				next.ServeHTTP(w, r)
			}
		})
	}
}

// defaultCacheTimeout is Werkzeug's: 43200 seconds.
const defaultCacheTimeout = 12 * time.Hour

// sharedData is the options made ready.
type sharedData struct {
	files    map[string]SharedFile
	exports  map[string]fs.FS // by prefix, which ends in a slash
	prefixes []string         // of exports, longest first
	disallow string
	timeout  time.Duration // below zero: no caching
	fallback string
}

func newSharedData(o SharedDataOptions) *sharedData {
	if _, err := path.Match(o.Disallow, ""); err != nil {
		panic(fmt.Sprintf("middleware: SharedDataOptions.Disallow %q: %v", o.Disallow, err))
	}
	s := &sharedData{
		files: maps.Clone(o.Files), exports: make(map[string]fs.FS, len(o.Exports)),
		disallow: o.Disallow, timeout: o.CacheTimeout, fallback: o.FallbackMimetype,
	}
	if s.timeout == 0 {
		s.timeout = defaultCacheTimeout
	}
	if s.fallback == "" {
		s.fallback = "application/octet-stream"
	}
	for prefix, tree := range o.Exports {
		s.exports["/"+strings.TrimLeft(strings.TrimRight(prefix, "/")+"/", "/")] = tree
	}
	s.prefixes = slices.SortedFunc(maps.Keys(s.exports), func(a, b string) int {
		return len(b) - len(a)
	})
	return s
}

// serve answers r if it names a file, and reports whether it did.
func (s *sharedData) serve(w http.ResponseWriter, r *http.Request) bool {
	if file, ok := s.files[r.URL.Path]; ok && s.serveFile(w, r, file) {
		return true
	}
	for _, prefix := range s.prefixes {
		name, ok := strings.CutPrefix(r.URL.Path, prefix)
		if ok && s.serveFile(w, r, SharedFile{s.exports[prefix], name}) {
			return true
		}
	}
	return false
}

// serveFile answers r with a file. One that cannot be opened, for whatever
// reason, is not there.
func (s *sharedData) serveFile(w http.ResponseWriter, r *http.Request, file SharedFile) bool {
	if !fs.ValidPath(file.Name) || s.disallowed(file.Name) {
		return false
	}
	if info, err := fs.Stat(file.FS, file.Name); err != nil || !info.Mode().IsRegular() {
		return false // opening a pipe would wait for its writer
	}
	f, err := file.FS.Open(file.Name)
	if err != nil {
		return false
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return false
	}
	content, err := seekable(f)
	if err != nil {
		return false
	}
	tag, err := etag(info, file.Name, content)
	if err != nil {
		return false
	}
	s.setHeaders(w.Header(), file.Name, tag)
	http.ServeContent(w, r, file.Name, info.ModTime(), content)
	return true
}

func (s *sharedData) disallowed(name string) bool {
	matched, _ := path.Match(s.disallow, path.Base(name)) // newSharedData has checked the pattern
	return matched
}

func (s *sharedData) setHeaders(h http.Header, name, tag string) {
	mimetype := mime.TypeByExtension(path.Ext(name))
	if mimetype == "" {
		mimetype = s.fallback
	}
	h.Set("Content-Type", mimetype)
	if s.timeout < 0 {
		h.Set("Cache-Control", "public")
		return
	}
	h.Set("ETag", tag)
	h.Set("Cache-Control", fmt.Sprintf("max-age=%d, public", int64(s.timeout.Seconds())))
	h.Set("Expires", time.Now().Add(s.timeout).UTC().Format(http.TimeFormat))
}

// seekable gives f as http.ServeContent needs it. The files of the standard
// library can seek; others are read.
func seekable(f fs.File) (io.ReadSeeker, error) {
	if s, ok := f.(io.ReadSeeker); ok {
		return s, nil
	}
	all, err := io.ReadAll(f)
	return bytes.NewReader(all), err
}

// etag is made of time, size and name, or of the content of a file without a
// time. The time is as exact as it is: a file may change twice in a second.
func etag(info fs.FileInfo, name string, content io.ReadSeeker) (string, error) {
	if !info.ModTime().IsZero() {
		return fmt.Sprintf(`"wzsdm-%d-%d-%d"`, info.ModTime().UnixNano(), info.Size(), adler32.Checksum([]byte(name))), nil
	}
	sum := sha256.New()
	_, err := io.Copy(sum, content)
	_, rewound := content.Seek(0, io.SeekStart)
	return fmt.Sprintf(`"wzsdm-%x"`, sum.Sum(nil)[:16]), errors.Join(err, rewound)
}
