package reloader

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/retort-go/retort/internal/devbuild"
	"github.com/retort-go/retort/internal/process"
	"github.com/retort-go/retort/internal/supervise"
	"github.com/retort-go/retort/internal/watch"
)

// reloader is a program that is run.
type reloader struct {
	Options
	socket  *os.File
	folder  string // where programs are built
	builds  int
	watcher *watch.Watcher
	changes chan []watch.Change
	healed  bool // the program was started again after a crash

	mu      sync.Mutex
	listed  int // the build that sources are of
	sources []watch.Root
	asked   *asked // by the program that runs, or ran last
}

// asked are the roots that a program asks to watch. Until it is ready those that
// the program before it has asked for are watched too: what keeps it from
// starting may be in one of them.
type asked struct{ before, roots []watch.Root }

// Run runs the program until ctx is done, or it ends by itself without an error;
// then the result is nil.
func Run(ctx context.Context, o Options) error {
	// The system ends a child with the thread that started it, see
	// process.DieWithParent: this one stays.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	o.setDefaults()
	r := &reloader{Options: o, changes: make(chan []watch.Change), asked: new(asked)}
	var err error
	if r.socket, err = socketOf(o.Listener); err != nil {
		return err
	}
	defer r.socket.Close()
	if r.folder, err = os.MkdirTemp("", folderPrefix); err != nil {
		return fmt.Errorf("serving: the reloader has no folder to build in: %w; set TMPDIR to a folder that can be written to", err)
	}
	defer os.RemoveAll(r.folder)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r.sources, _ = o.Program.Sources(ctx, labelRebuild) // what is wrong, the build says
	r.watcher = watch.New(r.roots(), watch.Options{Interval: o.Interval, StatOnly: o.StatOnly})
	defer r.watcher.Close()
	go r.watch(ctx)
	return r.loop(ctx)
}

// socketOf gives the socket of a listener, which is closed: from now on only the
// program that runs, or the page of a problem, accepts connections.
func socketOf(ln net.Listener) (*os.File, error) {
	filer, ok := ln.(interface{ File() (*os.File, error) })
	if !ok {
		return nil, fmt.Errorf("serving: a %T has no socket to hand on", ln)
	}
	socket, err := filer.File()
	if err != nil {
		return nil, err
	}
	if u, ok := ln.(*net.UnixListener); ok {
		u.SetUnlinkOnClose(false)
	}
	return socket, ln.Close()
}

// watch hands on changes. Those of excluded files are none.
func (r *reloader) watch(ctx context.Context) {
	for {
		var all []watch.Change
		for _, c := range r.watcher.Next(ctx) {
			if !r.excluded(c.Path) {
				all = append(all, c)
			}
		}
		if ctx.Err() != nil {
			return
		}
		if len(all) == 0 {
			continue
		}
		select {
		case r.changes <- all:
		case <-ctx.Done():
			return
		}
	}
}

// roots are all that is watched. It needs mu once the watcher runs.
func (r *reloader) roots() []watch.Root {
	return slices.Concat(r.sources, r.extraRoots(), r.asked.roots, r.asked.before)
}

// A step is what is done next; its result is the step after it, nil at the end.
type step func(ctx context.Context) (step, error)

func (r *reloader) loop(ctx context.Context) error {
	s, err := step(r.build), error(nil)
	for s != nil && err == nil {
		s, err = s(ctx)
	}
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// slowBuild is how long a build may take without a word about it.
const slowBuild = 3 * time.Second

// build builds the program; a change meanwhile begins anew.
func (r *reloader) build(ctx context.Context) (step, error) {
	building, cancel := context.WithCancel(ctx)
	defer cancel()
	r.builds++
	output := filepath.Join(r.folder, programName+strconv.Itoa(r.builds)+exeSuffix)
	done := make(chan error, 1)
	go func() { done <- r.compile(building, output) }()
	slow := time.NewTimer(slowBuild)
	defer slow.Stop()
	for {
		select {
		case <-slow.C:
			r.Log(" * Still building; requests wait")
		case err := <-done:
			return r.built(ctx, output, err)
		case all := <-r.changes:
			if worst(all) == labelRebuild {
				r.tellChange(all)
				cancel()
				<-done
				return r.build, nil
			}
		case <-ctx.Done():
			<-done
			return nil, nil
		}
	}
}

// built looks at the result of a build.
func (r *reloader) built(ctx context.Context, output string, err error) (step, error) {
	var failed *devbuild.Failure
	switch {
	case errors.As(err, &failed):
		r.relist(ctx, r.builds)
		r.Log(" * Build failed: " + failed.Error())
		if strings.Contains(failed.Output, syscall.ENOSPC.Error()) {
			failed.Output += "\nThe program is built in " + r.folder + "; set TMPDIR to a folder with more room.\n"
		}
		return r.answer(&Problem{Kind: BuildFailed, Errors: failed.Errors, More: failed.More, Output: failed.Output}, 0), nil
	case err != nil && ctx.Err() == nil:
		return nil, err
	case err != nil:
		return nil, nil
	}
	go r.removeOld(r.builds)
	go r.relist(ctx, r.builds) // the program need not wait for it
	return r.start(output), nil
}

// relist looks for what the program consists of after build n.
func (r *reloader) relist(ctx context.Context, n int) {
	sources, err := r.Program.Sources(ctx, labelRebuild)
	if err != nil {
		return // as before, until the next build
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if n < r.listed {
		return
	}
	r.listed, r.sources = n, sources
	r.watcher.SetRoots(r.roots())
}

// start starts the program that was built.
func (r *reloader) start(path string) step {
	return func(ctx context.Context) (step, error) {
		r.Log(" * Restarting with " + r.watcher.Kind())
		child, err := supervise.Start(supervise.Options{
			Path: path, Name: r.Name, Args: r.Args, Dir: r.Dir, Environ: r.Environ, Env: r.Env, Socket: r.socket,
			Stdin: r.Stdin, Stdout: r.Stdout, Stderr: r.Stderr, Foreground: r.Foreground,
			Tell: r.Tell(), OnSay: r.listener(),
		})
		if err != nil {
			return r.notStarted(err), nil
		}
		return r.attend(ctx, path, child)
	}
}

// notStarted answers with a program that the system does not start.
func (r *reloader) notStarted(err error) step {
	why := err.Error()
	if errors.Is(err, fs.ErrPermission) {
		why += "\nThe program was built in " + r.folder + ", where the system lets no programs run (noexec).\n" +
			"Set TMPDIR to a folder where it does, and start the server again."
	}
	r.Log(" * The program cannot be started: " + why)
	return r.answer(&Problem{Kind: BootFailed, Output: why + "\n", Exit: "it could not be started"}, 0)
}

// listener takes what a program says: "watch LABEL PATH", and more for OnSay. It asks anew for what
// the program before it has asked for. Templates that were written after this call
// may be newer than what the program has read: they count as changed. Extra files
// do not, or a program that writes one would start for ever.
func (r *reloader) listener() func(line string) {
	now := time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	mine := &asked{before: r.asked.before}
	if r.asked.roots != nil {
		mine.before = r.asked.roots
	}
	r.asked = mine
	return func(line string) {
		rest, ok := strings.CutPrefix(line, "watch ")
		if !ok {
			r.OnSay(line)
			return
		}
		label, path, found := strings.Cut(rest, " ")
		if !found || label != labelRefresh && label != labelRestart {
			return
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		root := watch.Root{Path: path, Recursive: true, Label: label}
		if label == labelRefresh {
			root.Since = now
		}
		mine.roots = append(mine.roots, root)
		if r.asked == mine {
			r.watcher.SetRoots(r.roots())
		}
	}
}

// forgetBefore watches no longer what a program before the one that runs has
// asked for.
func (r *reloader) forgetBefore() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.asked.before != nil {
		r.asked.before = nil
		r.watcher.SetRoots(r.roots())
	}
}

// healTime is how long a program must run for a crash not to count as one more.
const healTime = 10 * time.Second

// attend waits for what happens to a child: a change, or its end.
func (r *reloader) attend(ctx context.Context, path string, child *supervise.Child) (step, error) {
	ready, began := child.Ready(), time.Now()
	slow := time.NewTimer(healTime)
	defer slow.Stop()
	r.killable(child)
	booted := false
	for {
		select {
		case <-ready:
			ready, booted = nil, true
			r.forgetBefore()
		case <-slow.C:
			if !booted {
				r.Log(" * The program is still starting; requests wait")
			}
		case all := <-r.changes:
			if next := r.react(path, child, booted, all); next != nil {
				return next, nil
			}
		case <-child.Exited():
			select { // it may have been ready
			case <-child.Ready():
				booted = true
			default:
			}
			if interrupted(ctx, child.Exit()) {
				return nil, nil
			}
			return r.ended(path, child, booted, time.Since(began)), nil
		case <-ctx.Done():
			child.Stop(r.Grace)
			return nil, nil
		}
	}
}

// killable has Kill end a child.
func (r *reloader) killable(child *supervise.Child) {
	stop := context.AfterFunc(r.Kill, child.Kill)
	go func() {
		<-child.Exited()
		stop()
	}()
}

// interrupted reports whether ctx is done, or will be at once: CTRL+C reaches a
// program in the same group before the word of it is here.
func interrupted(ctx context.Context, exit error) bool {
	wait := 20 * time.Millisecond
	if process.Interrupted(exit) {
		wait = time.Second
	}
	select {
	case <-ctx.Done():
		return true
	case <-time.After(wait):
		return false
	}
}

// pauseTime is how long a child may take to stop accepting connections.
const pauseTime = time.Second

// react does what changes make necessary while a child runs. It gives nil when
// the child goes on.
func (r *reloader) react(path string, child *supervise.Child, booted bool, all []watch.Change) step {
	next := step(r.build)
	switch worst(all) {
	case labelRestart:
		next = func(context.Context) (step, error) { return r.start(path), nil }
		fallthrough
	case labelRebuild:
		if booted { // one that was not ready when it is told to stop accepts nothing
			child.Pause(pauseTime) // what comes from now on is for the new program
		}
		r.tellChange(all)
		return r.stopping(child, next)
	}
	for _, c := range all {
		_ = child.Tell("refresh " + c.Path) // a child that is ending does not listen
	}
	return nil
}

// stopping stops the child while next is done. The step after next comes when the
// child has ended: no two have the same files and ports.
func (r *reloader) stopping(child *supervise.Child, next step) step {
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		child.Stop(r.Grace)
	}()
	return func(ctx context.Context) (step, error) {
		after, err := next(ctx)
		<-stopped
		return after, err
	}
}

// ended decides what comes after the end of a child.
func (r *reloader) ended(path string, child *supervise.Child, booted bool, ran time.Duration) step {
	err := child.Exit()
	if err == nil {
		return nil
	}
	p := &Problem{Kind: BootFailed, Output: child.Output(), Exit: err.Error()}
	if !booted {
		r.Log(fmt.Sprintf(" * The program ended while it was starting (%s); waiting for a change", err))
		return r.answer(p, 0)
	}
	p.Kind = Crashed
	if r.healed = r.healed && ran < healTime; r.healed {
		r.Log(fmt.Sprintf(" * The program crashed again (%s); waiting for a change", err))
		return r.answer(p, 0)
	}
	r.healed = true
	r.Log(fmt.Sprintf(" * The program crashed (%s); starting it again", err))
	again := r.answer(p, time.Second)
	return func(ctx context.Context) (step, error) {
		next, err := again(ctx)
		if next == nil && err == nil && ctx.Err() == nil {
			return r.start(path), nil
		}
		return next, err
	}
}

// worst is the label that makes the most necessary.
func worst(all []watch.Change) string {
	label := labelRefresh
	for _, c := range all {
		switch {
		case c.Label == labelRebuild:
			return labelRebuild
		case c.Label == labelRestart:
			label = labelRestart
		}
	}
	return label
}

// tellChange logs changes as Flask does.
func (r *reloader) tellChange(all []watch.Change) {
	label := worst(all)
	for _, c := range all {
		if c.Label == label {
			r.Log(fmt.Sprintf(" * Detected change in %q, reloading", c.Path))
			return
		}
	}
}
