//go:build !linux

package tests

import (
	"net"
	"testing"

	"github.com/stretchr/testify/require"
)

// freePort is a port of 127.0.0.1 that nobody listens on just now.
func freePort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = l.Close() }()
	_, port, err := net.SplitHostPort(l.Addr().String())
	require.NoError(t, err)
	return port
}
