package retort_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/retort-go/retort"
)

// BenchmarkSession serves the same view without a session, and with a signed one
// that is only read, and that is read and written.
func BenchmarkSession(b *testing.B) {
	app := signed()
	app.Get("/none")(func(c *retort.Context) string { return c.Request.Method() })
	app.Get("/read")(func(c *retort.Context) string { return retort.SessionValue(c.Session(), "user", "") })
	app.Get("/write")(func(c *retort.Context) string {
		n := retort.SessionValue(c.Session(), "visits", 0)
		c.Session().Set("visits", n+1)
		return retort.SessionValue(c.Session(), "user", "")
	})
	cookie := "theme=dark; session=" + sign(b, map[string]any{"user": "ada", "visits": 41, "_permanent": true}, "dev")
	for _, way := range []string{"none", "read", "write"} {
		b.Run("session="+way, func(b *testing.B) {
			r := getRequest("/" + way)
			if way != "none" {
				r.Header.Set("Cookie", cookie)
			}
			b.ReportAllocs()
			for b.Loop() {
				app.ServeHTTP(&sinkWriter{header: http.Header{}}, r)
			}
		})
	}
}

func TestSessionsCostTheOthersNothing(t *testing.T) {
	app := signed()
	app.Get("/typed/<name>")(func(name string) string { return name })
	app.Post("/typed/<name>")(func(name string) string { return name })
	app.Get("/context")(func(*retort.Context) string { return "" })
	assert.Zero(t, allocations(t, app, "GET", "/typed/ada", 200))
	assert.Zero(t, allocations(t, app, "POST", "/typed/ada", 200))
	assert.Zero(t, allocations(t, app, "GET", "/nothing", 404))
	assert.LessOrEqual(t, allocations(t, app, "GET", "/context", 200), 1.0)
}
