package retort

import (
	"io/fs"
	"os"
	"sync/atomic"
)

// heldRoot keeps a directory open from which many files are sent: opening it
// takes longer than opening a file in it.
type heldRoot struct {
	now atomic.Pointer[openRoot]
}

// openRoot is an open directory, and which one it is. It is closed when it is
// no longer in use, by its finalizer: another goroutine may still have it.
type openRoot struct {
	root *os.Root
	info fs.FileInfo
}

// openRoot opens the directory, or gives the one that is held if it is still
// the one of that name: build tools put a new one in its place.
func (d folder) openRoot() (*os.Root, error) {
	if d.held == nil {
		return os.OpenRoot(d.dir)
	}
	info, err := os.Stat(d.dir)
	if err != nil {
		return nil, err
	}
	if held := d.held.now.Load(); held != nil && os.SameFile(held.info, info) {
		return held.root, nil
	}
	root, err := os.OpenRoot(d.dir)
	if err != nil {
		return nil, err
	}
	if info, err = root.Stat("."); err != nil {
		return nil, err
	}
	d.held.now.Store(&openRoot{root, info})
	return root, nil
}
