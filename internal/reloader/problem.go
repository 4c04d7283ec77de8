package reloader

import (
	"fmt"
	"net/http"

	"github.com/retort-go/retort/internal/devbuild"
)

// Kind is why a program does not run.
type Kind string

// The kinds of problems.
const (
	BuildFailed Kind = "build" // it cannot be compiled
	BootFailed  Kind = "boot"  // it ended before it accepted connections
	Crashed     Kind = "crash" // it ended while it ran
)

// Problem is what keeps a program from running.
type Problem struct {
	Kind Kind
	// ID is another for each problem; live refresh tells them apart by it.
	ID string
	// Errors are those of the compiler.
	Errors []devbuild.CompileError
	// More says that there are more of them, which the compiler has not told.
	More bool
	// Output is what the compiler wrote, or the end of what the program wrote.
	Output string
	// Secrets are values that are not to be seen in Output, besides those of the
	// environment.
	Secrets []string
	// Exit says how the program ended: "exit status 1".
	Exit string
	// Stopping is closed when the problem is to be answered no longer: pages that
	// wait for that end then.
	Stopping <-chan struct{}
}

// Title says in a line what is wrong.
func (p *Problem) Title() string {
	switch p.Kind {
	case BuildFailed:
		if len(p.Errors) == 1 && !p.More {
			return "The program cannot be compiled"
		}
		if n := len(p.Errors); n > 0 && p.More {
			return fmt.Sprintf("The program cannot be compiled: %d errors and more", n)
		} else if n > 1 {
			return fmt.Sprintf("The program cannot be compiled: %d errors", n)
		}
		return "The program cannot be built"
	case BootFailed:
		return "The program ended while it was starting"
	}
	return "The program crashed"
}

// plainPage says in a line that there is a problem.
func plainPage(p *Problem) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Retry-After", "1")
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = fmt.Fprintln(w, p.Title()+".") // fails when the client is gone
	})
}
