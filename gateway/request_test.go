package gateway_test

import (
	"crypto/tls"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/gateway"
)

// rebuilt gives the request of env.
func rebuilt(t testing.TB, env *gateway.Environ) *http.Request {
	t.Helper()
	r, err := env.Request()
	require.NoError(t, err)
	return r
}

func TestRequestComesBackAsItWas(t *testing.T) {
	r := request("POST", "/a%2Fb?c=d", "body")
	r.Header = http.Header{"X-A": {"1", "2"}, "X_b": {"3"}, "Te": {"trailers"}, "Cookie": {"a=1", "b=2"}}
	for _, name := range []string{"unchanged", "with other variables changed"} {
		t.Run(name, func(t *testing.T) {
			env := environ(t, r)
			if name != "unchanged" {
				env.Set("REMOTE_USER", "ada")
			}
			got := rebuilt(t, env)
			assert.Equal(t, r.Method, got.Method)
			assert.Equal(t, r.URL, got.URL)
			assert.Equal(t, r.RequestURI, got.RequestURI)
			assert.Equal(t, r.Host, got.Host)
			assert.Equal(t, r.Header, got.Header)
			assert.Equal(t, r.RemoteAddr, got.RemoteAddr)
			assert.Equal(t, r.Proto, got.Proto)
			assert.Equal(t, r.ContentLength, got.ContentLength)
			got.Header.Set("X-A", "changed")
			assert.Equal(t, []string{"1", "2"}, r.Header["X-A"], "the request is a copy")
		})
	}
}

func TestRequestFollowsTheVariables(t *testing.T) {
	env := environ(t, with(request("GET", "/a%2Fb?c"), func(r *http.Request) {
		r.Header = http.Header{"X-Keep": {"1", "2"}, "X-Gone": {"1"}, "X-Set": {"1", "2"}}
	}))
	for key, value := range map[string]string{
		"REQUEST_METHOD": "PUT", "PATH_INFO": "/x y", "QUERY_STRING": "z", "HTTP_HOST": "b.example", "HTTP_X_SET": "3", "HTTP_NEW_ONE": "4",
		"CONTENT_TYPE": "text/plain", "CONTENT_LENGTH": "7", "SERVER_PROTOCOL": "HTTP/2", "REMOTE_ADDR": "::1", "REMOTE_PORT": "5",
	} {
		env.Set(key, value)
	}
	env.Del("HTTP_X_GONE")
	env.URLScheme = "https"
	r := rebuilt(t, env)
	assert.Equal(t, "PUT", r.Method)
	assert.Equal(t, &url.URL{Path: "/x y", RawQuery: "z"}, r.URL)
	assert.Equal(t, "/a%2Fb?c", r.RequestURI, "the target stays what the client sent")
	assert.Equal(t, "b.example", r.Host)
	assert.Equal(t, http.Header{
		"X-Keep": {"1", "2"}, "X-Set": {"3"}, "New-One": {"4"}, "Content-Type": {"text/plain"}, "Content-Length": {"7"},
	}, r.Header)
	assert.Equal(t, "HTTP/2.0", r.Proto)
	assert.True(t, r.ProtoAtLeast(2, 0))
	assert.Equal(t, "[::1]:5", r.RemoteAddr)
	assert.EqualValues(t, 7, r.ContentLength)
	assert.NotNil(t, r.TLS)
}

func TestRequestOfAnEnvironFilledByHand(t *testing.T) {
	var env gateway.Environ
	for key, value := range map[string]string{
		"REQUEST_METHOD": "POST", "SCRIPT_NAME": "/app", "PATH_INFO": "/a/b", "QUERY_STRING": "c", "REQUEST_URI": "/app/a%2Fb?c",
		"SERVER_NAME": "localhost", "SERVER_PORT": "81", "SERVER_PROTOCOL": "HTTP/1.0", "REMOTE_ADDR": "10.0.0.1", "HTTP_COOKIE": "a=1",
	} {
		env.Set(key, value)
	}
	env.Input = gateway.NewInput(strings.NewReader("abcd and the next request"), 4)
	r := rebuilt(t, &env)
	assert.Equal(t, &url.URL{Path: "/a/b", RawPath: "/a%2Fb", RawQuery: "c"}, r.URL)
	assert.Equal(t, "/app", gateway.ScriptNameOf(r))
	assert.Equal(t, "localhost:81", r.Host)
	assert.Equal(t, "10.0.0.1:0", r.RemoteAddr)
	assert.EqualValues(t, 4, r.ContentLength)
	assert.Nil(t, r.TLS)
	_, err := r.Cookie("a")
	require.NoError(t, err)
	body, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	assert.Equal(t, "abcd", string(body))
	require.NoError(t, r.Body.Close())
	_, err = r.Body.Read(make([]byte, 1))
	require.ErrorIs(t, err, http.ErrBodyReadAfterClose)

	env.Del("REQUEST_URI")
	assert.Equal(t, "/app/a/b?c", rebuilt(t, &env).RequestURI)
	env.Set("REQUEST_URI", "*")
	env.Set("PATH_INFO", "")
	env.Del("REMOTE_ADDR")
	star := rebuilt(t, &env)
	assert.Equal(t, "*", star.URL.Path)
	assert.Empty(t, star.RemoteAddr)
}

func TestVariablesThatMakeNoRequest(t *testing.T) {
	for key, want := range map[string]string{
		"REQUEST_METHOD":  `gateway: the variable REQUEST_METHOD has the unusable value "a b"`,
		"SERVER_PROTOCOL": `gateway: the variable SERVER_PROTOCOL has the unusable value "a b"`,
		"CONTENT_LENGTH":  `gateway: the variable CONTENT_LENGTH has the unusable value "a b"`,
	} {
		env := environ(t, request("GET", "/"))
		env.Set(key, "a b")
		_, err := env.Request()
		require.EqualError(t, err, want)
		var bad *gateway.RequestError
		require.ErrorAs(t, err, &bad)
		assert.Equal(t, http.StatusBadRequest, bad.Status)
	}
}

func TestScriptNameComesThroughAGatewayAndBack(t *testing.T) {
	for target, want := range map[string]*url.URL{
		"/app/a%2Fb":   {Path: "/a/b", RawPath: "/a%2Fb"},
		"/%61pp/a%2Fb": {Path: "/a/b"},
		"/app":         {},
	} {
		first := rebuilt(t, environ(t, request("GET", target), gateway.ScriptName("/app")))
		assert.Equal(t, want, first.URL, target)
		assert.Equal(t, "/app", gateway.ScriptNameOf(first))
		second := environ(t, first)
		assert.Equal(t, "/app", second.Value("SCRIPT_NAME"))
		assert.Equal(t, want.Path, second.Value("PATH_INFO"))

		second.Set("SCRIPT_NAME", "")
		assert.Empty(t, gateway.ScriptNameOf(rebuilt(t, second)), "a middleware's word counts")
	}
	assert.Empty(t, gateway.ScriptNameOf(request("GET", "/")))
}

func TestScriptNameOfCodeThatTakesAPrefixOff(t *testing.T) {
	r := gateway.WithScriptName(request("GET", "/b"), "/a")
	assert.Equal(t, "/a", gateway.ScriptNameOf(r))
	env := environ(t, r)
	assert.Equal(t, "/a", env.Value("SCRIPT_NAME"))
	assert.Equal(t, "http://example.com/a/b", env.URL())
	below := environ(t, gateway.WithScriptName(request("GET", "/b/c"), "/a"), gateway.ScriptName("/b"))
	assert.Equal(t, "/a/b", below.Value("SCRIPT_NAME"))
	assert.Equal(t, "/c", below.Value("PATH_INFO"))
}

func TestRequestKeepsItsTLS(t *testing.T) {
	r := with(request("GET", "/"), func(r *http.Request) { r.TLS = &tls.ConnectionState{Version: tls.VersionTLS13} })
	assert.Same(t, r.TLS, rebuilt(t, environ(t, r)).TLS)
	env := environ(t, r)
	env.URLScheme = "http"
	assert.Nil(t, rebuilt(t, env).TLS)
}

func TestRequestBodyHasTheConnectionsErrors(t *testing.T) {
	r := request("POST", "/", "more than four")
	r.Body = http.MaxBytesReader(httptest.NewRecorder(), r.Body, 4)
	_, err := io.ReadAll(rebuilt(t, environ(t, r)).Body)
	_, plain := err.(*http.MaxBytesError)
	assert.True(t, plain, "code that does not unwrap finds it too")
}

func TestRequestWithoutABody(t *testing.T) {
	r := rebuilt(t, environ(t, with(request("GET", "/"), func(r *http.Request) { r.Body = http.NoBody })))
	assert.Equal(t, http.NoBody, r.Body)
	assert.Zero(t, r.ContentLength)
	r = rebuilt(t, environ(t, with(request("GET", "/"), func(r *http.Request) { r.Body = nil })))
	assert.Equal(t, http.NoBody, r.Body)
}

func TestReplacedInputIsTheBody(t *testing.T) {
	env := environ(t, request("POST", "/", "abc"))
	env.Input = gateway.NewInput(strings.NewReader("ABCDE"), -1)
	env.Del("CONTENT_LENGTH")
	r := rebuilt(t, env)
	assert.EqualValues(t, -1, r.ContentLength)
	body, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	assert.Equal(t, "ABCDE", string(body))
}

// A request that became an environ and a request again has the same method,
// path bytes, query, host and headers, whether or not all variables were worked
// out on the way; and an environ made of that has the same variables.
func FuzzRequestRoundTrip(f *testing.F) {
	f.Add("GET", "/a%2Fb", "c=d", "example.com", "X-A", "1", "2")
	f.Add("POST", "//evil", "", "[::1]:80", "Cookie", "a=1", "b=2")
	f.Add("OPTIONS", "*", "", "", "X_a", "", "")
	f.Add("get", "/%00%ff", "&&", "a:99999", "Content-Type", "a", "")
	f.Add("CONNECT", "/", "?", "h", "Te", "trailers", "")
	f.Fuzz(func(t *testing.T, method, path, query, host, name, one, two string) {
		target := path
		if query != "" {
			target += "?" + query
		}
		u, err := url.ParseRequestURI(target)
		if err != nil {
			return // no server passes such a target on
		}
		r := &http.Request{
			Method: method, URL: u, RequestURI: target, Host: host, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
			RemoteAddr: "192.0.2.1:1", Header: http.Header{http.CanonicalHeaderKey(name): {one, two}},
		}
		env, err := gateway.NewEnviron(r)
		if err != nil {
			return
		}
		checkRoundTrip(t, r, rebuilt(t, env))
		env.Set("TEST", "all variables are worked out")
		env.Set("CONTENT_LENGTH", "0")
		env.Del("CONTENT_LENGTH")
		if method == "" {
			return // net/http's GET, which the variable spells out
		}
		again := rebuilt(t, env)
		checkRoundTrip(t, r, again)
		back := environ(t, again)
		for key, want := range env.All() {
			if key != "TEST" {
				assert.Equal(t, want, back.Value(key), key)
			}
		}
	})
}

func checkRoundTrip(t *testing.T, want, got *http.Request) {
	t.Helper()
	assert.Equal(t, want.Method, got.Method)
	assert.Equal(t, want.URL, got.URL)
	assert.Equal(t, want.RequestURI, got.RequestURI)
	assert.Equal(t, want.Header, got.Header)
	if want.Host != "" {
		assert.Equal(t, want.Host, got.Host)
	}
}
