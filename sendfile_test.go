package retort_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/gateway"
)

// fileTime is when the files of these tests were changed.
var fileTime = time.Date(2023, 11, 14, 22, 13, 20, 0, time.UTC)

// writeTree writes files, by their names below a directory of their own.
func writeTree(t testing.TB, files map[string]string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
		require.NoError(t, os.Chtimes(path, fileTime, fileTime))
	}
	return dir
}

// sendingFile is the answer of an app whose only view is f.
func sendingFile(app *retort.App, f func(c *retort.Context) any, opts ...retort.TestOption) *retort.TestResponse {
	app.Get("/", retort.Endpoint("send"))(f)
	return app.TestClient().Get("/", opts...)
}

func TestSendFileByItsName(t *testing.T) {
	dir := writeTree(t, map[string]string{"a.txt": "0123456789", "x.tar.gz": "zz", "noext": "n", "sub/page.html": "<p>"})
	for _, tt := range []struct {
		name, file, body string
		opts             []retort.SendFileOption
		want             http.Header
	}{
		{"text", "a.txt", "0123456789", nil, http.Header{
			"Content-Type":        {"text/plain; charset=utf-8"},
			"Content-Disposition": {"inline; filename=a.txt"},
			"Content-Length":      {"10"},
			"Cache-Control":       {"no-cache"},
			"Last-Modified":       {"Tue, 14 Nov 2023 22:13:20 GMT"},
			"Accept-Ranges":       {"bytes"},
		}},
		{"a name in a folder", "sub/page.html", "<p>", nil, http.Header{
			"Content-Type": {"text/html; charset=utf-8"}, "Content-Disposition": {"inline; filename=page.html"},
		}},
		{"an absolute path", filepath.Join(dir, "a.txt"), "0123456789", nil, http.Header{
			"Content-Disposition": {"inline; filename=a.txt"},
		}},
		{"without an extension", "noext", "n", nil, http.Header{"Content-Type": {"application/octet-stream"}}},
		{"a coding", "x.tar.gz", "zz", nil, http.Header{"Content-Type": {"application/x-tar"}, "Content-Encoding": {"gzip"}}},
		{"a coding as an attachment stays as it is", "x.tar.gz", "zz", []retort.SendFileOption{retort.AsAttachment()},
			http.Header{"Content-Encoding": nil, "Content-Disposition": {"attachment; filename=x.tar.gz"}}},
		{"another name and type", "a.txt", "0123456789",
			[]retort.SendFileOption{retort.DownloadName("naïve ☃.csv"), retort.AsAttachment()}, http.Header{
				"Content-Type":        {"text/csv; charset=utf-8"},
				"Content-Disposition": {`attachment; filename="naive .csv"; filename*=UTF-8''na%C3%AFve%20%E2%98%83.csv`},
			}},
		{"a quote in the name", "a.txt", "0123456789", []retort.SendFileOption{retort.DownloadName(`a"b\c.txt`)},
			http.Header{"Content-Disposition": {`inline; filename="a\"b\\c.txt"`}}},
		{"a type of its own", "a.txt", "0123456789", []retort.SendFileOption{retort.Mimetype("text/x-custom")},
			http.Header{"Content-Type": {"text/x-custom; charset=utf-8"}}},
		{"a tag of its own", "a.txt", "0123456789", []retort.SendFileOption{retort.ETag("v1")}, http.Header{"Etag": {`"v1"`}}},
		{"no tag", "a.txt", "0123456789", []retort.SendFileOption{retort.ETag("")}, http.Header{"Etag": nil}},
		{"another time", "a.txt", "0123456789", []retort.SendFileOption{retort.LastModified(time.Unix(1600000000, 0))},
			http.Header{"Last-Modified": {"Sun, 13 Sep 2020 12:26:40 GMT"}}},
		{"an age", "a.txt", "0123456789", []retort.SendFileOption{retort.MaxAge(time.Minute)},
			http.Header{"Cache-Control": {"public, max-age=60"}}},
		{"no age", "a.txt", "0123456789", []retort.SendFileOption{retort.MaxAge(0)},
			http.Header{"Cache-Control": {"no-cache, max-age=0"}}},
		{"unconditional", "a.txt", "0123456789", []retort.SendFileOption{retort.Conditional(false)},
			http.Header{"Accept-Ranges": nil}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			res := sendingFile(quiet(retort.RootPath(dir)), func(c *retort.Context) any { return c.SendFile(tt.file, tt.opts...) })
			assert.Equal(t, 200, res.Status)
			assert.Equal(t, tt.body, res.Text)
			for name, want := range tt.want {
				assert.Equal(t, want, res.Header[name], name)
			}
		})
	}
}

func TestSendFileOfContentWithoutAName(t *testing.T) {
	name := retort.DownloadName("x.txt")
	for _, tt := range []struct {
		name string
		file any
		opts []retort.SendFileOption
	}{
		{"bytes", []byte("0123456789"), []retort.SendFileOption{name}},
		{"a reader over memory", strings.NewReader("0123456789"), []retort.SendFileOption{name}},
		{"a stream", io.MultiReader(strings.NewReader("01234"), strings.NewReader("56789")), []retort.SendFileOption{name}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			res := sendingFile(quiet(), func(c *retort.Context) any { return c.SendFile(tt.file, tt.opts...) })
			assert.Equal(t, 200, res.Status)
			assert.Equal(t, "0123456789", res.Text)
			assert.Equal(t, []string{"text/plain; charset=utf-8"}, res.Header["Content-Type"])
			assert.Empty(t, res.Header["Etag"])
			assert.Empty(t, res.Header["Last-Modified"])
		})
	}
	part := sendingFile(quiet(), func(c *retort.Context) any {
		r := strings.NewReader("xx0123456789")
		_, _ = r.Seek(2, io.SeekStart)
		return c.SendFile(r, name)
	}, retort.WithHeader("Range", "bytes=1-2"))
	assert.Equal(t, 206, part.Status)
	assert.Equal(t, "12", part.Text, "counted from where the reader stands")
	assert.Equal(t, []string{"bytes 1-2/10"}, part.Header["Content-Range"])
}

func TestSendFileThatCannotBe(t *testing.T) {
	dir := writeTree(t, map[string]string{"app/a.txt": "a", "secret": "s"})
	app := filepath.Join(dir, "app")
	require.NoError(t, os.Symlink("../secret", filepath.Join(app, "link")))
	missing := "there is no such regular file in " + app + ", the root path (from the option RootPath), or the name leads outside of it"
	for _, tt := range []struct {
		name string
		file any
		opts []retort.SendFileOption
		want string
	}{
		{"missing", "nope.txt", nil, `retort: SendFile("nope.txt"): ` + missing},
		{"outside", "../secret", nil, `retort: SendFile("../secret"): ` + missing},
		{"a link that leads outside", "link", nil, `retort: SendFile("link"): ` + missing},
		{"the directory", ".", nil, `retort: SendFile("."): ` + missing},
		{"missing, absolute", "/no/such/file", nil, `retort: SendFile("/no/such/file"): there is no such regular file`},
		{"an absolute directory", "/", nil, `retort: SendFile("/"): there is no such regular file`},
		{"of an odd type", 7, nil, "retort: SendFile takes the name of a file, an io.Reader or a []byte, not a int"},
		{"without name and type", []byte("x"), nil,
			"retort: SendFile: the media type of a file without a name is not known; give DownloadName or Mimetype, or send it by its path"},
		{"an attachment without a name", []byte("x"), []retort.SendFileOption{retort.AsAttachment(), retort.Mimetype("text/plain")},
			"retort: SendFile: an attachment needs a name to be saved under; give DownloadName, or send it by its path"},
		{"a line break in the name", "a.txt", []retort.SendFileOption{retort.DownloadName("a\r\nSet-Cookie: x=1")},
			`retort: DownloadName("a\r\nSet-Cookie: x=1"): a file name with a line break or another control character cannot be sent`},
		{"a NUL in the name", "a.txt", []retort.SendFileOption{retort.DownloadName("a\x00b")},
			`retort: DownloadName("a\x00b"): a file name with a line break or another control character cannot be sent`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var err error
			res := sendingFile(quiet(retort.RootPath(app)), func(c *retort.Context) any {
				res := c.SendFile(tt.file, tt.opts...)
				err = res.Err()
				return res
			})
			assert.EqualError(t, err, tt.want)
			assert.Equal(t, 500, res.Status)
			assert.NotContains(t, res.Text, "secret")
		})
	}
	assert.Equal(t, "retort: MaxAge(-1s): a file cannot be kept for less than no time",
		panicOf(t, func() { retort.MaxAge(-time.Second) }))
}

func TestSendFileAnswersConditionsAndRanges(t *testing.T) {
	app := quiet(retort.RootPath(writeTree(t, map[string]string{"static/a.txt": "0123456789"})))
	client := app.TestClient()
	first := client.Get("/static/a.txt")
	tag := first.Header.Get("ETag")
	require.NotEmpty(t, tag)
	for _, tt := range []struct {
		name   string
		header []string
		status int
		body   string
		span   string
	}{
		{"known by its tag", []string{"If-None-Match", tag}, 304, "", ""},
		{"known by its time", []string{"If-Modified-Since", "Tue, 14 Nov 2023 22:13:20 GMT"}, 304, "", ""},
		{"changed since", []string{"If-Modified-Since", "Tue, 14 Nov 2023 22:13:19 GMT"}, 200, "0123456789", ""},
		{"another one is wanted", []string{"If-Match", `"other"`}, 412, "0123456789", ""},
		{"a range", []string{"Range", "bytes=2-4"}, 206, "234", "bytes 2-4/10"},
		{"the end", []string{"Range", "bytes=-3"}, 206, "789", "bytes 7-9/10"},
		{"from the middle", []string{"Range", "bytes=8-"}, 206, "89", "bytes 8-9/10"},
		{"more than there is", []string{"Range", "bytes=8-999999999999999999"}, 206, "89", "bytes 8-9/10"},
		{"outside", []string{"Range", "bytes=10-"}, 416, "", "bytes */10"},
		{"huge numbers", []string{"Range", "bytes=99999999999999999999999-"}, 416, "", "bytes */10"},
		{"several ranges", []string{"Range", "bytes=0-1,3-4"}, 416, "", "bytes */10"},
		{"a bomb of ranges", []string{"Range", "bytes=" + strings.Repeat("0-,", 5000) + "0-"}, 416, "", "bytes */10"},
		{"a range of this version", []string{"Range", "bytes=0-1", "If-Range", tag}, 206, "01", "bytes 0-1/10"},
		{"a range of another version", []string{"Range", "bytes=0-1", "If-Range", `"other"`}, 200, "0123456789", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var opts []retort.TestOption
			for pair := range slices.Chunk(tt.header, 2) {
				opts = append(opts, retort.WithHeader(pair[0], pair[1]))
			}
			res := client.Get("/static/a.txt", opts...)
			assert.Equal(t, tt.status, res.Status)
			assert.Equal(t, tt.span, res.Header.Get("Content-Range"))
			if tt.status != 416 {
				assert.Equal(t, tt.body, res.Text)
				assert.Equal(t, tag, res.Header.Get("ETag"))
			}
			head := client.Head("/static/a.txt", opts...)
			assert.Equal(t, tt.status, head.Status)
			assert.Empty(t, head.Text)
			assert.Equal(t, res.Header.Get("Content-Length"), head.Header.Get("Content-Length"))
		})
	}
}

// closeCounter counts how often it is closed.
type closeCounter struct {
	io.Reader
	closed int
}

func (c *closeCounter) Close() error { c.closed++; return nil }

func TestSendFileClosesWhatItSends(t *testing.T) {
	for name, opts := range map[string][]retort.TestOption{
		"sent": nil, "of a HEAD": {retort.WithMethod("HEAD")}, "known": {retort.WithHeader("If-None-Match", `"v"`)},
		"a part": {retort.WithHeader("Range", "bytes=1-1")}, "no part of it": {retort.WithHeader("Range", "bytes=9-")},
	} {
		for door, handle := range map[string]func(app *retort.App) http.Handler{
			"ServeHTTP": func(app *retort.App) http.Handler { return app },
			"Call":      func(app *retort.App) http.Handler { return gateway.ToHandler(app) },
		} {
			file := &closeCounter{Reader: io.LimitReader(strings.NewReader("0123"), 4)}
			app := quiet()
			app.Get("/")(func(c *retort.Context) any {
				return c.SendFile(file, retort.ETag("v"), retort.DownloadName("x"))
			})
			outer := quiet()
			outer.Mount("/", handle(app))
			outer.TestClient().Get("/", opts...)
			assert.Equal(t, 1, file.closed, "%s through %s", name, door)
		}
	}
	file := &closeCounter{Reader: strings.NewReader("0123")}
	sendingFile(quiet(), func(c *retort.Context) any { return c.SendFile(file) })
	assert.Equal(t, 1, file.closed, "without a name, which is an error")
}

// readerFrom is a ResponseWriter that sees what is copied to it.
type readerFrom struct {
	*httptest.ResponseRecorder
	from io.Reader
}

func (w *readerFrom) ReadFrom(r io.Reader) (int64, error) {
	w.from = r
	return io.Copy(w.ResponseRecorder, r)
}

// TestTheSystemCopiesFiles shows that net/http gets files on disk in the form in
// which it hands them to sendfile(2).
func TestTheSystemCopiesFiles(t *testing.T) {
	dir := writeTree(t, map[string]string{"static/a.txt": strings.Repeat("0123456789", 1000)})
	app := quiet(retort.RootPath(dir))
	app.Get("/file", retort.Endpoint("file"))(func(c *retort.Context) any {
		f, err := os.Open(filepath.Join(dir, "static", "a.txt"))
		require.NoError(t, err)
		return c.SendFile(f, retort.DownloadName("x"))
	})
	for path, header := range map[string]string{"/static/a.txt": "", "/static/a.txt?part": "bytes=3-9000", "/file": "", "/file?part": "bytes=3-"} {
		w := &readerFrom{ResponseRecorder: httptest.NewRecorder()}
		r := httptest.NewRequest("GET", path, nil)
		if header != "" {
			r.Header.Set("Range", header)
		}
		app.ServeHTTP(w, r)
		if limited, ok := w.from.(*io.LimitedReader); assert.True(t, ok, "%s: %T", path, w.from) {
			assert.IsType(t, (*os.File)(nil), limited.R, path)
		}
		assert.Equal(t, w.Header().Get("Content-Length"), fmt.Sprint(w.Body.Len()))
	}
}

func TestAFileThatChangesWhileItIsSent(t *testing.T) {
	dir := t.TempDir()
	send := func(name string, change func(path string) error) (string, error) {
		app := quiet(retort.RootPath(dir))
		app.Get("/")(func(c *retort.Context) any {
			res := c.SendFile(name)
			require.NoError(t, change(filepath.Join(dir, name)))
			return res
		})
		server := httptest.NewServer(app)
		defer server.Close()
		res, err := http.Get(server.URL)
		if err != nil {
			return "", err // before anything has left
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		return string(body), err
	}
	for _, size := range []int{10, 100_000} { // a small one is copied in another way
		require.NoError(t, os.WriteFile(filepath.Join(dir, "grow"), make([]byte, size), 0o644))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "shrink"), make([]byte, size), 0o644))
		body, err := send("grow", func(path string) error { return os.WriteFile(path, make([]byte, 3*size), 0o644) })
		assert.NoError(t, err)
		assert.Len(t, body, size, "no more than was announced")
		_, err = send("shrink", func(path string) error { return os.Truncate(path, 4) })
		assert.ErrorContains(t, err, "EOF", "never half a file with a clean end")
	}
}

func TestSendFromDirectory(t *testing.T) {
	dir := writeTree(t, map[string]string{"up/a.txt": "a", "up/sub/b.txt": "b", "secret": "s"})
	app := quiet(retort.RootPath(dir))
	app.Get("/d/<path:name>")(func(c *retort.Context, name string) any { return c.SendFromDirectory("up", name) })
	app.Get("/abs/<path:name>", retort.Endpoint("abs"))(func(c *retort.Context, name string) any {
		return c.SendFromDirectory(filepath.Join(dir, "up"), name, retort.AsAttachment())
	})
	app.Get("/none/<path:name>", retort.Endpoint("none"))(func(c *retort.Context, name string) any {
		return c.SendFromDirectory("nothing", name)
	})
	client := app.TestClient()
	assert.Equal(t, "a", client.Get("/d/a.txt").Text)
	assert.Equal(t, "b", client.Get("/d/sub/b.txt").Text)
	assert.Equal(t, "attachment; filename=a.txt", client.Get("/abs/a.txt").Header.Get("Content-Disposition"))
	for _, path := range []string{"/d/../secret", "/d/%2e%2e/secret", "/d/sub", "/d/nope", "/none/a.txt"} {
		assert.Equal(t, 404, client.Get(path).Status, path)
	}
	assert.EqualError(t, errorOf(t, func(c *retort.Context) *retort.Response { return c.SendFromDirectory(dir, "nope") }),
		retort.Error(404).Error())
}

// errorOf is the error of a response that a view makes.
func errorOf(t *testing.T, f func(c *retort.Context) *retort.Response) (err error) {
	t.Helper()
	app := quiet()
	sendingFile(app, func(c *retort.Context) any {
		err = f(c).Err()
		return nil
	})
	return err
}

// brokenFS has a file that cannot be opened.
type brokenFS struct{ fstest.MapFS }

var errBrokenDisk = errors.New("the disk is broken")

func (brokenFS) Open(string) (fs.File, error) { return nil, errBrokenDisk }

func TestSendFileFS(t *testing.T) {
	tree := fstest.MapFS{"a.txt": {Data: []byte("0123456789")}, "timed.txt": {Data: []byte("t"), ModTime: fileTime}}
	app := quiet()
	app.Get("/<path:name>")(func(c *retort.Context, name string) any { return c.SendFileFS(tree, name) })
	client := app.TestClient()
	res := client.Get("/a.txt")
	assert.Equal(t, "0123456789", res.Text)
	assert.Empty(t, res.Header.Get("Last-Modified"), "the year 1 is none")
	assert.Equal(t, "345", client.Get("/a.txt", retort.WithHeader("Range", "bytes=3-5")).Text)
	assert.Equal(t, 304, client.Get("/a.txt", retort.WithHeader("If-None-Match", res.Header.Get("ETag"))).Status)
	assert.Equal(t, "Tue, 14 Nov 2023 22:13:20 GMT", client.Get("/timed.txt").Header.Get("Last-Modified"))
	assert.Equal(t, 404, client.Get("/nope").Status)

	tree["a.txt"] = &fstest.MapFile{Data: []byte("9876543210")}
	assert.NotEqual(t, res.Header.Get("ETag"), client.Get("/a.txt").Header.Get("ETag"), "the content makes the tag")

	err := errorOf(t, func(c *retort.Context) *retort.Response { return c.SendFileFS(brokenFS{tree}, "a.txt") })
	assert.ErrorIs(t, err, errBrokenDisk, "a file that is there and cannot be read is no 404")
	assert.EqualError(t, err, `retort: the file "a.txt" cannot be sent: the disk is broken`)
}

func TestSendFileForAServerInFront(t *testing.T) {
	dir := writeTree(t, map[string]string{"static/a.txt": "0123456789"})
	app := quiet(retort.RootPath(dir))
	app.Config.Set("USE_X_SENDFILE", true)
	app.Get("/b")(func(c *retort.Context) any { return c.SendFile([]byte("b"), retort.DownloadName("b")) })
	client := app.TestClient()
	res := client.Get("/static/a.txt", retort.WithHeader("Range", "bytes=1-2"))
	assert.Equal(t, 200, res.Status, "the server in front answers the range")
	assert.Equal(t, filepath.Join(dir, "static", "a.txt"), res.Header.Get("X-Sendfile"))
	assert.Equal(t, "", res.Text)
	assert.Equal(t, "0", res.Header.Get("Content-Length"))
	known := client.Get("/static/a.txt", retort.WithHeader("If-None-Match", res.Header.Get("ETag")))
	assert.Equal(t, 304, known.Status)
	assert.Empty(t, known.Header.Get("X-Sendfile"))
	assert.Equal(t, "b", client.Get("/b").Text, "what is not on disk is sent")
}

func TestTheAgeOfFiles(t *testing.T) {
	dir := writeTree(t, map[string]string{"static/a.css": "a", "static/b.js": "b"})
	app := quiet(retort.RootPath(dir))
	app.Config.Set("SEND_FILE_MAX_AGE_DEFAULT", 2*time.Hour)
	res := app.TestClient().Get("/static/a.css")
	assert.Equal(t, "public, max-age=7200", res.Header.Get("Cache-Control"))
	expires, err := http.ParseTime(res.Header.Get("Expires"))
	require.NoError(t, err)
	assert.WithinDuration(t, time.Now().Add(2*time.Hour), expires, time.Minute)

	app = quiet(retort.RootPath(dir))
	app.Config.Set("SEND_FILE_MAX_AGE_DEFAULT", 60)
	app.SendFileMaxAge(func(name string) time.Duration {
		if name == "a.css" {
			return time.Second
		}
		return -1
	})
	assert.Equal(t, "public, max-age=1", app.TestClient().Get("/static/a.css").Header.Get("Cache-Control"))
	assert.Equal(t, "no-cache", app.TestClient().Get("/static/b.js").Header.Get("Cache-Control"))

	assert.Equal(t, "retort: config key SEND_FILE_MAX_AGE_DEFAULT is a number of seconds (int or int64) or a time.Duration, not a string (1h)",
		panicOf(t, func() { quiet().Config.Set("SEND_FILE_MAX_AGE_DEFAULT", "1h") }))
}

// downloader asks one server for one file again and again. Now and then it takes
// a new connection, because each has windows of its own.
type downloader struct {
	addr string
	head []byte
	conn net.Conn
	in   *bufio.Reader
	used int
}

func newDownloader(b *testing.B, h http.Handler, path string) *downloader {
	server := httptest.NewServer(h)
	b.Cleanup(server.Close)
	d := &downloader{
		addr: server.Listener.Addr().String(),
		head: []byte("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n"),
	}
	b.Cleanup(func() { d.conn.Close() })
	return d
}

func (d *downloader) connect(b *testing.B) {
	if d.conn != nil {
		require.NoError(b, d.conn.Close())
	}
	conn, err := net.Dial("tcp", d.addr)
	require.NoError(b, err)
	d.conn, d.in, d.used = conn, bufio.NewReaderSize(conn, 64<<10), 0
}

// get gives the time that one download of size bytes took.
func (d *downloader) get(b *testing.B, size int64) time.Duration {
	if d.conn == nil || d.used == 50 {
		d.connect(b)
	}
	d.used++
	start := time.Now()
	_, err := d.conn.Write(d.head)
	require.NoError(b, err)
	res, err := http.ReadResponse(d.in, nil)
	require.NoError(b, err)
	n, err := io.Copy(io.Discard, res.Body)
	took := time.Since(start)
	require.NoError(b, err)
	require.Equal(b, size, n)
	return took
}

func median(times []time.Duration) float64 {
	slices.Sort(times)
	return float64(times[len(times)/2])
}

// BenchmarkStaticFile downloads a file over a socket from an app and from a bare
// handler with http.ServeContent in turns. The metric ratio is the app's median
// time over that of the handler.
func BenchmarkStaticFile(b *testing.B) {
	for _, size := range []int64{1 << 10, 1 << 20} {
		b.Run(fmt.Sprintf("%dKiB", size>>10), func(b *testing.B) {
			dir := writeTree(b, map[string]string{"static/file.bin": string(bytes.Repeat([]byte{0}, int(size)))})
			name := filepath.Join(dir, "static", "file.bin")
			app := newDownloader(b, retort.New("bench", retort.RootPath(dir)), "/static/file.bin")
			bare := newDownloader(b, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				f, err := os.Open(name)
				if err != nil {
					panic(err)
				}
				defer f.Close()
				info, err := f.Stat()
				if err != nil {
					panic(err)
				}
				http.ServeContent(w, r, name, info.ModTime(), f)
			}), "/")
			var ours, theirs []time.Duration
			for b.Loop() {
				ours = append(ours, app.get(b, size))
				theirs = append(theirs, bare.get(b, size), bare.get(b, size)) // who comes first changes
				ours = append(ours, app.get(b, size))
			}
			b.SetBytes(4 * size)
			b.ReportMetric(median(ours)/median(theirs), "ratio")
			b.ReportMetric(median(theirs)/1e3, "bare-µs")
			b.ReportMetric(median(ours)/1e3, "app-µs")
		})
	}
}
