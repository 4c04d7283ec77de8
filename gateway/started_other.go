//go:build !unix

package gateway

import "net"

// standardInput gives nil: a program gets no socket there.
func standardInput() net.Listener { return nil }
