package serving

import (
	"net"
	"syscall"
)

// deferSeconds is how long a connection without a request waits in the socket.
const deferSeconds = 60

// deferAccept has connections wait in the socket until there is something to
// read. Browsers open some in advance; one that a program had accepted would be
// answered by it when another has long taken its place.
func deferAccept(l net.Listener) {
	tcp, ok := l.(*net.TCPListener)
	if !ok {
		return
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) { // a system without it accepts early
		_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_DEFER_ACCEPT, deferSeconds)
	})
}
