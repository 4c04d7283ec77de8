package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/retort-go/retort/internal/cmdline"
	"github.com/retort-go/retort/internal/process"
)

// newCommand is the command new.
func newCommand() *cmdline.Command {
	return &cmdline.Command{
		Name: "new",
		Help: "Make a new app.\n\n" +
			"It is small and complete: views, templates, a stylesheet, a form, tests, and a " +
			"SECRET_KEY in a file that git ignores. NAME is the path of its Go module.",
		Args: []cmdline.Argument{{Name: "name", Help: "Such as notes or example.com/notes."}},
		Flags: []cmdline.Flag{
			{Name: "dir", Metavar: "FOLDER", Help: "Where to put it: a new or empty folder. Default: one with the last part of NAME."},
			{Name: "replace", Metavar: "FOLDER", Help: "A checkout of retort to build it with, in the place of a release."},
		},
		Run: runNew,
	}
}

// runNew makes an app, and says each step.
func runNew(call *cmdline.Call) error {
	module := call.String("name")
	if err := checkNewModule(call.Context, module); err != nil {
		return err
	}
	source, err := sourceOfRetort(call.String("replace"))
	if err != nil {
		return err
	}
	s := skeleton{module: module, name: appName(module), retort: source}
	shown := cmp.Or(call.String("dir"), s.name)
	dir, err := filepath.Abs(shown)
	if err != nil {
		return err
	}
	if err := makeEmpty(dir); err != nil {
		return err
	}
	fmt.Fprintf(call.Stdout, "Creating the app %s in %s\n", s.name, dir)
	if err := s.write(dir); err != nil {
		return err
	}
	if source.dir != "" {
		fmt.Fprintf(call.Stdout, "Using the checkout of retort in %s (see go.mod)\n", source.dir)
	}
	fmt.Fprintln(call.Stdout, "Fetching modules ("+fetchCommand+")")
	if err := fetch(call.Context, dir, call.Stderr); err != nil {
		return fmt.Errorf("the app is in %s, but what it needs could not be fetched (%w); to try it again:\n  cd %s\n  %s", dir, err, quoted(shown), fetchCommand)
	}
	fmt.Fprintf(call.Stdout, "Done. Next:\n\n  cd %s\n", quoted(shown))
	if work := workspace(call.Context, dir); work != "" {
		fmt.Fprintf(call.Stdout, "  go work use .    # because it is in the workspace %s\n", work)
	}
	fmt.Fprint(call.Stdout, nextSteps)
	return nil
}

const nextSteps = `  retort run       # then open http://127.0.0.1:5000, change a file and save it
  go test ./...
`

// workspace is the go.work file that counts in a folder, "" if there is none. The
// go command builds no module there that the file does not name.
func workspace(ctx context.Context, dir string) string {
	cmd := process.Command(ctx, "go", "env", "GOWORK")
	cmd.Dir = dir
	out, err := cmd.Output()
	work := strings.TrimSpace(string(out))
	if err != nil || work == "off" {
		return ""
	}
	return work
}

// quoted is a path as it is typed in a shell.
func quoted(path string) string {
	if strings.ContainsFunc(path, func(r rune) bool { return strings.ContainsRune(" \t'\"\\$&;()<>|*?[]#~`!{}", r) }) {
		return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
	}
	return path
}

// checkNewModule says why there can be no new module of this path here.
func checkNewModule(ctx context.Context, path string) error {
	if err := checkModulePath(path); err != nil {
		return err
	}
	root, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	if err != nil {
		return fmt.Errorf("retort needs the go command (https://go.dev/dl/), and it cannot be run: %w", err)
	}
	if info, err := os.Stat(filepath.Join(strings.TrimSpace(string(root)), "src", filepath.FromSlash(path))); err == nil && info.IsDir() {
		return fmt.Errorf("no module can be called %s: it is a package of Go's standard library; example.com/%[1]s would do", path)
	}
	return nil
}

// makeEmpty makes a folder, unless it is there and empty. The folder of git
// itself does not count.
func makeEmpty(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return os.MkdirAll(dir, 0o777)
	case err != nil:
		return fmt.Errorf("%s cannot be the folder of a new app: %w", dir, err)
	}
	entries = slices.DeleteFunc(entries, func(e fs.DirEntry) bool { return e.Name() == ".git" })
	if len(entries) > 0 {
		return fmt.Errorf("the folder %s is not empty: it has %s; give another one with --dir", dir, entries[0].Name())
	}
	return nil
}

// fetchCommand is what completes go.mod. Unlike go mod tidy it does not download
// what only tests of retort's packages need, which is twenty times as much.
const fetchCommand = "go get -t ./..."

// fetch has the go command complete go.mod. What it has to say goes to w.
func fetch(ctx context.Context, dir string, w io.Writer) error {
	words := strings.Fields(fetchCommand)
	cmd := process.Command(ctx, words[0], words[1:]...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off") // a workspace around it need not know it
	cmd.Stdout, cmd.Stderr = w, w
	return cmd.Run()
}
