package gateway_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/gateway"
)

// parts gives the chunks of b, each as a text, and the error that ended them.
func parts(b gateway.Body) (texts []string, err error) {
	for p, err := range b.Chunks() {
		if err != nil {
			return texts, err
		}
		texts = append(texts, string(p))
	}
	return texts, nil
}

func TestBodiesGiveTheirChunks(t *testing.T) {
	two := func(yield func([]byte) bool) { _ = yield([]byte("a")) && yield([]byte("b")) }
	for name, tt := range map[string]struct {
		body gateway.Body
		want []string
	}{
		"Bytes":             {gateway.Bytes([]byte("a"), nil, []byte("b")), []string{"a", "", "b"}},
		"String":            {gateway.String("abc"), []string{"abc"}},
		"Empty":             {gateway.Empty(), nil},
		"Seq":               {gateway.Seq(two), []string{"a", "b"}},
		"Seq2":              {gateway.Seq2(chunks("a", "b")), []string{"a", "b"}},
		"Reader in blocks":  {gateway.Reader(strings.NewReader("abcde"), 2), []string{"ab", "cd", "e"}},
		"Reader as it goes": {gateway.Reader(iotest.DataErrReader(iotest.OneByteReader(strings.NewReader("ab"))), 0), []string{"a", "b"}},
		"OnClose":           {gateway.OnClose(gateway.Bytes([]byte("a"))), []string{"a"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := parts(tt.body)
			require.NoError(t, err)
			assert.Equal(t, tt.want, got)
			require.NoError(t, tt.body.Close())
		})
	}
}

func TestBodiesStopWhenNobodyWantsMore(t *testing.T) {
	for name, b := range map[string]gateway.Body{
		"Bytes":  gateway.Bytes([]byte("a"), []byte("b")),
		"Seq":    gateway.Seq(func(yield func([]byte) bool) { _ = yield([]byte("a")) && yield([]byte("b")) }),
		"Reader": gateway.Reader(strings.NewReader("ab"), 1),
	} {
		t.Run(name, func(t *testing.T) {
			for p, err := range b.Chunks() {
				require.NoError(t, err)
				assert.Equal(t, "a", string(p))
				break
			}
		})
	}
}

func TestSizedBodiesKnowHowManyChunks(t *testing.T) {
	for name, tt := range map[string]struct {
		body gateway.Body
		want int
	}{
		"Bytes":   {gateway.Bytes([]byte("a"), []byte("b")), 2},
		"String":  {gateway.String(""), 1},
		"Empty":   {gateway.Empty(), 0},
		"OnClose": {gateway.OnClose(gateway.OnClose(gateway.String("a"))), 1},
	} {
		t.Run(name, func(t *testing.T) {
			sized, ok := tt.body.(gateway.Sized)
			require.True(t, ok)
			assert.Equal(t, tt.want, sized.Len())
		})
	}
	_, ok := gateway.OnClose(streamed("a")).(gateway.Sized)
	assert.False(t, ok, "a closer makes no promise that the body did not")
}

func TestReaderErrorEndsTheBody(t *testing.T) {
	broken := errors.New("disk on fire")
	got, err := parts(gateway.Reader(io.MultiReader(strings.NewReader("a"), iotest.ErrReader(broken)), 0))
	assert.Equal(t, []string{"a"}, got)
	assert.Equal(t, broken, err)
}

func TestReaderIsClosed(t *testing.T) {
	pr, pw := io.Pipe()
	require.NoError(t, gateway.Reader(pr, 0).Close())
	_, err := pw.Write([]byte("x"))
	require.ErrorIs(t, err, io.ErrClosedPipe)
}

func TestEveryCloserRunsInOrder(t *testing.T) {
	one, three := errors.New("one"), errors.New("three")
	var order []string
	say := func(name string, err error) func() error {
		return func() error { order = append(order, name); return err }
	}
	b := gateway.OnClose(gateway.Seq(nil, say("own", one)), say("second", nil), nil, say("third", three))
	err := b.Close()
	assert.Equal(t, []string{"own", "second", "third"}, order)
	require.ErrorIs(t, err, one)
	require.ErrorIs(t, err, three)
}

// file gives an open file of some content.
func file(t testing.TB, content string) *os.File {
	t.Helper()
	name := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(name, []byte(content), 0o600))
	f, err := os.Open(name)
	require.NoError(t, err)
	t.Cleanup(func() { f.Close() })
	return f
}

func TestFileBeginsAtItsOffset(t *testing.T) {
	f := file(t, "0123456789")
	_, err := f.Seek(4, io.SeekStart)
	require.NoError(t, err)
	closed := false
	b := gateway.OnClose(gateway.File(f), func() error { closed = true; return nil })
	fb, ok := b.(gateway.FileBody)
	require.True(t, ok)
	got, off, n := fb.File()
	assert.Same(t, f, got)
	assert.EqualValues(t, 4, off)
	assert.EqualValues(t, 6, n)
	assert.Equal(t, "456789", content(t, b), "a server that does not know files reads it")
	assert.True(t, closed)
	require.ErrorIs(t, f.Close(), os.ErrClosed)
}

func TestFileWithoutASizeIsRead(t *testing.T) {
	r, w, err := os.Pipe()
	require.NoError(t, err)
	_, err = w.WriteString("piped")
	require.NoError(t, err)
	require.NoError(t, w.Close())
	b := gateway.File(r)
	_, ok := b.(gateway.FileBody)
	assert.False(t, ok)
	assert.Equal(t, "piped", content(t, b))
}

func TestFileIsSent(t *testing.T) {
	large := bytes.Repeat([]byte("0123456789"), 100_000)
	for _, tt := range []struct {
		name, method string
		fields       [][2]string
		want, length int
	}{
		{"whole", "GET", nil, len(large), len(large)},
		{"up to the declared length", "GET", [][2]string{{"Content-Length", "7"}}, 7, 7},
		{"not for HEAD", "HEAD", nil, 0, len(large)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := file(t, string(large))
			s := serve(t, answer(func() gateway.Body { return gateway.File(f) }, tt.fields...))
			res, body, err := s.do(t, tt.method, "/", nil)
			require.NoError(t, err)
			assert.Equal(t, string(large[:tt.want]), body)
			assert.EqualValues(t, tt.length, res.ContentLength)
		})
	}
}

func TestFileThatShrinksCutsTheConnection(t *testing.T) {
	f := file(t, "0123456789")
	b := gateway.File(f)
	require.NoError(t, os.Truncate(f.Name(), 3))
	s := serve(t, answer(func() gateway.Body { return b }))
	_, body, err := s.get(t, "/")
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	assert.Equal(t, "012", body)
	assert.Contains(t, s.log.String(), "Content-Length declares 10 bytes, the body had 3")
}

func TestFileThatCannotBeReadIsAnError(t *testing.T) {
	for name, status := range map[string]string{"closed": "200 OK", "never started": ""} {
		t.Run(name, func(t *testing.T) {
			f := file(t, "x")
			b := gateway.File(f)
			if status != "" {
				require.NoError(t, f.Close())
			}
			s := serve(t, gateway.AppFunc(func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
				if status == "" {
					return b, nil
				}
				_, err := start(status, nil, nil)
				return b, err
			}))
			res, err := s.Client().Get(s.URL)
			if err == nil {
				defer res.Body.Close()
				_, err = io.ReadAll(res.Body)
			}
			if status == "" {
				require.NoError(t, err)
				assert.Equal(t, 500, res.StatusCode)
				return
			}
			require.Error(t, err)
			assert.Contains(t, s.log.String(), "file already closed")
		})
	}
}
