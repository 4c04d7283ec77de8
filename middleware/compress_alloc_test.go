//go:build !race

// The race detector has sync.Pool forget what it is given, now and then.

package middleware_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/retort-go/retort/middleware"
)

// TestCompressAllocations holds what Compress costs over the handler alone: its
// writer, and a few for the library.
func TestCompressAllocations(t *testing.T) {
	body := []byte(page)
	typ := []string{"text/html"}
	next := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Content-Type"] = typ
		w.Write(body)
	})
	for accept, most := range map[string]float64{"": 1, "gzip": 1, "br": 1, "zstd": 1} {
		h := middleware.Compress(middleware.CompressOptions{})(next)
		r := get("/")
		r.Header.Set("Accept-Encoding", accept)
		w := &discarding{}
		got := testing.AllocsPerRun(100, func() {
			clear(w.Header())
			h.ServeHTTP(w, r)
		})
		assert.LessOrEqual(t, got, most, accept)
	}
}
