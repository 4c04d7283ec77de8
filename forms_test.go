package retort_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/gateway"
)

// multipartOf writes a form by hand: each part is its header and its content.
func multipartOf(parts ...string) string {
	var b strings.Builder
	for _, p := range parts {
		b.WriteString("--B\r\nContent-Disposition: form-data; " + p + "\r\n")
	}
	b.WriteString("--B--\r\n")
	return b.String()
}

const (
	boundaryB = "multipart/form-data; boundary=B"
	encoded   = "application/x-www-form-urlencoded"
)

// posted is the Context of a request with a body.
func posted(app *retort.App, target, body, contentType string) *retort.Context {
	return app.TestRequestContext(target, retort.WithMethod("POST"), retort.WithBody(body, contentType))
}

func TestFormAndFilesOfAMultipartForm(t *testing.T) {
	q := posted(quiet(), "/?a=query", multipartOf("name=a\r\n\r\n1", "name=\"ü\"\r\n\r\nx y", "name=f; filename=\"n.txt\"\r\nContent-Type: text/plain\r\n\r\nfile", "name=a\r\n\r\n2", "name=e; filename=\"\"\r\n\r\n"), boundaryB).Request
	assert.Equal(t, []string{"1", "2"}, q.Form().GetList("a"))
	assert.Equal(t, "x y", q.Form().Get("ü"))
	assert.Equal(t, []string{"query", "1", "2"}, q.Values().GetList("a"), "the query comes first")
	require.Equal(t, 2, q.Files().Len())
	f := q.Files().Get("f")
	content, err := io.ReadAll(f)
	require.NoError(t, err)
	assert.Equal(t, "n.txt text/plain 4 file", fmt.Sprint(f.Filename, " ", f.ContentType(), " ", f.Size(), " ", string(content)))
	assert.True(t, f.Chosen())
	assert.False(t, q.Files().Get("e").Chosen(), "an empty choice")
	assert.Nil(t, q.Files().Get("a"))
}

func TestValuesOfAGETAreTheQuery(t *testing.T) {
	q := quiet().TestRequestContext("/?a=query", retort.WithBody("a=form", encoded)).Request
	assert.Equal(t, []string{"query"}, q.Values().GetList("a"))
	assert.Equal(t, "form", q.Form().Get("a"), "the form of a GET is read all the same")
}

func TestDataComesBeforeTheFormOrNotAtAll(t *testing.T) {
	q := posted(quiet(), "/", "a=1", encoded).Request
	data, err := q.Data()
	require.NoError(t, err)
	assert.Equal(t, "a=1", string(data))
	assert.Equal(t, "1", q.Form().Get("a"), "from the data that was kept")

	q = posted(quiet(), "/", "a=1", encoded).Request
	assert.Equal(t, "1", q.Form().Get("a"))
	data, err = q.Data()
	require.NoError(t, err)
	assert.Empty(t, data)
}

func TestFormErrors(t *testing.T) {
	const tooLarge = "The form is too large: "
	for _, tt := range []struct {
		name, config      string
		body, contentType string
		status            int
		want              string
	}{
		{"text fields of the limit", "MAX_FORM_MEMORY_SIZE", multipartOf("name=a\r\n\r\n12345", "name=b\r\n\r\n67890"), boundaryB, 0, ""},
		{"text fields over the limit together", "MAX_FORM_MEMORY_SIZE", multipartOf("name=a\r\n\r\n12345", "name=b\r\n\r\n678901"), boundaryB, 413, tooLarge + "the text fields of the form have more than 10 bytes (MAX_FORM_MEMORY_SIZE); send a long text as a file, or raise the limit."},
		{"a file over the limit of text", "MAX_FORM_MEMORY_SIZE", multipartOf("name=a; filename=x\r\n\r\n12345678901"), boundaryB, 0, ""},
		{"a urlencoded body of the limit", "MAX_FORM_MEMORY_SIZE", "a=34567890", encoded, 0, ""},
		{"a urlencoded body over the limit", "MAX_FORM_MEMORY_SIZE", "a=345678901", encoded, 413, tooLarge + "the text fields of the form have more than 10 bytes (MAX_FORM_MEMORY_SIZE); send a long text as a file, or raise the limit."},
		{"parts of the limit", "MAX_FORM_PARTS", multipartOf(slicesOf("name=a\r\n\r\n1", 10)...), boundaryB, 0, ""},
		{"parts over the limit", "MAX_FORM_PARTS", multipartOf(slicesOf("name=a\r\n\r\n1", 11)...), boundaryB, 413, tooLarge + "the form has more than 10 parts (MAX_FORM_PARTS)."},
		{"a body over the limit", "MAX_CONTENT_LENGTH", multipartOf("name=a\r\n\r\n1"), boundaryB, 413, "The body of the request is larger than the 10 bytes that MAX_CONTENT_LENGTH allows."},
		{"another body over the limit", "MAX_CONTENT_LENGTH", "12345678901", "text/plain", 413, "The body of the request is larger than the 10 bytes that MAX_CONTENT_LENGTH allows."},
		{"a body that is cut off", "", strings.TrimSuffix(multipartOf("name=a\r\n\r\n1"), "--B--\r\n"), boundaryB, 400, "The body could not be read: the form is malformed at part 1: the body ends before the closing boundary; was it cut off?"},
		{"no boundary", "", multipartOf("name=a\r\n\r\n1"), "multipart/form-data", 400, "The body could not be read: the form is malformed: its Content-Type names no boundary, as in multipart/form-data; boundary=x; a client that sets this field by hand leaves it out easily."},
		{"an empty multipart body", "", "", boundaryB, 400, `The body could not be read: the form is malformed: the boundary "B" of its Content-Type is nowhere in the body.`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			app := quiet()
			if tt.config != "" {
				app.Config.Set(tt.config, 10)
			}
			err := posted(app, "/", tt.body, tt.contentType).Request.ParseForm()
			if tt.status == 0 {
				require.NoError(t, err)
				return
			}
			var e *retort.HTTPError
			require.ErrorAs(t, err, &e)
			assert.Equal(t, tt.status, e.Code)
			assert.Equal(t, tt.want, e.Description)
		})
	}
}

func slicesOf(s string, n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = s
	}
	return list
}

func TestLimitsOfOneRequest(t *testing.T) {
	app := quiet()
	app.Config.Update(map[string]any{"MAX_CONTENT_LENGTH": 4, "MAX_FORM_MEMORY_SIZE": 4, "MAX_FORM_PARTS": 0})
	q := posted(app, "/", "a=123456", encoded).Request
	assert.Equal(t, "4 4 0", fmt.Sprint(q.MaxContentLength(), q.MaxFormMemorySize(), q.MaxFormParts()))
	q.SetMaxContentLength(100)
	q.SetMaxFormMemorySize(0)
	q.SetMaxFormParts(7)
	assert.Equal(t, "100 0 7", fmt.Sprint(q.MaxContentLength(), q.MaxFormMemorySize(), q.MaxFormParts()))
	assert.Equal(t, "123456", q.Form().Get("a"))
	assert.PanicsWithValue(t, "retort: SetMaxContentLength comes too late: the body of this request has been asked for; set the limit in a BeforeRequest function, or before the first call of Form, Files, Values, Data, JSON, Bind or Stream",
		func() { q.SetMaxContentLength(5) })
	assert.Equal(t, int64(4), posted(app, "/", "", encoded).Request.MaxContentLength(), "it was for one request alone")
}

// uploadOf is a form with a file that does not fit into memory.
func uploadOf(size int) string {
	return multipartOf("name=f; filename=big\r\n\r\n"+strings.Repeat("x", size), "name=g; filename=small\r\n\r\nsmall")
}

// inTempDir has temporary files made in a directory of the test, and gives how
// many there are: open ones without a name, and those with one.
func inTempDir(t *testing.T) (count func() int) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	return func() int {
		entries, err := os.ReadDir(dir)
		require.NoError(t, err)
		n := len(entries)
		open, _ := os.ReadDir("/proc/self/fd")
		for _, fd := range open {
			if name, err := os.Readlink("/proc/self/fd/" + fd.Name()); err == nil && strings.HasPrefix(name, dir+"/") {
				n++
			}
		}
		return n
	}
}

func TestFilesAreGoneWhenTheRequestEnds(t *testing.T) {
	body := uploadOf(600 << 10)
	for _, tt := range []struct {
		name string
		view func() any
	}{
		{"after an answer", func() any { return "ok" }},
		{"after an error", func() any { return retort.Error(409) }},
		{"after a panic", func() any { panic("boom") }},
		{"after an aborted connection", func() any { panic(http.ErrAbortHandler) }},
		{"after a stream that fails", func() any {
			return retort.Stream(io.MultiReader(strings.NewReader("a"), iotest.ErrReader(errors.New("broken"))))
		}},
		{"after a handler that writes for itself", func() any {
			return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("x")) })
		}},
	} {
		for door, enter := range doors() {
			t.Run(tt.name+" through "+door, func(t *testing.T) {
				count := inTempDir(t)
				app := quiet()
				var f io.Reader
				app.Route("/", retort.Methods("GET", "POST"))(func(c *retort.Context) any {
					f = c.Request.Files().Require("f")
					assert.Positive(t, count(), "the file is open")
					return tt.view()
				})
				inTeardown := -1
				app.TeardownRequest(func(*retort.Context, error) { inTeardown = count() })
				r := httptest.NewRequest("POST", "/", strings.NewReader(body))
				r.Header.Set("Content-Type", boundaryB)
				enter(app, r)
				assert.Positive(t, inTeardown, "teardown functions may still read it")
				assert.Zero(t, count())
				_, err := f.Read(make([]byte, 1))
				assert.ErrorIs(t, err, fs.ErrClosed)
			})
		}
	}
}

// doors are the ways into an app, HEAD among them.
func doors() map[string]func(*retort.App, *http.Request) {
	serve := func(app *retort.App, r *http.Request) {
		defer func() { _ = recover() }() // what leaves the app is the server's
		app.ServeHTTP(httptest.NewRecorder(), r)
	}
	return map[string]func(*retort.App, *http.Request){
		"ServeHTTP": serve,
		"HEAD": func(app *retort.App, r *http.Request) {
			r.Method = "HEAD"
			serve(app, r)
		},
		"Call": func(app *retort.App, r *http.Request) {
			defer func() { _ = recover() }()
			env, err := gateway.NewEnviron(r)
			if err != nil {
				panic(err)
			}
			body, err := app.Call(env, func(string, gateway.Headers, error) (gateway.Write, error) { return nil, nil })
			if err != nil {
				return
			}
			defer body.Close()
			for range body.Chunks() {
			}
		},
	}
}

func TestAFormThatBreaksOffIsLoggedAndA400(t *testing.T) {
	count := inTempDir(t)
	var log bytes.Buffer
	app := retort.New("upload")
	app.Logger = slog.New(slog.NewTextHandler(&log, nil))
	app.Post("/")(func(c *retort.Context) string { return c.Request.Form().Get("a") })
	half := uploadOf(600 << 10)[:500<<10]
	r := httptest.NewRequest("POST", "/", io.MultiReader(strings.NewReader(half), iotest.ErrReader(io.ErrUnexpectedEOF)))
	r.Header.Set("Content-Type", boundaryB)
	w := httptest.NewRecorder()
	app.ServeHTTP(w, r)
	assert.Equal(t, 400, w.Code)
	assert.Contains(t, w.Body.String(), "The body of the request broke off or was not framed as HTTP asks.")
	assert.Contains(t, log.String(), `level=WARN msg="a form broke off while it was being read" method=POST path=/ error="unexpected EOF"`)
	assert.Zero(t, count())
}

func TestAFullDiskIsTheServersFault(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir()+"/missing")
	err := posted(quiet(), "/", uploadOf(600<<10), boundaryB).Request.ParseForm()
	var e *retort.HTTPError
	require.Error(t, err)
	assert.False(t, errors.As(err, &e), "no HTTPError: %v", err)
	assert.ErrorIs(t, err, fs.ErrNotExist)
}

func TestAFormWithoutEnctypeIsExplainedInDebugMode(t *testing.T) {
	var log bytes.Buffer
	for _, debug := range []bool{false, true} {
		log.Reset()
		app := retort.New("upload")
		app.Logger = slog.New(slog.NewTextHandler(&log, nil))
		app.Config.Update(map[string]any{"DEBUG": debug, "TRAP_BAD_REQUEST_ERRORS": false})
		app.Post("/")(func(c *retort.Context) string { return c.Request.Files().Require("picture").Filename })
		res := app.TestClient().Post("/", retort.FormData{"picture": "cat.png"})
		assert.Equal(t, 400, res.Status)
		const advice = "the form has the name of a file in the text field &#34;picture&#34;, &#34;cat.png&#34;, but no file: a browser sends the contents of files only with &lt;form method=&#34;post&#34; enctype=&#34;multipart/form-data&#34;&gt;"
		assert.Equal(t, debug, strings.Contains(res.Text, advice), res.Text)
		assert.Equal(t, debug, strings.Contains(log.String(), "Request.Files was asked for"), log.String())
	}
}

func TestAnErrorOfAFormIsForItsHandler(t *testing.T) {
	app := quiet()
	app.Config.Set("MAX_FORM_PARTS", 1)
	app.Post("/")(func(c *retort.Context) string { return c.Request.Form().Get("a") })
	app.ErrorHandler(413)(func(err *retort.HTTPError) any { return retort.Reply("handled: "+err.Description, 413) })
	res := app.TestClient().Post("/", retort.WithBody(multipartOf("name=a\r\n\r\n1", "name=b\r\n\r\n2"), boundaryB))
	assert.Equal(t, 413, res.Status)
	assert.Equal(t, "handled: The form is too large: the form has more than 1 parts (MAX_FORM_PARTS).", res.Text)
}

func TestACopyKeepsTheFieldsAndNotTheFiles(t *testing.T) {
	app := quiet()
	var kept *retort.Context
	app.Post("/")(func(c *retort.Context) string {
		_ = c.Request.Form()
		kept = c.Copy()
		return ""
	})
	app.TestClient().Post("/", retort.WithBody(multipartOf("name=a\r\n\r\n1", "name=f; filename=x\r\n\r\nfile"), boundaryB))
	assert.Equal(t, "1", kept.Request.Form().Get("a"))
	_, err := kept.Request.Files().Get("f").Read(make([]byte, 1))
	assert.ErrorIs(t, err, fs.ErrClosed)
}

func TestAFormCannotBeReadAfterItsRequest(t *testing.T) {
	app := quiet()
	var late *retort.Request
	app.Post("/")(func(c *retort.Context) string { late = c.Request; return "" })
	app.TestClient().Post("/", retort.FormData{"a": 1})
	assert.PanicsWithValue(t, "retort: Request.Form needs the running request, but that has ended; a goroutine that outlives its request must take what it needs before, or work on c.Copy()", func() { late.Form() })
}

// FuzzForm: whatever comes as a form, the answer is 200, 400 or 413 and no file
// stays open.
func FuzzForm(f *testing.F) {
	f.Add(boundaryB, []byte(multipartOf("name=a\r\n\r\n1", "name=f; filename=x\r\n\r\nfile")))
	f.Add("multipart/form-data", []byte("--\r\n"))
	f.Add(encoded, []byte("a=1&%zz=%&=&&b"))
	f.Add(encoded, []byte("\xff=\xfe"))
	f.Add("text/plain", []byte("a"))
	app := quiet()
	app.Config.Update(map[string]any{"MAX_CONTENT_LENGTH": 1 << 16, "MAX_FORM_PARTS": 8, "MAX_FORM_MEMORY_SIZE": 1 << 10})
	var files []io.Reader
	app.Post("/")(func(c *retort.Context) string {
		files = nil
		for _, file := range c.Request.Files().All() {
			files = append(files, file)
		}
		return c.Request.Values().Get("a")
	})
	f.Fuzz(func(t *testing.T, contentType string, body []byte) {
		res := app.TestClient().Post("/", retort.WithBody(body, contentType))
		require.Contains(t, []int{200, 400, 413}, res.Status)
		for _, file := range files {
			_, err := file.Read(make([]byte, 1))
			require.ErrorIs(t, err, fs.ErrClosed)
		}
	})
}
