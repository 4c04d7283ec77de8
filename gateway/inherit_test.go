package gateway_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"maps"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/gateway"
)

// again makes an environ of the request that is made of env.
func again(t testing.TB, env *gateway.Environ, change func(r *http.Request), opts ...gateway.Option) *gateway.Environ {
	t.Helper()
	r, err := env.Request()
	require.NoError(t, err)
	if change != nil {
		change(r)
	}
	return environ(t, r, opts...)
}

func TestAnEnvironOfARequestOfAnEnvironHasWhatARequestCannotHold(t *testing.T) {
	env := environ(t, request("GET", "/x"), gateway.Vars(map[string]string{"DATABASE": "db"}))
	env.Set("REMOTE_USER", "ann")
	env.Multithread, env.Multiprocess, env.RunOnce = false, true, true

	inner := again(t, env, nil)
	assert.Equal(t, "ann", inner.Value("REMOTE_USER"))
	assert.Equal(t, "db", inner.Value("DATABASE"))
	assert.Equal(t, maps.Collect(env.All()), maps.Collect(inner.All()))
	assert.Equal(t, []bool{false, true, true}, []bool{inner.Multithread, inner.Multiprocess, inner.RunOnce})

	innermost := again(t, inner, nil, gateway.Vars(map[string]string{"DATABASE": "own"}))
	assert.Equal(t, "ann", innermost.Value("REMOTE_USER"), "through any number of them")
	assert.Equal(t, "own", innermost.Value("DATABASE"), "the nearest deployer counts")
	assert.False(t, innermost.Multithread)
}

func TestAnEnvironOfARequestOfAnEnvironBelievesTheRequest(t *testing.T) {
	r := request("GET", "/x")
	r.Header.Set("X-Secret", "taken out below")
	r.TLS = &tls.ConnectionState{HandshakeComplete: true}
	env := environ(t, r)
	env.Set("SSL_CLIENT_S_DN", "CN=ann")

	inner := again(t, env, func(r *http.Request) {
		r.Header.Del("X-Secret")
		r.Method, r.RemoteAddr = "POST", ""
	})
	assert.Equal(t, "POST", inner.Value("REQUEST_METHOD"))
	assert.Equal(t, "CN=ann", inner.Value("SSL_CLIENT_S_DN"))
	for _, name := range []string{"HTTP_X_SECRET", "REMOTE_ADDR"} {
		_, ok := inner.Get(name)
		assert.False(t, ok, name)
	}
	assert.NotContains(t, maps.Collect(inner.All()), "HTTP_X_SECRET")

	inner = again(t, env, func(r *http.Request) { r.TLS = nil })
	_, ok := inner.Get("SSL_CLIENT_S_DN")
	assert.False(t, ok, "the connection is not encrypted any more")
}

func TestAnEnvironOfARequestOfAnEnvironWritesToItsErrors(t *testing.T) {
	errs := &errorLines{}
	env := &gateway.Environ{Errors: errs}
	env.Set("REQUEST_METHOD", "GET")
	env.Set("SERVER_PROTOCOL", "HTTP/1.1")
	_, err := again(t, env, nil).Errors.Write([]byte("oh"))
	require.NoError(t, err)
	assert.Equal(t, "oh", errs.String())

	log := &records{}
	_, err = again(t, env, nil, gateway.Logger(log.logger())).Errors.Write([]byte("own"))
	require.NoError(t, err)
	assert.Equal(t, "oh", errs.String())
	assert.Equal(t, "level=ERROR msg=own\n", log.String())
}

func TestAPlainRequestCarriesNothing(t *testing.T) {
	r, err := environ(t, request("GET", "/x")).Request()
	require.NoError(t, err)
	assert.Equal(t, context.Background(), r.Context(), "the request says everything")
}

// errorLines is an error stream that keeps what it gets.
type errorLines struct{ bytes.Buffer }

func (*errorLines) Flush() error { return nil }
