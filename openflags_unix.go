//go:build unix

package retort

import (
	"os"
	"syscall"
)

// openFlags open a file to be read. Opening a pipe does not wait for its writer:
// it is looked at, and refused.
const openFlags = os.O_RDONLY | syscall.O_NONBLOCK
