//go:build unix

package benchmarks

import (
	"syscall"
	"time"
)

// CPU is the processor time that the process has used, in all its threads.
func CPU() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
