package gateway_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"go/ast"
	"go/parser"
	"go/token"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/gateway"
)

// local gives r the address that it came in at.
func local(r *http.Request, addr net.Addr) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, addr))
}

func tcp(addr string) net.Addr {
	a, err := net.ResolveTCPAddr("tcp", addr)
	if err != nil {
		panic(err)
	}
	return a
}

func with(r *http.Request, change func(*http.Request)) *http.Request {
	change(r)
	return r
}

func field(name string, values ...string) func(*http.Request) {
	return func(r *http.Request) { r.Header[name] = values }
}

const absent = "(absent)"

func TestVariablesFollowFromTheRequest(t *testing.T) {
	get := func(target string) *http.Request { return request("GET", target) }
	for _, tt := range []struct {
		name string
		r    *http.Request
		opts []gateway.Option
		want map[string]string
	}{
		{"a plain request", get("/a?b=c&d=%20"), nil, map[string]string{
			"REQUEST_METHOD": "GET", "SCRIPT_NAME": "", "PATH_INFO": "/a", "QUERY_STRING": "b=c&d=%20",
			"REQUEST_URI": "/a?b=c&d=%20", "RAW_URI": "/a?b=c&d=%20", "SERVER_PROTOCOL": "HTTP/1.1", "SERVER_SOFTWARE": "retort",
			"HTTP_HOST": "example.com", "REMOTE_ADDR": "192.0.2.1", "REMOTE_PORT": "1234",
			"CONTENT_TYPE": absent, "CONTENT_LENGTH": absent, "HTTPS": absent, "REMOTE_USER": absent, "GATEWAY_INTERFACE": absent,
		}},
		{"an escaped path becomes bytes", get("/a%2Fb%00%ff%20"), nil, map[string]string{"PATH_INFO": "/a/b\x00\xff ", "REQUEST_URI": "/a%2Fb%00%ff%20"}},
		{"a path of two slashes stays a path", get("//evil.example/x"), nil, map[string]string{"PATH_INFO": "//evil.example/x", "HTTP_HOST": "example.com"}},
		{"an absolute target has only its path", get("http://a.example/x?y"), nil, map[string]string{"PATH_INFO": "/x", "HTTP_HOST": "a.example", "REQUEST_URI": "http://a.example/x?y"}},
		{"an absolute target without a path is the root", with(get("/"), func(r *http.Request) { r.RequestURI, r.URL.Path, r.URL.Scheme = "http://a.example", "", "http" }), nil, map[string]string{"PATH_INFO": "/"}},
		{"options of the server", with(get("/"), func(r *http.Request) { r.Method, r.RequestURI, r.URL.Path = "OPTIONS", "*", "*" }), nil, map[string]string{"PATH_INFO": "", "REQUEST_METHOD": "OPTIONS"}},
		{"a mounted app", get("/app/x"), []gateway.Option{gateway.ScriptName("/app/")}, map[string]string{"SCRIPT_NAME": "/app", "PATH_INFO": "/x"}},
		{"the root of a mounted app", get("/app"), []gateway.Option{gateway.ScriptName("app")}, map[string]string{"SCRIPT_NAME": "/app", "PATH_INFO": ""}},
		{"a body with a length", request("POST", "/", "abc"), nil, map[string]string{"CONTENT_LENGTH": "3"}},
		{"a body of declared length zero", with(get("/"), field("Content-Length", "0")), nil, map[string]string{"CONTENT_LENGTH": "0", "HTTP_CONTENT_LENGTH": absent}},
		{"a chunked body", with(request("POST", "/", "abc"), func(r *http.Request) { r.ContentLength = -1 }), nil, map[string]string{"CONTENT_LENGTH": absent}},
		{"a content type", with(get("/"), field("Content-Type", "text/plain")), nil, map[string]string{"CONTENT_TYPE": "text/plain", "HTTP_CONTENT_TYPE": absent}},
		{"fields", with(get("/"), field("X-Two-Words", "a b")), nil, map[string]string{"HTTP_X_TWO_WORDS": "a b", "HTTP_x_two_words": absent, "HTTP_": absent}},
		{"a field without a value", with(get("/"), field("X-A", "")), nil, map[string]string{"HTTP_X_A": "", "HTTP_X_B": absent}},
		{"a repeated field", with(get("/"), field("X-A", "1", "2")), nil, map[string]string{"HTTP_X_A": "1,2"}},
		{"repeated cookies", with(get("/"), field("Cookie", "a=1", "b=2")), nil, map[string]string{"HTTP_COOKIE": "a=1; b=2"}},
		{"a smuggled underscore", with(get("/"), field("X_forwarded_for", "6.6.6.6")), nil, map[string]string{"HTTP_X_FORWARDED_FOR": absent}},
		{"a name of other bytes", with(get("/"), field("X!y", "1")), nil, map[string]string{"HTTP_X!Y": absent, "HTTP_X_Y": absent}},
		{"a name that is not canonical", with(get("/"), field("x-a", "1")), nil, map[string]string{"HTTP_X_A": absent}},
		{"httpoxy", with(get("/"), field("Proxy", "http://evil")), nil, map[string]string{"HTTP_PROXY": absent}},
		{"fields of the connection", with(get("/"), func(r *http.Request) {
			for _, name := range []string{"Te", "Trailer", "Transfer-Encoding", "Keep-Alive", "Proxy-Connection", "Connection", "Upgrade"} {
				r.Header.Set(name, "x")
			}
		}), nil, map[string]string{
			"HTTP_TE": absent, "HTTP_TRAILER": absent, "HTTP_TRANSFER_ENCODING": absent, "HTTP_KEEP_ALIVE": absent,
			"HTTP_PROXY_CONNECTION": absent, "HTTP_CONNECTION": "x", "HTTP_UPGRADE": "x",
		}},
		{"the local address names the server", local(get("/"), tcp("127.0.0.1:8000")), nil, map[string]string{"SERVER_NAME": "127.0.0.1", "SERVER_PORT": "8000", "HTTP_HOST": "example.com"}},
		{"an IPv6 address is bracketed", local(get("/"), tcp("[::1]:8000")), nil, map[string]string{"SERVER_NAME": "[::1]", "SERVER_PORT": "8000"}},
		{"a zone is left out", local(get("/"), &net.TCPAddr{IP: net.ParseIP("fe80::1"), Zone: "lo", Port: 1}), nil, map[string]string{"SERVER_NAME": "[fe80::1]"}},
		{"an IPv6 peer", with(get("/"), func(r *http.Request) { r.RemoteAddr = "[::1]:9" }), nil, map[string]string{"REMOTE_ADDR": "::1", "REMOTE_PORT": "9"}},
		{"a unix socket", local(with(get("/"), func(r *http.Request) { r.RemoteAddr = "@" }), &net.UnixAddr{Name: "/run/app.sock"}), nil, map[string]string{
			"SERVER_NAME": "example.com", "SERVER_PORT": "80", "REMOTE_ADDR": absent, "REMOTE_PORT": absent,
		}},
		{"a unix socket and a host with a port", with(get("/"), func(r *http.Request) { r.Host = "a.example:81" }), nil, map[string]string{"SERVER_NAME": "a.example", "SERVER_PORT": "81"}},
		{"a unix socket and no host", with(get("/"), func(r *http.Request) { r.Host = "" }), nil, map[string]string{"SERVER_NAME": "localhost", "SERVER_PORT": "80", "HTTP_HOST": absent}},
		{"HTTP/2", with(get("/"), func(r *http.Request) { r.Proto = "HTTP/2.0" }), nil, map[string]string{"SERVER_PROTOCOL": "HTTP/2"}},
		{"HTTP/3", with(get("/"), func(r *http.Request) { r.Proto = "HTTP/3.0" }), nil, map[string]string{"SERVER_PROTOCOL": "HTTP/3"}},
		{"a client's request", &http.Request{URL: get("/a").URL, Header: http.Header{}}, nil, map[string]string{"REQUEST_METHOD": "GET", "SERVER_PROTOCOL": "HTTP/1.1", "REQUEST_URI": "/a"}},
		{"TLS", with(get("/"), func(r *http.Request) {
			r.TLS = &tls.ConnectionState{Version: tls.VersionTLS13, CipherSuite: tls.TLS_AES_128_GCM_SHA256, PeerCertificates: []*x509.Certificate{{Raw: []byte("der"), Subject: pkix.Name{CommonName: "ada"}}}}
		}), nil, map[string]string{
			"HTTPS": "on", "SSL_PROTOCOL": "TLSv1.3", "SSL_CIPHER": "TLS_AES_128_GCM_SHA256", "SSL_CLIENT_S_DN": "CN=ada", "SERVER_PORT": "443",
			"SSL_CLIENT_CERT": "-----BEGIN CERTIFICATE-----\nZGVy\n-----END CERTIFICATE-----\n", "wsgi.url_scheme": "https",
		}},
		{"TLS that a proxy told of", with(get("/"), func(r *http.Request) { r.TLS = &tls.ConnectionState{} }), nil, map[string]string{
			"HTTPS": "on", "SSL_PROTOCOL": absent, "SSL_CIPHER": absent, "SSL_CLIENT_S_DN": absent, "SSL_CLIENT_CERT": absent,
		}},
		{"the deployer's variables", get("/"), []gateway.Option{gateway.Vars(map[string]string{"APP_CONFIG": "x", "SERVER_NAME": "www"})}, map[string]string{"APP_CONFIG": "x", "SERVER_NAME": "www"}},
		{"the server's values", get("/"), nil, map[string]string{
			"wsgi.version": "1.0", "wsgi.url_scheme": "http", "wsgi.multithread": "true", "wsgi.multiprocess": "false",
			"wsgi.run_once": "false", "wsgi.input_terminated": "true", "wsgi.input": absent,
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			env := environ(t, tt.r, tt.opts...)
			for _, when := range []string{"worked out one by one", "worked out together"} {
				for key, want := range tt.want {
					got, ok := env.Get(key)
					if want == absent {
						assert.Falsef(t, ok, "%s, %s is %q", when, key, got)
						continue
					}
					assert.Truef(t, ok, "%s, %s", when, key)
					assert.Equalf(t, want, got, "%s, %s", when, key)
				}
				env.Set("X", "")
			}
		})
	}
}

func TestRequestsWithoutAnEnviron(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*http.Request)
		status int
		want   string
	}{
		{"two content types", field("Content-Type", "a/b", "c/d"), 400, "gateway: the request has more than one Content-Type"},
		{"HTTP/2 without its own server", func(r *http.Request) { r.Method = "PRI" }, 505, "gateway: the client speaks HTTP/2 to an HTTP/1 server"},
		{"star for another method", func(r *http.Request) { r.RequestURI = "*" }, 400, `gateway: the request target "*" is neither a path nor an http URL`},
		{"an authority for another method", func(r *http.Request) { r.RequestURI = "x:443" }, 400, `gateway: the request target "x:443" is neither a path nor an http URL`},
		{"another scheme", func(r *http.Request) { r.RequestURI, r.URL.Scheme = "ftp://x/", "ftp" }, 400, `gateway: the request target "ftp://x/" is neither a path nor an http URL`},
		{"a fragment", func(r *http.Request) { r.RequestURI = "/a#b" }, 400, `gateway: the request target "/a#b" is neither a path nor an http URL`},
		{"a path beside the script name", func(r *http.Request) { r.URL.Path = "/apple" }, 404, `gateway: the path "/apple" is not under the script name "/app"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := with(request("GET", "/app/x"), tt.change)
			_, err := gateway.NewEnviron(r, gateway.ScriptName("/app"))
			var bad *gateway.RequestError
			require.ErrorAs(t, err, &bad)
			assert.Equal(t, tt.status, bad.Status)
			require.EqualError(t, err, tt.want)

			w := httptest.NewRecorder()
			app := answer(func() gateway.Body { panic("it is not called") })
			gateway.ToHandler(app, gateway.ScriptName("/app")).ServeHTTP(w, r)
			assert.Equal(t, tt.status, w.Code)
		})
	}
}

func TestConnectHasAnEnviron(t *testing.T) {
	env := environ(t, with(request("GET", "/"), func(r *http.Request) { r.Method, r.RequestURI, r.URL.Path = "CONNECT", "x:443", "" }))
	assert.Equal(t, "/", env.Value("PATH_INFO"))
}

func TestDocumentedVariablesAreThoseThatExist(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "doc.go", nil, parser.ParseComments|parser.PackageClauseOnly)
	require.NoError(t, err)
	_, table, ok := strings.Cut(docText(file), "can replace each of them.\n")
	require.True(t, ok)
	var documented []string
	for line := range strings.Lines(table) {
		if name, ok := strings.CutPrefix(line, "\t"); ok {
			documented = append(documented, strings.Fields(name)[0])
		}
	}
	exist := append(gateway.VariableNames(), "HTTP_*")
	assert.ElementsMatch(t, exist, documented)
}

func docText(file *ast.File) string { return file.Doc.Text() }

func TestEnvironCanBeChangedInAnyWay(t *testing.T) {
	env := environ(t, with(request("GET", "/"), field("X-A", "1")))
	env.Del("HTTP_X_A")
	env.Set("REMOTE_USER", "ada")
	assert.Empty(t, env.Value("HTTP_X_A"))
	assert.Equal(t, "ada", env.Value("REMOTE_USER"))
	assert.Equal(t, "/", env.Value("PATH_INFO"), "the others stay")

	all := maps.Collect(env.All())
	assert.Equal(t, "ada", all["REMOTE_USER"])
	assert.NotContains(t, all, "HTTP_X_A")
	var names []string
	for name := range env.All() {
		env.Del(name)
		names = append(names, name)
	}
	assert.True(t, slices.IsSorted(names))
	assert.Empty(t, maps.Collect(env.All()))
	assert.PanicsWithValue(t, `gateway: Environ.Set("wsgi.url_scheme"): the server's values are fields of Environ; assign to the field`,
		func() { env.Set("wsgi.url_scheme", "https") })
}

func TestZeroEnvironHasNothing(t *testing.T) {
	var env gateway.Environ
	assert.Empty(t, env.Value("PATH_INFO"))
	assert.NotNil(t, env.Context())
	n, err := env.Input.Read(make([]byte, 1))
	assert.Zero(t, n)
	require.Error(t, err)
	env.Set("PATH_INFO", "/")
	assert.Equal(t, "/", env.Value("PATH_INFO"))
}

func TestCloneIsIndependent(t *testing.T) {
	for _, name := range []string{"before its variables were asked for", "afterwards"} {
		env := environ(t, request("GET", "/a"))
		if name == "afterwards" {
			env.Set("X", "1")
		}
		env.Ext = map[string]any{"test.a": 1}
		c := env.Clone()
		c.Set("PATH_INFO", "/b")
		c.Ext["test.b"] = 2
		assert.Equal(t, "/a", env.Value("PATH_INFO"), name)
		assert.Equal(t, map[string]any{"test.a": 1}, env.Ext, name)
		assert.Same(t, env.Input, c.Input, name)
	}
}

type ctxKey struct{}

func TestContextIsThatOfTheRequest(t *testing.T) {
	r := request("GET", "/")
	env := environ(t, r.WithContext(context.WithValue(r.Context(), ctxKey{}, "outer")))
	assert.Equal(t, "outer", env.Context().Value(ctxKey{}))
	inner := env.WithContext(context.WithValue(env.Context(), ctxKey{}, "inner"))
	assert.Equal(t, "inner", inner.Context().Value(ctxKey{}))
	assert.Equal(t, "outer", env.Context().Value(ctxKey{}))
}

func TestPathIsText(t *testing.T) {
	env := environ(t, request("GET", "/%ff%C3%A4"))
	assert.Equal(t, "/\xff\u00e4", env.Value("PATH_INFO"))
	assert.Equal(t, "/\uFFFD\u00e4", env.Path())
}

func TestErrorStreamIsTheLog(t *testing.T) {
	var buf bytes.Buffer
	plain := slog.New(slog.NewTextHandler(&buf, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
	env := environ(t, request("GET", "/"), gateway.Logger(plain))
	n, err := env.Errors.Write([]byte("one\r\ntwo\xff"))
	require.NoError(t, err)
	assert.Equal(t, 9, n)
	require.NoError(t, env.Errors.Flush())
	assert.Equal(t, "level=ERROR msg=one\nlevel=ERROR msg=\"two\uFFFD\"\n", buf.String())
}

func TestURLIsPutTogetherAgain(t *testing.T) {
	for _, tt := range []struct {
		name string
		vars map[string]string
		tls  bool
		want string
	}{
		{"host field", map[string]string{"HTTP_HOST": "a.example:80", "SERVER_NAME": "b", "SERVER_PORT": "1", "PATH_INFO": "/x"}, false, "http://a.example:80/x"},
		{"server name and its own port", map[string]string{"SERVER_NAME": "a", "SERVER_PORT": "80", "PATH_INFO": "/"}, false, "http://a/"},
		{"server name and another port", map[string]string{"SERVER_NAME": "a", "SERVER_PORT": "443", "PATH_INFO": "/"}, false, "http://a:443/"},
		{"TLS and its own port", map[string]string{"SERVER_NAME": "a", "SERVER_PORT": "443", "PATH_INFO": "/"}, true, "https://a/"},
		{"TLS and another port", map[string]string{"SERVER_NAME": "a", "SERVER_PORT": "80", "PATH_INFO": "/"}, true, "https://a:80/"},
		{"IPv6", map[string]string{"SERVER_NAME": "[::1]", "SERVER_PORT": "8000", "PATH_INFO": "/"}, false, "http://[::1]:8000/"},
		{"bytes are quoted", map[string]string{"SERVER_NAME": "a", "SCRIPT_NAME": "/\u00e4", "PATH_INFO": "/b c?d;e=f,~%"}, false, "http://a/%C3%A4/b%20c%3Fd;e=f,~%25"},
		{"query string", map[string]string{"SERVER_NAME": "a", "PATH_INFO": "/", "QUERY_STRING": "x=%20"}, false, "http://a/?x=%20"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var env gateway.Environ
			if tt.tls {
				env.URLScheme = "https"
			}
			for k, v := range tt.vars {
				env.Set(k, v)
			}
			assert.Equal(t, tt.want, env.URL())
		})
	}
}

// The two ways to a variable, one by one and all together, agree on every key.
func FuzzVariable(f *testing.F) {
	for _, key := range gateway.VariableNames() {
		f.Add(key, "X-A", "v")
	}
	f.Add("HTTP_X__A", "X--A", "v")
	f.Add("HTTP_X_A", "X_A", "v")
	f.Add("HTTP_HOST", "Host", "v")
	f.Fuzz(func(t *testing.T, key, name, value string) {
		r := with(request("GET", "/"), field(name, value))
		one := environ(t, r)
		together := environ(t, r)
		together.Del("no such variable")
		got, ok := one.Get(key)
		want, there := together.Get(key)
		assert.Equal(t, there, ok)
		assert.Equal(t, want, got)
	})
}
