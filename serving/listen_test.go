package serving

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestListenErrorsTeach(t *testing.T) {
	system := errors.New("system says no")
	tests := []struct {
		name string
		err  ListenError
		want string
	}{
		{"port in use on linux", ListenError{"127.0.0.1", 5000, AddrInUse, system, "linux"},
			"serving: port 5000 on 127.0.0.1 is in use by another program.\n" +
				"To see which one: ss -ltnp 'sport = :5000'   (or: lsof -i :5000)\n" +
				"Stop it, or start this server on another port: RETORT_RUN_PORT=5001 in the environment, or RunOptions{Port: 5001} in the program."},
		{"port 5000 in use on macOS", ListenError{"127.0.0.1", 5000, AddrInUse, system, "darwin"},
			"serving: port 5000 on 127.0.0.1 is in use by another program (on macOS often the AirPlay Receiver: System Settings, General, AirDrop & Handoff).\n" +
				"To see which one: lsof -nP -iTCP:5000 -sTCP:LISTEN\n" +
				"Stop it, or start this server on another port: RETORT_RUN_PORT=5001 in the environment, or RunOptions{Port: 5001} in the program."},
		{"the last port in use on windows", ListenError{"::1", 65535, AddrInUse, system, "windows"},
			"serving: port 65535 on ::1 is in use by another program.\n" +
				"To see which one: netstat -ano | findstr :65535\n" +
				"Stop it, or start this server on another port: RETORT_RUN_PORT=65534 in the environment, or RunOptions{Port: 65534} in the program."},
		{"privileged port", ListenError{"0.0.0.0", 80, PortForbidden, system, "linux"},
			"serving: port 80 on 0.0.0.0 is not open to this user: the system keeps ports below 1024 for privileged programs.\n" +
				"Start on a higher port: RETORT_RUN_PORT=5000 in the environment, or RunOptions{Port: 5000} in the program."},
		{"foreign address", ListenError{"192.0.2.1", 5000, AddrNotLocal, system, "linux"},
			"serving: 192.0.2.1 is not an address of this machine, so nothing can listen on it.\n" +
				"Use 127.0.0.1 to be reached from this machine alone, or 0.0.0.0 to be reached from its network."},
		{"unknown name", ListenError{"no.such", 5000, HostUnknown, system, "linux"},
			"serving: the host \"no.such\" is neither an IP address nor a name that resolves here.\n" +
				"Use 127.0.0.1 to be reached from this machine alone, or 0.0.0.0 to be reached from its network."},
		{"no port", ListenError{"127.0.0.1", 70000, PortInvalid, nil, "linux"},
			"serving: 70000 is not a port: ports go from 1 to 65535, and 0 takes any free one."},
		{"anything else", ListenError{"::1", 5000, ListenRejected, system, "linux"},
			"serving: cannot listen on [::1]:5000: system says no"},
		{"socket in use", ListenError{"unix:///run/a", 0, AddrInUse, system, "linux"},
			"serving: another program answers on the socket /run/a.\nStop it, or choose another path after unix://."},
		{"socket not allowed", ListenError{"unix:///run/a", 0, PortForbidden, system, "linux"},
			"serving: this user may not create the socket /run/a.\nChoose a path in a directory that you may write to."},
		{"socket path taken by a file", ListenError{"unix:///run/a", 0, SocketPathBad, errNotASocket, "linux"},
			"serving: \"/run/a\" cannot be the path of a socket: a file that is not a socket is there.\n" +
				"Give an absolute path to a file that does not exist yet, as in unix:///tmp/hello.sock."},
		{"anything else with a socket", ListenError{"unix:///run/a", 0, ListenRejected, system, "linux"},
			"serving: cannot listen on the socket /run/a: system says no"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, tt.err.Error())
		})
	}
}

func problemOf(t *testing.T, host string, port int) ListenProblem {
	t.Helper()
	l, err := Listen(host, port)
	if err == nil {
		l.Close()
	}
	var le *ListenError
	require.ErrorAs(t, err, &le)
	assert.Equal(t, runtime.GOOS, le.goos)
	return le.Problem
}

func TestListenNamesTheProblem(t *testing.T) {
	taken := listen(t).Addr().(*net.TCPAddr).Port
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	assert.Equal(t, AddrInUse, problemOf(t, "127.0.0.1", taken))
	assert.Equal(t, AddrNotLocal, problemOf(t, "192.0.2.1", 0))
	assert.Equal(t, HostUnknown, problemOf(t, "no such host", 0))
	assert.Equal(t, PortInvalid, problemOf(t, "", 65536))
	assert.Equal(t, PortInvalid, problemOf(t, "", -1))
	assert.Equal(t, SocketPathBad, problemOf(t, "unix://", 0))
	assert.Equal(t, SocketPathBad, problemOf(t, "unix://"+file, 0))
	assert.Equal(t, SocketPathBad, problemOf(t, "unix://"+filepath.Join(dir, "none", "a"), 0))
	assert.FileExists(t, file)
}

func TestForbiddenPortsAreRecognised(t *testing.T) {
	err := &net.OpError{Op: "listen", Err: os.NewSyscallError("bind", syscall.EACCES)}
	assert.Equal(t, PortForbidden, tcpProblem(err))
}

func TestListenAddresses(t *testing.T) {
	for host, want := range map[string]string{"": "127.0.0.1", "127.0.0.1": "127.0.0.1", "0.0.0.0": "0.0.0.0", "localhost": "127.0.0.1"} {
		l, err := Listen(host, 0)
		require.NoError(t, err)
		addr := l.Addr().(*net.TCPAddr)
		l.Close()
		assert.Equal(t, want, addr.IP.String(), "host %q", host)
		assert.NotZero(t, addr.Port)
	}
}

// socketPath is short, unlike t.TempDir: the path of a socket has about 100 bytes.
func socketPath(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "s")
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, os.RemoveAll(dir)) })
	return filepath.Join(dir, "s")
}

func TestStaleSocketIsReplacedAndALiveOneIsNot(t *testing.T) {
	path := socketPath(t)
	left, err := net.Listen("unix", path)
	require.NoError(t, err)
	assert.Equal(t, AddrInUse, problemOf(t, "unix://"+path, 0))
	left.(*net.UnixListener).SetUnlinkOnClose(false)
	left.Close()
	require.FileExists(t, path)
	l, err := Listen("unix://"+path, 0)
	require.NoError(t, err)
	defer l.Close()
	c, err := net.Dial("unix", path)
	require.NoError(t, err)
	c.Close()
}

func TestBanner(t *testing.T) {
	tcp := func(ip string) net.Addr { return &net.TCPAddr{IP: net.ParseIP(ip), Port: 5000} }
	tests := []struct {
		name  string
		o     Options
		addr  net.Addr
		color bool
		want  string
	}{
		{"with an app", Options{AppName: "hello"}, tcp("127.0.0.1"), false,
			" * Serving retort app 'hello'\n * Debug mode: off\n" + developmentWarning + "\n" +
				" * Running on http://127.0.0.1:5000\nPress CTRL+C to quit\n"},
		{"in debug mode and colour", Options{AppName: "hello", Debug: true}, tcp("::1"), true,
			" * Serving retort app 'hello'\n * Debug mode: on\n\x1b[1;31m" + developmentWarning + "\x1b[0m\n" +
				" * Running on http://[::1]:5000\n\x1b[33mPress CTRL+C to quit\x1b[0m\n"},
		{"without an app on a socket", Options{}, &net.UnixAddr{Name: "/tmp/s", Net: "unix"}, false,
			developmentWarning + "\n * Running on unix:///tmp/s\nPress CTRL+C to quit\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, banner(tt.o, tt.addr, tt.color))
		})
	}
}

func TestRunningOnAllAddresses(t *testing.T) {
	outbound := func(network string) string {
		return map[string]string{"udp4": "192.168.1.5", "udp6": "2001:db8::5"}[network]
	}
	none := func(string) string { return "" }
	v4 := &net.TCPAddr{IP: net.IPv4zero, Port: 80}
	v6 := &net.TCPAddr{IP: net.IPv6zero, Port: 80}
	assert.Equal(t, []string{"all addresses (0.0.0.0)", "http://127.0.0.1:80", "http://192.168.1.5:80"}, runningLines(v4, "http", outbound))
	assert.Equal(t, []string{"all addresses (::)", "http://[::1]:80", "http://[2001:db8::5]:80"}, runningLines(v6, "http", outbound))
	assert.Equal(t, []string{"all addresses (0.0.0.0)", "http://127.0.0.1:80"}, runningLines(v4, "http", none))
}

func TestColorMode(t *testing.T) {
	null, err := os.Open(os.DevNull) // a character device, as a terminal is
	require.NoError(t, err)
	defer null.Close()
	t.Setenv("NO_COLOR", "1")
	assert.True(t, ColorAlways.enabled(nil))
	assert.False(t, ColorAuto.enabled(null))
	t.Setenv("NO_COLOR", "")
	t.Setenv("TERM", "xterm")
	t.Setenv("WT_SESSION", "1")
	assert.True(t, ColorAuto.enabled(null))
	assert.False(t, ColorNever.enabled(null))
	assert.False(t, ColorAuto.enabled(&syncBuffer{}))
	t.Setenv("TERM", "dumb")
	assert.False(t, ColorAuto.enabled(null))
}

func TestOutboundIPIsAnAddressOrNothing(t *testing.T) {
	for _, network := range []string{"udp4", "udp6"} {
		if ip := outboundIP(network); ip != "" {
			assert.NotNil(t, net.ParseIP(ip), strconv.Quote(ip))
		}
	}
}
