package devbuild

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// packages are the arguments of the go command that name what is built. A program
// that was started from files, as by "go run *.go", does not know which: it is the
// file of its function main, and those beside it that have none.
func (p *Program) packages() []string {
	if !strings.HasSuffix(p.Package, ".go") {
		return []string{p.Package}
	}
	files := []string{p.Package}
	entries, _ := os.ReadDir(p.Dir) // the build says what is wrong
	for _, e := range entries {
		if name := e.Name(); name != p.Package && isSource(name) && strings.HasSuffix(name, ".go") && isCompanion(filepath.Join(p.Dir, name)) {
			files = append(files, name)
		}
	}
	slices.Sort(files)
	return files
}

var (
	packageMain = regexp.MustCompile(`(?m)^package main\b`)
	constraint  = regexp.MustCompile(`(?m)^//go:build `)
	funcMain    = regexp.MustCompile(`(?m)^func main\(\)`)
)

// isCompanion reports whether a file belongs to the package main of another one, on
// every system.
func isCompanion(file string) bool {
	text, err := os.ReadFile(file)
	return err == nil && packageMain.Match(text) && !constraint.Match(text) && !funcMain.Match(text)
}
