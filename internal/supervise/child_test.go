//go:build unix

package supervise

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// patience is how long anything may take that must happen.
const patience = 30 * time.Second

// supervised is a child under test and what it has said.
type supervised struct {
	*Child
	t *testing.T

	mu   sync.Mutex
	said []string
}

// socket is a listening socket to hand on.
func socket(t *testing.T) (f *os.File, addr string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	f, err = ln.(*net.TCPListener).File()
	require.NoError(t, err)
	t.Cleanup(func() { _ = f.Close() })
	addr = ln.Addr().String()
	require.NoError(t, ln.Close())
	return f, addr
}

// options start a role.
func options(t *testing.T, role string) Options {
	t.Helper()
	f, _ := socket(t)
	return Options{Path: testBinary(), Env: roleEnv(role), Socket: f, Stderr: t.Output(), Stdout: t.Output()}
}

func start(t *testing.T, o Options) *supervised {
	t.Helper()
	s := &supervised{t: t}
	o.OnSay = func(line string) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.said = append(s.said, line)
	}
	// As the reloader does, see process.DieWithParent.
	runtime.LockOSThread()
	t.Cleanup(runtime.UnlockOSThread)
	var err error
	s.Child, err = Start(o)
	require.NoError(t, err)
	t.Cleanup(s.Kill)
	return s
}

func (s *supervised) heard() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.said...)
}

// hears waits until the child has said a line that begins so, and gives the rest.
func (s *supervised) hears(prefix string) (rest string) {
	s.t.Helper()
	require.Eventually(s.t, func() bool {
		for _, line := range s.heard() {
			var ok bool
			if rest, ok = strings.CutPrefix(line, prefix); ok {
				return true
			}
		}
		return false
	}, patience, time.Millisecond, prefix)
	return rest
}

// closes waits for a channel.
func closes(t *testing.T, what string, c <-chan struct{}) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(patience):
		require.Fail(t, "waited in vain for "+what)
	}
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// running reports whether there is a process that is more than a corpse.
func running(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err != nil || !strings.Contains(string(stat), ") Z ")
}

func ends(t *testing.T, pid int) {
	t.Helper()
	assert.Eventually(t, func() bool { return !running(pid) }, patience, 5*time.Millisecond, "process %d", pid)
}

func TestAChildIsReadyWhenItSaysSo(t *testing.T) {
	c := start(t, options(t, "echo"))
	require.NoError(t, c.Tell("hello"))
	c.hears("echo hello")
	assert.False(t, isClosed(c.Ready()), "it has spoken, but not said that")
	require.NoError(t, c.Tell("be ready"))
	closes(t, "ready", c.Ready())
	assert.False(t, isClosed(c.Exited()))
	c.Stop(patience)
	assert.NoError(t, c.Exit())
}

// What is told before the start is not mixed up with what comes then.
func TestWhatIsToldFirst(t *testing.T) {
	o := options(t, "describe")
	o.Environ, o.Tell = []string{}, []string{"one", strings.Repeat("x", 30<<10)}
	c := start(t, o)
	require.NoError(t, c.Tell("two"))
	assert.Equal(t, "two", c.hears("then "))
	assert.Equal(t, strings.Join(o.Tell, ","), c.hears("first "))
	c.Stop(patience)
}

func TestLinesGoBothWays(t *testing.T) {
	c := start(t, options(t, "echo"))
	require.NoError(t, c.Tell("two\nlines"), "a line is one line")
	for i := range 600 {
		require.NoError(t, c.Tell(fmt.Sprint(i)))
	}
	c.hears("echo 599")
	said := c.heard()
	assert.Equal(t, "echo two lines", said[0])
	assert.Equal(t, "echo 0", said[1])
	assert.Len(t, said, 601, "in their order, each once")
	c.Stop(patience)
	assert.Error(t, c.Tell("more"), "nobody listens any more")
}

// What a child says last is heard before its end is told: what comes next may
// depend on it.
func TestTheLastWordsAreHeardBeforeTheEnd(t *testing.T) {
	o := options(t, "last words")
	heard := 0
	o.OnSay = func(string) { heard++; time.Sleep(100 * time.Microsecond) }
	c, err := Start(o)
	require.NoError(t, err)
	closes(t, "its end", c.Exited())
	assert.Equal(t, 500, heard)
	assert.EqualError(t, c.Exit(), "exit status 3")
	assert.False(t, isClosed(c.Ready()))
}

func TestTheSocketOutlivesTheChild(t *testing.T) {
	f, addr := socket(t)
	o := options(t, "serve")
	o.Socket, o.Env = f, append(o.Env, "NAME=first")
	first := start(t, o)
	closes(t, "ready", first.Ready())
	assert.Equal(t, "first", ask(t, addr)())
	first.Pause(patience)
	answer := ask(t, addr) // nobody accepts it; it waits
	first.Stop(patience)
	assert.NoError(t, first.Exit())
	assert.Contains(t, first.heard(), "after the pause")
	o.Env = append(o.Env, "NAME=second")
	second := start(t, o)
	assert.Equal(t, "second", answer())
	second.Stop(patience)
}

// ask connects; the answer is waited for when it is asked for.
func ask(t *testing.T, addr string) (answer func() string) {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	return func() string {
		defer func() { _ = conn.Close() }()
		_ = conn.SetReadDeadline(time.Now().Add(patience))
		text, err := io.ReadAll(conn)
		require.NoError(t, err)
		return string(text)
	}
}

func TestPauseDoesNotWaitForEver(t *testing.T) {
	c := start(t, options(t, "on signal")) // it does not listen to its pipe
	closes(t, "ready", c.Ready())
	c.Pause(10 * time.Millisecond)
	assert.False(t, isClosed(c.Exited()))
	c.Stop(0)
	c.Pause(patience) // of a child that has ended
}

func TestStop(t *testing.T) {
	for _, tt := range []struct {
		role, exit string
		grace      time.Duration
	}{
		{"serve", "", patience},                                  // its pipe is closed
		{"on signal", "exit status 5", 10 * time.Millisecond},    // then it is asked
		{"deaf to all", "signal: killed", 10 * time.Millisecond}, // and at last killed
	} {
		t.Run(tt.role, func(t *testing.T) {
			c := start(t, options(t, tt.role))
			closes(t, "ready", c.Ready())
			c.Stop(tt.grace)
			require.True(t, isClosed(c.Exited()))
			if tt.exit == "" {
				assert.NoError(t, c.Exit())
			} else {
				assert.EqualError(t, c.Exit(), tt.exit)
			}
		})
	}
}

func TestWhatAChildHasStartedEndsWithIt(t *testing.T) {
	for name, tt := range map[string]struct {
		role string
		end  func(c *supervised)
	}{
		"it is stopped":     {"lasting", func(c *supervised) { c.Stop(patience) }},
		"it is killed":      {"lasting", func(c *supervised) { c.Kill() }},
		"it dies":           {"lasting", func(c *supervised) { _ = syscall.Kill(c.Pid(), syscall.SIGKILL) }},
		"it ends by itself": {"family", func(*supervised) {}},
	} {
		t.Run(name, func(t *testing.T) {
			c := start(t, options(t, tt.role))
			pid, err := strconv.Atoi(c.hears("pid "))
			require.NoError(t, err)
			t.Cleanup(func() { _ = syscall.Kill(pid, syscall.SIGKILL) })
			tt.end(c)
			closes(t, "its end", c.Exited())
			ends(t, pid)
		})
	}
}

// In the foreground the terminal has signalled to the whole group; what the child
// has started is not the supervisor's to kill.
func TestInTheForegroundAChildHasTheGroupOfItsSupervisor(t *testing.T) {
	o := options(t, "lasting")
	o.Foreground = true
	c := start(t, o)
	pid, err := strconv.Atoi(c.hears("pid "))
	require.NoError(t, err)
	defer func() { _ = syscall.Kill(pid, syscall.SIGKILL) }()
	group, err := syscall.Getpgid(c.Pid())
	require.NoError(t, err)
	assert.Equal(t, syscall.Getpgrp(), group)
	c.Stop(patience)
	assert.NoError(t, c.Exit())
	assert.True(t, running(pid))
}

func TestAChildDoesNotOutliveASupervisorThatIsKilled(t *testing.T) {
	for _, role := range []string{"echo", "deaf"} { // the second does not listen: it is still starting
		t.Run(role, func(t *testing.T) {
			if role == "deaf" && runtime.GOOS != "linux" {
				t.Skip("only Linux ends a child with its parent")
			}
			cmd := as("supervisor")
			cmd.Env = append(cmd.Env, "CHILD="+role)
			out, err := cmd.StdoutPipe()
			require.NoError(t, err)
			require.NoError(t, cmd.Start())
			line, err := bufio.NewReader(out).ReadString('\n')
			require.NoError(t, err)
			pid, err := strconv.Atoi(strings.TrimSpace(line))
			require.NoError(t, err)
			require.True(t, running(pid))
			require.NoError(t, cmd.Process.Kill())
			_ = cmd.Wait() // "signal: killed"
			ends(t, pid)
		})
	}
}

func TestTheEndOfTheOutputIsKept(t *testing.T) {
	o := options(t, "output")
	var stdout, stderr bytes.Buffer
	o.Stdout, o.Stderr = &stdout, &stderr
	c := start(t, o)
	closes(t, "its end", c.Exited())
	assert.Equal(t, "to standard output", stdout.String())
	assert.Equal(t, maxTail+len("bbbbbbbbbbthe end"), stderr.Len(), "all of it is passed on")
	assert.Len(t, c.Output(), maxTail)
	assert.True(t, strings.HasSuffix(c.Output(), "abbbbbbbbbbthe end"))
}

func TestTheEndOfTheOutputBeginsWithALine(t *testing.T) {
	var all tail
	for i := range 10_000 {
		_, err := fmt.Fprintf(&all, "line %d of many\n", i)
		require.NoError(t, err)
	}
	lines := strings.Split(strings.TrimSuffix(all.String(), "\n"), "\n")
	assert.Equal(t, "line 9999 of many", lines[len(lines)-1])
	for _, line := range lines {
		assert.Regexp(t, `^line \d{4} of many$`, line)
	}
	var short tail
	_, err := short.Write([]byte("one\ntwo"))
	require.NoError(t, err)
	assert.Equal(t, "one\ntwo", short.String())
}

func TestTheEnvironmentOfAChild(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	t.Setenv("HOME", "/home/parent")
	t.Setenv("OWN", "of the parent")
	said := func(change func(o *Options)) []string {
		o := options(t, "describe")
		change(&o)
		c := start(t, o)
		closes(t, "its end", c.Exited())
		return c.heard()
	}
	assert.Equal(t, []string{
		"name program", "args a,b c", "dir " + dir, "run main true", "server fd ", "told ", "first a secret,its  end", "home /home/parent", "own of the child", "child true",
	}, said(func(o *Options) {
		o.Name, o.Args, o.Dir, o.Env = "program", []string{"a", "b c"}, dir, append(o.Env, "OWN=of the child")
		o.Tell = []string{"a secret", "its\n end"}
	}))
	assert.Equal(t, []string{"home ", "own only"}, said(func(o *Options) {
		o.Environ, o.Dir = []string{"OWN=only"}, dir
	})[7:9])
	assert.Equal(t, "first ", said(func(*Options) {})[6])
}

func TestNoDescriptorIsLeaked(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the descriptors are looked at in /proc")
	}
	usual, err := as("descriptors").Output() // what these tests were started with
	require.NoError(t, err)
	c := start(t, options(t, "grandchildren"))
	closes(t, "its end", c.Exited())
	assert.Equal(t, "descriptors "+strings.TrimSpace(string(usual))+" <nil>", c.heard()[0], "what a child starts gets none of them")

	o := options(t, "second link")
	before := inheritable()
	c = start(t, o)
	closes(t, "its end", c.Exited())
	_, err = Start(Options{Path: filepath.Join(t.TempDir(), "nothing"), Socket: o.Socket})
	assert.ErrorIs(t, err, fs.ErrNotExist)
	assert.Equal(t, before, inheritable(), "nor does the supervisor keep any")
}

// What a program starts before it asks for its link inherits its environment and
// would take the socket for its own.
func TestWhatAChildStartsEarlyIsNotTakenForIt(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the descriptors are looked at in /proc")
	}
	usual, err := as("descriptors").Output()
	require.NoError(t, err)
	c := start(t, options(t, "starts early"))
	closes(t, "its end", c.Exited())
	assert.Equal(t, []string{"kept " + strings.TrimSpace(string(usual)), "careless true <nil>"}, c.heard())
}

func TestAProgramWhoseSupervisorIsGone(t *testing.T) {
	gone := as("descriptors")
	require.NoError(t, gone.Run())
	cmd := as("bad socket")
	cmd.Env = append(cmd.Env, EnvRunMain+"=true", EnvServerFD+"=3", EnvParent+"="+strconv.Itoa(gone.Process.Pid))
	out, err := cmd.Output()
	require.NoError(t, err)
	assert.Equal(t, "the supervising process is gone\n", string(out))
}

func TestAProgramThatIsNobodysChildHasNoLink(t *testing.T) {
	for _, tt := range []struct{ runMain, fd string }{{"", ""}, {"true", ""}, {"", "3"}, {"false", "3"}, {"true", "4"}} {
		t.Setenv(EnvRunMain, tt.runMain)
		t.Setenv(EnvServerFD, tt.fd)
		link, err := Supervised()
		assert.NoError(t, err)
		assert.Nil(t, link, tt)
		assert.Equal(t, tt.runMain == "true", IsChild())
	}
	c := start(t, options(t, "second link"))
	assert.Equal(t, "true <nil>", c.hears("again "))
}

func TestASocketThatIsNone(t *testing.T) {
	cmd := as("bad socket")
	cmd.Env = append(cmd.Env, EnvRunMain+"=true", EnvServerFD+"=3", EnvParent+"="+strconv.Itoa(os.Getpid()))
	out, err := cmd.Output()
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(string(out), "the socket of the supervising process cannot be used: "), string(out))
}

func TestTellDoesNotWaitForAChildThatDoesNotRead(t *testing.T) {
	c := start(t, options(t, "on signal"))
	line := strings.Repeat("x", 60<<10)
	require.Eventually(t, func() bool {
		return errors.Is(c.Tell(line), os.ErrDeadlineExceeded) // the pipe is full
	}, patience, time.Millisecond)
}
