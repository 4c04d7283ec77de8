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
	Error      *struct{ Err string }
}

// findProject finds the main package in the folder path.
func findProject(ctx context.Context, path string) (*project, error) {
	dir, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if info, err := os.Stat(dir); err != nil {
		return nil, fmt.Errorf("there is no folder %s; the argument is the folder of a program", dir)
	} else if !info.IsDir() {
		return nil, fmt.Errorf("%s is a file; the argument is the folder of a program, here %s", path, filepath.Dir(path))
	}
	l, err := list(ctx, dir)
	switch {
	case err != nil:
		return nil, err
	case l.Dir == "" && l.Error != nil:
		return nil, goFault(dir, l.Error.Err)
	case l.Name != "main":
		return nil, notMain(ctx, path, dir, l.Name)
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
	out, err := goList(ctx, dir, "-e", "-json=Name,Dir,Incomplete,Deps,Module,Error", ".")
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
		return nil, goFault(dir, strings.TrimSpace(string(exit.Stderr)))
	}
	if err != nil {
		return nil, fmt.Errorf("retort needs the go command (https://go.dev/dl/), and it cannot be run: %w", err)
	}
	return out, nil
}

// goFault is what the go command has to say about a folder, and for the first
// hour what to do about it.
func goFault(dir, said string) error {
	switch {
	case strings.Contains(said, "go.mod file not found"):
		return fmt.Errorf("there is no go.mod in %s or above it; make one with: go mod init example.com/notes && go get . (or a whole app: retort new notes)", dir)
	case strings.Contains(said, "go work use"), strings.Contains(said, "current workspace"):
		return fmt.Errorf("%s is below a go.work that does not have its module; in the folder of its go.mod, go work use . adds it", dir)
	case strings.Contains(said, "requires go >="):
		return fmt.Errorf("the program in %s needs a newer Go, which is at https://go.dev/dl/: %s", dir, said)
	}
	return fmt.Errorf("the go command cannot read what is in %s: %s", dir, said)
}

// notMain says that a folder holds no program, and where there is one. path is the
// folder as it was typed.
func notMain(ctx context.Context, path, dir, name string) error {
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
			found = append(found, filepath.Join(path, rel))
		}
	}
	const most = 5
	switch n := len(found); {
	case n == 1:
		text += "; there is one in " + found[0] + ", so name that folder"
	case n > most:
		text += fmt.Sprintf("; there are some in %s and %d other folders: name one of them", strings.Join(found[:most], ", "), n-most)
	case n > 1:
		text += "; there are some in " + strings.Join(found, ", ") + ": name one of them"
	}
	return errors.New(text)
}
