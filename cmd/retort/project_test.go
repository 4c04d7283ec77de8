package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// writeFiles writes files into a new folder, by their names.
func writeFiles(t *testing.T, files map[string]string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir()) // as the go command names it
	require.NoError(t, err)
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o777))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o666))
	}
	return dir
}

func TestFindProject(t *testing.T) {
	root := checkout()
	for folder, want := range map[string]project{
		"cmd/retort/skeleton": {served: true, commanded: true},
		"examples/hello":      {served: true},
	} {
		want.dir, want.root = filepath.Join(root, folder), root
		got, err := findProject(t.Context(), filepath.Join(root, folder))
		if assert.NoError(t, err) {
			assert.Equal(t, want, *got)
		}
	}
}

func TestAProgramThatIsNotRightYet(t *testing.T) {
	t.Setenv("GOWORK", "off")
	for name, text := range map[string]string{
		"a module that is not there":  "package main\n\nimport _ \"example.com/nothing\"\n\nfunc main() {}\n",
		"a package that is not there": "package main\n\nimport _ \"example.test/app/nothing\"\n\nfunc main() {}\n",
	} {
		dir := writeFiles(t, map[string]string{"go.mod": "module example.test/app\n\ngo 1.26\n", "main.go": text})
		got, err := findProject(t.Context(), dir)
		if assert.NoError(t, err, name) {
			assert.Equal(t, project{dir: dir, root: dir, served: true, commanded: true}, *got, name)
		}
	}
}

func TestWhereThereIsNoProgram(t *testing.T) {
	t.Setenv("GOWORK", "off")
	const mod, program = "module example.test/app\n\ngo 1.26\n", "package main\n\nfunc main() {}\n"
	for _, tt := range []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"an empty module", map[string]string{"go.mod": mod}, "there is no program in DIR: it has no Go files"},
		{"a library", map[string]string{"go.mod": mod, "a.go": "package a\n"}, "there is no program in DIR: its package is a, and not main"},
		{"one below", map[string]string{"go.mod": mod, "cmd/web/main.go": program}, "there is no program in DIR: it has no Go files; there is one in its folder " + filepath.Join("cmd", "web")},
		{"two below", map[string]string{"go.mod": mod, "a/main.go": program, "b/main.go": program}, "there is no program in DIR: it has no Go files; there are some in its folders a, b"},
		{"many below", map[string]string{
			"go.mod": mod, "a/main.go": program, "b/main.go": program, "c/main.go": program, "d/main.go": program,
			"e/main.go": program, "f/main.go": program, "g/main.go": program,
		}, "there is no program in DIR: it has no Go files; there are some in its folders a, b, c, d, e and 2 others"},
		{"no module", nil, "the go command does not know what is in DIR: go: go.mod file not found in current directory or any parent directory; see 'go help modules'"},
	} {
		dir := writeFiles(t, tt.files)
		_, err := findProject(t.Context(), dir)
		assert.EqualError(t, err, strings.ReplaceAll(tt.want, "DIR", dir), tt.name)
	}
	_, err := findProject(t.Context(), "nowhere")
	here, _ := filepath.Abs("nowhere")
	assert.EqualError(t, err, "there is no folder "+here+"; the argument is the folder of a program")
}

func TestWhatCannotBeRun(t *testing.T) {
	t.Setenv("GOWORK", "off")
	dir := writeFiles(t, map[string]string{"go.mod": "module example.test/app\n\ngo 1.26\n", "main.go": "package main\n\nfunc main() {}\n"})
	assert.Equal(t, outcome{status: 1, stderr: "retort run: the program in " + dir + " does not use retort, so it cannot be served; start it with go run\n"}, call(t, "run", dir))
	assert.Equal(t, outcome{status: 1, stderr: "retort routes: the program in " + dir + " has no command line: its main calls no cli.Main(newApp), of package github.com/retort-go/retort/cli\n"}, call(t, "routes", dir))
}
