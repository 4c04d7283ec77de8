package cli_test

import (
	"os"
	"strings"
	"testing"
)

// TestMain runs the tests without the settings of who runs them.
func TestMain(m *testing.M) {
	for _, v := range os.Environ() {
		if name, _, _ := strings.Cut(v, "="); strings.HasPrefix(name, "RETORT_") {
			_ = os.Unsetenv(name)
		}
	}
	m.Run()
}
