//go:build !linux

package serving

import "net"

// deferAccept does nothing: connections are accepted when they are made.
func deferAccept(net.Listener) {}
