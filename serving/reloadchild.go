package serving

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/retort-go/retort/internal/reloader"
	"github.com/retort-go/retort/internal/supervise"
)

// runChild serves on the socket of the parent until that tells it to stop, or is
// gone.
func (o *Options) runChild(link *supervise.Link, host string, h http.Handler) error {
	defer link.Socket.Close() // the parent keeps it open
	var err error
	o.sayWatched(link)     // first: what keeps it from starting may be in one of them,
	o.saySecrets(link.Say) // and in what it says then
	o.handed = takeOver(link.First)
	o.onFailures = func(n int) { link.Say(failuresLine + strconv.Itoa(n)) }
	if o.tls, err = o.SSLContext.config(o.handed.adhocOf(host)); err != nil {
		return err
	}
	o.SharedListener, o.closeEach, o.GracefulTimeout = true, true, o.reloadGrace()
	h, refresh, err := o.dressed(h, host)
	if err != nil {
		return err
	}
	ended := make(chan struct{})
	go func() {
		link.Listen(func(line string) {
			if path, ok := strings.CutPrefix(line, "refresh "); ok {
				refresh(path)
			}
		})
		close(ended)
		// A parent would kill it. It may be gone.
		time.AfterFunc(o.GracefulTimeout+2*time.Second, func() { os.Exit(1) })
	}()
	told := o.watch(ended)
	defer told.release()
	defer removeAbandoned(os.Getppid())
	return o.serve(link.Socket, h, told, link)
}

// removeAbandoned removes the program when the parent, which would do it, has
// gone.
func removeAbandoned(parent int) {
	for range 10 { // a parent that was killed takes some time to be gone
		if os.Getppid() != parent {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	if exe, err := os.Executable(); err == nil && os.Getppid() != parent {
		reloader.RemoveFolder(filepath.Dir(exe))
	}
}

// sayWatched tells the parent what is to be watched beside the source.
func (o *Options) sayWatched(link *supervise.Link) {
	say := func(label string, files []string) {
		for _, name := range files {
			if abs, err := filepath.Abs(name); err == nil {
				link.Say("watch " + label + " " + abs)
			}
		}
	}
	say("restart", slices.Concat(o.ExtraFiles, o.SSLContext.files()))
	say("refresh", o.RefreshFiles)
	for _, folder := range o.StaticFiles {
		say("refresh", []string{folder})
	}
}

// takeEnv takes a variable out of the environment.
func takeEnv(name string) string {
	value := os.Getenv(name)
	_ = os.Unsetenv(name) // fails for names that are none
	return value
}
