package reloader

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A folder of somebody who calls his own like ours loses nothing but programs.
func TestOnlyWhatWasBuiltIsRemoved(t *testing.T) {
	make := func(dir string, names ...string) string {
		dir = filepath.Join(t.TempDir(), dir)
		require.NoError(t, os.Mkdir(dir, 0o700))
		for _, name := range names {
			require.NoError(t, os.WriteFile(filepath.Join(dir, name), nil, 0o600))
		}
		return dir
	}
	ours := make("retort-build-123", "program1", "program12"+exeSuffix)
	require.NoError(t, os.MkdirAll(filepath.Join(ours, workName, "go-build77", "b001"), 0o700))
	RemoveFolder(ours)
	assert.NoDirExists(t, ours)

	theirs := make("retort-build-tools", "program1", "program.go", "main.go")
	require.NoError(t, os.MkdirAll(filepath.Join(theirs, workName, "other"), 0o700))
	RemoveFolder(theirs)
	assert.DirExists(t, filepath.Join(theirs, workName, "other"))
	assert.NoFileExists(t, filepath.Join(theirs, "program1"))
	assert.FileExists(t, filepath.Join(theirs, "program.go"))
	assert.FileExists(t, filepath.Join(theirs, "main.go"))

	another := make("build", "program1")
	RemoveFolder(another)
	assert.FileExists(t, filepath.Join(another, "program1"))
}
