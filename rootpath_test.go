package retort_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
)

func TestTheRootPath(t *testing.T) {
	here, err := os.Getwd()
	require.NoError(t, err)
	app := retort.New("app")
	assert.Equal(t, here, app.RootPath(), "that of this file")
	assert.Equal(t, "the source file that called New", app.RootPathOrigin())

	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "sub"), 0o755))
	t.Chdir(dir)
	app = retort.New("app", retort.RootPath("sub"))
	t.Chdir(here)
	assert.Equal(t, filepath.Join(dir, "sub"), app.RootPath(), "the working directory may change afterwards")
	assert.Equal(t, "the option RootPath", app.RootPathOrigin())
}
