package reloader

import (
	"io"
	"net"
	"net/http"
	"path"
	"path/filepath"
	"slices"
	"time"

	"github.com/retort-go/retort/internal/devbuild"
	"github.com/retort-go/retort/internal/watch"
)

// Options says what to run. Program, Listener and Log are needed.
type Options struct {
	Program  devbuild.Program
	Listener net.Listener // taken over; closed at the end
	Args     []string     // of the program, without its name
	Dir      string       // its working directory; "": this one
	Env      []string     // beside the environment

	// Interval is how often files are looked at. Default: 400 ms.
	Interval time.Duration
	// StatOnly leaves the notifications of the system unused.
	StatOnly bool
	// ExtraFiles are files and folders whose change restarts the program.
	ExtraFiles []string
	// ExcludePatterns are those of path.Match; a file that one matches, by its
	// whole path or its name, is not watched.
	ExcludePatterns []string
	// Grace is how long a program may take to end. Default: 3 s.
	Grace time.Duration

	// Log takes what the reloader has to say, a line each.
	Log func(line string)
	// Page makes the handler that answers while the program cannot run.
	Page func(p *Problem) http.Handler

	Stdin          io.Reader
	Stdout, Stderr io.Writer
}

func (o *Options) setDefaults() {
	if o.Grace <= 0 {
		o.Grace = 3 * time.Second
	}
	if o.Page == nil {
		o.Page = plainPage
	}
	if o.Stdout == nil {
		o.Stdout = io.Discard
	}
	if o.Stderr == nil {
		o.Stderr = io.Discard
	}
}

// excluded reports whether a file is not to be watched.
func (o *Options) excluded(file string) bool {
	return slices.ContainsFunc(o.ExcludePatterns, func(pattern string) bool {
		whole, _ := path.Match(pattern, filepath.ToSlash(file))
		base, _ := path.Match(pattern, filepath.Base(file))
		return whole || base
	})
}

// The labels of what is watched: what a change makes necessary.
const (
	labelRebuild = "rebuild"
	labelRestart = "restart"
	labelRefresh = "refresh"
)

// extraRoots are the roots of ExtraFiles.
func (o *Options) extraRoots() []watch.Root {
	var roots []watch.Root
	for _, name := range o.ExtraFiles {
		if abs, err := filepath.Abs(name); err == nil {
			roots = append(roots, watch.Root{Path: abs, Recursive: true, Label: labelRestart})
		}
	}
	return roots
}
