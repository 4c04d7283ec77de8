package devbuild

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// module writes files into a new folder with a go.mod of its own and gives the
// program in it. The workspace of the test does not reach there.
func module(t *testing.T, files map[string]string) Program {
	t.Helper()
	dir := t.TempDir()
	if _, ok := files["go.mod"]; !ok {
		files["go.mod"] = "module example.test/app\n\ngo 1.26\n"
	}
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	p := InFolder(dir)
	p.Env = []string{"GOWORK=off", "GOFLAGS=-mod=mod"}
	return p
}

const hello = `package main

import "fmt"

func main() { fmt.Println("hello") }
`

func TestBuild(t *testing.T) {
	p := module(t, map[string]string{"main.go": hello})
	out := filepath.Join(t.TempDir(), "app")
	require.NoError(t, p.Build(context.Background(), out))
	said, err := exec.Command(out).Output()
	require.NoError(t, err)
	assert.Equal(t, "hello\n", string(said))
}

func TestTheTagForDevelopersIsSet(t *testing.T) {
	p := module(t, map[string]string{
		"main.go": "package main\n\nfunc main() { println(said) }\n",
		"dev.go":  "//go:build retort_dev\n\npackage main\n\nconst said = \"dev\"\n",
	})
	assert.NoError(t, p.Build(context.Background(), filepath.Join(t.TempDir(), "app")))
}

func TestCompileErrors(t *testing.T) {
	p := module(t, map[string]string{
		"main.go":    "package main\n\nimport \"example.test/app/sub\"\n\nfunc main() {\n\tsub.F(1)\n\tx := 2\n}\n",
		"sub/sub.go": "package sub\n\nfunc F(s string, n int) {}\n",
	})
	err := p.Build(context.Background(), filepath.Join(t.TempDir(), "app"))
	var f *Failure
	require.ErrorAs(t, err, &f)
	require.Len(t, f.Errors, 2)
	first := f.Errors[0]
	assert.Equal(t, filepath.Join(p.Dir, "main.go"), first.File)
	assert.Equal(t, 6, first.Line)
	assert.Equal(t, 8, first.Column)
	assert.Equal(t, "not enough arguments in call to sub.F\n\thave (number)\n\twant (string, int)", first.Message)
	assert.Equal(t, SourceLine{6, "\tsub.F(1)", true}, first.Excerpt[3])
	assert.Equal(t, "main.go:6:8: not enough arguments in call to sub.F (and 1 more)", err.Error())
}

func TestErrorsOfModules(t *testing.T) {
	p := module(t, map[string]string{"main.go": "package main\n\nimport _ \"example.test/nowhere\"\n\nfunc main() {}\n"})
	p.Env = append(p.Env, "GOPROXY=off", "GOFLAGS=-mod=readonly")
	err := p.Build(context.Background(), filepath.Join(t.TempDir(), "app"))
	var f *Failure
	require.ErrorAs(t, err, &f)
	require.Len(t, f.Errors, 1)
	assert.Equal(t, 3, f.Errors[0].Line)
	assert.Contains(t, f.Errors[0].Message, "package example.test/nowhere")
}

func TestTheCompilerQuotesNoSecrets(t *testing.T) {
	t.Setenv("MODULE_PROXY", "https://ada:lovelace-1815@proxy.test/mod")
	p := module(t, map[string]string{"main.go": "package main\n\nvar (\n\tsmtpPassword []byte = \"hunter2-4711\"\n\ttitle []byte = \"a title-1\"\n)\n\nfunc main() { x := \"lovelace-1815\" + 1 }\n"})
	err := p.Build(context.Background(), filepath.Join(t.TempDir(), "app"))
	var failure *Failure
	require.ErrorAs(t, err, &failure)
	require.GreaterOrEqual(t, len(failure.Errors), 2)
	assert.Equal(t, `cannot use "[hidden]" (untyped string constant) as []byte value in variable declaration`, failure.Errors[0].Message)
	assert.Contains(t, failure.Errors[1].Message, `"a title-1"`)
	all := failure.Error() + failure.Output
	for _, e := range failure.Errors {
		all += e.Message
	}
	assert.NotContains(t, all, "hunter2")
	assert.NotContains(t, all, "lovelace")
}

func TestParsedOutput(t *testing.T) {
	for _, tt := range []struct {
		name, output, want string
		errors             int
	}{
		{"nothing", "", "exit status 1", 0},
		{"no place", "go: cannot find main module\n", "go: cannot find main module", 0},
		{"a header", "# example.test/app\n./a.go:1:2: x\n", "a.go:1:2: x", 1},
		{"a header alone", "# example.test/app\nlink: mapping output file failed: no space left on device\n", "link: mapping output file failed: no space left on device", 0},
		{"no column", "go.mod:3: unknown directive: requite\n", "go.mod:3: unknown directive: requite", 1},
		{"a message with a colon", "a.go:1:2: x: y\n", "a.go:1:2: x: y", 1},
		{"too many", "a.go:1:2: x\na.go:2:2: y\na.go:3:2: too many errors\n", "a.go:1:2: x (and at least 2 more)", 2},
		{"CRLF", "a.go:1:2: x\r\n", "a.go:1:2: x", 1},
	} {
		f := newFailure(t.TempDir(), tt.output, errors.New("exit status 1"))
		assert.Equal(t, tt.want, f.Error(), tt.name)
		assert.Len(t, f.Errors, tt.errors, tt.name)
	}
}

func FuzzFailure(f *testing.F) {
	f.Add("# a\n./a.go:1:2: x\n\thave y\n")
	f.Add("go.mod:99999999999999999999: x\n")
	f.Fuzz(func(t *testing.T, output string) {
		e := newFailure("/nowhere", output, errors.New("exit status 1"))
		assert.NotEmpty(t, strings.TrimSpace(e.Error()+"."))
		for _, c := range e.Errors {
			assert.True(t, filepath.IsAbs(c.File), c.File)
		}
	})
}

func TestABuildThatIsCancelled(t *testing.T) {
	p := module(t, map[string]string{"main.go": hello})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	assert.ErrorIs(t, p.Build(ctx, filepath.Join(t.TempDir(), "app")), context.Canceled)
}

func TestSources(t *testing.T) {
	p := module(t, map[string]string{
		"go.mod":           "module example.test/app\n\ngo 1.26\n\nrequire example.test/lib v0.0.0\n\nreplace example.test/lib => ./lib\n",
		"main.go":          "package main\n\nimport (\n\t\"embed\"\n\n\t_ \"example.test/app/sub\"\n\t_ \"example.test/lib\"\n)\n\n//go:embed pages pub/*.css x.txt\nvar files embed.FS\n\nfunc main() { _ = files }\n",
		"sub/sub.go":       "package sub\n",
		"lib/go.mod":       "module example.test/lib\n\ngo 1.26\n",
		"lib/lib.go":       "package lib\n",
		"pages/a.html":     "a",
		"pub/a.css":        "a",
		"x.txt":            "x",
		"unused/unused.go": "package unused\n",
	})
	roots, err := p.Sources(context.Background(), "rebuild")
	require.NoError(t, err)
	matched := func(name string) bool {
		full := filepath.Join(p.Dir, filepath.FromSlash(name))
		for _, r := range roots {
			assert.Equal(t, "rebuild", r.Label)
			rest, below := strings.CutPrefix(full, r.Path+string(filepath.Separator))
			if full == r.Path || below && (r.Recursive || !strings.Contains(rest, "/")) && (r.Match == nil || r.Match(rest)) {
				return true
			}
		}
		return false
	}
	for _, name := range []string{"main.go", "new.go", "sub/sub.go", "lib/lib.go", "go.mod", "go.sum", "lib/go.mod", "pages/a.html", "pages/new/b.html", "pub/new.css", "x.txt"} {
		assert.True(t, matched(name), name)
	}
	for _, name := range []string{"main_test.go", "README.md", "unused/unused.go", "pub/a.txt", "sub/.sub.go.swp", "sub/sub.go~"} {
		assert.False(t, matched(name), name)
	}
}

// What is wrong with the program must not keep it from being watched.
func TestSourcesOfABrokenProgram(t *testing.T) {
	for name, source := range map[string]string{
		"a package that is not there": "package main\n\nimport _ \"example.test/app/nowhere\"\n\nfunc main() {}\n",
		"a syntax error":              "package main\n\nfunc main( {\n",
		"no package clause":           "func main() {}\n",
	} {
		p := module(t, map[string]string{"main.go": source})
		roots, err := p.Sources(context.Background(), "")
		require.NoError(t, err, name)
		var dirs []string
		for _, r := range roots {
			dirs = append(dirs, r.Path)
		}
		assert.Contains(t, dirs, p.Dir, name)
	}
}

func TestEmbedPatterns(t *testing.T) {
	for _, tt := range []struct {
		pattern, path string
		match, not    string
	}{
		{"templates/*.html", "templates", "a.html", "a.txt"},
		{"*", "", "a/b", ""},
		{"all:static", "static", "", ""},
		{"a/*/c.txt", "a", "b/c.txt", "b/d.txt"},
		{"a/*", "a", "b/c/d.txt", ""},
	} {
		r := embedRoot("/app", tt.pattern)
		assert.Equal(t, filepath.Join("/app", tt.path), r.Path, tt.pattern)
		if tt.match != "" {
			assert.True(t, r.Match(tt.match), tt.pattern)
		}
		if tt.not != "" {
			assert.False(t, r.Match(tt.not), tt.pattern)
		}
	}
}

func TestAProgramOfFiles(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"main.go":      "package main\n\nfunc main() { help() }\n",
		"help.go":      "package main\n\nfunc help() {}\n",
		"other.go":     "package main\n\nfunc main() {}\n",
		"main_test.go": "package main\n",
		"gen.go":       "//go:build ignore\n\npackage main\n",
		"lib.go":       "package lib\n",
		"note.txt":     "package main\n",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	p := InFolder(dir)
	assert.Equal(t, []string{"."}, p.packages())
	p.Package, p.Env = "main.go", []string{"GOWORK=off", "GO111MODULE=off"}
	assert.Equal(t, []string{"help.go", "main.go"}, p.packages())
	require.NoError(t, p.Build(t.Context(), filepath.Join(t.TempDir(), "program")))
	roots, err := p.Sources(t.Context(), "x")
	require.NoError(t, err)
	assert.Equal(t, dir, roots[0].Path)
}

func TestTheProgramThatRuns(t *testing.T) {
	dir := t.TempDir()
	main := filepath.Join(dir, "main.go")
	require.NoError(t, os.WriteFile(main, []byte(hello), 0o644))
	info := func(path string, settings ...debug.BuildSetting) *debug.BuildInfo {
		return &debug.BuildInfo{Path: path, Settings: settings}
	}
	p, err := fromBuildInfo(info("example.test/app", debug.BuildSetting{Key: "-tags", Value: "a,b"}, debug.BuildSetting{Key: "-race", Value: "true"},
		debug.BuildSetting{Key: "-ldflags", Value: "-X main.v=1 -s"}, debug.BuildSetting{Key: "CGO_ENABLED", Value: "1"}, debug.BuildSetting{Key: "vcs", Value: "git"}), main)
	require.NoError(t, err)
	assert.Equal(t, Program{Dir: dir, Package: ".", Flags: []string{"-tags=a,b,retort_dev", "-race=true", "-ldflags=-X main.v=1 -s"}, Env: []string{"CGO_ENABLED=1"}}, p)

	p, err = fromBuildInfo(info("command-line-arguments"), main)
	require.NoError(t, err)
	assert.Equal(t, "main.go", p.Package)
	assert.Equal(t, []string{"-tags=retort_dev", "-buildvcs=false"}, p.Flags, "it was built without, as go run does")

	_, err = fromBuildInfo(info("x", debug.BuildSetting{Key: "-trimpath", Value: "true"}), main)
	assert.EqualError(t, err, "the program was built with -trimpath and does not know where its source is")
	_, err = fromBuildInfo(info("x"), "")
	assert.EqualError(t, err, "the function main that runs it was not found; call Run from main, not from another goroutine")
	_, err = fromBuildInfo(info("x"), filepath.Join(dir, "gone.go"))
	assert.EqualError(t, err, "its source is not on this machine: there is no file "+filepath.Join(dir, "gone.go"))
}

func TestExcerpt(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.go")
	require.NoError(t, os.WriteFile(file, []byte("one\ntwo\r\nthree\nfour"), 0o644))
	assert.Equal(t, []SourceLine{{1, "one", false}, {2, "two", true}, {3, "three", false}}, Excerpt(file, 2, 1))
	assert.Equal(t, []SourceLine{{3, "three", false}, {4, "four", true}}, Excerpt(file, 4, 1))
	assert.Empty(t, Excerpt(file, 40, 1))
	assert.Empty(t, Excerpt(filepath.Dir(file), 1, 1))
}
