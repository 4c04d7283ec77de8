package serving

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

// ListenProblem is why [Listen] could not open its socket.
type ListenProblem string

const (
	AddrInUse      ListenProblem = "address in use"    // another program has the port or answers on the socket file
	PortForbidden  ListenProblem = "port forbidden"    // the system keeps the port from this user
	AddrNotLocal   ListenProblem = "address not local" // no interface of this machine has the address
	HostUnknown    ListenProblem = "host unknown"      // the host name does not resolve
	PortInvalid    ListenProblem = "port invalid"      // the port is outside 0 … 65535
	SocketPathBad  ListenProblem = "socket path bad"   // the path of unix://path cannot hold a socket
	ListenRejected ListenProblem = "listen rejected"   // anything else the system said
)

// ListenError is the error of [Listen]. Its text says what is wrong and how to
// mend it, over several lines. Unwrap gives the system's error, if there is one.
type ListenError struct {
	Host    string // as given to Listen
	Port    int
	Problem ListenProblem
	Err     error

	goos string // whose commands the text names
}

// Error teaches: what happened, then how to find out more or to mend it.
func (e *ListenError) Error() string {
	if path, ok := strings.CutPrefix(e.Host, unixScheme); ok {
		return "serving: " + e.socketText(path)
	}
	return "serving: " + e.portText()
}

// Unwrap gives the system's error, nil when the arguments alone were wrong.
func (e *ListenError) Unwrap() error { return e.Err }

func (e *ListenError) portText() string {
	switch e.Problem {
	case AddrInUse:
		return fmt.Sprintf("port %d on %s is in use by another program%s.\n"+
			"To see which one: %s\n"+
			"Stop it, or start this server on another port: RETORT_RUN_PORT=%d in the environment, or RunOptions{Port: %[5]d} in the program.",
			e.Port, e.Host, e.airPlayHint(), findCommand(e.goos, e.Port), otherPort(e.Port))
	case PortForbidden:
		return fmt.Sprintf("port %d on %s is not open to this user: the system keeps ports below 1024 for privileged programs.\n"+
			"Start on a higher port: RETORT_RUN_PORT=5000 in the environment, or RunOptions{Port: 5000} in the program.", e.Port, e.Host)
	case AddrNotLocal:
		return fmt.Sprintf("%s is not an address of this machine, so nothing can listen on it.\n"+
			"Use 127.0.0.1 to be reached from this machine alone, or 0.0.0.0 to be reached from its network.", e.Host)
	case HostUnknown:
		return fmt.Sprintf("the host %q is neither an IP address nor a name that resolves here.\n"+
			"Use 127.0.0.1 to be reached from this machine alone, or 0.0.0.0 to be reached from its network.", e.Host)
	case PortInvalid:
		return fmt.Sprintf("%d is not a port: ports go from 1 to 65535, and 0 takes any free one.", e.Port)
	}
	return fmt.Sprintf("cannot listen on %s: %v", net.JoinHostPort(e.Host, strconv.Itoa(e.Port)), e.Err)
}

func (e *ListenError) socketText(path string) string {
	switch e.Problem {
	case AddrInUse:
		return fmt.Sprintf("another program answers on the socket %s.\nStop it, or choose another path after unix://.", path)
	case PortForbidden:
		return fmt.Sprintf("this user may not create the socket %s.\nChoose a path in a directory that you may write to.", path)
	case SocketPathBad:
		return fmt.Sprintf("%q cannot be the path of a socket: %v.\nGive an absolute path to a file that does not exist yet, as in unix:///tmp/hello.sock.", path, e.Err)
	}
	return fmt.Sprintf("cannot listen on the socket %s: %v", path, e.Err)
}

// airPlayHint names the usual holder of port 5000 on a Mac.
func (e *ListenError) airPlayHint() string {
	if e.goos == "darwin" && e.Port == 5000 {
		return " (on macOS often the AirPlay Receiver: System Settings, General, AirDrop & Handoff)"
	}
	return ""
}

// findCommand is the command that shows who listens on port.
func findCommand(goos string, port int) string {
	switch goos {
	case "windows":
		return fmt.Sprintf("netstat -ano | findstr :%d", port)
	case "linux":
		return fmt.Sprintf("ss -ltnp 'sport = :%d'   (or: lsof -i :%[1]d)", port)
	}
	return fmt.Sprintf("lsof -nP -iTCP:%d -sTCP:LISTEN", port)
}

// otherPort is the port that an error suggests instead of port.
func otherPort(port int) int {
	if port == 65535 {
		return port - 1
	}
	return port + 1
}

// unixScheme begins a host that is the path of a Unix socket.
const unixScheme = "unix://"

// Listen opens the listening socket of a server.
//
// host is an IP address or a name; "" is 127.0.0.1, 0.0.0.0 stands for all IPv4
// addresses, :: for all addresses. port is 0 … 65535, and 0 takes any free port,
// which the listener's Addr tells. A host of the form unix://path is the path of
// a Unix socket; port is ignored then, and a socket file left behind by a program
// that has gone is replaced. One on which somebody answers is not, nor is a file
// that is no socket.
//
// Every error is a [*ListenError].
//
// Differs from [net.Listen]: an empty host is loopback, because a development
// server must not be open to the network by an oversight.
//
// Werkzeug: serving.py, BaseWSGIServer.__init__.
func Listen(host string, port int) (net.Listener, error) {
	if path, ok := strings.CutPrefix(host, unixScheme); ok {
		return listenUnix(host, path)
	}
	if host == "" {
		host = "127.0.0.1"
	}
	if port < 0 || port > 65535 {
		return nil, newListenError(host, port, PortInvalid, nil)
	}
	l, err := net.Listen(tcpNetwork(host), net.JoinHostPort(host, strconv.Itoa(port)))
	if err != nil {
		return nil, newListenError(host, port, tcpProblem(err), err)
	}
	return l, nil
}

// tcpNetwork is tcp4 for an IPv4 address: plain tcp would turn 0.0.0.0 into ::.
func tcpNetwork(host string) string {
	if addr, err := netip.ParseAddr(host); err == nil && addr.Is4() {
		return "tcp4"
	}
	return "tcp"
}

func newListenError(host string, port int, p ListenProblem, err error) *ListenError {
	return &ListenError{Host: host, Port: port, Problem: p, Err: err, goos: runtime.GOOS}
}

// Winsock's numbers for what package syscall calls EADDRINUSE and so on; on
// other systems no error has them.
const (
	wsaEACCES        = syscall.Errno(10013)
	wsaEADDRINUSE    = syscall.Errno(10048)
	wsaEADDRNOTAVAIL = syscall.Errno(10049)
)

func tcpProblem(err error) ListenProblem {
	var dns *net.DNSError
	switch {
	case errors.Is(err, syscall.EADDRINUSE), errors.Is(err, wsaEADDRINUSE):
		return AddrInUse
	case errors.Is(err, fs.ErrPermission), errors.Is(err, wsaEACCES):
		return PortForbidden
	case errors.Is(err, syscall.EADDRNOTAVAIL), errors.Is(err, wsaEADDRNOTAVAIL):
		return AddrNotLocal
	case errors.As(err, &dns):
		return HostUnknown
	}
	return ListenRejected
}

func listenUnix(host, path string) (net.Listener, error) {
	if err := clearStaleSocket(path); err != nil {
		return nil, newListenError(host, 0, socketProblem(err), err)
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, newListenError(host, 0, socketProblem(err), err)
	}
	return l, nil
}

var (
	errPathEmpty    = errors.New("the path is empty")
	errNotASocket   = errors.New("a file that is not a socket is there")
	errSocketAnswer = fmt.Errorf("a program answers there: %w", syscall.EADDRINUSE)
)

// clearStaleSocket removes the socket file at path if nobody answers on it.
// A path beginning with @ is in Linux's abstract name space and has no file.
func clearStaleSocket(path string) error {
	if path == "" {
		return errPathEmpty
	}
	info, err := os.Lstat(path)
	if strings.HasPrefix(path, "@") || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if info.Mode().Type() != fs.ModeSocket {
		return errNotASocket
	}
	c, err := net.Dial("unix", path)
	if err == nil {
		c.Close()
		return errSocketAnswer
	}
	if !errors.Is(err, syscall.ECONNREFUSED) {
		return err // alive but busy, or not ours to judge: leave it
	}
	return os.Remove(path)
}

func socketProblem(err error) ListenProblem {
	switch {
	case errors.Is(err, syscall.EADDRINUSE), errors.Is(err, wsaEADDRINUSE):
		return AddrInUse
	case errors.Is(err, fs.ErrPermission):
		return PortForbidden
	case errors.Is(err, errPathEmpty), errors.Is(err, errNotASocket),
		errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR), errors.Is(err, syscall.EINVAL):
		return SocketPathBad
	}
	return ListenRejected
}
