package reloader

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/retort-go/retort/internal/devbuild"
	"github.com/retort-go/retort/internal/watch"
)

// Options says what to run. Program, Listener and Log are needed.
type Options struct {
	Program  devbuild.Program
	Listener net.Listener // taken over; closed at the end
	Name     string       // what the program is told that it is called; "": its file
	Args     []string     // of the program, without its name
	Dir      string       // its working directory; "": this one
	Environ  []string     // its environment; nil: that of this process
	Env      []string     // beside it
	// Tell gives the lines that each program is told before it starts, OnSay takes
	// what the programs say beside what the reloader asks them. Either may be nil.
	// What a program has said was taken when the next one is told.
	Tell  func() []string
	OnSay func(line string)
	TLS   *tls.Config // of the page of a problem; nil: without TLS
	// Foreground leaves the program in the group of this process, see
	// supervise.Options.
	Foreground bool
	// Kill, when it is done, ends a program that takes its time to end. It is
	// called for after the context of Run. Default: never.
	Kill context.Context

	// Interval is how often files are looked at. Default: 400 ms.
	Interval time.Duration
	// StatOnly leaves the notifications of the system unused.
	StatOnly bool
	// ExtraFiles are files and folders whose change restarts the program.
	ExtraFiles []string
	// ExcludePatterns are those of path.Match, with slashes as letters like any
	// other, as in Python's fnmatch; a file that one matches, by its whole path or
	// its name, is not watched.
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
	if o.Kill == nil {
		o.Kill = context.Background()
	}
	if o.Tell == nil {
		o.Tell = func() []string { return nil }
	}
	if o.OnSay == nil {
		o.OnSay = func(string) {}
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
		whole, _ := path.Match(flat(pattern), flat(filepath.ToSlash(file)))
		base, _ := path.Match(pattern, filepath.Base(file))
		return whole || base
	})
}

// flat has path.Match take slashes as letters.
func flat(s string) string { return strings.ReplaceAll(s, "/", "\x00") }

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
