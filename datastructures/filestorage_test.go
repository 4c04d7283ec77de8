package datastructures_test

import (
	"bytes"
	"errors"
	"io"
	"net/textproto"
	"os"
	"path/filepath"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/datastructures"
)

// memory is a content in memory that knows whether it was closed.
type memory struct {
	*bytes.Reader
	closed int
}

func (m *memory) Close() error { m.closed++; return nil }

func upload(filename, text string) (*datastructures.FileStorage, *memory) {
	content := &memory{Reader: bytes.NewReader([]byte(text))}
	header := textproto.MIMEHeader{"Content-Type": {"Text/Plain; charset=utf-8"}}
	return datastructures.NewFileStorage("doc", filename, header, content, int64(len(text))), content
}

func TestFileStorageReadsLikeAFile(t *testing.T) {
	f, content := upload("a.txt", "hello")
	require.NoError(t, iotest.TestReader(f, []byte("hello")))
	assert.Equal(t, int64(5), f.Size())
	assert.Equal(t, "Text/Plain; charset=utf-8", f.ContentType())
	assert.Equal(t, "text/plain", f.MIMEType())
	assert.Equal(t, map[string]string{"charset": "utf-8"}, f.MIMETypeParameters())

	one, two := f.Open(), f.Open()
	_, err := one.Seek(3, io.SeekStart)
	require.NoError(t, err)
	text, err := io.ReadAll(two)
	require.NoError(t, err)
	assert.Equal(t, "hello", string(text), "each reader stands for itself")
	assert.NoError(t, f.Close())
	assert.Equal(t, 1, content.closed)
}

func TestFileStorageWithoutContent(t *testing.T) {
	var none *datastructures.FileStorage
	for _, f := range []*datastructures.FileStorage{none, {}, datastructures.NewFileStorage("a", "", nil, nil, 9)} {
		assert.NoError(t, iotest.TestReader(f, nil))
		assert.Zero(t, f.Size())
		assert.False(t, f.Chosen())
		assert.Equal(t, "", f.ContentType()+f.MIMEType()+f.SecureName())
		text, err := io.ReadAll(f.Open())
		assert.NoError(t, err)
		assert.Empty(t, text)
		assert.NoError(t, f.Close())
	}
}

func TestSaveTo(t *testing.T) {
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	require.NoError(t, err)
	defer root.Close()
	saved := func(name string) string {
		data, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		return string(data)
	}

	f, _ := upload("../my file.txt", "hello")
	_, err = io.CopyN(io.Discard, f, 3)
	require.NoError(t, err)
	require.NoError(t, f.SaveTo(root, f.SecureName()))
	assert.Equal(t, "hello", saved("my_file.txt"), "the whole content, wherever the file stands")
	short, _ := upload("b.txt", "hi")
	require.NoError(t, short.SaveTo(root, "my_file.txt"))
	assert.Equal(t, "hi", saved("my_file.txt"), "in the place of the older file")
	require.NoError(t, (*datastructures.FileStorage)(nil).SaveTo(root, "empty"))
	assert.Equal(t, "", saved("empty"))
}

func TestSaveToStaysInside(t *testing.T) {
	outside, dir := t.TempDir(), t.TempDir()
	root, err := os.OpenRoot(dir)
	require.NoError(t, err)
	defer root.Close()
	require.NoError(t, os.Symlink(outside, filepath.Join(dir, "link")))

	f, _ := upload("☃", "hello")
	assert.EqualError(t, f.SaveTo(root, f.SecureName()), `saving the uploaded file "☃": the name to save it under is empty; `+
		`SecureName gives "" when nothing of the client's name is safe, so choose another one then`)
	for _, name := range []string{"../a", "/a", "link/a", "a/../../b", "..", ".", "missing/a", "a\x00b"} {
		assert.Error(t, f.SaveTo(root, name), "%q", name)
	}
	left, err := os.ReadDir(outside)
	require.NoError(t, err)
	assert.Empty(t, left)
}

var errBroken = errors.New("broken")

// brokenContent fails after some bytes.
type brokenContent struct{ *memory }

func (c brokenContent) ReadAt(p []byte, offset int64) (int, error) {
	if offset > 0 {
		return 0, errBroken
	}
	return c.memory.ReadAt(p[:min(len(p), 2)], offset)
}

func TestSaveToLeavesNoHalfFile(t *testing.T) {
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	require.NoError(t, err)
	defer root.Close()
	content := brokenContent{&memory{Reader: bytes.NewReader([]byte("hello"))}}
	f := datastructures.NewFileStorage("doc", "a.txt", nil, content, 5)
	assert.ErrorIs(t, f.SaveTo(root, "a.txt"), errBroken)
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Empty(t, left)
}

func TestFileMultiDict(t *testing.T) {
	var d datastructures.FileMultiDict
	one, content := upload("1", "x")
	two, _ := upload("2", "y")
	d.Add(one)
	d.Add(two)
	assert.Equal(t, 2, d.Len())
	assert.Same(t, one, d.Get("doc"))
	assert.Equal(t, []*datastructures.FileStorage{one, two}, d.GetList("doc"))
	assert.Nil(t, d.Get("zz"))
	assert.False(t, d.Has("zz"))
	assert.Same(t, one, d.Require("doc"))
	assert.PanicsWithError(t, `the key "zz" is missing`, func() { d.Require("zz") })
	assert.NoError(t, d.Close())
	assert.Equal(t, 1, content.closed)

	var none *datastructures.FileMultiDict
	assert.Zero(t, none.Len())
	assert.False(t, none.Get("a").Chosen())
}
