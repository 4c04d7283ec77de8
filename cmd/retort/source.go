package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
)

// source is where a new app has retort from: a folder, a released version, or,
// with neither, the latest release.
type source struct{ dir, version string }

// sourceOfRetort is the folder that was given, else what this program itself was
// built from.
func sourceOfRetort(given string) (source, error) {
	if given == "" {
		return sourceOf(builtFrom(), checkout()), nil
	}
	dir, err := filepath.Abs(given)
	if err != nil {
		return source{}, err
	}
	if !isCheckout(dir) {
		return source{}, fmt.Errorf("--replace: %s is no checkout of retort: it has no go.mod that says module %s", dir, retortPath)
	}
	return source{dir: dir}, nil
}

// sourceOf is what a program was built from. m is the module as it knows it, and
// dir the folder of its source, "" if that is not here. Only what was downloaded
// has a checksum; the version of anything else names a commit that nobody else may
// have.
func sourceOf(m *debug.Module, dir string) source {
	if m != nil && m.Replace == nil && m.Sum != "" {
		return source{version: m.Version}
	}
	return source{dir: dir}
}

// checkout is the folder of the module that this program was compiled in, "" if it
// is not on this machine.
func checkout() string {
	_, file, _, _ := runtime.Caller(0)
	dir := filepath.Dir(filepath.Dir(filepath.Dir(file))) // of cmd/retort/source.go
	if !filepath.IsAbs(file) || !isCheckout(dir) {
		return ""
	}
	return dir
}

// moduleLine is how the module says in its go.mod who it is.
var moduleLine = regexp.MustCompile(`(?m)^module ` + regexp.QuoteMeta(retortPath) + `\s*$`)

// isCheckout reports whether a folder holds the module retort.
func isCheckout(dir string) bool {
	text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	return err == nil && moduleLine.Match(text)
}

// modFileString is a path as it stands in a go.mod: in quotes if it has to.
func modFileString(path string) string {
	if strings.ContainsAny(path, " \t()[]{},\"'`") || strings.Contains(path, "//") || strings.Contains(path, "/*") {
		return strconv.Quote(path)
	}
	return path
}
