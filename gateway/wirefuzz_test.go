package gateway_test

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/gateway"
	"github.com/retort-go/retort/internal/fastcgi"
	"github.com/retort-go/retort/internal/uwsgi"
)

// FuzzWireEnviron: whatever the variables of a request are, there is an answer,
// and what reaches the app can be used: a path that is one, and a request of
// net/http with the same path.
func FuzzWireEnviron(f *testing.F) {
	f.Add("GET", "/a%20b?q", "", "/a b", "4", "HTTP/1.1")
	f.Add("GET", "/app//x", "/app", "/app/x", "", "HTTP/2.0")
	f.Add("OPTIONS", "*", "", "*", "", "HTTP/1.0")
	f.Add("GET", "http://h", "/", "", "", "")
	f.Add("GET", "", "/script", "", "-1", "HTTP/9")
	f.Add("GET", "/%C3%A4", "/ä", "/%C3%A4", "", "HTTP/1.1")
	f.Add("", "0", "", "0", "0", "\x00")
	f.Fuzz(func(t *testing.T, method, target, script, info, length, protocol string) {
		environ := []string{
			"REQUEST_METHOD=" + method, "REQUEST_URI=" + target, "SCRIPT_NAME=" + script, "PATH_INFO=" + info,
			"CONTENT_LENGTH=" + length, "SERVER_PROTOCOL=" + protocol,
		}
		app := gateway.AppFunc(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
			script, info := env.Value("SCRIPT_NAME"), env.Value("PATH_INFO")
			assert.True(t, info == "" || info[0] == '/', info)
			assert.True(t, script == "" || script[0] == '/' && !strings.HasSuffix(script, "/"), script)
			assert.True(t, script+info != "" || method == http.MethodOptions)
			if r, err := env.Request(); err == nil {
				assert.True(t, r.URL.Path == info || r.URL.Path == "*" && info == "", r.URL.Path)
				assert.NotEmpty(t, r.RequestURI)
			}
			_, err := start("200 OK", text(), nil)
			return nil, err
		})
		var out bytes.Buffer
		err := gateway.ServeCGIProcess(app, environ, strings.NewReader("body"), &out, false, gateway.Logger((&records{}).logger()))
		if method == "" && !strings.ContainsAny(protocol, "\r\n\x00") { // that would be a 400
			require.Error(t, err)
			return
		}
		require.NoError(t, err)
		assert.Regexp(t, `^Status: (200|400) `, out.String())
	})
}

// FuzzWireServer: whatever bytes come on a connection, the server ends it, and
// what it has sent is nothing, whole responses or a pong. The app is called for
// requests that have a method and a path alone.
func FuzzWireServer(f *testing.F) {
	good := vars("POST", "/a?b", variable{"HTTP_COOKIE", "a=1"})
	for i, p := range wires {
		f.Add(uint8(i), encode(p, good, "body"))
		f.Add(uint8(i), encode(p, vars("GET", "/"), ""))
		f.Add(uint8(i), encodeDeclaring(p, good, "body", 9))
	}
	f.Add(uint8(0), []byte("\x64\x00\x00\x00"))
	f.Add(uint8(2), append(encodeFastCGI(1, true, good, "body"), encodeFastCGI(2, false, good, "")...))
	sites := make([]*wireSite, len(wires))
	for i, p := range wires {
		sites[i] = serveWire(f, p, gateway.AppFunc(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
			if env.Value("REQUEST_METHOD") == "" || env.Value("SCRIPT_NAME")+env.Value("PATH_INFO") == "" && env.Value("REQUEST_URI") != "*" {
				panic("a request without a method or a path")
			}
			_, _ = io.CopyN(io.Discard, env.Input, 100) // it may be shorter
			return hello(env, start)
		}))
	}
	f.Fuzz(func(t *testing.T, which uint8, sent []byte) {
		s := sites[int(which)%len(sites)]
		conn, err := net.Dial("unix", s.addr.String())
		require.NoError(t, err)
		defer conn.Close()
		require.NoError(t, conn.SetDeadline(time.Now().Add(patience)))
		_, _ = conn.Write(sent) // the server may have enough before
		_ = conn.(*net.UnixConn).CloseWrite()
		got, err := io.ReadAll(conn)
		require.NotErrorIs(t, err, os.ErrDeadlineExceeded)
		if err != nil || len(got) == 0 || bytes.Equal(got, uwsgi.Pong()) {
			return
		}
		if s.protocol != gateway.FastCGI {
			assert.Regexp(t, `^(HTTP/1\.1|Status:) (200|400|404|431) [^\r]+\r\n`, string(got))
			return
		}
		for len(got) > 0 {
			require.GreaterOrEqual(t, len(got), fastcgi.HeaderLen)
			h, err := fastcgi.ParseHeader((*[fastcgi.HeaderLen]byte)(got))
			require.NoError(t, err)
			require.GreaterOrEqual(t, len(got), fastcgi.HeaderLen+int(h.Length))
			got = got[fastcgi.HeaderLen+int(h.Length):]
		}
		assert.NotContains(t, s.log.String(), "panic")
	})
}
