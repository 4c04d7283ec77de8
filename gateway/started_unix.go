//go:build unix

package gateway

import (
	"net"
	"os"
	"syscall"
)

// standardInput gives the listening socket that standard input is; nil if it is
// anything else.
func standardInput() net.Listener {
	accepts, err := syscall.GetsockoptInt(0, syscall.SOL_SOCKET, syscall.SO_ACCEPTCONN)
	if err != nil || accepts == 0 {
		return nil
	}
	l, err := net.FileListener(os.Stdin)
	if err != nil {
		return nil // of a kind that package net does not know
	}
	return l
}
