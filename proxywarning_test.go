package retort_test

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/middleware"
)

func TestAProxyThatNobodyHasAskedAboutIsLoggedOnce(t *testing.T) {
	const warning = `level=WARN msg="a request has the field %s, which is not believed, because any client can send it; ` +
		`if it comes from a proxy of yours, put middleware.ProxyFix in front of the app: then address, scheme and URLs are those that the client has used" peer=192.0.2.1:1234` + "\n"
	for _, tt := range []struct {
		name, path, field, value string
		use                      func(http.Handler) http.Handler
		tls                      *tls.ConnectionState
		want                     string
	}{
		{name: "the address of the peer", path: "/addr", field: "X-Forwarded-For", value: "9.9.9.9", want: "X-Forwarded-For"},
		{name: "the scheme", path: "/scheme", field: "X-Forwarded-Proto", value: "https", want: "X-Forwarded-Proto"},
		{name: "a URL", path: "/url", field: "X-Forwarded-Proto", value: "https", want: "X-Forwarded-Proto"},
		{name: "a proxy that says what is so", path: "/scheme", field: "X-Forwarded-Proto", value: "http"},
		{name: "over TLS", path: "/scheme", field: "X-Forwarded-Proto", value: "https", tls: &tls.ConnectionState{}},
		{name: "what the view does not ask", path: "/addr", field: "X-Forwarded-Proto", value: "https"},
		{name: "a view that asks nothing", path: "/", field: "X-Forwarded-For", value: "9.9.9.9"},
		{name: "behind ProxyFix", path: "/addr", field: "X-Forwarded-For", value: "9.9.9.9", use: middleware.ProxyFix()},
		{name: "behind ProxyFix that looks at something else", path: "/addr", field: "X-Forwarded-For", value: "9.9.9.9", use: middleware.ProxyFixWith(middleware.ProxyFixOptions{Proto: 1})},
		{name: "behind ProxyFix that does not trust the peer, and says so itself", path: "/scheme", field: "X-Forwarded-Proto", value: "https",
			use: middleware.ProxyFixWith(middleware.ProxyFixOptions{Proto: 1, Trusted: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, Logger: slog.New(slog.DiscardHandler)})},
	} {
		var log bytes.Buffer
		app := retort.New("proxied")
		app.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey || a.Key == "request_id" {
				return slog.Attr{}
			}
			return a
		}}))
		app.Get("/")(func() string { return "" })
		app.Get("/addr")(func(c *retort.Context) string { return c.Request.RemoteAddr() })
		app.Get("/scheme")(func(c *retort.Context) string { return c.Request.Scheme() })
		app.Get("/url", retort.Endpoint("url"))(func(c *retort.Context) string { return c.URLFor("url", retort.External()) })
		if tt.use != nil {
			app.Use(tt.use)
		}
		for range 3 {
			r := httptest.NewRequest("GET", tt.path, nil)
			r.TLS = tt.tls
			r.Header.Set(tt.field, tt.value)
			app.ServeHTTP(httptest.NewRecorder(), r)
		}
		want := ""
		if tt.want != "" {
			want = fmt.Sprintf(warning, tt.want)
		}
		assert.Equal(t, want, log.String(), tt.name)
	}
}
