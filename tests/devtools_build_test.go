package tests

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// devtools are the packages that a program has under the tag retort_dev alone.
var devtools = []string{module + "/serving/debug", module + "/serving/live"}

// devtoolsTexts are texts that stand in them and nowhere else.
var devtoolsTexts = []string{"retort_debug_", "The debugger of retort.", "RETORT_LIVE"}

// TestAPlainBuildHasNoDevtools: what is not there cannot be switched on by
// mistake. The last case shows that the test would see them.
func TestAPlainBuildHasNoDevtools(t *testing.T) {
	for _, tt := range []struct {
		name string
		tags []string
		want bool
	}{
		{"plain", nil, false},
		{"with the tag retort_dev", []string{"-tags=retort_dev"}, true},
	} {
		deps, symbols, program := inspect(t, "./examples/hello", tt.tags...)
		for _, p := range devtools {
			assert.Equal(t, tt.want, slices.Contains(deps, p), "%s: go list -deps has %s", tt.name, p)
			assert.Equal(t, tt.want, strings.Contains(symbols, p+"."), "%s: a symbol of %s", tt.name, p)
		}
		for _, text := range devtoolsTexts {
			assert.Equal(t, tt.want, bytes.Contains(program, []byte(text)), "%s: the text %q", tt.name, text)
		}
	}
}

// inspect builds a package and gives the packages, the symbols and the bytes of
// the program.
func inspect(t *testing.T, pkg string, flags ...string) (deps []string, symbols string, program []byte) {
	t.Helper()
	run := func(args ...string) string {
		cmd := exec.Command("go", args...)
		cmd.Dir = moduleDir
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		require.NoError(t, err, "go %s: %s", strings.Join(args, " "), &stderr)
		return string(out)
	}
	exe := filepath.Join(t.TempDir(), "program")
	run(append(append([]string{"build", "-o", exe}, flags...), pkg)...)
	program, err := os.ReadFile(exe)
	require.NoError(t, err)
	deps = strings.Fields(run(append(append([]string{"list", "-deps"}, flags...), pkg)...))
	return deps, run("tool", "nm", exe), program
}
