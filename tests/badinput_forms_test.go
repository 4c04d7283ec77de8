package tests

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
)

// badBody is what a client may send as a body. what is the status that is right.
type badBody struct {
	name   string
	fields string // of the header, each with its line break
	body   string
	want   int
}

// formPart is one part of a form with the boundary B.
func formPart(header, content string) string {
	return "--B\r\n" + header + "\r\n\r\n" + content + "\r\n"
}

const (
	ofBoundaryB = "Content-Type: multipart/form-data; boundary=B\r\n"
	urlencoded  = "Content-Type: application/x-www-form-urlencoded\r\n"
	disposition = "Content-Disposition: form-data; name=a"
)

func formOf(parts ...string) string { return strings.Join(parts, "") + "--B--\r\n" }

// bodyOfLength is a body with its Content-Length.
func bodyOfLength(name, fields, body string, want int) badBody {
	return badBody{name, fields + fmt.Sprintf("Content-Length: %d\r\n", len(body)), body, want}
}

func formBombs() []badBody {
	return []badBody{
		bodyOfLength("a form of a thousand parts", ofBoundaryB, formOf(strings.Repeat(formPart(disposition, "1"), 1000)), 200),
		bodyOfLength("CVE-2023-25577: a form of more parts than MAX_FORM_PARTS", ofBoundaryB, formOf(strings.Repeat(formPart(disposition, "1"), 1001)), 413),
		bodyOfLength("more files than MAX_FORM_PARTS", ofBoundaryB, formOf(strings.Repeat(formPart(disposition+`; filename=""`, ""), 5000)), 413),
		bodyOfLength("CVE-2024-49767: a text field over MAX_FORM_MEMORY_SIZE", ofBoundaryB, formOf(formPart(disposition, strings.Repeat("x", 500_001))), 413),
		bodyOfLength("text fields that are too large together", ofBoundaryB, formOf(strings.Repeat(formPart(disposition, strings.Repeat("x", 1000)), 501)), 413),
		bodyOfLength("a urlencoded body over MAX_FORM_MEMORY_SIZE", urlencoded, "a="+strings.Repeat("x", 500_000), 413),
		bodyOfLength("a hundred thousand names", urlencoded, strings.Repeat("a&", 100_000), 200),
		{"a body over MAX_CONTENT_LENGTH", ofBoundaryB + "Content-Length: 99999999999\r\n", "--B\r\n", 413},
		bodyOfLength("a part with a header of a megabyte", ofBoundaryB, formOf(formPart(disposition+"; x="+strings.Repeat("x", 1<<20), "1")), 413),
		bodyOfLength("a part with a thousand fields", ofBoundaryB, formOf(formPart(disposition+strings.Repeat("\r\nX: 1", 1000), "1")), 413),
	}
}

func hostileBoundaries() []badBody {
	const mb = 1 << 20
	boundary := func(name, boundary string, want int) badBody {
		return bodyOfLength(name, "Content-Type: multipart/form-data; boundary="+boundary+"\r\n", formOf(formPart(disposition, "1")), want)
	}
	content := func(name, content string) badBody {
		return bodyOfLength(name, ofBoundaryB, formOf(formPart(disposition+"; filename=x", content)), 200)
	}
	return []badBody{
		boundary("an empty boundary", "", 400), boundary("a boundary that is not in the body", "C", 400), boundary("a boundary of dashes", "--", 400),
		boundary("a boundary that is a quote", `"\""`, 400), boundary("a boundary of a kilobyte", strings.Repeat("B", 1<<10), 400), boundary("a boundary with bytes above ASCII", "\xff", 400),
		content("CVE-2023-46136: a megabyte of carriage returns", strings.Repeat("\r", mb)),
		content("a megabyte of line feeds", strings.Repeat("\n", mb)), content("a megabyte of line breaks", strings.Repeat("\r\n", mb/2)),
		content("a megabyte of dashes", strings.Repeat("-", mb)), content("a megabyte of lines of dashes", strings.Repeat("\r\n--", mb/4)),
		content("a megabyte of beginnings of the boundary", strings.Repeat("\r\n--A", mb/5)), content("a megabyte of halves of the boundary", strings.Repeat("\r--", mb/3)),
		bodyOfLength("a megabyte before the first boundary", ofBoundaryB, strings.Repeat("\r\n-", mb/3)+"\r\n"+formOf(formPart(disposition, "1")), 200),
		bodyOfLength("a megabyte behind the last boundary", ofBoundaryB, formOf(formPart(disposition, "1"))+strings.Repeat("\r\n--B", mb/5), 200),
		bodyOfLength("no end", ofBoundaryB, formPart(disposition, "1"), 400), bodyOfLength("nothing", ofBoundaryB, "", 400), bodyOfLength("only the end", ofBoundaryB, "--B--", 200),
		bodyOfLength("an end inside of a header", ofBoundaryB, "--B\r\nContent-Dispo", 400), bodyOfLength("a part without a disposition", ofBoundaryB, formOf(formPart("X: 1", "1")), 400),
		bodyOfLength("a part of another charset", ofBoundaryB, formOf(formPart(disposition+"\r\nContent-Type: text/plain; charset=utf-7", "+ADw-")), 200),
		bodyOfLength("text that is not UTF-8", ofBoundaryB, formOf(formPart(disposition, "\xff\xfe\x00")), 200),
		bodyOfLength("a nested form", ofBoundaryB, formOf(formPart(disposition+"\r\nContent-Type: multipart/mixed; boundary=C", "--C\r\n\r\n--C--")), 200),
		bodyOfLength("a part in base64", ofBoundaryB, formOf(formPart(disposition+"\r\nContent-Transfer-Encoding: base64", "====")), 200),
		bodyOfLength("a urlencoded body that is not", urlencoded, "%=%zz&=&&&==\x00", 200), bodyOfLength("a urlencoded body of other bytes", urlencoded, "a=\xff", 400),
	}
}

func badFraming() []badBody {
	chunked := func(name, body string, want int) badBody {
		return badBody{name, ofBoundaryB + "Transfer-Encoding: chunked\r\n", body, want}
	}
	form := formOf(formPart(disposition, "1"))
	return []badBody{
		chunked("a chunked form", fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(form), form), 200),
		chunked("a chunk size that is no number", "zz\r\n"+form, 400), chunked("a negative chunk size", "-1\r\n"+form, 400),
		chunked("a chunk size that no number holds", "fffffffffffffffff\r\n"+form, 400), chunked("a chunk without its line break", "3\r\n"+form, 400),
		chunked("a chunk size of a megabyte of digits", strings.Repeat("0", 1<<20)+"\r\n", 400),
		chunked("a chunk with an endless extension", "1;"+strings.Repeat("x", 1<<20)+"\r\n", 400),
		{"two lengths", ofBoundaryB + "Content-Length: 1\r\nContent-Length: 2\r\n", form, 400},
		{"a length that is no number", ofBoundaryB + "Content-Length: 1x\r\n", form, 400}, {"a negative length", ofBoundaryB + "Content-Length: -1\r\n", form, 400},
		{"a length and chunks", ofBoundaryB + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(form), form), 200},
		{"another transfer coding", ofBoundaryB + "Transfer-Encoding: gzip\r\n", form, 501},
	}
}

// uploadApp reads every form, saves its files under root and says how many there
// were.
func uploadApp(t *testing.T, log io.Writer) (app *retort.App, dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "uploads")
	require.NoError(t, os.Mkdir(dir, 0o700))
	root, err := os.OpenRoot(dir)
	require.NoError(t, err)
	t.Cleanup(func() { root.Close() })
	app = retort.New("upload")
	app.Logger = slog.New(slog.NewTextHandler(log, nil))
	app.Post("/")(func(c *retort.Context) (string, error) {
		for _, f := range c.Request.Files().All() {
			if name := f.SecureName(); name != "" {
				if err := f.SaveTo(root, name); err != nil {
					return "", err
				}
			}
		}
		return fmt.Sprint(c.Request.Files().Len()), nil
	})
	return app, dir
}

// postRaw sends a body as it stands and gives the answer.
func postRaw(t *testing.T, addr net.Addr, c badBody) *http.Response {
	t.Helper()
	conn, err := net.Dial(addr.Network(), addr.String())
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.SetDeadline(time.Now().Add(waitTime)))
	go func() { // the server may answer before it has read all of it
		_, _ = io.WriteString(conn, "POST / HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n"+c.fields+"\r\n"+c.body)
	}()
	res, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: "POST"})
	require.NoError(t, err)
	return res
}

func TestBadBodiesAreAnsweredOverASocket(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	var log lockedBuffer
	app, _ := uploadApp(t, &log)
	server := httptest.NewServer(app)
	defer server.Close()
	for _, c := range append(append(formBombs(), hostileBoundaries()...), badFraming()...) {
		t.Run(c.name, func(t *testing.T) {
			start := time.Now()
			assert.Equal(t, c.want, postRaw(t, server.Listener.Addr(), c).StatusCode)
			assert.Less(t, time.Since(start), 5*time.Second, "the time is linear in the size")
		})
	}
	assert.NotContains(t, log.String(), "level=ERROR")
}

func TestFileNamesOfUploadsStayNames(t *testing.T) {
	for _, tt := range []struct{ name, filename, saved string }{
		{"a path up", "../../etc/passwd", "etc_passwd"}, {"a path from the root", "/etc/passwd", "etc_passwd"}, {"a path of Windows", `C:\\temp\\a.txt`, ""},
		{"a dot", ".", ""}, {"dots", "..", ""}, {"a hidden file", ".bashrc", "bashrc"}, {"nothing", "", ""}, {"only letters beyond ASCII", "日本", ""},
		{"a NUL", "a\x00.txt", ""}, {"an encoded line break", "a%0d%0aX: 1", ""}, {"a quote", `a\".txt`, ""}, {"an encoded quote", "a%22.txt", ""},
		{"markup", "<script>.txt", ""}, {"a device", "NUL", ""}, {"a device with an extension", "con.txt", ""}, {"a name of a kilobyte", strings.Repeat("a", 200) + ".txt", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var log lockedBuffer
			app, dir := uploadApp(t, &log)
			form := formOf(formPart(`Content-Disposition: form-data; name="f"; filename="`+tt.filename+`"`, "content"))
			res := app.TestClient().Post("/", retort.WithBody(form, "multipart/form-data; boundary=B"))
			assert.Equal(t, 200, res.Status, res.Text)
			assert.Equal(t, "1", res.Text)
			files, err := os.ReadDir(dir)
			require.NoError(t, err)
			for _, f := range files {
				assert.Regexp(t, `^[A-Za-z0-9_-][A-Za-z0-9_.-]*$`, f.Name())
			}
			if tt.saved != "" {
				require.Len(t, files, 1)
				assert.Equal(t, tt.saved, files[0].Name())
			}
			above, err := os.ReadDir(filepath.Dir(dir))
			require.NoError(t, err)
			assert.Len(t, above, 1, "nothing lies beside the directory")
		})
	}
}

func TestADisconnectInTheMiddleOfAnUpload(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	var log lockedBuffer
	app, dir := uploadApp(t, &log)
	ended := make(chan error, 1)
	app.TeardownRequest(func(_ *retort.Context, err error) { ended <- err })
	server := httptest.NewServer(app)
	defer server.Close()
	form := formOf(formPart(disposition+"; filename=big", strings.Repeat("x", 4<<20)))
	for name, fields := range map[string]string{
		"of a known length": fmt.Sprintf("Content-Length: %d\r\n\r\n", len(form)),
		"in chunks":         fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n", len(form)),
	} {
		t.Run(name, func(t *testing.T) {
			conn, err := net.Dial("tcp", server.Listener.Addr().String())
			require.NoError(t, err)
			_, err = io.WriteString(conn, "POST / HTTP/1.1\r\nHost: example.com\r\n"+ofBoundaryB+fields+form[:3<<20])
			require.NoError(t, err)
			require.NoError(t, conn.Close())
			select {
			case err := <-ended:
				assert.NoError(t, err, "it is not a fault of the app")
			case <-time.After(waitTime):
				t.Fatal("the request does not end")
			}
			assert.Eventually(t, func() bool { return len(openUnder(temp)) == 0 }, waitTime, 10*time.Millisecond, "temporary files: %v", openUnder(temp))
		})
	}
	assert.Equal(t, 2, bytes.Count([]byte(log.String()), []byte("a form broke off while it was being read")), log.String())
	assert.NotContains(t, log.String(), "level=ERROR")
	saved, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Empty(t, saved)
}

// openUnder lists the files below dir, those that are open and have no name any
// more among them (where the system tells).
func openUnder(dir string) []string {
	var list []string
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		list = append(list, e.Name())
	}
	open, _ := os.ReadDir("/proc/self/fd")
	for _, fd := range open {
		if name, err := os.Readlink("/proc/self/fd/" + fd.Name()); err == nil && strings.HasPrefix(name, dir+"/") {
			list = append(list, name)
		}
	}
	return list
}
