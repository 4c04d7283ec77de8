package watch

import (
	"os"
	"sync"
	"syscall"
)

// notifier says through inotify that something in the watched folders has
// changed; what it was is found by looking. A nil notifier never says anything.
type notifier struct {
	file   *os.File
	woken  chan struct{}
	mu     sync.Mutex
	dirs   map[string]int32 // watch descriptors
	closed bool
}

// interesting are the events that can come with another content. That a mode or
// a time was changed does not.
const interesting = syscall.IN_CLOSE_WRITE | syscall.IN_MODIFY | syscall.IN_CREATE | syscall.IN_DELETE |
	syscall.IN_MOVED_FROM | syscall.IN_MOVED_TO | syscall.IN_DELETE_SELF | syscall.IN_MOVE_SELF

// newNotifier gives nil when the system has no more of them to give.
func newNotifier() *notifier {
	fd, err := syscall.InotifyInit1(syscall.IN_CLOEXEC | syscall.IN_NONBLOCK)
	if err != nil {
		return nil
	}
	n := &notifier{file: os.NewFile(uintptr(fd), "inotify"), woken: make(chan struct{}, 1), dirs: make(map[string]int32)}
	go n.read()
	return n
}

// read passes events on until the file is closed.
func (n *notifier) read() {
	var buf [64 << 10]byte
	for {
		if _, err := n.file.Read(buf[:]); err != nil {
			return
		}
		select {
		case n.woken <- struct{}{}:
		default: // somebody will look anyway
		}
	}
}

// watch watches exactly dirs. A folder that cannot be watched is left to the
// sweep.
func (n *notifier) watch(dirs map[string]bool) {
	if n == nil {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return
	}
	raw, err := n.file.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) { n.sync(int(fd), dirs) }) // fails when it is closed
}

// sync has the system watch dirs and nothing else.
func (n *notifier) sync(fd int, dirs map[string]bool) {
	for dir, wd := range n.dirs {
		if !dirs[dir] {
			_, _ = syscall.InotifyRmWatch(fd, uint32(wd))
			delete(n.dirs, dir)
		}
	}
	for dir := range dirs {
		// Also what is watched already: the folder of that name may be another now.
		if wd, err := syscall.InotifyAddWatch(fd, dir, interesting); err == nil {
			n.dirs[dir] = int32(wd)
		}
	}
}

// channel has something when there was an event.
func (n *notifier) channel() <-chan struct{} {
	if n == nil {
		return nil
	}
	return n.woken
}

// drain forgets what was said.
func (n *notifier) drain() {
	if n == nil {
		return
	}
	select {
	case <-n.woken:
	default:
	}
}

func (n *notifier) close() error {
	if n == nil {
		return nil
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.closed = true
	return n.file.Close()
}
