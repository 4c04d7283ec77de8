//go:build !unix

package benchmarks

import "time"

var started = time.Now()

// CPU is the time since the start: this system is not asked for the processor
// time of a process.
func CPU() time.Duration { return time.Since(started) }
