package middleware_test

import (
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/middleware"
)

var modified = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func data(content string) *fstest.MapFile {
	return &fstest.MapFile{Data: []byte(content), ModTime: modified}
}

func tree() fs.FS {
	return fstest.MapFS{
		"style.css": data("body{}"), "js/app.js": data("1;"), "noext": data("x"), "index.html": data("<p>"), "secret.go": data("package x"),
	}
}

// app is what stands behind.
func app(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "app "+r.Method+" "+r.URL.Path) }

func serve(h func(http.Handler) http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h(http.HandlerFunc(app)).ServeHTTP(w, r)
	return w
}

func get(target string) *http.Request { return httptest.NewRequest("GET", target, nil) }

func TestSharedDataServesFilesAndPassesTheRestOn(t *testing.T) {
	h := middleware.SharedDataWith(middleware.SharedDataOptions{
		Exports: map[string]fs.FS{
			"/static": tree(), "/static/js/": fstest.MapFS{"own.js": data("own")}, "assets": tree(),
		},
		Files:    map[string]middleware.SharedFile{"/favicon.ico": {tree(), "style.css"}, "/gone": {tree(), "gone"}},
		Disallow: "*.go",
	})
	for _, tt := range []struct{ name, method, target, want string }{
		{"a file", "GET", "/static/style.css", "body{}"},
		{"a file further down", "GET", "/assets/js/app.js", "1;"},
		{"the longer prefix", "GET", "/static/js/own.js", "own"},
		{"the shorter prefix, if only it has the file", "GET", "/static/js/app.js", "1;"},
		{"one file", "GET", "/favicon.ico", "body{}"},
		{"HEAD", "HEAD", "/static/style.css", ""},
		{"an escaped name", "GET", "/static/%73tyle.css", "body{}"},
		{"a page that net/http's file server would move", "GET", "/static/index.html", "<p>"},
		{"one file that is gone", "GET", "/gone", "app GET /gone"},
		{"below one file", "GET", "/favicon.ico/x", "app GET /favicon.ico/x"},
		{"no such file", "GET", "/static/nope.css", "app GET /static/nope.css"},
		{"a directory", "GET", "/static/js", "app GET /static/js"},
		{"a directory with its slash", "GET", "/static/js/", "app GET /static/js/"},
		{"the prefix itself", "GET", "/static/", "app GET /static/"},
		{"the prefix without its slash", "GET", "/static", "app GET /static"},
		{"a longer word than the prefix", "GET", "/statically/style.css", "app GET /statically/style.css"},
		{"another method", "POST", "/static/style.css", "app POST /static/style.css"},
		{"a name that is not allowed", "GET", "/static/secret.go", "app GET /static/secret.go"},
		{"dots", "GET", "/static/js/../style.css", "app GET /static/js/../style.css"},
		{"escaped dots", "GET", "/static/%2e%2e/x", "app GET /static/../x"},
		{"an absolute name", "GET", "/static//style.css", "app GET /static//style.css"},
		{"a slash after a file", "GET", "/static/style.css/", "app GET /static/style.css/"},
		{"a zero byte", "GET", "/static/style.css%00", "app GET /static/style.css\x00"},
		{"a backslash", "GET", `/static/..%5cstyle.css`, `app GET /static/..\style.css`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := serve(h, httptest.NewRequest(tt.method, tt.target, nil))
			assert.Equal(t, http.StatusOK, w.Code)
			assert.Equal(t, tt.want, w.Body.String())
		})
	}
}

func TestSharedDataHeaders(t *testing.T) {
	before := time.Now().Truncate(time.Second)
	w := serve(middleware.SharedData(map[string]fs.FS{"/static": tree()}), get("/static/style.css"))
	h := w.Header()
	expires, err := http.ParseTime(h.Get("Expires"))
	require.NoError(t, err)
	assert.False(t, expires.Before(before.Add(12*time.Hour)))
	assert.False(t, expires.After(time.Now().Add(12*time.Hour)))
	h.Del("Expires")
	h.Del("Accept-Ranges") // net/http's own
	assert.Equal(t, http.Header{
		"Content-Type": {"text/css; charset=utf-8"}, "Content-Length": {"6"}, "Etag": {`"wzsdm-1795176000000000000-6-314442665"`},
		"Cache-Control": {"max-age=43200, public"}, "Last-Modified": {"Fri, 20 Nov 2026 12:00:00 GMT"},
	}, h)
}

func TestSharedDataOptionsChangeTheHeaders(t *testing.T) {
	for _, tt := range []struct {
		name    string
		options middleware.SharedDataOptions
		want    map[string]string
	}{
		{"a timeout", middleware.SharedDataOptions{CacheTimeout: time.Minute}, map[string]string{"Cache-Control": "max-age=60, public", "Content-Type": "application/octet-stream"}},
		{"no caching", middleware.SharedDataOptions{CacheTimeout: -1}, map[string]string{"Cache-Control": "public", "ETag": "", "Expires": "", "Last-Modified": "Fri, 20 Nov 2026 12:00:00 GMT"}},
		{"a type", middleware.SharedDataOptions{FallbackMimetype: "text/plain"}, map[string]string{"Content-Type": "text/plain"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.options.Exports = map[string]fs.FS{"/": tree()}
			w := serve(middleware.SharedDataWith(tt.options), get("/noext"))
			assert.Equal(t, "x", w.Body.String())
			for name, want := range tt.want {
				assert.Equal(t, want, w.Header().Get(name), name)
			}
		})
	}
}

func TestSharedDataAnswersConditions(t *testing.T) {
	h := middleware.SharedData(map[string]fs.FS{"/static": tree()})
	tag := serve(h, get("/static/style.css")).Header().Get("ETag")
	for _, tt := range []struct {
		name, field, value string
		code               int
		body               string
	}{
		{"the same tag", "If-None-Match", tag, 304, ""},
		{"the same tag, weak", "If-None-Match", "W/" + tag, 304, ""},
		{"another tag", "If-None-Match", `"other"`, 200, "body{}"},
		{"not modified since", "If-Modified-Since", "Fri, 20 Nov 2026 12:00:00 GMT", 304, ""},
		{"modified since", "If-Modified-Since", "Fri, 20 Nov 2026 11:59:59 GMT", 200, "body{}"},
		{"a range", "Range", "bytes=0-3", 206, "body"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := get("/static/style.css")
			r.Header.Set(tt.field, tt.value)
			w := serve(h, r)
			assert.Equal(t, tt.code, w.Code)
			assert.Equal(t, tt.body, w.Body.String())
			assert.Equal(t, tag, w.Header().Get("ETag"))
			assert.Equal(t, "max-age=43200, public", w.Header().Get("Cache-Control"))
		})
	}
}

func TestSharedDataWithoutATimeTagsTheContent(t *testing.T) {
	tag := func(content string) (string, string) {
		w := serve(middleware.SharedData(map[string]fs.FS{"/": fstest.MapFS{"a": {Data: []byte(content)}}}), get("/a"))
		assert.Equal(t, content, w.Body.String())
		return w.Header().Get("ETag"), w.Header().Get("Last-Modified")
	}
	one, modified := tag("one")
	assert.Empty(t, modified)
	two, _ := tag("two")
	again, _ := tag("one")
	assert.Equal(t, one, again)
	assert.NotEqual(t, one, two)
}

// stream hides all that a file can do but reading.
type stream struct{ fs.FS }

func (s stream) Open(name string) (fs.File, error) {
	f, err := s.FS.Open(name)
	return struct{ fs.File }{f}, err
}

func TestSharedDataReadsFilesThatCannotSeek(t *testing.T) {
	w := serve(middleware.SharedData(map[string]fs.FS{"/": stream{tree()}}), get("/style.css"))
	assert.Equal(t, "body{}", w.Body.String())
}

func TestSharedDataStaysInsideARoot(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "secret"), []byte("secret"), 0o600))
	public := filepath.Join(dir, "public")
	require.NoError(t, os.Mkdir(public, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(public, "a.txt"), []byte("open"), 0o600))
	require.NoError(t, os.Symlink("../secret", filepath.Join(public, "link")))
	root, err := os.OpenRoot(public)
	require.NoError(t, err)
	t.Cleanup(func() { root.Close() })
	h := middleware.SharedData(map[string]fs.FS{"/p": root.FS()})
	assert.Equal(t, "open", serve(h, get("/p/a.txt")).Body.String())
	for _, target := range []string{"/p/link", "/p/../secret", "/p/%2e%2e%2fsecret", "/p//etc/passwd"} {
		assert.True(t, strings.HasPrefix(serve(h, get(target)).Body.String(), "app "), target)
	}
}

func TestSharedDataRefusesAMalformedPattern(t *testing.T) {
	assert.PanicsWithValue(t, `middleware: SharedDataOptions.Disallow "[": syntax error in pattern`, func() {
		middleware.SharedDataWith(middleware.SharedDataOptions{Disallow: "["})
	})
}

// Whatever the path, the answer is a file of the tree or the app's, and the
// tree is never asked for a name that is not valid in it.
func FuzzSharedData(f *testing.F) {
	for _, path := range []string{"/static/style.css", "/static/../x", "/static/./js/app.js", "/static//a", "/static/\x00", `/static/..\x`} {
		f.Add(path)
	}
	h := middleware.SharedData(map[string]fs.FS{"/static": strict{f, tree()}})
	f.Fuzz(func(t *testing.T, path string) {
		r := get("/")
		r.URL.Path = path
		body := serve(h, r).Body.String()
		name, below := strings.CutPrefix(path, "/static/")
		want := "app GET " + path
		if content, err := fs.ReadFile(tree(), name); below && err == nil {
			want = string(content)
		}
		assert.Equal(t, want, body)
	})
}

// strict fails the test when it is asked for what no tree can have.
type strict struct {
	tb testing.TB
	fs.FS
}

func (s strict) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		s.tb.Errorf("the tree was asked for %q", name)
	}
	return s.FS.Open(name)
}

func BenchmarkSharedData(b *testing.B) {
	h := middleware.SharedData(map[string]fs.FS{"/static": tree(), "/assets": tree()})(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	for name, target := range map[string]string{"path=hit": "/static/style.css", "path=miss": "/users/7"} {
		b.Run(name, func(b *testing.B) {
			r := get(target)
			b.ReportAllocs()
			for b.Loop() {
				h.ServeHTTP(httptest.NewRecorder(), r)
			}
		})
	}
}
