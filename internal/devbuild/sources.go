package devbuild

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/retort-go/retort/internal/process"
	"github.com/retort-go/retort/internal/watch"
)

// listed is what go list tells of a package.
type listed struct {
	Dir           string
	Standard      bool
	EmbedPatterns []string
	Module        *struct {
		Main    bool
		GoMod   string
		Replace *struct{ Version string }
	}
}

// own reports whether the package is one that somebody is working on: of the main
// module, of the workspace, or replaced by a folder.
func (l *listed) own() bool {
	if l.Standard || l.Dir == "" {
		return false
	}
	return l.Module == nil || l.Module.Main || l.Module.Replace != nil && l.Module.Replace.Version == ""
}

// Sources lists what the program is built from, as roots with the given label:
// the folders of its packages, what they embed, and the files of modules and
// workspace. Packages that cannot be found are left out, so that a program with
// errors can be watched too.
func (p *Program) Sources(ctx context.Context, label string) ([]watch.Root, error) {
	packages, err := p.list(ctx)
	if err != nil {
		return nil, err
	}
	var roots []watch.Root
	seen := make(map[string]bool)
	add := func(r watch.Root) {
		r.Label = label
		if key := r.Path + "\x00" + fmt.Sprint(r.Recursive); !seen[key] || r.Match != nil {
			seen[key] = true
			roots = append(roots, r)
		}
	}
	for i := range packages {
		l := &packages[i]
		if !l.own() {
			continue
		}
		add(watch.Root{Path: l.Dir, Match: isSource})
		for _, pattern := range l.EmbedPatterns {
			add(embedRoot(l.Dir, pattern))
		}
		if l.Module != nil && l.Module.GoMod != "" {
			add(watch.Root{Path: l.Module.GoMod})
			add(watch.Root{Path: strings.TrimSuffix(l.Module.GoMod, ".mod") + ".sum"})
		}
	}
	if work := p.workspace(ctx); work != "" {
		add(watch.Root{Path: work})
		add(watch.Root{Path: work + ".sum"})
	}
	return roots, nil
}

// list runs go list. What it finds wrong with packages is for the build to say.
func (p *Program) list(ctx context.Context) ([]listed, error) {
	args := slices.Concat([]string{"list", "-deps", "-e", "-json=Dir,Standard,EmbedPatterns,Module"}, p.listFlags(), p.packages())
	cmd := process.Command(ctx, "go", args...)
	cmd.Dir = p.Dir
	cmd.Env = append(os.Environ(), p.Env...)
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil && len(out) == 0 {
		return nil, fmt.Errorf("go list in %s: %w: %s", p.Dir, err, strings.TrimSpace(said.String()))
	}
	var all []listed
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var l listed
		switch err := dec.Decode(&l); {
		case errors.Is(err, io.EOF):
			return all, nil
		case err != nil:
			return nil, fmt.Errorf("go list in %s: %w", p.Dir, err)
		}
		all = append(all, l)
	}
}

// listFlags are the flags that decide which files belong to the program.
func (p *Program) listFlags() []string {
	var flags []string
	for _, f := range p.Flags {
		if strings.HasPrefix(f, "-tags=") || strings.HasPrefix(f, "-race=") || strings.HasPrefix(f, "-msan=") || strings.HasPrefix(f, "-asan=") {
			flags = append(flags, f)
		}
	}
	return flags
}

// workspace is the go.work file in use, "" when there is none.
func (p *Program) workspace(ctx context.Context) string {
	text, err := p.command(ctx, "env", "GOWORK")
	text = strings.TrimSpace(text)
	if err != nil || text == "off" {
		return ""
	}
	return text
}

// isSource reports whether a file of a package's folder is part of it.
func isSource(name string) bool {
	if watch.Temporary(name) || strings.HasSuffix(name, "_test.go") {
		return false
	}
	switch path.Ext(name) {
	case ".go", ".s", ".S", ".c", ".h", ".cc", ".hh", ".cpp", ".hpp", ".cxx", ".hxx", ".m", ".syso", ".swig", ".swigcxx":
		return true
	}
	return false
}

// embedRoot is what a pattern of a go:embed line can match.
func embedRoot(dir, pattern string) watch.Root {
	pattern = strings.TrimPrefix(pattern, "all:")
	if !strings.ContainsAny(pattern, `*?[\`) {
		return watch.Root{Path: filepath.Join(dir, filepath.FromSlash(pattern)), Recursive: true}
	}
	fixed := path.Dir(pattern)
	for strings.ContainsAny(fixed, `*?[\`) {
		fixed = path.Dir(fixed)
	}
	rest := strings.TrimPrefix(pattern, strings.TrimPrefix(fixed+"/", "./"))
	return watch.Root{
		Path:      filepath.Join(dir, filepath.FromSlash(fixed)),
		Recursive: true,
		Match:     func(name string) bool { return matchesPrefix(rest, name) },
	}
}

// matchesPrefix reports whether pattern matches name or a folder above it, whose
// files are embedded with it.
func matchesPrefix(pattern, name string) bool {
	for {
		if ok, err := path.Match(pattern, name); ok && err == nil {
			return true
		}
		i := strings.LastIndexByte(name, '/')
		if i < 0 {
			return false
		}
		name = name[:i]
	}
}
