package middleware_test

import (
	"bytes"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"runtime/pprof"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/gateway"
	"github.com/retort-go/retort/gateway/gatewaytest"
	"github.com/retort-go/retort/middleware"
)

// Each middleware keeps the rules of the middle: between two of gateway.Lint, over
// apps that answer in every way there is.
func TestTheContractOfMiddleware(t *testing.T) {
	quiet := slog.New(slog.DiscardHandler)
	for name, mw := range map[string]func(http.Handler) http.Handler{
		"AccessLog":  middleware.AccessLog(quiet),
		"Compress":   middleware.Compress(middleware.CompressOptions{}),
		"CORS":       middleware.CORS(middleware.CORSOptions{Origins: []string{site}, Credentials: true}),
		"Dispatcher": middleware.Dispatcher(map[string]http.Handler{"/elsewhere": http.NotFoundHandler()}),
		"Dispatcher, below its prefix": func(next http.Handler) http.Handler {
			return middleware.Dispatcher(map[string]http.Handler{"/a": next})(next)
		},
		"ProxyFix":                   middleware.ProxyFixWith(middleware.ProxyFixOptions{For: 1, Proto: 1, Host: 1, Port: 1, Prefix: 1}),
		"ProxyFix, of a client":      middleware.ProxyFixWith(middleware.ProxyFixOptions{For: 1, Trusted: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, Logger: quiet}),
		"RequestID":                  middleware.RequestID(),
		"SharedData":                 middleware.SharedData(map[string]fs.FS{"/static": fstest.MapFS{"a.css": {Data: []byte("a{}")}}}),
		"Timeout":                    middleware.Timeout(time.Minute),
		"http.CrossOriginProtection": func(next http.Handler) http.Handler { return http.NewCrossOriginProtection().Handler(next) },
		"all of them": func(next http.Handler) http.Handler {
			for _, mw := range []func(http.Handler) http.Handler{
				middleware.Timeout(time.Minute), middleware.Compress(middleware.CompressOptions{}), middleware.SharedData(nil), middleware.RequestID(),
				middleware.CORS(middleware.CORSOptions{Origins: []string{"*"}}), middleware.AccessLog(quiet), middleware.ProxyFix(),
			} {
				next = mw(next)
			}
			return next
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			gatewaytest.TestMiddleware(t, gatewaytest.Middleware{Name: name, Wrap: gatewaytest.NetHTTP(mw)})
		})
	}
}

// A profile takes a tenth of a second to write, so that only a part of the
// contract is tried with one; all of it is tried beside another, when none can be
// made.
func TestTheContractOfProfiler(t *testing.T) {
	subject := gatewaytest.Middleware{Wrap: gatewaytest.NetHTTP(middleware.Profiler(t.TempDir()))}
	for _, r := range gatewaytest.CheckMiddleware(subject, "M7", "M8", "M9") {
		assert.False(t, r.Failed(), "%s", r)
	}
	require.NoError(t, pprof.StartCPUProfile(new(bytes.Buffer)))
	defer pprof.StopCPUProfile()
	gatewaytest.TestMiddleware(t, subject)
}

// A middleware that compresses changes the body, and nothing else about it.
func TestTheContractOfACompressedApp(t *testing.T) {
	for _, coding := range []string{"gzip", "br", "zstd"} {
		gatewaytest.TestMiddleware(t, gatewaytest.Middleware{
			Name: coding, Wrap: gatewaytest.NetHTTP(middleware.Compress(middleware.CompressOptions{MinSize: -1})),
			Requests: []*gatewaytest.Request{{Header: gateway.Headers{{"Accept-Encoding", coding}}}},
			Exceptions: []gatewaytest.Exception{
				{Check: "M10/response", Reason: "the bytes of the body are others, and so its length and its tag"},
			},
		})
	}
}
