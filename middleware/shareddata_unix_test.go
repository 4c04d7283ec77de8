//go:build unix

package middleware_test

import (
	"io/fs"
	"net/http/httptest"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/middleware"
)

// A pipe has no end until somebody writes to it: a request would wait for ever.
func TestSharedDataDoesNotOpenAPipe(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600))
	root, err := os.OpenRoot(dir)
	require.NoError(t, err)
	t.Cleanup(func() { _ = root.Close() })
	for name, tree := range map[string]fs.FS{"a folder": os.DirFS(dir), "a root": root.FS()} {
		answered := make(chan *httptest.ResponseRecorder, 1)
		go func() {
			answered <- serve(middleware.SharedData(map[string]fs.FS{"/static": tree}), get("/static/pipe"))
		}()
		select {
		case w := <-answered:
			assert.Equal(t, "app GET /static/pipe", w.Body.String(), name)
		case <-time.After(30 * time.Second):
			t.Fatalf("%s: the request waits for a writer", name)
		}
	}
}
