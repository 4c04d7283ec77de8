//go:build !linux

package backlog

import "net"

// queued reports that nobody knows.
func queued(net.Listener) (waiting, known bool) { return false, false }
