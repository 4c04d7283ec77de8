package traceback

import (
	"os"
	"runtime/debug"
	"strings"
	"time"
)

// framework is the path of the module that this package is part of.
const framework = "github.com/retort-go/retort"

// program is what is known about the running program.
type program struct {
	own   []string // the paths of the modules that somebody is working on
	built time.Time
}

// readProgram asks the running program about itself.
func readProgram() *program {
	p := new(program)
	if path, err := os.Executable(); err == nil {
		if info, err := os.Stat(path); err == nil {
			p.built = info.ModTime()
		}
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		p.addModules(info)
	}
	return p
}

func (p *program) addModules(info *debug.BuildInfo) {
	if info.Main.Path != "" {
		p.own = append(p.own, info.Main.Path)
	}
	for _, m := range info.Deps {
		workspace := m.Version == "(devel)" && m.Replace == nil
		folder := m.Replace != nil && m.Replace.Version == ""
		if workspace || folder {
			p.own = append(p.own, m.Path)
		}
	}
}

// kind is whose code a package is. The tests of retort and its examples are
// applications.
func (p *program) kind(pkg, file string) Kind {
	switch {
	case pkg == "main" || strings.HasSuffix(file, "_test.go"):
		return App
	case below(pkg, framework):
		if below(pkg, framework+"/examples") || below(pkg, framework+"/tests") {
			return App
		}
		if below(pkg, framework+"/contrib") {
			return Library
		}
		return Framework
	}
	for _, m := range p.own {
		if below(pkg, m) {
			return App
		}
	}
	first, _, _ := strings.Cut(pkg, "/")
	if first == "command-line-arguments" {
		return App
	}
	if !strings.Contains(first, ".") {
		return Standard
	}
	return Library
}

// newer reports whether a file was changed after the program was built.
func (p *program) newer(file string) bool {
	if p.built.IsZero() {
		return false
	}
	info, err := os.Stat(file)
	return err == nil && info.ModTime().After(p.built)
}

// below reports whether pkg is the package at path or one in its folders.
func below(pkg, path string) bool {
	rest, ok := strings.CutPrefix(pkg, path)
	return ok && (rest == "" || rest[0] == '/' || strings.HasPrefix(rest, "_test"))
}

// packageOf is the path of the package of a function: what stands before the
// first dot of the last element. The runtime writes dots in that element as %2e.
func packageOf(function string) string {
	start := strings.LastIndexByte(withoutTypes(function), '/') + 1
	i := strings.IndexByte(function[start:], '.')
	if i < 0 {
		return ""
	}
	return strings.ReplaceAll(function[:start+i], "%2e", ".")
}

// shortName is a function without the folders of its package.
func shortName(function string) string {
	return function[strings.LastIndexByte(withoutTypes(function), '/')+1:]
}

// withoutTypes cuts off the types in "main.f[example.com/x.T]" and the receiver
// in "main.(*T).f", which may hold slashes.
func withoutTypes(function string) string {
	if i := strings.IndexAny(function, "[("); i >= 0 {
		return function[:i]
	}
	return function
}
