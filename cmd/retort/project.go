package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/retort-go/retort/internal/devbuild"
	"github.com/retort-go/retort/internal/process"
)

// project is a main package that the tool builds.
type project struct {
	dir  string // its folder
	root string // the folder of its module
	// served says that its program can be served, and commanded that it has the
	// command line of an app. When it cannot be told, because something is wrong
	// with the source, both are true.
	served, commanded bool
}

// name is what the program is called in messages.
func (p *project) name() string { return filepath.Base(p.dir) }

// listed is what go list tells of a package.
type listed struct {
	Name       string
	Dir        string
	Incomplete bool
	Deps       []string
	Module     *struct{ Dir string }
}

// findProject finds the main package in the folder path.
func findProject(ctx context.Context, path string) (*project, error) {
	dir, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil, fmt.Errorf("there is no folder %s; the argument is the folder of a program", dir)
	}
	l, err := list(ctx, dir)
	switch {
	case err != nil:
		return nil, err
	case l.Name != "main":
		return nil, notMain(ctx, dir, l.Name)
	}
	p := &project{dir: dir, root: dir, served: l.imports("/serving"), commanded: l.imports("/cli")}
	if l.Module != nil && l.Module.Dir != "" {
		p.root = l.Module.Dir
	}
	return p, nil
}

// imports reports whether the package needs one of retort's, or may.
func (l *listed) imports(path string) bool {
	return l.Incomplete || slices.Contains(l.Deps, retortPath+path)
}

// list runs go list for the package in a folder.
func list(ctx context.Context, dir string) (*listed, error) {
	out, err := goList(ctx, dir, "-e", "-json=Name,Dir,Incomplete,Deps,Module", ".")
	if err != nil {
		return nil, err
	}
	l := new(listed)
	if err := json.Unmarshal(out, l); err != nil {
		return nil, fmt.Errorf("go list in %s: %w", dir, err)
	}
	return l, nil
}

// goList runs go list in a folder and gives what it writes.
func goList(ctx context.Context, dir string, args ...string) ([]byte, error) {
	cmd := process.Command(ctx, "go", append([]string{"list", "-tags=" + devbuild.DevTag}, args...)...)
	cmd.Dir = dir
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return nil, fmt.Errorf("the go command does not know what is in %s: %s", dir, strings.TrimSpace(string(exit.Stderr)))
	}
	if err != nil {
		return nil, fmt.Errorf("retort needs the go command (https://go.dev/dl/), and it cannot be run: %w", err)
	}
	return out, nil
}

// notMain says that a folder holds no program, and where there is one.
func notMain(ctx context.Context, dir, name string) error {
	text := fmt.Sprintf("there is no program in %s: it has no Go files", dir)
	if name != "" {
		text = fmt.Sprintf("there is no program in %s: its package is %s, and not main", dir, name)
	}
	out, err := goList(ctx, dir, "-e", `-f={{if eq .Name "main"}}{{.Dir}}{{end}}`, "./...")
	if err != nil {
		return errors.New(text)
	}
	var found []string
	for line := range strings.Lines(string(out)) {
		if rel, err := filepath.Rel(dir, strings.TrimSpace(line)); err == nil && rel != "." {
			found = append(found, rel)
		}
	}
	const most = 5
	switch n := len(found); {
	case n == 1:
		text += "; there is one in its folder " + found[0]
	case n > most:
		text += fmt.Sprintf("; there are some in its folders %s and %d others", strings.Join(found[:most], ", "), n-most)
	case n > 1:
		text += "; there are some in its folders " + strings.Join(found, ", ")
	}
	return errors.New(text)
}
