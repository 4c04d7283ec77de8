package gateway_test

import (
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/gateway"
)

// browser is a request as a browser sends it.
func browser() *http.Request {
	r := local(request("GET", "/users/7?tab=posts"), tcp("127.0.0.1:8000"))
	r.Body, r.ContentLength = http.NoBody, 0
	for name, value := range map[string]string{
		"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101", "Accept": "text/html,application/xhtml+xml", "Accept-Language": "en",
		"Accept-Encoding": "gzip, deflate, br", "Connection": "keep-alive", "Cookie": "session=abc", "Referer": "http://localhost/", "Dnt": "1",
	} {
		r.Header.Set(name, value)
	}
	return r
}

func BenchmarkNewEnviron(b *testing.B) {
	r := browser()
	for name, use := range map[string]func(*gateway.Environ){
		"use=nothing":   func(*gateway.Environ) {},
		"use=path":      func(env *gateway.Environ) { env.Value("PATH_INFO") },
		"use=five":      func(env *gateway.Environ) { five(env) },
		"use=all":       func(env *gateway.Environ) { env.Set("X", "") },
		"use=request":   func(env *gateway.Environ) { _, _ = env.Request() }, // cannot fail: it came from one
		"use=clone-all": func(env *gateway.Environ) { env.Set("X", ""); env.Clone() },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				env, err := gateway.NewEnviron(r)
				if err != nil {
					b.Fatal(err)
				}
				use(env)
			}
		})
	}
}

func five(env *gateway.Environ) (n int) {
	for _, key := range []string{"REQUEST_METHOD", "PATH_INFO", "QUERY_STRING", "HTTP_HOST", "HTTP_ACCEPT_LANGUAGE"} {
		n += len(env.Value(key))
	}
	return n
}

// sink is a ResponseWriter that costs next to nothing.
type sink struct{ header http.Header }

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) WriteHeader(int)             {}
func (s *sink) Write(p []byte) (int, error) { return len(p), nil }
func (s *sink) Flush()                      {}

func BenchmarkServe(b *testing.B) {
	plain := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		_, _ = io.WriteString(w, "hello") // a sink takes everything
	})
	pass := func(app gateway.App) gateway.App { return app }
	for name, h := range map[string]http.Handler{
		"door=net/http":    plain,
		"door=ToHandler":   gateway.ToHandler(gateway.AppFunc(hello)),
		"door=HTTP(nop)":   gateway.HTTP(pass)(plain),
		"door=FromHandler": gateway.ToHandler(gateway.FromHandler(plain)),
	} {
		b.Run(name, func(b *testing.B) {
			r := browser()
			b.ReportAllocs()
			for b.Loop() {
				h.ServeHTTP(&sink{http.Header{}}, r)
			}
		})
	}
}

func TestEnvironAllocatesLittle(t *testing.T) {
	r := browser()
	cost := testing.AllocsPerRun(100, func() {
		env, err := gateway.NewEnviron(r)
		require.NoError(t, err)
		env.Value("PATH_INFO")
		env.Value("QUERY_STRING")
		env.Value("REQUEST_METHOD")
	})
	assert.LessOrEqual(t, cost, 2.0, "one for the environ, one for its settings")
}

func TestServingAnAppAllocatesLittle(t *testing.T) {
	h := gateway.ToHandler(gateway.AppFunc(hello))
	r := browser()
	cost := testing.AllocsPerRun(100, func() { h.ServeHTTP(&sink{http.Header{}}, r) })
	assert.LessOrEqual(t, cost, 21.0, "environ, settings, exchange, headers and a body")
}
