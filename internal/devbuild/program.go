package devbuild

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
)

// DevTag is the build tag of everything that is for developers alone.
const DevTag = "retort_dev"

// noVCS spares a build asking the version control system for the state of the
// folder, which takes time and fails where that does not trust its owner.
const noVCS = "-buildvcs=false"

// Program is a main package and how it is built.
type Program struct {
	// Dir is the folder of the main package; the go command is run there.
	Dir string
	// Package is what is built: ".", or the name of the file with the function main
	// of a program that is built from files.
	Package string
	// Flags are those of the go command, the tag [DevTag] among them.
	Flags []string
	// Env holds settings such as CGO_ENABLED=0 beside the environment.
	Env []string
}

// Running is the program that runs now. The error says why it cannot be built.
func Running() (Program, error) {
	if _, err := exec.LookPath("go"); err != nil {
		return Program{}, errors.New("there is no go command in PATH")
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return Program{}, errors.New("the program does not know how it was built: it was built without module support")
	}
	return fromBuildInfo(info, mainFile())
}

// InFolder is the main package in a folder.
func InFolder(dir string) Program {
	return Program{Dir: dir, Package: ".", Flags: []string{"-tags=" + DevTag, noVCS}}
}

// mainFile is the source file of the function main that runs, or "" when the
// caller was not called by it.
func mainFile() string {
	var pcs [64]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	for {
		f, more := frames.Next()
		if f.Function == "main.main" {
			return f.File
		}
		if !more {
			return ""
		}
	}
}

// fromBuildInfo is the program that was built so. main is the file of its
// function main.
func fromBuildInfo(info *debug.BuildInfo, main string) (Program, error) {
	if setting(info, "-trimpath") == "true" {
		return Program{}, errors.New("the program was built with -trimpath and does not know where its source is")
	}
	if main == "" {
		return Program{}, errors.New("the function main that runs it was not found; call Run from main, not from another goroutine")
	}
	if _, err := os.Stat(main); err != nil || !filepath.IsAbs(main) {
		return Program{}, fmt.Errorf("its source is not on this machine: there is no file %s", main)
	}
	p := Program{Dir: filepath.Dir(main), Package: ".", Flags: []string{"-tags=" + tags(setting(info, "-tags"))}}
	if info.Path == "command-line-arguments" { // go run FILE
		p.Package = filepath.Base(main)
	}
	if setting(info, "vcs") == "" {
		p.Flags = append(p.Flags, noVCS)
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "-race", "-msan", "-asan", "-buildmode", "-ldflags", "-gcflags", "-asmflags":
			p.Flags = append(p.Flags, s.Key+"="+s.Value)
		case "CGO_ENABLED", "CGO_CFLAGS", "CGO_CPPFLAGS", "CGO_CXXFLAGS", "CGO_LDFLAGS", "GOARCH", "GOAMD64", "GOARM64", "GOARM", "GO386", "GOEXPERIMENT", "GOFIPS140":
			p.Env = append(p.Env, s.Key+"="+s.Value)
		}
	}
	return p, nil
}

func setting(info *debug.BuildInfo, key string) string {
	for _, s := range info.Settings {
		if s.Key == key {
			return s.Value
		}
	}
	return ""
}

// tags adds DevTag to a list of tags.
func tags(list string) string {
	all := strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
	if !slices.Contains(all, DevTag) {
		all = append(all, DevTag)
	}
	return strings.Join(all, ",")
}
