package gateway

import (
	"io"
	"net"
	"os"
	"syscall"
)

// unixTail is the tail of a unix socket. Only one goroutine may read; Watch may
// run beside Release.
type unixTail struct {
	raw  syscall.RawConn
	held int // bytes at the front of the queue that were read
}

// tailOf gives the tail of a connection; nil if the end of a cut response can be
// told otherwise, or not at all.
func tailOf(nc net.Conn) tail {
	c, ok := nc.(*net.UnixConn)
	if !ok {
		return nil
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return nil // closed already
	}
	return &unixTail{raw: raw}
}

// Read gives bytes and leaves them where they are.
func (t *unixTail) Read(p []byte) (n int, err error) {
	if len(p) == 0 {
		return 0, nil
	}
	t.Release(p)
	failed := t.raw.Read(func(fd uintptr) (done bool) {
		n, err = peek(int(fd), p)
		return err != syscall.EAGAIN
	})
	switch {
	case failed != nil:
		return 0, failed
	case err != nil:
		return 0, os.NewSyscallError("recvfrom", err)
	case n == 0:
		return 0, io.EOF
	}
	t.held = n
	return n, nil
}

func peek(fd int, p []byte) (n int, err error) {
	for {
		if n, _, err = syscall.Recvfrom(fd, p, syscall.MSG_PEEK); err != syscall.EINTR {
			return max(n, 0), err
		}
	}
}

// Release does not wait: the bytes are there. Deadlines are for those that are
// not.
func (t *unixTail) Release(buf []byte) {
	_ = t.raw.Control(func(fd uintptr) { // an error says that it is closed
		for t.held > 0 && len(buf) > 0 {
			n, err := syscall.Read(int(fd), buf[:min(t.held, len(buf))])
			if err == syscall.EINTR {
				continue
			}
			if n <= 0 {
				return
			}
			t.held -= n
		}
	})
}

// Watch sends nothing, which is an error as soon as the peer has closed.
func (t *unixTail) Watch() error {
	var gone error
	err := t.raw.Read(func(fd uintptr) (done bool) {
		_, gone = syscall.SendmsgN(int(fd), nil, nil, nil, syscall.MSG_DONTWAIT|syscall.MSG_NOSIGNAL)
		return gone != nil && gone != syscall.EAGAIN && gone != syscall.EINTR
	})
	if err != nil {
		return err
	}
	return gone
}
