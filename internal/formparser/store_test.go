package formparser

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// tempDir makes a directory for the temporary files of this test and gives a
// function that counts what is open in it or has a name there.
func tempDir(t *testing.T) func() int {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	return func() int {
		entries, err := os.ReadDir(dir)
		require.NoError(t, err)
		n := len(entries)
		open, _ := filepath.Glob("/proc/self/fd/*") // none where there is no /proc
		for _, fd := range open {
			if to, err := os.Readlink(fd); err == nil && strings.HasPrefix(to, dir) {
				n++
			}
		}
		return n
	}
}

var big = strings.Repeat("0123456789abcdef", 40<<10) // 640 KiB

func TestFilesStayInMemoryUpToTheBudget(t *testing.T) {
	temp := tempDir(t)
	half := big[:256<<10]
	for _, tt := range []struct {
		name   string
		files  []string
		onDisk int
	}{
		{"the exact budget", []string{big[:500<<10]}, 0},
		{"one byte more", []string{big[:500<<10+1]}, 1},
		{"together more", []string{half, half}, 1},
		{"a large one leaves the budget to the small ones", []string{big, half, ""}, 1},
		{"all large ones share a file", []string{big, big, half, big, half, "x"}, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var body strings.Builder
			var want seen
			for _, content := range tt.files {
				body.WriteString(file("f", "n", content))
				want.Files = append(want.Files, seenFile{"f", "n", "", content})
			}
			form, err := Parse(strings.NewReader(body.String()+end), multipartB, Limits{})
			require.NoError(t, err)
			assert.Equal(t, tt.onDisk, temp())
			assert.True(t, assert.ObjectsAreEqual(want, look(t, form)), "the contents differ")
			require.NoError(t, form.Close())
			assert.Zero(t, temp())
		})
	}
}

func TestContentReadsLikeAFile(t *testing.T) {
	temp := tempDir(t)
	for _, tt := range []struct {
		name   string
		memory int64
		onDisk int
	}{{"in memory", 0, 0}, {"on disk", 2, 1}} {
		t.Run(tt.name, func(t *testing.T) {
			body := file("f", "n", "first") + file("f", "n", "content") + file("f", "n", "third") + end
			form, err := Parse(strings.NewReader(body), multipartB, Limits{FileMemorySize: tt.memory})
			require.NoError(t, err)
			defer form.Close()
			require.Equal(t, tt.onDisk, temp())
			require.NoError(t, iotest.TestReader(form.Files[1].Content, []byte("content")))
		})
	}
}

func TestClosedContent(t *testing.T) {
	temp := tempDir(t)
	form, err := Parse(strings.NewReader(file("f", "n", "small")+file("f", "n", big)+file("f", "n", "x")+end), multipartB, Limits{})
	require.NoError(t, err)
	require.NoError(t, form.Files[2].Content.Close())
	requireClosed(t, form.Files[2].Content)
	_, err = form.Files[1].Content.Read(make([]byte, 1))
	require.NoError(t, err, "the others stay open")
	require.NoError(t, form.Close())
	require.NoError(t, form.Close(), "again")
	require.NoError(t, (*Form)(nil).Close())
	for _, f := range form.Files {
		requireClosed(t, f.Content)
	}
	assert.Zero(t, temp())
}

func requireClosed(t *testing.T, c *Content) {
	t.Helper()
	p := make([]byte, 1)
	_, err1 := c.Read(p)
	_, err2 := c.ReadAt(p, 0)
	_, err3 := c.Seek(0, io.SeekStart)
	for _, err := range []error{err1, err2, err3} {
		require.ErrorIs(t, err, fs.ErrClosed)
		require.EqualError(t, err, "the uploaded file is closed, as the request is over or its Close was called: file already closed")
	}
}

// A goroutine that reads on after the request sees an error, never the content
// of another request.
func TestReadingWhileTheFormIsClosed(t *testing.T) {
	tempDir(t)
	form, err := Parse(strings.NewReader(file("f", "n", "small")+file("f", "n", big)+end), multipartB, Limits{})
	require.NoError(t, err)
	var group sync.WaitGroup
	for _, f := range form.Files {
		group.Go(func() {
			p := make([]byte, 5)
			for {
				if _, err := f.Content.ReadAt(p, 0); err != nil {
					assert.ErrorIs(t, err, fs.ErrClosed)
					return
				}
				assert.Contains(t, []string{"small", "01234"}, string(p))
			}
		})
	}
	require.NoError(t, form.Close())
	group.Wait()
}

func TestNothingRemainsOfAFailedForm(t *testing.T) {
	temp := tempDir(t)
	upload := file("f", "n", big) // on disk by its end
	gone := errors.New("connection reset by peer")
	for _, tt := range []struct {
		name   string
		body   io.Reader
		limits Limits
	}{
		{"cut off", strings.NewReader(upload), Limits{}},
		{"a limit", strings.NewReader(upload + upload), Limits{FormParts: 1}},
		{"no disposition", strings.NewReader(upload + "--B\r\n\r\n"), Limits{}},
		{"a client that leaves in the upload", io.MultiReader(strings.NewReader(upload[:600<<10]), iotest.ErrReader(gone)), Limits{}},
		{"a client that leaves after it", io.MultiReader(strings.NewReader(upload+end), iotest.ErrReader(gone)), Limits{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			form, err := Parse(tt.body, multipartB, tt.limits)
			require.Error(t, err)
			assert.Nil(t, form)
			assert.Zero(t, temp())
		})
	}
}

func TestAClientThatLeavesIsAReadError(t *testing.T) {
	for _, err := range []error{io.ErrUnexpectedEOF, errors.New("connection reset by peer")} {
		for _, body := range []string{"", "--B\r\n", field("a", "1"), field("a", "1") + end} {
			_, got := Parse(io.MultiReader(strings.NewReader(body), iotest.ErrReader(err)), multipartB, Limits{})
			var read *ReadError
			require.ErrorAs(t, got, &read)
			require.ErrorIs(t, got, err)
			require.EqualError(t, got, "reading the form: "+err.Error())
		}
		_, got := Parse(iotest.ErrReader(err), "application/x-www-form-urlencoded", Limits{})
		require.EqualError(t, got, "reading the form: "+err.Error())
	}
}

type stuckReader struct{}

func (stuckReader) Read([]byte) (int, error) { return 0, nil }

func TestAReaderThatGivesNothingEnds(t *testing.T) {
	_, err := Parse(stuckReader{}, multipartB, Limits{})
	require.ErrorIs(t, err, io.ErrNoProgress)
}

type panicReader struct{}

func (panicReader) Read([]byte) (int, error) { panic("out") }

func TestNothingRemainsAfterAPanic(t *testing.T) {
	temp := tempDir(t)
	body := io.MultiReader(strings.NewReader(file("f", "n", big)), panicReader{})
	require.PanicsWithValue(t, "out", func() { Parse(body, multipartB, Limits{}) })
	assert.Zero(t, temp())
}

// The server's fault is none of the client's errors.
func TestNoRoomForATemporaryFile(t *testing.T) {
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "missing"))
	_, err := Parse(strings.NewReader(file("f", "n", big)+end), multipartB, Limits{})
	require.ErrorIs(t, err, fs.ErrNotExist)
	var limit *LimitError
	var syntax *SyntaxError
	var read *ReadError
	assert.False(t, errors.As(err, &limit) || errors.As(err, &syntax) || errors.As(err, &read))
	assert.ErrorContains(t, err, "making a temporary file for an upload: ")
}

// Where an open file keeps its name, Close removes it.
func TestATemporaryFileWithAName(t *testing.T) {
	temp := tempDir(t)
	f, err := os.CreateTemp("", "")
	require.NoError(t, err)
	s := &store{file: f, name: f.Name()}
	require.NoError(t, s.close())
	assert.Zero(t, temp())
}

func TestAWriteThatFails(t *testing.T) {
	temp := tempDir(t)
	f, err := os.CreateTemp("", "")
	require.NoError(t, err)
	require.NoError(t, f.Close())
	s := &store{file: f, name: f.Name()}
	u := &upload{store: s}
	err = u.write([]byte("x"))
	require.ErrorIs(t, err, fs.ErrClosed)
	assert.ErrorContains(t, err, "writing an upload to its temporary file: ")
	require.NoError(t, os.Remove(f.Name()))
	assert.Zero(t, temp())
}
