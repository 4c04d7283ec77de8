package middleware_test

import (
	"bytes"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/gateway"
	"github.com/retort-go/retort/middleware"
)

// seen is what the handler behind ProxyFix sees of a request.
func seen(mw func(http.Handler) http.Handler, peer string, header http.Header) (line string, original *middleware.Forwarded) {
	r := httptest.NewRequest("GET", "/x?q=1", nil)
	r.Host, r.RemoteAddr, r.Header = "in.test:5000", peer, header
	mw(http.HandlerFunc(func(_ http.ResponseWriter, f *http.Request) {
		line = strings.Join([]string{f.RemoteAddr, f.URL.Scheme, f.Host, gateway.ScriptNameOf(f), f.URL.RequestURI()}, " ")
		original = middleware.ForwardedFrom(f.Context())
	})).ServeHTTP(httptest.NewRecorder(), r)
	return line, original
}

func TestProxyFix(t *testing.T) {
	all := middleware.ProxyFixOptions{For: 1, Proto: 1, Host: 1, Port: 1, Prefix: 1}
	two := middleware.ProxyFixOptions{For: 2, Host: 2}
	for _, tt := range []struct {
		name   string
		o      middleware.ProxyFixOptions
		header http.Header
		want   string
	}{
		{"no fields", all, http.Header{}, "10.0.0.1:80  in.test:5000  /x?q=1"},
		{"everything", all, http.Header{"X-Forwarded-For": {"9.9.9.9"}, "X-Forwarded-Proto": {"https"}, "X-Forwarded-Host": {"fw.test"}, "X-Forwarded-Port": {"444"}, "X-Forwarded-Prefix": {"/p"}},
			"9.9.9.9:0 https fw.test:444 /p /x?q=1"},
		{"nothing is asked for", middleware.ProxyFixOptions{}, http.Header{"X-Forwarded-For": {"9.9.9.9"}, "X-Forwarded-Host": {"evil.test"}}, "10.0.0.1:80  in.test:5000  /x?q=1"},
		{"the client's own values are on the left", all, http.Header{"X-Forwarded-For": {"6.6.6.6, 1.1.1.1"}}, "1.1.1.1:0  in.test:5000  /x?q=1"},
		{"several fields are one list", two, http.Header{"X-Forwarded-For": {"6.6.6.6", "1.1.1.1", "2.2.2.2"}}, "1.1.1.1:0  in.test:5000  /x?q=1"},
		{"fewer values than proxies", two, http.Header{"X-Forwarded-For": {"1.1.1.1"}, "X-Forwarded-Host": {"fw.test"}}, "10.0.0.1:80  in.test:5000  /x?q=1"},
		{"a quote that the client does not close", all, http.Header{"X-Forwarded-For": {`", 1.1.1.1`}, "X-Forwarded-Proto": {`"http, https`}}, "1.1.1.1:0 https in.test:5000  /x?q=1"},
		{"a quote over two fields", two, http.Header{"X-Forwarded-For": {`"6.6.6.6`, "1.1.1.1, 2.2.2.2"}}, "1.1.1.1:0  in.test:5000  /x?q=1"},
		{"a backslash of the client", all, http.Header{"X-Forwarded-For": {`"\\, 1.1.1.1`}}, "1.1.1.1:0  in.test:5000  /x?q=1"},
		{"the proxy has nothing to say", all, http.Header{"X-Forwarded-For": {"6.6.6.6, "}}, "10.0.0.1:80  in.test:5000  /x?q=1"},
		{"an empty value", all, http.Header{"X-Forwarded-For": {" , "}}, "10.0.0.1:80  in.test:5000  /x?q=1"},
		{"a port in the place of another", all, http.Header{"X-Forwarded-Host": {"fw.test:80"}, "X-Forwarded-Port": {"81"}}, "10.0.0.1:80  fw.test:81  /x?q=1"},
		{"a port after an IPv6 address", all, http.Header{"X-Forwarded-Host": {"[::1]"}, "X-Forwarded-Port": {"81"}}, "10.0.0.1:80  [::1]:81  /x?q=1"},
		{"an address with its port", all, http.Header{"X-Forwarded-For": {"1.1.1.1:99"}}, "1.1.1.1:99  in.test:5000  /x?q=1"},
		{"an IPv6 address", all, http.Header{"X-Forwarded-For": {"2001:db8::1"}}, "[2001:db8::1]:0  in.test:5000  /x?q=1"},
		{"an IPv6 address in brackets", all, http.Header{"X-Forwarded-For": {"[2001:db8::1]"}}, "[2001:db8::1]  in.test:5000  /x?q=1"},
		{"a value in quotes", all, http.Header{"X-Forwarded-For": {`"2001:db8::1"`}}, "[2001:db8::1]:0  in.test:5000  /x?q=1"},
		{"an IPv6 address with its port", all, http.Header{"X-Forwarded-For": {"[2001:db8::1]:99"}}, "[2001:db8::1]:99  in.test:5000  /x?q=1"},
		{"what is no address", all, http.Header{"X-Forwarded-For": {"unknown"}}, "unknown  in.test:5000  /x?q=1"},
		{"a port that is none", all, http.Header{"X-Forwarded-Host": {"fw.test"}, "X-Forwarded-Port": {"80/evil"}}, "10.0.0.1:80  fw.test  /x?q=1"},
		{"a prefix with a slash at its end", all, http.Header{"X-Forwarded-Prefix": {"/p/"}}, "10.0.0.1:80  in.test:5000 /p /x?q=1"},
		{"the root as a prefix", all, http.Header{"X-Forwarded-Prefix": {"/"}}, "10.0.0.1:80  in.test:5000  /x?q=1"},
		{"a scheme that is none", all, http.Header{"X-Forwarded-Proto": {"javascript"}}, "10.0.0.1:80  in.test:5000  /x?q=1"},
		{"a prefix that is a host", all, http.Header{"X-Forwarded-Prefix": {"//evil.test"}}, "10.0.0.1:80  in.test:5000  /x?q=1"},
		{"a prefix with a backslash", all, http.Header{"X-Forwarded-Prefix": {`/\evil.test`}}, "10.0.0.1:80  in.test:5000  /x?q=1"},
		{"a prefix that is no path", all, http.Header{"X-Forwarded-Prefix": {"evil"}}, "10.0.0.1:80  in.test:5000  /x?q=1"},
	} {
		tt.o.Logger = slog.New(slog.DiscardHandler)
		line, original := seen(middleware.ProxyFixWith(tt.o), "10.0.0.1:80", tt.header)
		assert.Equal(t, tt.want, line, tt.name)
		require.NotNil(t, original, tt.name)
		assert.Equal(t, middleware.Forwarded{RemoteAddr: "10.0.0.1:80", Host: "in.test:5000"}, *original, tt.name)
	}
	line, _ := seen(middleware.ProxyFix(), "10.0.0.1:80", http.Header{"X-Forwarded-For": {"9.9.9.9"}, "X-Forwarded-Proto": {"https"}, "X-Forwarded-Host": {"evil.test"}, "X-Forwarded-Prefix": {"/p"}})
	assert.Equal(t, "9.9.9.9:0 https in.test:5000  /x?q=1", line, "the default is the address and the scheme")
}

func TestProxyFixBelievesTrustedPeersOnly(t *testing.T) {
	var log bytes.Buffer
	mw := middleware.ProxyFixWith(middleware.ProxyFixOptions{
		For: 1, Trusted: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")},
		Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{ReplaceAttr: withoutTime})),
	})
	header := http.Header{"X-Forwarded-For": {"9.9.9.9"}}
	for peer, trusted := range map[string]bool{
		"10.1.2.3:80": true, "[::ffff:10.1.2.3]:80": true, "[fd00::1%eth0]:80": true, "@": true, "": true, "/run/app.sock": true,
		"11.0.0.1:80": false, "[::1]:80": false, "proxy.test:80": false,
	} {
		line, original := seen(mw, peer, header)
		assert.Equal(t, trusted, strings.HasPrefix(line, "9.9.9.9:0 "), peer)
		assert.Equal(t, trusted, original != nil, peer)
	}

	log.Reset()
	h := mw(http.NotFoundHandler())
	for range 3 {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr, r.Header = "11.0.0.1:80", header
		h.ServeHTTP(httptest.NewRecorder(), r)
	}
	assert.Equal(t, `level=WARN msg="a request has the field X-Forwarded-For, which is not believed, because its peer is no trusted proxy; `+
		`if it is one of yours, add its network to ProxyFixOptions.Trusted" peer=11.0.0.1:80`+"\n", log.String(), "once")
}

func TestProxyFixTellsWhatItsProxyDoesNotSet(t *testing.T) {
	for _, tt := range []struct {
		name   string
		o      middleware.ProxyFixOptions
		header http.Header
		want   string
	}{
		{"what is expected", middleware.ProxyFixOptions{For: 2, Proto: 1}, http.Header{"X-Forwarded-For": {"1.1.1.1", "2.2.2.2"}, "X-Forwarded-Proto": {"https"}, "Forwarded": {"for=1.1.1.1"}}, ""},
		{"more than is expected", middleware.ProxyFixOptions{For: 1}, http.Header{"X-Forwarded-For": {"1.1.1.1, 2.2.2.2"}, "X-Forwarded-Host": {"a"}}, ""},
		{"nothing, as of a health check", middleware.ProxyFixOptions{For: 1}, http.Header{}, ""},
		{"a proxy too few", middleware.ProxyFixOptions{For: 2, Proto: 1}, http.Header{"X-Forwarded-For": {"1.1.1.1"}},
			`level=WARN msg="a request has the field X-Forwarded-For with 1 of the 2 values that the proxies should have set, so it is not believed; if there are fewer proxies, ProxyFixOptions.For is too large" peer=10.0.0.1:80` + "\n"},
		{"the standard field", middleware.ProxyFixOptions{For: 1, Proto: 1}, http.Header{"Forwarded": {"for=1.1.1.1;proto=https"}},
			`level=WARN msg="a request has the field Forwarded, which ProxyFix does not read; have the proxy set X-Forwarded-For and X-Forwarded-Proto" peer=10.0.0.1:80` + "\n"},
	} {
		var log bytes.Buffer
		tt.o.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{ReplaceAttr: withoutTime}))
		h := middleware.ProxyFixWith(tt.o)(http.NotFoundHandler())
		for range 3 {
			r := httptest.NewRequest("GET", "/", nil)
			r.RemoteAddr, r.Header = "10.0.0.1:80", tt.header
			h.ServeHTTP(httptest.NewRecorder(), r)
		}
		assert.Equal(t, tt.want, log.String(), tt.name)
	}
}

// A client that writes a scheme into its target has said nothing.
func TestAnAbsoluteTargetBehindProxyFix(t *testing.T) {
	app := retort.New("absolute")
	app.Get("/")(func(c *retort.Context) string { return c.Request.Scheme() })
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	for _, tt := range []struct {
		name  string
		o     middleware.ProxyFixOptions
		field string
		want  string
	}{
		{"no proxy says anything", middleware.ProxyFixOptions{Proto: 1}, "", "http"},
		{"the proxy says so", middleware.ProxyFixOptions{Proto: 1}, "https", "https"},
		{"what the proxy says is not asked", middleware.ProxyFixOptions{For: 1}, "https", "http"},
		{"it is no proxy", middleware.ProxyFixOptions{Proto: 1, Trusted: trusted}, "https", "http"},
	} {
		r := httptest.NewRequest("GET", "https://example.com/", nil)
		r.TLS, r.RemoteAddr = nil, "11.0.0.1:80"
		if tt.field != "" {
			r.Header.Set("X-Forwarded-Proto", tt.field)
		}
		tt.o.Logger = slog.New(slog.DiscardHandler)
		w := httptest.NewRecorder()
		middleware.ProxyFixWith(tt.o)(app).ServeHTTP(w, r)
		assert.Equal(t, tt.want, w.Body.String(), tt.name)
	}
}

func withoutTime(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}

func TestProxyFixRefusesNumbersBelowZero(t *testing.T) {
	assert.PanicsWithValue(t, "middleware: ProxyFix: Host is -1; it is the number of proxies that set the field, 0 for none", func() {
		middleware.ProxyFixWith(middleware.ProxyFixOptions{Host: -1})
	})
}

// What stands behind ProxyFix sees the same, whether it is net/http or a gateway.
func TestAGatewayBehindProxyFix(t *testing.T) {
	var vars map[string]string
	app := gateway.AppFunc(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		vars = maps.Collect(env.All())
		vars["URL"], vars["scheme"] = env.URL(), env.URLScheme
		_, err := start("204 No Content", nil, nil)
		return gateway.Empty(), err
	})
	r := httptest.NewRequest("GET", "/x", nil)
	r.Header = http.Header{"X-Forwarded-For": {"9.9.9.9"}, "X-Forwarded-Proto": {"https"}, "X-Forwarded-Host": {"fw.test"}, "X-Forwarded-Prefix": {"/p/"}}
	mw := middleware.ProxyFixWith(middleware.ProxyFixOptions{For: 1, Proto: 1, Host: 1, Prefix: 1})
	mw(middleware.Dispatcher(map[string]http.Handler{"/x": gateway.ToHandler(app)})(nil)).ServeHTTP(httptest.NewRecorder(), r)
	assert.Equal(t, "https://fw.test/p/x", vars["URL"])
	assert.Equal(t, "9.9.9.9", vars["REMOTE_ADDR"])
	assert.NotContains(t, vars, "REMOTE_PORT", "it is not known")
	assert.Equal(t, "/p/x", vars["SCRIPT_NAME"])

	r = httptest.NewRequest("GET", "https://evil.test/x", nil)
	r.TLS = nil
	gateway.ToHandler(app).ServeHTTP(httptest.NewRecorder(), r)
	assert.Equal(t, "http", vars["scheme"], "a client does not say it")
}

// Whatever the fields hold, the prefix cannot lead a redirect to another host.
func FuzzProxyFix(f *testing.F) {
	f.Add("9.9.9.9, 8.8.8.8", "https", "a.test:1", "80", "/p")
	f.Add(`"`, "", "[::1", "x", "//evil.test")
	f.Fuzz(func(t *testing.T, addr, proto, host, port, prefix string) {
		mw := middleware.ProxyFixWith(middleware.ProxyFixOptions{For: 1, Proto: 1, Host: 1, Port: 1, Prefix: 1})
		r := httptest.NewRequest("GET", "/x", nil)
		r.Header = http.Header{"X-Forwarded-For": {addr}, "X-Forwarded-Proto": {proto}, "X-Forwarded-Host": {host}, "X-Forwarded-Port": {port}, "X-Forwarded-Prefix": {prefix}}
		mw(http.HandlerFunc(func(_ http.ResponseWriter, f *http.Request) {
			root := gateway.ScriptNameOf(f)
			assert.False(t, strings.HasPrefix(root, "//") || strings.Contains(root, `\`), root)
			assert.Contains(t, []string{"", "http", "https", "ws", "wss"}, f.URL.Scheme)
			assert.Equal(t, "/x", f.URL.Path)
		})).ServeHTTP(httptest.NewRecorder(), r)
	})
}
