//go:build retort_dev

package debug

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/retort-go/retort/internal/traceback"
)

// shortFile is a file name as it is read best: below the working directory, or
// without the folder of modules or of Go.
func shortFile(f traceback.Frame) string {
	if f.Own() {
		if dir, err := os.Getwd(); err == nil {
			if rel, err := filepath.Rel(dir, f.File); err == nil && filepath.IsLocal(rel) {
				return filepath.ToSlash(rel)
			}
		}
		return f.File
	}
	name := filepath.ToSlash(f.File)
	if _, rest, ok := strings.Cut(name, "/pkg/mod/"); ok {
		return rest
	}
	if f.Kind == traceback.Standard {
		if _, rest, ok := strings.Cut(name, "/src/"); ok {
			return rest
		}
	}
	return name
}
