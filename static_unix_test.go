//go:build unix

package retort_test

import (
	"net"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
)

func TestWhatIsNoRegularFileIsNotServed(t *testing.T) {
	dir := writeTree(t, map[string]string{"static/a.txt": "a"})
	require.NoError(t, syscall.Mkfifo(filepath.Join(dir, "static", "pipe"), 0o644))
	t.Chdir(filepath.Join(dir, "static")) // the path of a socket is short
	listener, err := net.Listen("unix", "socket")
	require.NoError(t, err)
	defer listener.Close()
	client := quiet(retort.RootPath(dir)).TestClient()
	assert.Equal(t, 404, client.Get("/static/pipe").Status, "and nobody waits for its writer")
	assert.Equal(t, 404, client.Get("/static/socket").Status)
	res := sendingFile(quiet(retort.RootPath(dir)), func(c *retort.Context) any {
		return c.SendFile(filepath.Join(dir, "static", "pipe"))
	})
	assert.Equal(t, 500, res.Status)
}
