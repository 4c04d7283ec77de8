package gateway_test

import (
	"io"
	"net"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/gateway"
)

// BenchmarkWire is a small request and answer on a connection of its own; the
// client's part is in it.
func BenchmarkWire(b *testing.B) {
	for _, p := range wires {
		b.Run("protocol="+p.String(), func(b *testing.B) {
			s := serveWire(b, p, gateway.AppFunc(hello))
			request := encode(p, vars("GET", "/", variable{"HTTP_USER_AGENT", "bench"}, variable{"HTTP_ACCEPT", "*/*"}), "")
			buf := make([]byte, 4<<10)
			b.ReportAllocs()
			for b.Loop() {
				conn, err := net.Dial("unix", s.addr.String())
				require.NoError(b, err)
				_, err = conn.Write(request)
				require.NoError(b, err)
				for err == nil {
					_, err = conn.Read(buf)
				}
				require.ErrorIs(b, err, io.EOF)
				require.NoError(b, conn.Close())
			}
		})
	}
}
