package serving

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestStaticFiles(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	for name, text := range map[string]string{
		dir + "/a.css": "css", dir + "/img/b.txt": "b", dir + "/img/sub/c.txt": "c", outside + "/secret": "s", outside + "/favicon.ico": "icon",
	} {
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
		require.NoError(t, os.WriteFile(name, []byte(text), 0o644))
	}
	require.NoError(t, os.Symlink(outside+"/secret", dir+"/link"))
	folders, err := staticFolders(map[string]string{
		"/assets": dir, "pictures/": dir + "/img", "/assets/deep": dir + "/img/sub", "/favicon.ico": outside + "/favicon.ico",
	})
	require.NoError(t, err)
	h := serveStatic(http.NotFoundHandler(), folders)
	for _, tt := range []struct {
		method, path string
		status       int
		text         string
	}{
		{"GET", "/assets/a.css", 200, "css"},
		{"HEAD", "/assets/a.css", 200, ""},
		{"POST", "/assets/a.css", 404, ""},
		{"GET", "/pictures/b.txt", 200, "b"},
		{"GET", "/assets/img/b.txt", 200, "b"},
		{"GET", "/assets/deep/c.txt", 200, "c"},
		{"GET", "/favicon.ico", 200, "icon"},
		{"GET", "/favicon.ico/x", 404, ""},
		{"GET", "/assets", 404, ""},
		{"GET", "/assets/", 404, ""},
		{"GET", "/assets/img", 404, ""},
		{"GET", "/assetsa.css", 404, ""},
		{"GET", "/assets/link", 404, ""},
		{"GET", "/assets/../secret", 404, ""},
		{"GET", "/assets/./a.css", 404, ""},
		{"GET", "/assets/..%2fa.css", 404, ""},
		{"GET", `/assets/img%5cb.txt`, 404, ""},
		{"GET", "/assets/a.css%00", 404, ""},
		{"GET", "/", 404, ""},
	} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(tt.method, "http://localhost"+tt.path, nil))
		assert.Equal(t, tt.status, w.Code, "%s %s", tt.method, tt.path)
		if tt.status == 200 {
			assert.Equal(t, tt.text, w.Body.String(), tt.path)
			assert.Equal(t, "no-cache", w.Header().Get("Cache-Control"), tt.path)
		}
	}
}

func TestStaticFilesThatHaveNotChanged(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(dir+"/a.css", []byte("a"), 0o644))
	folders, err := staticFolders(map[string]string{"/": dir})
	require.NoError(t, err)
	h := serveStatic(http.NotFoundHandler(), folders)
	first := httptest.NewRecorder()
	h.ServeHTTP(first, httptest.NewRequest("GET", "/a.css", nil))
	require.Equal(t, 200, first.Code)
	again := httptest.NewRequest("GET", "/a.css", nil)
	again.Header.Set("If-None-Match", first.Header().Get("ETag"))
	second := httptest.NewRecorder()
	h.ServeHTTP(second, again)
	assert.Equal(t, 304, second.Code)
}

func TestStaticFilesThatAreNotThere(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "dist")
	err := RunSimple("127.0.0.1", 0, http.NotFoundHandler(), Options{Log: new(syncBuffer), StaticFiles: map[string]string{"/assets": missing}})
	assert.EqualError(t, err, `serving: Options.StaticFiles["/assets"] is `+missing+`, which is not there: stat `+missing+`: no such file or directory`)
}
