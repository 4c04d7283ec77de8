package gateway_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/gateway"
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
		if method == "" {
			require.Error(t, err)
			return
		}
		require.NoError(t, err)
		assert.Regexp(t, `^Status: (200|400) `, out.String())
	})
}
