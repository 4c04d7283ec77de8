package main

import (
	"os"
	"path/filepath"
	"runtime"
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
	t.Setenv("GOTOOLCHAIN", "local")
	t.Setenv("GOWORK", "off")
	const mod, program = "module example.test/app\n\ngo 1.26\n", "package main\n\nfunc main() {}\n"
	for _, tt := range []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"an empty module", map[string]string{"go.mod": mod}, "there is no program in DIR: it has no Go files"},
		{"a library", map[string]string{"go.mod": mod, "a.go": "package a\n"}, "there is no program in DIR: its package is a, and not main"},
		{"one below", map[string]string{"go.mod": mod, "cmd/web/main.go": program}, "there is no program in DIR: it has no Go files; there is one in " + filepath.Join("DIR", "cmd", "web") + ", so name that folder"},
		{"two below", map[string]string{"go.mod": mod, "a/main.go": program, "b/main.go": program}, "there is no program in DIR: it has no Go files; there are some in DIR/a, DIR/b: name one of them"},
		{"many below", map[string]string{
			"go.mod": mod, "a/main.go": program, "b/main.go": program, "c/main.go": program, "d/main.go": program,
			"e/main.go": program, "f/main.go": program, "g/main.go": program,
		}, "there is no program in DIR: it has no Go files; there are some in DIR/a, DIR/b, DIR/c, DIR/d, DIR/e and 2 other folders: name one of them"},
		{"no module", nil, "there is no go.mod in DIR or above it; make one with: go mod init example.com/notes && go get . (or a whole app: retort new notes)"},
		{"a Go to come", map[string]string{"go.mod": "module example.test/app\n\ngo 1.99\n", "main.go": program}, "the program in DIR needs a newer Go, which is at https://go.dev/dl/: go: go.mod requires go >= 1.99 (running go " + strings.TrimPrefix(runtime.Version(), "go") + "; GOTOOLCHAIN=local)"},
		{"a go.mod with a fault", map[string]string{"go.mod": "modul example.test/app\n", "main.go": program}, "the go command cannot read what is in DIR: go: errors parsing go.mod:\ngo.mod:1: unknown directive: modul"},
	} {
		dir := writeFiles(t, tt.files)
		_, err := findProject(t.Context(), dir)
		assert.EqualError(t, err, strings.NewReplacer("DIR/", dir+string(filepath.Separator), "DIR", dir).Replace(tt.want), tt.name)
	}
	dir := writeFiles(t, map[string]string{"web/main.go": program})
	_, err := findProject(t.Context(), filepath.Join(dir, "web", "main.go"))
	assert.EqualError(t, err, filepath.Join(dir, "web", "main.go")+" is a file; the argument is the folder of a program, here "+filepath.Join(dir, "web"))
	_, err = findProject(t.Context(), "nowhere")
	here, _ := filepath.Abs("nowhere")
	assert.EqualError(t, err, "there is no folder "+here+"; the argument is the folder of a program")
}

func TestAWorkspaceThatDoesNotHaveTheModule(t *testing.T) {
	t.Setenv("GOWORK", "")
	for _, work := range []string{"go 1.26\n", "go 1.26\n\nuse ./other\n"} {
		dir := writeFiles(t, map[string]string{
			"go.work": work, "other/go.mod": "module example.test/other\n\ngo 1.26\n",
			"web/go.mod": "module example.test/web\n\ngo 1.26\n", "web/main.go": "package main\n\nfunc main() {}\n",
		})
		dir = filepath.Join(dir, "web")
		_, err := findProject(t.Context(), dir)
		assert.EqualError(t, err, dir+" is below a go.work that does not have its module; in the folder of its go.mod, go work use . adds it")
	}
}

func TestWhatCannotBeRun(t *testing.T) {
	t.Setenv("GOWORK", "off")
	dir := writeFiles(t, map[string]string{"go.mod": "module example.test/app\n\ngo 1.26\n", "main.go": "package main\n\nfunc main() {}\n"})
	assert.Equal(t, outcome{status: 1, stderr: "retort run: the program in " + dir + " does not use retort, so it cannot be served; start it with go run\n"}, call(t, "run", dir))
	assert.Equal(t, outcome{status: 1, stderr: "retort routes: the program in " + dir + " has no command line: its main calls no cli.Main(newApp), of package github.com/retort-go/retort/cli\n"}, call(t, "routes", dir))
}
