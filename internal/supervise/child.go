// Package supervise runs a program that shares its listening socket with the
// process that supervises it: the socket outlives the program.
//
// Two pipes join them. Through the first the supervisor tells the child
// something, a line each; when it ends, the child is to stop, so that no child
// outlives a supervisor that was killed. Through the second the child says when
// it is ready, and whatever else it has to say.
package supervise

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/retort-go/retort/internal/process"
)

// What the child finds in its environment.
const (
	EnvRunMain  = "RETORT_RUN_MAIN"      // "true" in a child
	EnvServerFD = "RETORT_RUN_SERVER_FD" // the number of the listening socket
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
	// OnSay is called with each line that the child says, from one goroutine.
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
	exited  chan struct{}

	mu  sync.Mutex
	err error // how it ended
}

// Start starts a child.
func Start(o Options) (*Child, error) {
	c := &Child{ready: make(chan struct{}), paused: make(chan struct{}), exited: make(chan struct{})}
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
	return slices.Concat(env, o.Env, []string{EnvRunMain + "=true", EnvServerFD + "=3"})
}

func closeAll(files ...*os.File) {
	for _, f := range files {
		_ = f.Close()
	}
}

// listen reads what the child says. What it says beside how far it is may take
// its time to be heard.
func (c *Child) listen(onSay func(string)) {
	said := make(chan string, 256)
	defer close(said)
	go func() {
		for line := range said {
			if onSay != nil {
				onSay(line)
			}
		}
	}()
	defer c.status.Close()
	defer close(c.paused)
	lines := bufio.NewScanner(c.status)
	ready := false
	for lines.Scan() {
		switch line := lines.Text(); {
		case line == readyLine && !ready:
			ready = true
			close(c.ready)
		case line == pausedLine:
			return
		default:
			said <- line
		}
	}
}

// wait waits for the end of the child.
func (c *Child) wait() {
	err := c.cmd.Wait()
	if errors.Is(err, exec.ErrWaitDelay) {
		err = nil
	}
	_ = c.control.Close()
	select {
	case <-c.paused: // all that it said was heard
	case <-time.After(3 * time.Second): // something that it has started holds the pipe
	}
	c.mu.Lock()
	c.err = err
	c.mu.Unlock()
	close(c.exited)
}

// Ready is closed when the child accepts connections.
func (c *Child) Ready() <-chan struct{} { return c.ready }

// Exited is closed when the child has ended.
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
	_ = process.Kill(c.cmd) // what it has left behind
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

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	data []byte
}

// maxTail is how much of the output is kept.
const maxTail = 64 << 10

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.data = append(t.data, p...)
	if over := len(t.data) - maxTail; over > 0 {
		t.data = append(t.data[:0], t.data[over:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.data)
}

// Link is the child's end.
type Link struct {
	// Socket is the listening socket.
	Socket net.Listener

	control *os.File
	mu      sync.Mutex
	status  *os.File
}

// IsChild reports whether the program was started by [Start], or by one that was.
func IsChild() bool { return os.Getenv(EnvRunMain) == "true" }

// Supervised gives the link of a program that was started by [Start], at the
// first call; nil afterwards and for one that was not. It takes the number of the
// socket out of the environment and keeps the descriptors to itself, so that what
// the program starts is not taken for it and does not hold the socket open.
func Supervised() (*Link, error) {
	if !IsChild() || os.Getenv(EnvServerFD) != "3" {
		return nil, nil
	}
	_ = os.Unsetenv(EnvServerFD)
	for fd := uintptr(serverFD); fd <= statusFD; fd++ {
		process.KeepFrom(fd)
	}
	socket := os.NewFile(serverFD, "socket")
	defer socket.Close()
	ln, err := net.FileListener(socket)
	if err != nil {
		return nil, fmt.Errorf("the socket of the supervising process cannot be used: %w", err)
	}
	return &Link{Socket: ln, control: os.NewFile(controlFD, "control"), status: os.NewFile(statusFD, "status")}, nil
}

// Listen calls f with each line that the supervisor tells, and returns when the
// program is to stop.
func (l *Link) Listen(f func(line string)) {
	lines := bufio.NewScanner(l.control)
	for lines.Scan() {
		f(lines.Text())
	}
}

// Ready says that the program accepts connections.
func (l *Link) Ready() { l.Say(readyLine) }

// Paused says that the program accepts no more connections.
func (l *Link) Paused() { l.Say(pausedLine) }

// Say says a line to the supervisor.
func (l *Link) Say(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, _ = io.WriteString(l.status, strings.ReplaceAll(line, "\n", " ")+"\n") // fails when the supervisor is gone: Listen tells
}
