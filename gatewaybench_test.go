package retort_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/gateway"
)

// twoDoors is an app to be called by either, and a request as a browser sends it.
func twoDoors() (*retort.App, *http.Request) {
	app := retort.New("doors")
	app.Get("/text/<int:id>")(func(int) string { return "hello" })
	app.Get("/context/<int:id>")(func(c *retort.Context, id int) string { return c.Request.HTTP().Host })
	r := httptest.NewRequest("GET", "/text/7?tab=posts", nil)
	for name, value := range map[string]string{
		"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101", "Accept": "text/html,application/xhtml+xml", "Accept-Language": "en",
		"Accept-Encoding": "gzip, deflate, br", "Connection": "keep-alive", "Cookie": "session=abc", "Referer": "http://localhost/", "Dnt": "1",
	} {
		r.Header.Set(name, value)
	}
	return app, r
}

// discard is the least that a server does with a gateway app.
func discard(tb testing.TB, app gateway.App, env *gateway.Environ) {
	body, err := app.Call(env, func(string, gateway.Headers, error) (gateway.Write, error) { return nil, nil })
	if err != nil {
		tb.Fatal(err)
	}
	for _, err := range body.Chunks() {
		if err != nil {
			tb.Fatal(err)
		}
	}
	if err := body.Close(); err != nil {
		tb.Fatal(err)
	}
}

// BenchmarkDoors is one request by ServeHTTP, by Call with an environ that is
// ready, and with one that has to be made. All take turns, so that what else the
// machine does slows all of them. The differences are what the gateway costs:
// ready-ns of a server that has an environ anyway, wire-ns when its variables came
// one by one, build-ns of making one of a request of net/http. Of the turns the
// middle one counts.
func BenchmarkDoors(b *testing.B) {
	for _, view := range []string{"text", "context"} {
		b.Run("view="+view, func(b *testing.B) {
			app, r := twoDoors()
			r.URL.Path, r.RequestURI = "/"+view+"/7", "/"+view+"/7?tab=posts"
			environ := func() *gateway.Environ {
				env, err := gateway.NewEnviron(r)
				if err != nil {
					b.Fatal(err)
				}
				return env
			}
			ready, wire := environ(), environ()
			wire.Set("X", "") // from now on it has nothing but its variables
			sink := &sinkWriter{header: http.Header{}}
			doors := map[string]func(){
				"http":  func() { clear(sink.header); app.ServeHTTP(sink, r) },
				"ready": func() { discard(b, app, ready) },
				"wire":  func() { discard(b, app, wire) },
				"build": func() { discard(b, app, environ()) },
			}
			const turn = 100
			took := make(map[string][]time.Duration)
			for b.Loop() {
				for name, call := range doors {
					began := time.Now()
					for range turn {
						call()
					}
					took[name] = append(took[name], time.Since(began))
				}
			}
			each := func(name string) float64 { return median(took[name]) / turn }
			b.ReportMetric(0, "ns/op") // of all doors a hundred times: says nothing
			b.ReportMetric(each("http"), "http-ns")
			b.ReportMetric(each("ready")-each("http"), "ready-ns")
			b.ReportMetric(each("wire")-each("http"), "wire-ns")
			b.ReportMetric(each("build")-each("ready"), "build-ns")
		})
	}
}

// TestTheDoorOfNetHTTPBuildsNoEnviron: there is not a single allocation, and an
// environ would be one.
func TestTheDoorOfNetHTTPBuildsNoEnviron(t *testing.T) {
	app, r := twoDoors()
	sink := &sinkWriter{header: http.Header{}}
	assert.Zero(t, testing.AllocsPerRun(100, func() { clear(sink.header); app.ServeHTTP(sink, r) }))
	assert.NotZero(t, testing.AllocsPerRun(100, func() {
		env, err := gateway.NewEnviron(r)
		require.NoError(t, err)
		discard(t, app, env)
	}))
}
