package serving

import (
	"crypto/tls"
	"net/http"
	"os"
	"path/filepath"
	"slices"
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
	o.tls, err = o.SSLContext.config(func() (tls.Certificate, error) {
		if text := takeEnv(envAdhoc); text != "" {
			return decodeAdhoc(text)
		}
		return newAdhoc(host)
	})
	if err != nil {
		return err
	}
	o.SharedListener, o.closeEach, o.GracefulTimeout = true, true, o.reloadGrace()
	h, refresh, err := o.dressed(h, host, true)
	if err != nil {
		return err
	}
	o.sayWatched(link)
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
	exe, err := os.Executable()
	if dir := filepath.Dir(exe); err == nil && os.Getppid() != parent && reloader.IsFolder(dir) {
		_ = os.RemoveAll(dir) // what is left of it takes room, no more
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
