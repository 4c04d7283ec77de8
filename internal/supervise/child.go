package supervise

import (
	"bufio"
	"cmp"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/retort-go/retort/internal/process"
)

// What the child finds in its environment.
const (
	EnvRunMain  = "RETORT_RUN_MAIN"      // "true" in a child
	EnvServerFD = "RETORT_RUN_SERVER_FD" // the number of the listening socket
	EnvTold     = "RETORT_RUN_TOLD"      // how many lines it was told before it started
	EnvParent   = "RETORT_RUN_PARENT"    // the number of the supervisor's process
)

// The descriptors of a child. The environment names the first; the others follow.
const (
	serverFD = 3 + iota
	controlFD
	statusFD
)

// What a child says when it accepts connections, and when no longer.
const (
	readyLine  = "ready"
	pausedLine = "paused"
)

// Options says what to start.
type Options struct {
	Path string
	// Name is what the program is told that it is called; "": Path.
	Name string
	Args []string // without the name of the program
	Dir  string
	// Environ is the environment; nil: that of this process. Env is beside it.
	Environ, Env []string
	Socket       *os.File // the listening socket
	// Foreground leaves the program in the group of this process, so that it can
	// read from the terminal. Signals of the terminal reach it then, and what it
	// has started is not killed with it.
	Foreground bool
	Stdin      io.Reader
	Stdout     io.Writer
	Stderr     io.Writer
	// Tell are lines that the child is told before it starts, 32 KiB at most
	// together: unlike its environment nobody else can read them, see Link.First.
	Tell []string
	// OnSay is called with each line that the child says, in their order and from
	// one goroutine; after Exited is closed it is not called any more, unless
	// something that the child has started speaks for it.
	OnSay func(line string)
}

// Child is a program that was started.
type Child struct {
	cmd     *exec.Cmd
	control *os.File
	status  *os.File
	output  tail
	ready   chan struct{}
	paused  chan struct{}
	heard   chan struct{}
	exited  chan struct{}

	mu  sync.Mutex
	err error // how it ended
}

// Start starts a child.
func Start(o Options) (*Child, error) {
	c := &Child{ready: make(chan struct{}), paused: make(chan struct{}), heard: make(chan struct{}), exited: make(chan struct{})}
	c.cmd = exec.Command(o.Path, o.Args...)
	c.cmd.Args[0] = cmp.Or(o.Name, o.Path)
	if !o.Foreground {
		process.NewGroup(c.cmd)
	}
	process.DieWithParent(c.cmd)
	c.cmd.Dir, c.cmd.Env = o.Dir, o.environ()
	c.cmd.Stdin, c.cmd.Stdout = o.Stdin, o.Stdout
	c.cmd.Stderr = io.MultiWriter(&c.output, o.Stderr)
	c.cmd.WaitDelay = time.Second // for what it has started to keep its output open
	var theirs [2]*os.File
	var err error
	if theirs[0], c.control, err = os.Pipe(); err != nil {
		return nil, err
	}
	if c.status, theirs[1], err = os.Pipe(); err != nil {
		closeAll(theirs[0], c.control)
		return nil, err
	}
	if err := c.tellFirst(o.Tell); err != nil {
		closeAll(theirs[0], theirs[1], c.control, c.status)
		return nil, err
	}
	c.cmd.ExtraFiles = []*os.File{o.Socket, theirs[0], theirs[1]}
	err = c.cmd.Start()
	closeAll(theirs[0], theirs[1])
	if err != nil {
		closeAll(c.control, c.status)
		return nil, err
	}
	go c.listen(o.OnSay)
	go c.wait()
	return c, nil
}

// environ is the environment of the child.
func (o *Options) environ() []string {
	env := o.Environ
	if env == nil {
		env = os.Environ()
	}
	return slices.Concat(env, o.Env, []string{
		EnvRunMain + "=true", EnvServerFD + "=3", EnvTold + "=" + strconv.Itoa(len(o.Tell)), EnvParent + "=" + strconv.Itoa(os.Getpid()),
	})
}

// tellFirst tells lines that stay in the pipe until the child reads them.
func (c *Child) tellFirst(lines []string) error {
	for _, line := range lines {
		if err := c.Tell(line); err != nil {
			return err
		}
	}
	return nil
}

func closeAll(files ...*os.File) {
	for _, f := range files {
		_ = f.Close()
	}
}

// listen reads what the child says, to the end. What it says beside how far it is
// may take its time to be heard.
func (c *Child) listen(onSay func(string)) {
	said := make(chan string, 256)
	go func() {
		defer close(c.heard)
		for line := range said {
			if onSay != nil {
				onSay(line)
			}
		}
	}()
	defer close(said)
	ready, paused := sync.OnceFunc(func() { close(c.ready) }), sync.OnceFunc(func() { close(c.paused) })
	defer paused() // at the end it accepts nothing
	defer c.status.Close()
	lines := bufio.NewScanner(c.status)
	for lines.Scan() {
		switch line := lines.Text(); line {
		case readyLine:
			ready()
		case pausedLine:
			paused()
		default:
			said <- line
		}
	}
}

// hearTime is how long what a child has said may take to be heard when it has
// ended. It takes longer when something that the child has started holds the pipe.
const hearTime = 3 * time.Second

// wait waits for the end of the child, and until all that it said was heard. What
// it has started ends with it, however it did: the next child starts its own.
func (c *Child) wait() {
	err := c.cmd.Wait()
	if errors.Is(err, exec.ErrWaitDelay) {
		err = nil
	}
	_ = process.Kill(c.cmd) // what it has left behind
	_ = c.control.Close()
	select {
	case <-c.heard:
	case <-time.After(hearTime):
	}
	c.mu.Lock()
	c.err = err
	c.mu.Unlock()
	close(c.exited)
}

// Ready is closed when the child accepts connections.
func (c *Child) Ready() <-chan struct{} { return c.ready }

// Exited is closed when the child has ended and OnSay has got all that it said.
func (c *Child) Exited() <-chan struct{} { return c.exited }

// Exit says how the child has ended: nil after an exit with 0.
func (c *Child) Exit() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// Output is the end of what the child wrote to its standard error.
func (c *Child) Output() string { return c.output.String() }

// Pid is the number of its process.
func (c *Child) Pid() int { return c.cmd.Process.Pid }

// Tell sends a line to the child. It does not wait for one that does not read.
func (c *Child) Tell(line string) error {
	_ = c.control.SetWriteDeadline(time.Now().Add(time.Second))
	_, err := io.WriteString(c.control, strings.ReplaceAll(line, "\n", " ")+"\n")
	return err
}

// Pause has the child accept no more connections and end, and waits until it
// accepts none, or for limit.
func (c *Child) Pause(limit time.Duration) {
	_ = c.control.Close()
	t := time.NewTimer(limit)
	defer t.Stop()
	select {
	case <-c.paused:
	case <-c.exited:
	case <-t.C:
	}
}

// Stop has the child end: its pipe is closed, so that it answers the requests it
// has and goes; after grace it is asked by a signal, and after another second it
// and all that it has started is killed. It returns when the child has ended.
func (c *Child) Stop(grace time.Duration) {
	_ = c.control.Close()
	if !c.exits(grace) {
		_ = process.Terminate(c.cmd)
		if !c.exits(time.Second) {
			_ = process.Kill(c.cmd)
			<-c.exited
		}
	}
}

// Kill ends the child, and what it has started, at once.
func (c *Child) Kill() { _ = process.Kill(c.cmd) } // fails when it has ended

func (c *Child) exits(within time.Duration) bool {
	t := time.NewTimer(within)
	defer t.Stop()
	select {
	case <-c.exited:
		return true
	case <-t.C:
		return false
	}
}
