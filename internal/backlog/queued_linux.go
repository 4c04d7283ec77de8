package backlog

import (
	"net"
	"syscall"
)

// queued reports whether a connection waits in the queue of l, without waiting
// for one; known is false if that cannot be told.
func queued(l net.Listener) (waiting, known bool) {
	sc, ok := l.(syscall.Conn)
	if !ok {
		return false, false
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return false, false
	}
	err = raw.Control(func(fd uintptr) { waiting, known = readable(int(fd)) })
	return waiting, known && err == nil
}

// readable asks epoll about one descriptor.
func readable(fd int) (ready, known bool) {
	poll, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return false, false
	}
	defer syscall.Close(poll)
	if syscall.EpollCtl(poll, syscall.EPOLL_CTL_ADD, fd, &syscall.EpollEvent{Events: syscall.EPOLLIN}) != nil {
		return false, false
	}
	var events [1]syscall.EpollEvent
	n, err := syscall.EpollWait(poll, events[:], 0)
	return n == 1, err == nil
}
