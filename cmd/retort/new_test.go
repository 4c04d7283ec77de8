package main

import (
	"bytes"
	"go/format"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// outcome is what a call of the tool has led to.
type outcome struct {
	status         int
	stdout, stderr string
}

// call runs the tool.
func call(t *testing.T, words ...string) outcome {
	t.Helper()
	var stdout, stderr bytes.Buffer
	p := program()
	p.Stdin, p.Stdout, p.Stderr = strings.NewReader(""), &stdout, &stderr
	status := answer(t.Context(), p, words)
	return outcome{status, stdout.String(), stderr.String()}
}

// goCommand runs the go command in a folder, outside of any workspace.
func goCommand(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "go %s: %s", strings.Join(args, " "), out)
	return string(out)
}

func TestNew(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("GOWORK", "off")
	root := checkout()
	got := call(t, "new", "example.com/notes", "--replace", root)
	require.Equal(t, 0, got.status, got.stderr)
	dir, err := filepath.Abs("notes")
	require.NoError(t, err)
	assert.Equal(t, "Creating the app notes in "+dir+`
Using the checkout of retort in `+root+` (see go.mod)
Fetching modules (go get -t ./...)
Done. Next:

  cd notes
  retort run       # then open http://127.0.0.1:5000, change a file and save it
  go test ./...
`, got.stdout)

	t.Run("its tests pass", func(t *testing.T) {
		assert.Contains(t, goCommand(t, dir, "test", "./..."), "ok  \texample.com/notes")
	})
	t.Run("it is tidy and vet is content", func(t *testing.T) {
		assert.Empty(t, goCommand(t, dir, "vet", "./..."))
		assert.Empty(t, goCommand(t, dir, "vet", "-tags=retort_dev", "./..."))
		assert.Empty(t, goCommand(t, dir, "mod", "tidy", "-diff"))
	})
	t.Run("its secret is for its owner alone", func(t *testing.T) {
		text, err := os.ReadFile(filepath.Join(dir, ".env"))
		require.NoError(t, err)
		assert.Regexp(t, `(?m)^RETORT_SECRET_KEY=[A-Za-z0-9_-]{43}$`, string(text))
		ignored, err := os.ReadFile(filepath.Join(dir, ".gitignore"))
		require.NoError(t, err)
		assert.Contains(t, string(ignored), "\n/.env\n")
		info, err := os.Stat(filepath.Join(dir, ".env"))
		require.NoError(t, err)
		if runtime.GOOS != "windows" {
			assert.Equal(t, fs.FileMode(0o600), info.Mode())
		}
	})
	t.Run("it is not made a second time", func(t *testing.T) {
		got := call(t, "new", "notes", "--replace", root)
		assert.Equal(t, outcome{status: 1, stderr: "retort new: the folder " + dir + " is not empty: it has .env; give another one with --dir\n"}, got)
	})
}

func TestNewIntoAFolderThatIsThere(t *testing.T) {
	root := checkout()
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, ".git"), 0o777))
	got := call(t, "new", "notes", "--dir", dir, "--replace", root)
	assert.Equal(t, 0, got.status, got.stderr)
	assert.FileExists(t, filepath.Join(dir, "go.mod"))
	assert.NoDirExists(t, filepath.Join(dir, "notes"))
}

func TestNewInAWorkspace(t *testing.T) {
	dir := writeFiles(t, map[string]string{"go.work": "go 1.26.0\n"})
	t.Chdir(dir)
	t.Setenv("GOWORK", "")
	got := call(t, "new", "notes", "--replace", checkout())
	require.Equal(t, 0, got.status, got.stderr)
	assert.Contains(t, got.stdout, "\n  cd notes\n  go work use .    # because it is in the workspace "+filepath.Join(dir, "go.work")+"\n  retort run")
}

func TestWhatNewRefuses(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	file := filepath.Join(dir, "file")
	require.NoError(t, os.WriteFile(file, nil, 0o666))
	for name, tt := range map[string]struct {
		words  []string
		status int
		want   string
	}{
		"no name":          {nil, 2, "the argument NAME is missing; see retort new --help"},
		"a bad name":       {[]string{"my notes"}, 1, `"my notes" cannot be the name of a module: between its slashes stand letters, digits, and - _ . among them`},
		"a standard name":  {[]string{"net/http"}, 1, "no module can be called net/http: it is a package of Go's standard library; example.com/net/http would do"},
		"a file":           {[]string{"notes", "--dir", "file"}, 1, file + " cannot be the folder of a new app: open " + file + ": not a directory"},
		"a strange source": {[]string{"notes", "--replace", dir}, 1, "--replace: " + dir + " is no checkout of retort: it has no go.mod that says module github.com/retort-go/retort"},
	} {
		got := call(t, append([]string{"new"}, tt.words...)...)
		if name == "a file" && runtime.GOOS == "windows" {
			got.stderr = strings.Replace(got.stderr, "The system cannot find the path specified.", "not a directory", 1)
		}
		assert.Equal(t, outcome{status: tt.status, stderr: "retort new: " + tt.want + "\n"}, got, name)
	}
	assert.NoDirExists(t, "notes")
}

func TestModulesThatCannotBeFetched(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, value := range map[string]string{"GOPROXY": "off", "GOFLAGS": "-mod=mod", "GOMODCACHE": t.TempDir()} {
		t.Setenv(name, value)
	}
	got := call(t, "new", "notes", "--replace", checkout())
	dir, err := filepath.Abs("notes")
	require.NoError(t, err)
	assert.Equal(t, 1, got.status)
	assert.Contains(t, got.stderr, "module lookup disabled by GOPROXY=off", "the go command says why")
	assert.True(t, strings.HasSuffix(got.stderr, "retort new: the app is in "+dir+", but what it needs could not be fetched (exit status 1); to try it again:\n  cd notes\n  go get -t ./...\n"), got.stderr)
	assert.FileExists(t, filepath.Join(dir, "main.go"))
}

// TestTheFilesOfAnApp: they are well written whatever the name of the app is.
func TestTheFilesOfAnApp(t *testing.T) {
	for _, name := range []string{"a", "skeleton", strings.Repeat("long-", 30) + "name"} {
		s := skeleton{module: "example.com/" + name, name: name, retort: source{version: "v0.5.0"}}
		dir := t.TempDir()
		require.NoError(t, s.write(dir))
		err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			if name != skeletonName {
				assert.NotContains(t, string(text), skeletonName, path)
			}
			if filepath.Ext(path) == ".go" {
				formatted, err := format.Source(text)
				require.NoError(t, err)
				assert.Equal(t, string(formatted), string(text), path)
			}
			return nil
		})
		require.NoError(t, err)
	}
}

func TestGoMod(t *testing.T) {
	for _, tt := range []struct {
		name   string
		retort source
		want   string
	}{
		{"a release", source{version: "v0.5.0"}, "\nrequire github.com/retort-go/retort v0.5.0\n"},
		{"the latest release", source{}, ""},
		{"a checkout", source{dir: "/src/retort"}, "\nrequire github.com/retort-go/retort v0.0.0-00010101000000-000000000000\n\nreplace github.com/retort-go/retort => /src/retort\n"},
		{"a checkout in a strange folder", source{dir: "/my src/retort"}, "\nrequire github.com/retort-go/retort v0.0.0-00010101000000-000000000000\n\nreplace github.com/retort-go/retort => \"/my src/retort\"\n"},
	} {
		s := skeleton{module: "example.com/notes", name: "notes", retort: tt.retort}
		text := s.goMod()
		assert.Equal(t, "module example.com/notes\n\ngo 1.26.0\n"+tt.want, text, tt.name)
		dir := t.TempDir()
		require.NoError(t, createFile(filepath.Join(dir, "go.mod"), text, 0o666))
		goCommand(t, dir, "mod", "edit", "-json") // it can be read
	}
	own, err := os.ReadFile(filepath.Join(checkout(), "go.mod"))
	require.NoError(t, err)
	assert.Contains(t, string(own), "\ngo "+goVersion+"\n")
}

func TestWhereRetortComesFrom(t *testing.T) {
	for _, tt := range []struct {
		name string
		m    *debug.Module
		dir  string
		want source
	}{
		{"installed", &debug.Module{Version: "v0.5.0", Sum: "h1:x"}, "/module/cache", source{version: "v0.5.0"}},
		{"built in a checkout", &debug.Module{Version: "v0.5.1-0.20261121-abc+dirty"}, "/src", source{dir: "/src"}},
		{"replaced", &debug.Module{Version: "v0.5.0", Sum: "h1:x", Replace: &debug.Module{Path: "../retort"}}, "/src", source{dir: "/src"}},
		{"built elsewhere", &debug.Module{Version: "(devel)"}, "", source{}},
		{"unknown", nil, "", source{}},
	} {
		assert.Equal(t, tt.want, sourceOf(tt.m, tt.dir), tt.name)
	}
	assert.FileExists(t, filepath.Join(checkout(), "cmd", "retort", "source.go"))
}

func TestQuoted(t *testing.T) {
	for path, want := range map[string]string{"notes": "notes", "my notes": "'my notes'", "it's": `'it'\''s'`, "$HOME": "'$HOME'", "../a_b-c.d": "../a_b-c.d"} {
		assert.Equal(t, want, quoted(path))
	}
}

func TestSecret(t *testing.T) {
	first, second := call(t, "secret"), call(t, "secret")
	assert.Regexp(t, `^[A-Za-z0-9_-]{43}\n$`, first.stdout)
	assert.NotEqual(t, first.stdout, second.stdout)
}

func TestVersion(t *testing.T) {
	got := call(t, "version")
	assert.Regexp(t, `^retort \S+\nGo `+regexp.QuoteMeta(strings.TrimPrefix(runtime.Version(), "go"))+`\nPlatform `+runtime.GOOS+"/"+runtime.GOARCH+`\n$`, got.stdout)
	assert.Equal(t, got, call(t, "--version"))
}
