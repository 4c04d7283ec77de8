package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestNamesOfModules(t *testing.T) {
	for path, want := range map[string]string{
		"notes":                     "notes",
		"example.com/ann/my-notes":  "my-notes",
		"example.com/Notes_2.0":     "Notes_2.0",
		"example.com/notes/v2":      "notes",
		"github.com/retort-go/site": "site",
		"v2":                        "v2",
		"7":                         "7",
	} {
		if assert.NoError(t, checkModulePath(path), path) {
			assert.Equal(t, want, appName(path), path)
		}
	}
}

func TestWhatIsNoNameOfAModule(t *testing.T) {
	for path, want := range map[string]string{
		"":                            `the app needs a name, such as notes or example.com/notes`,
		"./notes":                     `"./notes" is a folder, not a name; the name of a module is like notes or example.com/notes, and --dir says where to put it`,
		"/tmp/notes":                  `"/tmp/notes" is a folder, not a name; the name of a module is like notes or example.com/notes, and --dir says where to put it`,
		".":                           `"." is a folder, not a name; the name of a module is like notes or example.com/notes, and --dir says where to put it`,
		"my notes":                    `"my notes" cannot be the name of a module: between its slashes stand letters, digits, and - _ . among them`,
		"notes/":                      `"notes/" cannot be the name of a module: between its slashes stand letters, digits, and - _ . among them`,
		"a//b":                        `"a//b" cannot be the name of a module: between its slashes stand letters, digits, and - _ . among them`,
		"a/../b":                      `"a/../b" cannot be the name of a module: between its slashes stand letters, digits, and - _ . among them`,
		"_notes":                      `"_notes" cannot be the name of a module: between its slashes stand letters, digits, and - _ . among them`,
		"notes.":                      `"notes." cannot be the name of a module: between its slashes stand letters, digits, and - _ . among them`,
		"café":                        `"café" cannot be the name of a module: between its slashes stand letters, digits, and - _ . among them`,
		"notes\n":                     `"notes\n" cannot be the name of a module: between its slashes stand letters, digits, and - _ . among them`,
		`a\b`:                         `"a\\b" cannot be the name of a module: between its slashes stand letters, digits, and - _ . among them`,
		"example.com/nul.txt":         `"example.com/nul.txt" cannot be the name of a module: Windows takes nul.txt for a device`,
		"notes/v1":                    `"notes/v1" cannot be the name of a module: only versions from v2 on stand at the end of one`,
		"all":                         `no module can be called all: the go command means something else by it`,
		"cmd/notes":                   `no module can be called cmd/notes: the go command means something else by it`,
		"github.com/retort-go/retort": `github.com/retort-go/retort is the module of retort itself; give the app a name of its own`,
		strings.Repeat("a", 201):      `the name is 201 bytes long; it may have 200`,
	} {
		assert.EqualError(t, checkModulePath(path), want, path)
	}
}

// FuzzModulePath holds that a name that is taken leads out of no folder, is one
// word of a shell, and leaves a name for the app.
func FuzzModulePath(f *testing.F) {
	for _, s := range []string{"notes", "example.com/a/v2", "a/../b", "-x", "a b", "con", "é", "a//b", ".git"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, path string) {
		if checkModulePath(path) != nil {
			return
		}
		name := appName(path)
		assert.Regexp(t, `^[A-Za-z0-9][A-Za-z0-9._-]*$`, name)
		assert.NotContains(t, path, "//")
		assert.NotContains(t, "/"+path+"/", "/../")
		assert.Equal(t, path, quoted(path))
		assert.Equal(t, path, modFileString(path))
	})
}
