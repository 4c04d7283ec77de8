package supervise

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"github.com/retort-go/retort/internal/process"
)

// Link is the child's end.
type Link struct {
	// Socket is the listening socket.
	Socket net.Listener
	// First are the lines that the supervisor told before the program started.
	First []string

	control *bufio.Scanner
	mu      sync.Mutex
	status  *os.File
}

// IsChild reports whether the program was started by [Start], or by one that was.
func IsChild() bool { return os.Getenv(EnvRunMain) == "true" }

// isMeant reports whether the descriptors are for this process. What a child has
// started inherits its environment.
func isMeant() bool {
	return IsChild() && os.Getenv(EnvServerFD) == "3" && os.Getenv(EnvParent) == strconv.Itoa(os.Getppid())
}

// isOrphan reports whether the process was started with descriptors of a
// supervisor that is gone.
func isOrphan() bool {
	pid, err := strconv.Atoi(os.Getenv(EnvParent))
	if err != nil || !IsChild() || os.Getenv(EnvServerFD) != "3" {
		return false
	}
	p, err := os.FindProcess(pid)
	return err != nil || errors.Is(p.Signal(syscall.Signal(0)), os.ErrProcessDone)
}

// KeepDescriptors keeps the descriptors of a child from the programs that it
// starts: they would hold the socket open, and could read what the child is told.
// [Supervised] does it too; this is for earlier. It does nothing elsewhere.
func KeepDescriptors() {
	if isMeant() {
		for fd := uintptr(serverFD); fd <= statusFD; fd++ {
			process.KeepFrom(fd)
		}
	}
}

// Supervised gives the link of a program that was started by [Start], at the
// first call; nil afterwards, for one that was not, and for what such a program
// has started itself. It takes the number of the socket out of the environment,
// reads what it was told first, and keeps the descriptors to itself.
func Supervised() (*Link, error) {
	if isOrphan() {
		return nil, errors.New("the supervising process is gone")
	}
	if !isMeant() {
		return nil, nil
	}
	KeepDescriptors()
	told, err := strconv.Atoi(os.Getenv(EnvTold))
	if err != nil {
		told = 0 // a supervisor that tells nothing
	}
	for _, name := range []string{EnvServerFD, EnvTold, EnvParent} {
		_ = os.Unsetenv(name) // fails for names that are none
	}
	socket := os.NewFile(serverFD, "socket")
	defer socket.Close()
	ln, err := net.FileListener(socket)
	if err != nil {
		return nil, fmt.Errorf("the socket of the supervising process cannot be used: %w", err)
	}
	l := &Link{Socket: ln, control: bufio.NewScanner(os.NewFile(controlFD, "control")), status: os.NewFile(statusFD, "status")}
	for len(l.First) < told && l.control.Scan() {
		l.First = append(l.First, l.control.Text())
	}
	return l, nil
}

// Listen calls f with each line that the supervisor tells, and returns when the
// program is to stop.
func (l *Link) Listen(f func(line string)) {
	for l.control.Scan() {
		f(l.control.Text())
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
