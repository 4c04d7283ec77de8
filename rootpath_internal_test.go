package retort

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheRootPathWithoutTheSource(t *testing.T) {
	exe, err := os.Executable()
	require.NoError(t, err)
	for name, at := range map[string]position{
		"built on another machine":    {"/no/such/machine/main.go", 1},
		"built with -trimpath":        {"example.com/app/main.go", 1},
		"trimmed to a file that is":   {"rootpath.go", 1},
		"a directory of that name":    {filepath.Dir(exe), 1},
		"the place of New is unknown": {},
	} {
		root := new(fileOptions).findRoot(at)
		assert.Equal(t, filepath.Dir(exe), root.dir, name)
		assert.Equal(t, "the place of the executable", root.origin, name)
	}
}
