package retort_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
)

func TestTheStaticRoute(t *testing.T) {
	with := retort.RootPath(writeTree(t, map[string]string{"static/a.css": "a", "web/dist/b.js": "b"}))
	without := retort.RootPath(t.TempDir())
	for _, tt := range []struct {
		name  string
		opts  []retort.Option
		rules []string
		path  string // answered with 200
	}{
		{"the folder is there", []retort.Option{with}, []string{"/static/<path:filename>"}, "/static/a.css"},
		{"no folder", []retort.Option{without}, nil, ""},
		{"no folder, but named", []retort.Option{without, retort.StaticFolder("static")}, []string{"/static/<path:filename>"}, ""},
		{"none wanted", []retort.Option{with, retort.StaticFolder("")}, nil, ""},
		{"another folder", []retort.Option{with, retort.StaticFolder("web/dist/")}, []string{"/dist/<path:filename>"}, "/dist/b.js"},
		{"another path", []retort.Option{with, retort.StaticURLPath("/assets/")}, []string{"/assets/<path:filename>"}, "/assets/a.css"},
		{"at the root", []retort.Option{with, retort.StaticURLPath("")}, []string{"/<path:filename>"}, "/a.css"},
		{"host matching without a host", []retort.Option{with, retort.HostMatching()}, nil, ""},
		{"host matching", []retort.Option{with, retort.HostMatching(), retort.StaticHost("localhost")},
			[]string{"/static/<path:filename>"}, "/static/a.css"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			app := quiet(tt.opts...)
			var rules []string
			for _, r := range app.URLMap() {
				assert.Equal(t, "static", r.Endpoint)
				assert.Equal(t, []string{"GET", "HEAD", "OPTIONS"}, r.Methods)
				assert.True(t, strings.HasPrefix(r.Where, "testclient_test.go:"), "where New was called, not %s", r.Where)
				rules = append(rules, r.Rule)
			}
			assert.Equal(t, tt.rules, rules)
			if tt.path != "" {
				assert.Equal(t, 200, app.TestClient().Get(tt.path).Status)
			}
			assert.Equal(t, 404, app.TestClient().Get("/static/nope").Status)
		})
	}
	app := quiet(with)
	app.Get("/u")(func(c *retort.Context) string { return c.URLFor("static", "filename", "img/a b.png") })
	assert.Equal(t, "/static/img/a%20b.png", app.TestClient().Get("/u").Text)
	assert.Equal(t, 405, app.TestClient().Post("/static/a.css").Status)
}

func TestStaticOptionsThatDoNotFit(t *testing.T) {
	dir := t.TempDir()
	for want, f := range map[string]func(){
		`retort: an app with HostMatching needs a StaticHost for its static files, or StaticFolder("") to have none`: func() {
			quiet(retort.HostMatching(), retort.StaticFolder("static"))
		},
		"retort: StaticHost is for apps with HostMatching; without it static files are there on every host": func() {
			quiet(retort.StaticHost("a.test"))
		},
		"retort: RootPath and Files exclude each other: the files of an app are in a directory or in a tree": func() {
			quiet(retort.RootPath(dir), retort.Files(fstest.MapFS{}))
		},
		"retort: Files takes a tree of files, not nil; for a directory use RootPath": func() { retort.Files(nil) },
		"retort: RootPath: there is no directory " + dir + "/nope; a relative path starts at the working directory": func() {
			quiet(retort.RootPath(dir + "/nope"))
		},
	} {
		assert.Equal(t, want, panicOf(t, f))
	}
}

// exposed is a static folder beside a secret, with links.
func exposed(t testing.TB) retort.Option {
	dir := writeTree(t, map[string]string{
		"secret.txt": "secret", "static/a.txt": "a", "static/sub/b.txt": "b", "static/aux.txt": "device", "static/back\\slash": "x",
		"static/odd\r\nX-Evil: 1.txt": "odd", "static/quote\"d.txt": "quoted",
	})
	require.NoError(t, os.Symlink("../secret.txt", filepath.Join(dir, "static", "out")))
	require.NoError(t, os.Symlink(filepath.Join(dir, "secret.txt"), filepath.Join(dir, "static", "abs")))
	require.NoError(t, os.Symlink("..", filepath.Join(dir, "static", "up")))
	require.NoError(t, os.Symlink("loop", filepath.Join(dir, "static", "loop")))
	require.NoError(t, os.Symlink("sub/b.txt", filepath.Join(dir, "static", "inside")))
	return retort.RootPath(dir)
}

func TestNamesThatAreNotServed(t *testing.T) {
	client := quiet(exposed(t)).TestClient()
	for name, path := range map[string]string{
		"upwards":                    "../secret.txt",
		"upwards, escaped":           "%2e%2e/secret.txt",
		"upwards, all escaped":       "%2e%2e%2fsecret.txt",
		"upwards from below":         "sub/../../secret.txt",
		"upwards and back":           "../static/a.txt",
		"a link out":                 "out",
		"an absolute link":           "abs",
		"below a link out":           "up/secret.txt",
		"a link to itself":           "loop",
		"a directory":                "sub",
		"a directory with a slash":   "sub/",
		"the folder":                 ".",
		"below a file":               "a.txt/b",
		"a NUL":                      "a.txt%00",
		"a NUL before an extension":  "a%00.txt",
		"backslashes":                "..%5csecret.txt",
		"a backslash that is there":  "back%5cslash",
		"a drive":                    "C:%5csecret.txt",
		"a device that is there":     "aux.txt",
		"a device":                   "NUL",
		"a device with an extension": "sub/con.css",
		"a device and blanks":        "COM1%20.txt",
		"an odd device":              "lpt%C2%B9.log",
		"a console":                  "conin$",
		"no UTF-8":                   "%ff%fe",
		"an overlong slash":          "..%c0%afsecret.txt",
		"a name too long":            strings.Repeat("x", 5000),
		"many parts":                 strings.Repeat("sub/../", 2000) + "nope",
	} {
		res := client.Get("/static/" + path)
		assert.Equal(t, 404, res.Status, "%s: %s", name, path)
		assert.NotContains(t, res.Text, "secret", name)
	}
	for _, path := range []string{"/static//etc/passwd", "/static/%2fetc/passwd"} {
		assert.Equal(t, "http://localhost/static/etc/passwd", client.Get(path).Location(), "slashes are merged first")
	}
	for path, want := range map[string]string{
		"a.txt": "a", "a.txt/": "a", "sub/../a.txt": "a", "sub//b.txt": "b", "./a.txt": "a", "inside": "b",
	} {
		assert.Equal(t, want, client.Get("/static/"+path).Text, path)
	}
}

func TestNamesThatNeedCareInFields(t *testing.T) {
	app := quiet(exposed(t))
	app.Get("/by-query")(func(c *retort.Context) any {
		return c.SendFromDirectory("static", c.Request.Args().Get("name"))
	})
	client := app.TestClient()
	assert.Equal(t, 404, client.Get("/by-query?name=/etc/passwd").Status)
	assert.Equal(t, 404, client.Get("/by-query?name=").Status)
	res := client.Get("/by-query?name=odd%0d%0aX-Evil:%201.txt")
	assert.Equal(t, "odd", res.Text)
	assert.Empty(t, res.Header.Get("X-Evil"))
	assert.Equal(t, `inline; filename="oddX-Evil: 1.txt"; filename*=UTF-8''odd%0D%0AX-Evil%3A%201.txt`, res.Header.Get("Content-Disposition"))
	assert.Equal(t, `inline; filename="quote\"d.txt"`, client.Get("/static/quote%22d.txt").Header.Get("Content-Disposition"))
}

func FuzzStaticName(f *testing.F) {
	app := quiet(exposed(f))
	for _, name := range []string{"a.txt", "../secret.txt", "sub/../../secret.txt", "up/secret.txt", "\x00", "//", `\..\secret.txt`} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.URL.Path = "/static/" + name
		w := httptest.NewRecorder()
		app.ServeHTTP(w, r)
		assert.NotEqual(t, "secret", w.Body.String(), "nothing outside of the folder is sent")
		assert.NotEqual(t, 500, w.Code, "a name is never an error of the app")
	})
}

func TestTheStaticFolderMayChange(t *testing.T) {
	dir := writeTree(t, map[string]string{"static/a.txt": "old", "real/a.txt": "linked"})
	static := filepath.Join(dir, "static")
	client := quiet(retort.RootPath(dir)).TestClient()
	assert.Equal(t, "old", client.Get("/static/a.txt").Text)
	require.NoError(t, os.RemoveAll(static))
	assert.Equal(t, 404, client.Get("/static/a.txt").Status)
	require.NoError(t, os.Mkdir(static, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(static, "a.txt"), []byte("new"), 0o644))
	assert.Equal(t, "new", client.Get("/static/a.txt").Text)
	require.NoError(t, os.RemoveAll(static))
	require.NoError(t, os.Symlink("real", static))
	assert.Equal(t, "linked", client.Get("/static/a.txt").Text, "the folder itself may be a link")
}

func TestStaticFilesOfATree(t *testing.T) {
	tree := fstest.MapFS{"static/a.css": {Data: []byte("0123456789")}, "secret": {Data: []byte("secret")}}
	app := quiet(retort.Files(tree))
	app.Get("/file")(func(c *retort.Context) any { return c.SendFile("static/a.css") })
	app.Get("/dir")(func(c *retort.Context) any { return c.SendFromDirectory("static", "a.css") })
	client := app.TestClient()
	for _, path := range []string{"/static/a.css", "/file", "/dir"} {
		res := client.Get(path)
		assert.Equal(t, "0123456789", res.Text, path)
		assert.Equal(t, "text/css; charset=utf-8", res.Header.Get("Content-Type"))
		assert.Equal(t, "10", res.Header.Get("Content-Length"))
		assert.Empty(t, res.Header.Get("Last-Modified"))
		assert.Equal(t, "89", client.Get(path, retort.WithHeader("Range", "bytes=8-")).Text)
		assert.Equal(t, 304, client.Get(path, retort.WithHeader("If-None-Match", res.Header.Get("ETag"))).Status)
	}
	for _, path := range []string{"/static/../secret", "/static/", "/static/nope"} {
		assert.Equal(t, 404, client.Get(path).Status, path)
	}
	assert.Equal(t, "", app.RootPath())
	assert.Equal(t, "the option Files", app.RootPathOrigin())
}

func TestPrecompressed(t *testing.T) {
	var zipped strings.Builder
	zip := gzip.NewWriter(&zipped)
	_, err := zip.Write([]byte("plain"))
	require.NoError(t, err)
	require.NoError(t, zip.Close())
	dir := writeTree(t, map[string]string{
		"static/a.css": "plain", "static/a.css.gz": zipped.String(), "static/a.css.br": "brotli", "static/a.css.zst": "zstandard",
		"static/b.js": "new", "static/b.js.gz": "stale", "static/c.txt": "alone", "static/d.gz": "only", "static/e.txt": "e", "static/e.txt.br/x": "",
		"static/f.tar.gz": "gz", "static/f.tar.gz.br": "twice",
	})
	stale := filepath.Join(dir, "static", "b.js.gz")
	require.NoError(t, os.Chtimes(stale, fileTime, fileTime.Add(-time.Second)))
	app := quiet(retort.RootPath(dir), retort.Precompressed())
	app.Get("/x")(func(c *retort.Context) any { return c.SendFromDirectory("static", "a.css", retort.Precompressed()) })
	client := app.TestClient()
	for _, tt := range []struct{ path, accept, coding, body string }{
		{"/static/a.css", "", "", "plain"},
		{"/static/a.css", "identity", "", "plain"},
		{"/static/a.css", "gzip, deflate, br, zstd", "br", "brotli"},
		{"/static/a.css", "gzip, zstd", "zstd", "zstandard"},
		{"/static/a.css", "gzip, br;q=0.5", "gzip", zipped.String()},
		{"/static/a.css", "gzip;q=0.5, identity", "", "plain"},
		{"/static/a.css", "br;q=0, gzip;q=0", "", "plain"},
		{"/static/a.css", "*", "br", "brotli"},
		{"/static/b.js", "gzip", "", "new"},
		{"/static/c.txt", "gzip, br", "", "alone"},
		{"/static/e.txt", "br", "", "e"},
		{"/static/f.tar.gz", "br", "gzip", "gz"},
		{"/x", "zstd", "zstd", "zstandard"},
	} {
		var opts []retort.TestOption
		if tt.accept != "" {
			opts = append(opts, retort.WithHeader("Accept-Encoding", tt.accept))
		}
		res := client.Get(tt.path, opts...)
		name := tt.path + " for " + tt.accept
		assert.Equal(t, tt.body, res.Text, name)
		assert.Equal(t, tt.coding, res.Header.Get("Content-Encoding"), name)
		assert.Equal(t, []string{"Accept-Encoding"}, res.Header["Vary"], name)
		assert.NotContains(t, res.Header.Get("Content-Disposition"), ".br", name)
		assert.NotEqual(t, "application/octet-stream", res.Header.Get("Content-Type"), name)
	}
	plain, packed := client.Get("/static/a.css"), client.Get("/static/a.css", retort.WithHeader("Accept-Encoding", "br"))
	assert.NotEqual(t, plain.Header.Get("ETag"), packed.Header.Get("ETag"))
	again := client.Get("/static/a.css", retort.WithHeader("Accept-Encoding", "br"), retort.WithHeader("If-None-Match", packed.Header.Get("ETag")))
	assert.Equal(t, 304, again.Status)

	server := httptest.NewServer(app)
	defer server.Close()
	res, err := http.Get(server.URL + "/static/a.css") // asks for gzip by itself
	require.NoError(t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	assert.Equal(t, "plain", string(body))

	off := quiet(retort.RootPath(dir)).TestClient().Get("/static/a.css", retort.WithHeader("Accept-Encoding", "br"))
	assert.Equal(t, "plain", off.Text)
	assert.Empty(t, off.Header["Vary"])
}

// discardWriter keeps nothing, so that allocations are those of the app.
type discardWriter struct{ header http.Header }

func (w *discardWriter) Header() http.Header               { return w.header }
func (w *discardWriter) WriteHeader(int)                   {}
func (w *discardWriter) Write(p []byte) (int, error)       { return len(p), nil }
func (w *discardWriter) WriteString(s string) (int, error) { return len(s), nil }

func TestAStaticFolderDoesNotSlowOtherViews(t *testing.T) {
	root := retort.RootPath(writeTree(t, map[string]string{"static/a.txt": "a"}))
	allocations := func(opts ...retort.Option) float64 {
		app := quiet(opts...)
		app.Get("/hello/<name>")(func(name string) string { return name })
		w := &discardWriter{make(http.Header)}
		r := httptest.NewRequest("GET", "/hello/world", nil)
		return testing.AllocsPerRun(100, func() { app.ServeHTTP(w, r) })
	}
	assert.Zero(t, allocations(root))
	assert.Zero(t, allocations(retort.StaticFolder("")))
}

func TestAllocationsOfAStaticFile(t *testing.T) {
	app := quiet(retort.RootPath(writeTree(t, map[string]string{"static/a.txt": "a"})))
	w := &discardWriter{make(http.Header)}
	r := httptest.NewRequest("GET", "/static/a.txt", nil)
	got := testing.AllocsPerRun(100, func() { app.ServeHTTP(w, r) })
	assert.LessOrEqual(t, got, 45.0)
}

func TestManyRequestsShareTheStaticFolder(t *testing.T) {
	dir := writeTree(t, map[string]string{"static/a.txt": "a", "other/a.txt": "a"})
	app := quiet(retort.RootPath(dir))
	static, other := filepath.Join(dir, "static"), filepath.Join(dir, "other")
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			client := app.TestClient()
			for range 100 {
				assert.Contains(t, []int{200, 404}, client.Get("/static/a.txt").Status, "never an error while the folder is replaced")
			}
		})
	}
	for range 50 {
		assert.NoError(t, os.Rename(static, filepath.Join(dir, "old")))
		assert.NoError(t, os.Rename(other, static))
		assert.NoError(t, os.Rename(filepath.Join(dir, "old"), other))
	}
	wait.Wait()
}
