package main

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/retort-go/retort/security"
)

// skeletonName is what the app in the folder skeleton is called, wherever its name
// stands. It is a program like any other, built and tested with this module.
const skeletonName = "skeleton"

//go:embed skeleton/*.go skeleton/README.md skeleton/.gitignore skeleton/templates skeleton/static
var skeletonFiles embed.FS

// testSums are the lines of go.sum for what only tests of retort's packages need.
// With them the app is as go mod tidy would have it, and nobody has to download
// that.
//
//go:embed testsums.txt
var testSums string

// goVersion is that of the module retort, which the app cannot do with less than.
const goVersion = "1.26.0"

// skeleton is an app that is being made.
type skeleton struct {
	module string // the path of its module
	name   string
	retort source
}

// write writes the app into a folder. It replaces no file.
func (s *skeleton) write(dir string) error {
	err := fs.WalkDir(skeletonFiles, skeletonName, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		target := filepath.Join(dir, filepath.FromSlash(strings.TrimPrefix(name, skeletonName)))
		if entry.IsDir() {
			return os.MkdirAll(target, 0o777)
		}
		text, err := skeletonFiles.ReadFile(name)
		if err != nil {
			return err
		}
		return createFile(target, strings.ReplaceAll(string(text), skeletonName, s.name), 0o666)
	})
	if err != nil {
		return err
	}
	if err := createFile(filepath.Join(dir, "go.mod"), s.goMod(), 0o666); err != nil {
		return err
	}
	if err := createFile(filepath.Join(dir, "go.sum"), testSums, 0o666); err != nil {
		return err
	}
	return createFile(filepath.Join(dir, ".env"), fmt.Sprintf(envFile, security.Token(secretBytes)), 0o600)
}

// envFile holds what no repository is to have.
const envFile = `# What is for this machine alone, as secrets are; git ignores this file.
RETORT_SECRET_KEY=%s
`

// noVersion stands for the version of a module in a folder, as the go command
// writes it.
const noVersion = "v0.0.0-00010101000000-000000000000"

// goMod is the file go.mod before [fetch] completes it.
func (s *skeleton) goMod() string {
	text := fmt.Sprintf("module %s\n\ngo %s\n", s.module, goVersion)
	switch {
	case s.retort.dir != "":
		text += fmt.Sprintf("\nrequire %s %s\n\nreplace %[1]s => %[3]s\n", retortPath, noVersion, modFileString(s.retort.dir))
	case s.retort.version != "":
		text += fmt.Sprintf("\nrequire %s %s\n", retortPath, s.retort.version)
	}
	return text
}

// createFile writes a file that is not there yet.
func createFile(name, text string, mode fs.FileMode) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}
