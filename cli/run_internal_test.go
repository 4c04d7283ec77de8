package cli

import (
	"context"
	"io"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/internal/cmdline"
)

// optionsOf are those that run would give to App.Run.
func optionsOf(t *testing.T, words ...string) (o retort.RunOptions) {
	t.Helper()
	cmd := new(program).runCommand()
	cmd.Run = func(call *cmdline.Call) (err error) {
		o, err = runOptions(call)
		return err
	}
	p := cmdline.Program{Name: "p", EnvPrefix: envPrefix, Root: &cmdline.Command{Commands: []*cmdline.Command{cmd}}, Stderr: io.Discard}
	require.Equal(t, 0, p.Run(context.Background(), append([]string{"run"}, words...)))
	o.Context = nil
	return o
}

// TestRunOptions: also Flask's test_run_exclude_patterns.
func TestRunOptions(t *testing.T) {
	yes, no := true, false
	list := string(filepath.ListSeparator)
	assert.Equal(t, retort.RunOptions{}, optionsOf(t))
	assert.Equal(t, retort.RunOptions{Host: "::1", Port: 80}, optionsOf(t, "-h", "::1", "-p80"))
	assert.Equal(t, retort.RunOptions{Port: retort.AnyPort}, optionsOf(t, "--port", "0"))
	assert.Equal(t, retort.RunOptions{UseReloader: &yes, UseDebugger: &no}, optionsOf(t, "--reload", "--no-debugger"))
	assert.Equal(t, retort.RunOptions{Cert: "adhoc"}, optionsOf(t, "--cert", "adhoc"))
	assert.Equal(t, retort.RunOptions{Cert: "run.go", Key: "cli.go"}, optionsOf(t, "--key", "cli.go", "--cert", "run.go"))
	assert.Equal(t, retort.RunOptions{Cert: "run.go"}, optionsOf(t, "--cert", "run.go"))
	assert.Equal(t, retort.RunOptions{ExtraFiles: []string{"a", "b", "c"}, ExcludePatterns: []string{"*_gen.go"}},
		optionsOf(t, "--extra-files", "a"+list+"b", "--extra-files", "c", "--exclude-patterns", "*_gen.go"))
	t.Setenv("RETORT_RUN_PORT", "81")
	t.Setenv("RETORT_RUN_RELOAD", "no")
	t.Setenv("RETORT_RUN_EXTRA_FILES", "a"+list+"b")
	assert.Equal(t, retort.RunOptions{Port: 81, UseReloader: &no, ExtraFiles: []string{"a", "b"}}, optionsOf(t))
}

func TestVersionsOfABuild(t *testing.T) {
	module := func(path, version string, replace *debug.Module) *debug.Module {
		return &debug.Module{Path: path, Version: version, Replace: replace}
	}
	for _, tt := range []struct {
		name string
		info debug.BuildInfo
		want string
	}{
		{"nothing known", debug.BuildInfo{}, "shop (devel)\nretort (devel)\n"},
		{"a release", debug.BuildInfo{Main: *module("x.org/shop", "v1.2.3", nil), Deps: []*debug.Module{module(modulePath, "v0.1.0", nil)}}, "shop v1.2.3\nretort v0.1.0\n"},
		{"another retort", debug.BuildInfo{Deps: []*debug.Module{module(modulePath, "v0.1.0", module("../retort", "", nil))}}, "shop (devel)\nretort ../retort\n"},
		{"a fork", debug.BuildInfo{Deps: []*debug.Module{module(modulePath, "v0.1.0", module("x.org/retort", "v9.0.0", nil))}}, "shop (devel)\nretort x.org/retort v9.0.0\n"},
		{"retort itself", debug.BuildInfo{Main: *module(modulePath, "v0.2.0", nil)}, "shop v0.2.0\nretort v0.2.0\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			want := tt.want + "Go " + strings.TrimPrefix(runtime.Version(), "go") + "\nPlatform " + runtime.GOOS + "/" + runtime.GOARCH + "\n"
			assert.Equal(t, want, (&program{name: "shop"}).versions(&tt.info))
		})
	}
}
