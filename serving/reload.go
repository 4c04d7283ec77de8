package serving

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/retort-go/retort/internal/devbuild"
	"github.com/retort-go/retort/internal/devguard"
	"github.com/retort-go/retort/internal/devpage"
	"github.com/retort-go/retort/internal/reloader"
	"github.com/retort-go/retort/internal/supervise"
	"github.com/retort-go/retort/internal/terminal"
)

// What a parent tells its child in the environment, beside supervise's. What is
// secret it tells through the pipe, see handover.
const (
	envFromCLI = "RETORT_RUN_FROM_CLI" // "true": the parent is not the program itself
	// envDotenv names the variables that the parent has read from files, and
	// envDotenvFiles the files; they are not handed on, because the child reads
	// them anew.
	envDotenv      = "RETORT_RUN_DOTENV"
	envDotenvFiles = "RETORT_RUN_DOTENV_FILES"
)

// envPIN is the PIN that the user sets.
const envPIN = "RETORT_DEBUG_PIN"

// reloadGrace is how long a child may take to answer its requests.
const reloadGrace = 3 * time.Second

// RunProgram builds the main package in the folder dir and runs it with args, as
// [RunSimple] with UseReloader does with the program that calls it: this process
// is the parent, and the program's RunSimple serves on host and port, whatever
// it was called with. It returns nil after a signal, and when the program has
// ended by itself.
//
// Of o, Startup, Shutdown and OnReady are not called, and what concerns the
// child, such as StaticFiles, is for the program's own call to say.
func RunProgram(dir, host string, port int, args []string, o Options) error {
	o, err := o.checked()
	if err != nil {
		return err
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return err
	}
	if err := canReload(); err != nil {
		return fmt.Errorf("serving: cannot build and run %s: %w", dir, err)
	}
	args = append([]string{filepath.Base(dir)}, args...)
	return o.runParent(devbuild.InFolder(dir), host, port, args, []string{envFromCLI + "=true"})
}

// canReload says why programs cannot be reloaded on this system.
func canReload() error {
	if runtime.GOOS == "windows" {
		return errors.New("on Windows a program cannot hand its socket on to another; under WSL it can")
	}
	return nil
}

// runParent holds the socket and runs the program in children. args are os.Args.
func (o *Options) runParent(program devbuild.Program, host string, port int, args, env []string) error {
	hand := new(handover)
	conf, err := o.parentTLS(host, hand)
	if err != nil {
		return err
	}
	l, err := Listen(host, port)
	if err != nil {
		return err
	}
	deferAccept(l)
	if isFileHost(host) {
		defer removeSocket(strings.TrimPrefix(host, unixScheme))
	}
	if hand.pin, err = o.newPIN(); err != nil {
		return errors.Join(err, l.Close())
	}
	told := o.watch(nil)
	defer told.release()
	_, _ = io.WriteString(o.Log, banner(*o, l.Addr(), o.Color.enabled(o.Log))+hand.pin.banner(*o))
	defer o.sayStopping(told.stop)()
	page := o.problemPages(program.Dir, host, hand)
	return reloader.Run(orphanStops(told.stop), reloader.Options{
		Program: program, Listener: l, Name: args[0], Args: args[1:], TLS: conf,
		Environ: inherited(os.Environ()), Env: slices.Concat(env, terminalEnv()), Tell: hand.lines, OnSay: hand.hear,
		Foreground: onTerminal(os.Stdin), Kill: told.now, Grace: o.reloadGrace(),
		Interval: o.ReloaderInterval, StatOnly: o.ReloaderType == "stat",
		ExtraFiles: slices.Concat(o.ExtraFiles, o.SSLContext.files()), ExcludePatterns: o.ExcludePatterns,
		Log: o.say, Page: page,
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
	})
}

// stoppingTime is how long a program may take to stop without a word about it.
const stoppingTime = 300 * time.Millisecond

// sayStopping says that the program is waited for when it takes its time to stop,
// unless done is called before.
func (o *Options) sayStopping(stop context.Context) (done func()) {
	ended, end := context.WithCancel(context.Background())
	context.AfterFunc(stop, func() {
		select {
		case <-ended.Done():
		case <-time.After(stoppingTime):
			o.say(" * Stopping: waiting for the program (press CTRL+C again to stop at once)")
		}
	})
	return end
}

// reloadGrace is how long a child may take to end.
func (o *Options) reloadGrace() time.Duration {
	if o.GracefulTimeout > 0 {
		return min(o.GracefulTimeout, reloadGrace)
	}
	return reloadGrace
}

// parentTLS is the configuration for the pages of problems. A certificate made for
// the occasion is noted for the children, which have the same one.
func (o *Options) parentTLS(host string, hand *handover) (*tls.Config, error) {
	conf, err := o.SSLContext.config(func() (tls.Certificate, error) {
		cert, err := newAdhoc(host)
		if err == nil {
			hand.adhoc, err = encodeAdhoc(cert)
		}
		return cert, err
	})
	if err == nil && len(o.SSLContext.files()) > 0 {
		conf = freshTLS(o.SSLContext, conf)
	}
	return conf, err
}

// removeSocket removes the file of a socket. One in Linux's abstract name space
// has none.
func removeSocket(path string) {
	if info, err := os.Lstat(path); err == nil && info.Mode().Type() == fs.ModeSocket {
		_ = os.Remove(path) // somebody else has
	}
}

// guardHosts is the name that the server was given, if it is one, in the form of
// devguard.
func guardHosts(host string) []string {
	if _, err := netip.ParseAddr(host); err == nil || host == "" || isFileHost(host) {
		return nil
	}
	return []string{strings.ToLower(host)}
}

// inherited is the environment that a child gets of that of its parent.
func inherited(environ []string) []string {
	left := []string{envDotenv, envDotenvFiles, envFromCLI, envPIN, terminal.EnvStderr, supervise.EnvServerFD, supervise.EnvTold, supervise.EnvParent}
	left = append(left, strings.Split(os.Getenv(envDotenv), ",")...)
	return slices.DeleteFunc(environ, func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return slices.Contains(left, name)
	})
}

// terminalEnv says that the standard error of the child ends on a terminal.
func terminalEnv() []string {
	if !terminal.Is(os.Stderr) {
		return nil
	}
	return []string{terminal.EnvStderr + "=" + strconv.Itoa(os.Getpid())}
}

// onTerminal reports whether a file is a terminal.
func onTerminal(f *os.File) bool {
	info, err := f.Stat()
	if err != nil || info.Mode()&fs.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(info, null)
}

// orphanTick is how often a program of "go run" looks whether that still runs.
const orphanTick = 500 * time.Millisecond

// orphanStops is ctx, but it ends too when "go run" has started the program and
// was killed: nobody could stop it otherwise.
func orphanStops(ctx context.Context) context.Context {
	exe, err := os.Executable()
	if err != nil || !isGoRun(exe) {
		return ctx
	}
	ctx, cancel := context.WithCancel(ctx)
	parent := os.Getppid()
	go func() {
		defer cancel()
		tick := time.NewTicker(orphanTick)
		defer tick.Stop()
		for os.Getppid() == parent {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
		}
	}()
	return ctx
}

// isGoRun reports whether a program is one that "go run" has made: it is in a
// folder for building or in the cache of builds.
func isGoRun(exe string) bool {
	cache := os.Getenv("GOCACHE")
	return strings.Contains(filepath.ToSlash(exe), "/go-build") || cache != "" && strings.HasPrefix(exe, cache)
}

// problemPages makes the handlers that answer while the program does not run. Their
// requests are logged as those of the program are.
func (o *Options) problemPages(dir, host string, hand *handover) func(p *reloader.Problem) http.Handler {
	guard := &devguard.Guard{Hosts: guardHosts(host)}
	server := NewServer(http.NotFoundHandler(), *o) // it does not serve: the reloader does
	return func(p *reloader.Problem) http.Handler {
		p.Secrets = hand.hidden()
		return server.record(Guard(devpage.Problem(p, devpage.ProblemOptions{Guard: guard, Log: o.say, Dir: dir})))
	}
}
