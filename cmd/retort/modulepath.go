package main

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/retort-go/retort/internal/devicename"
)

// maxModulePath is longer than any that somebody types.
const maxModulePath = 200

// pathElement is what stands between the slashes of a module path. It is stricter
// than the go command, because the last element is the name of the folder, of the
// app and of the program too.
var pathElement = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9_-])?$`)

// reservedPath are names that mean something else to the go command.
func reservedPath(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return slices.Contains([]string{"all", "cmd", "go", "main", "std", "tool", "work", "C"}, first)
}

// checkModulePath says why a module cannot be named so.
//
// Source: golang.org/ref/mod, "Module paths and versions".
func checkModulePath(path string) error {
	switch {
	case path == "":
		return errors.New("the app needs a name, such as notes or example.com/notes")
	case len(path) > maxModulePath:
		return fmt.Errorf("the name is %d bytes long; it may have %d", len(path), maxModulePath)
	case strings.HasPrefix(path, ".") || strings.HasPrefix(path, "/"):
		return fmt.Errorf("%q is a folder, not a name; the name of a module is like notes or example.com/notes, and --dir says where to put it", path)
	case path == retortPath:
		return fmt.Errorf("%s is the module of retort itself; give the app a name of its own", path)
	case reservedPath(path):
		return fmt.Errorf("no module can be called %s: the go command means something else by it", path)
	}
	elements := strings.Split(path, "/")
	for _, e := range elements {
		if !pathElement.MatchString(e) {
			return fmt.Errorf("%q cannot be the name of a module: between its slashes stand letters, digits, and - _ . among them", path)
		}
		if devicename.Is(e) {
			return fmt.Errorf("%q cannot be the name of a module: Windows takes %s for a device", path, e)
		}
	}
	if last := elements[len(elements)-1]; last == "v0" || last == "v1" {
		return fmt.Errorf("%q cannot be the name of a module: only versions from v2 on stand at the end of one", path)
	}
	return nil
}

// majorVersion matches the end of a module path that is no name.
var majorVersion = regexp.MustCompile(`/v[0-9]+$`)

// appName is the name of the app in a module: the last element of its path.
func appName(path string) string {
	path = majorVersion.ReplaceAllString(path, "")
	return path[strings.LastIndexByte(path, '/')+1:]
}
